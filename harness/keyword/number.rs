//! Where a number may lie: `minimum`, `maximum`, both exclusive bounds, and `multipleOf`.
//!
//! Bounds are probed with short decimals, which a reader of single precision tells from the bound, too.

use std::cmp::Ordering;

use serde_json::Value;

use super::decimal::Decimal;
use super::{Domain, Edge, Family, Node, Proposal, Said};
use crate::contract::Standing;
use crate::identity::Keyword;

/// So many places are looked through for a number between two ends.
const MOST_PLACES: usize = 6;

/// Where a number must lie.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers {
    low: Option<Bound>,
    high: Option<Bound>,
    /// What it must be a multiple of: 1 for an integer.
    step: Option<Decimal>,
}

#[derive(Debug, Clone, Copy)]
struct Bound {
    at: Decimal,
    is_open: bool,
}

impl Numbers {
    /// The step that leads from one number to the next: where none is demanded, one in the last place of a bound.
    fn step_at(&self, bound: Decimal) -> Decimal {
        self.step.unwrap_or_else(|| bound.last_place())
    }

    /// The legal number next to the lower bound, or to the upper one.
    fn edge(&self, upward: bool) -> Option<Decimal> {
        let bound = if upward { self.high } else { self.low }?;
        let step = self.step_at(bound.at);
        let on = if upward { bound.at.floor_to(step) } else { bound.at.ceil_to(step) }?;
        let is_bound = on.compare(bound.at)? == Ordering::Equal;
        if !(bound.is_open && is_bound) {
            return Some(on);
        }
        let next = |step: Decimal| if upward { on.minus(step) } else { on.plus(step) };
        if self.step.is_some() {
            return next(step);
        }
        // Where the ends lie near each other, a finer step leads between them.
        let finer = std::iter::successors(Some(step), |step| Some(step.tenth())).take(MOST_PLACES);
        finer.filter_map(next).find(|number| self.holds(*number) && !self.is_end(*number))
    }

    /// Whether a number is one of the bounds.
    fn is_end(&self, number: Decimal) -> bool {
        let ends = [self.low, self.high].into_iter().flatten();
        ends.filter_map(|end| number.compare(end.at)).any(|order| order == Ordering::Equal)
    }

    /// Whether it has a bound of its own in this direction.
    pub(super) fn is_bounded(&self, upward: bool) -> bool {
        if upward { self.high.is_some() } else { self.low.is_some() }
    }

    fn holds(&self, number: Decimal) -> bool {
        let is_above = |bound: Bound| match number.compare(bound.at) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => !bound.is_open,
            _ => false,
        };
        let is_below = |bound: Bound| match number.compare(bound.at) {
            Some(Ordering::Less) => true,
            Some(Ordering::Equal) => !bound.is_open,
            _ => false,
        };
        self.low.is_none_or(is_above) && self.high.is_none_or(is_below)
    }

    /// Numbers that differ, one step after the other.
    pub(crate) fn many(&self, count: usize) -> Vec<Value> {
        let first = self.edge(false).or_else(|| self.step.map(|_| Decimal::whole(0))).unwrap_or(Decimal::ONE);
        let step = self.step_at(first);
        let counts = 0..=i128::try_from(count).unwrap_or_default();
        let all = counts.filter_map(|count| first.plus(step.times(count)?));
        all.filter(|number| self.holds(*number)).filter_map(Decimal::value).collect()
    }

    /// Numbers that may be legal, the plainest first.
    pub(crate) fn drawn(&self) -> Vec<Value> {
        let align = |number: Decimal| match self.step {
            Some(step) => number.ceil_to(step),
            None => Some(number),
        };
        let (low, high) = (self.edge(false), self.edge(true));
        let between = low.zip(high).and_then(|(low, high)| {
            // A fifth of both ends together, and so half of the way.
            low.plus(high).and_then(|sum| sum.times(5)).map(Decimal::tenth)
        });
        let next = |bound: Option<Decimal>, away: i128| {
            let bound = bound?;
            bound.plus(self.step_at(bound).times(away)?)
        };
        let one = |count| Some(Decimal::whole(count));
        let all = [one(7), one(1), between, next(low, 1), next(high, -1), low, high, one(0)];
        let legal = all.into_iter().flatten().filter_map(align).filter(|number| self.holds(*number));
        // What stands on a bound comes last: a target that is wrong about the bound shall be wrong about nothing else.
        let (on_ends, between): (Vec<Decimal>, Vec<Decimal>) = legal.partition(|number| self.is_end(*number));
        between.into_iter().chain(on_ends).filter_map(Decimal::value).collect()
    }
}

