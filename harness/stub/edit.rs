//! Edits of a schema: how a rule is switched off, moved or tightened; and values looked up by place.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::validate::Violation;

/// A change to a body's schema.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Edit {
    /// A keyword gets another value, or goes.
    Keyword { pointer: String, keyword: &'static str, value: Option<Value> },
    /// A member becomes mandatory, or stops being so.
    Mandatory { pointer: String, member: String, mandatory: bool },
    /// Another type becomes legal.
    AddType { pointer: String, name: &'static str },
    /// Null becomes illegal.
    RefuseNull { pointer: String },
    /// A value is listed, or no longer.
    List { pointer: String, value: Value, listed: bool },
}

impl Edit {
    pub(super) fn apply(&self, schema: &mut Value) {
        let pointer = match self {
            Self::Keyword { pointer, .. }
            | Self::Mandatory { pointer, .. }
            | Self::AddType { pointer, .. }
            | Self::RefuseNull { pointer }
            | Self::List { pointer, .. } => pointer,
        };
        let Some(Value::Object(node)) = schema.pointer_mut(pointer) else { return };
        match self {
            Self::Keyword { keyword, value: Some(value), .. } => {
                node.insert((*keyword).to_owned(), value.clone());
            }
            Self::Keyword { keyword, value: None, .. } => {
                node.remove(*keyword);
            }
            Self::Mandatory { member, mandatory, .. } => toggle(node, "required", &json!(member), *mandatory),
            Self::AddType { name, .. } => {
                make_list(node, "type");
                toggle(node, "type", &json!(name), true);
                if *name == "null" && node.contains_key("enum") {
                    toggle(node, "enum", &Value::Null, true);
                }
            }
            Self::RefuseNull { .. } => {
                make_list(node, "type");
                toggle(node, "type", &json!("null"), false);
                if node.contains_key("enum") {
                    toggle(node, "enum", &Value::Null, false);
                }
            }
            Self::List { value, listed, .. } => toggle(node, "enum", value, *listed),
        }
    }
}

fn make_list(node: &mut Map<String, Value>, keyword: &str) {
    if let Some(single @ Value::String(_)) = node.get(keyword).cloned() {
        node.insert(keyword.to_owned(), json!([single]));
    }
}

fn toggle(node: &mut Map<String, Value>, keyword: &str, value: &Value, present: bool) {
    let list = node.entry(keyword).or_insert_with(|| json!([]));
    if let Value::Array(list) = list {
        list.retain(|other| other != value);
        if present {
            list.push(value.clone());
        }
    }
}

/// Every value at a place of a body.
pub(super) fn values_at<'a>(body: &'a Value, place: &str) -> Vec<&'a Value> {
    let mut values = vec![body];
    for step in place.split('.').skip(1) {
        let name = step.trim_end_matches("[]");
        values = values.into_iter().filter_map(|value| value.get(name)).collect();
        for _ in 0..step.matches("[]").count() {
            values = values.into_iter().filter_map(Value::as_array).flatten().collect();
        }
    }
    values
}

/// Whether another element of the same array breaks nothing.
pub(super) fn has_sound_sibling(body: &Value, all: &[Violation], violation: &Violation, array: &str) -> bool {
    let depth = array.matches("[]").count();
    let element = |violation: &Violation| {
        let within = violation.place.strip_prefix(array).is_some_and(|rest| rest.starts_with("[]"));
        within.then(|| violation.indices.get(depth).copied()).flatten()
    };
    if element(violation).is_none() {
        return false;
    }
    let broken: BTreeSet<usize> = all.iter().filter_map(element).collect();
    let longest = values_at(body, array).into_iter().filter_map(Value::as_array).map(Vec::len).max();
    longest.is_some_and(|length| broken.len() < length)
}

/// Whether a violation lies in an element of this array after the first.
pub(super) fn is_past_first(violation: &Violation, array: &str) -> bool {
    let within = violation.place.strip_prefix(array).is_some_and(|rest| rest.starts_with("[]"));
    let depth = array.matches("[]").count();
    within && violation.indices.get(depth).is_some_and(|index| *index > 0)
}
