//! A schema in the direction in which its values travel: a member that is marked `readOnly` belongs to answers, and one that
//! is marked `writeOnly` to requests. Where it does not belong nothing is demanded of it, not even that it is there.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::document::error::Flaw;
use crate::document::node::{self, Holds, IN_PLACE, Node};
use crate::text::pointer;

/// Which way a value travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Request,
    Answer,
    /// Either: an example may be of both.
    Unknown,
}

impl Direction {
    /// Whether a member with this schema, without references, belongs to the other direction.
    pub(crate) fn leaves_out(self, schema: &Value) -> bool {
        let marked = |name: &str| schema.get(name) == Some(&Value::Bool(true));
        match self {
            Self::Request => marked("readOnly"),
            Self::Answer => marked("writeOnly"),
            Self::Unknown => marked("readOnly") || marked("writeOnly"),
        }
    }

    /// The schema, without references, as it holds in this direction. `pointer` is where it stands.
    pub(super) fn of(self, mut schema: Value, pointer: &str) -> Result<Value, Flaw> {
        check(&schema, pointer)?;
        self.lower(&mut schema, &BTreeSet::new());
        Ok(schema)
    }

    /// Demands nothing of the members that belong elsewhere; `outer` are those that a schema around this one, about the same
    /// value, names.
    fn lower(self, schema: &mut Value, outer: &BTreeSet<String>) {
        let mut left_out = outer.clone();
        self.gather(schema, &mut left_out);
        let Value::Object(members) = schema else { return };
        let branches = members.get("oneOf").cloned();
        for (keyword, value) in members.iter_mut() {
            match (keyword.as_str(), value) {
                ("properties", Value::Object(properties)) => {
                    for (name, property) in properties {
                        if left_out.contains(name) {
                            *property = json!({});
                        } else {
                            self.lower(property, &BTreeSet::new());
                        }
                    }
                }
                ("required", Value::Array(names)) => drop_names(names, &left_out),
                ("dependentRequired", Value::Object(named)) => {
                    named.values_mut().filter_map(Value::as_array_mut).for_each(|names| drop_names(names, &left_out));
                }
                // What must not hold, or only decides, says nothing of what must be there.
                ("not" | "if", _) => {}
                (keyword, value) => {
                    let about = if IN_PLACE.contains(&keyword) { &left_out } else { &BTreeSet::new() };
                    each_part(keyword, value, |part| self.lower(part, about));
                }
            }
        }
        if members.get("oneOf") != branches.as_ref() {
            loosen(members);
        }
    }

    /// The members that belong elsewhere, by all that is said of the same value.
    fn gather(self, schema: &Value, left_out: &mut BTreeSet<String>) {
        let Value::Object(members) = schema else { return };
        if let Some(Value::Object(properties)) = members.get("properties") {
            let names =
                properties.iter().filter(|(_, property)| self.leaves_out(property)).map(|(name, _)| name.clone());
            left_out.extend(names);
        }
        for part in node::parts(members, "") {
            if IN_PLACE.contains(&part.keyword) && !matches!(part.keyword, "not" | "if") {
                self.gather(part.schema, left_out);
            }
        }
    }
}

/// Where a value has a member that belongs elsewhere, as a JSON pointer.
pub(super) fn left_out_of(direction: Direction, schema: &Value, value: &Value) -> Option<String> {
    match value {
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            let property = schema.get("properties")?.get(name)?;
            let below = |rest: String| format!("{}{rest}", pointer::below("", name));
            if direction.leaves_out(property) {
                return Some(below(String::new()));
            }
            left_out_of(direction, property, value).map(below)
        }),
        Value::Array(elements) => elements.iter().enumerate().find_map(|(index, value)| {
            left_out_of(direction, schema.get("items")?, value).map(|rest| format!("/{index}{rest}"))
        }),
        _ => None,
    }
}

/// Holds that the marks can be understood.
fn check(schema: &Value, pointer: &str) -> Result<(), Flaw> {
    let Value::Object(members) = schema else { return Ok(()) };
    for mark in ["readOnly", "writeOnly"] {
        if members.get(mark).is_some_and(|value| !value.is_boolean()) {
            return Err(Flaw::at(&pointer::below(pointer, mark), "must be true or false"));
        }
    }
    if Direction::Request.leaves_out(schema) && Direction::Answer.leaves_out(schema) {
        return Err(Flaw::at(pointer, "is both `readOnly` and `writeOnly`, so it could never be sent; drop one"));
    }
    node::parts(members, pointer).iter().try_for_each(|part| check(part.schema, &part.pointer))
}

fn drop_names(names: &mut Vec<Value>, left_out: &BTreeSet<String>) {
    names.retain(|name| name.as_str().is_none_or(|name| !left_out.contains(name)));
}

/// Branches of which one must hold may be told apart by members that are not looked at any more: several may hold then.
fn loosen(schema: &mut Map<String, Value>) {
    if let Some(branches) = schema.remove("oneOf")
        && let Value::Array(all) = schema.entry("allOf").or_insert_with(|| json!([]))
    {
        all.push(json!({"anyOf": branches}));
    }
}

fn each_part(keyword: &str, value: &mut Value, mut lower: impl FnMut(&mut Value)) {
    match (Node::Schema.part(keyword), value) {
        (Holds::One(Node::Schema), part) => lower(part),
        (Holds::Named(Node::Schema), Value::Object(named)) => named.values_mut().for_each(lower),
        (Holds::Listed(Node::Schema), Value::Array(listed)) => listed.iter_mut().for_each(lower),
        _ => {}
    }
}
