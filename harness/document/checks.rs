//! What a schema shows that it does not allow: listed values, defaults and examples that break its own type.

use serde_json::{Map, Value};

use super::edition::Edition;
use super::external::part;
use super::node::{Holds, Node};
use super::notes::Notes;
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
        types.iter().any(|name| is_of(value, name)) || (value.is_null() && nullable && edition != Edition::V31)
    };
    let listed = members.get("enum").and_then(Value::as_array);
    let told = types.join(" or ");
    for (index, value) in listed.into_iter().flatten().enumerate().filter(|(_, value)| !fits(value)) {
        let what = format!("the listed value {value} is no {told}");
        notes.remark(&format!("{at}/enum/{index}"), &what, "it is never sent, and no answer may have it");
    }
    let is_listed = |value: &Value| listed.is_none_or(|listed| listed.contains(value));
    for name in ["default", "example"] {
        let Some(value) = members.get(name) else { continue };
        let what = if !fits(value) {
            format!("the {name} {value} is no {told}")
        } else if !is_listed(value) {
            format!("the {name} {value} is not among the listed values")
        } else {
            continue;
        };
        notes.remark(&pointer::below(at, name), &what, "it is not sent as a legal value");
    }
}

/// Whether a value is of a type; of what is no type of JSON Schema nothing is said.
fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "string" => value.is_string(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "null" => value.is_null(),
        _ => true,
    }
}
