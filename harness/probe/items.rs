//! `items`: an array may hold any number of elements, and every one of them is checked.

use super::{FIRM_BATCH, Kind, Maker, Send, Travel, types};
use crate::compose::{Overrides, Slot, alternatives, text_of_length};
use crate::contract::{Assertion, Operation, PlaceId, Presence, Shape, Standing};
use crate::json::Json;
use crate::rule::{Keyword, Side};

/// How many elements an array of several has: a first, a last, and one that is neither.
const SEVERAL: usize = 3;

/// The elements of an array of several, by where they stand; without one in the middle where more would stand on a bound.
fn positions(maker: &Maker<'_>, place: PlaceId) -> (&'static str, &'static [&'static str]) {
    let is_full = |one: &Assertion| one.keyword == Keyword::MaxItems && one.bound == SEVERAL;
    if maker.composer.operation().place(place).assertions.iter().any(is_full) {
        return ("two", &["first", "last"]);
    }
    ("three", &["first", "in the middle", "last"])
}

pub(super) fn probes(maker: &mut Maker<'_>, place: PlaceId) {
    let Shape::Array { element } = *maker.shape(place) else { return };
    maker.together(FIRM_BATCH, Kind::EmptyArray, "no element", place, Json::Array(Vec::new()));
    // Alone, because it is also the control of the broken elements below.
    let (count, positions) = positions(maker, place);
    let legal = vec![(place, Slot::Elements(several(maker, element, positions.len())))];
    maker.push(Side::Inside, Kind::Several, format!("{count} elements"), Send::Body(legal), Travel::Alone);
    for (trial, (what, broken)) in broken(maker, element).into_iter().enumerate() {
        for (position, name) in positions.iter().enumerate() {
            let mut elements = vec![Overrides::new(); positions.len()];
            elements[position].clone_from(&broken);
            let overrides = vec![(place, Slot::Elements(elements))];
            let (what, travel) = (format!("{what} {name} of {count}"), Travel::Trial(trial));
            maker.push(Side::Outside, Kind::BrokenElement, what, Send::Body(overrides), travel);
        }
    }
}

/// Legal elements: each the ordinary one; in an open contract different ones where there are such, because a service may mind
/// that two are alike.
fn several(maker: &Maker<'_>, element: PlaceId, count: usize) -> Vec<Overrides> {
    let operation = maker.composer.operation();
    let mut elements = vec![Overrides::new(); count];
    if operation.is_open {
        let others = alternatives(&operation.place(element).shape, &maker.composer.ordinary(element));
        for (overrides, other) in elements.iter_mut().skip(1).zip(others) {
            overrides.push((element, Slot::Value(other)));
        }
    }
    elements
}

/// Ways to break an element: its type, a null, a rule of its own.
fn broken(maker: &Maker<'_>, element: PlaceId) -> Vec<(String, Overrides)> {
    let operation = maker.composer.operation();
    let wrong = types::any_wrong(operation, element, &maker.composer.ordinary(element));
    let wrong = wrong.map(|wrong| ("a wrong element".to_owned(), vec![(element, Slot::Value(wrong))]));
    let mut ways: Vec<(String, Overrides)> = wrong.into_iter().collect();
    if operation.place(element).null.is_none() {
        ways.push(("a null element".to_owned(), vec![(element, Slot::Value(Json::Null))]));
    }
    ways.extend(own_rule(maker, operation, element));
    ways.extend(own_bound(operation, element));
    ways
}

/// A value past a bound of the element, or of its first member that has one.
fn own_bound(operation: &Operation, element: PlaceId) -> Option<(String, Overrides)> {
    let candidates = match &operation.place(element).shape {
        Shape::Object { members, .. } => members.clone(),
        _ => vec![element],
    };
    candidates.into_iter().find_map(|place| {
        let value = match &operation.place(place).shape {
            Shape::Text { max: Some(max), .. } => Json::Text(text_of_length(max + 1)),
            Shape::Integer { max: Some(max), .. } => Json::number(max + 1),
            _ => return None,
        };
        let name = &operation.place(place).site;
        Some((format!("an element with {name} past its bound"), vec![(place, Slot::Value(value))]))
    })
}

fn own_rule(maker: &Maker<'_>, operation: &Operation, element: PlaceId) -> Option<(String, Overrides)> {
    let Shape::Object { members, .. } = &operation.place(element).shape else { return None };
    let mandatory = members
        .iter()
        .find(|member| operation.place(**member).presence == Presence::Mandatory(Standing::Firm))
        .map(|member| (*member, Slot::Absent));
    let (member, slot) = mandatory.or_else(|| {
        members.first().and_then(|member| {
            let wrong = types::any_wrong(operation, *member, &maker.composer.ordinary(*member))?;
            Some((*member, Slot::Value(wrong)))
        })
    })?;
    let name = &operation.place(member).site;
    Some((format!("an element with a broken {name}"), vec![(member, slot)]))
}
