//! `discriminator`, said in JSON Schema: each branch with the one value of the member that names it.
//!
//! Only of requests: what is sent must be what a service looks for. Of answers the document's own words are enough.

use serde_json::{Map, Value, json};

use crate::contract::Direction;

/// Marks what a discriminator says beside what the schema itself does: OpenAPI calls it a help, and no demand.
pub(super) const MARK: &str = "x-discriminator";

/// The branches of a schema with the value that names each; nothing where no discriminator tells.
pub(super) fn told_apart(members: &Map<String, Value>, keyword: &str, direction: Direction) -> Option<Vec<Value>> {
    if direction == Direction::Answer || !matches!(keyword, "oneOf" | "anyOf") {
        return None;
    }
    let discriminator = members.get("discriminator")?.as_object()?;
    let name = discriminator.get("propertyName")?.as_str()?;
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let branches = members.get(keyword)?.as_array()?;
    let told = |branch: &Value| {
        let reference = branch.get("$ref").and_then(Value::as_str);
        let Some(reference) = reference else { return branch.clone() };
        let schema = reference.rsplit('/').next().unwrap_or(reference);
        // A mapping may give a reference, or the bare name of a schema.
        let leads_here = |target: &Value| target.as_str().is_some_and(|to| to == reference || to == schema);
        let tag = mapping.into_iter().flatten().find(|(_, target)| leads_here(target)).map(|(tag, _)| tag.as_str());
        let tag = tag.unwrap_or(schema);
        json!({ "allOf": [branch, { "properties": { name: { "const": tag, MARK: true } } }] })
    };
    Some(branches.iter().map(told).collect())
}
