//! The schema of what is written as text: null has no form there, so what else is allowed is what may stand.

use serde_json::{Map, Value, json};

use super::OperationReader;

/// So many levels of references and parts are looked through.
const MOST_LEVELS: usize = 12;

impl OperationReader<'_> {
    /// The same schema without null, and without a choice where one branch is left.
    pub(super) fn as_written(&self, schema: &Value) -> Value {
        self.without_null(schema, 0).unwrap_or_else(|| schema.clone())
    }

    /// Nothing where that is the schema itself.
    fn without_null(&self, schema: &Value, level: usize) -> Option<Value> {
        let members = schema.as_object().filter(|_| level <= MOST_LEVELS)?;
        let mut rest = members.clone();
        let mut parts: Vec<Value> = Vec::new();
        let mut is_other = false;
        let target = members.get("$ref").and_then(Value::as_str).and_then(|reference| self.target(reference));
        let target = target.and_then(|target| self.document.tree().pointer(&target));
        if let Some(written) = target.and_then(|target| self.without_null(target, level + 1)) {
            rest.remove("$ref");
            parts.push(written);
            is_other = true;
        }
        for keyword in ["oneOf", "anyOf"] {
            let Some(Value::Array(branches)) = members.get(keyword) else { continue };
            let left: Vec<&Value> = branches.iter().filter(|branch| !self.is_null(branch)).collect();
            let each = left.iter().map(|branch| self.without_null(branch, level + 1));
            is_other |= left.len() == 1 || left.len() != branches.len() || each.clone().any(|branch| branch.is_some());
            let each = each.zip(&left).map(|(written, branch)| written.unwrap_or_else(|| (*branch).clone()));
            if left.len() == 1 {
                rest.remove(keyword);
                parts.extend(each);
            } else if !left.is_empty() {
                rest.insert(keyword.to_owned(), each.collect());
            }
        }
        if let Some(Value::Array(all)) = members.get("allOf") {
            let each = all.iter().map(|part| self.without_null(part, level + 1));
            is_other |= each.clone().any(|part| part.is_some());
            let each = each.zip(all).map(|(written, part)| written.unwrap_or_else(|| part.clone()));
            rest.remove("allOf");
            parts.extend(each);
        }
        is_other |= without_null_itself(&mut rest);
        for (keyword, value) in &mut rest {
            match (keyword.as_str(), value) {
                ("items" | "additionalProperties", schema) => {
                    is_other |= self.replace(schema, level);
                }
                ("properties", Value::Object(all)) => {
                    for schema in all.values_mut() {
                        is_other |= self.replace(schema, level);
                    }
                }
                _ => {}
            }
        }
        if !is_other {
            return None;
        }
        if !parts.is_empty() {
            rest.insert("allOf".to_owned(), Value::Array(parts));
        }
        Some(Value::Object(rest))
    }

    fn replace(&self, schema: &mut Value, level: usize) -> bool {
        let written = self.without_null(schema, level + 1);
        let is_other = written.is_some();
        if let Some(written) = written {
            *schema = written;
        }
        is_other
    }

    /// Whether a schema allows null alone.
    fn is_null(&self, schema: &Value) -> bool {
        let view = self.view(schema);
        view.types().is_some_and(|types| types.is_empty()) && view.is_nullable()
            || view.get("const") == Some(&Value::Null)
            || view.get("enum") == Some(&json!([null]))
    }
}

/// Takes null out of the types and the listed values, and tells whether it was there.
fn without_null_itself(members: &mut Map<String, Value>) -> bool {
    let mut was_there = false;
    for (keyword, null) in [("type", json!("null")), ("enum", Value::Null)] {
        let Some(Value::Array(all)) = members.get_mut(keyword) else { continue };
        if all.len() > 1 && all.contains(&null) {
            all.retain(|one| *one != null);
            was_there = true;
        }
        if let ("type", [only]) = (keyword, &all[..]) {
            let only = only.clone();
            members.insert(keyword.to_owned(), only);
            was_there = true;
        }
    }
    was_there
}
