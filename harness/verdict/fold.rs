//! Finds causes: findings that follow from another, or that share one cause, become one.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::draft::{Draft, FindingKey, finding_of, observed, service};
use crate::contract::Presence;
use crate::oracle::Reaction;
use crate::probe::ORDINARY;
use crate::rule::{Keyword, RESPONSE_REFUSAL, RESPONSE_SUCCESS, Rule, Side};
use crate::suite::Observation;

/// The place of what concerns the body as a whole.
const WHOLE_BODY: &str = "body";

impl Draft<'_> {
    /// A target that answers every refusal with a 5xx has one fault, not one for each rule.
    pub(super) fn fold_refusals_that_crash(&mut self) {
        let outside = || self.observations.seen.iter().filter(|seen| seen.side == Side::Outside);
        let crashed: Vec<&Observation> = outside().filter(|seen| seen.reaction == Reaction::Crashed).collect();
        // Media types, methods and the like may well be refused by what stands around the service.
        let of_body =
            |seen: &&Observation| self.rules[seen.rule].at.is_some() && self.rules[seen.rule].standing.is_firm();
        let refused = outside().filter(of_body).any(|seen| seen.reaction == Reaction::Refused);
        let places: BTreeSet<usize> = crashed.iter().map(|seen| seen.rule).collect();
        let Some(smallest) = crashed.iter().min_by_key(|seen| seen.exchange.request.weight()) else { return };
        if refused || places.len() < 2 {
            return;
        }
        let exchange = smallest.exchange.clone();
        let observed = observed(&exchange, Reaction::Crashed);
        let folded: Vec<FindingKey> = self
            .findings
            .iter()
            .filter(|((_, _, side), finding)| {
                let crashed = finding.exchange.judgement.reaction == Reaction::Crashed;
                crashed && (*side == Side::Outside || finding.disputed)
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in folded {
            self.findings.remove(&key);
        }
        self.add(Finding {
            place: RESPONSE_REFUSAL.to_owned(),
            keyword: Keyword::Status,
            side: Side::Outside,
            expected: "a refusal has a 4xx status".to_owned(),
            observed: format!("{observed}, and so for every refusal"),
            exchange,
            disputed: false,
            cause: None,
        });
    }

    /// One cause, one finding.
    pub(super) fn fold(&mut self) {
        self.fold_text();
        self.fold_silence(Reaction::TimedOut, Keyword::Timeout);
        self.fold_silence(Reaction::Dropped, Keyword::Connection);
        let has = |findings: &BTreeMap<FindingKey, Finding>, place: &str, keyword, side| {
            findings.contains_key(&(place.to_owned(), keyword, side))
        };
        let folded: Vec<FindingKey> = self
            .findings
            .iter()
            .filter(|((place, keyword, side), finding)| {
                let type_too = has(&self.findings, place, Keyword::Type, Side::Outside);
                let required_too = has(&self.findings, place, Keyword::Required, Side::Outside);
                let ordinary_too = *side == Side::Inside
                    && matches!(
                        keyword,
                        Keyword::MinLength | Keyword::MaxLength | Keyword::Minimum | Keyword::Maximum | Keyword::Text
                    )
                    && self.refuses_the_ordinary(place);
                let null_follows = *keyword == Keyword::Null && (type_too || required_too) && {
                    *side == Side::Outside || finding.exchange.judgement.reaction.is_failure()
                };
                ordinary_too || null_follows || self.follows_from_firm(place, *keyword, *side, finding)
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in folded {
            self.findings.remove(&key);
        }
    }

    /// Where not even an ordinary value is taken, the refusal of others at that place says nothing more.
    fn refuses_the_ordinary(&self, place: &str) -> bool {
        let key = (place.to_owned(), Keyword::Type, Side::Inside);
        self.findings.get(&key).is_some_and(|finding| finding.expected.starts_with(ORDINARY))
    }

    /// A target that fails where a firm rule is probed fails for the same cause where a disputed one is, at that place.
    fn follows_from_firm(&self, place: &str, keyword: Keyword, side: Side, finding: &Finding) -> bool {
        let reaction = finding.exchange.judgement.reaction;
        let firm = |(other, other_keyword, other_side): &FindingKey, other_finding: &Finding| {
            other == place
                // Rules of the body as a whole have little in common but the place.
                && (place != WHOLE_BODY || *other_keyword == keyword)
                && (*other_keyword, *other_side) != (keyword, side)
                && other_finding.exchange.judgement.reaction == reaction
                && !other_finding.disputed
        };
        reaction.is_failure() && finding.disputed && self.findings.iter().any(|(key, other)| firm(key, other))
    }

    /// Text that fells the target wherever it stands has one cause, and it is not in any of the places.
    fn fold_text(&mut self) {
        let is_text = |rule: &Rule| rule.keyword == Keyword::Text;
        let seen = self.observations.seen.iter();
        let answered = seen.filter(|seen| is_text(&self.rules[seen.rule]) && seen.reaction != Reaction::Unknown);
        let places: BTreeSet<&str> = answered.map(|seen| self.rules[seen.rule].place.as_str()).collect();
        let fails = |place: &str| self.findings.contains_key(&(place.to_owned(), Keyword::Text, Side::Inside));
        if places.len() < 2 || !places.iter().all(|place| fails(place)) {
            return;
        }
        let text: Vec<FindingKey> =
            self.findings.keys().filter(|(_, keyword, _)| *keyword == Keyword::Text).cloned().collect();
        let folded: Vec<Finding> = text.iter().filter_map(|key| self.findings.remove(key)).collect();
        let Some(smallest) = folded.into_iter().min_by_key(|finding| finding.exchange.request.weight()) else { return };
        let observed = format!("{}, and so wherever text may stand", smallest.observed);
        self.add(Finding { place: WHOLE_BODY.to_owned(), observed, ..smallest });
    }

    /// Time-outs, and likewise drops, at one place are that place's; at several they are the service's.
    fn fold_silence(&mut self, reaction: Reaction, keyword: Keyword) {
        let silent: Vec<FindingKey> = self
            .findings
            .iter()
            .filter(|((_, other, _), finding)| {
                finding.exchange.judgement.reaction == reaction && *other != keyword && *other != Keyword::Flaky
            })
            .map(|(key, _)| key.clone())
            .collect();
        let places: BTreeSet<&str> = silent.iter().map(|(place, ..)| place.as_str()).collect();
        let shared = if places.len() == 1 { places.first().map(|place| (*place).to_owned()) } else { None };
        let folded: Vec<Finding> = silent.iter().filter_map(|key| self.findings.remove(key)).collect();
        // One that a firm rule led to is easier to believe than one at the edge of the contract.
        let rank = |finding: &Finding| (finding.disputed, finding.exchange.request.weight());
        if let Some(smallest) = folded.into_iter().min_by_key(rank) {
            let place = shared.unwrap_or_else(|| service(smallest.side).to_owned());
            let side = smallest.side;
            self.add(Finding { place, keyword, side, ..smallest });
        }
    }

    /// The example's refusal is a finding only where nothing else explains it.
    pub(super) fn example(&mut self) {
        let refused = self.observations.seen.iter().find(|seen| {
            let rule = &self.rules[seen.rule];
            let refused = seen.reaction == Reaction::Refused && rule.standing.is_firm();
            rule.keyword == Keyword::Example && (refused || seen.reaction.is_failure())
        });
        let Some(seen) = refused else { return };
        // An example that breaks a rule fails as that rule's own probes do.
        let follows = |finding: &Finding| {
            let outside = finding.side == Side::Outside && !finding.disputed;
            outside && finding.exchange.judgement.reaction == seen.reaction
        };
        let illegal = !self.rules[seen.rule].standing.is_firm();
        if !self.findings.values().any(|finding| self.explains_example(finding) || (illegal && follows(finding))) {
            self.add(finding_of(&self.rules[seen.rule], seen));
        }
    }

    fn explains_example(&self, finding: &Finding) -> bool {
        let text = self.operation.body.example.as_deref().unwrap_or_default();
        let example = serde_json::from_str(text).unwrap_or(serde_json::Value::Null);
        let concerns = |place: &str| {
            // Whether the example holds the place, or lacks it where its object is.
            let holder = self.operation.find(place).map(|id| self.operation.place(id));
            let absent = finding.keyword == Keyword::Optional
                && holder.is_some_and(|place| place.presence == Presence::Optional);
            let name = if absent { place.rsplit_once('.').map_or(place, |(parent, _)| parent) } else { place };
            name == WHOLE_BODY || holds(&example, name.strip_prefix("body.").unwrap_or(name))
        };
        finding.keyword == Keyword::Flaky
            || finding.place == RESPONSE_SUCCESS
            || finding.side == Side::Inside && finding.place.split(" + ").all(concerns)
    }
}

/// Whether a value has something at a path such as `sub_tasks[].progress`.
fn holds(value: &serde_json::Value, path: &str) -> bool {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let (name, depth) = (step.trim_end_matches("[]"), step.matches("[]").count());
    let Some(member) = value.get(name) else { return false };
    let mut values = vec![member];
    for _ in 0..depth {
        values = values.into_iter().filter_map(serde_json::Value::as_array).flatten().collect();
    }
    values.into_iter().any(|value| rest.is_none_or(|rest| holds(value, rest)))
}
