//! How many members an object has, what they may be called, and which must stand beside which.

use serde_json::{Map, Value, json};

use super::{Edge, Family, Node, Proposal, names};
use crate::contract::Standing;
use crate::identity::Keyword;

/// The greatest number of members that is sent.
const MOST_MEMBERS: usize = 200;

/// `minProperties`, `maxProperties`, `propertyNames`, `dependentRequired`.
pub(super) struct Objects;

impl Family for Objects {
    fn keywords(&self) -> &'static [Keyword] {
        &[Keyword::MinProperties, Keyword::MaxProperties, Keyword::PropertyNames, Keyword::DependentRequired]
    }

    fn propose(&self, node: &Node<'_>) -> Vec<Proposal> {
        if !node.allows("object") {
            return Vec::new();
        }
        let mut all = Vec::new();
        let counts = [Keyword::MinProperties, Keyword::MaxProperties].into_iter();
        all.extend(counts.filter_map(|keyword| Some(count(node, keyword, node.count(keyword)?))));
        all.extend(node.get(Keyword::PropertyNames).map(|_| names::proposal(node)));
        all.extend(names::forbidden(node));
        all.extend(dependents(node));
        all
    }
}

/// An object with so many members: one that is known with some taken away, or with more.
fn of_size(object: &Map<String, Value>, size: usize) -> Vec<Map<String, Value>> {
    let mut fewer = object.clone();
    let names: Vec<String> = object.keys().cloned().collect();
    for name in names.iter().rev().take(object.len().saturating_sub(size)) {
        fewer.remove(name);
    }
    let mut first = object.clone();
    for name in names.iter().take(object.len().saturating_sub(size)) {
        first.remove(name);
    }
    // What a map holds under one name it may hold under another.
    let value = object.values().next().cloned().unwrap_or_else(|| json!("sample"));
    // What a name must look like, one that differs in its end mostly does.
    let stem = object.keys().next_back().map_or("sample", String::as_str);
    let with_more = |stem: &str| {
        let mut more = object.clone();
        for number in object.len()..size {
            more.insert(format!("{stem}{number}"), value.clone());
        }
        more
    };
    let all = [fewer, first, with_more("sample"), with_more(stem)].into_iter();
    all.filter(|object| object.len() == size).collect()
}

fn members(count: usize) -> String {
    if count == 1 { "1 member".to_owned() } else { format!("{count} members") }
}

fn count(node: &Node<'_>, keyword: Keyword, bound: usize) -> Proposal {
    let mut proposal = Proposal::of(keyword, &bound.into());
    if bound > MOST_MEMBERS {
        proposal.standing = Standing::Unprobed("so many members are not sent".to_owned());
        return proposal;
    }
    let past = if keyword == Keyword::MinProperties { bound.checked_sub(1) } else { Some(bound + 1) };
    let empty = Map::new();
    for object in node.objects().into_iter().chain([&empty]) {
        for made in of_size(object, bound) {
            proposal.inside(Edge::Bound, members(bound), made);
        }
        for made in past.into_iter().flat_map(|past| of_size(object, past)) {
            proposal.outside(Edge::PastBound, members(made.len()), made);
        }
    }
    proposal
}

fn dependents(node: &Node<'_>) -> Vec<Proposal> {
    let Some(Value::Object(demands)) = node.get(Keyword::DependentRequired) else { return Vec::new() };
    let demand = |(name, others): (&String, &Value)| {
        let mut proposal = Proposal::of(Keyword::DependentRequired, &json!({ name: others }));
        let others: Vec<&str> = others.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut outside = Vec::new();
        for object in node.objects().into_iter().filter(|object| object.contains_key(name)) {
            proposal.inside(Edge::Fitting, format!("`{name}` with what must stand beside it"), object.clone());
            for other in &others {
                let mut without = object.clone();
                without.remove(*other);
                outside.push((format!("`{name}` without `{other}`"), without));
            }
            // Where they demand each other, only what lacks all of them breaks one demand.
            let mut alone = object.clone();
            alone.retain(|other, _| other == name || !demands.contains_key(other) && !others.contains(&other.as_str()));
            outside.push((format!("`{name}` without what must stand beside it"), alone));
        }
        let (pure, mixed): (Vec<_>, Vec<_>) = outside.into_iter().partition(|(_, object)| {
            demands.iter().filter(|(other, _)| *other != name).all(|(other, demanded)| keeps(object, other, demanded))
        });
        for (what, object) in if pure.is_empty() { mixed } else { pure } {
            proposal.outside(Edge::Unfitting, what, object);
        }
        proposal
    };
    demands.iter().map(demand).collect()
}

/// Whether an object is without this name, or has all that must stand beside it.
fn keeps(object: &Map<String, Value>, name: &str, demanded: &Value) -> bool {
    let mut demanded = demanded.as_array().into_iter().flatten().filter_map(Value::as_str);
    !object.contains_key(name) || demanded.all(|other| object.contains_key(other))
}
