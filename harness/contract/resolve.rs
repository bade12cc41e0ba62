//! Replaces every `$ref` by what it names, and refuses references that lead nowhere, in a circle, or too far.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::error::{Fault, pointer_below};
use super::reader::shown;

/// References that fan out double a schema at every level; the shipped contract has some 4,000 nodes, counted once for
/// each time that a schema is looked at.
const MOST_NODES: usize = 200_000;
/// Enough for a body of 100 levels, each of which takes a schema, its `properties` and a `$ref`.
const MOST_DEPTH: usize = 400;

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

    /// A copy of `node` in which no `$ref` is left. `pointer` is where it stands.
    pub(super) fn resolved(&self, node: &Value, pointer: &str) -> Result<Value, Fault> {
        Resolver { references: self, trail: Vec::new(), depth: 0 }.follow(node, pointer)
    }

    /// What a `$ref` names: the node and its pointer.
    pub(super) fn target(
        &self,
        members: &Map<String, Value>,
        reference: &Value,
        pointer: &str,
    ) -> Result<(&'a Value, String), Fault> {
        let Some(target) = reference.as_str().and_then(|text| text.strip_prefix('#')) else {
            return Err(Fault::at(
                pointer,
                format!("`$ref` {} points outside the document; write `#/components/...`", shown(reference)),
            ));
        };
        if let Some(name) = members.keys().find(|name| name.as_str() != "$ref") {
            return Err(Fault::at(
                pointer,
                format!("`{name}` beside `$ref` is not modelled; move it into the schema named"),
            ));
        }
        let node = self.document.pointer(target).ok_or_else(|| {
            Fault::at(pointer, format!("`$ref` #{target} names nothing; define it or correct the name"))
        })?;
        Ok((node, target.to_owned()))
    }
}

struct Resolver<'a, 'd> {
    references: &'a References<'d>,
    /// The references that led here.
    trail: Vec<String>,
    depth: usize,
}

impl Resolver<'_, '_> {
    fn follow(&mut self, node: &Value, pointer: &str) -> Result<Value, Fault> {
        let nodes = self.references.nodes.get() + 1;
        self.references.nodes.set(nodes);
        if nodes > MOST_NODES {
            return Err(Fault::at(
                pointer,
                format!("the references expand to more than {MOST_NODES} nodes; describe a smaller body"),
            ));
        }
        if self.depth > MOST_DEPTH {
            return Err(Fault::at(
                pointer,
                format!("the references nest more than {MOST_DEPTH} nodes deep; describe a flatter body"),
            ));
        }
        self.depth += 1;
        let value = match node {
            Value::Object(members) => match members.get("$ref") {
                Some(reference) => self.refer(members, reference, pointer)?,
                None => members
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.follow(value, &pointer_below(pointer, name))?)))
                    .collect::<Result<Map<_, _>, Fault>>()?
                    .into(),
            },
            Value::Array(elements) => elements
                .iter()
                .enumerate()
                .map(|(index, value)| self.follow(value, &format!("{pointer}/{index}")))
                .collect::<Result<Vec<_>, Fault>>()?
                .into(),
            scalar => scalar.clone(),
        };
        self.depth -= 1;
        Ok(value)
    }

    fn refer(&mut self, members: &Map<String, Value>, reference: &Value, pointer: &str) -> Result<Value, Fault> {
        let (node, target) = self.references.target(members, reference, pointer)?;
        if self.trail.contains(&target) {
            return Err(Fault::at(
                pointer,
                format!("`$ref` #{target} leads back to itself; bodies of endless depth are not modelled, unroll it"),
            ));
        }
        self.trail.push(target.clone());
        let value = self.follow(node, &target)?;
        self.trail.pop();
        Ok(value)
    }
}
