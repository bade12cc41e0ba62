//! Builds bodies: the smallest one that is legal under every reading of the contract and holds what is asked for.
//!
//! Pure: the same contract, the same overrides and the same adaptations give the same body. What a target turned out to want
//! (a member that should be optional, another ordinary value) is part of the [`Adaptations`]; nothing here knows how it was learnt.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::carrier;
use crate::contract::{Operation, PlaceId, Presence, Shape, Step};
use crate::json::Json;
use crate::text::plain::WORD;
pub use crate::text::plain::{is_plain, text_of_length};

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
    /// An array of elements, each the ordinary one with its own overrides.
    Elements(Vec<Overrides>),
}

/// Places and what to put there.
pub type Overrides = Vec<(PlaceId, Slot)>;

/// What was learnt about a target while testing it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Adaptations {
    /// Optional members that the target demands: they come along wherever their object does.
    pub carried: BTreeSet<PlaceId>,
    /// Ordinary values that serve where the usual one is refused.
    pub ordinary: BTreeMap<PlaceId, Json>,
    /// Arrays that have no element unless one is asked for: the target takes none.
    pub emptied: BTreeSet<PlaceId>,
    /// The branch that an object keeps unless another is asked for, where the target takes nothing of the first.
    pub branches: BTreeMap<PlaceId, usize>,
}

/// Builds bodies for one operation.
#[derive(Debug, Clone)]
pub struct Composer<'a> {
    operation: &'a Operation,
    /// What the target taught.
    pub adaptations: Adaptations,
    /// What free texts are made of, so that they are no other body's; nothing where all of them are alike.
    fresh: Option<u64>,
}

impl<'a> Composer<'a> {
    /// A composer that has learnt nothing yet.
    pub fn new(operation: &'a Operation) -> Self {
        let body = &operation.body;
        let ordinary = body.ordinary.iter().map(|(place, value)| (*place, Json::from(value))).collect();
        let adaptations = Adaptations { carried: body.present.clone(), ordinary, ..Adaptations::default() };
        Self { operation, adaptations, fresh: None }
    }

    /// One that has learnt this.
    pub fn taught(operation: &'a Operation, adaptations: Adaptations) -> Self {
        Self { operation, adaptations, fresh: None }
    }

    /// The same with free texts of this number's own: a service may mind to hold one twice. Free is what is made up, and
    /// neither listed nor of a form of its own.
    pub(crate) fn fresh(&self, number: u64) -> Self {
        Self { fresh: Some(number), ..self.clone() }
    }

