//! Holds the shipped contract against the facts that it was written from.
//!
//! Everything else is derived from the contract, so a slip in it is a slip everywhere, and no other
//! test can see it. `facts/tables.tsv` is a second reading of the page's tables, made apart from the
//! document: where the two differ, one of them is wrong. What no table can tell (which nulls and
//! which unknown members are legal) is held against the page's example.

mod disputes;
mod fact;

use std::collections::{BTreeMap, BTreeSet};

use fencepost::Contract;
use serde_json::{Map, Value, json};

use fact::{Fact, facts};

const OPERATION: &str = "/paths/~1v3~1tasks~1{task_id}/put";
const BODY: &str = "UpdateTaskReq";
const RESPONSE_SCHEMAS: [&str; 2] = ["Error", "UpdateTaskResp"];

#[test]
fn the_facts_are_complete() {
    let facts = facts();
    let tables: BTreeSet<&str> = facts.iter().map(|fact| fact.table).collect();
    let schemas: BTreeSet<&str> = facts.iter().filter(|fact| fact.in_body()).map(|fact| fact.schema).collect();

    assert_eq!(facts.len(), 167, "rows");
    assert_eq!(tables.len(), 16, "tables");
    assert_eq!(schemas.len(), 14, "schemas of the body");
    assert_eq!(facts.iter().filter(|fact| fact.in_body()).count(), 165, "rows of the body");
    assert_eq!(places(&facts, BODY), 186, "places of the body");
}

#[test]
fn every_parameter_agrees_with_its_fact() {
    let contract = Contract::shipped();
    let facts = facts();
    let parameters = facts.iter().filter(|fact| !fact.in_body());
    let expected: Vec<Value> = parameters.map(Fact::parameter).collect();
    let found: Vec<Value> = array_at(contract.document(), &format!("{OPERATION}/parameters"))
        .iter()
        .map(|parameter| without(parameter, &["description", "x-notes", "x-credential", "example"]))
        .collect();

    assert_eq!(found, expected);
}

#[test]
fn every_member_agrees_with_its_fact() {
    let contract = Contract::shipped();
    let schemas = request_schemas(contract.document());
    let mut mismatches = Vec::new();
    for fact in facts().iter().filter(|fact| fact.in_body()) {
        let found = schemas
            .get(fact.schema)
            .and_then(|schema| schema["properties"].get(fact.field))
            .map(|member| without(member, &["description", "x-notes", "x-disputed"]));
        let expected = Some(fact.member());
        if expected != found {
            mismatches.push(mismatch(&fact.to_string(), expected, found));
        }
    }
    assert_none(&mismatches);
}

#[test]
fn every_object_agrees_with_its_facts() {
    let contract = Contract::shipped();
    let schemas = request_schemas(contract.document());
    let facts = facts();
    let documented = facts.iter().filter(|fact| fact.in_body()).map(|fact| fact.schema);
    let names: BTreeSet<&str> = documented.chain(schemas.keys().copied()).collect();
    let mut mismatches = Vec::new();
    for name in names {
        let expected = expected_object(&facts, name);
        let found = schemas.get(name).map(|schema| outline(schema));
        if expected != found {
            mismatches.push(mismatch(name, expected, found));
        }
    }
    assert_none(&mismatches);
}

#[test]
fn the_example_text_and_its_value_are_the_same_json() {
    let contract = Contract::shipped();
    let text =
        at(contract.document(), &format!("{OPERATION}/requestBody/content/application~1json/examples/page/x-text"));
    let text = text.as_str().expect("the example's text is a string");
    let value: Value = serde_json::from_str(text).expect("the example's text is JSON");

    assert_eq!(&value, example(contract.document()));
    assert!(text.starts_with('{') && text.ends_with('}'), "the text runs from brace to brace");
}

