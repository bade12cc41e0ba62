//! Which schemas cannot be read as a whole: a part of them was taken out, or what they refer to is one of these.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::edition::Edition;
use super::node::Node;
use super::reference;
use super::unread::UNREAD;
use super::visit::visit;
use super::walk::Path;

/// Where such schemas stand, among those that others refer to; nothing where a document, as one of 3.1, has none at all.
pub(super) fn lost(tree: &Value) -> Option<HashSet<String>> {
    let whole = found(tree, tree, Node::Document);
    let mut is_any = whole.is_short;
    let mut open = whole.targets;
    let (mut seen, mut spreading) = (HashSet::new(), Vec::new());
    let mut referring: HashMap<String, Vec<String>> = HashMap::new();
    while let Some(target) = open.pop() {
        if !seen.insert(target.clone()) {
            continue;
        }
        let found = found(tree, tree.pointer(&target).unwrap_or(&Value::Null), Node::Schema);
        if found.is_short {
            is_any = true;
            spreading.push(target.clone());
        }
        for other in found.targets {
            referring.entry(other.clone()).or_default().push(target.clone());
            open.push(other);
        }
    }
    let mut lost: HashSet<String> = HashSet::new();
    while let Some(target) = spreading.pop() {
        if lost.insert(target.clone()) {
            spreading.extend(referring.get(&target).into_iter().flatten().cloned());
        }
    }
    is_any.then_some(lost)
}

/// What stands in a part of a document, without what it refers to.
#[derive(Default)]
struct Found {
    /// Whether something in it cannot be read.
    is_short: bool,
    /// Where its schemas refer to.
    targets: Vec<String>,
}

fn found(tree: &Value, part: &Value, node: Node) -> Found {
    let mut found = Found::default();
    visit(part, node, Edition::V31, &Path::ROOT, &mut |value, node, _| match value {
        _ if node != Node::Schema => {}
        Value::Object(members) => {
            found.is_short |= members.contains_key(UNREAD);
            match members.get("$ref").and_then(Value::as_str).map(|text| reference::existing(tree, text)) {
                Some(Some(target)) => found.targets.push(target),
                Some(None) => found.is_short = true,
                None => {}
            }
        }
        value => found.is_short |= !value.is_boolean(),
    });
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_refers_to_what_is_lost_is_lost_too_in_a_circle_as_well() {
        let to = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let tree = json!({ "components": { "schemas": {
            "A": { "properties": { "b": to("B") } },
            "B": { "properties": { "a": to("A"), "c": to("C") } },
            "C": { UNREAD: ["pattern"] },
            "D": { "properties": { "d": to("D") } },
            "E": { "allOf": [to("A"), to("D")] },
            "F": { "items": to("E") },
        } } });
        let lost = lost(&tree).expect("something is");
        let mut names: Vec<&str> = lost.iter().filter_map(|at| at.rsplit('/').next()).collect();
        names.sort_unstable();
        // Nobody refers to F.
        assert_eq!(names, ["A", "B", "C", "E"]);
        assert_eq!(super::lost(&json!({ "components": { "schemas": { "D": to("D") } } })), None);
    }
}
