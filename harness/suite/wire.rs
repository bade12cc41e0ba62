//! The wire, the example and repetition: what concerns requests as a whole. Last, because some of it is not kind.

use std::collections::BTreeSet;

use super::contrast::Contrast;
use super::vetting::accepts;
use super::{Observation, Reason, Run, scope};
use crate::compose::Composer;
use crate::contract::{Coding, Forgery, Operation, ParameterIn};
use crate::exchange::{Outcome, Request};
use crate::fingerprint;
use crate::oracle::{Reaction, Scope};
use crate::probe::{Form, Probe, Send, Voucher, Wire, malformed_but_legal, marked};
use crate::request_context::RequestOverride;
use crate::rule::{CONTENT_TYPE, Keyword, Side, Site};
use crate::session::{Ask, Expect, Key, Over, Variant};

/// A longer value in a URL may be refused before the service sees it.
const MOST_CHARACTERS: usize = 1_000;
/// Bodies that differ by the spaces after them have so many at the most.
const MOST_SPACES: usize = 251;
/// What wavers once in so many answers is seen to waver in a run that saw it waver at all.
const LOOKS: usize = 64;

impl Run<'_> {
    pub(super) fn wire(&mut self) {
        let probes: Vec<(usize, &Probe, &Wire)> = self
            .suite
            .probes
            .iter()
            .enumerate()
            .filter_map(|(number, probe)| match &probe.send {
                Send::Wire(wire) => Some((number, probe, wire)),
                Send::Body(_) => None,
            })
            .collect();
        let asks: Vec<Option<Ask>> =
            probes.iter().map(|(number, probe, wire)| self.wire_ask(*number, probe, wire)).collect();
        let plain = asks.iter().flatten().filter(|ask| ask.scope != Scope::Elsewhere);
        let heard = self.session.ask(&plain.cloned().collect::<Vec<_>>());
        let mut heard = heard.into_iter();
        let (methods, others): (Vec<_>, Vec<_>) =
            probes.into_iter().zip(asks).partition(|((.., wire), _)| matches!(wire, Wire::Method(_)));
        for ((_, probe, wire), ask) in others.into_iter().chain(methods) {
            match (ask, wire) {
                (Some(ask), Wire::Method(_)) => self.method(probe, &ask),
                (Some(_), _) => {
                    let Some(heard) = heard.next() else { continue };
                    let sent = heard.reaction != Reaction::Unknown;
                    let control = if sent { self.parameter_control(wire) } else { Ok(None) };
                    // What an ordinary made-up value meets as well is not about the form of this one.
                    let same = control.map(|control| {
                        control.is_some_and(|control| {
                            control != Reaction::Accepted && (control == heard.reaction || !heard.reaction.is_failure())
                        })
                    });
                    if same == Ok(true) {
                        self.note(probe, Reason::Control);
                    }
                    let mut reaction = if same == Ok(false) { heard.reaction } else { Reaction::Unknown };
                    if self.needs_contrast(probe, reaction)
                        && let Contrast::Nothing(reason) = self.contrast_around(probe, wire)
                    {
                        self.note(probe, reason);
                        reaction = Reaction::Unknown;
                    }
                    self.saw(probe, reaction, heard.exchange);
                }
                (None, Wire::Twice) => self.twice(probe),
                (None, Wire::Respelled(spelling)) => self.respelled(probe, spelling),
                (None, _) => {}
            }
        }
        self.look_for_inconsistency();
    }

    /// A target whose answers were only seen to change at one place, or only where it refuses, may be so everywhere: it is
    /// asked what it accepts often enough to tell, in bodies that differ, so that nothing is asked twice of one that creates.
    fn look_for_inconsistency(&mut self) {
        if self.session.wavers() {
            return;
        }
        let place = |key: &Key| &self.suite.rules[key.rule].place;
        let is_local = |keys: Vec<Key>| {
            let places: BTreeSet<&Site> = keys.iter().map(place).collect();
            places.len() == 1 || (!keys.is_empty() && keys.iter().all(|key| key.side == Side::Outside))
        };
        if !self.session.inconsistent_keys().is_some_and(is_local) {
            return;
        }
        for number in 0..LOOKS {
            let request = self.marked_request(&format!("look-{number}"));
            let exchange = self.session.send_alone(&request, Scope::Operation);
            let then = exchange.judgement.reaction;
            if then == Reaction::Refused || then.is_failure() {
                self.session.record_inconsistency(None, &exchange, Reaction::Accepted);
            }
            if then != Reaction::Accepted {
                return;
            }
        }
    }

    /// Another method, without any of the usual questions in between: where it works, the resource may be gone after it.
    fn method(&mut self, probe: &Probe, ask: &Ask) {
        if let Some(heard) = self.session.ask_apart(ask) {
            self.saw(probe, heard.reaction, heard.exchange);
        }
    }

    /// The request of a probe; nothing for what is not a single request.
    fn wire_ask(&self, number: usize, probe: &Probe, wire: &Wire) -> Option<Ask> {
        // Each body differs from the next, so that a target that minds repetition is told from one that minds the wire.
        let (request, scope) = self.wire_request(probe, wire, &format!("sample-{number}"))?;
        let mark = Variant::mark(u64::try_from(number).unwrap_or_default());
        let variant = || Some(Variant::marked(self.wire_request(probe, wire, &mark)?.0, mark.clone()));
        let variant = if request.is_repeatable() { None } else { variant() };
        let (expect, key) = (self.expect(probe), Some(self.key(probe.rule, probe.side)));
        Some(Ask { request, scope, expect, key, shared: false, variant })
    }

    fn wire_request(&self, probe: &Probe, wire: &Wire, mark: &str) -> Option<(Request, Scope)> {
        let body = || self.marked_body(mark);
        let plain = RequestOverride::default();
        let service = scope(self.expect(probe));
        let (body, special, scope) = match wire {
            Wire::NoBody => (None, plain, service),
            Wire::Malformed(form) => {
                let large = probe_is_about_size(self.suite.rules[probe.rule].keyword);
                let scope = if large { Scope::AnyRefusal } else { service };
                (Some(self.malformed(*form, mark)?), plain, scope)
            }
            Wire::ContentType(value) => {
                (Some(body()), RequestOverride { content_type: Some(value.clone()), ..plain }, service)
            }
            Wire::Parameter(index, value) => {
                // What stands in the path may be refused before the service sees it.
                let is_service = self.operation.is_open
                    && matches!(self.operation.parameters[*index].location, ParameterIn::Query | ParameterIn::Cookie)
                    && value.as_ref().is_none_or(|value| value.len() <= MOST_CHARACTERS);
                let scope = if is_service { service } else { Scope::AnyRefusal };
                (Some(body()), RequestOverride { parameter: Some((*index, value.clone())), ..plain }, scope)
            }
            Wire::Method(method) => {
                let bodiless = matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS" | "DELETE");
                let special = RequestOverride { method: Some(method.clone()), ..plain };
                ((!bodiless).then(body), special, Scope::Elsewhere)
            }
            Wire::Query(query) => (Some(body()), RequestOverride { query: Some(query.clone()), ..plain }, service),
            Wire::Forged(number, forgery) => {
                // A header that was given by hand says no more than that it is needed: which values are right nobody knows.
                let place = self.operation.security.given[*number].place();
                let is_by_hand = place.is_some_and(|(location, name)| self.context.own(location, name).is_some());
                if is_by_hand && *forgery == Forgery::Wrong {
                    return None;
                }
                // What stands before the service may know the callers.
                let special = RequestOverride { forged: Some((*number, *forgery)), ..plain };
                (Some(body()), special, Scope::AnyRefusal)
            }
            Wire::Example => (self.operation.body.example.clone().map(String::into_bytes), plain, service),
            Wire::Twice | Wire::Pairs | Wire::Respelled(_) => return None,
        };
        Some((self.context.request(self.operation, body, &special), scope))
    }

    /// A body that is legal but for its form.
    fn malformed(&self, form: Form, mark: &str) -> Option<Vec<u8>> {
        let number = fingerprint::of_bytes(mark.bytes()).wrapping_add(self.number_of_texts());
        let voucher = Voucher {
            is_free: &|place| self.is_free(place) && !self.is_blocked(place),
            is_legal: &|body| self.suite.judge.as_ref().is_none_or(|judge| accepts(judge, body) == Some(true)),
        };
        let of = |composer: &Composer<'_>| malformed_but_legal(composer, form, mark, &voucher);
        let fresh = self.has_fresh_texts().then(|| of(&self.composer.fresh(number))).flatten();
        fresh.or_else(|| of(&self.composer))
    }

    /// A small legal request that differs from the next.
    pub(super) fn marked_request(&self, mark: &str) -> Request {
        let request = self.request_with(self.marked_body(mark));
        let is_alike = !request.is_repeatable() && request == self.request_with(self.composer.bytes(&[]));
        let again = || Variant::repeated(request.clone()).nth(spaces(mark));
        is_alike.then(again).flatten().unwrap_or(request)
    }

    /// A small legal body that differs from the next: by a word of its own where there is a place for one, else by the spaces
    /// after it, where these mean nothing.
    fn marked_body(&self, mark: &str) -> Vec<u8> {
        let again = (self.held > 0).then(|| format!("{mark}-{}", self.held));
        let mark = again.as_deref().unwrap_or(mark);
        let overrides = marked(self.operation, mark, |place| self.is_free(place));
        let is_legal = self.is_legal(&self.composer, &overrides);
        if overrides.is_empty() || self.touches_blocked(&overrides) || !is_legal {
            let plain = self.composer.bytes(&[]);
            let room = if self.operation.body.coding == Coding::Json { spaces(mark) } else { 0 };
            return [plain, vec![b' '; room]].concat();
        }
        self.body_of(&self.composer, &overrides)
    }

    /// What the target makes of an ordinary made-up value of an odd parameter: it may know callers and resources, and refuse
    /// every other, whatever its form. That value has another length than the odd one, where there is another.
    fn parameter_control(&mut self, wire: &Wire) -> Result<Option<Reaction>, Over> {
        let Wire::Parameter(index, Some(odd)) = wire else { return Ok(None) };
        // Of what is no plain text nothing ordinary can be made up; what was accepted at first contact is the control.
        let parameter = &self.operation.parameters[*index];
        if !parameter.texts.is_empty() || parameter.schema.is_some() {
            return Ok(None);
        }
        let lengths = self.operation.parameters[*index].lengths();
        let other = lengths.iter().find(|length| **length != odd.len()).or(lengths.first());
        let value = self.context.made_up_of(other.copied().unwrap_or_default());
        let special = RequestOverride { parameter: Some((*index, Some(value))), ..RequestOverride::default() };
        let body = self.marked_body(&format!("sample-control-{index}"));
        let request = self.context.request(self.operation, Some(body), &special);
        let expect = Expect::Decided;
        let ask = Ask { request, scope: Scope::AnyRefusal, expect, key: None, shared: false, variant: None };
        let mut heard = self.session.inquire_one(&ask)?;
        if heard.reaction.is_failure() {
            // A failure that passes must not excuse the one that is probed.
            heard = self.session.insist(&ask, heard)?;
        }
        Ok(Some(heard.reaction))
    }

    /// What was refused for what its body says, under another spelling of the media type: it must be refused as well.
    fn respelled(&mut self, probe: &Probe, spelling: &str) {
        let is_refused = |seen: &&Observation| {
            let rule = &self.suite.rules[seen.rule];
            seen.side == Side::Outside
                && seen.reaction == Reaction::Refused
                && rule.standing.is_firm()
                && rule.at.is_some_and(|place| place != Operation::ROOT)
                && matches!(&seen.exchange.outcome, Outcome::Answer(answer) if matches!(answer.status, 400 | 422))
        };
        let Some(mut request) = self.seen.iter().find(is_refused).map(|seen| seen.exchange.request.clone()) else {
            return self.note(probe, Reason::NoRequest);
        };
        let own = request.headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(CONTENT_TYPE));
        let Some((_, value)) = own else { return self.note(probe, Reason::NoRequest) };
        spelling.clone_into(value);
        let (expect, key) = (Expect::Refused, Some(self.key(probe.rule, probe.side)));
        let scope = scope(expect);
        let heard = self.session.ask_one(&Ask { request, scope, expect, key, shared: false, variant: None });
        self.saw(probe, heard.reaction, heard.exchange);
    }

    /// The same request twice in a row: the verdict must not change.
    fn twice(&mut self, probe: &Probe) {
        let request = self.marked_request("sample-twice");
        let (expect, key) = (Expect::Accepted, Some(self.key(probe.rule, probe.side)));
        let ask = Ask { request, scope: Scope::Operation, expect, key, shared: false, variant: None };
        let Some(heard) = self.session.ask_twice(&ask) else { return };
        if heard.reaction == Reaction::Unknown && heard.exchange.outcome != Outcome::NotSent {
            self.note(probe, Reason::Control);
        }
        self.saw(probe, heard.reaction, heard.exchange);
    }
}

/// How many spaces stand for a mark: other marks of the same length have other spaces.
fn spaces(mark: &str) -> usize {
    mark.bytes().fold(0, |spaces, byte| (spaces * 10 + usize::from(byte)) % MOST_SPACES) + 1
}

/// Whether the probe's point is how much there is of it, which others than the service may mind.
fn probe_is_about_size(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::Size | Keyword::Nesting)
}
