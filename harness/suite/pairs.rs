//! Pairs: legal choices at different places, so that every pair of choices stands in some body at least once.
//!
//! A choice is a legal value of an enumerated or boolean place, or whether an optional place is there at all. Most bugs
//! that need more than one value need two; covering all pairs takes a few dozen bodies where all combinations would take
//! more than there are atoms.

use std::collections::BTreeSet;

use super::reduce::{Fails, Part, has_failed, wishes_of};
use super::session::{Ask, Expect};
use super::{Observation, Run};
use crate::compose::{Composer, Slot};
use crate::contract::{Operation, PlaceId, Presence, Shape};
use crate::json::Json;
use crate::oracle::Reaction;
use crate::rule::Side;

/// Two places take as many bodies as the product of their values; each value beyond these is still sent by itself.
const MOST_VALUES: usize = 16;

/// The bodies of a covering array, each as what stands in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows(Vec<Vec<Part>>);

impl Rows {
    /// Bodies that cover every pair of choices outside the blocked places.
    pub(super) fn covering(composer: &Composer<'_>, blocked: &BTreeSet<PlaceId>) -> Self {
        Self(Cover::new(composer, blocked).rows())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[Part]> {
        self.0.iter().map(Vec::as_slice)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Run<'_> {
    pub(super) fn pairs(&mut self) {
        let taught = !self.composer.lessons.carried.is_empty() || !self.blocked.is_empty();
        let fresh = taught.then(|| Rows::covering(&self.composer, &self.blocked));
        let rows = fresh.as_ref().unwrap_or(&self.suite.rows);
        let refused: BTreeSet<Part> = self.refused_parts();
        let groups: Vec<Vec<Part>> = rows.0.iter().map(|row| self.without_known_trouble(row, &refused)).collect();
        let asks: Vec<Ask> = groups.iter().map(|parts| self.ask_for(parts, Expect::Decided, None).shared()).collect();
        let heard = self.session.ask(&asks);
        let Some(rule) = self.interaction_rule() else { return };
        for (index, (parts, heard)) in groups.iter().zip(heard).enumerate() {
            let failed = has_failed(heard.reaction, Fails::Unaccepted) && {
                let again = self.session.confirm(&asks[index], heard.exchange.clone());
                has_failed(again.reaction, Fails::Unaccepted)
            };
            if failed {
                self.explain(parts);
            }
            // A refusal is told as the clash that it came down to, not once more for the row.
            let reaction = if failed { Reaction::Unknown } else { heard.reaction };
            let what = format!("row {} of {}", index + 1, groups.len());
            let exchange = heard.exchange;
            self.seen.push(Observation { rule, side: Side::Inside, what, reaction, exchange, trial: None });
        }
    }

    /// Values that are refused by themselves have their findings already.
    fn refused_parts(&self) -> BTreeSet<Part> {
        let refused = self.seen.iter().filter(|seen| seen.side == Side::Inside && seen.reaction != Reaction::Accepted);
        let numbers: BTreeSet<(usize, &str)> = refused.map(|seen| (seen.rule, seen.what.as_str())).collect();
        self.suite
            .probes
            .iter()
            .filter(|probe| numbers.contains(&(probe.rule, probe.what.as_str())))
            .filter_map(|probe| super::wishes(probe)?.first().cloned())
            .collect()
    }

    fn without_known_trouble(&self, row: &[Part], refused: &BTreeSet<Part>) -> Vec<Part> {
        let mut kept: Vec<Part> = Vec::new();
        for part in row {
            let clashes = kept.iter().any(|other| self.is_clash(other.0, part.0));
            if !clashes && !refused.contains(part) {
                kept.push(part.clone());
            }
        }
        kept
    }

    fn explain(&mut self, parts: &[Part]) {
        let parts = self.without_known_trouble(parts, &BTreeSet::new());
        let all: Vec<usize> = (0..parts.len()).collect();
        let ask = self.ask_for(&wishes_of(&parts, &all), Expect::Decided, None);
        if has_failed(self.session.ask_one(&ask).reaction, Fails::Unaccepted) {
            self.blame(&parts, all);
        }
    }
}

/// A place with a choice to make.
struct Factor {
    place: PlaceId,
    /// The innermost place around it whose presence is itself a choice, by factor number.
    under: Option<usize>,
    /// Nothing for absence.
    choices: Vec<Option<Slot>>,
    /// The number of its first choice among all choices.
    first: usize,
}

/// A covering array in the making.
struct Cover {
    factors: Vec<Factor>,
    /// How many choices there are.
    count: usize,
    /// For each pair of choices, whether it still has to be covered.
    open: Vec<bool>,
}

impl Cover {
    fn new(composer: &Composer<'_>, blocked: &BTreeSet<PlaceId>) -> Self {
        let operation = composer.operation();
        let mut factors: Vec<Factor> = Vec::new();
        let mut count = 0;
        for (id, place) in operation.places() {
            if operation.lineage(id).any(|place| blocked.contains(&place)) {
                continue;
            }
            let choices = choices(composer, id, &place.shape);
            if choices.len() > 1 {
                let under = operation
                    .lineage(id)
                    .skip(1)
                    .find_map(|ancestor| factors.iter().position(|factor| factor.place == ancestor));
                let first = count;
                count += choices.len();
                factors.push(Factor { place: id, under, choices, first });
            }
        }
        let mut cover = Self { factors, count, open: vec![false; count * count] };
        cover.open_feasible_pairs(operation);
        cover
    }

    fn open_feasible_pairs(&mut self, operation: &Operation) {
        for later in 0..self.factors.len() {
            for earlier in 0..later {
                let (outer, inner) = (&self.factors[earlier], &self.factors[later]);
                let nested = operation.is_within(inner.place, outer.place);
                for (outer_index, outer_choice) in outer.choices.iter().enumerate() {
                    // Nothing stands in what is absent.
                    if nested && outer_choice.is_none() {
                        continue;
                    }
                    for inner_index in 0..inner.choices.len() {
                        self.open[(outer.first + outer_index) * self.count + inner.first + inner_index] = true;
                    }
                }
            }
        }
    }

    /// Takes the first open pair, adds for every other place the choice that closes most, and so on until none is open.
    fn rows(mut self) -> Vec<Vec<Part>> {
        let mut rows = Vec::new();
        let mut from = 0;
        while let Some(pair) = self.open[from..].iter().position(|open| *open).map(|offset| from + offset) {
            from = pair;
            let row = self.row(pair / self.count, pair % self.count, rows.len());
            rows.push(row);
        }
        rows
    }

    fn row(&mut self, one: usize, other: usize, round: usize) -> Vec<Part> {
        let mut chosen: Vec<Option<usize>> = vec![None; self.factors.len()];
        for choice in [one, other] {
            let factor = self.factor_of(choice);
            chosen[factor] = Some(choice - self.factors[factor].first);
            self.make_present(factor, &mut chosen);
        }
        for factor in 0..self.factors.len() {
            if chosen[factor].is_none() && self.is_reachable(factor, &chosen) {
                chosen[factor] = Some(self.best(factor, &chosen, round));
            }
        }
        self.close(&chosen);
        self.factors
            .iter()
            .zip(&chosen)
            .filter_map(|(factor, choice)| Some((factor.place, factor.choices[(*choice)?].clone()?)))
            .collect()
    }

    fn factor_of(&self, choice: usize) -> usize {
        self.factors.partition_point(|factor| factor.first <= choice) - 1
    }

    /// What stands around a chosen place must be there.
    fn make_present(&self, factor: usize, chosen: &mut [Option<usize>]) {
        let mut around = self.factors[factor].under;
        while let Some(outer) = around {
            if chosen[outer].is_none() {
                chosen[outer] = self.factors[outer].choices.iter().position(Option::is_some);
            }
            around = self.factors[outer].under;
        }
    }

    fn is_reachable(&self, factor: usize, chosen: &[Option<usize>]) -> bool {
        self.factors[factor]
            .under
            .is_none_or(|outer| chosen[outer].is_some_and(|choice| self.factors[outer].choices[choice].is_some()))
    }

    fn best(&self, factor: usize, chosen: &[Option<usize>], round: usize) -> usize {
        let here = &self.factors[factor];
        let gain = |choice: usize| {
            let number = here.first + choice;
            let others = self.factors.iter().zip(chosen).filter_map(|(other, choice)| Some(other.first + (*choice)?));
            others.filter(|other| self.is_open(number, *other)).count()
        };
        // Ties go to another choice each round, so that late rows are not all alike.
        let order = (0..here.choices.len()).map(|choice| (choice + round) % here.choices.len());
        order.max_by_key(|choice| gain(*choice)).unwrap_or_default()
    }

    fn is_open(&self, one: usize, other: usize) -> bool {
        self.open[one.min(other) * self.count + one.max(other)]
    }

    fn close(&mut self, chosen: &[Option<usize>]) {
        let numbers: Vec<usize> =
            self.factors.iter().zip(chosen).filter_map(|(factor, choice)| Some(factor.first + (*choice)?)).collect();
        for (index, one) in numbers.iter().enumerate() {
            for other in &numbers[index + 1..] {
                self.open[one.min(other) * self.count + one.max(other)] = false;
            }
        }
    }
}

fn choices(composer: &Composer<'_>, id: PlaceId, shape: &Shape) -> Vec<Option<Slot>> {
    let place = composer.operation().place(id);
    let mut choices = match shape {
        Shape::Boolean => vec![Some(Slot::Value(Json::Bool(true))), Some(Slot::Value(Json::Bool(false)))],
        shape => match shape.values() {
            Some(values) => {
                values.firm.iter().take(MOST_VALUES).map(|value| Some(Slot::Value(Json::from(value)))).collect()
            }
            None => vec![Some(Slot::Ordinary)],
        },
    };
    if place.presence == Presence::Optional && !composer.lessons.carried.contains(&id) {
        choices.push(None);
    }
    choices
}
