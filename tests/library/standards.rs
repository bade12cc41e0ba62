//! What the standards allow is read as they say: references, numbers, parameters, and members of one direction.

use fencepost::Contract;
use fencepost::contract::Shape;
use fencepost::exchange::{Outcome, Response};
use fencepost::oracle::{Oracle, Reaction, Scope};
use fencepost::probe::Send;
use fencepost::request_context::{RequestContext, RequestOverride};
use fencepost::rule::rules;
use fencepost::stub::{InProcess, Stub};
use fencepost::suite::Suite;
use fencepost::verdict::{Finding, verdicts};
use serde_json::{Value, json};

const ZERO: &str = "00000000-0000-0000-0000-000000000000";
const ID: &str = "{name: id, in: path, required: true, schema: {type: string}}";

/// A contract with this body and this success answer, each a media type, and these components.
fn contract(parameters: &str, body: &str, success: &str, components: &str) -> Contract {
    let text = format!(
        "openapi: 3.1.0
paths:
  /things/{{id}}:
    put:
      parameters: [{parameters}]
      requestBody: {{required: true, content: {{application/json: {body}}}}}
      responses:
        '200': {{content: {{application/json: {success}}}}}
        4XX: {{content: {{application/json: {{schema: {{type: object, required: [code]}}}}}}}}
components: {components}
"
    );
    match Contract::from_text("mine.yaml", &text) {
        Ok(contract) => contract,
        Err(error) => panic!("{error}\n{text}"),
    }
}

/// A contract whose body has this schema.
fn with_body(schema: &str, components: &str) -> Contract {
    contract(ID, &format!("{{schema: {schema}}}"), "{schema: {type: object}}", components)
}

/// A contract whose success answer has this schema and this example.
fn with_answer(schema: &str, example: &str, components: &str) -> Contract {
    let body = "{schema: {type: object, properties: {name: {type: string}}}}";
    contract(ID, body, &format!("{{schema: {schema}, example: {example}}}"), components)
}

/// The names of the body's places.
fn places(contract: &Contract) -> Vec<String> {
    contract.operation().places().map(|(_, place)| place.site.to_string()).collect()
}

/// What is wrong with a success answer of this body.
fn defects(contract: &Contract, body: &Value) -> Vec<String> {
    let oracle = Oracle::new(&contract.operation().responses, Vec::new());
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let response = Response { status: 200, headers, body: body.to_string().into_bytes(), unread: None };
    let request =
        RequestContext::default().request(contract.operation(), Some(b"{}".to_vec()), &RequestOverride::default());
    let judgement = oracle.judge(&request, &Outcome::Answer(response), Scope::Operation);
    assert_eq!(judgement.reaction, Reaction::Accepted);
    judgement.defects.into_iter().map(|defect| defect.observed).collect()
}

/// The findings of a run against the clean stub.
fn findings(contract: &Contract) -> Vec<String> {
    let suite = Suite::new(contract);
    let mut target = InProcess(Stub::new(contract, Vec::new()));
    let seen = suite.run(&RequestContext::default(), &mut target, &mut |_| {}).expect("the stub can be tested");
    verdicts(&suite, &seen).findings.iter().map(Finding::id).collect()
}

#[test]
fn a_reference_is_a_fragment_of_a_uri() {
    let components = "{schemas: {'A B': {type: string, maxLength: 3}, 'a/b~c': {type: string, maxLength: 4},
                       '100%': {type: string, maxLength: 5}, \u{e9}: {type: string, maxLength: 6}}}";
    for (reference, length) in [
        ("A%20B", 3),
        ("A B", 3),
        ("a~1b~0c", 4),
        ("a%7E1b%7e0c", 4),
        ("100%25", 5),
        ("100%", 5),
        ("%C3%A9", 6),
        ("\u{e9}", 6),
    ] {
        let schema = format!("{{type: object, properties: {{x: {{$ref: '#/components/schemas/{reference}'}}}}}}");
        let contract = with_body(&schema, components);
        let place = contract.operation().find("body.x").expect("the member has a place");
        let Shape::Text { max, .. } = contract.operation().place(place).shape else { panic!("{reference}: no text") };
        assert_eq!(max, Some(length), "{reference}");
        let answer = with_answer(&schema, "{}", components);
        assert_eq!(defects(&answer, &json!({"x": "a".repeat(length)})), Vec::<String>::new(), "{reference}");
        assert_eq!(defects(&answer, &json!({"x": "a".repeat(length + 1)})).len(), 1, "{reference}");
    }
}

