//! What any document says of answers: each node of a schema, and each header, is told where it is broken, and honest servers are
//! not accused.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use fencepost::document::Document;
use fencepost::exchange::{Delivery, Hearer, Outcome, Request, Response, Target};
use fencepost::open::open;
use fencepost::suite::Suite;
use fencepost::verdict::{Status, Verdicts};
use serde_json::{Value, json};

use crate::tested;

/// A service that answers every request alike.
struct Answers(Response);

impl Target for Answers {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for _ in requests {
            hear(Delivery { outcome: Outcome::Answer(self.0.clone()), elapsed: Duration::ZERO })?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 10
    }
}

pub(crate) fn document(edition: &str, answer: &str, schemas: &str) -> String {
    format!(
        "{{openapi: {edition}, info: {{title: a, version: '1'}}, paths: {{/things: {{get: {{responses: {{'200': {answer}}}}}}}}},
        components: {{schemas: {schemas}}}}}"
    )
}

#[track_caller]
pub(crate) fn verdicts(text: &str, headers: &[(&str, &str)], body: &str) -> Verdicts {
    by(Document::read("a.yaml", text).unwrap_or_else(|error| panic!("{error}\n{text}")), headers, body)
}

#[track_caller]
fn by(document: Document, headers: &[(&str, &str)], body: &str) -> Verdicts {
    let document = Arc::new(document);
    let contract = open(&document, &document.operations()[0]).contract.unwrap_or_else(|why| panic!("{why}"));
    let is_told = headers.iter().any(|(name, _)| *name == "Content-Type");
    let json = (!body.is_empty() && !is_told).then_some(("Content-Type", "application/json"));
    let headers = headers.iter().copied().chain(json).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let answer = Response { status: 200, headers: headers.collect(), body: body.into(), unread: None };
    tested::by(&Suite::new(&contract), &mut Answers(answer))
}

/// What is told of a body by a schema of OpenAPI 3.0.
#[track_caller]
fn told(schema: &str, body: &Value) -> Vec<String> {
    let schemas = "{Item: {type: object, required: [id], properties: {id: {type: integer}, next: {$ref: '#/components/schemas/Item'}}},
        Dog: {type: object, required: [kind, bark], properties: {kind: {type: string}, bark: {type: boolean}}},
        Cat: {type: object, required: [kind, lives], properties: {kind: {type: string}, lives: {type: integer}}}}";
    let answer = format!("{{description: a, content: {{application/json: {{schema: {schema}}}}}}}");
    tested::ids(&verdicts(&document("3.0.3", &answer, schemas), &[], &body.to_string()))
}

#[test]
fn formats_count_where_that_is_asserted() {
    let schema = "{type: object, properties: {id: {type: string, format: uuid}, at: {type: string, format: date-time},
        own: {type: string, format: sku}, size: {type: integer, format: int32}}}";
    let answer = format!("{{description: a, content: {{application/json: {{schema: {schema}}}}}}}");
    for (body, found) in [
        (
            json!({"id": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "at": "2026-01-15 10:30:00", "own": "?", "size": 7}),
            None,
        ),
        (json!({"size": 5_000_000_000_u64}), None),
        (json!({"id": "7"}), Some("response.200.body.id:format:inside")),
        (json!({"at": "soon"}), Some("response.200.body.at:format:inside")),
        (json!({"at": 7}), Some("response.200.body.at:type:inside")),
    ] {
        for edition in ["3.0.3", "3.1.0"] {
            let read = || Document::read("a.yaml", &document(edition, &answer, "{}")).expect("it is a document");
            let told = tested::ids(&by(read().asserting_formats(), &[], &body.to_string()));
            assert_eq!(told, found.into_iter().collect::<Vec<_>>(), "{edition} {body}");
            // Otherwise they are notes: documents seldom keep to them themselves.
            let told = tested::ids(&by(read(), &[], &body.to_string()));
            assert_eq!(
                told,
                found.filter(|id| !id.contains("format")).into_iter().collect::<Vec<_>>(),
                "{edition} {body}"
            );
        }
    }
}

#[test]
fn what_is_broken_is_told_where_it_stands() {
    for (schema, body, found) in [
        ("{type: array, items: {$ref: '#/components/schemas/Item'}}", json!([{"id": 1}, {"id": "1"}]), "[].id:type"),
        ("{type: object, properties: {a b: {type: string}}}", json!({"a b": 7}), "[\"a b\"]:type"),
        ("{type: object, required: [a, b], properties: {a: {type: string}}}", json!({"a": ""}), ".b:required"),
        ("{type: object, required: [a, b], properties: {a: {type: string}}}", json!({"data": {"a": ""}}), ":required"),
        ("{type: object, properties: {a: {type: string}}}", json!({"a": null}), ".a:null"),
        ("{type: object, additionalProperties: {type: integer, maximum: 3}}", json!({"x": 4}), ".*:maximum"),
        ("{type: object, properties: {a: {}}, additionalProperties: false}", json!({"b": 1}), ":unknownMember"),
        ("{type: object, properties: {a: {type: string, pattern: '^a', enum: [ab]}}}", json!({"a": "b"}), ".a:enum"),
        ("{type: array, minItems: 2, items: {type: integer}}", json!([1]), ":minItems"),
        // What stands in itself is told one level deep.
        (
            "{$ref: '#/components/schemas/Item'}",
            json!({"id": 1, "next": {"id": 1, "next": {"id": ""}}}),
            ".next.id:type",
        ),
    ] {
        assert_eq!(told(schema, &body), [format!("response.200.body{found}:inside")], "{schema}");
    }
}