    /// The operation that it composes for.
    pub fn operation(&self) -> &'a Operation {
        self.operation
    }

    /// The smallest body that fulfils the overrides.
    pub fn body(&self, overrides: &[(PlaceId, Slot)]) -> Json {
        self.fragment(Operation::ROOT, overrides)
    }

    /// The bytes of the same body.
    pub(crate) fn bytes(&self, overrides: &[(PlaceId, Slot)]) -> Vec<u8> {
        carrier::bytes(self.operation, &self.body(overrides))
    }

    /// The value at `place` alone, with the overrides that concern it.
    pub fn fragment(&self, place: PlaceId, overrides: &[(PlaceId, Slot)]) -> Json {
        self.build(place, overrides, &self.needed(overrides))
    }

    /// For each place, whether the overrides ask for it to be there.
    fn needed(&self, overrides: &[(PlaceId, Slot)]) -> Vec<bool> {
        let mut needed = vec![false; self.operation.body.places.len()];
        for (wished, slot) in overrides {
            let from = if *slot == Slot::Absent { self.operation.place(*wished).parent } else { Some(*wished) };
            for ancestor in from.into_iter().flat_map(|from| self.operation.lineage(from)) {
                needed[ancestor.0] = true;
            }
            // One step is enough: what was learnt holds all that must stand there.
            let beside = if *slot == Slot::Absent { None } else { self.operation.body.beside.get(wished) };
            for other in beside.into_iter().flatten() {
                needed[other.0] = true;
            }
        }
        needed
    }

    /// The places that hold something of the composer's own in the body that fulfils the overrides, in order.
    pub(crate) fn present(&self, overrides: &[(PlaceId, Slot)]) -> BTreeSet<PlaceId> {
        let needed = self.needed(overrides);
        let replaced = |id: PlaceId| {
            overrides.iter().any(|(place, slot)| *place == id && matches!(slot, Slot::Value(_) | Slot::Elements(_)))
        };
        let mut present = BTreeSet::new();
        for (id, place) in self.operation.places() {
            let around = place.parent.is_none_or(|parent| present.contains(&parent));
            let is_there = match place.step {
                Step::Root | Step::At(_) => true,
                Step::Member(_) | Step::Value(_) | Step::Fitting { .. } => {
                    let is_active = place.parent.is_none_or(|parent| self.is_active(parent, id, overrides));
                    is_active && self.is_present(id, overrides, &needed)
                }
                Step::Element => {
                    let array = place.parent.map(|array| self.operation.place(array));
                    let is_after = array.is_some_and(|array| matches!(array.shape, Shape::Tuple { .. }));
                    let is_usual = match array {
                        Some(array) if is_after => array.least > 0,
                        _ => !place.parent.is_some_and(|array| self.adaptations.emptied.contains(&array)),
                    };
                    needed[id.0] || is_usual
                }
            };
            if around && !replaced(id) && is_there {
                present.insert(id);
            }
        }
        present
    }

    /// The value that stands at a place for want of a reason to put another: off every bound, never empty.
    pub fn ordinary(&self, place: PlaceId) -> Json {
        self.fragment(place, &[])
    }

    fn build(&self, id: PlaceId, overrides: &[(PlaceId, Slot)], needed: &[bool]) -> Json {
        let wish =
            overrides.iter().find(|(place, slot)| *place == id && !matches!(slot, Slot::Extra(..) | Slot::Ordinary));
        match wish {
            Some((_, Slot::Value(value))) => return value.clone(),
            Some((_, Slot::Elements(elements))) => {
                let Shape::Array { element } = self.operation.place(id).shape else { return Json::Array(Vec::new()) };
                return Json::Array(elements.iter().map(|overrides| self.fragment(element, overrides)).collect());
            }
            _ => {}
        }
        match &self.operation.place(id).shape {
            Shape::Object { members, .. } => {
                let mut built: Vec<(Arc<str>, Json)> = members
                    .iter()
                    .filter(|member| {
                        self.is_active(id, **member, overrides) && self.is_present(**member, overrides, needed)
                    })
                    .flat_map(|member| {
                        let name = self.member_name(*member);
                        let step = &self.operation.place(*member).step;
                        let is_map = matches!(step, Step::Value(_) | Step::Fitting { .. });
                        let copies = 1..if is_map { self.operation.place(id).least } else { 1 };
                        let copies = copies.map(|copy| (format!("{name}{copy}").into(), self.fragment(*member, &[])));
                        let copies: Vec<(Arc<str>, Json)> = copies.collect();
                        std::iter::once((name, self.build(*member, overrides, needed))).chain(copies)
                    })
                    .collect();
                for (place, slot) in overrides {
                    if let (true, Slot::Extra(name, value)) = (*place == id, slot) {
                        built.push((name.as_str().into(), value.clone()));
                    }
                }
                Json::Object(built)
            }
            Shape::Tuple { items, element } => {
                let mut elements: Vec<Json> = items.iter().map(|item| self.build(*item, overrides, needed)).collect();
                let least = self.operation.place(id).least;
                if let Some(element) = element.filter(|element| needed[element.0] || least > 0) {
                    elements.push(self.build(element, overrides, needed));
                    elements.extend((1..least).map(|_| self.fragment(element, &[])));
                }
                Json::Array(elements)
            }
            Shape::Array { element } if !needed[element.0] && self.adaptations.emptied.contains(&id) => {
                Json::Array(Vec::new())
            }
            Shape::Array { element } => {
                // Where a contract is complete, an array that is refused is tried without elements.
                let learnt = self.adaptations.ordinary.get(&id).filter(|_| self.operation.is_open);
                let learnt = match learnt {
                    Some(Json::Array(learnt)) if !needed[element.0] => return Json::Array(learnt.clone()),
                    Some(Json::Array(learnt)) => Some(learnt),
                    _ => None,
                };
                let mut elements = vec![self.build(*element, overrides, needed)];
                match learnt {
                    Some(learnt) => elements.extend(learnt.iter().skip(1).cloned()),
                    None => {
                        elements.extend((1..self.operation.place(id).least).map(|_| self.fragment(*element, &[])));
                    }
                }
                Json::Array(elements)
            }
            scalar => match self.adaptations.ordinary.get(&id) {
                Some(value) => value.clone(),
                None => match self.fresh {
                    Some(number) => fresh_scalar(scalar, number.wrapping_add(id.0 as u64)),
                    None => ordinary_scalar(scalar),
                },
            },
        }
    }

    /// Whether a member is one of the branch that an object is to keep: that of a place which is wished for, else the
    /// one that was learnt, else the first.
    fn is_active(&self, object: PlaceId, member: PlaceId, overrides: &[(PlaceId, Slot)]) -> bool {
        let Some(branch) = self.operation.place(member).branch else { return true };
        let wanted = overrides.iter().find_map(|(place, _)| self.operation.branch_at(object, *place));
        wanted.or_else(|| self.adaptations.branches.get(&object).copied()).unwrap_or(0) == branch
    }

    fn is_present(&self, member: PlaceId, overrides: &[(PlaceId, Slot)], needed: &[bool]) -> bool {
        let absent = overrides.iter().any(|(place, slot)| *place == member && *slot == Slot::Absent);
        let inherent = matches!(self.operation.place(member).presence, Presence::Mandatory(_));
        !absent && (needed[member.0] || inherent || self.adaptations.carried.contains(&member))
    }

    fn member_name(&self, member: PlaceId) -> Arc<str> {
        self.operation.place(member).member().unwrap_or_default().into()
    }
}

