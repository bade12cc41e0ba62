//! Which schemas cannot be read as a whole: a part of them was taken out, or what they refer to is one of these.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::edition::Edition;
use super::node::Node;
use super::notes::Notes;
use super::reference;
use super::unread::UNREAD;
use super::visit::visit;
use super::walk::Path;

/// Where such schemas stand, among those that others refer to; nothing where a document, as one of 3.1, has none at all. What
/// refers to nothing is told, wherever it stands.
pub(super) fn lost(tree: &Value, notes: &mut Notes) -> Option<HashSet<String>> {
    let whole = found(tree, tree, Node::Document);
    for (pointer, reference) in whole.dangling {
        notes.remark(&pointer, &format!("`$ref` {reference} leads nowhere"), "nothing is demanded of this value");
    }
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
    /// References within the document that lead nowhere, and where they stand.
    dangling: Vec<(String, String)>,
}

fn found(tree: &Value, part: &Value, node: Node) -> Found {
    let mut found = Found::default();
    visit(part, node, Edition::V31, &Path::ROOT, &mut |value, node, path| match value {
        _ if node != Node::Schema => {}
        Value::Object(members) => {
            found.is_short |= members.contains_key(UNREAD);
            let Some(text) = members.get("$ref").and_then(Value::as_str) else { return };
            if let Some(target) = reference::existing(tree, text) {
                found.targets.push(target);
                return;
            }
            found.is_short = true;
            // Of what leads to other files that is told where they are read.
            let is_own = text.starts_with('#');
            found.dangling.extend(is_own.then(|| (path.below("$ref").pointer(), text.to_owned())));
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
        let lost = lost(&tree, &mut Notes::default()).expect("something is");
        let mut names: Vec<&str> = lost.iter().filter_map(|at| at.rsplit('/').next()).collect();
        names.sort_unstable();
        // Nobody refers to F.
        assert_eq!(names, ["A", "B", "C", "E"]);
        let whole = json!({ "components": { "schemas": { "D": to("D") } } });
        assert_eq!(super::lost(&whole, &mut Notes::default()), None);
    }
}
