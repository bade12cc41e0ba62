//! Builds bodies: the smallest one that is legal under every reading of the contract and holds what is asked for.
//!
//! Pure: the same contract, the same wishes and the same lessons give the same body. What a target turned out to want
//! (a member that should be optional, another ordinary value) is a [`Lessons`]; nothing here knows how it was learnt.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::contract::{Operation, PlaceId, Presence, Shape};
use crate::json::Json;

/// What to put at one place instead of the ordinary.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// This value.
    Value(Json),
    /// The ordinary value: the place is only asked to be there.
    Ordinary,
    /// Nothing: a member that would be there is left out.
    Absent,
    /// The object as it would be, and one more member, first or last.
    Extra(String, Json),
    /// An array of elements, each the ordinary one with its own wishes.
    Elements(Vec<Wishes>),
}

/// Places and what to put there.
pub type Wishes = Vec<(PlaceId, Slot)>;

/// What was learnt about a target while testing it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lessons {
    /// Optional members that the target demands: they come along wherever their object does.
    pub carried: BTreeSet<PlaceId>,
    /// Ordinary values that serve where the usual one is refused.
    pub ordinary: BTreeMap<PlaceId, Json>,
}

/// Builds bodies for one operation.
#[derive(Debug, Clone)]
pub struct Composer<'a> {
    operation: &'a Operation,
    /// What the target taught.
    pub lessons: Lessons,
}

impl<'a> Composer<'a> {
    /// A composer that has learnt nothing yet.
    pub fn new(operation: &'a Operation) -> Self {
        Self { operation, lessons: Lessons::default() }
    }

    /// The operation that it composes for.
    pub fn operation(&self) -> &'a Operation {
        self.operation
    }

    /// The smallest body that fulfils the wishes.
    pub fn body(&self, wishes: &[(PlaceId, Slot)]) -> Json {
        self.fragment(Operation::ROOT, wishes)
    }

    /// The value at `place` alone, with the wishes that concern it.
    pub fn fragment(&self, place: PlaceId, wishes: &[(PlaceId, Slot)]) -> Json {
        let mut needed = vec![false; self.operation.body.places.len()];
        for (wished, slot) in wishes {
            let from = if *slot == Slot::Absent { self.operation.place(*wished).parent } else { Some(*wished) };
            for ancestor in from.into_iter().flat_map(|from| self.operation.lineage(from)) {
                needed[ancestor.0] = true;
            }
        }
        self.build(place, wishes, &needed)
    }

    /// The value that stands at a place for want of a reason to put another: off every bound, never empty.
    pub fn ordinary(&self, place: PlaceId) -> Json {
        self.fragment(place, &[])
    }

    fn build(&self, id: PlaceId, wishes: &[(PlaceId, Slot)], needed: &[bool]) -> Json {
        let wish =
            wishes.iter().find(|(place, slot)| *place == id && !matches!(slot, Slot::Extra(..) | Slot::Ordinary));
        match wish {
            Some((_, Slot::Value(value))) => return value.clone(),
            Some((_, Slot::Elements(elements))) => {
                let Shape::Array { element } = self.operation.place(id).shape else { return Json::Array(Vec::new()) };
                return Json::Array(elements.iter().map(|wishes| self.fragment(element, wishes)).collect());
            }
            _ => {}
        }
        match &self.operation.place(id).shape {
            Shape::Object { members, .. } => {
                let mut built: Vec<(Arc<str>, Json)> = members
                    .iter()
                    .filter(|member| self.is_present(**member, wishes, needed))
                    .map(|member| (self.member_name(*member), self.build(*member, wishes, needed)))
                    .collect();
                for (place, slot) in wishes {
                    if let (true, Slot::Extra(name, value)) = (*place == id, slot) {
                        built.push((name.as_str().into(), value.clone()));
                    }
                }
                Json::Object(built)
            }
            Shape::Array { element } => Json::Array(vec![self.build(*element, wishes, needed)]),
            scalar => match self.lessons.ordinary.get(&id) {
                Some(value) => value.clone(),
                None => ordinary_scalar(scalar),
            },
        }
    }

    fn is_present(&self, member: PlaceId, wishes: &[(PlaceId, Slot)], needed: &[bool]) -> bool {
        let absent = wishes.iter().any(|(place, slot)| *place == member && *slot == Slot::Absent);
        let inherent = matches!(self.operation.place(member).presence, Presence::Mandatory(_));
        !absent && (needed[member.0] || inherent || self.lessons.carried.contains(&member))
    }

    fn member_name(&self, member: PlaceId) -> Arc<str> {
        self.operation.place(member).member().unwrap_or_default().into()
    }
}

/// Long enough to be off a bound of one or two, short enough for any field.
const ORDINARY_TEXT: &str = "sample";
/// Off the bounds of every range that starts at 0 or 1.
const ORDINARY_NUMBER: i128 = 7;

/// The ordinary value of a shape that is no container.
pub(crate) fn ordinary_scalar(shape: &Shape) -> Json {
    match shape {
        Shape::Text { values: Some(values), .. } | Shape::Integer { values: Some(values), .. } => {
            Json::from(&values.firm[0])
        }
        Shape::Text { min, max, .. } => {
            Json::Text(text_of_length(ORDINARY_TEXT.len().clamp(min.unwrap_or(0), max.unwrap_or(usize::MAX))))
        }
        Shape::Integer { min, max, .. } => Json::number(ordinary_integer(*min, *max)),
        Shape::Number { min, max } => Json::float(ordinary_float(*min, *max)),
        _ => Json::Bool(true),
    }
}

fn ordinary_integer(min: Option<i128>, max: Option<i128>) -> i128 {
    match (min, max) {
        _ if min.is_none_or(|min| min < ORDINARY_NUMBER) && max.is_none_or(|max| ORDINARY_NUMBER < max) => {
            ORDINARY_NUMBER
        }
        (Some(min), Some(max)) => min + (max - min) / 2,
        // Off the only bound, but for one at the end of what 64 bits hold.
        (Some(min), None) => (min + 1).min(i128::from(u64::MAX)),
        (None, max) => max.map_or(ORDINARY_NUMBER, |max| (max - 1).max(i128::from(i64::MIN))),
    }
}

fn ordinary_float(min: Option<f64>, max: Option<f64>) -> f64 {
    const ORDINARY: f64 = 7.0;
    match (min, max) {
        _ if min.is_none_or(|min| min < ORDINARY) && max.is_none_or(|max| ORDINARY < max) => ORDINARY,
        (Some(min), Some(max)) => f64::midpoint(min, max),
        // Off the only bound; where the doubles lie too far apart for that, on it.
        (Some(min), None) => min + 1.0,
        (None, max) => max.map_or(ORDINARY, |max| max - 1.0),
    }
}

/// Plain text of so many characters, which are as many bytes: the ordinary word, cut or repeated.
pub fn text_of_length(length: usize) -> String {
    let mut text = ORDINARY_TEXT.repeat(length.div_ceil(ORDINARY_TEXT.len()));
    text.truncate(length);
    text
}

/// Whether a text is such plain text, of whatever length.
pub fn is_plain(text: &str) -> bool {
    text == text_of_length(text.len())
}
