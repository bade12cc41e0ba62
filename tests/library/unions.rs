//! Unions of single values: what each branch says of its own is tested from both sides, and told by its own name. The targets
//! are stubs of the same schema with one thing changed.

use std::sync::Arc;

use fencepost::Contract;
use fencepost::document::Document;
use fencepost::open::open;
use fencepost::stub::{InProcess, Stub};
use fencepost::suite::Suite;
use serde_json::{Value, json};

use crate::containers::contract;
use crate::tested;

/// Holds what is found of a service that keeps another schema at the place `body.v` than the documented one.
#[track_caller]
fn check(documented: &Value, kept: &Value, wanted: &[&str]) {
    let around = |schema: &Value| {
        contract(
            &json!({ "type": "object", "required": ["v"], "properties": { "v": schema, "w": { "type": "string" } } }),
        )
    };
    let (contract, other) = (around(documented), around(kept));
    let mut target = InProcess(Stub::new(&other, Vec::new()));
    assert_eq!(tested::ids(&tested::by(&Suite::new(&contract), &mut target)), wanted, "{documented} kept as {kept}");
}

/// The contract of an operation of which the body has this schema, in the edition that defines formats.
fn in_3_0(schema: &Value) -> Contract {
    let answer = json!({ "description": "an answer" });
    let body = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    let operation = json!({ "requestBody": body, "responses": { "200": answer, "400": answer } });
    let document = json!({
        "openapi": "3.0.3", "info": { "title": "sample", "version": "1" }, "paths": { "/things": { "put": operation } },
    });
    let document = Arc::new(Document::read("sample.json", &document.to_string()).expect("a document"));
    open(&document, &document.operations()[0]).contract.expect("a contract")
}

/// The same for changes of one member each: the pointer to what holds it, its name, and what it is changed to.
#[track_caller]
pub(crate) fn check_each(documented: &Value, changes: &[(&str, &str, Value, &[&str])]) {
    check(documented, documented, &[]);
    for (pointer, name, value, wanted) in changes {
        let mut kept = documented.clone();
        let holder = kept.pointer_mut(pointer).and_then(Value::as_object_mut);
        let holder = holder.unwrap_or_else(|| panic!("{pointer} in {documented}"));
        match value {
            Value::Null => drop(holder.remove(*name)),
            value => drop(holder.insert((*name).to_owned(), value.clone())),
        }
        check(documented, &kept, wanted);
    }
}

#[test]
fn bounds_of_a_text_beside_a_number() {
    let text = json!({ "type": "string", "minLength": 3, "maxLength": 10 });
    let number = json!({ "type": "integer", "minimum": 100, "maximum": 999 });
    for whole in ["oneOf", "anyOf"] {
        let (first, second) = (format!("/{whole}/0"), format!("/{whole}/1"));
        check_each(
            &json!({ whole: [text, number] }),
            &[
                (&first, "minLength", Value::Null, &["body.v:minLength:outside"]),
                (&first, "minLength", json!(4), &["body.v:minLength:inside"]),
                (&first, "maxLength", json!(11), &["body.v:maxLength:outside"]),
                (&first, "maxLength", json!(9), &["body.v:maxLength:inside"]),
                (&second, "minimum", json!(99), &["body.v:minimum:outside"]),
                (&second, "minimum", json!(101), &["body.v:minimum:inside"]),
                (&second, "maximum", Value::Null, &["body.v:maximum:outside"]),
                (&second, "maximum", json!(998), &["body.v:maximum:inside"]),
                ("", whole, Value::Null, &[&format!("body.v:{whole}:outside")]),
            ],
        );
    }
}

