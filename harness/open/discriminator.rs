//! `discriminator`, said in JSON Schema: each branch with the one value of the member that names it.
//!
//! Only of requests: what is sent must be what a service looks for. Of answers the document's own words are enough, and the
//! values say no more than which branch an answer is meant to be.

use serde_json::{Map, Value, json};

use crate::contract::Direction;

/// Marks what a discriminator says beside what the schema itself does: OpenAPI calls it a help, and no demand.
pub(super) const MARK: &str = "x-discriminator";

/// The branches of a schema with the value that names each, but where a branch says itself which it is; nothing where no
/// discriminator tells. `follow` leads to what a branch refers to.
pub(super) fn told_apart<'a>(
    members: &'a Map<String, Value>,
    keyword: &str,
    direction: Direction,
    follow: &dyn Fn(&'a Value) -> Option<&'a Value>,
) -> Option<Vec<Value>> {
    if direction == Direction::Answer || !matches!(keyword, "oneOf" | "anyOf") {
        return None;
    }
    let discriminator = members.get("discriminator")?.as_object()?;
    let name = discriminator.get("propertyName")?.as_str()?;
    let branches = members.get(keyword)?.as_array()?;
    let says_its_own = |branch: &'a Value| {
        let tag = follow(branch).and_then(|branch| follow(branch.get("properties")?.get(name)?));
        let listed = |tag: &'a Value| tag.get("enum").and_then(Value::as_array).is_some_and(|listed| listed.len() == 1);
        tag.is_some_and(|tag| tag.get("const").is_some() || listed(tag))
    };
    let told = |branch: &'a Value| match names(discriminator, branch).into_iter().next() {
        Some(_) if says_its_own(branch) => branch.clone(),
        Some(tag) => json!({ "allOf": [branch, { "properties": { name: { "const": tag, MARK: true } } }] }),
        None => branch.clone(),
    };
    Some(branches.iter().map(told).collect())
}

/// The discriminator of a schema with the numbers of the branches that its values name; nothing where it names none.
pub(super) fn tags(members: &Map<String, Value>) -> Option<Value> {
    let discriminator = members.get("discriminator")?.as_object()?;
    let name = discriminator.get("propertyName")?.as_str()?;
    let branches = members.get("oneOf").or_else(|| members.get("anyOf"))?.as_array()?;
    let mut numbers = Map::new();
    for (number, branch) in branches.iter().enumerate() {
        for tag in names(discriminator, branch) {
            numbers.entry(tag).or_insert_with(|| json!(number));
        }
    }
    Some(json!({ "propertyName": name, "branches": numbers }))
}

/// The values that name a branch, the one of the mapping first.
fn names(discriminator: &Map<String, Value>, branch: &Value) -> Vec<String> {
    let Some(reference) = branch.get("$ref").and_then(Value::as_str) else { return Vec::new() };
    let schema = reference.rsplit('/').next().unwrap_or(reference);
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    // A mapping may give a reference, or the bare name of a schema.
    let leads_here = |target: &Value| target.as_str().is_some_and(|to| to == reference || to == schema);
    let mapped = mapping.into_iter().flatten().filter(|(_, target)| leads_here(target)).map(|(tag, _)| tag.clone());
    mapped.chain([schema.to_owned()]).collect()
}
