//! Finds causes: findings that follow from another, or that share one cause, become one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Finding;
use super::draft::{Draft, finding_of, observed, service};
use crate::contract::Presence;
use crate::oracle::Reaction;
use crate::probe::{FRACTION, Kind, ORDINARY};
use crate::rule::{FindingId, Keyword, Part, RESPONSE_REFUSAL, RESPONSE_SUCCESS, Rule, Side, Site};
use crate::suite::Observation;

/// What is kept by what its value consists of.
const OF_PARTS: [Keyword; 15] = [
    Keyword::OneOf,
    Keyword::AnyOf,
    Keyword::Not,
    Keyword::If,
    Keyword::DependentRequired,
    Keyword::DependentSchemas,
    Keyword::Contains,
    Keyword::MinContains,
    Keyword::MaxContains,
    Keyword::MinItems,
    Keyword::MaxItems,
    Keyword::UniqueItems,
    Keyword::MinProperties,
    Keyword::MaxProperties,
    Keyword::PropertyNames,
];

/// The body that a finding is about, where it is JSON.
fn sent(finding: &Finding) -> Option<Value> {
    serde_json::from_slice(finding.exchange.request.body.as_deref()?).ok()
}

/// What a keyword sees of a value: of two that are equal so it takes both or none.
fn measured(keyword: Keyword, value: &Value) -> Value {
    match (keyword, value) {
        (Keyword::MinLength | Keyword::MaxLength, Value::String(text)) => Value::from(text.chars().count()),
        (Keyword::MinItems | Keyword::MaxItems, Value::Array(elements)) => Value::from(elements.len()),
        (Keyword::MinProperties | Keyword::MaxProperties, Value::Object(members)) => Value::from(members.len()),
        _ => value.clone(),
    }
}

/// What a branch of a union says of a text, a number, or the elements of an array.
const OF_BRANCHES: [Keyword; 14] = [
    Keyword::MinLength,
    Keyword::MaxLength,
    Keyword::Pattern,
    Keyword::Format,
    Keyword::Minimum,
    Keyword::ExclusiveMinimum,
    Keyword::Maximum,
    Keyword::ExclusiveMaximum,
    Keyword::MultipleOf,
    Keyword::Enum,
    Keyword::Const,
    Keyword::MinItems,
    Keyword::MaxItems,
    Keyword::UniqueItems,
];

