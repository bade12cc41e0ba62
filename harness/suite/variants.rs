//! Variants: other legal bodies than the ordinary one, and which of their differences a target cares about.
//!
//! Where a body is refused, nobody says what for. Each of several causes hides the others: only a body without any of them
//! is accepted. So the values of many places are changed at once, in many ways, until one body is accepted; what can be
//! changed back then without a refusal was no cause.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::{Exchange, Reason, Run};
use crate::compose::{Adaptations, Composer, Slot, alternatives};
use crate::contract::{PlaceId, Presence, Shape};
use crate::json::Json;
use crate::oracle::Reaction;
use crate::session::{Ask, Doubt, Expect, Heard, Over, Variant};

/// Something about a body that can be otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// An optional member comes along.
    Carried(PlaceId),
    /// A place has this value.
    Value(PlaceId, Json),
    /// An array has no element.
    Emptied(PlaceId),
    /// An object keeps another of its branches.
    Branch(PlaceId, usize),
}

/// What may be varied in a body.
#[derive(Debug, Default)]
pub(super) struct Variations {
    /// Optional members that may come along.
    pub(super) members: Vec<PlaceId>,
    /// Places, and the values that they may have beside the one that they have.
    pub(super) values: Vec<(PlaceId, Vec<Json>)>,
    /// Arrays that may be empty, which is tried last: it hides all that stands in them.
    pub(super) arrays: Vec<PlaceId>,
    /// Objects, and the other branches that each may keep.
    pub(super) branches: Vec<(PlaceId, usize)>,
}

/// A body that is accepted, and how it differs from one that is not: nothing of it can be left out.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) changes: Vec<Change>,
    pub(super) exchange: Rc<Exchange>,
}

/// Why no variant of a refused body can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unserved {
    /// Every one that was tried is refused, too.
    Refused,
    /// Of some it is not known what the target makes of them, for this reason.
    Unknown(Reason),
    /// Of some it is not known because the run is over.
    Over(Over),
}

impl From<Over> for Unserved {
    fn from(over: Over) -> Self {
        Self::Over(over)
    }
}

/// In so many ways a body is varied before a place is given up.
pub(super) const MOST_VARIANTS: usize = 24;
/// So many requests an operation of an open contract is tried with before nothing of it is known to be accepted.
const MOST_TRIES: usize = 20;
/// What is asked at once while a variant is looked for.
const BATCH: usize = 8;

