//! What stands in every body: the places alone make the least that each part allows, and a schema may demand more than its parts
//! say: one of two members, a value that goes with another.
//!
//! So the least body, and one that holds each optional part, are held against the whole schema. Where one breaks it, a legal
//! value of the part shows which optional members must come along, and with which values. Where none shows it, that part is
//! sent as a whole only.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::OperationReader;
use crate::compose::{Composer, Overrides, Slot};
use crate::contract::{Direction, Operation, Place, PlaceId, Presence, Shape, Step};
use crate::identity::{Site, fitting};
use crate::json::Json;
use crate::validate::Judge;

/// Of so many optional parts it is found out whether they are legal by themselves.
const MOST_PARTS: usize = 300;

/// Finds out what must come along in the bodies of an operation; an error names the part that is to be sent as a whole.
pub(super) fn settle(reading: &OperationReader<'_>, operation: &mut Operation, schemas: &[Value]) -> Result<(), Site> {
    let judge = Judge::new(operation);
    let is_part =
        |place: &Place| matches!(place.shape, Shape::Object { .. } | Shape::Array { .. } | Shape::Tuple { .. });
    let optional = operation.places().filter(|(_, place)| place.presence == Presence::Optional);
    let parts: Vec<PlaceId> = optional.map(|(id, _)| id).take(MOST_PARTS).collect();
    let all = std::iter::once(Overrides::new()).chain(parts.into_iter().map(|part| vec![(part, Slot::Ordinary)]));
    for overrides in all.collect::<Vec<_>>() {
        let Some(place) = broken(operation, &judge, &overrides) else { continue };
        let around: Vec<PlaceId> = operation.lineage(place).collect();
        let is_taught = around.iter().any(|part| teach(reading, operation, schemas, &judge, *part, &overrides));
        let is_whole = overrides.first().is_none_or(|(part, _)| is_part(operation.place(*part)));
        if !is_taught && is_whole {
            let is_object = |part: &&PlaceId| is_part(operation.place(**part));
            let whole = around.iter().find(is_object).copied().unwrap_or(Operation::ROOT);
            return Err(operation.place(whole).site.clone());
        }
    }
    Ok(())
}

/// Where the body that fulfils these overrides breaks the schema; nothing where it is legal.
fn broken(operation: &Operation, judge: &Judge, overrides: &Overrides) -> Option<PlaceId> {
    let body: Value = serde_json::from_str(&Composer::new(operation).body(overrides).render()).ok()?;
    let path = judge.first_error(&body)?;
    let mut place = Operation::ROOT;
    for step in path {
        let branch = overrides.first().and_then(|(wished, _)| operation.branch_at(place, *wished)).unwrap_or(0);
        let child = operation.places().find(|(_, other)| {
            other.parent == Some(place)
                && other.branch.is_none_or(|other| other == branch)
                && match (&other.step, &step) {
                    (Step::Member(name) | Step::Value(name), crate::identity::Step::Member(wanted)) => {
                        **name == **wanted
                    }
                    (Step::Fitting { pattern, .. }, crate::identity::Step::Pattern(wanted)) => **pattern == **wanted,
                    (Step::At(index), crate::identity::Step::Index(wanted)) => index == wanted,
                    (Step::Element, crate::identity::Step::Element) => true,
                    _ => false,
                }
        });
        match child {
            Some((child, _)) => place = child,
            None => break,
        }
    }
    Some(place)
}

/// Tries legal values of a part until one shows what must come along; whether one does.
fn teach(
    reading: &OperationReader<'_>,
    operation: &mut Operation,
    schemas: &[Value],
    judge: &Judge,
    part: PlaceId,
    overrides: &Overrides,
) -> bool {
    if !matches!(operation.place(part).shape, Shape::Object { .. }) {
        return false;
    }
    let mut samples = reading.samples(&schemas[part.0], Direction::Request, &|value| value.is_object());
    if part == Operation::ROOT {
        // What one member demands of another is known of the whole.
        samples.extend(reading.searched(&schemas[part.0], &|value| judge.accepts(value)));
    }
    let before = operation.body.clone();
    for sample in samples {
        let mut held = BTreeSet::new();
        let asked = overrides.first().map(|(place, _)| *place);
        if take(operation, (part, asked), &sample, &mut held) {
            match overrides.first() {
                // What stands in a sample of it stands beside the wished part, and nowhere else.
                Some((asked, _)) if held.contains(asked) => {
                    operation.body.beside.insert(*asked, held);
                }
                Some(_) => {}
                None => operation.body.present.extend(held),
            }
            if broken(operation, judge, overrides).is_none() {
                fewest(operation, judge, overrides);
                return true;
            }
        }
        operation.body = before.clone();
    }
    false
}

