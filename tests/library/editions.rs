//! What a keyword is worth in each edition of OpenAPI, and where a document says less than it seems to: honest services are not
//! accused, and dishonest ones are.

use fencepost::exchange::Request;
use fencepost::request_context::{RequestContext, RequestOverride};
use serde_json::{Value, json};

use crate::open::{body, ids, read, served};

const FORM: &str = "application/x-www-form-urlencoded";

/// A document of one operation.
pub(crate) fn document(edition: &str, operation: &str) -> String {
    format!("{{openapi: {edition}, info: {{title: a, version: '1'}}, paths: {{/things: {operation}}}}}")
}

/// An operation that takes this schema as JSON.
pub(crate) fn taking(method: &str, schema: &str) -> String {
    format!(
        "{{{method}: {{requestBody: {{required: true, content: {{application/json: {{schema: {schema}}}}}}},
        responses: {{'200': {{description: a}}, '400': {{description: b}}}}}}}}"
    )
}

/// What is found of a service, and what it was sent as JSON.
#[track_caller]
pub(crate) fn found(text: &str, mut takes: impl FnMut(&Request) -> bool) -> (Vec<String>, Vec<Value>) {
    let contract = read(text).0.remove(0).unwrap_or_else(|why| panic!("{why}: {text}"));
    let mut accepted = Vec::new();
    let verdicts = served(&contract, |request| {
        if !takes(request) {
            return (400, Value::Null);
        }
        accepted.extend(body(request));
        (200, Value::Null)
    });
    let verdicts = verdicts.unwrap_or_else(|why| panic!("{why}: {text}"));
    (ids(&verdicts), accepted)
}

/// Whether a request is JSON by its media type, and an object.
pub(crate) fn object(request: &Request) -> Option<serde_json::Map<String, Value>> {
    let is_json =
        request.header("content-type").is_some_and(|name| name.to_lowercase().starts_with("application/json"));
    body(request).filter(|_| is_json)?.as_object().cloned()
}

#[test]
fn what_a_document_has_beside_json_is_no_mistake() {
    let content = |types: &str| {
        let types: Vec<String> =
            types.split(' ').map(|name| format!("'{name}': {{schema: {{type: object}}}}")).collect();
        let responses = "{'200': {description: a}, '400': {description: b}}";
        let operation = format!(
            "{{post: {{requestBody: {{required: true, content: {{{}}}}}, responses: {responses}}}}}",
            types.join(", ")
        );
        document("3.0.3", &operation)
    };
    let takes = |allowed: &'static [&'static str]| {
        move |request: &Request| {
            let name = request.header("content-type").unwrap_or("application/json").to_lowercase();
            let name = name.split(';').next().unwrap_or_default().trim();
            allowed.contains(&name) && body(request).is_some_and(|body| body.is_object())
        }
    };
    let wide =
        &["application/json", "application/xml", "application/octet-stream", "application/x-www-form-urlencoded"];
    assert_eq!(found(&content(&format!("application/json {FORM}")), takes(&["application/json", FORM])).0, [""; 0]);
    assert_eq!(found(&content("application/json application/*"), takes(wide)).0, [""; 0]);
    // Whoever takes more than the document has breaks nothing that it says.
    assert_eq!(found(&content("application/json"), takes(&["application/json", "text/plain"])).0, [""; 0]);
}

#[test]
fn the_body_of_a_get_says_nothing_firm_and_is_not_sent_before_3_1() {
    let schema = "{type: object, required: [a], properties: {a: {type: string, maxLength: 3}}}";
    for (edition, method, is_sent) in [("3.0.3", "get", false), ("3.1.0", "get", true), ("3.0.3", "delete", true)] {
        let (told, accepted) = found(&document(edition, &taking(method, schema)), |_| true);
        assert_eq!(told, [""; 0], "{edition} {method}");
        assert_eq!(!accepted.is_empty(), is_sent, "{edition} {method}");
    }
    // Nor is that of a DELETE, which what stands before a service may drop.
    let told = found(&document("3.1.0", &taking("delete", schema)), |_| true).0;
    assert_eq!(told, [""; 0]);
    let told = found(&document("3.1.0", &taking("put", schema)), |request| request.body.is_some()).0;
    assert!(told.contains(&"body.a:maxLength:outside".to_owned()), "{told:?}");
}