/// The ordinary value of a shape, but with a text of this number's own where any would do.
fn fresh_scalar(shape: &Shape, number: u64) -> Json {
    match (shape, ordinary_scalar(shape)) {
        (Shape::Text { values: None, .. }, Json::Text(text)) => Json::Text(letters(number, text.chars().count())),
        // Forms of which any value will do as long as it is one.
        (Shape::Opaque { .. }, Json::Text(text)) if text == "sample@example.com" => {
            Json::Text(format!("{}@example.com", letters(number, WORD.len())))
        }
        (_, ordinary) => ordinary,
    }
}

/// So many small letters, drawn by a number: the same for the same.
pub(crate) fn letters(number: u64, count: usize) -> String {
    let mut draw = fastrand::Rng::with_seed(number);
    std::iter::repeat_with(|| draw.lowercase()).take(count).collect()
}

/// No letter of the ordinary word.
const OTHER_LETTER: &str = "x";
/// Off the bounds of every range that starts at 0 or 1.
const ORDINARY_NUMBER: i128 = 7;

/// The ordinary value of a shape that is no container.
pub(crate) fn ordinary_scalar(shape: &Shape) -> Json {
    match shape {
        Shape::Text { values: Some(values), .. } | Shape::Integer { values: Some(values), .. } => {
            Json::from(&values.firm[0])
        }
        Shape::Text { min, max, .. } => {
            Json::Text(text_of_length(WORD.len().clamp(min.unwrap_or(0), max.unwrap_or(usize::MAX))))
        }
        Shape::Integer { min, max, .. } => Json::number(ordinary_integer(*min, *max)),
        Shape::Number { min, max } => Json::float(ordinary_float(*min, *max)),
        Shape::Opaque { samples, .. } => samples.first().map_or(Json::Null, Json::from),
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

/// Other legal values of a shape than this one, which is legal: those that differ least first.
pub(crate) fn alternatives(shape: &Shape, usual: &Json) -> Vec<Json> {
    let all: Vec<Json> = match shape {
        Shape::Text { values: Some(values), .. } | Shape::Integer { values: Some(values), .. } => {
            values.firm.iter().map(Json::from).collect()
        }
        Shape::Text { min, max, .. } => {
            let Json::Text(usual) = usual else { return Vec::new() };
            let length = usual.chars().count();
            let legal = |length: &usize| min.is_none_or(|min| *length >= min) && max.is_none_or(|max| *length <= max);
            let lengths = [Some(length + 1), length.checked_sub(1), Some(1), *min, *max];
            let other = std::iter::once(OTHER_LETTER.repeat(length));
            other.chain(lengths.into_iter().flatten().filter(legal).map(text_of_length)).map(Json::Text).collect()
        }
        Shape::Integer { min, max, .. } => {
            let Json::Number(digits) = usual else { return Vec::new() };
            let legal = |value: &i128| min.is_none_or(|min| *value >= min) && max.is_none_or(|max| *value <= max);
            // Beyond 64 bits a value would differ in more than itself.
            let fits = |value: &i128| (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(value);
            let near = digits.parse::<i128>().map(|usual| [usual + 1, usual - 1]).unwrap_or_default();
            near.into_iter().filter(fits).chain(*min).chain(*max).filter(legal).map(Json::number).collect()
        }
        Shape::Number { min, max } => {
            let Json::Number(digits) = usual else { return Vec::new() };
            let legal = |value: &f64| min.is_none_or(|min| *value >= min) && max.is_none_or(|max| *value <= max);
            let Ok(usual) = digits.parse::<f64>() else { return Vec::new() };
            let near = [usual + 1.0, usual - 1.0, usual.next_up(), usual.next_down()];
            // Some targets take only numbers without a fraction.
            let whole = [min.map(f64::ceil), max.map(f64::floor)].into_iter().flatten();
            let all = near.into_iter().chain(*min).chain(*max).chain(whole);
            all.filter(|value| value.is_finite() && legal(value)).map(Json::float).collect()
        }
        Shape::Boolean => vec![Json::Bool(true), Json::Bool(false)],
        Shape::Opaque { samples, .. } => samples.iter().map(Json::from).collect(),
        // A container is not replaced: its parts have alternatives of their own.
        Shape::Array { .. } | Shape::Tuple { .. } | Shape::Object { .. } => Vec::new(),
    };
    let mut others: Vec<Json> = Vec::new();
    for value in all {
        if value != *usual && !others.contains(&value) {
            others.push(value);
        }
    }
    others
}

/// The bounds of a shape that a value stands on: the least, the greatest, or both.
pub(crate) fn bounds_hit(shape: &Shape, value: &Json) -> (bool, bool) {
    let hit = |least: Option<Json>, most: Option<Json>, value: &Json| {
        (least.is_some_and(|least| least == *value), most.is_some_and(|most| most == *value))
    };
    match (shape, value) {
        (Shape::Text { min, max, .. }, Json::Text(text)) => {
            let length = Some(text.chars().count());
            (*min == length, *max == length)
        }
        (Shape::Integer { min, max, .. }, value) => hit(min.map(Json::number), max.map(Json::number), value),
        (Shape::Number { min, max }, value) => hit(min.map(Json::float), max.map(Json::float), value),
        _ => (false, false),
    }
}
