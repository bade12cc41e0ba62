//! The catalogue of faults: every way in which the stub of a contract can be wrong that some request shows.
//!
//! Derived from the rules. A fault that no request could show by itself (a bound beside an `enum`, the refusal of the only
//! value that every legal body holds) is not in the list.

mod answers;
mod body;
mod open;
mod wire;

use serde_json::{Value, json};

use super::fault::{Effect, Fault};
use crate::compose::Composer;
use crate::contract::{Contract, Edit, Operation, PlaceId, Shape};
use crate::json::Json;
use crate::rule::{FaultId, FindingId, Keyword, Rule, Side, Site, rules};

/// Every fault of a contract's stub.
pub fn faults(contract: &Contract) -> Vec<Fault> {
    let operation = contract.operation();
    let mut list = List { operation, faults: Vec::new() };
    if operation.is_open {
        list.open();
        return list.faults;
    }
    for rule in rules(operation).iter().filter(|rule| !rule.covered && !rule.standing.is_unprobed()) {
        match rule.at {
            Some(place) => list.body_rule(rule, place),
            None => list.parameter_rule(rule),
        }
    }
    list.wire();
    list.clashes();
    list.answers();
    list.faults
}

struct List<'a> {
    operation: &'a Operation,
    faults: Vec<Fault>,
}

impl List<'_> {
    fn add(&mut self, place: &Site, keyword: Keyword, side: Side, mode: &str, effect: Effect) {
        self.push(FindingId::at(place, keyword, side), mode, effect);
    }

    fn push(&mut self, found: FindingId, mode: &str, effect: Effect) {
        let id = FaultId { sites: found.sites.clone(), keyword: found.keyword, mode: mode.to_owned() };
        self.faults.push(Fault { id, found, effect });
    }

    fn schema(&mut self, rule: &Rule, side: Side, mode: &str, edits: Vec<Edit>) {
        self.add(&rule.place, rule.keyword, side, mode, Effect::Schema(edits));
    }

    /// The last fault is found under another keyword than that of its rule.
    fn found_as(&mut self, keyword: Keyword) {
        if let Some(fault) = self.faults.last_mut() {
            fault.found.keyword = keyword;
        }
    }

    /// Pairs of legal values that are refused together: neighbours among the places with a choice of values.
    fn clashes(&mut self) {
        let composer = Composer::new(self.operation);
        let choosy: Vec<(PlaceId, Value)> = self
            .operation
            .places()
            .filter_map(|(id, place)| {
                let value = match &place.shape {
                    Shape::Boolean => json!(false),
                    shape => shape.values()?.firm.last()?.clone(),
                };
                // The ordinary value of a mandatory place stands in every body around it: refused, it is no pair.
                let ordinary = composer.ordinary(id) == Json::from(&value);
                (!ordinary).then_some((id, value))
            })
            .collect();
        for (step, (one, value)) in choosy.iter().enumerate() {
            let Some((other, other_value)) = choosy.get((step + 1 + step % 5) % choosy.len()) else { continue };
            if one == other {
                continue;
            }
            let mut places = [*one, *other];
            places.sort_unstable();
            let effect = Effect::Clash([
                (self.operation.place(*one).site.clone(), value.clone()),
                (self.operation.place(*other).site.clone(), other_value.clone()),
            ]);
            let sites = places.map(|place| self.operation.place(place).site.clone()).to_vec();
            let found = FindingId { sites, keyword: Keyword::Interaction, bound: None, side: Side::Inside };
            self.push(found, "too-strict", effect);
        }
    }
}
