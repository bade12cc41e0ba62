//! Verdicts: what the observations of a run say of each rule, and the findings, one for each cause.
//!
//! Pure. Knows rules and observations; of requests only which is the smallest.

mod answer;
mod cause;
mod draft;
mod fold;
mod habit;
mod status;
mod waiver;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::exchange::Request;
use crate::oracle::Judged;
use crate::request_context::RequestContext;
use crate::rule::{FindingId, Keyword, Part, RESPONSE_REFUSAL, Rule};
use crate::session::{Exchange, Stop};
use crate::suite::{Observation, Observations, Reason, Suite};
pub use cause::Cause;
#[cfg(feature = "cli")]
pub(crate) use cause::is_cause;
use draft::Draft;
pub use waiver::{Lapsed, Waived, Waiver};

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
    /// Why nothing is known from inside, where that is so.
    pub inside_reason: Option<Reason>,
    /// Why nothing is known from outside, where that is so.
    pub outside_reason: Option<Reason>,
    /// How it answered from inside, each answer once.
    pub inside_answers: Vec<String>,
    /// How it answered from outside, each answer once.
    pub outside_answers: Vec<String>,
    /// What was legal by the lenient reading and refused, or illegal and accepted, in the words of the probes.
    pub surprises: Vec<String>,
}

impl RuleVerdict {
    /// Why something is not known of it, from either side; the side is named where it is about one of two.
    pub fn reason(&self) -> Option<String> {
        let sides = self.inside.is_some() && self.outside.is_some();
        match (&self.inside_reason, &self.outside_reason) {
            (Some(inside), Some(outside)) if inside == outside => Some(inside.to_string()),
            (Some(inside), Some(outside)) => Some(format!("inside: {inside}; outside: {outside}")),
            (Some(inside), None) if sides => Some(format!("inside: {inside}")),
            (None, Some(outside)) if sides => Some(format!("outside: {outside}")),
            (one, other) => one.as_ref().or(other.as_ref()).map(Reason::to_string),
        }
    }

    /// Whether it is about a part of a documented answer that no answer had.
    pub fn is_unseen(&self) -> bool {
        let is_untested = |side: Option<Status>| side.is_none_or(|status| status == Status::Untested);
        matches!(self.rule.place.part(), Part::Answer(..)) && is_untested(self.inside) && is_untested(self.outside)
    }

    /// Hides the caller's secrets in what the target answered.
    pub fn mask(&mut self, context: &RequestContext) {
        for answer in self.inside_answers.iter_mut().chain(&mut self.outside_answers) {
            *answer = context.masked(answer);
        }
    }
}

/// A firm rule that the target breaks, or an answer that no rule allows.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What it is known by: where, what about, from which side.
    pub id: FindingId,
    /// What the contract wants.
    pub expected: String,
    /// What the target did.
    pub observed: String,
    /// The exchange that shows it.
    pub exchange: Rc<Exchange>,
    /// Whether a disputed rule was probed: its outcome is free, but not a failure of the target.
    pub disputed: bool,
    /// What it has in common with many others, where it has.
    pub cause: Option<Rc<Cause>>,
}

impl Finding {
    /// Its id, as it is told where there is one operation: `body.name:maxLength:outside`.
    pub fn id(&self) -> String {
        self.id.short()
    }
}

/// What a run says of a target.
#[derive(Debug)]
pub struct Verdicts {
    /// Every rule, in the contract's order.
    pub rules: Vec<RuleVerdict>,
    /// Every finding, in the order of the rules.
    pub findings: Vec<Finding>,
    /// What many findings have in common, the most common first.
    pub causes: Vec<Rc<Cause>>,
    /// Findings that are known and tolerated.
    pub waived: Vec<Waived>,
    /// Waivers that cover nothing.
    pub lapsed: Vec<Lapsed>,
    /// How many requests it took.
    pub requests: usize,
    /// Why it ended early, if it did.
    pub stop: Option<Stop>,
    /// The first request that a target that is gone did not answer any more: it may be why, and may not.
    pub unanswered: Option<Request>,
    /// How often the target was gone for a while.
    pub outages: usize,
    /// The fewest requests that were sent at a time, because of more some were not answered; nothing where all were.
    pub eased: Option<usize>,
    /// What could not be judged, and why, a sentence each.
    pub unjudged: Vec<String>,
}

/// Draws the conclusions: about every rule, or about those of the suite's shard.
pub fn verdicts(suite: &Suite<'_>, observations: &Observations) -> Verdicts {
    let rules = suite.rules();
    let (findings, causes) = findings(suite, observations);
    let mut by_rule: Vec<Vec<&Observation>> = vec![Vec::new(); rules.len()];
    for seen in &observations.seen {
        by_rule[seen.rule].push(seen);
    }
    let of_nodes = answer::verdicts(suite, observations, &findings);
    let rules = rules
        .iter()
        .enumerate()
        .filter(|(number, _)| suite.reported()[*number])
        .map(|(number, rule)| status::rule_verdict(number, rule, rules, (observations, &by_rule), &findings))
        .chain(of_nodes)
        .collect();
    Verdicts {
        rules,
        findings,
        causes,
        waived: Vec::new(),
        lapsed: Vec::new(),
        requests: observations.requests,
        stop: observations.stop,
        unanswered: observations.unanswered.clone(),
        outages: observations.outages,
        eased: observations.eased,
        unjudged: unjudged(&observations.judged),
    }
}

/// The findings that observations show, in the order of the rules, and what many of them have in common: whoever made the
/// observations, these are their names.
pub(crate) fn findings(suite: &Suite<'_>, observations: &Observations) -> (Vec<Finding>, Vec<Rc<Cause>>) {
    let rules = suite.rules();
    let operation = suite.contract().operation();
    let mut draft = Draft::new(operation, rules, observations);
    draft.rule_findings();
    // Of a few rules nothing can be said about every refusal.
    if suite.tells(&[operation.site(RESPONSE_REFUSAL)], Keyword::Status) {
        draft.fold_refusals_that_crash();
    }
    draft.clashes();
    draft.answers();
    draft.flakes();
    draft.fold();
    draft.example();
    let mut findings = draft.into_findings();
    findings.retain(|finding| suite.tells(&finding.id.sites, finding.id.keyword));
    let order = |finding: &Finding| {
        let first = finding.id.sites.first();
        let here = |rule: &Rule| Some(&rule.place) == first;
        rules
            .iter()
            .position(|rule| here(rule) && rule.keyword == finding.id.keyword)
            .or_else(|| rules.iter().position(here))
    };
    findings.sort_by_cached_key(|finding| (order(finding), finding.id.side, finding.id.short()));
    let mut causes = cause::causes(operation, rules, observations, &mut findings);
    causes.extend(habit::causes(observations, &mut findings));
    causes.sort_by(|one, other| other.findings.len().cmp(&one.findings.len()).then_with(|| one.id.cmp(&other.id)));
    (findings, causes)
}

/// The answers whose bodies could not be held against the contract.
pub(crate) fn unjudged(judged: &BTreeMap<Judged, usize>) -> Vec<String> {
    let hindered = judged.iter().filter_map(|(judged, count)| Some((judged, judged.hindrance.as_ref()?, count)));
    hindered
        .map(|(judged, why, count)| {
            let answers = if *count == 1 { "1 answer".to_owned() } else { format!("{count} answers") };
            format!("{answers} of {}: the body was not judged: {why}", judged.place)
        })
        .collect()
}
