//! Arrays and objects of open contracts: what a service demands of what they hold is not told as a fault of theirs, and what
//! is wrong with the first value, count or branch does not hide the rest.

use std::sync::Arc;

use fencepost::Contract;
use fencepost::document::Document;
use fencepost::open::open;
use fencepost::stub::{InProcess, Stub};
use fencepost::suite::Suite;
use serde_json::{Value, json};

use crate::tested;
use crate::together::Picky;
use crate::unions::check_each;

/// The contract of an operation of which the body has this schema.
#[track_caller]
pub(crate) fn contract(schema: &Value) -> Contract {
    let answer = json!({ "description": "an answer" });
    let body = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    let operation = json!({ "requestBody": body, "responses": { "200": answer, "400": answer } });
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "sample", "version": "1" }, "paths": { "/things": { "put": operation } },
    });
    let document = Document::read("sample.json", &document.to_string()).unwrap_or_else(|error| panic!("{error}"));
    let document = Arc::new(document);
    let opened = open(&document, &document.operations()[0]);
    opened.contract.unwrap_or_else(|why| panic!("{schema}: {why}"))
}

/// Holds that of a service which refuses these bodies, although they are legal, this is found.
#[track_caller]
fn check(schema: &Value, refused: fn(&Value) -> bool, wanted: &[&str]) {
    let contract = contract(schema);
    let mut target = Picky(InProcess(Stub::new(&contract, Vec::new())), refused);
    assert_eq!(tested::ids(&tested::by(&Suite::new(&contract), &mut target)), wanted, "{schema}");
}

fn elements(body: &Value) -> impl Iterator<Item = &Value> {
    body.as_array().into_iter().flatten()
}

fn bulk() -> Value {
    let members = json!({ "op": { "type": "string" }, "id": { "type": "integer" }, "at": { "type": "integer" } });
    let element = json!({ "type": "object", "required": ["op", "id"], "properties": members });
    json!({ "type": "array", "minItems": 1, "maxItems": 5, "items": element })
}

#[test]
fn an_array_is_not_blamed_for_a_member_that_its_elements_are_demanded_to_have() {
    check(&bulk(), |body| elements(body).any(|element| element.get("at").is_none()), &[]);
    let mut unique = bulk();
    unique["uniqueItems"] = json!(true);
    check(&unique, |body| elements(body).any(|element| element.get("at").is_none()), &[]);
}

#[test]
fn an_array_is_blamed_for_its_own_bound_beside_a_demanded_member() {
    let is_refused =
        |body: &Value| elements(body).count() == 5 || elements(body).any(|element| element.get("at").is_none());
    check(&bulk(), is_refused, &["body:maxItems:inside"]);
}

#[test]
fn an_array_is_not_blamed_for_one_value_of_its_elements() {
    let array = json!({ "type": "array", "minItems": 1, "items": { "type": "string", "enum": ["A", "B", "C"] } });
    check(&array, |body| elements(body).any(|element| element == "A"), &["body[]:enum:inside"]);
    let mut all = array;
    all["maxItems"] = json!(3);
    all["uniqueItems"] = json!(true);
    check(&all, |body| elements(body).any(|element| element == "C"), &["body[]:enum:inside"]);
}

#[test]
fn an_object_is_not_blamed_for_a_member_that_is_demanded_beside_any_other() {
    let text = json!({ "type": "string" });
    let pet = json!({
        "type": "object", "minProperties": 1, "properties": { "name": text, "status": text, "tag": text },
    });
    check(&pet, |body| body.get("tag").is_none(), &[]);
    let mut two = pet;
    two["minProperties"] = json!(2);
    check(&two, |body| body.get("tag").is_none(), &[]);
}

fn methods() -> Value {
    let text = json!({ "type": "string" });
    let branch = |name: &str| json!({ "type": "object", "required": [name], "properties": { name: text } });
    json!({ "properties": { "copies": { "type": "integer" } }, "oneOf": [branch("card"), branch("bank")] })
}

#[test]
fn a_branch_is_not_blamed_for_a_member_that_is_demanded_in_every_one() {
    check(&methods(), |body| body.get("copies").is_none(), &[]);
}

