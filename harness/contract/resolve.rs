//! Replaces every `$ref` by what it names, and refuses references that lead nowhere, in a circle, or too far.
//!
//! Only what may be a reference is taken for one: in `properties`, in an example and in other data `$ref` is a name.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::number::as_integer;
use super::reader::{MEANINGFUL, shown};
use crate::document::error::Flaw;
use crate::document::node::{Holds, Node};
use crate::text::{percent, pointer};

/// References that fan out double a schema at every level; the shipped contract has some 4,000 nodes, counted once for
/// each time that a schema is looked at.
const MOST_NODES: usize = 200_000;
/// Enough for a body of 100 levels, each of which takes a schema, its `properties` and a `$ref`.
const MOST_DEPTH: usize = 400;

/// What may stand beside the `$ref` of anything, and of a schema: it describes, and changes nothing that is legal.
const DESCRIPTIONS: [&str; 2] = ["summary", "description"];
const ANNOTATIONS: [&str; 9] =
    ["title", "$comment", "deprecated", "readOnly", "writeOnly", "default", "example", "examples", "externalDocs"];

/// The references of one document.
pub(super) struct References<'a> {
    document: &'a Value,
    /// How many nodes have been copied so far.
    nodes: Cell<usize>,
}

impl<'a> References<'a> {
    pub(super) fn of(document: &'a Value) -> Self {
        Self { document, nodes: Cell::new(0) }
    }

    /// A copy of `value`, which is such a node, in which no reference is left. `pointer` is where it stands.
    pub(super) fn resolved(&self, value: &Value, node: Node, pointer: &str) -> Result<Value, Flaw> {
        Resolver { references: self, trail: Vec::new(), depth: 0 }.follow(value, node, pointer)
    }

    /// What a value, which is such a node, refers to in the end, and where that stands; itself where it is no reference.
    pub(super) fn followed<'v>(
        &'v self,
        value: &'v Value,
        node: Node,
        pointer: &str,
    ) -> Result<(&'v Value, String), Flaw> {
        let chain = self.chain(value, node, pointer)?;
        Ok(chain.into_iter().next_back().unwrap_or_else(|| (value, pointer.to_owned())))
    }

    /// Whether a schema, or what it refers to, is marked so.
    pub(super) fn is_marked(&self, schema: &Value, mark: &str, pointer: &str) -> Result<bool, Flaw> {
        let chain = self.chain(schema, Node::Schema, pointer)?;
        Ok(chain.iter().any(|(schema, _)| schema.get(mark) == Some(&Value::Bool(true))))
    }

    /// A value and what it refers to, one after the other.
    fn chain<'v>(&'v self, value: &'v Value, node: Node, pointer: &str) -> Result<Vec<(&'v Value, String)>, Flaw> {
        let mut chain = vec![(value, pointer.to_owned())];
        while let Some((Value::Object(members), pointer)) = chain.last()
            && let Some(reference) = members.get("$ref")
        {
            let next = self.target(members, reference, node, pointer)?;
            if chain.iter().any(|(_, seen)| *seen == next.1) {
                return Err(leads_back(pointer, &next.1));
            }
            chain.push(next);
        }
        Ok(chain)
    }

    /// What a `$ref` in the place of such a node names: what stands there, and its pointer.
    pub(super) fn target(
        &self,
        members: &Map<String, Value>,
        reference: &Value,
        node: Node,
        pointer: &str,
    ) -> Result<(&'a Value, String), Flaw> {
        let Some(target) = reference.as_str().and_then(|text| text.strip_prefix('#')) else {
            return Err(Flaw::at(
                pointer,
                format!("`$ref` {} points outside the document; write `#/components/...`", shown(reference)),
            ));
        };
        if let Some(name) = members.keys().find(|name| !may_stand_beside(name, node)) {
            return Err(Flaw::at(
                pointer,
                format!("`{name}` beside `$ref` is not modelled; move it into the schema named"),
            ));
        }
        if target.is_empty() {
            let problem = "`$ref` # names the whole document, which is nothing to refer to; write `#/components/...`";
            return Err(Flaw::at(pointer, problem));
        }
        let decoded = percent::decoded_text(target);
        // A name that was not encoded, with a percent sign of its own, is found as it is written.
        let found =
            [decoded.as_str(), target].into_iter().find_map(|target| Some((self.document.pointer(target)?, target)));
        let (value, target) = found.ok_or_else(|| {
            Flaw::at(pointer, format!("`$ref` #{target} names nothing; define it or correct the name"))
        })?;
        Ok((value, target.to_owned()))
    }
}

