//! How many elements of an array are of some kind: one at the least unless a number is told, and a number at the most.
//!
//! Which elements are of the kind the judge says. Arrays are put together of such and others, so many of each as one keyword
//! allows, and one more or less.

use serde_json::{Value, json};

use super::array::{self, MOST_ELEMENTS};
use super::{Edge, Family, Node, Proposal};
use crate::contract::Standing;
use crate::identity::Keyword;

/// `contains`, `minContains`, `maxContains`.
pub(super) struct Held;

/// What is said of the whole array, and nothing of one element.
const OF_THE_WHOLE: [&str; 6] = ["contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems"];

impl Family for Held {
    fn keywords(&self) -> &'static [Keyword] {
        &[Keyword::Contains, Keyword::MinContains, Keyword::MaxContains]
    }

    fn propose(&self, node: &Node<'_>) -> Vec<Proposal> {
        if !node.allows("array") || node.get(Keyword::Contains).is_none() {
            return Vec::new();
        }
        let (told, most) = (node.count(Keyword::MinContains), node.count(Keyword::MaxContains));
        let least = told.unwrap_or(1);
        let elements = Elements::of(node, least.max(1));
        let mut all = Vec::new();
        match told {
            None => all.push(any(node, &elements)),
            Some(0) => {}
            Some(least) => all.push(elements.counted(node, (Keyword::MinContains, least), least - 1)),
        }
        all.extend(most.map(|most| elements.counted(node, (Keyword::MaxContains, most), most + 1)));
        all
    }
}

/// That one is held at all.
fn any(node: &Node<'_>, elements: &Elements) -> Proposal {
    let mut proposal = array::held(node, Keyword::Contains);
    // Where there is a greatest number the judge is given the least one, too.
    proposal.broken = &["minContains"];
    for array in elements.arrays(node, 0) {
        proposal.outside(Edge::Unfitting, Value::from(array.clone()).to_string(), array);
    }
    proposal
}

/// Elements that may stand in an array.
struct Elements {
    held: Vec<Value>,
    others: Vec<Value>,
}

impl Elements {
    /// The elements of arrays that are known, and plain ones: where so many are of the kind, enough are.
    fn of(node: &Node<'_>, enough: usize) -> Self {
        let made = [(node.array)(enough), (node.array)(enough + 1)].into_iter().flatten();
        let arrays = node.samples.iter().cloned().chain(made);
        let known = arrays.filter_map(|array| array.as_array().cloned()).flatten();
        let plain = [json!("sample"), json!(7), json!(0), json!(-1), json!(1000), json!(true), json!({}), json!([])];
        let (mut held, mut others): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
        for element in known.chain(plain) {
            let array = Value::from(vec![element.clone(); enough.min(MOST_ELEMENTS)]);
            let Some(broken) = node.judge.broken_of_the_whole(&array) else { continue };
            let is_legal = broken.iter().all(|keyword| OF_THE_WHOLE.contains(&keyword.as_str()));
            let lacks = broken.iter().any(|keyword| matches!(keyword.as_str(), "contains" | "minContains"));
            let list = if lacks { &mut others } else { &mut held };
            if is_legal && !list.contains(&element) {
                list.push(element);
            }
        }
        Self { held, others }
    }

    /// Arrays with so many of the kind, as short as they may be, and with another element: those that can be put together.
    fn arrays(&self, node: &Node<'_>, count: usize) -> Vec<Vec<Value>> {
        let is_unique = node.get(Keyword::UniqueItems) == Some(&json!(true));
        let some = |of: &[Value], count: usize| -> Option<Vec<Value>> {
            let is_enough = count == 0 || (!of.is_empty() && (of.len() >= count || !is_unique));
            is_enough.then(|| of.iter().cycle().take(count).cloned().collect())
        };
        let least = node.count(Keyword::MinItems).unwrap_or(0).max(count);
        let made = |length: usize| Some([some(&self.held, count)?, some(&self.others, length - count)?].concat());
        [least + 1, least].into_iter().filter_map(made).collect()
    }

    fn counted(&self, node: &Node<'_>, (keyword, bound): (Keyword, usize), past: usize) -> Proposal {
        let mut proposal = Proposal::of(keyword, &bound.into());
        if bound >= MOST_ELEMENTS {
            proposal.standing = Standing::Unprobed("so many elements are not sent".to_owned());
            return proposal;
        }
        for array in self.arrays(node, bound) {
            proposal.inside(Edge::Bound, format!("{bound} of the kind"), array);
        }
        for array in self.arrays(node, past) {
            proposal.outside(Edge::PastBound, format!("{past} of the kind"), array);
        }
        proposal
    }
}
