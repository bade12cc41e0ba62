//! The rules of documented answers: those that some answer showed to be kept or broken, and the parts that none had.
//!
//! They are not known before answers come: what a schema says is told where it was met.

use std::collections::HashSet;

use super::{Finding, RuleVerdict, Status};
use crate::contract::Standing;
use crate::oracle::AnswerRule;
use crate::rule::{Keyword, OperationName, Part, Rule, Side, Site, StatusRange};
use crate::suite::{Observations, Reason, Suite};

/// Verdicts on what no rule of the contract's own list is about.
pub(super) fn verdicts(suite: &Suite<'_>, observations: &Observations, findings: &[Finding]) -> Vec<RuleVerdict> {
    let name = suite.contract().operation().name();
    let listed: HashSet<(&Site, Keyword)> = suite.rules().iter().map(|rule| (&rule.place, rule.keyword)).collect();
    let mut known: HashSet<(Site, Keyword, Side)> = HashSet::new();
    let mut all = Vec::new();
    for rule in &observations.answer_rules {
        let place = site(name, rule);
        if listed.contains(&(&place, rule.keyword)) || !known.insert((place.clone(), rule.keyword, rule.side)) {
            continue;
        }
        let is_it = |finding: &&Finding| is_about(finding, &place, rule.keyword, rule.side);
        let status = match findings.iter().find(is_it) {
            Some(_) => Status::NotEnforced,
            None if rule.is_seen => Status::Enforced,
            None => Status::Untested,
        };
        all.push(verdict(place, rule.keyword, rule.bound.clone(), rule.side, status));
    }
    for finding in findings {
        let [place] = &finding.id.sites[..] else { continue };
        let (keyword, side) = (finding.id.keyword, finding.id.side);
        let is_of_a_node = matches!(place.part(), Part::Answer(..)) && !listed.contains(&(place, keyword));
        if is_of_a_node && known.insert((place.clone(), keyword, side)) {
            let mut defects = observations.defects.iter().map(|(defect, _)| defect);
            let defect =
                defects.find(|one| one.place == place.part() && *one.node == *place.node() && one.check == keyword);
            let bound = defect.map(|defect| defect.bound.clone()).unwrap_or_default();
            all.push(verdict(place.clone(), keyword, bound, side, Status::NotEnforced));
        }
    }
    all.retain(|verdict| suite.tells(std::slice::from_ref(&verdict.rule.place), verdict.rule.keyword));
    // What belongs together stands together, as it was met.
    let mut places: Vec<Part> = Vec::new();
    for verdict in &all {
        if !places.contains(&verdict.rule.place.part()) {
            places.push(verdict.rule.place.part());
        }
    }
    all.sort_by_key(|verdict| places.iter().position(|part| *part == verdict.rule.place.part()));
    all
}

/// Whether an answer was held against a rule of the contract's own list.
pub(super) fn is_seen(rule: &Rule, side: Side, observations: &Observations) -> bool {
    let is_it = |seen: &&AnswerRule| {
        seen.part == rule.place.part() && *seen.node == *rule.place.node() && seen.keyword == rule.keyword
    };
    observations.answer_rules.iter().any(|seen| is_it(&seen) && seen.side == side && seen.is_seen)
}

fn site(name: &OperationName, rule: &AnswerRule) -> Site {
    Site::new(name, rule.part, rule.node.to_vec())
}

fn is_about(finding: &Finding, place: &Site, keyword: Keyword, side: Side) -> bool {
    finding.id.keyword == keyword && finding.id.side == side && finding.id.is_at(place)
}

fn verdict(place: Site, keyword: Keyword, bound: serde_json::Value, side: Side, status: Status) -> RuleVerdict {
    let source = match place.part() {
        Part::Answer(StatusRange::Code(code), _) => format!("response {code}"),
        Part::Answer(StatusRange::Class(class), _) => format!("response {class}XX"),
        _ => "response default".to_owned(),
    };
    let reason = (status == Status::Untested).then_some(Reason::NoValue);
    let (inside, outside) = (side == Side::Inside, side == Side::Outside);
    RuleVerdict {
        inside: inside.then_some(status),
        outside: outside.then_some(status),
        inside_reason: reason.clone().filter(|_| inside),
        outside_reason: reason.filter(|_| outside),
        inside_answers: Vec::new(),
        outside_answers: Vec::new(),
        surprises: Vec::new(),
        rule: Rule {
            place,
            at: None,
            keyword,
            bound,
            source,
            standing: Standing::Firm,
            inside,
            outside,
            covered: false,
        },
    }
}
