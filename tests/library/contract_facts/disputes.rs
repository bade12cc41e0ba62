//! What no table can tell, which nulls and which unknown members are legal, is held against the page's example.

use std::collections::BTreeSet;

use fencepost::Contract;
use serde_json::{Value, json};

use super::fact::{Fact, facts};
use super::{BODY, OPERATION, assert_none, at, example, object_at, request_schemas};

#[test]
fn disputes_stand_where_facts_and_example_put_them() {
    let contract = Contract::shipped();
    let document = contract.document();
    let facts = facts();
    let seen = Sightings::of(&facts, example(document));
    let mut mismatches = Vec::new();
    for (name, schema) in request_schemas(document) {
        let expected = expected_of_object(&facts, &seen, name);
        mismatches.extend(compare_disputes(document, name, schema, &expected));
    }
    for fact in facts.iter().filter(|fact| fact.in_body()) {
        let member = &document["components"]["schemas"][fact.schema]["properties"][fact.field];
        let expected = expected_of_member(&seen, fact);
        mismatches.extend(compare_disputes(document, &fact.to_string(), member, &expected));
    }
    let body = at(document, &format!("{OPERATION}/requestBody"));
    mismatches.extend(compare_disputes(document, "body", body, &BTreeSet::from(["size"])));
    assert_none(&mismatches);
}

#[test]
fn the_catalogue_of_disputes_is_used_in_full_and_nothing_else_is() {
    let contract = Contract::shipped();
    let catalogue = object_at(contract.document(), "/x-disputes");
    let mut used = BTreeSet::new();
    collect_disputed(contract.document(), &mut used);
    let mut mismatches = Vec::new();
    for name in &used {
        if !catalogue.contains_key(name) {
            mismatches.push(format!("{name}: named in x-disputed, but not in x-disputes"));
        }
    }
    for (name, dispute) in catalogue {
        if !used.contains(name) {
            mismatches.push(format!("{name}: in x-disputes, but named nowhere"));
        }
        if let Err(message) = check_dispute(dispute) {
            mismatches.push(format!("{name}: {message}"));
        }
    }
    assert_none(&mismatches);
}

#[test]
fn the_example_bears_out_the_facts() {
    let contract = Contract::shipped();
    let seen = Sightings::of(&facts(), example(contract.document()));

    assert_none(&seen.missing);
    assert_eq!(seen.nulls.len(), 11, "documented members that are null: {:?}", seen.nulls);
    assert_eq!(seen.unknown.len(), 20, "members that no table has: {:?}", seen.unknown);
}

/// What the example shows, object by object.
#[derive(Default)]
struct Sightings {
    /// Documented members that are null, as (schema, field).
    nulls: BTreeSet<(&'static str, &'static str)>,
    /// Members that no table has, as (schema, member), once for each time.
    unknown: Vec<(&'static str, String)>,
    /// Firmly mandatory members that are absent or null.
    missing: Vec<String>,
}

impl Sightings {
    fn of(facts: &[Fact], body: &Value) -> Self {
        let mut seen = Self::default();
        seen.visit(facts, BODY, body);
        seen
    }

    fn visit(&mut self, facts: &[Fact], schema: &'static str, value: &Value) {
        let Some(members) = value.as_object() else {
            return;
        };
        let documented: Vec<&Fact> = facts.iter().filter(|fact| fact.schema == schema).collect();
        for member in members.keys() {
            if !documented.iter().any(|fact| fact.field == member) {
                self.unknown.push((schema, member.clone()));
            }
        }
        for fact in documented {
            self.visit_member(facts, fact, members.get(fact.field));
        }
    }

    fn visit_member(&mut self, facts: &[Fact], fact: &Fact, value: Option<&Value>) {
        if fact.firm() && value.is_none_or(Value::is_null) {
            self.missing.push(format!("{fact}: firmly mandatory, but the example has none"));
        }
        let Some(value) = value else { return };
        if value.is_null() {
            self.nulls.insert((fact.schema, fact.field));
        }
        let Some(schema) = fact.refers_to() else {
            return;
        };
        for element in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
            self.visit(facts, schema, element);
        }
    }
}

fn expected_of_member(seen: &Sightings, fact: &Fact) -> BTreeSet<&'static str> {
    // An object's null is disputed in the schema that it refers to: a `$ref` stands alone.
    let null = !fact.is_object() && !fact.firm() && !seen.nulls.contains(&(fact.schema, fact.field));
    let expected = [("required", fact.mandatory && !fact.firm()), ("enum", fact.may_be_empty()), ("null", null)];
    expected.into_iter().filter_map(|(keyword, holds)| holds.then_some(keyword)).collect()
}

fn expected_of_object(facts: &[Fact], seen: &Sightings, schema: &str) -> BTreeSet<&'static str> {
    let mut expected = BTreeSet::new();
    if seen.unknown.iter().all(|(owner, _)| *owner != schema) {
        expected.insert("unknownMember");
    }
    let mut members = facts.iter().filter(|fact| fact.is_object() && fact.refers_to() == Some(schema));
    if members.any(|fact| !seen.nulls.contains(&(fact.schema, fact.field))) {
        expected.insert("null");
    }
    expected
}

/// The keywords that are disputed at a place must be the expected ones, each disputed once.
fn compare_disputes(document: &Value, place: &str, disputed: &Value, expected: &BTreeSet<&str>) -> Option<String> {
    let names = disputed["x-disputed"].as_array().map_or(&[][..], Vec::as_slice);
    let dispute = |name: &Value| &document["x-disputes"][name.as_str().unwrap_or_default()];
    let mut found: Vec<&str> = names.iter().map(dispute).map(disputed_keyword).collect();
    found.sort_unstable();
    (!found.iter().eq(expected)).then(|| format!("{place}: the facts dispute {expected:?}, the document {found:?}"))
}

fn disputed_keyword(dispute: &Value) -> &str {
    dispute["keyword"].as_str().unwrap_or("(no keyword)")
}

fn check_dispute(dispute: &Value) -> Result<(), String> {
    let keyword = dispute["keyword"].as_str().unwrap_or_default();
    let value_fits = match keyword {
        "required" | "null" | "unknownMember" => dispute.get("value").is_none(),
        "enum" => dispute["value"] == json!(""),
        "size" => dispute["value"] == json!(10_240),
        other => return Err(format!("no keyword that can be disputed: {other}")),
    };
    if !value_fits {
        return Err(format!("not the value that belongs to {keyword}"));
    }
    match dispute["reason"].as_str() {
        Some(reason) if !reason.is_empty() => Ok(()),
        _ => Err("no reason".to_owned()),
    }
}

/// Every name in every `x-disputed` list, wherever it stands.
fn collect_disputed(value: &Value, names: &mut BTreeSet<String>) {
    if let Some(disputed) = value.get("x-disputed").and_then(Value::as_array) {
        names.extend(disputed.iter().map(|name| name.as_str().unwrap_or("(no string)").to_owned()));
    }
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| collect_disputed(element, names)),
        Value::Object(members) => members.values().for_each(|member| collect_disputed(member, names)),
        _ => {}
    }
}