impl Run<'_> {
    /// The smallest set of changes with which a refused body is accepted, looked for in so many variants.
    pub(super) fn served(
        &mut self,
        overrides: &[(PlaceId, Slot)],
        variations: &Variations,
        most: usize,
    ) -> Result<Served, Unserved> {
        let mut unknown = None;
        let mut draw = fastrand::Rng::with_seed(0);
        let mixtures = if variations.members.is_empty() && variations.values.is_empty() { 0 } else { most };
        let mut pending: Vec<Vec<Change>> = (0..mixtures).map(|number| variations.variant(number, &mut draw)).collect();
        let branches = variations.branches.iter().map(|(object, branch)| vec![Change::Branch(*object, *branch)]);
        pending.splice(0..0, branches);
        pending.extend(variations.without_elements());
        if self.operation.is_open && !self.session.has_accepted() {
            pending.truncate(MOST_TRIES.saturating_sub(self.session.requests()));
        }
        let mut size = BATCH / 2;
        while !pending.is_empty() {
            let mut variants: Vec<Vec<Change>> = pending.drain(..size.min(pending.len())).collect();
            variants.retain(|changes| {
                let adaptations = taught(&self.composer.adaptations, changes);
                self.is_legal(&Composer::taught(self.operation, adaptations), overrides)
            });
            size = BATCH;
            let asks: Vec<_> = variants.iter().map(|changes| self.varied(overrides, changes).shared()).collect();
            let heard = self.session.inquire(&asks)?;
            let accepted = heard.iter().position(|heard| heard.reaction == Reaction::Accepted);
            if let Some(index) = accepted {
                return Ok(self.least(overrides, variants[index].clone(), heard[index].exchange.clone())?);
            }
            unknown = heard.iter().find_map(|heard| self.hindrance(heard.reaction)).or(unknown);
        }
        Err(unknown.map_or(Unserved::Refused, Unserved::Unknown))
    }

    /// Why nothing is known of what was answered so.
    pub(super) fn hindrance(&self, reaction: Reaction) -> Option<Reason> {
        match reaction {
            Reaction::Throttled => Some(Reason::Throttled),
            Reaction::Unknown if self.session.is_inconsistent() => Some(Reason::Doubt(Doubt::Changes)),
            Reaction::Unknown => Some(Reason::Doubt(Doubt::Gone)),
            _ => None,
        }
    }

    /// What the target makes of a body with these changes.
    pub(super) fn tried(&mut self, overrides: &[(PlaceId, Slot)], changes: &[Change]) -> Result<Heard, Over> {
        let ask = self.varied(overrides, changes);
        self.session.inquire_one(&ask)
    }

    fn varied(&self, overrides: &[(PlaceId, Slot)], changes: &[Change]) -> Ask {
        let composer = Composer::taught(self.operation, taught(&self.composer.adaptations, changes));
        let request = self.request_with(self.body_of(&composer, overrides));
        let variant = (self.session.wavers() && !request.is_repeatable()).then(|| Variant::repeated(request.clone()));
        Ask {
            request,
            scope: crate::oracle::Scope::Operation,
            expect: Expect::Decided,
            key: None,
            shared: false,
            variant,
        }
    }

    /// Takes back what can be taken back: ever smaller shares of the changes.
    pub(super) fn least(
        &mut self,
        overrides: &[(PlaceId, Slot)],
        mut changes: Vec<Change>,
        mut exchange: Rc<Exchange>,
    ) -> Result<Served, Over> {
        let mut share = changes.len().div_ceil(2);
        loop {
            let mut from = 0;
            while from < changes.len() {
                let end = (from + share).min(changes.len());
                let left = [&changes[..from], &changes[end..]].concat();
                let heard = self.tried(overrides, &left)?;
                if heard.reaction == Reaction::Accepted {
                    (changes, exchange) = (left, heard.exchange);
                } else {
                    from = end;
                }
            }
            if share <= 1 {
                return Ok(Served { changes, exchange });
            }
            share = share.div_ceil(2);
        }
    }

    /// The places of a body that hold one value, and what else they may hold; but for those within `apart`.
    pub(super) fn values_in(&self, overrides: &[(PlaceId, Slot)], apart: &[PlaceId]) -> Vec<(PlaceId, Vec<Json>)> {
        let is_apart = |id: PlaceId| apart.iter().any(|apart| self.operation.is_within(id, *apart));
        self.composer
            .present(overrides)
            .into_iter()
            .filter(|id| !is_apart(*id) && !self.is_blocked(*id))
            .map(|id| (id, self.others(id)))
            .filter(|(_, values)| !values.is_empty())
            .collect()
    }

    /// The values that a place may have beside its ordinary one: what the document shows, and those that differ least.
    fn others(&self, id: PlaceId) -> Vec<Json> {
        let ordinary = self.composer.ordinary(id);
        let near = alternatives(&self.operation.place(id).shape, &ordinary);
        let shown = self.shown.get(&id).into_iter().flatten().filter(|value| **value != ordinary).cloned();
        let mut others: Vec<Json> = shown.collect();
        // What keywords say that no shape tells, they show.
        let assertions = self.operation.place(id).assertions.iter().flat_map(|one| &one.inside);
        for value in near.into_iter().chain(assertions.map(|sample| Json::from(&sample.value))) {
            if value != ordinary && !others.contains(&value) {
                others.push(value);
            }
        }
        others
    }

    /// The arrays of a body that have an element for want of a reason to have none; those within a place.
    pub(super) fn arrays_in(&self, overrides: &[(PlaceId, Slot)], within: PlaceId) -> Vec<PlaceId> {
        let asked =
            |id: PlaceId| overrides.iter().any(|(place, _)| *place != id && self.operation.is_within(*place, id));
        let is_open = |id: &PlaceId| {
            matches!(self.operation.place(*id).shape, Shape::Array { .. })
                && self.operation.is_within(*id, within)
                && !self.composer.adaptations.emptied.contains(id)
                && !asked(*id)
                && !self.is_blocked(*id)
        };
        self.composer.present(overrides).into_iter().filter(is_open).collect()
    }

    /// The other branches that objects of a body may keep; of those within a place, and of itself.
    pub(super) fn branches_in(&self, overrides: &[(PlaceId, Slot)], within: PlaceId) -> Vec<(PlaceId, usize)> {
        let other_branch = |id: PlaceId| {
            let place = self.operation.place(id);
            let object = place.parent.filter(|object| self.operation.is_within(*object, within))?;
            Some((object, place.branch.filter(|branch| *branch > 0)?))
        };
        let present = self.composer.present(overrides);
        let all = self.operation.places().filter_map(|(id, _)| other_branch(id));
        let open: BTreeSet<_> =
            all.filter(|(object, _)| present.contains(object) && !self.is_blocked(*object)).collect();
        open.into_iter().collect()
    }

    /// Optional members that are missing from a body though their object is in it, within a place.
    pub(super) fn absent_members(&self, overrides: &[(PlaceId, Slot)], within: PlaceId) -> Vec<PlaceId> {
        let present = self.composer.present(overrides);
        let lacks = |id: PlaceId| {
            let place = self.operation.place(id);
            let around = place.parent.is_some_and(|parent| present.contains(&parent));
            around && place.presence == Presence::Optional && !present.contains(&id)
        };
        let inner = self.operation.places().map(|(id, _)| id).filter(|id| self.operation.is_within(*id, within));
        inner.filter(|id| lacks(*id) && !self.is_blocked(*id)).collect()
    }
}

