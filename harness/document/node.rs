//! What stands where in a document: schemas, other objects that may be references, and data, in which nothing has a meaning
//! beyond itself. A member called `$ref` is a reference in the first two only.

use serde_json::{Map, Value};

use crate::text::pointer;

/// What an object of the document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    Document,
    Components,
    Paths,
    PathItem,
    Operation,
    Responses,
    Encoding,
    Link,
    Callback,
    SecurityScheme,
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
pub(crate) enum Holds {
    One(Node),
    /// In an object, by names that are the document's own.
    Named(Node),
    Listed(Node),
}

/// The members of a path that are operations.
pub(crate) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The keywords of a schema that hold schemas about the same value.
pub(crate) const IN_PLACE: [&str; 8] = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"];

impl Node {
    /// What the member of this name holds.
    pub(crate) fn part(self, name: &str) -> Holds {
        match (self, name) {
            (Self::Components, "schemas")
            | (Self::Schema, "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas") => {
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
            (Self::Document, "paths") => Holds::One(Self::Paths),
            (Self::Document, "components") => Holds::One(Self::Components),
            (Self::Document, "webhooks") | (Self::Components, "pathItems") => Holds::Named(Self::PathItem),
            (Self::Paths | Self::Callback, name) if !name.starts_with("x-") => Holds::One(Self::PathItem),
            (Self::PathItem, name) if METHODS.contains(&name) => Holds::One(Self::Operation),
            (Self::PathItem | Self::Operation, "parameters") => Holds::Listed(Self::Parameter),
            (Self::Operation, "requestBody") => Holds::One(Self::Body),
            (Self::Operation, "responses") => Holds::One(Self::Responses),
            (Self::Responses, name) if !name.starts_with("x-") => Holds::One(Self::Response),
            (Self::Parameter | Self::Body | Self::Response, "content") => Holds::Named(Self::Media),
            (Self::Media, "encoding") => Holds::Named(Self::Encoding),
            (Self::Components, "parameters" | "headers") | (Self::Response | Self::Encoding, "headers") => {
                Holds::Named(Self::Parameter)
            }
            (Self::Components | Self::Parameter | Self::Media, "examples") => Holds::Named(Self::Example),
            (Self::Components, "responses") => Holds::Named(Self::Response),
            (Self::Components, "requestBodies") => Holds::Named(Self::Body),
            (Self::Components, "securitySchemes") => Holds::Named(Self::SecurityScheme),
            (Self::Components | Self::Response, "links") => Holds::Named(Self::Link),
            (Self::Components | Self::Operation, "callbacks") => Holds::Named(Self::Callback),
            _ => Holds::One(Self::Data),
        }
    }

    /// Whether a reference may stand in its place.
    pub(crate) fn may_be_reference(self) -> bool {
        !matches!(
            self,
            Self::Document
                | Self::Components
                | Self::Paths
                | Self::Operation
                | Self::Responses
                | Self::Encoding
                | Self::Media
                | Self::Data
        )
    }
}

/// A schema within another.
pub(crate) struct Part<'a> {
    /// The keyword that holds it.
    pub(crate) keyword: &'a str,
    pub(crate) schema: &'a Value,
    /// Where it stands in the document.
    pub(crate) pointer: String,
}

/// The schemas that stand directly in this one, which stands at `pointer`.
pub(crate) fn parts<'a>(schema: &'a Map<String, Value>, pointer: &str) -> Vec<Part<'a>> {
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
