//! Verdicts: what the observations of a run say of each rule, and the findings, one for each cause.
//!
//! Pure. Knows rules and observations; of requests only which is the smallest.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::contract::{Operation, Presence};
use crate::exchange::Outcome;
use crate::oracle::Reaction;
use crate::probe::ORDINARY;
use crate::rule::{Keyword, RESPONSE_REFUSAL, RESPONSE_SUCCESS, Rule, Side};
use crate::suite::{Exchange, Observation, Observations, Stop, Suite};

/// What a target makes of one side of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Legal values are accepted, or illegal ones refused.
    Enforced,
    /// An illegal value is accepted.
    NotEnforced,
    /// A legal value is refused.
    TooStrict,
    /// The target crashes, hangs or drops the connection.
    Crashes,
    /// Probes were sent, and say nothing: their controls failed, or the answers wavered.
    Inconclusive,
    /// Nothing was sent.
    Untested,
}

impl Status {
    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::NotEnforced => "not enforced",
            Self::TooStrict => "too strict",
            Self::Crashes => "crashes",
            Self::Inconclusive => "inconclusive",
            Self::Untested => "untested",
        }
    }
}

/// What a target makes of one rule.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleVerdict {
    /// The rule.
    pub rule: Rule,
    /// From inside; nothing where the rule has no legal side to send.
    pub inside: Option<Status>,
    /// From outside; nothing where the rule has no illegal side to send.
    pub outside: Option<Status>,
    /// What was legal by the lenient reading and refused, or illegal and accepted, in the words of the probes.
    pub surprises: Vec<String>,
}

/// A firm rule that the target breaks, or an answer that no rule allows.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Where.
    pub place: String,
    /// What about.
    pub keyword: Keyword,
    /// From which side.
    pub side: Side,
    /// What the contract wants.
    pub expected: String,
    /// What the target did.
    pub observed: String,
    /// The exchange that shows it.
    pub exchange: Rc<Exchange>,
    /// Whether a disputed rule was probed: its outcome is free, but not a failure of the target.
    pub disputed: bool,
}

impl Finding {
    /// Stable from run to run: place, keyword and side.
    pub fn id(&self) -> String {
        format!("{}:{}:{}", self.place, self.keyword, self.side)
    }
}

/// What a run says of a target.
#[derive(Debug)]
pub struct Verdicts {
    /// Every rule, in the contract's order.
    pub rules: Vec<RuleVerdict>,
    /// Every cause, in the order of the rules.
    pub findings: Vec<Finding>,
    /// How many requests it took.
    pub requests: usize,
    /// Why it ended early, if it did.
    pub stop: Option<Stop>,
}

/// Draws the conclusions: about every rule, or about those of the suite's shard.
pub fn verdicts(suite: &Suite<'_>, observations: &Observations) -> Verdicts {
    let (operation, rules) = (suite.contract().operation(), suite.rules());
    let mut draft = Draft { operation, rules, observations, findings: BTreeMap::new() };
    draft.rule_findings();
    draft.fold_refusals_that_crash();
    draft.clashes();
    draft.answers();
    draft.flakes();
    draft.fold();
    draft.example();
    let mut findings: Vec<Finding> = draft.findings.into_values().collect();
    let order = |finding: &Finding| {
        let first = finding.place.split(" + ").next().unwrap_or_default();
        rules
            .iter()
            .position(|rule| rule.place == first && rule.keyword == finding.keyword)
            .or_else(|| rules.iter().position(|rule| rule.place == first))
    };
    findings.sort_by_key(|finding| (order(finding), finding.side, finding.place.clone()));
    let rules = rules
        .iter()
        .enumerate()
        .filter(|(number, _)| suite.reported()[*number])
        .map(|(number, rule)| rule_verdict(number, rule, rules, observations, &findings))
        .collect();
    Verdicts { rules, findings, requests: observations.requests, stop: observations.stop }
}

type FindingKey = (String, Keyword, Side);

struct Draft<'a> {
    operation: &'a Operation,
    rules: &'a [Rule],
    observations: &'a Observations,
    findings: BTreeMap<FindingKey, Finding>,
}

