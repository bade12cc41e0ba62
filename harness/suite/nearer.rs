//! What a refused array or object holds is brought as near to what is accepted as its own rule allows.
//!
//! A container in an open contract is to blame only for what it is as a whole: how much it holds, or which branch it keeps.
//! What it holds is made up of the schema alone, and a service may demand more of that: a member that may be left out, another
//! value. Then the same count, or the same branch, is tried with what is accepted there.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Run;
use crate::compose::{Overrides, Slot};
use crate::contract::{Place, PlaceId, Shape, Step};
use crate::json::Json;
use crate::oracle::Reaction;
use crate::rule::Keyword;
use crate::session::Expect;

/// So many members of an element are told apart, and so many elements and objects are tried for one that is refused.
const MOST: usize = 8;

type Members = Vec<(Arc<str>, Json)>;

impl Run<'_> {
    /// The same overrides with a container that differs less from the accepted one.
    pub(super) fn nearer(&self, place: PlaceId, slot: &Slot, keyword: Keyword) -> Vec<Overrides> {
        let Slot::Value(value) = slot else { return Vec::new() };
        let accepted = self.composer.ordinary(place);
        let made: Vec<Json> = match (value, keyword) {
            (Json::Array(elements), Keyword::MinItems | Keyword::MaxItems | Keyword::UniqueItems) => {
                self.like_elements(place, elements, &accepted).into_iter().collect()
            }
            (Json::Object(members), Keyword::MinProperties | Keyword::MaxProperties) => {
                self.of_same_size(place, members, &accepted)
            }
            (Json::Object(members), Keyword::OneOf | Keyword::AnyOf | Keyword::Not | Keyword::If) => {
                self.completed(place, members)
            }
            _ => Vec::new(),
        };
        let mut all: Vec<Overrides> = Vec::new();
        for made in made {
            let overrides = vec![(place, Slot::Value(made))];
            if !all.contains(&overrides) && overrides[0].1 != *slot && self.is_legal(&self.composer, &overrides) {
                all.push(overrides);
            }
        }
        all
    }

    /// Whether an element of a refused array is refused by itself, in the place of an accepted one.
    pub(super) fn has_refused_element(&mut self, place: PlaceId, slot: &Slot, keyword: Keyword) -> bool {
        let is_of_elements =
            matches!(keyword, Keyword::MinItems | Keyword::MaxItems | Keyword::UniqueItems | Keyword::Items);
        let value = self.composer.fragment(place, &[(place, slot.clone())]);
        let (Json::Array(elements), Json::Array(accepted), true) =
            (value, self.composer.ordinary(place), is_of_elements)
        else {
            return false;
        };
        let different: BTreeSet<&Json> = elements.iter().filter(|element| !accepted.contains(element)).collect();
        for element in different.into_iter().take(MOST) {
            let rest = accepted.iter().skip(1).cloned();
            let alone = Json::Array(std::iter::once(element.clone()).chain(rest).collect());
            let overrides = [(place, Slot::Value(alone))];
            if self.is_legal(&self.composer, &overrides) {
                let ask = self.ask_for(&overrides, Expect::Decided, None);
                if self.session.ask_one(&ask).reaction == Reaction::Refused {
                    return true;
                }
            }
        }
        false
    }

    /// As many elements, each the accepted one, or as like it as they may be.
    fn like_elements(&self, place: PlaceId, elements: &[Json], accepted: &Json) -> Option<Json> {
        let Json::Array(accepted) = accepted else { return None };
        let first = accepted.first()?;
        let is_legal =
            |elements: &[Json]| self.is_legal(&self.composer, &[(place, Slot::Value(Json::Array(elements.to_vec())))]);
        let alike = vec![first.clone(); elements.len()];
        if is_legal(&alike) {
            return Some(Json::Array(alike));
        }
        let mut made = elements.to_vec();
        for at in 0..elements.len().min(4 * MOST) {
            for like in likenesses(&elements[at], first) {
                let before = std::mem::replace(&mut made[at], like);
                // With those that come after it being different it need be legal only among those before.
                if is_legal(&made) {
                    break;
                }
                made[at] = before;
            }
        }
        Some(Json::Array(made))
    }

    /// Objects with as many members: of those that are accepted, then of those that were refused; and of others.
    fn of_same_size(&self, place: PlaceId, members: &[(Arc<str>, Json)], accepted: &Json) -> Vec<Json> {
        let Json::Object(accepted) = accepted else { return Vec::new() };
        let size = members.len();
        let demanded = self.demanded_in(place);
        let (first, rest): (Members, Members) =
            accepted.iter().cloned().partition(|(name, _)| demanded.contains(&**name));
        let accepted = [first, rest].concat();
        let others = || members.iter().filter(|(name, _)| accepted.iter().all(|(known, _)| known != name));
        let with = |others: &mut dyn Iterator<Item = (Arc<str>, Json)>| {
            Json::Object(accepted.iter().cloned().chain(others).take(size).collect())
        };
        let mut all = vec![with(&mut others().cloned())];
        let known = self.members(place);
        if let Some((_, value)) = accepted.first() {
            // What a map takes under one name it takes under another.
            let is_known = |name: &str| known.iter().any(|(_, known, _)| **known == *name);
            let like = |(name, own): &(Arc<str>, Json)| {
                (name.clone(), if is_known(name) { own.clone() } else { value.clone() })
            };
            all.push(with(&mut others().map(like)));
        }
        let usual = |(id, name, _): &(PlaceId, Arc<str>, Option<usize>)| (name.clone(), self.composer.ordinary(*id));
        let open = || known.iter().filter(|(id, _, _)| !self.is_blocked(*id));
        let more = open().filter(|(_, name, _)| accepted.iter().all(|(known, _)| known != name));
        all.push(with(&mut more.map(usual)));
        all.extend(open().filter(|_| size == 1).take(MOST).map(|known| Json::Object(vec![usual(known)])));
        // What holds less says nothing of that many.
        all.retain(|made| matches!(made, Json::Object(members) if members.len() == size));
        all
    }

    /// The object with members beside it that may be left out, of its own branch: those that the target demands, and all.
    fn completed(&self, place: PlaceId, members: &[(Arc<str>, Json)]) -> Vec<Json> {
        let known = self.members(place);
        let branches: BTreeSet<Option<usize>> = known.iter().map(|(_, _, branch)| *branch).collect();
        let demanded = self.demanded_in(place);
        let mut all = Vec::new();
        for branch in branches {
            let of_branch: Vec<&(PlaceId, Arc<str>, Option<usize>)> =
                known.iter().filter(|(_, _, other)| other.is_none() || *other == branch).collect();
            if !members.iter().all(|(name, _)| of_branch.iter().any(|(_, known, _)| known == name)) {
                continue;
            }
            for only_demanded in [true, false] {
                let mut more = self.with_inner(&of_branch, members);
                for (id, name, _) in &of_branch {
                    let is_wanted = demanded.contains(&**name) || !(only_demanded || self.is_blocked(*id));
                    if is_wanted && more.iter().all(|(other, _)| other != name) {
                        more.push((name.clone(), self.composer.ordinary(*id)));
                        if !self.is_legal(&self.composer, &[(place, Slot::Value(Json::Object(more.clone())))]) {
                            more.pop();
                        }
                    }
                }
                all.push(Json::Object(more));
            }
        }
        all
    }

    /// The names of the members of an object that the target turned out to demand.
    fn demanded_in(&self, object: PlaceId) -> BTreeSet<&str> {
        let carried = self.composer.adaptations.carried.difference(&self.operation.body.present);
        let places = carried.map(|id| self.operation.place(*id)).filter(|place| place.parent == Some(object));
        places.filter_map(Place::member).collect()
    }

    /// The members, and in those that are objects themselves what the target demands there.
    fn with_inner(&self, known: &[&(PlaceId, Arc<str>, Option<usize>)], members: &[(Arc<str>, Json)]) -> Members {
        let inner = |(name, value): &(Arc<str>, Json)| {
            let place = known.iter().find(|(_, known, _)| known == name).map(|(id, _, _)| *id);
            let (Some(place), Json::Object(own)) = (place, value) else { return (name.clone(), value.clone()) };
            let Json::Object(accepted) = self.composer.ordinary(place) else { return (name.clone(), value.clone()) };
            (name.clone(), Json::Object(joined(own, &accepted)))
        };
        members.iter().map(inner).collect()
    }

    /// The members of an object by name, each with its branch.
    fn members(&self, object: PlaceId) -> Vec<(PlaceId, Arc<str>, Option<usize>)> {
        let Shape::Object { members, .. } = &self.operation.place(object).shape else { return Vec::new() };
        let named = |id: &PlaceId| {
            let place = self.operation.place(*id);
            let is_named = matches!(place.step, Step::Member(_));
            place.member().filter(|_| is_named).map(|name| (*id, Arc::from(name), place.branch))
        };
        members.iter().filter_map(named).collect()
    }
}

/// An accepted element in the stead of another one: itself, then with one thing of the other's, then the other with what it
/// lacks of the accepted one.
fn likenesses(other: &Json, accepted: &Json) -> Vec<Json> {
    let mut all = vec![accepted.clone()];
    if let (Json::Object(other), Json::Object(accepted)) = (other, accepted) {
        for (name, value) in other.iter().take(MOST) {
            let mut one = accepted.clone();
            match one.iter_mut().find(|(known, _)| known == name) {
                Some((_, held)) => held.clone_from(value),
                None => one.push((name.clone(), value.clone())),
            }
            all.push(Json::Object(one));
        }
        all.push(Json::Object(joined(other, accepted)));
    }
    all
}

/// Members, and those of others that are not among them.
fn joined(members: &[(Arc<str>, Json)], others: &[(Arc<str>, Json)]) -> Members {
    let mut all = members.to_vec();
    all.extend(others.iter().filter(|(name, _)| members.iter().all(|(known, _)| known != name)).cloned());
    all
}