#[test]
fn keywords_that_an_edition_has_not_are_respected_alone() {
    let schema = "{type: object, required: [v, t], properties: {v: {type: string, const: x},
        t: {type: array, items: {type: integer}, contains: {const: 7}}}, propertyNames: {maxLength: 1}}";
    let takes = |request: &Request| {
        object(request).is_some_and(|body| {
            body.get("v").is_some_and(Value::is_string)
                && body.get("t").is_some_and(|t| t.as_array().is_some_and(|all| all.iter().all(Value::is_i64)))
        })
    };
    let (told, accepted) = found(&document("3.0.3", &taking("post", schema)), takes);
    assert_eq!(told, [""; 0]);
    // What is sent as legal keeps them all the same.
    let holds_it = |body: &Value| body["t"].as_array().is_some_and(|all| all.contains(&json!(7)));
    assert!(accepted.iter().any(|body| body["v"] == "x" && holds_it(body)), "{accepted:?}");
    let told = found(&document("3.1.0", &taking("post", schema)), takes).0;
    for id in ["body.v:const:outside", "body.t:contains:outside", "body:propertyNames:outside"] {
        assert!(told.contains(&id.to_owned()), "{told:?}");
    }
}

#[test]
fn a_format_is_a_note_in_3_1_and_part_of_the_type_before() {
    let schema = "{type: object, required: [at], properties: {at: {type: string, format: date}, n: {type: integer, format: int32}}}";
    let takes = |request: &Request| {
        object(request).is_some_and(|body| {
            body.get("at").is_some_and(Value::is_string) && body.get("n").is_none_or(|n| n.is_i64() || n.is_u64())
        })
    };
    assert_eq!(found(&document("3.1.0", &taking("post", schema)), takes).0, [""; 0]);
    // That an integer fits so many bits is a note in every edition.
    assert_eq!(found(&document("3.0.3", &taking("post", schema)), takes).0, ["body.at:format:outside"]);
}

#[test]
fn a_discriminator_names_what_is_sent_and_demands_nothing() {
    let text = "{openapi: 3.1.0, info: {title: a, version: '1'}, paths: {/things: {post: {requestBody: {required: true,
        content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/Bool'}, {$ref: '#/components/schemas/Text'}],
        discriminator: {propertyName: kind, mapping: {b: '#/components/schemas/Bool', t: Text}}}}}},
        responses: {'200': {description: a}, '400': {description: b}}}}},
        components: {schemas: {Bool: {type: object, required: [kind, value], properties: {kind: {type: string}, value: {type: boolean}}},
        Text: {type: object, required: [kind, most], properties: {kind: {type: string}, most: {type: integer, minimum: 1}}}}}}";
    // It looks at the members, and never at the kind.
    let (told, accepted) = found(text, |request| {
        object(request).is_some_and(|body| {
            body.get("kind").is_some_and(Value::is_string)
                && (body.get("value").is_some_and(Value::is_boolean)
                    || body.get("most").is_some_and(|most| most.as_i64().is_some_and(|most| most >= 1)))
        })
    });
    assert_eq!(told, [""; 0]);
    for (kind, member) in [("b", "value"), ("t", "most")] {
        assert!(accepted.iter().any(|body| body["kind"] == kind && body.get(member).is_some()), "{kind}: {accepted:?}");
    }
    // It looks at the kind, and each branch is tested.
    let told = found(text, |request| {
        object(request).is_some_and(|body| match body.get("kind").and_then(Value::as_str) {
            Some("b") => body.get("value").is_some_and(Value::is_boolean),
            Some("t") => body.get("most").is_some_and(Value::is_i64),
            _ => false,
        })
    });
    assert_eq!(told.0, ["body{oneOf/1}.most:minimum:outside"]);
}

#[test]
fn answers_are_read_as_documents_commonly_mean_them() {
    let answered = |schema: &str, answer: Value| {
        let operation = format!(
            "{{get: {{responses: {{'200': {{description: a, content: {{application/json: {{schema: {schema}}}}}}}}}}}}}"
        );
        let contract = read(&document("3.0.3", &operation)).0.remove(0).expect("it can be tested");
        ids(&served(&contract, |_| (200, answer.clone())).expect("it answers"))
    };
    let listed = "{type: object, properties: {a: {type: string, nullable: true, enum: [x, y]}}}";
    assert_eq!(answered(listed, json!({"a": null})), [""; 0]);
    assert_eq!(answered(listed, json!({"a": "z"})), ["response.200.body.a:enum:inside"]);
    let overlapping =
        "{oneOf: [{type: object, properties: {k: {type: string}}}, {type: object, properties: {k: {type: string},
        n: {type: integer}}}], discriminator: {propertyName: k}}";
    assert_eq!(answered(overlapping, json!({"k": "x", "n": 7})), [""; 0]);
    assert_eq!(answered(overlapping, json!({"k": 7})), ["response.200.body:oneOf:inside"]);
}

