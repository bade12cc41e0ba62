//! What a schema shows that it does not allow: listed values, defaults and examples that break its own type.

use serde_json::{Map, Value};

use super::edition::Edition;
use super::error::abridged;
use super::node::Node;
use super::notes::Notes;
use super::visit::visit;
use super::walk::Path;
use crate::json::is_of_type;

/// Looks through a document before it is rewritten.
pub(super) fn look(tree: &Value, edition: Edition, notes: &mut Notes) {
    visit(tree, Node::Document, edition, &Path::ROOT, &mut |value, node, path| {
        if let (Value::Object(members), Node::Schema) = (value, node) {
            schema(members, edition, path, notes);
        }
    });
}

fn schema(members: &Map<String, Value>, edition: Edition, path: &Path<'_>, notes: &mut Notes) {
    let types: Vec<&str> = match members.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let nullable = ["nullable", "x-nullable"].iter().any(|name| members.get(*name) == Some(&Value::Bool(true)));
    let fits = |value: &Value| {
        types.iter().any(|name| is_of_type(value, name)) || (value.is_null() && nullable && edition != Edition::V31)
    };
    let listed = members.get("enum").and_then(Value::as_array);
    let told = types.join(" or ");
    let mut wrong = listed.into_iter().flatten().enumerate().filter(|(_, value)| !fits(value));
    if let Some((index, value)) = wrong.next() {
        let what = format!("the listed value {} is no {told}", abridged(&value.to_string()));
        let more = match wrong.count() {
            0 => String::new(),
            more => format!("; so it is with {more} more"),
        };
        notes.remark(
            &format!("{}/enum/{index}", path.pointer()),
            &what,
            &format!("it is never sent, and no answer may have it{more}"),
        );
    }
    let is_listed = |value: &Value| listed.is_none_or(|listed| listed.contains(value));
    for name in ["default", "example"] {
        let Some(value) = members.get(name) else { continue };
        let shown = abridged(&value.to_string());
        let what = if !fits(value) {
            format!("the {name} {shown} is no {told}")
        } else if !is_listed(value) {
            format!("the {name} {shown} is not among the listed values")
        } else {
            continue;
        };
        notes.remark(&path.below(name).pointer(), &what, "it is not sent as a legal value");
    }
}
