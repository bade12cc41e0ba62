//! How many elements an array has, whether they may be alike, and what stands at its beginning.

use serde_json::{Value, json};

use super::{Edge, Family, Node, Proposal};
use crate::contract::Standing;
use crate::identity::Keyword;

/// The greatest number of elements that is sent.
pub(super) const MOST_ELEMENTS: usize = 1_000;

/// `minItems`, `maxItems`, `uniqueItems`, `prefixItems`, and `items` where it forbids what stands after these.
pub(super) struct Arrays;

impl Family for Arrays {
    fn keywords(&self) -> &'static [Keyword] {
        &[Keyword::MinItems, Keyword::MaxItems, Keyword::UniqueItems, Keyword::PrefixItems, Keyword::Items]
    }

    fn propose(&self, node: &Node<'_>) -> Vec<Proposal> {
        if !node.allows("array") {
            return Vec::new();
        }
        let counts = [Keyword::MinItems, Keyword::MaxItems].into_iter();
        let mut all: Vec<Proposal> =
            counts.filter_map(|keyword| Some(count(node, keyword, node.count(keyword)?))).collect();
        all.extend(
            node.get(Keyword::UniqueItems).filter(|value| **value == json!(true)).map(|bound| unique(node, bound)),
        );
        let closing = [node.get(Keyword::Items), node.said.keywords.get("unevaluatedItems")];
        let is_closed = closing.contains(&Some(&json!(false))) && node.get(Keyword::PrefixItems).is_some();
        all.extend(is_closed.then(|| nothing_after(node)));
        all.extend(node.get(Keyword::PrefixItems).map(|_| held(node, Keyword::PrefixItems)));
        all
    }
}

fn elements(count: usize) -> String {
    if count == 1 { "1 element".to_owned() } else { format!("{count} elements") }
}

fn count(node: &Node<'_>, keyword: Keyword, bound: usize) -> Proposal {
    let mut proposal = Proposal::of(keyword, &bound.into());
    if bound > MOST_ELEMENTS {
        proposal.standing = Standing::Unprobed("so many elements are not sent".to_owned());
        return proposal;
    }
    if let Some(array) = (node.array)(bound) {
        proposal.inside(Edge::Bound, elements(bound), array);
    }
    let outside = if keyword == Keyword::MinItems {
        [bound.checked_sub(1), (bound > 1).then_some(0)]
    } else {
        [Some(bound + 1), Some(bound + 10)]
    };
    for (edge, count) in [Edge::PastBound, Edge::FarPast].into_iter().zip(outside) {
        if let Some((count, array)) = count.and_then(|count| Some((count, (node.array)(count)?))) {
            proposal.outside(edge, elements(count), array);
        }
    }
    proposal
}

fn unique(node: &Node<'_>, bound: &Value) -> Proposal {
    let mut proposal = Proposal::of(Keyword::UniqueItems, bound);
    let (min, max) = (node.count(Keyword::MinItems), node.count(Keyword::MaxItems));
    let least = min.unwrap_or(0).max(2);
    // On a bound of its own an array speaks for that.
    let free = (least..least + 3).find(|count| Some(*count) != min && Some(*count) != max);
    for count in free.into_iter().chain([least]) {
        let Some(Value::Array(all)) = (node.array)(count) else { continue };
        let mut twice = all.clone();
        if let (Some(first), Some(last)) = (all.first(), twice.last_mut()) {
            last.clone_from(first);
        }
        proposal.inside(Edge::Fitting, format!("{count} different elements"), all);
        proposal.outside(Edge::Unfitting, "an element twice", twice);
    }
    proposal
}

/// That nothing stands after the first elements.
fn nothing_after(node: &Node<'_>) -> Proposal {
    let mut proposal = Proposal::of(Keyword::Items, &json!(false));
    proposal.broken = &["unevaluatedItems"];
    let count = node.get(Keyword::PrefixItems).and_then(Value::as_array).map_or(0, Vec::len);
    if let Some(Value::Array(all)) = (node.array)(count) {
        for more in all.last().into_iter().chain([&json!("sample"), &json!(7)]) {
            let longer: Vec<Value> = all.iter().chain([more]).cloned().collect();
            proposal.outside(Edge::Unfitting, format!("{more} after all that may be there"), longer);
        }
        proposal.inside(Edge::Fitting, "all that may be there", all);
    }
    proposal
}

/// What must be held somewhere, or at the beginning: other arrays are judged, and those that break nothing else are kept.
pub(super) fn held(node: &Node<'_>, keyword: Keyword) -> Proposal {
    let mut proposal = Proposal::of(keyword, &Value::Null);
    for sample in node.samples.iter().filter(|sample| sample.is_array()) {
        proposal.inside(Edge::Fitting, sample.to_string(), sample.clone());
    }
    let first = node.samples.iter().find_map(Value::as_array);
    for at in 0..first.map_or(0, Vec::len).min(4) {
        // An element of another type, in its place.
        for other in [json!("sample"), json!(7), json!(true), json!({})] {
            let mut changed = first.cloned().unwrap_or_default();
            changed[at] = other;
            proposal.outside(Edge::Unfitting, Value::from(changed.clone()).to_string(), changed);
        }
    }
    let least = node.count(Keyword::MinItems).unwrap_or(0);
    for array in [(node.array)(least), Some(json!([])), (node.array)(least + 1)].into_iter().flatten() {
        proposal.outside(Edge::Unfitting, array.to_string(), array);
    }
    proposal
}
