//! The probes: for every rule, what to send to see whether a target keeps it.
//!
//! Deterministic and minimal: a probe changes one thing of a body that is otherwise legal under every reading. Nothing
//! here knows an answer; what a target taught on the way comes in through the composer's adaptations when a probe is rendered.

mod bounds;
mod items;
mod kind;
mod members;
mod text;
mod types;
mod values;
mod wire;

pub use kind::Kind;
pub(crate) use text::STUMBLING_BLOCKS as LEGAL_TEXTS;
pub(crate) use types::{fraction, has_fraction};
pub use wire::{Form, Wire, malformed_body};
pub(crate) use wire::{Voucher, malformed_but_legal, marked};

use crate::compose::{Composer, Overrides};
use crate::contract::{Assertion, Operation, PlaceId, Shape};
use crate::json::Json;
use crate::rule::{Keyword, POINTED, Rule, Side, UNSAID};

/// A request to be made to test one rule from one side.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// The rule's number in the list that the probes were made from.
    pub rule: usize,
    /// The side that it stands on.
    pub side: Side,
    /// What kind of thing it sends.
    pub kind: Kind,
    /// What is special about it, for people: `256 characters`.
    pub what: String,
    /// What is sent.
    pub send: Send,
    /// Whether it may share a request.
    pub travel: Travel,
}

/// What a probe sends.
#[derive(Debug, Clone, PartialEq)]
pub enum Send {
    /// A body that fulfils these overrides.
    Body(Overrides),
    /// Something that concerns the request as a whole.
    Wire(Wire),
}

/// How a probe travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Travel {
    /// In a request of its own.
    Alone,
    /// With others of the same batch, at other places, in one body.
    Together(usize),
    /// In a request of its own, and judged with the other positions of the same trial.
    Trial(usize),
}

/// What the probe of an ordinary value at a place is called.
pub(crate) const ORDINARY: &str = "an ordinary value";
/// What the probe of a legal number with a fraction is called.
pub(crate) const FRACTION: &str = "a fraction";

/// The batch of probes that every target must accept.
pub const FIRM_BATCH: usize = 0;

/// Every probe of these rules, in the rules' order.
pub fn probes(operation: &Operation, rules: &[Rule]) -> Vec<Probe> {
    let mut maker = Maker { composer: Composer::new(operation), rule: 0, probes: Vec::new() };
    for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| !rule.covered && !rule.standing.is_unprobed()) {
        maker.rule = index;
        let first = maker.probes.len();
        match rule.at {
            Some(place) => {
                std::iter::once(place).chain(rule.twins.iter().copied()).for_each(|place| maker.place(rule, place));
            }
            None => wire::probes(&mut maker, rule),
        }
        turn(&mut maker.probes[first..], rule);
    }
    maker.probes
}

/// A dispute that was settled the other way has its probes on the other side.
fn turn(probes: &mut [Probe], rule: &Rule) {
    for probe in probes {
        match probe.side {
            Side::Inside if !rule.inside => (probe.side, probe.travel) = (Side::Outside, Travel::Alone),
            Side::Outside if !rule.outside => (probe.side, probe.travel) = (Side::Inside, Travel::Alone),
            _ => {}
        }
    }
}

/// Collects the probes of one rule after another.
struct Maker<'a> {
    composer: Composer<'a>,
    rule: usize,
    probes: Vec<Probe>,
}

impl Maker<'_> {
    fn place(&mut self, rule: &Rule, place: PlaceId) {
        let assertions = &self.composer.operation().place(place).assertions;
        if let Some(assertion) = assertions.iter().find(|one| one.keyword == rule.keyword && one.bound == rule.bound) {
            return self.assertion(rule, assertion, place);
        }
        match rule.keyword {
            Keyword::Type if rule.bound == POINTED => types::written_with_a_point(self, place),
            Keyword::Type if rule.bound == UNSAID => types::others(self, place),
            Keyword::Type if !rule.outside => types::legal(self, place),
            Keyword::Type => types::probes(self, place),
            Keyword::Required => members::required(self, place),
            Keyword::Optional => members::optional(self, place),
            Keyword::Null => members::null(self, rule, place),
            Keyword::UnknownMember => members::unknown(self, rule, place),
            Keyword::MinLength | Keyword::MaxLength => bounds::length(self, rule.keyword, place),
            Keyword::Minimum | Keyword::Maximum => bounds::range(self, rule.keyword, place),
            Keyword::Enum if rule.bound.is_array() => values::probes(self, place),
            Keyword::Enum => {
                let listed = Json::from(&rule.bound);
                self.alone(Side::Inside, Kind::Listed, rule.bound.to_string(), place, listed);
            }
            Keyword::Items => items::probes(self, place),
            Keyword::Text => text::probes(self, place),
            _ => {}
        }
    }

    /// The values on both sides of a keyword.
    fn assertion(&mut self, rule: &Rule, assertion: &Assertion, place: PlaceId) {
        for sample in &assertion.inside {
            self.inside(rule, Kind::of(sample.edge), sample.what.clone(), place, Json::from(&sample.value));
        }
        for sample in &assertion.outside {
            self.alone(Side::Outside, Kind::of(sample.edge), sample.what.clone(), place, Json::from(&sample.value));
        }
    }

    fn shape(&self, place: PlaceId) -> &Shape {
        &self.composer.operation().place(place).shape
    }

    fn push(&mut self, side: Side, kind: Kind, what: impl Into<String>, send: Send, travel: Travel) {
        self.probes.push(Probe { rule: self.rule, side, kind, what: what.into(), send, travel });
    }

    /// A value at a place, in a request of its own.
    fn alone(&mut self, side: Side, kind: Kind, what: impl Into<String>, place: PlaceId, value: Json) {
        self.push(side, kind, what, Send::Body(vec![(place, crate::compose::Slot::Value(value))]), Travel::Alone);
    }

    /// A legal value at a place, in a batch.
    fn together(&mut self, batch: usize, kind: Kind, what: impl Into<String>, place: PlaceId, value: Json) {
        let overrides = vec![(place, crate::compose::Slot::Value(value))];
        self.push(Side::Inside, kind, what, Send::Body(overrides), Travel::Together(batch));
    }

    /// A legal value: in a batch where it is certainly legal, alone where that is disputed.
    fn inside(&mut self, rule: &Rule, kind: Kind, what: impl Into<String>, place: PlaceId, value: Json) {
        if rule.standing.is_firm() {
            self.together(FIRM_BATCH, kind, what, place, value);
        } else {
            self.alone(Side::Inside, kind, what, place, value);
        }
    }
}