impl Variations {
    /// Without any element: as it is, with other values, with everything that may come along.
    fn without_elements(&self) -> Vec<Vec<Change>> {
        if self.arrays.is_empty() {
            return Vec::new();
        }
        let emptied = || self.arrays.iter().copied().map(Change::Emptied).collect::<Vec<_>>();
        let mut ways = vec![emptied()];
        if !self.values.is_empty() || !self.members.is_empty() {
            // The first mixtures are made without a draw.
            let mut draw = fastrand::Rng::with_seed(0);
            ways.extend((0..4).map(|number| [emptied(), self.variant(number, &mut draw)].concat()));
        }
        ways
    }

    /// One way to make use of it: everything at once first, then every other mixture.
    fn variant(&self, number: usize, draw: &mut fastrand::Rng) -> Vec<Change> {
        let carried = |members: Vec<&PlaceId>| members.into_iter().copied().map(Change::Carried).collect::<Vec<_>>();
        let nth = |number: usize| {
            self.values.iter().map(move |(id, values)| Change::Value(*id, values[number % values.len()].clone()))
        };
        let all = || carried(self.members.iter().collect());
        match number {
            0 => nth(0).collect(),
            1 if !self.members.is_empty() => all(),
            2 if !self.members.is_empty() => all().into_iter().chain(nth(0)).collect(),
            1..4 => nth(1).collect(),
            _ => {
                let members = match number % 3 {
                    0 => Vec::new(),
                    1 => all(),
                    _ => carried(self.members.iter().filter(|_| draw.bool()).collect()),
                };
                let values = self.values.iter().filter_map(|(id, values)| {
                    let chosen = draw.usize(0..=values.len()).checked_sub(1)?;
                    Some(Change::Value(*id, values[chosen].clone()))
                });
                let values: Vec<Change> = values.collect();
                members.into_iter().chain(values).collect()
            }
        }
    }
}

/// Adaptations, and these changes on top of them.
pub(super) fn taught(adaptations: &Adaptations, changes: &[Change]) -> Adaptations {
    let mut adaptations = adaptations.clone();
    for change in changes {
        match change {
            Change::Carried(member) => {
                adaptations.carried.insert(*member);
            }
            Change::Value(place, value) => {
                adaptations.ordinary.insert(*place, value.clone());
            }
            Change::Emptied(array) => {
                adaptations.emptied.insert(*array);
            }
            Change::Branch(object, branch) => {
                adaptations.branches.insert(*object, *branch);
            }
        }
    }
    adaptations
}

/// The values that changes give to places.
pub(super) fn values_of(changes: &[Change]) -> BTreeMap<PlaceId, Json> {
    let value = |change: &Change| match change {
        Change::Value(place, value) => Some((*place, value.clone())),
        Change::Carried(_) | Change::Emptied(_) | Change::Branch(..) => None,
    };
    changes.iter().filter_map(value).collect()
}