#[test]
fn what_stands_in_itself_is_tested_once() {
    let text = "{openapi: 3.0.3, info: {title: a, version: '1'}, paths: {/things: {post: {requestBody: {required: true,
        content: {application/json: {schema: {$ref: '#/components/schemas/Tree'}}}},
        responses: {'200': {description: a}, '400': {description: b}}}}},
        components: {schemas: {Tree: {type: object, required: [id], properties: {id: {type: string, maxLength: 9},
        parts: {type: array, items: {$ref: '#/components/schemas/Tree'}}}}}}}";
    let id = |tree: &Value| tree["id"].as_str().map(|id| id.chars().count());
    // Below the top it does not look at lengths.
    let told = found(text, |request| {
        object(request).is_some_and(|tree| {
            let tree = Value::Object(tree);
            let parts = &tree["parts"];
            let are_trees = |parts: &Vec<Value>| {
                parts.iter().all(|part| {
                    id(part).is_some()
                        && part["parts"].as_array().is_none_or(|all| all.iter().all(|part| id(part).is_some()))
                        && (part.get("parts").is_none() || part["parts"].is_array())
                })
            };
            id(&tree).is_some_and(|length| length <= 9)
                && (tree.get("parts").is_none() || parts.as_array().is_some_and(are_trees))
        })
    });
    assert_eq!(told.0, ["body.parts[].id:maxLength:outside"]);
}

#[test]
fn a_schema_that_allows_nothing_is_told_by_both_places() {
    let schema = "{allOf: [{type: object, required: [key], properties: {key: {type: string}}},
        {type: object, properties: {mail: {type: string}}, additionalProperties: false}]}";
    let why = read(&document("3.0.3", &taking("post", schema))).0.remove(0).expect_err("nothing is legal");
    assert!(why.contains("demands `key`") && why.contains("allOf/1") && why.contains("forbids it"), "{why}");
    assert!(!why.contains("example"), "{why}");
}

#[test]
fn a_legal_value_that_wants_others_beside_it_is_no_finding() {
    let schema = "{type: object, required: [low, high], properties: {low: {type: number, minimum: 0, maximum: 100},
        high: {type: number, minimum: 0, maximum: 100}, mode: {type: string, enum: [a, b, c]}, size: {type: integer}}}";
    let takes = |minds: fn(&serde_json::Map<String, Value>) -> bool| {
        move |request: &Request| {
            object(request).is_some_and(|body| {
                let in_range = |name: &str| body.get(name)?.as_f64().filter(|number| (0.0..=100.0).contains(number));
                let mode = body.get("mode").map_or(Some("a"), Value::as_str);
                let is_mode = mode.is_some_and(|mode| ["a", "b", "c"].contains(&mode));
                let is_size = body.get("size").is_none_or(|size| size.is_i64() || size.is_u64());
                in_range("low").is_some() && in_range("high").is_some() && is_mode && is_size && !minds(&body)
            })
        }
    };
    // One mode wants a size, and a range is one.
    let wants = |body: &serde_json::Map<String, Value>| {
        body.get("mode") == Some(&json!("b")) && !body.contains_key("size")
            || body["low"].as_f64() > body["high"].as_f64()
    };
    assert_eq!(found(&document("3.0.3", &taking("post", schema)), takes(wants)).0, [""; 0]);
    // What is refused whatever stands beside it is told.
    let refuses = |body: &serde_json::Map<String, Value>| body.get("mode") == Some(&json!("b"));
    assert_eq!(found(&document("3.0.3", &taking("post", schema)), takes(refuses)).0, ["body.mode:enum:inside"]);
    let refuses = |body: &serde_json::Map<String, Value>| body["high"].as_f64() == Some(100.0);
    assert_eq!(found(&document("3.0.3", &taking("post", schema)), takes(refuses)).0, ["body.high:maximum:inside"]);
}

#[test]
fn an_answer_that_has_no_body_by_its_status_is_none_whatever_is_documented_of_it() {
    let operation =
        "{delete: {responses: {'204': {description: a, content: {application/json: {schema: {type: object}}}}}}}";
    let contract = read(&document("3.0.3", operation)).0.remove(0).expect("it can be tested");
    assert_eq!(ids(&served(&contract, |_| (204, Value::Null)).expect("it answers")), [""; 0]);
    let operation = operation.replace("204", "202");
    let contract = read(&document("3.0.3", &operation)).0.remove(0).expect("it can be tested");
    let told = ids(&served(&contract, |_| (202, Value::Null)).expect("it answers"));
    assert_eq!(told, ["response.202.body:responseBody:inside"]);
}