impl Draft<'_> {
    /// A target that answers every refusal with a 5xx has one fault, not one for each rule.
    pub(super) fn fold_refusals_that_crash(&mut self) {
        let outside = || self.observations.seen.iter().filter(|seen| seen.side == Side::Outside);
        let crashed: Vec<&Observation> = outside().filter(|seen| seen.reaction == Reaction::Crashed).collect();
        // Media types, methods and the like may well be refused by what stands around the service.
        let of_body =
            |seen: &&Observation| self.rules[seen.rule].at.is_some() && self.rules[seen.rule].standing.is_firm();
        let is_refused = |seen: &Observation| seen.reaction == Reaction::Refused;
        let refused = outside().filter(of_body).any(is_refused);
        let crashed_in_body: BTreeSet<usize> =
            crashed.iter().copied().filter(|seen| of_body(seen)).map(|seen| seen.rule).collect();
        let places: BTreeSet<usize> = crashed.iter().map(|seen| seen.rule).collect();
        let Some(smallest) = crashed.iter().min_by_key(|seen| seen.exchange.request.weight()) else { return };
        // Where little or nothing in the body is turned down, only what is around it tells.
        let is_told = crashed_in_body.len() > 1 || !outside().any(is_refused);
        if refused || !is_told || places.len() < 2 {
            return;
        }
        let exchange = smallest.exchange.clone();
        let observed = observed(&exchange, Reaction::Crashed);
        let folded: Vec<FindingId> = self
            .findings
            .iter()
            .filter(|(id, finding)| {
                let crashed = finding.exchange.judgement.reaction == Reaction::Crashed;
                crashed && (id.side == Side::Outside || finding.disputed)
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in folded {
            self.findings.remove(&key);
        }
        self.add(Finding {
            id: FindingId::at(&self.operation.site(RESPONSE_REFUSAL), Keyword::Status, Side::Outside),
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
        let folded: Vec<FindingId> = self
            .findings
            .iter()
            .filter(|(id, finding)| {
                let ordinary_too = id.side == Side::Inside
                    && matches!(
                        id.keyword,
                        Keyword::MinLength | Keyword::MaxLength | Keyword::Minimum | Keyword::Maximum | Keyword::Text
                    )
                    && (self.refuses_the_ordinary(finding) || self.refuses_the_fraction(finding));
                ordinary_too
                    || self.null_follows(finding)
                    || self.follows_from_firm(finding)
                    || self.follows_from_a_part(finding)
                    || self.follows_the_union(finding)
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in folded {
            self.findings.remove(&key);
        }
    }

    /// Null is taken, or fells the target, as any other type is that is no legal one, or as the absence of a mandatory member:
    /// that it is says nothing more.
    fn null_follows(&self, finding: &Finding) -> bool {
        let (id, reaction) = (&finding.id, finding.exchange.judgement.reaction);
        let meets_all = |keyword: Keyword| {
            let is_about =
                |rule: &Rule| rule.keyword == keyword && rule.standing.is_firm() && id.sites == [rule.place.clone()];
            let seen = self.observations.seen.iter().filter(|seen| seen.side == Side::Outside);
            // A fraction is a number, and subject to bounds.
            let telling = |seen: &&Observation| seen.reaction != Reaction::Unknown && seen.kind != Kind::Fraction;
            let mut met = seen
                .filter(|seen| is_about(&self.rules[seen.rule]) && telling(seen))
                .map(|seen| seen.reaction)
                .peekable();
            met.peek().is_some() && met.all(|met| met == reaction)
        };
        id.keyword == Keyword::Null
            && (id.side == Side::Outside || reaction.is_failure())
            && (meets_all(Keyword::Type) || meets_all(Keyword::Required))
    }

    /// Where not even an ordinary value is taken, that others at that place meet the same says nothing more.
    fn refuses_the_ordinary(&self, finding: &Finding) -> bool {
        self.fails_with(finding, ORDINARY)
    }

    /// Where no number with a fraction is taken, that a bound that has one meets the same says nothing more.
    fn refuses_the_fraction(&self, finding: &Finding) -> bool {
        let has_fraction = |rule: &Rule| rule.bound.as_f64().is_some_and(|bound| bound.fract() != 0.0);
        let id = &finding.id;
        let is_about = |rule: &Rule| id.sites == [rule.place.clone()] && rule.keyword == id.keyword;
        self.fails_with(finding, FRACTION) && self.rules.iter().any(|rule| is_about(rule) && has_fraction(rule))
    }

    /// Whether a legal value, which these words begin with, is refused or fells the target as this finding's is, at its place.
    fn fails_with(&self, finding: &Finding, words: &str) -> bool {
        self.findings.values().any(|other| {
            (other.id.keyword, other.id.side) == (Keyword::Type, Side::Inside)
                && other.expected.starts_with(words)
                && other.id.sites == finding.id.sites
                && other.exchange.judgement.reaction == finding.exchange.judgement.reaction
        })
    }

    /// A target that fails where a firm rule is probed fails for the same cause where a disputed one is, at that place.
    fn follows_from_firm(&self, finding: &Finding) -> bool {
        let (id, reaction) = (&finding.id, finding.exchange.judgement.reaction);
        let whole_body = matches!(&id.sites[..], [site] if site.is(Part::Body));
        let firm = |other: &Finding| {
            !other.disputed
                && other.exchange.judgement.reaction == reaction
                // Rules of the body as a whole have little in common but the place.
                && (!whole_body || other.id.keyword == id.keyword)
                && other.id.sites == id.sites
                && other.id != *id
        };
        reaction.is_failure() && finding.disputed && self.findings.values().any(firm)
    }

    /// A whole is refused, or fells the target, where a legal value in it does by itself: that it does says nothing more.
    fn follows_from_a_part(&self, finding: &Finding) -> bool {
        let [whole] = &finding.id.sites[..] else { return false };
        if finding.id.side != Side::Inside || whole.part() != Part::Body || !OF_PARTS.contains(&finding.id.keyword) {
            return false;
        }
        let Some(body) = sent(finding) else { return false };
        self.findings.values().any(|other| {
            let [part] = &other.id.sites[..] else { return false };
            let is_alike = other.id.side == Side::Inside
                && other.exchange.judgement.reaction == finding.exchange.judgement.reaction
                && part.is_within(whole)
                && part.node().len() > whole.node().len();
            is_alike
                && sent(other).is_some_and(|refused| {
                    let seen = |body| part.values_in(body).into_iter().map(|value| measured(other.id.keyword, value));
                    seen(&body).any(|value| seen(&refused).any(|other| other == value))
                })
        })
    }

    /// Where what no branch of a union takes is taken, or a branch is refused as a whole, the bounds of branches say nothing more.
    fn follows_the_union(&self, finding: &Finding) -> bool {
        let id = &finding.id;
        let is_union = |other: &Finding| {
            matches!(other.id.keyword, Keyword::OneOf | Keyword::AnyOf)
                && other.id.side == id.side
                && other.id.sites == id.sites
                && other.exchange.judgement.reaction == finding.exchange.judgement.reaction
        };
        OF_BRANCHES.contains(&id.keyword) && self.findings.values().any(is_union)
    }

    /// Text that fells the target wherever it stands has one cause, and it is not in any of the places.
    fn fold_text(&mut self) {
        let is_text = |rule: &Rule| rule.keyword == Keyword::Text;
        let seen = self.observations.seen.iter();
        let answered = seen.filter(|seen| is_text(&self.rules[seen.rule]) && seen.reaction != Reaction::Unknown);
        let places: BTreeSet<&Site> = answered.map(|seen| &self.rules[seen.rule].place).collect();
        let fails = |place: &Site| self.findings.contains_key(&FindingId::at(place, Keyword::Text, Side::Inside));
        if places.len() < 2 || !places.iter().all(|place| fails(place)) {
            return;
        }
        let text: Vec<FindingId> = self.findings.keys().filter(|id| id.keyword == Keyword::Text).cloned().collect();
        let folded: Vec<Finding> = text.iter().filter_map(|key| self.findings.remove(key)).collect();
        let Some(smallest) = folded.into_iter().min_by_key(|finding| finding.exchange.request.weight()) else { return };
        let observed = format!("{}, and so wherever text may stand", smallest.observed);
        let id = FindingId::at(&self.operation.site(Part::Body), Keyword::Text, Side::Inside);
        self.add(Finding { id, observed, ..smallest });
    }

    /// Time-outs, and likewise drops, at one place are that place's; at several they are the service's.
    fn fold_silence(&mut self, reaction: Reaction, keyword: Keyword) {
        let silent: Vec<FindingId> = self
            .findings
            .iter()
            .filter(|(id, finding)| {
                finding.exchange.judgement.reaction == reaction && id.keyword != keyword && id.keyword != Keyword::Flaky
            })
            .map(|(key, _)| key.clone())
            .collect();
        let Some(first) = silent.first().cloned() else { return };
        // Rules of the body as a whole have little in common but the place.
        let is_whole = matches!(&first.sites[..], [site] if site.is(Part::Body));
        let alike = |id: &FindingId| id.sites == first.sites && (!is_whole || id.keyword == first.keyword);
        let at_one = silent.iter().all(alike);
        let folded: Vec<Finding> = silent.iter().filter_map(|key| self.findings.remove(key)).collect();
        // One that a firm rule led to is easier to believe than one at the edge of the contract.
        let rank = |finding: &Finding| (finding.disputed, finding.exchange.request.weight());
        if let Some(smallest) = folded.into_iter().min_by_key(rank) {
            let side = smallest.id.side;
            let id = if at_one {
                FindingId { sites: first.sites, keyword, bound: None, side }
            } else {
                FindingId::at(&self.operation.site(service(side)), keyword, side)
            };
            self.add(Finding { id, ..smallest });
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
            let outside = finding.id.side == Side::Outside && !finding.disputed;
            outside && finding.exchange.judgement.reaction == seen.reaction
        };
        let illegal = !self.rules[seen.rule].standing.is_firm();
        if !self.findings.values().any(|finding| self.explains_example(finding) || (illegal && follows(finding))) {
            self.add(finding_of(self.rules, seen));
        }
    }

    fn explains_example(&self, finding: &Finding) -> bool {
        let text = self.operation.body.example.as_deref().unwrap_or_default();
        let example = serde_json::from_str(text).unwrap_or(Value::Null);
        let id = &finding.id;
        let concerns = |site: &Site| {
            // Whether the example holds the place, or lacks it where its object is.
            let place = self.operation.places().map(|(_, place)| place).find(|place| place.site == *site);
            let absent = place
                .filter(|place| id.keyword == Keyword::Optional && place.presence == Presence::Optional)
                .and_then(|place| place.parent);
            let around = absent.map_or(site, |parent| &self.operation.place(parent).site);
            around.part() == Part::Body && !around.values_in(&example).is_empty()
        };
        id.keyword == Keyword::Flaky
            || id.sites.iter().any(|site| site.is(RESPONSE_SUCCESS))
            || id.side == Side::Inside && id.sites.iter().all(concerns)
    }
}