#[test]
fn the_branch_that_is_refused_hides_no_other() {
    check(&methods(), |body| body.get("card").is_some(), &["body:oneOf:inside"]);
    check(&methods(), |body| body.get("bank").is_some(), &["body:oneOf:inside"]);
}

#[test]
fn what_is_wrong_with_a_bound_hides_nothing_else() {
    check(&bulk(), |body| elements(body).count() == 1, &["body:minItems:inside"]);
    let number = json!({ "type": "number", "minimum": 0, "exclusiveMaximum": 1 });
    let order = json!({ "type": "object", "required": ["discount"], "properties": { "discount": number } });
    check(&order, |body| body["discount"].as_f64() == Some(0.0), &["body.discount:minimum:inside"]);
}

#[test]
fn elements_beside_one_that_must_be_held_have_rules() {
    let text = json!({ "type": "string", "minLength": 2, "maxLength": 8 });
    let text_rules: &[(&str, &str, Value, &[&str])] = &[
        ("/items", "maxLength", Value::Null, &["body.v[]:maxLength:outside"]),
        ("/items", "maxLength", json!(7), &["body.v[]:maxLength:inside"]),
        ("/items", "minLength", json!(1), &["body.v[]:minLength:outside"]),
        ("", "contains", Value::Null, &["body.v:contains:outside"]),
    ];
    check_each(&json!({ "type": "array", "contains": { "const": "main" }, "items": text }), text_rules);
    let main = json!({ "type": "object", "required": ["k"], "properties": { "k": { "const": "x" } } });
    let members = json!({ "k": { "type": "string" }, "n": { "type": "integer", "minimum": 3, "maximum": 9 } });
    let object_rules: &[(&str, &str, Value, &[&str])] = &[
        ("/items", "required", Value::Null, &["body.v[].k:required:outside"]),
        ("/items/properties/k", "type", Value::Null, &["body.v[].k:type:outside"]),
        ("/items/properties/n", "minimum", json!(2), &["body.v[].n:minimum:outside"]),
        ("/items/properties/n", "maximum", json!(8), &["body.v[].n:maximum:inside"]),
    ];
    let element = json!({ "type": "object", "required": ["k"], "properties": members });
    check_each(&json!({ "type": "array", "minItems": 1, "contains": main, "items": element }), object_rules);
    let number = json!({ "type": "integer", "minimum": 1, "maximum": 9 });
    let of_two: &[(&str, &str, Value, &[&str])] = &[
        ("/items", "minimum", json!(0), &["body.v[]:minimum:outside"]),
        ("/items", "maximum", json!(8), &["body.v[]:maximum:inside"]),
        ("", "minContains", json!(1), &["body.v:minContains:outside"]),
    ];
    let two =
        json!({ "type": "array", "contains": { "minimum": 5 }, "minContains": 2, "maxItems": 6, "items": number });
    check_each(&two, of_two);
}

#[test]
fn an_array_of_which_each_number_of_elements_is_a_bound_is_tested_with_another() {
    let text = json!({ "type": "string", "maxLength": 8 });
    check_each(
        &json!({ "type": "array", "minItems": 1, "maxItems": 2, "items": text }),
        &[
            ("", "minItems", json!(2), &["body.v:minItems:inside"]),
            ("", "maxItems", json!(1), &["body.v:maxItems:inside"]),
            ("/items", "maxLength", Value::Null, &["body.v[]:maxLength:outside"]),
        ],
    );
    // What else is wrong is found beside it.
    let documented = json!({ "type": "array", "minItems": 1, "maxItems": 2, "items": text });
    let in_object = |schema: &Value| json!({ "type": "object", "required": ["v"], "properties": { "v": schema } });
    let kept = json!({ "type": "array", "minItems": 2, "maxItems": 2, "items": { "type": "string" } });
    let (contract, other) = (contract(&in_object(&documented)), contract(&in_object(&kept)));
    let mut target = InProcess(Stub::new(&other, Vec::new()));
    let found = tested::ids(&tested::by(&Suite::new(&contract), &mut target));
    assert_eq!(found, ["body.v:minItems:inside", "body.v[]:maxLength:outside"]);
}
