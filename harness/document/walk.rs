//! Goes through a document, knowing at each step what stands there.

use serde_json::Value;

use super::node::{Holds, Node};
use crate::text::pointer;

/// The steps that lead to a part of the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path<'a> {
    above: Option<&'a Path<'a>>,
    step: &'a str,
}

impl<'a> Path<'a> {
    pub(super) const ROOT: Path<'static> = Path { above: None, step: "" };

    pub(super) fn below(&'a self, step: &'a str) -> Path<'a> {
        Path { above: Some(self), step }
    }

    pub(super) fn pointer(&self) -> String {
        match self.above {
            Some(above) => pointer::below(&above.pointer(), self.step),
            None => String::new(),
        }
    }
}

/// Shows every object and schema of a document to `visit`, what stands within it first.
pub(super) fn walk(value: &mut Value, node: Node, path: &Path<'_>, visit: &mut dyn FnMut(&mut Value, Node, &Path<'_>)) {
    if node == Node::Data {
        return;
    }
    if let Value::Object(members) = value {
        for (name, value) in members.iter_mut() {
            let path = path.below(name);
            match (node.part(name), value) {
                (Holds::One(part), value) => walk(value, part, &path, visit),
                (Holds::Named(part), Value::Object(named)) => {
                    named.iter_mut().for_each(|(name, value)| walk(value, part, &path.below(name), visit));
                }
                (Holds::Listed(part), Value::Array(listed)) => {
                    for (index, value) in listed.iter_mut().enumerate() {
                        walk(value, part, &path.below(&index.to_string()), visit);
                    }
                }
                _ => {}
            }
        }
    }
    visit(value, node, path);
}
