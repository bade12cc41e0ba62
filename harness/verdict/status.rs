//! The matrix: one word for each side of each rule.

use std::collections::BTreeSet;

use super::answer::is_seen;
use super::draft::reacted;
use super::{Finding, RuleVerdict, Status};
use crate::oracle::Reaction;
use crate::rule::{Keyword, Part, Rule, Side};
use crate::suite::{Observation, Observations, Reason};

pub(super) fn rule_verdict(
    number: usize,
    rule: &Rule,
    rules: &[Rule],
    (observations, by_rule): (&Observations, &[Vec<&Observation>]),
    findings: &[Finding],
) -> RuleVerdict {
    // What a place's `enum` covers has the enum's word.
    let by = |other: &Rule| other.place == rule.place && other.keyword == Keyword::Enum && other.standing.is_firm();
    let number = if rule.covered { rules.iter().position(by).unwrap_or(number) } else { number };
    let seen = &by_rule[number];
    let judged = &rules[number];
    let status = |side: Side| {
        if judged.place.is_of_answers() {
            answer_status(judged, side, observations, findings)
        } else {
            side_status(seen, side)
        }
    };
    let surprises = seen
        .iter()
        .filter(|seen| side_status(&[seen], seen.side) != Status::Enforced && seen.reaction != Reaction::Unknown)
        .map(|seen| format!("{}: {}", seen.what, reacted(seen.reaction)))
        .chain(seen.iter().filter(|seen| is_excused(observations, seen)).map(|seen| {
            let answer =
                seen.exchange.judgement.answer.as_ref().map(|answer| format!(" with {answer}")).unwrap_or_default();
            format!("{}: refused{answer}, which is held against nobody", seen.what)
        }))
        .collect();
    let answers = |side: Side| {
        let told = |seen: &&Observation| match &seen.exchange.judgement.answer {
            Some(answer) => format!("{} {answer}", reacted(seen.reaction)),
            None => reacted(seen.reaction).to_owned(),
        };
        let heard = seen.iter().copied().filter(|seen| seen.side == side && seen.reaction != Reaction::Unknown);
        heard.map(|seen| told(&seen)).collect::<BTreeSet<String>>().into_iter().collect()
    };
    let reason = |side: Side, status: Option<Status>| match status? {
        Status::Inconclusive if judged.place.is_of_answers() => Some(Reason::Unread),
        Status::Untested if matches!(judged.place.part(), Part::Answer(..)) && observations.stop.is_none() => {
            Some(Reason::NoValue)
        }
        Status::Inconclusive | Status::Untested => observations.reasons.get(&(number, side)).cloned(),
        _ => None,
    };
    let (inside, outside) = (rule.inside.then(|| status(Side::Inside)), rule.outside.then(|| status(Side::Outside)));
    RuleVerdict {
        rule: rule.clone(),
        inside_reason: reason(Side::Inside, inside),
        outside_reason: reason(Side::Outside, outside),
        inside_answers: answers(Side::Inside),
        outside_answers: answers(Side::Outside),
        inside,
        outside,
        surprises,
    }
}

/// Whether a legal value was refused for what an open contract leaves to its service.
fn is_excused(observations: &Observations, seen: &Observation) -> bool {
    let was_refused = seen.exchange.judgement.reaction == Reaction::Refused && seen.reaction == Reaction::Unknown;
    observations.is_open && seen.side == Side::Inside && was_refused
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
    // A crash, or a drop, is an answer of neither kind; what is wrong with it is a finding.
    let kind = if side == Side::Inside { Reaction::Accepted } else { Reaction::Refused };
    let seen = observations.heard.contains(&kind) || observations.seen.iter().any(|seen| seen.reaction == kind);
    let of_bodies = || observations.judged.keys().filter(|judged| rule.place.is(judged.place));
    let is_documented = matches!(rule.place.part(), Part::Answer(..));
    // Answers of one documented status may be of both kinds.
    let is_about = |finding: &&Finding| {
        finding.id.keyword == rule.keyword
            && finding.id.is_at(&rule.place)
            && (!is_documented || finding.id.side == side)
    };
    if findings.iter().any(|finding| is_about(&finding)) {
        Status::NotEnforced
    } else if is_documented {
        let was_judged = of_bodies().any(|judged| judged.hindrance.is_none());
        match rule.keyword {
            Keyword::ResponseBody if !seen => Status::Untested,
            Keyword::ResponseBody if was_judged => Status::Enforced,
            Keyword::ResponseBody if of_bodies().next().is_some() => Status::Inconclusive,
            Keyword::ResponseBody => Status::Untested,
            _ if is_seen(rule, side, observations) => Status::Enforced,
            _ => Status::Untested,
        }
    } else if rule.keyword == Keyword::ResponseBody
        && of_bodies().next().is_some()
        && of_bodies().all(|judged| judged.hindrance.is_some())
    {
        Status::Inconclusive
    } else if seen {
        Status::Enforced
    } else {
        Status::Untested
    }
}