impl Draft<'_> {
    fn add(&mut self, finding: Finding) {
        let key = (finding.place.clone(), finding.keyword, finding.side);
        let rank = |finding: &Finding| (finding.disputed, finding.exchange.request.weight());
        match self.findings.get(&key) {
            Some(other) if rank(other) <= rank(&finding) => {}
            _ => {
                self.findings.insert(key, finding);
            }
        }
    }

    fn rule_findings(&mut self) {
        for seen in &self.observations.seen {
            let rule = &self.rules[seen.rule];
            let wrong = match (seen.reaction, seen.side) {
                (reaction, _) if reaction.is_failure() => true,
                (Reaction::Refused, Side::Inside) | (Reaction::Accepted, Side::Outside) => rule.standing.is_firm(),
                _ => false,
            };
            let shared = rule.keyword == Keyword::Interaction || rule.keyword == Keyword::Example;
            if wrong && !shared {
                self.add(finding_of(rule, seen));
            }
        }
    }

    /// A target that answers every refusal with a 5xx has one fault, not one for each rule.
    fn fold_refusals_that_crash(&mut self) {
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
        });
    }

    fn clashes(&mut self) {
        for clash in &self.observations.clashes {
            let names: Vec<&str> =
                clash.places.iter().map(|place| self.operation.place(*place).name.as_str()).collect();
            self.add(Finding {
                place: names.join(" + "),
                keyword: Keyword::Interaction,
                side: Side::Inside,
                expected: "accepted: each value is legal, and accepted without the others".to_owned(),
                observed: observed(&clash.exchange, clash.exchange.judgement.reaction),
                exchange: clash.exchange.clone(),
                disputed: false,
            });
        }
    }

    fn answers(&mut self) {
        for (defect, exchange) in &self.observations.defects {
            self.add(Finding {
                place: defect.place.to_owned(),
                keyword: defect.check,
                side: side_of(defect.place),
                expected: defect.expected.clone(),
                observed: defect.observed.clone(),
                exchange: exchange.clone(),
                disputed: false,
            });
        }
    }

    fn flakes(&mut self) {
        let flakes = &self.observations.flakes;
        let places: BTreeSet<Option<&str>> =
            flakes.iter().map(|flake| flake.rule.map(|rule| self.rules[rule].place.as_str())).collect();
        let Some(first) = flakes.first() else { return };
        let inside = flakes.iter().any(|flake| flake.side == Side::Inside);
        let side = if inside { Side::Inside } else { Side::Outside };
        let place = match places.first() {
            Some(Some(place)) if places.len() == 1 => (*place).to_owned(),
            _ => service(side).to_owned(),
        };
        self.add(Finding {
            place,
            keyword: Keyword::Flaky,
            side,
            expected: "the same answer whenever the same request is sent".to_owned(),
            observed: format!(
                "{}, then {}",
                observed(&first.exchange, first.exchange.judgement.reaction),
                reacted(first.then)
            ),
            exchange: first.exchange.clone(),
            disputed: false,
        });
    }

    /// One cause, one finding.
    fn fold(&mut self) {
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
                && (place != "body" || *other_keyword == keyword)
                && (*other_keyword, *other_side) != (keyword, side)
                && other_finding.exchange.judgement.reaction == reaction
                && !other_finding.disputed
        };
        reaction.is_failure() && finding.disputed && self.findings.iter().any(|(key, other)| firm(key, other))
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
        let Some((first_place, _, first_side)) = silent.first().cloned() else { return };
        let place = if places.len() == 1 { first_place } else { service(first_side).to_owned() };
        let folded: Vec<Finding> = silent.iter().filter_map(|key| self.findings.remove(key)).collect();
        // One that a firm rule led to is easier to believe than one at the edge of the contract.
        let rank = |finding: &Finding| (finding.disputed, finding.exchange.request.weight());
        if let Some(smallest) = folded.into_iter().min_by_key(rank) {
            let side = if places.len() == 1 { smallest.side } else { side_of(&place) };
            self.add(Finding { place, keyword, side, ..smallest });
        }
    }

    /// The example's refusal is a finding only where nothing else explains it.
    fn example(&mut self) {
        let refused = self.observations.seen.iter().find(|seen| {
            let wrong = seen.reaction == Reaction::Refused || seen.reaction.is_failure();
            self.rules[seen.rule].keyword == Keyword::Example && wrong
        });
        let Some(seen) = refused else { return };
        if !self.findings.values().any(|finding| self.explains_example(finding)) {
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
            name == "body" || holds(&example, name.strip_prefix("body.").unwrap_or(name))
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

fn service(side: Side) -> &'static str {
    match side {
        Side::Inside => RESPONSE_SUCCESS,
        Side::Outside => RESPONSE_REFUSAL,
    }
}

fn side_of(place: &str) -> Side {
    if place == RESPONSE_REFUSAL { Side::Outside } else { Side::Inside }
}

fn finding_of(rule: &Rule, seen: &Observation) -> Finding {
    let expected = match seen.side {
        _ if !rule.standing.is_firm() => "accepted or refused, but answered",
        Side::Inside => "accepted",
        Side::Outside => "refused with a 4xx",
    };
    Finding {
        place: rule.place.clone(),
        keyword: rule.keyword,
        side: seen.side,
        expected: format!("{}: {expected}", seen.what),
        observed: observed(&seen.exchange, seen.reaction),
        exchange: seen.exchange.clone(),
        disputed: !rule.standing.is_firm(),
    }
}

fn observed(exchange: &Exchange, reaction: Reaction) -> String {
    match &exchange.outcome {
        Outcome::Answer(response) => format!("{} with {}", reacted(reaction), response.status),
        _ => reacted(reaction).to_owned(),
    }
}

fn reacted(reaction: Reaction) -> &'static str {
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

fn rule_verdict(
    number: usize,
    rule: &Rule,
    rules: &[Rule],
    observations: &Observations,
    findings: &[Finding],
) -> RuleVerdict {
    // What a place's `enum` covers has the enum's word.
    let by = |other: &Rule| other.place == rule.place && other.keyword == Keyword::Enum && other.standing.is_firm();
    let number = if rule.covered { rules.iter().position(by).unwrap_or(number) } else { number };
    let seen: Vec<&Observation> = observations.seen.iter().filter(|seen| seen.rule == number).collect();
    let judged = &rules[number];
    let status = |side: Side| match judged.place.as_str() {
        RESPONSE_SUCCESS | RESPONSE_REFUSAL => answer_status(judged, side, observations, findings),
        _ => side_status(&seen, side),
    };
    let surprises = seen
        .iter()
        .filter(|seen| side_status(&[seen], seen.side) != Status::Enforced && seen.reaction != Reaction::Unknown)
        .map(|seen| format!("{}: {}", seen.what, reacted(seen.reaction)))
        .collect();
    RuleVerdict {
        rule: rule.clone(),
        inside: rule.inside.then(|| status(Side::Inside)),
        outside: rule.outside.then(|| status(Side::Outside)),
        surprises,
    }
}

fn side_status(seen: &[&Observation], side: Side) -> Status {
    let word = |seen: &&Observation| match (seen.reaction, seen.side) {
        (reaction, _) if reaction.is_failure() => Status::Crashes,
        (Reaction::Accepted, Side::Inside) | (Reaction::Refused, Side::Outside) => Status::Enforced,
        (Reaction::Refused, Side::Inside) => Status::TooStrict,
        (Reaction::Accepted, Side::Outside) => Status::NotEnforced,
        _ => Status::Inconclusive,
    };
    let words: BTreeSet<Status> =
        seen.iter().copied().filter(|seen| seen.side == side).map(|seen| word(&seen)).collect();
    [Status::Crashes, Status::NotEnforced, Status::TooStrict, Status::Enforced, Status::Inconclusive]
        .into_iter()
        .find(|status| words.contains(status))
        .unwrap_or(Status::Untested)
}

/// Checks of answers are kept where answers were seen and none was found wanting.
fn answer_status(rule: &Rule, side: Side, observations: &Observations, findings: &[Finding]) -> Status {
    let seen = observations.seen.iter().any(|seen| seen.side == side && seen.reaction != Reaction::Unknown);
    if findings.iter().any(|finding| finding.place == rule.place && finding.keyword == rule.keyword) {
        Status::NotEnforced
    } else if seen {
        Status::Enforced
    } else {
        Status::Untested
    }
}
