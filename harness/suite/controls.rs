//! Controls: for every place, a body with a legal value there that this target accepts.
//!
//! Where the smallest legal body is refused, the target is asked what it wants: an optional member that it demands, or
//! another ordinary value. That one cause is remembered and carried along, so that it neither hides nor multiplies others.

use std::rc::Rc;

use serde_json::Value;

use super::advice::advice;
use super::contact::{Untestable, status};
use super::{Clash, Observation, Run};
use crate::compose::{Slot, text_of_length};
use crate::contract::{Operation, PlaceId, Presence, Shape};
use crate::exchange::Outcome;
use crate::json::Json;
use crate::oracle::Reaction;
use crate::probe::{Kind, ORDINARY};
use crate::rule::{Keyword, Side};
use crate::session::{Ask, Exchange, Expect};

impl Run<'_> {
    /// Establishes a control for every place; an error where not even the body itself gets one.
    pub(super) fn controls(&mut self) -> Result<(), Untestable> {
        // A lesson changes the bodies that later controls are made of, so the objects are gone through until none is new.
        while let Some((object, refused)) = self.first_refused_object() {
            let before = self.composer.lessons.clone();
            // A lesson that is none would be learnt for ever.
            let healed = self.heal(object, &refused) && self.composer.lessons != before;
            if !healed {
                if object == Operation::ROOT {
                    let advice = advice(self.operation, status(&refused));
                    return Err(Untestable::NothingAccepted { told: told(&refused), advice });
                }
                self.block(object, &refused);
            }
        }
        let places = self.operation.places().map(|(id, _)| id).filter(|id| self.suite.concerned[id.0]);
        let refused = self.refused_of(&places.collect::<Vec<_>>());
        for (place, exchange) in refused {
            if !self.is_blocked(place)
                && !self.other_value_serves(place, &exchange)
                && !self.clashes_with_neighbour(place, &exchange)
            {
                self.block(place, &exchange);
            }
        }
        Ok(())
    }

    /// The first object, outermost first, whose smallest body is refused although everything around it is accepted.
    fn first_refused_object(&mut self) -> Option<(PlaceId, Rc<Exchange>)> {
        let objects: Vec<PlaceId> = self
            .operation
            .places()
            .filter(|(id, place)| matches!(place.shape, Shape::Object { .. }) && self.suite.concerned[id.0])
            .map(|(id, _)| id)
            .collect();
        self.refused_of(&objects).into_iter().next()
    }

    /// The places among these whose control is refused, in order.
    fn refused_of(&mut self, places: &[PlaceId]) -> Vec<(PlaceId, Rc<Exchange>)> {
        let open: Vec<PlaceId> = places.iter().copied().filter(|place| !self.is_blocked(*place)).collect();
        let asks: Vec<Ask> = open.iter().map(|place| self.control(*place)).collect();
        let heard = self.session.ask(&asks);
        open.into_iter()
            .zip(heard)
            .filter(|(_, heard)| heard.reaction != Reaction::Accepted && heard.reaction != Reaction::Unknown)
            .map(|(place, heard)| (place, heard.exchange))
            .collect()
    }

    /// The smallest body with an ordinary value at a place.
    fn control(&self, place: PlaceId) -> Ask {
        let key = self.rule_at(place, Keyword::Type).map(|rule| self.key(rule, Side::Inside));
        self.ask_for(&[(place, Slot::Ordinary)], Expect::Accepted, key)
    }

    /// Learns what makes an object acceptable; false where nothing does.
    fn heal(&mut self, object: PlaceId, refused: &Rc<Exchange>) -> bool {
        let candidates = self.absent_optionals(object);
        let accepted = self.accepted_with(&candidates.iter().map(|id| (*id, Slot::Ordinary)).collect::<Vec<_>>());
        if let Some(index) = accepted.iter().position(|accepted| *accepted) {
            if accepted.iter().filter(|accepted| **accepted).count() == 1 {
                self.carry(candidates[index], refused);
            } else {
                // Any member helps: what is refused is the object with none, and a member only comes along as a means.
                self.refused_ordinarily(object, refused);
                self.composer.lessons.carried.insert(candidates[index]);
            }
            return true;
        }
        if self.heal_with_several(object, &candidates, refused) {
            return true;
        }
        let alternatives = self.alternatives_within(object);
        let accepted = self.accepted_with(
            &alternatives.iter().map(|(id, value)| (*id, Slot::Value(value.clone()))).collect::<Vec<_>>(),
        );
        let Some(index) = accepted.iter().position(|accepted| *accepted) else { return false };
        let (place, value) = alternatives[index].clone();
        self.substitute(place, value, refused);
        true
    }

    /// Several optional members that are demanded at once: all of them first, then without each in turn.
    fn heal_with_several(&mut self, object: PlaceId, candidates: &[PlaceId], refused: &Rc<Exchange>) -> bool {
        let mut wanted: Vec<PlaceId> = candidates.to_vec();
        let accepts = |run: &mut Self, members: &[PlaceId]| {
            let mut wishes: Vec<_> = members.iter().map(|member| (*member, Slot::Ordinary)).collect();
            wishes.push((object, Slot::Ordinary));
            let ask = run.ask_for(&wishes, Expect::Decided, None);
            run.session.ask_one(&ask).reaction == Reaction::Accepted
        };
        if wanted.len() < 2 || !accepts(self, &wanted) {
            return false;
        }
        for member in candidates {
            let without: Vec<PlaceId> = wanted.iter().copied().filter(|other| other != member).collect();
            if accepts(self, &without) {
                wanted = without;
            }
        }
        for member in &wanted {
            self.carry(*member, refused);
        }
        !wanted.is_empty()
    }

    fn carry(&mut self, member: PlaceId, refused: &Rc<Exchange>) {
        self.composer.lessons.carried.insert(member);
        if let Some(rule) = self.rule_at(member, Keyword::Optional) {
            self.seen.push(Observation {
                rule,
                side: Side::Inside,
                kind: Kind::Absent,
                what: "absent".to_owned(),
                reaction: refused.judgement.reaction,
                exchange: refused.clone(),
                trial: None,
            });
        }
    }

    fn accepted_with(&mut self, trials: &[(PlaceId, Slot)]) -> Vec<bool> {
        let asks: Vec<Ask> =
            trials.iter().map(|trial| self.ask_for(std::slice::from_ref(trial), Expect::Decided, None)).collect();
        self.session.ask(&asks).iter().map(|heard| heard.reaction == Reaction::Accepted).collect()
    }

    /// Optional members that are missing from the smallest body of an object, at any depth.
    fn absent_optionals(&self, object: PlaceId) -> Vec<PlaceId> {
        self.operation
            .places()
            .filter(|(id, place)| {
                place.presence == Presence::Optional
                    && !self.composer.lessons.carried.contains(id)
                    && place.parent.is_some_and(|parent| self.is_in_smallest(parent, object))
            })
            .map(|(id, _)| id)
            .collect()
    }

    /// Whether a place within an object is there in the object's smallest body.
    fn is_in_smallest(&self, place: PlaceId, object: PlaceId) -> bool {
        if !self.operation.is_within(place, object) {
            return false;
        }
        self.operation.lineage(place).take_while(|ancestor| *ancestor != object).all(|ancestor| {
            self.operation.place(ancestor).presence != Presence::Optional
                || self.composer.lessons.carried.contains(&ancestor)
        })
    }

    /// Other legal values of every place in an object's smallest body.
    fn alternatives_within(&self, object: PlaceId) -> Vec<(PlaceId, Json)> {
        self.operation
            .places()
            .filter(|(id, _)| *id != object && self.is_in_smallest(*id, object))
            .flat_map(|(id, place)| alternatives(&place.shape).into_iter().map(move |value| (id, value)))
            .collect()
    }

    /// Whether another legal value is accepted at the place, or at one within it; it is the ordinary one from then on.
    fn other_value_serves(&mut self, place: PlaceId, refused: &Rc<Exchange>) -> bool {
        let own = alternatives(&self.operation.place(place).shape).into_iter().map(|value| (place, value));
        let values: Vec<(PlaceId, Json)> = own.chain(self.alternatives_within(place)).collect();
        let trials: Vec<_> = values.iter().map(|(id, value)| (*id, Slot::Value(value.clone()))).collect();
        let accepted = self.accepted_with(&trials);
        let Some(index) = accepted.iter().position(|accepted| *accepted) else { return false };
        let (id, value) = values[index].clone();
        self.substitute(id, value, refused);
        true
    }

    /// Takes another value for the ordinary one, whose refusal is a finding of its own.
    fn substitute(&mut self, place: PlaceId, value: Json, refused: &Rc<Exchange>) {
        // A listed value, or a bound, has a probe of its own that tells.
        let listed = self.operation.place(place).shape.values().is_some();
        if !listed && !is_bound(&self.operation.place(place).shape, &self.composer.ordinary(place)) {
            self.refused_ordinarily(place, refused);
        }
        self.composer.lessons.ordinary.insert(place, value);
    }

    /// Whether the place is refused only beside the ordinary value of another: the two are then one finding.
    fn clashes_with_neighbour(&mut self, place: PlaceId, exchange: &Rc<Exchange>) -> bool {
        let Some(parent) = self.operation.place(place).parent else { return false };
        let others: Vec<(PlaceId, Json)> = self
            .operation
            .lineage(parent)
            .flat_map(|ancestor| self.alternatives_within(ancestor))
            .filter(|(other, _)| *other != place && self.operation.place(*other).shape.values().is_some())
            .collect();
        let asks: Vec<Ask> = others
            .iter()
            .map(|(other, value)| {
                let wishes = [(place, Slot::Ordinary), (*other, Slot::Value(value.clone()))];
                self.ask_for(&wishes, Expect::Decided, None)
            })
            .collect();
        let heard = self.session.ask(&asks);
        let Some(index) = heard.iter().position(|heard| heard.reaction == Reaction::Accepted) else { return false };
        let mut places = vec![place, others[index].0];
        places.sort_unstable();
        self.clashes.push(Clash { places, exchange: exchange.clone() });
        let (other, value) = others[index].clone();
        self.composer.lessons.ordinary.insert(other, value);
        true
    }

    /// Gives a place up: nothing legal is accepted there. That is the finding; what stands in it cannot be tested.
    fn block(&mut self, place: PlaceId, exchange: &Rc<Exchange>) {
        self.blocked.insert(place);
        self.refused_ordinarily(place, exchange);
    }

    fn refused_ordinarily(&mut self, place: PlaceId, exchange: &Rc<Exchange>) {
        if let Some(rule) = self.rule_at(place, Keyword::Type) {
            self.seen.push(Observation {
                rule,
                side: Side::Inside,
                kind: Kind::Ordinary,
                what: ORDINARY.to_owned(),
                reaction: exchange.judgement.reaction,
                exchange: exchange.clone(),
                trial: None,
            });
        }
    }
}

