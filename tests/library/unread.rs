//! What a document says that cannot be read, or that its edition does not have: nobody who means it is accused, nor who does not.

use serde_json::Value;

use crate::documented::{self, verdicts};
use crate::editions::{document, found, object, taking};
use crate::open::read;
use crate::tested;

/// What is found of a service that takes what this says of a member, beside the bounds that everybody reads.
#[track_caller]
fn told(edition: &str, schema: &str, takes: &dyn Fn(&Value) -> bool) -> Vec<String> {
    let whole = format!("{{type: object, required: [a], properties: {{a: {{type: string}}, b: {schema}}}}}");
    let is_taken = |body: serde_json::Map<String, Value>| {
        body.get("a").is_some_and(Value::is_string) && body.get("b").is_none_or(takes)
    };
    found(&document(edition, &taking("post", &whole)), |request| object(request).is_some_and(is_taken)).0
}

#[test]
fn what_is_not_read_of_a_value_accuses_nobody() {
    let text = |most: usize| move |value: &Value| value.as_str().is_some_and(|text| text.chars().count() <= most);
    let is_seven = |value: &Value| value.as_str().is_some_and(|text| text.contains('7'));
    let is_abc = |value: &Value| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("abc"));
    let short = |value: &Value| value.as_array().is_some_and(|all| all.len() <= 2 && all.iter().all(Value::is_string));
    for (schema, takes) in [
        ("{type: string, pattern: 7}", &is_seven as &dyn Fn(&Value) -> bool),
        ("{type: string, pattern: '([a-z'}", &is_seven),
        ("{type: string, pattern: '(?i)^abc$'}", &is_abc),
        ("{type: string, pattern: '\\A[Aa]bc\\Z'}", &is_abc),
        ("{type: string, nullable: 'true'}", &|value| value.is_null() || value.is_string()),
        ("{type: array, items: {type: string}, maxItems: '2'}", &short),
        // A format that is not known may say that less is legal.
        ("{type: string, format: username, maxLength: 64}", &text(32)),
        // Base64 comes in fours.
        ("{type: string, format: byte, maxLength: 9}", &text(8)),
        ("{type: Integer}", &|value| value.is_i64()),
        ("{oneOf: [{$ref: '#/components/schemas/Gone'}, {type: integer}]}", &|value| {
            value.is_i64() || value.is_string()
        }),
        ("{not: {$ref: '#/components/schemas/Gone'}}", &|value| value.is_i64()),
        // This is how 3.1 says it; a reader of 3.0 takes no note.
        ("{type: [string, 'null']}", &|_| true),
        ("{type: [string, 'null']}", &|value| value.is_null() || value.is_string()),
        ("{type: integer, exclusiveMinimum: 5}", &|value| value.is_i64()),
        ("{type: integer, exclusiveMinimum: 5}", &|value| value.as_i64().is_some_and(|value| value > 5)),
    ] {
        assert_eq!(told("3.0.3", schema, takes), [""; 0], "{schema}");
    }
    // What stands beside it is tested all the same.
    let told = told("3.0.3", "{type: string, pattern: 7, maxLength: 5}", &|value| value.is_string());
    assert_eq!(told, ["body.b:maxLength:outside"]);
}

#[test]
fn what_is_not_read_of_an_answer_accuses_nobody() {
    let told = |edition: &str, content: &str, kind: &str, body: &str| {
        let answer = format!("{{description: a, content: {{{content}}}}}");
        tested::ids(&verdicts(&documented::document(edition, &answer, "{}"), &[("Content-Type", kind)], body))
    };
    let json = |schema: &str, body: &str| {
        told("3.1.0", &format!("application/json: {{schema: {schema}}}"), "application/json", body)
    };
    for schema in [
        "{oneOf: [{$ref: '#/components/schemas/Gone'}, {type: integer}]}",
        "{not: {$ref: 'http://192.0.2.1/a.json'}}",
        "{not: {pattern: '([a-z'}}",
        "{not: {type: Integer}}",
        "{if: {$ref: '#/components/schemas/Gone'}, then: {type: string}}",
        "{allOf: [{$ref: '#/components/schemas/Gone'}], unevaluatedProperties: false}",
    ] {
        assert_eq!(json(schema, "7"), [""; 0], "{schema}");
        assert_eq!(json(schema, "{\"a\": 1}"), [""; 0], "{schema}");
    }
    assert_eq!(json("{oneOf: [{type: string}, {type: integer}]}", "null").len(), 1);
    assert_eq!(
        told("3.0.3", "application/json: {schema: {type: [string, integer]}}", "application/json", "{}"),
        [""; 0]
    );
    // Of a range only what calls itself JSON is one.
    for (content, kind, body) in [
        ("'*/*': {schema: {type: string, format: binary}}", "image/png", "\u{1}"),
        ("'*/*': {schema: {type: string}}", "text/plain", "hello"),
        ("'application/*': {schema: {type: object}}", "application/zip", "PK"),
        ("'application/*+json': {schema: {type: object}}", "application/vnd.a+json", "{}"),
    ] {
        assert_eq!(told("3.0.3", content, kind, body), [""; 0], "{content}");
    }
    assert_eq!(told("3.0.3", "'*/*': {schema: {type: object}}", "application/json", "7").len(), 1);
}

