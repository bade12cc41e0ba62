//! Pairs: legal choices at different places, so that every pair of choices stands in some body at least once.
//!
//! A choice is a legal value of an enumerated or boolean place, or whether an optional place is there at all. Most bugs
//! that need more than one value need two; covering all pairs takes a few dozen bodies where all combinations would take
//! more than there are atoms.

use std::collections::BTreeSet;

use super::reduce::{Fails, Part, has_failed, overrides_of};
use super::{Clash, Observation, Reason, Run};
use crate::compose::{Composer, Slot};
use crate::contract::{Operation, PlaceId, Presence, Shape};
use crate::json::Json;
use crate::oracle::Reaction;
use crate::probe::Kind;
use crate::rule::Side;
use crate::session::{Ask, Expect, Over};

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

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Run<'_> {
    pub(super) fn pairs(&mut self) {
        let taught = !self.composer.adaptations.carried.is_empty() || !self.blocked.is_empty();
        let fresh = taught.then(|| Rows::covering(&self.composer, &self.blocked));
        let rows = fresh.as_ref().unwrap_or(&self.suite.rows);
        let refused: BTreeSet<Part> = self.refused_parts();
        let groups: Vec<Vec<Part>> = rows.0.iter().map(|row| self.without_known_trouble(row, &refused)).collect();
        let asks: Vec<Ask> = groups.iter().map(|parts| self.ask_for(parts, Expect::Decided, None).shared()).collect();
        let heard = self.session.ask(&asks);
        let Some(rule) = self.interaction_rule() else { return };
        if let (true, Some(place)) = (groups.is_empty(), self.blocked.first()) {
            let reason = self.blocked_at(*place);
            self.note_of((rule, Side::Inside), reason);
        }
        for (index, (parts, heard)) in groups.iter().zip(heard).enumerate() {
            let heard = if has_failed(heard.reaction, Fails::Unaccepted) {
                self.session.confirm(&asks[index], heard.exchange)
            } else {
                heard
            };
            let failed = has_failed(heard.reaction, Fails::Unaccepted);
            if failed && self.explain(parts).is_ok() {
                self.note_of((rule, Side::Inside), Reason::Hidden);
            }
            // A refusal is told as the clash that it came down to, not once more for the row.
            let reaction = if failed { Reaction::Unknown } else { heard.reaction };
            let what = format!("row {} of {}", index + 1, groups.len());
            let exchange = heard.exchange;
            let kind = Kind::Wire;
            self.seen.push(Observation { rule, side: Side::Inside, kind, what, reaction, exchange, trial: None });
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
            .filter_map(|probe| super::overrides(probe)?.first().cloned())
            .collect()
    }

    fn without_known_trouble(&self, row: &[Part], refused: &BTreeSet<Part>) -> Vec<Part> {
        let mut kept: Vec<Part> = Vec::new();
        for part in row {
            let mut with = kept.clone();
            with.push(part.clone());
            if !refused.contains(part)
                && !self.clashes.iter().any(|(values, clash)| self.holds_clash(&with, part.0, (values, clash)))
            {
                kept = with;
            }
        }
        kept
    }

    /// Whether a body of these parts holds all values of a clash, of which the last part is one.
    fn holds_clash(&self, parts: &[Part], last: PlaceId, (values, clash): (&[Json], &Clash)) -> bool {
        let holds = |place: PlaceId, value: &Json| match parts.iter().find(|(other, _)| *other == place) {
            Some(part) => self.valued(part).1 == *value,
            None => self.composer.present(parts).contains(&place) && self.composer.ordinary(place) == *value,
        };
        clash.places.contains(&last) && clash.places.iter().zip(values).all(|(place, value)| holds(*place, value))
    }

    /// Finds out what a refused body came down to; fails where the run is over before that.
    fn explain(&mut self, parts: &[Part]) -> Result<(), Over> {
        let parts = self.without_known_trouble(parts, &BTreeSet::new());
        let all: Vec<usize> = (0..parts.len()).collect();
        let ask = self.ask_for(&overrides_of(&parts, &all), Expect::Decided, None);
        if has_failed(self.session.inquire_one(&ask)?.reaction, Fails::Unaccepted) {
            self.blame(&parts, all);
        }
        Ok(())
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
    /// For each choice, as a row of bits, the choices that it has still to be seen with.
    open: Vec<u64>,
    /// How many words there are in a row.
    width: usize,
}

/// A set of choices, as one row of bits.
struct Chosen {
    /// By factor, the number of its choice.
    choices: Vec<Option<usize>>,
    bits: Vec<u64>,
}

/// The word of a row in which the bit of a choice stands, and the bit.
fn bit(number: usize) -> (usize, u64) {
    (number / 64, 1 << (number % 64))
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
        let width = count.div_ceil(64);
        let mut cover = Self { factors, open: vec![0; count * width], width };
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
                        let (one, other) = (outer.first + outer_index, inner.first + inner_index);
                        for (row, column) in [(one, other), (other, one)] {
                            let (word, bit) = bit(column);
                            self.open[row * self.width + word] |= bit;
                        }
                    }
                }
            }
        }
    }

    /// Takes the first open pair, adds for every other place the choice that closes most, and so on until none is open.
    fn rows(mut self) -> Vec<Vec<Part>> {
        let mut rows = Vec::new();
        let mut from = 0;
        while let Some(word) = self.open[from..].iter().position(|word| *word != 0).map(|offset| from + offset) {
            from = word;
            let other = (word % self.width) * 64 + self.open[word].trailing_zeros() as usize;
            let row = self.row(word / self.width, other, rows.len());
            rows.push(row);
        }
        rows
    }

    fn row(&mut self, one: usize, other: usize, round: usize) -> Vec<Part> {
        let mut chosen = Chosen { choices: vec![None; self.factors.len()], bits: vec![0; self.width] };
        for number in [one, other] {
            let factor = self.factor_of(number);
            self.choose(factor, number - self.factors[factor].first, &mut chosen);
            self.make_present(factor, &mut chosen);
        }
        for factor in 0..self.factors.len() {
            if chosen.choices[factor].is_none() && self.is_reachable(factor, &chosen) {
                self.choose(factor, self.best(factor, &chosen, round), &mut chosen);
            }
        }
        self.close(&chosen);
        self.factors
            .iter()
            .zip(&chosen.choices)
            .filter_map(|(factor, choice)| Some((factor.place, factor.choices[(*choice)?].clone()?)))
            .collect()
    }

    fn choose(&self, factor: usize, choice: usize, chosen: &mut Chosen) {
        chosen.choices[factor] = Some(choice);
        let (word, bit) = bit(self.factors[factor].first + choice);
        chosen.bits[word] |= bit;
    }

    fn factor_of(&self, choice: usize) -> usize {
        self.factors.partition_point(|factor| factor.first <= choice) - 1
    }

    /// What stands around a chosen place must be there.
    fn make_present(&self, factor: usize, chosen: &mut Chosen) {
        let mut around = self.factors[factor].under;
        while let Some(outer) = around {
            let present = self.factors[outer].choices.iter().position(Option::is_some);
            if let (None, Some(present)) = (chosen.choices[outer], present) {
                self.choose(outer, present, chosen);
            }
            around = self.factors[outer].under;
        }
    }

    fn is_reachable(&self, factor: usize, chosen: &Chosen) -> bool {
        self.factors[factor].under.is_none_or(|outer| {
            chosen.choices[outer].is_some_and(|choice| self.factors[outer].choices[choice].is_some())
        })
    }

    fn best(&self, factor: usize, chosen: &Chosen, round: usize) -> usize {
        let here = &self.factors[factor];
        let gain = |choice: usize| {
            let row = (here.first + choice) * self.width;
            let open = &self.open[row..row + self.width];
            open.iter().zip(&chosen.bits).map(|(open, chosen)| (open & chosen).count_ones()).sum::<u32>()
        };
        // Ties go to another choice each round, so that late rows are not all alike.
        let order = (0..here.choices.len()).map(|choice| (choice + round) % here.choices.len());
        order.max_by_key(|choice| gain(*choice)).unwrap_or_default()
    }

    fn close(&mut self, chosen: &Chosen) {
        for (factor, choice) in self.factors.iter().zip(&chosen.choices) {
            let Some(choice) = choice else { continue };
            let row = (factor.first + choice) * self.width;
            for (open, chosen) in self.open[row..row + self.width].iter_mut().zip(&chosen.bits) {
                *open &= !chosen;
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
    if place.presence == Presence::Optional && !composer.adaptations.carried.contains(&id) {
        choices.push(None);
    }
    choices
}