#[test]
fn a_reference_may_be_described() {
    let schema = "{type: object, properties: {x: {$ref: '#/components/schemas/X', description: mine, deprecated: true, \
                  x-mine: 1}}}";
    let contract = with_body(schema, "{schemas: {X: {type: string, maxLength: 3}}}");
    assert_eq!(places(&contract), ["body", "body.x"]);
}

#[test]
fn bodies_and_examples_may_be_references() {
    let text = "openapi: 3.1.0
paths:
  /things:
    put:
      requestBody: {$ref: '#/components/requestBodies/Thing'}
      responses:
        '200': {$ref: '#/components/responses/Done'}
        4XX: {content: {application/json: {schema: {type: object}}}}
components:
  requestBodies:
    Thing:
      required: true
      content:
        application/json:
          schema: {type: object, properties: {a: {type: string}}}
          examples: {one: {$ref: '#/components/examples/One'}}
  examples: {One: {value: {a: b}}}
  responses: {Done: {content: {application/json: {schema: {type: object, required: [id]}, example: {id: 1}}}}}
";
    let contract = Contract::from_text("mine.yaml", text).expect("each may be a reference");
    assert_eq!(contract.operation().body.example.as_deref(), Some(r#"{"a":"b"}"#));
    assert_eq!(contract.operation().responses.success_example, json!({"id": 1}));
}

#[test]
fn what_only_looks_like_a_reference_is_data() {
    let schema = "{type: object, required: [$ref], properties: {$ref: {type: string, maxLength: 5}, \
                  a: {type: object, default: {$ref: x}, example: {$ref: 7}}, b: {type: string}}}";
    let media = format!("{{schema: {schema}, example: {{$ref: users, a: {{$ref: '#/nowhere', $id: '7'}}}}}}");
    let success = "{schema: {type: object, properties: {$ref: {type: string, maxLength: 5}, $id: {type: string}, \
                   kind: {enum: [{$ref: a}, {$ref: b}]}, sort: {const: {$ref: c}}, more: {default: {$ref: d}}}}, \
                   example: {$ref: e, kind: {$ref: b}, sort: {$ref: c}}}";
    let contract = contract(ID, &media, success, "{schemas: {Other: {enum: [{$ref: a}], default: {$ref: a}}}}");
    assert_eq!(places(&contract), ["body", r#"body["$ref"]"#, "body.a", "body.b"]);
    assert_eq!(findings(&contract), Vec::<String>::new());
    assert_eq!(defects(&contract, &json!({"$ref": "abcde", "kind": {"$ref": "a"}, "sort": {"$ref": "c"}})).len(), 0);
    for wrong in [json!({"$ref": "abcdef"}), json!({"kind": {"$ref": "c"}}), json!({"sort": {"$ref": "a"}})] {
        assert_eq!(defects(&contract, &wrong).len(), 1, "{wrong}");
    }
}

#[test]
fn a_bound_is_a_number_however_it_is_written() {
    for (bound, length) in [("100.0", 100), ("1e2", 100), ("1.0E+2", 100), ("2.5e1", 25)] {
        let schema = format!(
            "{{\"type\": \"object\", \"properties\": {{\"t\": {{\"type\": \"string\", \"minLength\": 1.0, \"maxLength\": {bound}}},
              \"i\": {{\"type\": \"integer\", \"minimum\": -{bound}, \"maximum\": {bound}}},
              \"e\": {{\"type\": \"integer\", \"enum\": [1.0, {bound}]}}}}}}"
        );
        let parameters = format!(
            "{{name: id, in: path, required: true, schema: {{type: string, minLength: 1.0, maxLength: {bound}}}}}"
        );
        let media = format!("{{schema: {schema}}}");
        let yaml = contract(&parameters, &media, "{schema: {type: object}}", "{}");
        let json = yaml.document().to_string();
        assert!(json.contains(".0"), "it is written with a fraction: {json}");
        for contract in [&yaml, &Contract::from_text("mine.json", &json).expect("the same in JSON")] {
            let bound = |place: &str, keyword: &str| {
                let rules = rules(contract.operation());
                let rule = rules.iter().find(|rule| rule.place.as_str() == place && rule.keyword.as_str() == keyword);
                rule.unwrap_or_else(|| panic!("{keyword} at {place}")).bound.to_string()
            };
            assert_eq!(bound("body.t", "maxLength"), length.to_string());
            assert_eq!(bound("body.t", "minLength"), "1");
            assert_eq!(bound("path.id", "maxLength"), length.to_string());
            assert_eq!(bound("body.i", "minimum"), format!("-{length}"));
            assert_eq!(bound("body.i", "maximum"), length.to_string());
            assert_eq!(bound("body.e", "enum"), format!("[1,{length}]"));
            assert_eq!(findings(contract), Vec::<String>::new());
        }
    }
}

#[test]
fn headers_that_say_what_other_parts_of_a_document_say_are_no_parameters() {
    let header =
        |name: &str| format!("{{name: {name}, in: header, required: true, schema: {{type: integer, minimum: 1}}}}");
    for name in ["Accept", "Content-Type", "Authorization", "accept", "CONTENT-TYPE", "authorization"] {
        let contract = contract(&format!("{ID}, {}", header(name)), "{schema: {type: object}}", "{schema: {}}", "{}");
        assert_eq!(contract.operation().parameters.len(), 1, "{name}");
    }
    let marked = "{name: Authorization, in: header, x-credential: true, schema: {type: string}}";
    let contract = contract(&format!("{ID}, {marked}"), "{schema: {type: object}}", "{schema: {}}", "{}");
    assert_eq!(contract.operation().parameters.len(), 2, "the mark says that it is meant");
}

#[test]
fn a_member_that_is_write_only_is_not_demanded_of_an_answer() {
    let user = "{type: object, required: [name, password], properties: {name: {type: string, maxLength: 20}, \
                password: {type: string, minLength: 8, writeOnly: true}}}";
    let composed = "{allOf: [{type: object, properties: {name: {type: string, maxLength: 20}, password: {$ref: \
                    '#/components/schemas/Secret'}}}, {required: [name, password]}, {dependentRequired: {name: [password]}}]}";
    let told_apart = "{type: object, required: [name], properties: {name: {type: string, maxLength: 20}, password: {writeOnly: true}}, \
                      oneOf: [{required: [name, password]}, {required: [name]}]}";
    let beside = "{type: object, required: [name, password], properties: {name: {type: string, maxLength: 20}, password: \
                  {$ref: '#/components/schemas/Plain', writeOnly: true}}, additionalProperties: false}";
    let components =
        "{schemas: {Secret: {type: string, minLength: 8, writeOnly: true}, Plain: {type: string, minLength: 8}}}";
    for schema in [user, composed, told_apart, beside] {
        let contract = with_answer(schema, "{name: a}", components);
        for right in [json!({"name": "a"}), json!({"name": "a", "password": "***"})] {
            assert_eq!(defects(&contract, &right), Vec::<String>::new(), "{schema}: {right}");
        }
        for wrong in [json!({"password": "12345678"}), json!({"name": "a".repeat(21)})] {
            assert_eq!(defects(&contract, &wrong).len(), 1, "{schema}: {wrong}");
        }
    }
    let list = format!("{{type: object, required: [items], properties: {{items: {{type: array, items: {user}}}}}}}");
    let contract = with_answer(&list, "{items: []}", components);
    assert_eq!(defects(&contract, &json!({"items": [{"name": "a"}]})).len(), 0);
    assert_eq!(defects(&contract, &json!({"items": [{}]})).len(), 1);
    // In a request it is a member like any other.
    let contract = with_body(user, components);
    assert_eq!(places(&contract), ["body", "body.name", "body.password"]);
    assert_eq!(findings(&contract), Vec::<String>::new());
}

#[test]
fn a_member_that_is_read_only_is_not_sent() {
    let thing = "{type: object, required: [id, name], properties: {id: {type: string, format: uuid, pattern: '^.{36}$', readOnly: true}, \
                 made: {$ref: '#/components/schemas/Made'}, name: {type: string, maxLength: 20}, \
                 parts: {type: array, items: {type: object, required: [number], properties: {number: {type: integer, readOnly: true}}}}}}";
    let components = "{schemas: {Made: {type: string, readOnly: true}}}";
    let contract = with_body(thing, components);
    assert_eq!(places(&contract), ["body", "body.name", "body.parts", "body.parts[]"]);
    assert_eq!(findings(&contract), Vec::<String>::new());
    // In an answer it is demanded.
    let answer = with_answer(thing, &format!("{{id: {ZERO}, name: a}}"), components);
    assert_eq!(defects(&answer, &json!({"name": "a"})).len(), 1);
    assert_eq!(defects(&answer, &json!({"id": ZERO, "name": "a"})).len(), 0);
}

#[test]
fn an_example_may_show_what_is_read_only() {
    let schema =
        "{type: object, required: [id, name], properties: {id: {type: string, readOnly: true}, name: {type: string}}}";
    let media = |example: &str| format!("{{schema: {schema}, example: {example}}}");
    let doubt = |example: &str| {
        let contract = contract(ID, &media(example), &media("{id: '7', name: a}"), "{}");
        contract.operation().body.example_doubt.clone()
    };
    assert_eq!(doubt("{name: a}"), None);
    assert_eq!(doubt("{id: '7', name: a}").as_deref(), Some("the example holds /id, which is `readOnly`"));
}

#[test]
fn a_member_of_neither_direction_is_refused() {
    let both = "{type: object, properties: {x: {type: string, readOnly: true, writeOnly: true}}}";
    let text =
        with_body("{type: object}", "{}").text().replace("{schema: {type: object}}", &format!("{{schema: {both}}}"));
    let error = Contract::from_text("mine.yaml", &text).expect_err("nothing can be both").to_string();
    assert!(error.contains("/properties/x: is both `readOnly` and `writeOnly`"), "{error}");
    assert!(error.ends_with("drop one"), "{error}");
}

#[test]
fn a_contract_that_states_no_size_is_tested_beyond_that_of_the_shipped_one() {
    let text = "{type: string, minLength: 10000, maxLength: 12000}";
    let schema = format!("{{type: object, required: [a], properties: {{a: {text}, b: {text}}}}}");
    let contract = with_body(&schema, "{}");
    assert_eq!(findings(&contract), Vec::<String>::new());
    let suite = Suite::new(&contract);
    let sent = |what: &str| suite.probes().iter().any(|probe| probe.what == what);
    // Servers that count bytes are told apart at the bound, and what is far too long is sent as well.
    assert!(sent("12000 four-byte characters") && sent("48000 characters"));
    // A contract's own limit holds for what is sent in it.
    let shipped = Contract::shipped();
    let suite = Suite::new(&shipped);
    let in_body = suite.probes().iter().filter(|probe| matches!(probe.send, Send::Body(_)));
    let largest = in_body.filter_map(|probe| probe.what.strip_suffix(" characters")?.parse().ok()).max();
    assert!(largest < Some(10_240), "{largest:?}");
}
