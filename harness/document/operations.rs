//! Which operations a document has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::node::METHODS;
use super::notes::Notes;
use super::reference;
use crate::text::pointer;

/// An operation of a document, unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationRef {
    /// In capitals.
    pub method: String,
    /// The path's template.
    pub path: String,
    /// Where it stands in the document as OpenAPI 3.1: `/paths/~1a/get`, or where its path refers to.
    pub pointer: String,
    /// Its `operationId`.
    pub id: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
}

/// What is no operation, and has its place in a path.
const BESIDE: [&str; 5] = ["$ref", "summary", "description", "servers", "parameters"];

/// The operations of a document of OpenAPI 3.1, in its order.
pub(super) fn operations(tree: &Value, notes: &mut Notes) -> Vec<OperationRef> {
    let mut found = Vec::new();
    let Some(Value::Object(paths)) = tree.get("paths") else {
        if tree.get("paths").is_some() {
            notes.remark("/paths", "`paths` is no mapping", "it is ignored");
        }
        return found;
    };
    for (path, item) in paths {
        if path.starts_with("x-") {
            continue;
        }
        let at = pointer::below("/paths", path);
        let mut name = path.clone();
        if !path.starts_with('/') {
            notes.remark(&at, "the path does not begin with a slash", "it is read as if it did");
            name.insert(0, '/');
        }
        let Value::Object(members) = item else {
            notes.remark(&at, "the path is no mapping", "it has no operation");
            continue;
        };
        of_path(&name, members, &at, &mut found, notes);
        if !members.contains_key("$ref") {
            continue;
        }
        match reference::followed(tree, item) {
            Some((Value::Object(shared), Some(target))) => {
                let from = found.len();
                of_path(&name, shared, &target, &mut found, notes);
                let own = |method: &str| members.contains_key(&method.to_lowercase());
                let mut index = 0;
                found.retain(|operation| {
                    index += 1;
                    index <= from || !own(&operation.method)
                });
            }
            _ => notes.remark(&at, "the path's `$ref` leads nowhere in this document", "its operations are not tested"),
        }
    }
    tell_alike(&found, notes);
    found
}

/// Remarks on operations and paths that nobody can tell apart.
fn tell_alike(found: &[OperationRef], notes: &mut Notes) {
    let mut ids: BTreeMap<&str, &OperationRef> = BTreeMap::new();
    let mut paths: BTreeMap<String, &str> = BTreeMap::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for operation in found {
        if let Some(id) = operation.id.as_deref()
            && let Some(first) = ids.insert(id, operation)
        {
            let what = format!("the operationId `{id}` is that of {} {} as well", first.method, first.path);
            notes.remark(&operation.pointer, &what, &format!("`--operation {id}` means all of them"));
        }
        let first = *paths.entry(nameless(&operation.path)).or_insert(&operation.path);
        if first != operation.path && told.insert(&operation.path) {
            let what = format!("the path differs from {first} only in the names of its parameters");
            notes.remark(&operation.pointer, &what, "to OpenAPI they are one; both are tested");
        }
    }
}

/// A path without the names of its parameters.
fn nameless(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| format!("{path}{{{}", part.split_once('}').map_or(part, |(_, rest)| rest)))
}

/// Adds the operations that stand in one path.
fn of_path(path: &str, item: &Map<String, Value>, pointer: &str, found: &mut Vec<OperationRef>, notes: &mut Notes) {
    for (name, operation) in item {
        let at = pointer::below(pointer, name);
        if !METHODS.contains(&name.as_str()) {
            if !BESIDE.contains(&name.as_str()) && !name.starts_with("x-") {
                notes.remark(&at, &format!("`{name}` is no member of a path that is known"), "it is ignored");
            }
            continue;
        }
        let Value::Object(members) = operation else {
            notes.remark(&at, "the operation is no mapping", "it is not tested");
            continue;
        };
        let tags = members.get("tags").and_then(Value::as_array);
        found.push(OperationRef {
            method: name.to_uppercase(),
            path: path.to_owned(),
            pointer: at,
            id: members.get("operationId").and_then(Value::as_str).map(str::to_owned),
            tags: tags.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
        });
    }
}