/// Whether a value stands on a bound of its shape.
fn is_bound(shape: &Shape, value: &Json) -> bool {
    match (shape, value) {
        (Shape::Text { min, max, .. }, Json::Text(text)) => [min, max].contains(&&Some(text.chars().count())),
        (Shape::Integer { min, max, .. }, value) => {
            [min, max].into_iter().flatten().any(|bound| Json::number(bound) == *value)
        }
        (Shape::Number { min, max }, value) => {
            [min, max].into_iter().flatten().any(|bound| Json::float(*bound) == *value)
        }
        _ => false,
    }
}

/// Other legal values of a shape, apart from the usual one.
fn alternatives(shape: &Shape) -> Vec<Json> {
    match shape {
        Shape::Text { values: Some(values), .. } | Shape::Integer { values: Some(values), .. } => {
            values.firm.iter().skip(1).map(Json::from).collect::<Vec<_>>()
        }
        Shape::Text { min, max, .. } => {
            let bounds = [Some(1), *min, *max];
            let legal = |length: &usize| min.is_none_or(|min| *length >= min) && max.is_none_or(|max| *length <= max);
            bounds.into_iter().flatten().filter(legal).map(|length| Json::Text(text_of_length(length))).collect()
        }
        Shape::Integer { min, max, .. } => [min, max].into_iter().flatten().map(Json::number).collect(),
        Shape::Number { min, max } => [min, max].into_iter().flatten().copied().map(Json::float).collect(),
        Shape::Boolean => vec![Json::Bool(false)],
        // A container is not replaced: its parts have alternatives of their own.
        Shape::Array { .. } | Shape::Object { .. } => Vec::new(),
    }
}

/// An answer in a few words.
pub(super) fn told(exchange: &Rc<Exchange>) -> String {
    match &exchange.outcome {
        Outcome::Answer(response) => {
            let message = serde_json::from_slice::<Value>(&response.body).ok().and_then(|body| {
                let members = body.as_object()?;
                Some(members.values().filter_map(Value::as_str).collect::<Vec<_>>().join(": "))
            });
            let message: String = message.unwrap_or_default().chars().flat_map(char::escape_debug).collect();
            format!("{} {message}", response.status).trim().to_owned()
        }
        Outcome::Timeout => "nothing, in time".to_owned(),
        _ => "by closing the connection".to_owned(),
    }
}
