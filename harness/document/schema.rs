//! Schemas of OpenAPI 3.0 and Swagger 2.0, said in the words of JSON Schema.

use serde_json::{Map, Value, json};

use super::notes::Notes;
use super::reference;
use super::walk::Path;

/// What may stand beside a reference: it describes, and says nothing of what a value may be.
const ANNOTATIONS: [&str; 10] = [
    "title",
    "description",
    "summary",
    "default",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "externalDocs",
];
const COMPOSITIONS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// Rewrites one schema of 3.0, or of 2.0 where null is said by `x-nullable`.
pub(super) fn lower(schema: &mut Value, nullable: &str, path: &Path<'_>, notes: &mut Notes) {
    let Value::Object(members) = schema else { return };
    let is_nullable = match members.shift_remove(nullable) {
        None => false,
        Some(Value::Bool(flag)) => flag,
        Some(_) => {
            notes.remark(&path.pointer(), &format!("`{nullable}` is neither true nor false"), "it is ignored");
            false
        }
    };
    if members.get("$ref").is_some_and(Value::is_string) {
        drop_siblings(members, path, notes);
    }
    exclusive(members, "minimum", "exclusiveMinimum", path, notes);
    exclusive(members, "maximum", "exclusiveMaximum", path, notes);
    if is_nullable {
        allow_null(members, nullable, path, notes);
    }
}

/// Says in the words of 3.0 what a schema of 2.0 says in its own.
pub(super) fn said_anew(schema: &mut Value) {
    let Value::Object(members) = schema else { return };
    if let Some(name @ Value::String(_)) = members.get_mut("discriminator") {
        *name = json!({"propertyName": name.take()});
    }
    if members.get("type").is_some_and(|name| name == "file") {
        members.insert("type".to_owned(), "string".into());
        members.insert("format".to_owned(), "binary".into());
    }
}

/// Drops what stands beside a reference, where the older editions do not read it.
fn drop_siblings(members: &mut Map<String, Value>, path: &Path<'_>, notes: &mut Notes) {
    let stays = |name: &str| name == "$ref" || name.starts_with("x-") || ANNOTATIONS.contains(&name);
    if members.keys().all(|name| stays(name)) {
        return;
    }
    let (kept, dropped): (Map<_, _>, Map<_, _>) =
        std::mem::take(members).into_iter().partition(|(name, _)| stays(name));
    *members = kept;
    notes.dropped(path.pointer(), dropped);
}

/// Remarks on what was dropped beside references, where it says more than what they refer to.
pub(super) fn tell_dropped(tree: &Value, notes: &mut Notes) {
    for (pointer, dropped) in notes.take_dropped() {
        let reference =
            tree.pointer(&notes.now(&pointer)).map(|schema| schema.get("anyOf").map_or(schema, |all| &all[0]));
        let target = reference.and_then(|reference| reference::followed(tree, reference)).map(|(target, _)| target);
        let says = |name: &str, value: &Value| {
            let there = target.and_then(|target| target.get(name));
            there.is_some_and(|there| there == value || there.as_array().is_some_and(|listed| listed.contains(value)))
        };
        let more: Vec<&str> =
            dropped.iter().filter(|(name, value)| !says(name, value)).map(|(name, _)| name.as_str()).collect();
        if !more.is_empty() {
            let what = format!("`$ref` stands beside {}, which this edition does not read", more.join(", "));
            notes.remark(&pointer, &what, "what stands beside it is ignored");
        }
    }
}

/// Turns a flag that makes a bound exclusive into a bound.
fn exclusive(members: &mut Map<String, Value>, bound: &str, flag: &str, path: &Path<'_>, notes: &mut Notes) {
    let Some(Value::Bool(is_exclusive)) = members.get(flag) else { return };
    if !is_exclusive {
        members.shift_remove(flag);
        return;
    }
    if let Some(value) = members.shift_remove(bound) {
        members.insert(flag.to_owned(), value);
    } else {
        members.shift_remove(flag);
        notes.remark(&path.pointer(), &format!("`{flag}` stands without `{bound}`"), "it is ignored");
    }
}

fn allow_null(members: &mut Map<String, Value>, nullable: &str, path: &Path<'_>, notes: &mut Notes) {
    let is_composed = members.contains_key("$ref") || COMPOSITIONS.iter().any(|name| members.contains_key(*name));
    if is_composed {
        let describes = |name: &str| name.starts_with("x-") || ANNOTATIONS.contains(&name);
        let (outside, inside): (Map<_, _>, Map<_, _>) =
            std::mem::take(members).into_iter().partition(|(name, _)| describes(name));
        if inside.contains_key("$ref") {
            let what = format!("`{nullable}` stands beside `$ref`, where this edition does not read it");
            notes.remark(&path.pointer(), &what, "it is taken as it is meant: null is allowed");
        }
        *members = outside;
        members.insert("anyOf".to_owned(), json!([inside, {"type": "null"}]));
        notes.wrapped(path.pointer());
        return;
    }
    // Without a type, null was allowed before.
    match members.get_mut("type") {
        Some(Value::Array(types)) if !types.iter().any(|name| name == "null") => types.push("null".into()),
        Some(name @ Value::String(_)) if name != "null" => *name = json!([name.take(), "null"]),
        _ => {}
    }
    if let Some(Value::Array(listed)) = members.get("enum")
        && !listed.contains(&Value::Null)
    {
        let what = format!("`{nullable}` stands beside an `enum` that does not list null");
        notes.remark(&path.pointer(), &what, "null is not allowed, as OpenAPI 3.0.3 has it");
    }
}
