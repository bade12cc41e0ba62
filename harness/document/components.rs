//! The components of a document, in the words of its edition: what may be referred to by name, and where it stands.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::edition::Edition;
use super::node::{Holds, Node};

/// Among which components something is put.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    pub(super) node: Node,
    pub(super) at: &'static [&'static str],
}

/// Among which components what such a node refers to is put; nothing where it is written out in its place.
pub(super) fn holder(node: Node, edition: Edition) -> Option<Holder> {
    let at: &[&str] = match (edition, node) {
        (Edition::V2, Node::Schema) => &["definitions"],
        (Edition::V2, Node::Parameter) => &["parameters"],
        (Edition::V2, Node::Response) => &["responses"],
        (_, Node::Schema) => &["components", "schemas"],
        (_, Node::Parameter) => &["components", "parameters"],
        (_, Node::Response) => &["components", "responses"],
        (_, Node::Body) => &["components", "requestBodies"],
        _ => return None,
    };
    Some(Holder { node, at })
}

/// What a member holds, in the words of an edition.
pub(super) fn part(node: Node, name: &str, edition: Edition) -> Holds {
    match (edition, node, name) {
        (Edition::V2, Node::Document, "definitions") => Holds::Named(Node::Schema),
        (Edition::V2, Node::Document, "parameters") => Holds::Named(Node::Parameter),
        (Edition::V2, Node::Document, "responses") => Holds::Named(Node::Response),
        (Edition::V2, Node::Response, "schema") => Holds::One(Node::Schema),
        _ => node.part(name),
    }
}

/// The names of the components that a document has.
pub(super) fn names(tree: &Value, edition: Edition) -> BTreeMap<&'static [&'static str], BTreeSet<String>> {
    let nodes = [Node::Schema, Node::Parameter, Node::Response, Node::Body];
    let holders = nodes.iter().filter_map(|node| holder(*node, edition));
    let named = |at: &[&str]| {
        let found = at.iter().try_fold(tree, |value, step| value.get(step));
        found.and_then(Value::as_object).map(|named| named.keys().cloned().collect()).unwrap_or_default()
    };
    holders.map(|holder| (holder.at, named(holder.at))).collect()
}

/// Puts a value among the components.
pub(super) fn put(tree: &mut Value, at: &[&str], name: String, value: Value) {
    let mut here = tree;
    for step in at {
        let Value::Object(members) = here else { return };
        here = members.entry(*step).or_insert_with(|| Map::new().into());
    }
    if let Value::Object(members) = here {
        members.insert(name, value);
    }
}
