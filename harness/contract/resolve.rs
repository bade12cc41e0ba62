//! Replaces every `$ref` by what it names, and refuses references that lead nowhere or in a circle.

use serde_json::{Map, Value};

use super::error::Fault;

/// References that fan out double a schema at every level; the shipped contract has some 2,000 nodes.
const MOST_NODES: usize = 200_000;

/// A copy of `node` in which no `$ref` is left. `pointer` is where it stands.
pub(super) fn resolved(document: &Value, node: &Value, pointer: &str) -> Result<Value, Fault> {
    Resolver { document, trail: Vec::new(), nodes: 0 }.follow(node, pointer)
}

/// What a `$ref` names: the node and its pointer.
pub(super) fn target<'a>(
    document: &'a Value,
    members: &Map<String, Value>,
    reference: &Value,
    pointer: &str,
) -> Result<(&'a Value, String), Fault> {
    let Some(target) = reference.as_str().and_then(|text| text.strip_prefix('#')) else {
        return Err(Fault::at(
            pointer,
            format!("`$ref` {reference} points outside the document; write `#/components/...`"),
        ));
    };
    if let Some(name) = members.keys().find(|name| name.as_str() != "$ref") {
        return Err(Fault::at(
            pointer,
            format!("`{name}` beside `$ref` is not modelled; move it into the schema named"),
        ));
    }
    let node = document
        .pointer(target)
        .ok_or_else(|| Fault::at(pointer, format!("`$ref` #{target} names nothing; define it or correct the name")))?;
    Ok((node, target.to_owned()))
}

struct Resolver<'a> {
    document: &'a Value,
    /// The references that led here.
    trail: Vec<String>,
    nodes: usize,
}

impl Resolver<'_> {
    fn follow(&mut self, node: &Value, pointer: &str) -> Result<Value, Fault> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Err(Fault::at(
                pointer,
                format!("the references expand to more than {MOST_NODES} nodes; describe a smaller body"),
            ));
        }
        match node {
            Value::Object(members) => match members.get("$ref") {
                Some(reference) => self.refer(members, reference, pointer),
                None => members
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.follow(value, &format!("{pointer}/{name}"))?)))
                    .collect::<Result<Map<_, _>, Fault>>()
                    .map(Value::Object),
            },
            Value::Array(elements) => elements
                .iter()
                .enumerate()
                .map(|(index, value)| self.follow(value, &format!("{pointer}/{index}")))
                .collect::<Result<Vec<_>, Fault>>()
                .map(Value::Array),
            scalar => Ok(scalar.clone()),
        }
    }

    fn refer(&mut self, members: &Map<String, Value>, reference: &Value, pointer: &str) -> Result<Value, Fault> {
        let (node, target) = target(self.document, members, reference, pointer)?;
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
