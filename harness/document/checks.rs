//! What a schema shows that it does not allow: listed values, defaults and examples that break its own type.

use serde_json::{Map, Value};

use super::components::part;
use super::edition::Edition;
use super::error::abridged;
use super::node::{Holds, Node};
use super::notes::Notes;
use crate::json::is_of_type;
use crate::text::pointer;

/// Looks through a document before it is rewritten.
pub(super) fn look(value: &Value, node: Node, edition: Edition, at: &str, notes: &mut Notes) {
    let (Value::Object(members), true) = (value, node != Node::Data) else { return };
    if node == Node::Schema {
        schema(members, edition, at, notes);
    }
    for (name, value) in members {
        let at = pointer::below(at, name);
        match (part(node, name, edition), value) {
            (Holds::One(Node::Data), _) => {}
            (Holds::One(part), value) => look(value, part, edition, &at, notes),
            (Holds::Named(part), Value::Object(named)) => {
                named.iter().for_each(|(name, value)| look(value, part, edition, &pointer::below(&at, name), notes));
            }
            (Holds::Listed(part), Value::Array(listed)) => {
                for (index, value) in listed.iter().enumerate() {
                    look(value, part, edition, &format!("{at}/{index}"), notes);
                }
            }
            _ => {}
        }
    }
}

fn schema(members: &Map<String, Value>, edition: Edition, at: &str, notes: &mut Notes) {
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
            &format!("{at}/enum/{index}"),
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
        notes.remark(&pointer::below(at, name), &what, "it is not sent as a legal value");
    }
}
