//! What follows from something else is not told beside it: a whole that is refused for a part of it, and members that are not
//! known because something else is wrong.

use fencepost::stub::faults;
use fencepost::suite::Suite;
use serde_json::Value;

use crate::open::{body, ids, served, with_body};
use crate::tested;

const PAYMENT: &str = "{type: object, required: [source], properties: {source: {unevaluatedProperties: false, oneOf: [
    {type: object, required: [object, cvc], properties: {object: {const: card}, cvc: {type: string, minLength: 3, maxLength: 4}}},
    {type: object, required: [object, iban], properties: {object: {const: bank}, iban: {type: string, minLength: 2}}}]}}}";

#[test]
fn every_fault_of_a_branch_is_found_beside_members_that_no_branch_knows() {
    let contract = with_body(PAYMENT).expect("it can be tested");
    let suite = Suite::new(&contract);
    let all = faults(&contract);
    // Which name a branch has is lost in all of them at once.
    let is_meant = |id: &str| id.contains("{oneOf/") && !id.contains(":const:");
    let of_branches: Vec<_> = all.iter().filter(|fault| is_meant(&fault.id.short())).collect();
    assert!(of_branches.len() > 20, "{}", of_branches.len());
    for fault in of_branches {
        let found = ids(&tested::with(&suite, vec![fault.clone()]));
        assert_eq!(found, [fault.found.short()], "{}", fault.id.short());
    }
    assert_eq!(ids(&tested::by(&suite, &mut tested::stub(&suite, Vec::new()))), [""; 0]);
}

/// What is told of a service that takes bodies like this.
fn told(schema: &str, takes: impl Fn(&Value) -> bool) -> Vec<String> {
    let contract = with_body(schema).expect("it can be tested");
    let run = served(&contract, |request| {
        let is_taken = body(request).is_some_and(|body| takes(&body));
        (if is_taken { 201 } else { 400 }, Value::Null)
    });
    ids(&run.expect("it answers"))
}

#[test]
fn a_whole_that_is_refused_for_a_part_is_not_told_beside_it() {
    let schema = "{type: object, properties: {card: {type: string, maxLength: 9}, cvc: {type: string, minLength: 3, maxLength: 4}},
        dependentRequired: {card: [cvc]}}";
    let takes = |longest: usize, wants: bool| {
        move |body: &Value| {
            let Some(members) = body.as_object() else { return false };
            let holds = |name: &str, least: usize, most: usize| {
                members.get(name).is_none_or(|value| {
                    value.as_str().is_some_and(|text| (least..=most).contains(&text.chars().count()))
                })
            };
            let is_whole = !members.contains_key("card") || members.contains_key("cvc") == wants;
            holds("card", 0, 9) && holds("cvc", 3, longest) && is_whole
        }
    };
    assert_eq!(told(schema, takes(4, true)), [""; 0]);
    assert_eq!(told(schema, takes(3, true)), ["body.cvc:maxLength:inside"]);
    // What is wrong with the whole itself is told.
    assert_eq!(told(schema, takes(4, false)), ["body:dependentRequired:inside", "body:dependentRequired:outside"]);
}

#[test]
fn where_no_type_is_said_only_a_crash_is_told_of_other_types() {
    let schema = "{properties: {policy: {properties: {name: {type: string}}, required: [name]}}}";
    // As the schema stands, as it is meant, and one that nobody means.
    let is_policy = |value: &Value| value.get("name").is_some_and(Value::is_string);
    assert_eq!(
        told(schema, |body| body.get("policy").is_none_or(|value| !value.is_object() || is_policy(value))),
        [""; 0]
    );
    let is_strict = |body: &Value| body.is_object() && body.get("policy").is_none_or(is_policy);
    assert_eq!(told(schema, is_strict), [""; 0]);
    let contract = with_body(schema).expect("it can be tested");
    for (found, fells) in [
        ("body.policy:type:outside", Value::is_number as fn(&Value) -> bool),
        ("body.policy:null:outside", Value::is_null),
    ] {
        let run = served(&contract, |request| {
            let Some(body) = body(request) else { return (400, Value::Null) };
            let status = if body.get("policy").is_some_and(fells) {
                500
            } else if is_strict(&body) {
                201
            } else {
                400
            };
            (status, Value::Null)
        });
        assert_eq!(ids(&run.expect("it answers")), [found]);
    }
}

#[test]
fn fewer_of_the_elements_that_are_accepted_name_nothing_else() {
    let schema =
        "{type: object, required: [ids], properties: {ids: {type: array, minItems: 1, items: {type: integer}}}}";
    let takes = |least: usize| {
        move |body: &Value| {
            let ids = body.get("ids").and_then(Value::as_array);
            ids.is_some_and(|ids| ids.len() >= least && ids.iter().all(Value::is_i64))
        }
    };
    assert_eq!(told(schema, takes(1)), [""; 0]);
    assert_eq!(told(schema, takes(2)), ["body.ids:minItems:inside"]);
    // Of what the service does not have nothing is told.
    let has = |body: &Value| takes(1)(body) && body["ids"].as_array().is_some_and(|ids| ids.iter().all(|id| id == 7));
    assert_eq!(told(schema, has), [""; 0]);
}
