//! Schemas that are parts of themselves: `A` is all of `A` and more. Such a part says nothing that the rest does not, and every
//! reader would follow it for ever; it is taken out, and told.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::components::part;
use super::edition::Edition;
use super::node::{Holds, Node};
use super::notes::Notes;
use super::reference;
use crate::text::pointer;

/// Takes the parts out of a document's schemas that lead back to where they stand.
pub(super) fn cut(tree: &mut Value, edition: Edition, notes: &mut Notes) {
    let mut circles = BTreeSet::new();
    look((tree, edition), tree, Node::Document, "", &mut circles);
    for at in circles {
        let Some(part) = tree.pointer_mut(&at) else { continue };
        let what = format!("{part} leads back to the schema that it is a part of");
        *part = json!({});
        notes.remark(&at, &what, "it says nothing, and is ignored");
    }
}

fn look((tree, edition): (&Value, Edition), value: &Value, node: Node, at: &str, circles: &mut BTreeSet<String>) {
    let (Value::Object(members), true) = (value, node != Node::Data) else { return };
    if let (Node::Schema, Some(parts)) = (node, members.get("allOf").and_then(Value::as_array)) {
        for (index, one) in parts.iter().enumerate() {
            let here = format!("{at}/allOf/{index}");
            let target = one.get("$ref").and_then(Value::as_str).and_then(reference::target);
            if target.is_some_and(|target| leads_to(tree, &target, at, circles, &mut BTreeSet::new())) {
                circles.insert(here);
            }
        }
    }
    let whole = (tree, edition);
    for (name, value) in members {
        let below = pointer::below(at, name);
        match (part(node, name, edition), value) {
            (Holds::One(part), value) => look(whole, value, part, &below, circles),
            (Holds::Named(part), Value::Object(named)) => {
                named.iter().for_each(|(name, value)| look(whole, value, part, &pointer::below(&below, name), circles));
            }
            (Holds::Listed(part), Value::Array(listed)) => {
                let listed = listed.iter().enumerate();
                listed.for_each(|(index, value)| look(whole, value, part, &format!("{below}/{index}"), circles));
            }
            _ => {}
        }
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
