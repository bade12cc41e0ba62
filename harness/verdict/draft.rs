//! Drafts findings: one for each rule and side that observations show to be broken, before causes are looked for.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use crate::contract::Operation;
use crate::exchange::{Outcome, Response};
use crate::oracle::Reaction;
use crate::rule::{FindingId, Keyword, Part, RESPONSE_REFUSAL, RESPONSE_SUCCESS, Rule, Side, Site, finding_id};
use crate::session::Exchange;
use crate::suite::{Flake, Observation, Observations};

/// The last status that HTTP has.
const LAST_STATUS: u16 = 599;

pub(super) struct Draft<'a> {
    pub(super) operation: &'a Operation,
    pub(super) rules: &'a [Rule],
    pub(super) observations: &'a Observations,
    pub(super) findings: BTreeMap<FindingId, Finding>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(operation: &'a Operation, rules: &'a [Rule], observations: &'a Observations) -> Self {
        Self { operation, rules, observations, findings: BTreeMap::new() }
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_values().collect()
    }

    pub(super) fn add(&mut self, finding: Finding) {
        let rank = |finding: &Finding| (finding.disputed, finding.exchange.request.weight());
        match self.findings.get(&finding.id) {
            Some(other) if rank(other) <= rank(&finding) => {}
            _ => {
                self.findings.insert(finding.id.clone(), finding);
            }
        }
    }

    pub(super) fn rule_findings(&mut self) {
        for seen in &self.observations.seen {
            let rule = &self.rules[seen.rule];
            let wrong = match (seen.reaction, seen.side) {
                (reaction, _) if reaction.is_failure() => true,
                (Reaction::Refused, Side::Inside) | (Reaction::Accepted, Side::Outside) => rule.standing.is_firm(),
                _ => false,
            };
            let shared = rule.keyword == Keyword::Interaction || rule.keyword == Keyword::Example;
            if wrong && !shared {
                self.add(finding_of(self.rules, seen));
            }
        }
    }

    pub(super) fn clashes(&mut self) {
        for clash in &self.observations.clashes {
            let sites = clash.places.iter().map(|place| self.operation.place(*place).site.clone()).collect();
            self.add(Finding {
                id: FindingId { sites, keyword: Keyword::Interaction, bound: None, side: Side::Inside },
                expected: "accepted: each value is legal, and accepted without the others".to_owned(),
                observed: observed(&clash.exchange, clash.exchange.judgement.reaction),
                exchange: clash.exchange.clone(),
                disputed: false,
                cause: None,
            });
        }
    }

    pub(super) fn answers(&mut self) {
        for (defect, exchange) in &self.observations.defects {
            self.add(Finding {
                id: FindingId::at(
                    &Site::new(self.operation.name(), defect.place, defect.node.to_vec()),
                    defect.check,
                    defect.side,
                ),
                expected: defect.expected.clone(),
                observed: defect.observed.clone(),
                exchange: exchange.clone(),
                disputed: false,
                cause: None,
            });
        }
    }

    /// How often answers change, where that is known.
    fn how_often(&self, flake: &Flake) -> String {
        let Observations { requests, silences, share, .. } = self.observations;
        let is_silent = [flake.exchange.judgement.reaction, flake.then].contains(&Reaction::TimedOut);
        match share {
            _ if is_silent => format!("; {silences} of {requests} requests got no answer in time"),
            Some((others, asked)) => {
                format!("; so it was with {others} of {asked} answers to what it had accepted or refused")
            }
            None => String::new(),
        }
    }

    pub(super) fn flakes(&mut self) {
        let flakes = &self.observations.flakes;
        let places: BTreeSet<Option<&Site>> =
            flakes.iter().map(|flake| flake.rule.map(|rule| &self.rules[rule].place)).collect();
        let Some(first) = flakes.first() else { return };
        let inside = flakes.iter().any(|flake| flake.side == Side::Inside);
        let side = if inside { Side::Inside } else { Side::Outside };
        let place = match places.first() {
            Some(Some(place)) if places.len() == 1 => (*place).clone(),
            _ => self.operation.site(service(side)),
        };
        self.add(Finding {
            id: FindingId::at(&place, Keyword::Flaky, side),
            expected: "the same answer whenever the same request is sent".to_owned(),
            observed: format!(
                "{}, then {}{}",
                observed(&first.exchange, first.exchange.judgement.reaction),
                if first.exchange.judgement.reaction == first.then { "otherwise" } else { reacted(first.then) },
                self.how_often(first)
            ),
            exchange: first.exchange.clone(),
            disputed: false,
            cause: None,
        });
    }
}

/// The answers on a side of the fence.
pub(crate) fn service(side: Side) -> Part {
    match side {
        Side::Inside => RESPONSE_SUCCESS,
        Side::Outside => RESPONSE_REFUSAL,
    }
}

pub(super) fn finding_of(rules: &[Rule], seen: &Observation) -> Finding {
    let rule = &rules[seen.rule];
    let expected = match seen.side {
        _ if !rule.standing.is_firm() => "accepted or refused, but answered",
        Side::Inside => "accepted",
        Side::Outside => "refused with a 4xx",
    };
    // A bare number would be taken for a status.
    let is_number = seen.what.parse::<f64>().is_ok();
    let what = if is_number { format!("the number {}", seen.what) } else { seen.what.clone() };
    Finding {
        id: finding_id(rules, seen.rule, seen.side),
        expected: format!("{what}: {expected}"),
        observed: observed(&seen.exchange, seen.reaction),
        exchange: seen.exchange.clone(),
        disputed: !rule.standing.is_firm(),
        cause: None,
    }
}

pub(crate) fn observed(exchange: &Exchange, reaction: Reaction) -> String {
    match &exchange.outcome {
        Outcome::Answer(Response { status, .. }) if *status > LAST_STATUS => {
            format!("answered with {status}, a status that HTTP does not have")
        }
        Outcome::Answer(response) => format!("{} with {}", reacted(reaction), response.status),
        _ => reacted(reaction).to_owned(),
    }
}

pub(super) fn reacted(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::Accepted => "accepted",
        Reaction::Refused => "refused",
        Reaction::Throttled => "throttled",
        Reaction::Crashed => "crashed",
        Reaction::TimedOut => "no answer in time",
        Reaction::Dropped => "connection closed without an answer",
        Reaction::Unknown => "nothing known",
    }
}