#[test]
fn what_takes_something_away_is_judged_by_the_answer_that_did() {
    let operation = "{delete: {parameters: [{name: hard, in: query, schema: {type: boolean}}],
        responses: {'204': {description: a}, '404': {description: b}, '400': {description: c}}}}";
    let contract = read(&document("3.0.3", operation)).0.remove(0).expect("it can be tested");
    for (status, found) in [(204, &[""; 0][..]), (202, &["response.success:status:inside"])] {
        let mut is_there = true;
        let told = served(&contract, |request| {
            let hard = request.path.split_once("hard=").map(|(_, value)| value);
            match hard {
                Some(value) if value != "true" && value != "false" => (400, json!({})),
                _ if std::mem::take(&mut is_there) => (status, json!({})),
                _ => (404, json!({})),
            }
        });
        assert_eq!(ids(&told.expect("it answers")), found, "{status}");
    }
}

#[test]
fn a_body_may_be_read_as_json_whatever_it_is_called() {
    for edition in ["3.0.3", "3.1.0"] {
        let schema = "{type: object, required: [n], properties: {n: {type: integer, maximum: 9}}}";
        let text = document(edition, &taking("post", schema));
        let is_legal = |request: &Request| body(request).is_some_and(|body| body["n"].as_i64().is_some_and(|n| n <= 9));
        assert_eq!(found(&text, is_legal).0, Vec::<String>::new(), "{edition}");
        // One that does not take its own media type is still found.
        let (ids, _) = found(&text, |request| {
            is_legal(request) && request.header("content-type").is_some_and(|name| !name.contains("charset"))
        });
        assert_eq!(ids, ["header.Content-Type:mediaType:inside"], "{edition}");
    }
}

#[test]
fn who_answers_at_another_path_is_not_the_operation() {
    for method in ["delete", "get", "put"] {
        let text = format!(
            "{{openapi: 3.0.3, info: {{title: a, version: '1'}}, paths: {{'/things/{{id}}': {{{method}: {{
                parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}],
                responses: {{'204': {{description: a}}, '404': {{description: b, content: {{application/json: {{schema:
                    {{type: object, required: [error], properties: {{error: {{type: string}}}}}}}}}}}}}}}}}}}}}}"
        );
        let contract = read(&text).0.remove(0).unwrap_or_else(|why| panic!("{why}: {text}"));
        let verdicts = served(&contract, |request| {
            let is_elsewhere = request.path.matches('/').count() > 2;
            assert!(!is_elsewhere || request.method == "GET", "nothing may change at {}", request.path);
            // The router's own answer, not the one that the operation has for a thing that is not there.
            if is_elsewhere { (404, json!({"detail": "Not Found"})) } else { (204, Value::Null) }
        });
        assert_eq!(ids(&verdicts.expect("it is tested")), Vec::<String>::new(), "{method}");
    }
}

#[test]
fn branches_within_branches_cost_no_more_than_can_be_paid() {
    for keyword in ["anyOf", "oneOf", "allOf"] {
        let two = |level: usize| {
            let next = json!({"$ref": format!("#/components/schemas/S{}", level + 1)});
            (format!("S{level}"), json!({keyword: [next, next]}))
        };
        let mut schemas: serde_json::Map<String, Value> = (0..30).map(two).collect();
        schemas.insert(
            "S30".to_owned(),
            json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}),
        );
        let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}});
        let text = json!({"openapi": "3.0.3", "info": {"title": "a", "version": "1"}, "paths": {
            "/heard": {"get": {"responses": {"200": {"description": "a", "content": content}}}},
            "/sent": {"post": {"requestBody": {"required": true, "content": content}, "responses": {"200": {"description": "a"}}}},
        }, "components": {"schemas": schemas}});
        let (mut contracts, _) = read(&text.to_string());
        let sent = contracts.remove(1);
        assert!(sent.is_err_and(|why| why.contains("branches within branches")), "{keyword}");
        let contract = contracts.remove(0).expect("it is read");
        let verdicts = served(&contract, |_| (200, json!({"n": "x"}))).expect("it is tested");
        assert_eq!(ids(&verdicts), [""; 0], "{keyword}");
    }
}

#[test]
fn an_operation_lies_below_the_servers_that_it_names_itself() {
    let get = "get: {responses: {'200': {description: a}}}";
    let text = format!(
        "openapi: 3.1.0
info: {{title: a, version: '1'}}
servers: [{{url: /v2}}]
paths:
  /a: {{servers: [{{url: 'https://example.com/x'}}], {get}}}
  /b: {{get: {{servers: [{{url: '/{{y}}', variables: {{y: {{default: z}}}}}}], responses: {{'200': {{description: a}}}}}}}}
  /c: {{{get}}}
"
    );
    let paths: Vec<String> = read(&text)
        .0
        .into_iter()
        .map(|contract| {
            let contract = contract.expect("a contract");
            let request = RequestContext::default().request(contract.operation(), None, &RequestOverride::default());
            request.path
        })
        .collect();
    assert_eq!(paths, ["/x/a", "/z/b", "/v2/c"]);
}