#[test]
fn patterns_and_lists_beside_other_types_and_null() {
    let text = json!({ "type": "string", "pattern": "^[a-z]{3}$" });
    check_each(
        &json!({ "anyOf": [text, { "type": "integer", "minimum": 1 }, { "type": "boolean" }, { "type": "null" }] }),
        &[
            ("/anyOf/0", "pattern", Value::Null, &["body.v:pattern:outside"]),
            ("/anyOf/1", "minimum", Value::Null, &["body.v:minimum:outside"]),
            ("/anyOf/2", "type", json!("object"), &["body.v:anyOf:inside", "body.v:anyOf:outside"]),
        ],
    );
    check_each(
        &json!({ "oneOf": [{ "type": "number", "multipleOf": 5 }, { "enum": ["auto", "none"] }] }),
        &[
            ("/oneOf/0", "multipleOf", json!(2.5), &["body.v:multipleOf:outside"]),
            ("/oneOf/1", "enum", json!(["auto"]), &["body.v:enum:inside"]),
            ("/oneOf/1", "enum", json!(["none"]), &["body.v:enum:inside"]),
            ("/oneOf/1", "enum", json!(["auto", "none", "NONE"]), &["body.v:enum:outside"]),
        ],
    );
}

#[test]
fn what_several_branches_might_take_speaks_for_the_union() {
    let short = json!({ "type": "string", "maxLength": 5 });
    let long = json!({ "type": "string", "pattern": "^long-" });
    let wanted: &[&str] = &["body.v:anyOf:outside"];
    let changes = [("/anyOf/0", "maxLength", Value::Null, wanted), ("/anyOf/1", "pattern", Value::Null, wanted)];
    check_each(&json!({ "anyOf": [short, long] }), &changes);
    // An integer is a number, too.
    let low = json!({ "type": "integer", "minimum": 0, "maximum": 10 });
    let high = json!({ "type": "number", "minimum": 100, "maximum": 200 });
    check_each(&json!({ "anyOf": [low, high] }), &[("/anyOf/0", "maximum", json!(50), wanted)]);
}

#[test]
fn a_branch_that_is_refused_as_a_whole_is_one_finding() {
    let text = json!({ "type": "string", "minLength": 3, "maxLength": 10 });
    let number = json!({ "type": "integer", "minimum": 100, "maximum": 999 });
    check(&json!({ "oneOf": [text, number] }), &text, &["body.v:oneOf:inside"]);
    check(&json!({ "oneOf": [text, number] }), &number, &["body.v:oneOf:inside"]);
}

#[test]
fn an_array_beside_a_text_has_its_counts() {
    let list = json!({ "type": "array", "items": { "type": "string" }, "minItems": 2, "maxItems": 4 });
    check_each(
        &json!({ "oneOf": [{ "type": "string", "maxLength": 10 }, list] }),
        &[
            ("/oneOf/0", "maxLength", Value::Null, &["body.v:maxLength:outside"]),
            ("/oneOf/1", "minItems", Value::Null, &["body.v:minItems:outside"]),
            ("/oneOf/1", "maxItems", Value::Null, &["body.v:maxItems:outside"]),
            ("/oneOf/1", "maxItems", json!(3), &["body.v:maxItems:inside"]),
        ],
    );
}

#[test]
fn a_format_beside_a_list_of_texts_is_told_once() {
    let date = json!({ "type": "string", "format": "date" });
    let words = json!({ "type": "string", "enum": ["today", "tomorrow"] });
    let documented = json!({ "anyOf": [date, words] });
    let contract = in_3_0(&documented);
    for kept in [json!({ "anyOf": [{ "type": "string" }, words] }), json!({ "anyOf": [date, { "type": "string" }] })] {
        let mut target = InProcess(Stub::new(&in_3_0(&kept), Vec::new()));
        let found = tested::ids(&tested::by(&Suite::new(&contract), &mut target));
        assert_eq!(found, ["body:format:outside"], "{kept}");
    }
    let mut target = InProcess(Stub::new(&contract, Vec::new()));
    assert_eq!(tested::ids(&tested::by(&Suite::new(&contract), &mut target)), [""; 0]);
}
