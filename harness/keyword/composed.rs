//! Schemas made of schemas: `oneOf`, `anyOf`, `not`, `if`, `dependentSchemas`. What each demands as a whole; what its branches demand of the values
//! in them are rules of those places.

use serde_json::{Map, Value, json};

use super::{Edge, Family, Node, Proposal};
use crate::identity::Keyword;

/// `oneOf`, `anyOf`, `not`, `if` with `then` and `else`, `dependentSchemas`.
pub(super) struct Composed;

const KEYWORDS: [Keyword; 5] = [Keyword::OneOf, Keyword::AnyOf, Keyword::Not, Keyword::If, Keyword::DependentSchemas];

impl Family for Composed {
    fn keywords(&self) -> &'static [Keyword] {
        &KEYWORDS
    }

    fn propose(&self, node: &Node<'_>) -> Vec<Proposal> {
        KEYWORDS
            .into_iter()
            .filter(|keyword| node.get(*keyword).is_some())
            .map(|keyword| proposal(node, keyword))
            .collect()
    }
}

fn proposal(node: &Node<'_>, keyword: Keyword) -> Proposal {
    let mut proposal = Proposal::of(keyword, &Value::Null);
    if keyword == Keyword::If {
        proposal.broken = &["then", "else"];
    }
    for sample in node.samples {
        proposal.inside(Edge::Fitting, shortened(sample), sample.clone());
    }
    // What keeps no branch breaks a rule of the one whose places are known; what keeps several breaks none of them.
    if node.is_branch && !matches!(keyword, Keyword::Not | Keyword::DependentSchemas) {
        proposal.outside_of_several(node);
        return proposal;
    }
    for value in others(node) {
        proposal.outside(Edge::Unfitting, shortened(&value), value);
    }
    proposal
}

impl Proposal {
    fn outside_of_several(&mut self, node: &Node<'_>) {
        for value in others(node).into_iter().filter(|value| node.judge.keeps_several(value)) {
            self.outside(Edge::Unfitting, shortened(&value), value);
        }
    }
}

/// Values of which some may break what is demanded as a whole: two legal ones in one, one with a member less, plain ones.
fn others(node: &Node<'_>) -> Vec<Value> {
    let known = node.samples.iter().chain(node.doubtful);
    let objects: Vec<&Map<String, Value>> = known.filter_map(Value::as_object).collect();
    let mut all: Vec<Value> = node.doubtful.to_vec();
    for (number, one) in objects.iter().enumerate() {
        for other in &objects[number + 1..] {
            let mut both = (*one).clone();
            both.extend((*other).clone());
            all.push(Value::Object(both));
        }
        for name in one.keys() {
            let mut fewer = (*one).clone();
            fewer.remove(name);
            all.push(Value::Object(fewer));
        }
    }
    let plain = [("object", json!({})), ("string", json!("sample")), ("string", json!("")), ("array", json!([]))];
    let numbers = [("number", json!(7)), ("number", json!(-1)), ("number", json!(0.5)), ("boolean", json!(true))];
    all.extend(plain.into_iter().chain(numbers).filter(|(name, _)| node.allows(name)).map(|(_, value)| value));
    all
}

/// A value as it is written, or its beginning.
fn shortened(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain("...".chars()).collect()
}
