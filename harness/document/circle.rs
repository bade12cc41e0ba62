//! Schemas that are parts of themselves: `A` is all of `A` and more. Such a part says nothing that the rest does not, and every
//! reader would follow it for ever; it is taken out, and told.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::edition::Edition;
use super::node::Node;
use super::notes::Notes;
use super::reference;
use super::visit::visit;
use super::walk::Path;

/// Takes the parts out of a document's schemas that lead back to where they stand.
pub(super) fn cut(tree: &mut Value, edition: Edition, notes: &mut Notes) {
    let mut circles = BTreeSet::new();
    visit(tree, Node::Document, edition, &Path::ROOT, &mut |value, node, path| {
        let parts = value.get("allOf").and_then(Value::as_array).filter(|_| node == Node::Schema);
        for (index, part) in parts.into_iter().flatten().enumerate() {
            let target = part.get("$ref").and_then(Value::as_str).and_then(reference::target);
            let at = target.map(|target| (target, path.pointer()));
            if let Some((_, at)) = at.filter(|(to, at)| leads_to(tree, to, at, &circles, &mut BTreeSet::new())) {
                circles.insert(format!("{at}/allOf/{index}"));
            }
        }
    });
    for at in circles {
        let Some(part) = tree.pointer_mut(&at) else { continue };
        let what = format!("{part} leads back to the schema that it is a part of");
        *part = json!({});
        notes.remark(&at, &what, "it says nothing, and is ignored");
    }
}

/// Whether what stands here is, by references and parts that are not cut, what stands there.
fn leads_to(tree: &Value, from: &str, to: &str, cut: &BTreeSet<String>, seen: &mut BTreeSet<String>) -> bool {
    if from == to {
        return true;
    }
    if cut.contains(from) || !seen.insert(from.to_owned()) {
        return false;
    }
    let Some(schema) = tree.pointer(from) else { return false };
    let target = schema.get("$ref").and_then(Value::as_str).and_then(reference::target);
    let parts = schema.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
    target.is_some_and(|target| leads_to(tree, &target, to, cut, seen))
        || (0..parts).any(|index| leads_to(tree, &format!("{from}/allOf/{index}"), to, cut, seen))
}
