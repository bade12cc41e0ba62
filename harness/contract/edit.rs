//! Edits of a body's schema: how one rule of it is switched off, moved or tightened while the rest stays.

use serde_json::{Map, Value, json};

use super::model::{Operation, PlaceId, Step};

/// A change to a body's schema.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Edit {
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
    /// What members that no table names may hold: anything, where nothing is said.
    pub(crate) fn unknown_members(pointer: String, schema: Option<Value>) -> Self {
        Self::Keyword { pointer, keyword: "additionalProperties", value: schema }
    }

    /// Makes a member mandatory, or not; nothing where there is no object that it could be missing from.
    pub(crate) fn mandatory(operation: &Operation, id: PlaceId, mandatory: bool) -> Option<Self> {
        let place = operation.place(id);
        let Step::Member(member) = &place.step else { return None };
        let pointer = operation.schema_pointer(place.parent?);
        Some(Self::Mandatory { pointer, member: member.clone(), mandatory })
    }

    pub(crate) fn apply(&self, schema: &mut Value) {
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
            // Where any type is legal there is none to add.
            Self::AddType { .. } if !node.contains_key("type") => {}
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