fn leads_back(pointer: &str, target: &str) -> Flaw {
    let problem = "leads back to itself; bodies of endless depth are not modelled, unroll it";
    Flaw::at(pointer, format!("`$ref` #{target} {problem}"))
}

fn may_stand_beside(name: &str, node: Node) -> bool {
    name == "$ref"
        || DESCRIPTIONS.contains(&name)
        || (node == Node::Schema && ANNOTATIONS.contains(&name))
        || (name.starts_with("x-") && name != "x-source" && !MEANINGFUL.contains(&name))
}

struct Resolver<'a, 'd> {
    references: &'a References<'d>,
    /// The references that led here.
    trail: Vec<String>,
    depth: usize,
}

impl Resolver<'_, '_> {
    fn follow(&mut self, value: &Value, node: Node, pointer: &str) -> Result<Value, Flaw> {
        let nodes = self.references.nodes.get() + 1;
        self.references.nodes.set(nodes);
        if nodes > MOST_NODES {
            return Err(Flaw::at(
                pointer,
                format!("the references expand to more than {MOST_NODES} nodes; describe a smaller body"),
            ));
        }
        if self.depth > MOST_DEPTH {
            return Err(Flaw::at(
                pointer,
                format!("the references nest more than {MOST_DEPTH} nodes deep; describe a flatter body"),
            ));
        }
        self.depth += 1;
        let copy = match value {
            Value::Object(members) => match members.get("$ref").filter(|_| node.may_be_reference()) {
                Some(reference) => self.refer(members, reference, node, pointer)?,
                None => self.object(members, node, pointer)?,
            },
            Value::Array(elements) => self.list(elements, Node::Data, pointer)?,
            scalar => scalar.clone(),
        };
        self.depth -= 1;
        Ok(copy)
    }

    fn object(&mut self, members: &Map<String, Value>, node: Node, pointer: &str) -> Result<Value, Flaw> {
        let mut copy = Map::new();
        for (name, value) in members {
            let below = pointer::below(pointer, name);
            let part = match (node.part(name), value) {
                (Holds::One(part), value) => self.follow(value, part, &below)?,
                (Holds::Named(part), Value::Object(named)) => self.named(named, part, &below)?,
                (Holds::Listed(part), Value::Array(elements)) => self.list(elements, part, &below)?,
                (_, value) => self.follow(value, Node::Data, &below)?,
            };
            copy.insert(name.clone(), part);
        }
        if node == Node::Schema
            && names_integers(&copy)
            && let Some(Value::Array(listed)) = copy.get_mut("enum")
        {
            for value in listed {
                *value = as_integer(value);
            }
        }
        Ok(copy.into())
    }

    fn named(&mut self, named: &Map<String, Value>, node: Node, pointer: &str) -> Result<Value, Flaw> {
        let mut copy = Map::new();
        for (name, value) in named {
            copy.insert(name.clone(), self.follow(value, node, &pointer::below(pointer, name))?);
        }
        Ok(copy.into())
    }

    fn list(&mut self, elements: &[Value], node: Node, pointer: &str) -> Result<Value, Flaw> {
        let follow = |(index, value)| self.follow(value, node, &format!("{pointer}/{index}"));
        elements.iter().enumerate().map(follow).collect::<Result<Vec<_>, Flaw>>().map(Value::from)
    }

    fn refer(
        &mut self,
        members: &Map<String, Value>,
        reference: &Value,
        node: Node,
        pointer: &str,
    ) -> Result<Value, Flaw> {
        let (value, target) = self.references.target(members, reference, node, pointer)?;
        if self.trail.contains(&target) {
            return Err(leads_back(pointer, &target));
        }
        self.trail.push(target.clone());
        let mut copy = self.follow(value, node, &target)?;
        self.trail.pop();
        if let Value::Object(copy) = &mut copy {
            // What is said beside a reference is said of this place alone.
            let beside = members.iter().filter(|(name, _)| name.as_str() != "$ref");
            copy.extend(beside.map(|(name, value)| (name.clone(), value.clone())));
        }
        Ok(copy)
    }
}

/// Whether a schema's values are integers.
fn names_integers(schema: &Map<String, Value>) -> bool {
    match schema.get("type") {
        Some(Value::Array(names)) => names.iter().any(|name| name == "integer"),
        Some(name) => name == "integer",
        None => false,
    }
}
