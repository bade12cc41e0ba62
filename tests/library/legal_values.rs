//! Legal values that no one part of a schema tells: each operation with such a body can be tested, and its own stub is clean.

use fencepost::stub::{InProcess, Stub};
use fencepost::suite::Suite;
use serde_json::{Value, json};

use crate::containers::contract;
use crate::tested;

/// Holds that a body of which this is a mandatory member can be made up, and is accepted.
#[track_caller]
fn check(schemas: &[Value]) {
    for schema in schemas {
        let body = json!({ "type": "object", "required": ["v"], "properties": { "v": schema } });
        check_body(&body);
    }
}

#[track_caller]
fn check_body(body: &Value) {
    let contract = contract(body);
    let suite = Suite::new(&contract);
    let found = tested::by(&suite, &mut InProcess(Stub::new(&contract, Vec::new())));
    assert_eq!(tested::ids(&found), [""; 0], "{body}");
}

#[test]
fn branches_that_overlap() {
    check(&[
        json!({ "oneOf": [{ "type": "integer", "maximum": 10 }, { "type": "number", "minimum": 5 }] }),
        json!({ "oneOf": [{ "type": "integer" }, { "type": "number" }] }),
        json!({ "oneOf": [{ "type": "string", "maxLength": 9 }, { "type": "string", "minLength": 3 }] }),
        json!({ "oneOf": [{ "type": "integer", "multipleOf": 3 }, { "type": "integer", "multipleOf": 5 }] }),
        json!({ "oneOf": [{ "type": "number", "minimum": 0, "maximum": 7 }, { "type": "number", "minimum": 1 }] }),
    ]);
}

#[test]
fn what_must_not_be() {
    check(&[
        json!({ "not": { "type": "string" } }),
        json!({ "not": { "anyOf": [{ "type": "string" }, { "type": "object" }, { "type": "null" }] } }),
        json!({ "type": "string", "pattern": "^[a-z]+$", "not": { "pattern": "a" } }),
    ]);
}

#[test]
fn several_patterns() {
    let patterns = json!([{ "pattern": "[A-Z]" }, { "pattern": "[0-9]" }, { "pattern": "[a-z]" }]);
    check(&[
        json!({ "type": "string", "minLength": 8, "allOf": patterns }),
        json!({ "type": "string", "allOf": [{ "pattern": "^x" }, { "pattern": "y$" }] }),
    ]);
}

#[test]
fn narrow_ranges() {
    check(&[
        json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001 }),
        json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 }),
        json!({ "type": "number", "exclusiveMinimum": 3, "maximum": 3.5 }),
    ]);
}

#[test]
fn elements_that_are_few() {
    let few = json!({ "type": "integer", "minimum": 1, "maximum": 3 });
    let one = json!({ "type": "object", "required": ["id"], "properties": { "id": { "enum": ["a", "b"] } } });
    check(&[
        json!({ "type": "array", "minItems": 3, "uniqueItems": true, "items": few }),
        json!({ "type": "array", "minItems": 2, "uniqueItems": true, "items": one }),
        json!({ "type": "array", "items": { "type": "string" }, "contains": { "const": "x" }, "minContains": 2 }),
    ]);
}

#[test]
fn what_one_member_demands_of_another() {
    let properties = json!({ "c": { "enum": ["US", "NL"] }, "z": { "type": "string" } });
    let when =
        |country: &str, then: Value| json!({ "if": { "properties": { "c": { "const": country } } }, "then": then });
    let digits = |pattern: &str| json!({ "properties": { "z": { "pattern": pattern } } });
    let demands = [when("US", digits("^[0-9]{5}$")), when("NL", digits("^[0-9]{4} [A-Z]{2}$"))];
    check_body(&json!({ "type": "object", "required": ["c", "z"], "properties": properties, "allOf": demands }));
    let mut one = json!({ "type": "object", "required": ["c", "z"], "properties": properties });
    one["if"] = json!({ "properties": { "c": { "const": "US" } } });
    one["then"] = digits("^[0-9]{5}$");
    check_body(&one);
}

#[test]
fn what_names_demand() {
    let properties = json!({ "d": { "type": "integer" } });
    let patterns = json!({ "^d$": { "minimum": 10 } });
    check_body(
        &json!({ "type": "object", "required": ["d"], "properties": properties, "patternProperties": patterns }),
    );
}
