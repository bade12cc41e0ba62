//! The rules of documented answers: those that some answer showed to be kept or broken, and the parts that none had.
//!
//! They are not known before answers come: what a schema says is told where it was met.

use std::collections::HashSet;

use super::{Finding, RuleVerdict, Status};
use crate::contract::Standing;
use crate::oracle::{AnswerRule, Defect};
use crate::rule::{Keyword, Part, Rule, Side, Site, StatusRange, Step};
use crate::suite::{Observations, Reason, Suite};

/// Verdicts on what no rule of the contract's own list is about.
pub(super) fn verdicts(suite: &Suite<'_>, observations: &Observations, findings: &[Finding]) -> Vec<RuleVerdict> {
    let name = suite.contract().operation().name();
    let of_sides = |rule: &'_ Rule| [(Side::Inside, rule.inside), (Side::Outside, rule.outside)];
    let listed: HashSet<(&Site, Keyword, Side)> = suite
        .rules()
        .iter()
        .flat_map(|rule| of_sides(rule).map(|(side, has_it)| ((&rule.place, rule.keyword, side), has_it)))
        .filter_map(|(rule, has_it)| has_it.then_some(rule))
        .collect();
    let mut known: HashSet<(Site, Keyword, Side)> = HashSet::new();
    let mut all = Vec::new();
    for rule in &observations.answer_rules {
        // Of what stands at several places the one is told where it is broken.
        let defects = observations.defects.iter().map(|(defect, _)| defect);
        let broken = defects.clone().find(|defect| is_of(defect, rule));
        let place = Site::new(name, rule.part, broken.map_or(&rule.node, |defect| &defect.node).to_vec());
        if listed.contains(&(&place, rule.keyword, rule.side))
            || !known.insert((place.clone(), rule.keyword, rule.side))
        {
            continue;
        }
        let is_it = |finding: &&Finding| is_about(finding, &place, rule.keyword, rule.side);
        let status = match findings.iter().find(is_it) {
            Some(_) => Status::NotEnforced,
            None if defects.clone().any(|defect| is_folded_into(defect, rule)) => Status::NotEnforced,
            None if rule.is_seen => Status::Enforced,
            None => Status::Untested,
        };
        all.push(verdict(place, rule.keyword, rule.bound.clone(), rule.side, status));
    }
    for finding in findings {
        let [place] = &finding.id.sites[..] else { continue };
        let (keyword, side) = (finding.id.keyword, finding.id.side);
        let is_of_a_node = matches!(place.part(), Part::Answer(..)) && !listed.contains(&(place, keyword, side));
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

/// Whether a defect is of this rule, wherever what it is about stands.
fn is_of(defect: &Defect, rule: &AnswerRule) -> bool {
    (defect.place, defect.side, defect.check) == (rule.part, rule.side, rule.keyword)
        && defect.source.as_deref() == Some(rule.source.as_str())
}

/// Whether a member was missing with all the others that must be there, which is told of the object.
fn is_folded_into(defect: &Defect, rule: &AnswerRule) -> bool {
    let Some((Step::Member(name), around)) = rule.node.split_last() else { return false };
    let of_all = || defect.bound.as_array().is_some_and(|all| all.iter().any(|one| one.as_str() == Some(&**name)));
    (defect.place, defect.side, defect.check, rule.keyword)
        == (rule.part, rule.side, Keyword::Required, Keyword::Required)
        && *defect.node == *around
        && of_all()
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
            twins: Vec::new(),
            covered: false,
        },
    }
}