#[test]
fn what_stands_under_names_that_fit_is_told_by_their_pattern() {
    let schema = "{type: object, patternProperties: {'^x-': {type: string}}, additionalProperties: {type: integer}}";
    let answer = format!("{{description: a, content: {{application/json: {{schema: {schema}}}}}}}");
    let text = document("3.1.0", &answer, "{}");
    for (body, found) in [
        (r#"{"x-a": 7, "b": 7}"#, "response.200.body./^x-/:type:inside"),
        (r#"{"x-a": "7", "b": "7"}"#, "response.200.body.*:type:inside"),
    ] {
        assert_eq!(tested::ids(&verdicts(&text, &[], body)), [found]);
    }
    let kept = verdicts(&text, &[], r#"{"x-a": "7"}"#);
    let seen = |place: &str| {
        let mut rules = kept.rules.iter().filter(|verdict| verdict.rule.place.as_str() == place);
        rules.find_map(|verdict| verdict.inside)
    };
    assert_eq!(seen("response.200.body./^x-/"), Some(Status::Enforced));
    // What fits a pattern is no other value.
    assert_ne!(seen("response.200.body.*"), Some(Status::Enforced));
}

#[test]
fn first_elements_are_told_by_their_number() {
    let schema = "{type: array, prefixItems: [{type: string}, {type: integer}], items: {type: boolean}}";
    let answer = format!("{{description: a, content: {{application/json: {{schema: {schema}}}}}}}");
    let text = document("3.1.0", &answer, "{}");
    for (body, found) in [
        ("[7, 7]", "response.200.body[0]:type:inside"),
        (r#"["a", "b", true]"#, "response.200.body[1]:type:inside"),
        (r#"["a", 7, 7]"#, "response.200.body[]:type:inside"),
    ] {
        assert_eq!(tested::ids(&verdicts(&text, &[], body)), [found]);
    }
    let kept = verdicts(&text, &[], r#"["a"]"#);
    let mut rules = kept.rules.iter().filter(|verdict| verdict.rule.place.as_str() == "response.200.body[0]");
    assert_eq!(rules.find_map(|verdict| verdict.inside), Some(Status::Enforced));
}

#[test]
fn what_is_wrong_below_branches_is_told_of_the_one_that_is_meant() {
    let pets = "oneOf: [{$ref: '#/components/schemas/Dog'}, {$ref: '#/components/schemas/Cat'}]";
    let tagged = format!("{{{pets}, discriminator: {{propertyName: kind, mapping: {{d: Dog}}}}}}");
    let untagged = format!("{{{pets}}}");
    for (schema, body, found) in [
        (tagged.as_str(), json!({"kind": "Cat", "lives": "9"}), "{oneOf/1}.lives:type"),
        (&tagged, json!({"kind": "d", "lives": "9"}), "{oneOf/0}.bark:required"),
        (&untagged, json!({"kind": "x", "lives": "9"}), "{oneOf/1}.lives:type"),
        // It could be either.
        (&untagged, json!({"kind": "x"}), ":oneOf"),
        ("{anyOf: [{type: string}, {type: integer}]}", json!(true), ":anyOf"),
    ] {
        assert_eq!(told(schema, &body), [format!("response.200.body{found}:inside")], "{schema}");
    }
}

#[test]
fn many_alike_have_one_cause() {
    let members: Vec<String> = (0..6).map(|number| format!("m{number}: {{type: integer}}")).collect();
    let schema = format!("{{type: object, properties: {{{}}}}}", members.join(", "));
    let answer = format!("{{description: a, content: {{application/json: {{schema: {schema}}}}}}}");
    let text = document("3.0.3", &answer, "{}");
    let body = |value: Value| (0..6).map(|number| (format!("m{number}"), value.clone())).collect::<Value>().to_string();
    for (value, id) in [(json!("7"), "cause:type:inside:answers:integer"), (Value::Null, "cause:null:inside:answers")] {
        let verdicts = verdicts(&text, &[], &body(value));
        assert_eq!(verdicts.findings.len(), 6);
        assert_eq!(verdicts.causes.iter().map(|cause| cause.id.as_str()).collect::<Vec<_>>(), [id]);
        assert!(verdicts.findings.iter().all(|finding| finding.cause.is_some()));
    }
}

#[test]
fn each_node_is_kept_broken_or_never_seen() {
    let answer =
        "{description: a, content: {application/json: {schema: {type: object, required: [id, name], properties:
        {id: {type: integer}, name: {type: string, maxLength: 3}, more: {$ref: '#/components/schemas/More'}}}}}}";
    let verdicts = verdicts(
        &document("3.0.3", answer, "{More: {type: object, properties: {deep: {type: string}}}}"),
        &[],
        &json!({"id": 1, "name": "four"}).to_string(),
    );
    let words: Vec<String> = verdicts
        .rules
        .iter()
        .filter(|verdict| verdict.rule.place.as_str().starts_with("response.200"))
        .filter_map(|verdict| {
            Some(format!("{}:{} {}", verdict.rule.place, verdict.rule.keyword, verdict.inside.map(Status::as_str)?))
        })
        .collect();
    assert_eq!(
        words,
        [
            "response.200.body:responseBody enforced",
            "response.200.body:type enforced",
            "response.200.body.id:required enforced",
            "response.200.body.name:required enforced",
            "response.200.body.id:type enforced",
            "response.200.body.name:type enforced",
            "response.200.body.name:maxLength not enforced",
            "response.200.body.more:type untested",
        ]
    );
}

/// What is told of headers by what is documented of them.
#[track_caller]
fn told_of_headers(documented: &str, headers: &[(&str, &str)]) -> Vec<String> {
    let answer = format!("{{description: a, headers: {documented}}}");
    tested::ids(&verdicts(&document("3.0.3", &answer, "{}"), headers, ""))
}

#[test]
fn headers_are_held_against_what_is_documented_of_them() {
    for (documented, headers, found) in [
        ("{Location: {required: true, schema: {type: string}}}", &[][..], "Location:required"),
        ("{X-Left: {schema: {type: integer, minimum: 0}}}", &[("X-Left", "-1")], "X-Left:minimum"),
        ("{X-Left: {schema: {type: integer}}}", &[("X-Left", "many")], "X-Left:type"),
        ("{X-Kind: {schema: {type: string, enum: [a, b]}}}", &[("X-Kind", "c")], "X-Kind:enum"),
        ("{X-Kind: {schema: {type: string, pattern: '^a'}}}", &[("X-Kind", "c")], "X-Kind:pattern"),
        (
            "{X-Info: {content: {application/json: {schema: {type: object}}}}}",
            &[("X-Info", "{a")],
            "X-Info:responseHeader",
        ),
    ] {
        assert_eq!(
            told_of_headers(documented, headers),
            [format!("response.200.header.{found}:inside")],
            "{documented}"
        );
    }
}

#[test]
fn headers_of_honest_servers_are_no_findings() {
    for (documented, headers) in [
        // A name has no case.
        ("{Location: {required: true, schema: {type: string}}}", &[("location", "/things/1")][..]),
        // All that is written in a header is text.
        ("{X-Left: {schema: {type: integer}}}", &[("X-Left", "7")]),
        ("{X-Left: {schema: {type: integer}}}", &[("X-Left", " 007 ")]),
        ("{X-Left: {schema: {type: number}}}", &[("X-Left", "+1.50")]),
        ("{X-Last: {schema: {type: boolean}}}", &[("X-Last", "True")]),
        ("{X-Code: {schema: {type: string}}}", &[("X-Code", "42")]),
        // Several of one name are one list, or each one by itself.
        ("{X-Tag: {schema: {type: array, items: {type: integer}, minItems: 2}}}", &[("X-Tag", "1"), ("x-tag", "2")]),
        ("{X-Tag: {schema: {type: string, enum: [a, b]}}}", &[("X-Tag", "a"), ("X-Tag", "b")]),
        (
            "{Set-Cookie: {schema: {type: string, pattern: '^id='}}}",
            &[("Set-Cookie", "lang=en"), ("Set-Cookie", "id=7; Path=/")],
        ),
        // OpenAPI has the media type said elsewhere, and the connection's headers are whoever's who stands between.
        ("{Content-Type: {required: true, schema: {type: string, enum: [text/csv]}}}", &[]),
        ("{Content-Length: {required: true, schema: {type: integer}}}", &[]),
        // A format is a note, what is empty says nothing, and what nothing is said of may be anything.
        ("{X-At: {schema: {type: string, format: date-time}}}", &[("X-At", "yesterday")]),
        ("{X-Next: {schema: {type: integer}}}", &[("X-Next", "")]),
        ("{X-Any: {description: a}}", &[("X-Any", "a")]),
        ("{X-Info: {content: {application/json: {schema: {type: object}}}}}", &[("X-Info", "{\"a\": 1}")]),
        (
            "{X-Flags: {explode: true, schema: {type: object, properties: {a: {type: integer}}}}}",
            &[("X-Flags", "a=1,b=2")],
        ),
    ] {
        assert_eq!(told_of_headers(documented, headers), [""; 0], "{documented} {headers:?}");
    }
}

#[test]
fn a_range_that_is_written_as_it_should_be_counts_beside_one_that_is_not() {
    let text = "openapi: 3.0.3
info: {title: a, version: '1'}
paths:
  /things:
    get:
      responses:
        2xx: {description: a}
        2XX: {description: b, content: {application/json: {schema: {type: object, required: [e]}}}}
";
    assert_eq!(tested::ids(&verdicts(text, &[], "{\"e\": 1}")), [""; 0]);
    assert_eq!(tested::ids(&verdicts(text, &[], "{}")), ["response.2XX.body.e:required:inside"]);
}
