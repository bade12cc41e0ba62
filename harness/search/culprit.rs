//! Names what a shrunk legal case failed for: its places, and the rule at each that the value there stands for.
//!
//! A deterministic run knows its rule before it sends a probe. A random case is legal in many places at once, so here the
//! rule is read off what is left when everything that did not matter is gone.

use std::cmp::Ordering;

use super::shrink::{Attempt, essential};
use crate::compose::{Composer, is_plain};
use crate::contract::{Operation, PlaceId, Shape, Step};
use crate::generate::Case;
use crate::json::Json;
use crate::rule::Keyword;

/// What a finding on the legal side is about: one place with the rule that its value stands for, or several together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Culprit {
    /// The places, in the contract's order; never empty.
    pub(super) parts: Vec<(PlaceId, Keyword)>,
}

impl Culprit {
    /// What is left in a shrunk case.
    pub(super) fn of(operation: &Operation, shrunk: &Attempt) -> Self {
        let kind_at = |place| kind_at(operation, &shrunk.case.body, place);
        let mut places: Vec<PlaceId> = essential(&shrunk.trace)
            .into_iter()
            .map(|span| match (&operation.place(span.place).step, kind_at(span.place)) {
                // An element like any other is there because its array is not empty.
                (Step::Element, Keyword::Type) => operation.place(span.place).parent.unwrap_or(span.place),
                _ => span.place,
            })
            .collect();
        places.sort_unstable();
        places.dedup();
        if places.is_empty() {
            places.push(Operation::ROOT);
        }
        Self { parts: places.into_iter().map(|place| (place, kind_at(place))).collect() }
    }

    /// What stands at one place of a case.
    pub(super) fn at(operation: &Operation, case: &Case, place: PlaceId) -> Self {
        Self { parts: vec![(place, kind_at(operation, &case.body, place))] }
    }

    /// Whether a body holds the same at the same places, so that its failure is no news.
    pub(super) fn is_in(&self, operation: &Operation, body: &Json) -> bool {
        self.parts.iter().all(|(place, keyword)| match keyword {
            Keyword::Optional => {
                let around = operation.place(*place).parent.unwrap_or(Operation::ROOT);
                let objects = values_at(operation, body, around).len();
                values_at(operation, body, *place).len() < objects
            }
            keyword => {
                values_at(operation, body, *place).into_iter().any(|value| bears(operation, *place, value, *keyword))
            }
        })
    }
}

/// The rule that what stands at a place stands for; where several do, the first that is out of the ordinary.
fn kind_at(operation: &Operation, body: &Json, place: PlaceId) -> Keyword {
    let mut kinds = values_at(operation, body, place).into_iter().map(|value| kind(operation, place, value));
    kinds.find(|kind| *kind != Keyword::Type).unwrap_or(Keyword::Type)
}

/// The rule that a legal value stands for: the bound that it is on, or just its type where it is like any other.
fn kind(operation: &Operation, place: PlaceId, value: &Json) -> Keyword {
    let on = |bound: Option<String>| bound.as_deref() == Some(value.render().as_str());
    match (&operation.place(place).shape, value) {
        (_, Json::Null) => Keyword::Null,
        (shape, _) if shape.values().is_some() => Keyword::Enum,
        (Shape::Text { .. }, Json::Text(text)) if !is_plain(text) => Keyword::Text,
        (Shape::Text { min, max, .. }, Json::Text(text)) => match Some(text.len()) {
            length if length == *min => Keyword::MinLength,
            length if length == *max => Keyword::MaxLength,
            _ => Keyword::Type,
        },
        (Shape::Integer { min, .. }, _) if on(min.map(|min| min.to_string())) => Keyword::Minimum,
        (Shape::Integer { max, .. }, _) if on(max.map(|max| max.to_string())) => Keyword::Maximum,
        (Shape::Number { min, .. }, _) if on(min.map(|min| Json::number(min).render())) => Keyword::Minimum,
        (Shape::Number { max, .. }, _) if on(max.map(|max| Json::number(max).render())) => Keyword::Maximum,
        (Shape::Array { .. }, Json::Array(elements)) if elements.len() != 1 => Keyword::Items,
        (Shape::Object { members, .. }, Json::Object(present)) => {
            let listed = |name: &str| {
                members.iter().any(|member| operation.place(*member).step == Step::Member(name.to_owned()))
            };
            if present.iter().all(|(name, _)| listed(name)) { Keyword::Type } else { Keyword::UnknownMember }
        }
        _ => Keyword::Type,
    }
}

/// Whether a value fails where a rule is too strict: it stands for the rule, or lies between what does and the ordinary.
fn bears(operation: &Operation, place: PlaceId, value: &Json, keyword: Keyword) -> bool {
    let ordinary = || Composer::new(operation).ordinary(place);
    let than_ordinary = match (value, ordinary()) {
        (Json::Text(text), Json::Text(ordinary)) if is_plain(text) => text.len().cmp(&ordinary.len()),
        (Json::Number(one), Json::Number(ordinary)) => {
            let number = |digits: &str| digits.parse::<f64>().unwrap_or_default();
            number(one).total_cmp(&number(&ordinary))
        }
        _ => Ordering::Equal,
    };
    kind(operation, place, value) == keyword
        || match keyword {
            Keyword::MinLength | Keyword::Minimum => than_ordinary == Ordering::Less,
            Keyword::MaxLength | Keyword::Maximum => than_ordinary == Ordering::Greater,
            _ => false,
        }
}

/// The outermost array around a place in which a body has several elements.
pub(super) fn crowded_array(operation: &Operation, body: &Json, place: PlaceId) -> Option<PlaceId> {
    let several = |value: &&Json| matches!(value, Json::Array(elements) if elements.len() > 1);
    let arrays = operation.lineage(place).skip(1);
    arrays.filter(|around| values_at(operation, body, *around).iter().any(several)).last()
}

/// Every value at a place of a body.
pub(super) fn values_at<'a>(operation: &Operation, body: &'a Json, place: PlaceId) -> Vec<&'a Json> {
    let here = operation.place(place);
    let Some(parent) = here.parent else { return vec![body] };
    let around = values_at(operation, body, parent);
    match &here.step {
        Step::Member(name) | Step::Value(name) | Step::Fitting { name, .. } => around
            .into_iter()
            .filter_map(|value| match value {
                Json::Object(members) => members.iter().find(|(other, _)| **other == **name).map(|(_, value)| value),
                _ => None,
            })
            .collect(),
        Step::At(index) => around
            .into_iter()
            .filter_map(|value| if let Json::Array(elements) = value { elements.get(*index) } else { None })
            .collect(),
        Step::Element | Step::Root => around
            .into_iter()
            .flat_map(|value| match value {
                Json::Array(elements) => &elements[..],
                _ => &[],
            })
            .collect(),
    }
}
