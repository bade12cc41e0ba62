//! Shows a document without changing it, in the words of its edition: what stands around something comes before it.

use serde_json::Value;

use super::components::part;
use super::edition::Edition;
use super::node::{Holds, Node};
use super::walk::Path;

/// Shows `see` what stands here, and every object and schema within it.
pub(super) fn visit(
    value: &Value,
    node: Node,
    edition: Edition,
    path: &Path<'_>,
    see: &mut dyn FnMut(&Value, Node, &Path<'_>),
) {
    if node == Node::Data {
        return;
    }
    see(value, node, path);
    for (name, value) in value.as_object().into_iter().flatten() {
        let path = path.below(name);
        match (part(node, name, edition), value) {
            (Holds::One(part), value) => visit(value, part, edition, &path, see),
            (Holds::Named(part), Value::Object(named)) => {
                for (name, value) in named {
                    visit(value, part, edition, &path.below(name), see);
                }
            }
            (Holds::Listed(part), Value::Array(listed)) => {
                for (index, value) in listed.iter().enumerate() {
                    visit(value, part, edition, &path.below(&index.to_string()), see);
                }
            }
            _ => {}
        }
    }
}
