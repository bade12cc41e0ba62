//! Vetting: nothing is sent as legal, or as illegal, that the judge does not call so.
//!
//! An open contract says more of a value than its places tell: what other members must be there, what a text must look like.
//! Probes are made from the places alone. So each is held against the whole schema before a run, and a body that is made up
//! on the way, before it leaves. What such a contract leaves to its service is no verdict.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::read_back::is_read_as_meant;
use super::{Run, overrides};
use crate::compose::{Composer, Slot};
use crate::contract::{Operation, PlaceId, Settled};
use crate::exchange::Outcome;
use crate::json::Json;
use crate::oracle::Reaction;
use crate::probe::{Probe, Send, Voucher, Wire, malformed_but_legal};
use crate::rule::{Keyword, Part, Rule, Side, Site, Step};
use crate::session::Exchange;
use crate::validate::{Judge, Violation};

/// Keywords that say of a whole how many parts it has, or which go together.
const OF_THE_WHOLE: [Keyword; 8] = [
    Keyword::MinProperties,
    Keyword::MaxProperties,
    Keyword::MinItems,
    Keyword::MaxItems,
    Keyword::UniqueItems,
    Keyword::Contains,
    Keyword::DependentRequired,
    Keyword::PropertyNames,
];

/// Takes out the probes that the judge does not call what they are to be, and tells of how many sides how many.
pub(super) fn vet(
    operation: &Operation,
    rules: &[Rule],
    probes: &mut Vec<Probe>,
    judge: &Judge,
) -> BTreeMap<(usize, Side), usize> {
    let composer = Composer::new(operation);
    let mut withheld = BTreeMap::new();
    let mut told = HashSet::new();
    probes.retain(|probe| {
        if let Send::Wire(Wire::Malformed(form)) = &probe.send {
            let voucher = Voucher { is_free: &|_| true, is_legal: &|body| accepts(judge, body) == Some(true) };
            let is_sent = malformed_but_legal(&composer, *form, "sample", &voucher).is_some();
            if !is_sent {
                *withheld.entry((probe.rule, probe.side)).or_default() += 1;
            }
            return is_sent;
        }
        let Some(overrides) = overrides(probe) else { return true };
        // What lacks the member of one branch may lack that of another as well: one rule has it.
        if rules[probe.rule].keyword == Keyword::Required && !told.insert(composer.body(overrides).render()) {
            return false;
        }
        let rule = &rules[probe.rule];
        // What is disputed is no claim, but that a body is legal.
        let is_claim = rule.standing.is_firm() || probe.side == Side::Inside;
        let body = composer.body(overrides);
        let is_sent = !is_claim
            || (is_what_it_says(operation, probe, rule, judge, &body)
                && is_read_as_meant(operation, judge, (&body, overrides), probe.side));
        if !is_sent {
            *withheld.entry((probe.rule, probe.side)).or_default() += 1;
        }
        is_sent
    });
    withheld
}

/// Whether a body is legal where it is to be, or breaks the place of its rule and no other.
fn is_what_it_says(operation: &Operation, probe: &Probe, rule: &Rule, judge: &Judge, body: &Json) -> bool {
    let Ok(body) = serde_json::from_str::<Value>(&body.render()) else { return false };
    let is_settled = |settled: &Settled| {
        settled.place == rule.place && settled.keyword == rule.keyword.as_str() && settled.bound == rule.bound
    };
    if operation.is_open && operation.settled.iter().any(is_settled) {
        // What was settled is not for the judge to say, but that it is all.
        return judge.violations(&body).iter().all(|violation| violation.place == rule.place);
    }
    if probe.side == Side::Inside {
        return judge.accepts(&body);
    }
    let violations = judge.violations(&body);
    let steps = |site: &Site| site.node().iter().filter(|step| !matches!(step, Step::Branch(_))).count();
    let is_here = |violation: &Violation| match rule.keyword {
        // Of an array only its elements are to be broken.
        Keyword::Items if rule.bound.is_null() => steps(&violation.place) > steps(&rule.place),
        // What counts or compares what stands around it would be refused for that alone.
        _ if violation.place != rule.place && violation.place.is_around(&rule.place) => {
            !violation.broken.rule().is_some_and(|broken| OF_THE_WHOLE.contains(&broken))
        }
        _ => violation.place.is_around(&rule.place) || rule.place.is_around(&violation.place),
    };
    let is_sure = rule.keyword == Keyword::Format || judge.surely_refuses(&body);
    is_sure && !violations.is_empty() && violations.iter().all(is_here)
}

/// Whether a body is legal; nothing where the judge cannot read its numbers as they will be sent.
pub(super) fn accepts(judge: &Judge, body: &Json) -> Option<bool> {
    serde_json::from_str::<Value>(&body.render()).ok().map(|body| judge.accepts(&body))
}

impl Run<'_> {
    /// Whether a body may be sent as a legal one.
    pub(super) fn is_legal(&self, composer: &Composer<'_>, overrides: &[(PlaceId, Slot)]) -> bool {
        let body = composer.body(overrides);
        let is_legal = |judge| {
            accepts(judge, &body) == Some(true)
                && is_read_as_meant(self.operation, judge, (&body, overrides), Side::Inside)
        };
        self.suite.judge.as_ref().is_none_or(is_legal)
    }

    /// The status of a refusal that says what the service holds, or who may ask, and nothing of the request's form: of an open
    /// contract that is no verdict.
    pub(super) fn is_about_what_is_there(&self, probe: &Probe, reaction: Reaction, exchange: &Exchange) -> Option<u16> {
        if !self.operation.is_open || reaction != Reaction::Refused {
            return None;
        }
        let Outcome::Answer(answer) = &exchange.outcome else { return None };
        let rule = &self.suite.rules[probe.rule];
        let place = rule.place.part();
        let is_elsewhere = match answer.status {
            // The same with credentials was accepted.
            401..=403 | 407 if rule.keyword == Keyword::Security => false,
            404 | 410 if rule.keyword == Keyword::Security => self.operation.method == "DELETE",
            401..=403 | 407 | 409 | 412 | 423 | 428 => true,
            404 | 410 => place != Part::Path,
            _ => false,
        };
        is_elsewhere.then_some(answer.status)
    }
}