/// The bounds and the step of a number.
pub(super) struct Bounds;

/// The four bounds: whether each is an upper one, and whether it is open.
const BOUNDS: [(Keyword, bool, bool); 4] = [
    (Keyword::Minimum, false, false),
    (Keyword::ExclusiveMinimum, false, true),
    (Keyword::Maximum, true, false),
    (Keyword::ExclusiveMaximum, true, true),
];

impl Family for Bounds {
    fn keywords(&self) -> &'static [Keyword] {
        &[Keyword::Minimum, Keyword::ExclusiveMinimum, Keyword::Maximum, Keyword::ExclusiveMaximum, Keyword::MultipleOf]
    }

    fn narrow(&self, said: &Said<'_>, domain: &mut Domain) {
        let numbers = &mut domain.numbers;
        for (keyword, upward, is_open) in BOUNDS {
            let Some(at) = said.get(keyword).and_then(Decimal::of) else { continue };
            let end = if upward { &mut numbers.high } else { &mut numbers.low };
            let is_tighter = end.is_none_or(|end| match at.compare(end.at) {
                Some(Ordering::Equal) => is_open,
                Some(Ordering::Less) => upward,
                _ => !upward,
            });
            if is_tighter {
                *end = Some(Bound { at, is_open });
            }
        }
        let whole = !said.allows("number") || said.types.as_ref().is_some_and(|types| *types == ["integer"]);
        let step = said.get(Keyword::MultipleOf).and_then(Decimal::of);
        numbers.step = match step {
            // The least whole number that is a multiple, where that is soon.
            Some(step) if whole => (1..=1_000).filter_map(|count| step.times(count)).find(|multiple| {
                multiple.floor_to(Decimal::ONE).and_then(|floor| floor.compare(*multiple)) == Some(Ordering::Equal)
            }),
            None if whole => Some(Decimal::ONE),
            step => step,
        };
    }

    fn propose(&self, node: &Node<'_>) -> Vec<Proposal> {
        if !node.allows("number") && !node.allows("integer") {
            return Vec::new();
        }
        let numbers = &node.domain.numbers;
        let bounds = BOUNDS.into_iter();
        let bounds =
            bounds.filter_map(|(keyword, upward, _)| Some(bound(numbers, keyword, upward, node.get(keyword)?)));
        bounds.chain(node.get(Keyword::MultipleOf).map(|step| multiple(numbers, step))).collect()
    }
}

fn bound(numbers: &Numbers, keyword: Keyword, upward: bool, bound: &Value) -> Proposal {
    let mut proposal = Proposal::of(keyword, bound);
    let Some(at) = Decimal::of(bound) else {
        proposal.standing = Standing::Unprobed("its bound has more digits than are sent".to_owned());
        return proposal;
    };
    if let Some(value) = numbers.edge(upward).and_then(Decimal::value) {
        proposal.inside(Edge::Bound, value.to_string(), value);
    }
    let step = numbers.step_at(at);
    let on = if upward { at.ceil_to(step) } else { at.floor_to(step) };
    let away = |count: i128| {
        let signed = if upward { count } else { -count };
        on.and_then(|on| on.plus(step.times(signed)?))
    };
    // The bound itself is outside of an exclusive one.
    for (edge, number) in [
        (Edge::PastBound, on),
        (Edge::PastBound, away(1)),
        (Edge::PastBound, on.and_then(|on| on.plus(Decimal::whole(if upward { 1 } else { -1 })))),
        (Edge::FarPast, away(1_000)),
    ] {
        if let Some(value) = number.and_then(Decimal::value) {
            proposal.outside(edge, value.to_string(), value);
        }
    }
    proposal
}

fn multiple(numbers: &Numbers, step: &Value) -> Proposal {
    let mut proposal = Proposal::of(Keyword::MultipleOf, step);
    let Some(size) = Decimal::of(step) else {
        proposal.standing = Standing::Unprobed("it has more digits than are sent".to_owned());
        return proposal;
    };
    for value in numbers.drawn() {
        proposal.inside(Edge::Fitting, value.to_string(), value.clone());
        let Some(number) = Decimal::of(&value) else { continue };
        let half = size.times(5).map(Decimal::tenth);
        for part in [half, Some(size.tenth()), Some(Decimal::ONE)].into_iter().flatten() {
            for near in [number.plus(part), number.minus(part)] {
                if let Some(value) = near.and_then(Decimal::value) {
                    proposal.outside(Edge::Unfitting, value.to_string(), value);
                }
            }
        }
    }
    proposal
}
