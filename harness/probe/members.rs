//! Members of objects: `required`, `optional`, `null`, and those that no table names.

use super::{FIRM_BATCH, Kind, Maker, Send, Travel};
use crate::compose::Slot;
use crate::contract::{Place, PlaceId, Presence};
use crate::json::Json;
use crate::rule::{Keyword, Rule, Side};

/// A name that no contract uses.
const UNKNOWN_NAME: &str = "fencepost_unknown_member";

pub(super) fn required(maker: &mut Maker<'_>, place: PlaceId) {
    maker.push(Side::Outside, Kind::Absent, "absent", Send::Body(vec![(place, Slot::Absent)]), Travel::Alone);
    let operation = maker.composer.operation();
    let parent = operation.place(place).parent;
    let counts = |id| operation.place(id).assertions.iter().any(|one| one.keyword == Keyword::MinProperties);
    if !parent.is_some_and(counts) {
        return;
    }
    // Where so many members must be there, others stand in for it.
    let beside = |(_, other): &(PlaceId, &Place)| other.parent == parent && other.presence == Presence::Optional;
    let others: Vec<PlaceId> = operation.places().filter(beside).map(|(id, _)| id).collect();
    if !others.is_empty() {
        let others = others.into_iter().map(|other| (other, Slot::Ordinary));
        let overrides = std::iter::once((place, Slot::Absent)).chain(others).collect();
        maker.push(Side::Outside, Kind::Absent, "absent beside others", Send::Body(overrides), Travel::Alone);
    }
}

/// Absent, and alone; that all are present at once is tried once for the whole body.
pub(super) fn optional(maker: &mut Maker<'_>, place: PlaceId) {
    maker.push(Side::Inside, Kind::Absent, "absent", Send::Body(vec![(place, Slot::Absent)]), Travel::Alone);
    maker.push(Side::Inside, Kind::Alone, "alone", Send::Body(vec![(place, Slot::Ordinary)]), Travel::Alone);
}

pub(super) fn null(maker: &mut Maker<'_>, rule: &Rule, place: PlaceId) {
    if rule.outside {
        maker.alone(Side::Outside, Kind::Null, "null", place, Json::Null);
    } else {
        maker.inside(rule, Kind::Null, "null", place, Json::Null);
    }
}

pub(super) fn unknown(maker: &mut Maker<'_>, rule: &Rule, place: PlaceId) {
    let legal = rule.inside && rule.standing.is_firm();
    let travel = if legal { Travel::Together(FIRM_BATCH) } else { Travel::Alone };
    let overrides = vec![(place, Slot::Extra(UNKNOWN_NAME.to_owned(), Json::number(1)))];
    maker.push(Side::Inside, Kind::UnknownMember, "a member that no table names", Send::Body(overrides), travel);
}