/// Takes away what need not stand there.
fn fewest(operation: &mut Operation, judge: &Judge, overrides: &Overrides) {
    let asked = overrides.first().map(|(part, _)| *part);
    let all: Vec<PlaceId> = match asked {
        Some(part) => operation.body.beside.get(&part).into_iter().flatten().copied().collect(),
        None => operation.body.present.iter().copied().collect(),
    };
    for other in all.into_iter().rev() {
        let change = |operation: &mut Operation, is_there: bool| {
            let set = match asked {
                Some(part) => operation.body.beside.entry(part).or_default(),
                None => &mut operation.body.present,
            };
            if is_there { set.insert(other) } else { set.remove(&other) }
        };
        change(operation, false);
        if broken(operation, judge, overrides).is_some() {
            change(operation, true);
        }
    }
}

/// The place of what an object holds under a name that it does not describe: what fits the name, or any other value.
fn map_of(operation: &Operation, object: PlaceId, name: &str) -> Option<PlaceId> {
    let inner = || operation.places().filter(|(_, other)| other.parent == Some(object));
    let fits = |step: &Step| matches!(step, Step::Fitting { pattern, .. } if fitting(pattern)(name));
    let fit = inner().find(|(_, other)| fits(&other.step));
    fit.or_else(|| inner().find(|(_, other)| matches!(other.step, Step::Value(_)))).map(|(id, _)| id)
}

/// Makes a value the usual one of a place, as far as places can hold it; whether they can. The optional members that it holds
/// are told.
fn take(
    operation: &mut Operation,
    (place, wished): (PlaceId, Option<PlaceId>),
    value: &Value,
    held: &mut BTreeSet<PlaceId>,
) -> bool {
    match (operation.place(place).shape.clone(), value) {
        (Shape::Object { members, .. }, Value::Object(object)) => {
            let mut known = BTreeSet::new();
            let branch = wished.and_then(|wished| operation.branch_at(place, wished)).unwrap_or(0);
            for member in members {
                let Step::Member(name) = operation.place(member).step.clone() else { continue };
                let is_active = operation.place(member).branch.is_none_or(|other| other == branch);
                let Some(value) = object.get(&name).filter(|_| is_active) else { continue };
                known.insert(name);
                if operation.place(member).presence == Presence::Optional {
                    held.insert(member);
                }
                if !take(operation, (member, wished), value, held) {
                    return false;
                }
            }
            // Of a map one value stands for all.
            let mut maps: BTreeMap<PlaceId, &String> = BTreeMap::new();
            for name in object.keys().filter(|name| !known.contains(*name)) {
                let Some(map) = map_of(operation, place, name) else { return false };
                match maps.get(&map) {
                    Some(first) if object[*first] == object[name] => {}
                    Some(_) => return false,
                    None => drop(maps.insert(map, name)),
                }
            }
            maps.into_iter().all(|(map, name)| {
                match &mut operation.place_mut(map).step {
                    Step::Value(known) | Step::Fitting { name: known, .. } => known.clone_from(name),
                    Step::Root | Step::Member(_) | Step::Element | Step::At(_) => {}
                }
                held.insert(map);
                take(operation, (map, wished), &object[name], held)
            })
        }
        (Shape::Array { element }, Value::Array(elements)) => match &elements[..] {
            [first, rest @ ..] => {
                rest.iter().all(|other| other == first) && take(operation, (element, wished), first, held)
            }
            [] => false,
        },
        (Shape::Tuple { items, element }, Value::Array(elements)) if elements.len() >= items.len() => {
            let (first, rest) = elements.split_at(items.len());
            let is_taken =
                items.into_iter().zip(first).all(|(item, value)| take(operation, (item, wished), value, held));
            let is_alike = rest.windows(2).all(|pair| pair[0] == pair[1]);
            let mut after = element.zip(rest.first());
            is_taken
                && is_alike
                && (rest.is_empty()
                    || after.take().is_some_and(|(element, value)| {
                        held.insert(element);
                        take(operation, (element, wished), value, held)
                    }))
        }
        (Shape::Object { .. } | Shape::Array { .. } | Shape::Tuple { .. }, _) => false,
        _ => {
            if Composer::new(operation).ordinary(place) != Json::from(value) {
                operation.body.ordinary.insert(place, value.clone());
            }
            true
        }
    }
}
