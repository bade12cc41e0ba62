//! What objects forbid by name, and arrays by number: names under which nothing is legal, schemas of names, members that demand
//! each other, and what no part of a schema knows of.

use serde_json::{Value, json};

use crate::unions::check_each;

#[test]
fn names_under_which_nothing_is_legal() {
    let id = json!({ "type": "integer" });
    check_each(
        &json!({ "type": "object", "properties": { "id": id }, "patternProperties": { "^x-": false } }),
        &[
            ("", "patternProperties", Value::Null, &["body.v:unknownMember:outside"]),
            ("/patternProperties", "^x-", json!({ "type": "string" }), &["body.v:unknownMember:outside"]),
        ],
    );
    check_each(
        &json!({ "type": "object", "properties": { "id": id, "owner": false } }),
        &[("/properties", "owner", Value::Null, &["body.v:unknownMember:outside"])],
    );
    let closed = json!({
        "type": "object", "properties": { "id": id }, "patternProperties": { "^x-": false }, "additionalProperties": false,
    });
    // What is forbidden twice is so without one of them, too.
    check_each(&closed, &[("", "patternProperties", Value::Null, &[])]);
}

#[test]
fn schemas_of_names() {
    let map = |names: Value| json!({ "type": "object", "propertyNames": names, "additionalProperties": { "type": "integer" } });
    let outside: &[&str] = &["body.v:propertyNames:outside"];
    check_each(
        &map(json!({ "not": { "pattern": "^x-" } })),
        &[("", "propertyNames", Value::Null, outside), ("/propertyNames", "not", json!({ "pattern": "^y-" }), outside)],
    );
    check_each(
        &map(json!({ "minLength": 2, "maxLength": 40 })),
        &[
            ("/propertyNames", "maxLength", json!(41), outside),
            ("/propertyNames", "maxLength", json!(39), &["body.v:propertyNames:inside"]),
            ("/propertyNames", "minLength", json!(1), outside),
        ],
    );
}

#[test]
fn members_that_demand_each_other() {
    let text = json!({ "type": "string" });
    let object = |demands: Value| json!({ "type": "object", "properties": { "a": text, "b": text, "c": text }, "dependentRequired": demands });
    let found = |demand: &str| format!("body.v:dependentRequired={demand}:outside");
    check_each(
        &object(json!({ "a": ["b"], "b": ["a"] })),
        &[
            ("/dependentRequired", "a", Value::Null, &["body.v:dependentRequired:outside"]),
            ("/dependentRequired", "b", Value::Null, &[&found(r#"{"b":["a"]}"#)]),
        ],
    );
    check_each(
        &object(json!({ "a": ["b", "c"], "b": ["c", "a"], "c": ["a", "b"] })),
        &[
            ("/dependentRequired", "a", Value::Null, &["body.v:dependentRequired:outside"]),
            ("/dependentRequired", "b", Value::Null, &[&found(r#"{"b":["c","a"]}"#)]),
            ("/dependentRequired", "c", Value::Null, &[&found(r#"{"c":["a","b"]}"#)]),
        ],
    );
}

#[test]
fn what_no_part_knows_of() {
    let text = json!({ "type": "string" });
    let parts = json!([{ "properties": { "a": text } }, { "properties": { "b": text } }]);
    check_each(
        &json!({ "type": "object", "allOf": parts, "unevaluatedProperties": false }),
        &[("", "unevaluatedProperties", Value::Null, &["body.v:unknownMember:outside"])],
    );
    let first = json!([{ "prefixItems": [text, { "type": "integer" }] }]);
    check_each(
        &json!({ "type": "array", "allOf": first, "unevaluatedItems": false }),
        &[("", "unevaluatedItems", Value::Null, &["body.v:items:outside"])],
    );
}
