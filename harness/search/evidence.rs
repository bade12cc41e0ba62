//! What is known to be wrong with a target: what the suite's probes showed and what the search found beside them, in one
//! form, so that the verdicts name and fold both alike.

use std::rc::Rc;

use super::culprit::{Culprit, crowded_array, values_at};
use super::shrink::Attempt;
use crate::contract::{Operation, PlaceId, Shape};
use crate::json::Json;
use crate::oracle::{Defect, Reaction};
use crate::probe::Kind;
use crate::rule::{Keyword, Rule, Side};
use crate::session::Exchange;
use crate::suite::{Clash, Observation, Observations};

/// What is known to be wrong.
pub(super) struct Evidence<'a> {
    operation: &'a Operation,
    rules: &'a [Rule],
    observations: Observations,
    /// What legal cases fail for, and how.
    culprits: Vec<(Culprit, Reaction)>,
    /// Legal values that fail only together, by place, and how.
    pairs: Vec<(Vec<(PlaceId, Json)>, Reaction)>,
}

impl<'a> Evidence<'a> {
    pub(super) fn new(operation: &'a Operation, rules: &'a [Rule]) -> Self {
        Self { operation, rules, observations: Observations::default(), culprits: Vec::new(), pairs: Vec::new() }
    }

    pub(super) fn observations(&self) -> &Observations {
        &self.observations
    }

    /// Takes up what the suite saw.
    pub(super) fn add(&mut self, seen: Observations) {
        for seen in seen.seen.iter().filter(|seen| seen.side == Side::Inside) {
            let (rule, reaction) = (&self.rules[seen.rule], seen.reaction);
            let wrong = reaction.is_failure() || (reaction == Reaction::Refused && rule.standing.is_firm());
            // A container that is refused as it is may be taken with something in it.
            let at = rule.at.filter(|at| rule.keyword != Keyword::Type || !self.is_container(*at));
            if let (true, Some(at)) = (wrong, at) {
                self.blame(Culprit { parts: vec![(at, rule.keyword)] }, reaction);
            }
        }
        for clash in &seen.clashes {
            let body = clash.exchange.request.body.as_deref().and_then(|body| serde_json::from_slice(body).ok());
            let body = body.map_or(Json::Null, |body: serde_json::Value| Json::from(&body));
            let value = |place| Some((*values_at(self.operation, &body, place).first()?).clone());
            let parts: Vec<_> = clash.places.iter().filter_map(|place| Some((*place, value(*place)?))).collect();
            // Fewer of them would explain what they do not.
            if parts.len() == clash.places.len() {
                self.pairs.push((parts, clash.exchange.judgement.reaction));
            }
        }
        self.observations.seen.extend(seen.seen);
        self.observations.clashes.extend(seen.clashes);
        self.observations.flakes.extend(seen.flakes);
        self.observations.defects = seen.defects;
    }

    /// Takes up what is wrong with an answer.
    pub(super) fn add_defect(&mut self, defect: Defect, exchange: Rc<Exchange>) {
        self.observations.defects.push((defect, exchange));
    }

    /// Takes up answers that changed, and how often they do.
    pub(super) fn add_flakes(&mut self, seen: Observations) {
        let Observations { flakes, requests, silences, share, .. } = seen;
        self.observations.flakes.extend(flakes);
        self.observations.requests = requests;
        self.observations.silences = silences;
        self.observations.share = share;
    }

    /// Forgets all but the answers that changed.
    pub(super) fn begin_anew(&mut self) {
        let flakes = std::mem::take(&mut self.observations.flakes);
        self.observations = Observations { flakes, ..Observations::default() };
        self.culprits.clear();
        self.pairs.clear();
    }

    /// Takes up a legal case that failed for this.
    pub(super) fn add_legal(&mut self, culprit: Culprit, exchange: Rc<Exchange>) {
        let reaction = exchange.judgement.reaction;
        match culprit.parts[..] {
            [(place, keyword)] => {
                let of = |keyword| {
                    let meant = |rule: &Rule| rule.at == Some(place) && rule.keyword == keyword && rule.inside;
                    self.rules.iter().position(meant)
                };
                if let Some(rule) = of(keyword).or_else(|| of(Keyword::Type)) {
                    self.saw(rule, Side::Inside, "every value is legal".to_owned(), exchange);
                }
            }
            _ if reaction.is_failure() || self.is_interaction_firm() => {
                let places = culprit.parts.iter().map(|(place, _)| *place).collect();
                self.observations.clashes.push(Clash { places, exchange });
            }
            _ => {}
        }
        self.blame(culprit, reaction);
    }

    /// Takes up an illegal case that was not refused: of this rule, or of an array that it was found to be the fault of.
    pub(super) fn add_illegal(&mut self, rule: usize, attempt: &Attempt, exchange: Rc<Exchange>) {
        let reaction = exchange.judgement.reaction;
        let what = format!("{} {} broken", self.rules[rule].keyword, self.rules[rule].bound);
        let rule = self.array_rule(rule, attempt).filter(|_| reaction == Reaction::Accepted).unwrap_or(rule);
        self.saw(rule, Side::Outside, what, exchange);
    }

    /// Whether what is known explains that a legal body fails like this.
    pub(super) fn explains_legal(&self, body: &Json, reaction: Reaction) -> bool {
        let holds = |(place, value): &(PlaceId, Json)| values_at(self.operation, body, *place).contains(&value);
        self.culprits.iter().any(|(culprit, other)| *other == reaction && culprit.is_in(self.operation, body))
            || self.pairs.iter().any(|(parts, other)| *other == reaction && parts.iter().all(holds))
    }

    /// Whether what is known explains that a case that breaks this rule is treated like this.
    pub(super) fn explains_illegal(&self, rule: usize, attempt: &Attempt, reaction: Reaction) -> bool {
        let seen = |rule: usize| {
            let alike = |seen: &&Observation| (seen.rule, seen.side, seen.reaction) == (rule, Side::Outside, reaction);
            self.observations.seen.iter().find(alike).is_some()
        };
        seen(rule) || (reaction == Reaction::Accepted && self.array_rule(rule, attempt).is_some_and(seen))
    }

    /// The rule of the outermost array in which what is broken stands beside other elements: accepted only there, it is the
    /// array that checks some of its elements and not others.
    fn array_rule(&self, rule: usize, attempt: &Attempt) -> Option<usize> {
        let array = crowded_array(self.operation, &attempt.case.body, self.rules[rule].at?)?;
        self.rules.iter().position(|rule| rule.at == Some(array) && rule.keyword == Keyword::Items)
    }

    fn saw(&mut self, rule: usize, side: Side, what: String, exchange: Rc<Exchange>) {
        let reaction = exchange.judgement.reaction;
        let kind = Kind::Case;
        self.observations.seen.push(Observation { rule, side, kind, what, reaction, exchange, trial: None });
    }

    fn blame(&mut self, culprit: Culprit, reaction: Reaction) {
        if !self.culprits.contains(&(culprit.clone(), reaction)) {
            self.culprits.push((culprit, reaction));
        }
    }

    fn is_container(&self, place: PlaceId) -> bool {
        matches!(self.operation.place(place).shape, Shape::Object { .. } | Shape::Array { .. } | Shape::Tuple { .. })
    }

    fn is_interaction_firm(&self) -> bool {
        self.rules.iter().filter(|rule| rule.keyword == Keyword::Interaction).all(|rule| rule.standing.is_firm())
    }
}