#[test]
fn the_operation_takes_the_documented_body_and_promises_no_more_than_the_page() {
    let contract = Contract::shipped();
    let operation = at(contract.document(), OPERATION);
    let responses: Vec<&String> = object_at(operation, "/responses").keys().collect();
    let schemas = at(contract.document(), "/components/schemas");

    assert_eq!(operation["requestBody"]["required"], json!(true));
    assert_eq!(content_schema(&operation["requestBody"]), &reference(BODY));
    assert_eq!(responses, ["200", "4XX"]);
    for (status, schema, required) in
        [("200", "UpdateTaskResp", json!(["id"])), ("4XX", "Error", json!(["error_code", "error_msg"]))]
    {
        assert_eq!(content_schema(&operation["responses"][status]), &reference(schema));
        assert_eq!(schemas[schema]["required"], required, "{schema}");
    }
}

/// How many places there are below a schema, the members of elements included.
fn places(facts: &[Fact], schema: &str) -> usize {
    let members = facts.iter().filter(|fact| fact.schema == schema);
    members.map(|fact| 1 + fact.refers_to().map_or(0, |inner| places(facts, inner))).sum()
}

/// What `outline` gives for a schema that has its facts and nothing else.
fn expected_object(facts: &[Fact], schema: &str) -> Option<Value> {
    let of_schema: Vec<&Fact> = facts.iter().filter(|fact| fact.schema == schema).collect();
    let table = of_schema.first()?.table;
    // Only an object that is itself a member may be null; the body and elements may not.
    let nullable = facts.iter().any(|fact| fact.is_object() && fact.refers_to() == Some(schema));
    let members: Vec<&str> = of_schema.iter().map(|fact| fact.field).collect();
    let firm = of_schema.iter().filter(|fact| fact.firm());
    let required: Vec<&str> = firm.map(|fact| fact.field).collect();
    let mut outline = json!({
        "type": if nullable { json!(["object", "null"]) } else { json!("object") },
        "x-source": table,
        "properties": members,
    });
    if !required.is_empty() {
        outline["required"] = json!(required);
    }
    Some(outline)
}

/// An object's schema with the names of its members, in their order, in place of the members.
fn outline(schema: &Value) -> Value {
    let mut outline = without(schema, &["description", "x-notes", "x-disputed"]);
    let members: Vec<&String> = object_at(schema, "/properties").keys().collect();
    outline["properties"] = json!(members);
    outline
}

fn mismatch(place: &str, expected: Option<Value>, found: Option<Value>) -> String {
    let [expected, found] = [expected, found].map(|side| side.map_or("nothing".to_owned(), |value| value.to_string()));
    format!("{place}:\n  the facts     {expected}\n  the document  {found}")
}

fn request_schemas(document: &Value) -> BTreeMap<&str, &Value> {
    let schemas = object_at(document, "/components/schemas").iter();
    schemas.map(|(name, schema)| (name.as_str(), schema)).filter(|(name, _)| !RESPONSE_SCHEMAS.contains(name)).collect()
}

fn example(document: &Value) -> &Value {
    at(document, &format!("{OPERATION}/requestBody/content/application~1json/examples/page/value"))
}

fn content_schema(message: &Value) -> &Value {
    at(message, "/content/application~1json/schema")
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn without(value: &Value, keys: &[&str]) -> Value {
    let mut value = value.clone();
    if let Some(members) = value.as_object_mut() {
        members.retain(|key, _| !keys.contains(&key.as_str()));
    }
    value
}

#[track_caller]
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or_else(|| panic!("the document has nothing at {pointer}"))
}

#[track_caller]
fn object_at<'a>(value: &'a Value, pointer: &str) -> &'a Map<String, Value> {
    at(value, pointer).as_object().unwrap_or_else(|| panic!("no object at {pointer}"))
}

#[track_caller]
fn array_at<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    at(value, pointer).as_array().unwrap_or_else(|| panic!("no array at {pointer}"))
}

#[track_caller]
fn assert_none(mismatches: &[String]) {
    assert!(mismatches.is_empty(), "{} mismatches:\n{}", mismatches.len(), mismatches.join("\n"));
}
