//! What stands where in a document: schemas, other objects that may be references, and data, in which nothing has a meaning
//! beyond itself. A member called `$ref` is a reference in the first two only.

use serde_json::{Map, Value};

use crate::text::pointer;

/// What an object of the document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    Schema,
    Parameter,
    Body,
    Response,
    Media,
    Example,
    /// An example's value, a default, a listed value, an extension: whatever it holds is meant as it stands.
    Data,
}

/// How a member of an object holds further ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    One(Node),
    /// In an object, by names that are the document's own.
    Named(Node),
    Listed(Node),
}

/// The keywords of a schema that hold schemas about the same value.
pub(super) const IN_PLACE: [&str; 8] = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"];

impl Node {
    /// What the member of this name holds.
    pub(super) fn part(self, name: &str) -> Holds {
        match (self, name) {
            (Self::Schema, "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas") => {
                Holds::Named(Self::Schema)
            }
            (Self::Schema, "allOf" | "anyOf" | "oneOf" | "prefixItems") => Holds::Listed(Self::Schema),
            (
                Self::Schema,
                "items"
                | "additionalProperties"
                | "not"
                | "if"
                | "then"
                | "else"
                | "contains"
                | "propertyNames"
                | "unevaluatedItems"
                | "unevaluatedProperties"
                | "contentSchema",
            )
            | (Self::Parameter | Self::Media, "schema") => Holds::One(Self::Schema),
            (Self::Parameter | Self::Body | Self::Response, "content") => Holds::Named(Self::Media),
            (Self::Response, "headers") => Holds::Named(Self::Parameter),
            (Self::Parameter | Self::Media, "examples") => Holds::Named(Self::Example),
            _ => Holds::One(Self::Data),
        }
    }

    /// Whether a reference may stand in its place.
    pub(super) fn may_be_reference(self) -> bool {
        !matches!(self, Self::Media | Self::Data)
    }
}

/// A schema within another.
pub(super) struct Part<'a> {
    /// The keyword that holds it.
    pub(super) keyword: &'a str,
    pub(super) schema: &'a Value,
    /// Where it stands in the document.
    pub(super) pointer: String,
}

/// The schemas that stand directly in this one, which stands at `pointer`.
pub(super) fn parts<'a>(schema: &'a Map<String, Value>, pointer: &str) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    for (keyword, value) in schema {
        let below = pointer::below(pointer, keyword);
        let mut add = |schema, pointer| parts.push(Part { keyword, schema, pointer });
        match (Node::Schema.part(keyword), value) {
            (Holds::One(Node::Schema), schema) => add(schema, below),
            (Holds::Named(Node::Schema), Value::Object(named)) => {
                named.iter().for_each(|(name, schema)| add(schema, pointer::below(&below, name)));
            }
            (Holds::Listed(Node::Schema), Value::Array(listed)) => {
                listed.iter().enumerate().for_each(|(index, schema)| add(schema, format!("{below}/{index}")));
            }
            _ => {}
        }
    }
    parts
}