#[test]
fn what_is_not_read_is_told_with_what_was_found() {
    let schema = "{type: objekt, properties: {a: {type: string, minLength: many}}}";
    let text = document("3.0.3", &taking("post", schema));
    let document = fencepost::document::Document::read("a.yaml", &text).expect("a document");
    let told: Vec<&str> = document.remarks().iter().map(|remark| remark.what.as_str()).collect();
    let words = "which is not what JSON Schema knows by it";
    let wanted = [
        format!("`minLength` is \"many\", {words}"),
        format!("`type` is \"objekt\", {words} (did you mean `object`?)"),
    ];
    assert_eq!(told, wanted);
}

#[test]
fn an_object_that_is_written_as_nothing_is_not_missed() {
    let rules = |parameter: &str| {
        let text = document(
            "3.0.3",
            &format!("{{get: {{parameters: [{parameter}], responses: {{'200': {{description: a}}}}}}}}"),
        );
        let contract = read(&text).0.remove(0).expect("a contract");
        let rules = fencepost::rule::rules(contract.operation());
        let required =
            |rule: &&fencepost::rule::Rule| rule.place.as_str() == "query.q" && rule.keyword.as_str() == "required";
        rules.iter().find(required).map(|rule| rule.standing.is_firm())
    };
    let of = |schema: &str, style: &str| {
        rules(&format!("{{name: q, in: query, required: true, style: {style}, schema: {schema}}}"))
    };
    let free = "{type: object, properties: {a: {type: integer}}}";
    let bound = "{type: object, required: [a], properties: {a: {type: integer}}}";
    assert_eq!(of(free, "form"), Some(false));
    assert_eq!(of(free, "deepObject"), Some(false));
    assert_eq!(of(bound, "form"), Some(true));
    assert_eq!(of("{type: integer}", "form"), Some(true));
}

#[test]
fn a_schema_that_is_a_part_of_itself_is_what_else_it_says() {
    let schemas = "{A: {allOf: [{$ref: '#/components/schemas/A'}, {type: object, required: [a]}], properties: {a: {type: integer, maximum: 9}}},
        B: {allOf: [{$ref: '#/components/schemas/C'}, {type: object, required: [b], properties: {b: {type: string}}}]},
        C: {allOf: [{$ref: '#/components/schemas/B'}]},
        Tree: {allOf: [{type: object, properties: {next: {$ref: '#/components/schemas/Tree'}}}]}}";
    for (name, told) in [("A", Some("body.a:maximum:outside")), ("B", Some("body.b:required:outside")), ("Tree", None)]
    {
        let text = document("3.0.3", &taking("post", &format!("{{$ref: '#/components/schemas/{name}'}}")));
        let text = format!("{}, components: {{schemas: {schemas}}}}}", text.strip_suffix('}').expect("a mapping"));
        let whole = fencepost::document::Document::read("a.yaml", &text).expect("a document");
        let circles = whole.remarks().iter().filter(|remark| remark.what.contains("leads back to the schema"));
        assert_eq!(circles.count(), 2, "{:?}", whole.remarks());
        let found = found(&text, |_| true).0;
        assert!(told.is_none_or(|told| found.contains(&told.to_owned())), "{name}: {found:?}");
    }
}

#[test]
fn a_reference_that_leads_nowhere_is_told_in_answers_too() {
    let text = "openapi: 3.0.3
info: {title: a, version: '1'}
paths:
  /things:
    get:
      responses:
        '200': {description: a, content: {application/json: {schema: {$ref: '#/components/schemas/Gone'}}}}
";
    let document = fencepost::document::Document::read("a.yaml", text).expect("it is a document");
    let told: Vec<_> = document.remarks().iter().map(|remark| (remark.what.as_str(), remark.line)).collect();
    assert_eq!(told, [("`$ref` #/components/schemas/Gone leads nowhere", Some(7))]);
}
