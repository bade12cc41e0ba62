//! Reading back: a body that is no JSON is judged by its bytes, in which types have vanished.
//!
//! Legal is what reads as it was meant. Illegal is what no reading of the probed members makes legal, a lenient one neither: no
//! document says whether `1` does for true, or whether blanks around a value count.

use serde_json::{Map, Value};

use crate::carrier;
use crate::compose::Slot;
use crate::contract::{Coding, Operation, PlaceId};
use crate::json::Json;
use crate::rule::Side;
use crate::validate::Judge;

/// Whether the bytes of a body that was made by these overrides are read as they were meant: as what is legal, or illegal.
pub(super) fn is_read_as_meant(
    operation: &Operation,
    judge: &Judge,
    (body, overrides): (&Json, &[(PlaceId, Slot)]),
    side: Side,
) -> bool {
    if operation.body.coding == Coding::Json {
        return true;
    }
    if matches!(operation.body.coding, Coding::Text | Coding::Bytes) {
        return is_text_as_meant(operation, judge, body, side);
    }
    // The judge may not be able to read a number as it will be sent.
    let Ok(Value::Object(members)) = serde_json::from_str::<Value>(&body.render()) else { return false };
    if side == Side::Outside && members.is_empty() && !operation.body.is_required {
        // No body is legal, too.
        return false;
    }
    // What is empty may be taken for absent, and what not everybody reads alike for nothing at all.
    let is_telling = |(name, value): (&String, &Value)| {
        !is_probed(operation, overrides, name)
            || (carrier::is_sure(operation, name, value) && (side == Side::Outside || value != ""))
    };
    members.iter().all(is_telling)
        && match side {
            Side::Inside => carrier::reads_back(operation, body),
            Side::Outside => is_illegal_however_read(operation, judge, (body, &members), overrides),
        }
}

/// The same of a body that is one text.
fn is_text_as_meant(operation: &Operation, judge: &Judge, body: &Json, side: Side) -> bool {
    if side == Side::Inside {
        return carrier::reads_back(operation, body);
    }
    let readings = carrier::whole(operation, &carrier::bytes(operation, body)).unwrap_or_default();
    let lenient = readings.first().map(carrier::lenient).unwrap_or_default();
    let is_empty = readings.first().is_none_or(|text| text == "");
    let mut all = readings.iter().map(Some).chain(lenient.iter().map(Option::as_ref));
    !is_empty && !all.any(|value| value.is_none_or(|value| judge.accepts(value)))
}

/// Whether a member of the body is one that the overrides are about.
fn is_probed(operation: &Operation, overrides: &[(PlaceId, Slot)], name: &str) -> bool {
    overrides.iter().any(|(place, slot)| {
        operation.member_around(*place) == Some(name) || matches!(slot, Slot::Extra(extra, _) if extra == name)
    })
}

/// Whether the bytes of a body without types are illegal in every reading of what is probed.
fn is_illegal_however_read(
    operation: &Operation,
    judge: &Judge,
    (body, intended): (&Json, &Map<String, Value>),
    overrides: &[(PlaceId, Slot)],
) -> bool {
    let Some(meant) = carrier::members(operation, &operation.body.media_type, &carrier::bytes(operation, body)) else {
        return false;
    };
    if meant.len() != intended.len() || meant.iter().any(|(name, _)| !intended.contains_key(name)) {
        return false;
    }
    let with = |name: &str, value: Option<&Value>| {
        let mut body = intended.clone();
        match value {
            Some(value) => drop(body.insert(name.to_owned(), value.clone())),
            None => drop(body.shift_remove(name)),
        }
        judge.accepts(&body.into())
    };
    let is_legal_as = |(name, values): &(String, Vec<Value>)| {
        let lenient = values.first().map(carrier::lenient).unwrap_or_default();
        values.iter().map(Some).chain(lenient.iter().map(Option::as_ref)).any(|value| with(name, value))
    };
    let (probed, others): (Vec<_>, Vec<_>) = meant.iter().partition(|(name, _)| is_probed(operation, overrides, name));
    let is_as_meant = |(name, values): &&(String, Vec<Value>)| values.contains(&intended[name.as_str()]);
    others.iter().all(is_as_meant) && !probed.into_iter().any(is_legal_as)
}
