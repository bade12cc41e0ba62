//! Probes of a part that say nothing else of the whole: how much it holds, and in which form.

use fencepost::exchange::Request;
use serde_json::Value;

use crate::open::{body, ids, served, with_body};

/// What is left out where so many members must be there has others stand in for it.
#[test]
fn a_missing_member_breaks_nothing_but_that() {
    let schema = "{type: object, required: [name, limits], minProperties: 2, properties: {name: {type: string}, limits: {type: integer}, note: {type: string}}}";
    let contract = with_body(schema).expect("a contract");
    let takes = |request: &Request| {
        let Some(Value::Object(body)) = body(request) else { return false };
        let of = |name: &str, is: fn(&Value) -> bool| body.get(name).is_none_or(is);
        let is_known = of("name", Value::is_string) && of("limits", Value::is_i64) && of("note", Value::is_string);
        body.len() >= 2 && body.contains_key("name") && is_known
    };
    let verdicts = served(&contract, |request| (if takes(request) { 201 } else { 400 }, Value::Null));
    assert_eq!(ids(&verdicts.expect("it is tested")), ["body.limits:required:outside"]);
}

/// Pairs that must differ are made up, and an array that holds as many as it may is not taken for one that may hold any number.
#[test]
fn arrays_are_made_up_of_arrays_and_off_their_bounds() {
    let pairs = "{type: array, uniqueItems: true, minItems: 2, items: {type: array, minItems: 2, maxItems: 2, items: {type: number}}}";
    assert!(with_body(pairs).is_ok(), "{:?}", with_body(pairs));
    let schema = "{type: object, required: [t], properties: {t: {type: array, maxItems: 3, items: {type: integer}}}}";
    let contract = with_body(schema).expect("a contract");
    let takes = |request: &Request| {
        let body = body(request).unwrap_or_default();
        body["t"].as_array().is_some_and(|all| all.len() < 3 && all.iter().all(Value::is_i64))
    };
    let verdicts = served(&contract, |request| (if takes(request) { 201 } else { 400 }, Value::Null));
    assert_eq!(ids(&verdicts.expect("it is tested")), ["body.t:maxItems:inside"]);
}

/// An array is JSON as an object is: whoever reads one with a comma too many, or without its end, is told.
#[test]
fn the_form_of_an_array_is_tested_too() {
    let contract = with_body("{type: array, items: {type: object, required: [a], properties: {a: {type: string}}}}");
    let contract = contract.expect("a contract");
    let takes = |request: &Request| {
        let text =
            request.body.as_ref().map(|body| String::from_utf8_lossy(body).replace(",]", "]")).unwrap_or_default();
        let is_one = |one: &Value| one.get("a").is_some_and(Value::is_string);
        serde_json::from_str::<Vec<Value>>(&text).is_ok_and(|all| all.iter().all(is_one))
    };
    let verdicts = served(&contract, |request| (if takes(request) { 201 } else { 400 }, Value::Null));
    assert_eq!(ids(&verdicts.expect("it is tested")), ["body:wellFormed:outside"]);
}
