//! The wire, the example and repetition: what concerns requests as a whole. Last, because some of it is not kind.

use super::session::{Ask, Expect, Wavering};
use super::{Observation, Run};
use crate::address::Oddity;
use crate::exchange::Request;
use crate::oracle::{Reaction, Scope};
use crate::probe::{Probe, Send, Wire, malformed_body, marked};
use crate::rule::Keyword;

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
        let plain = asks.iter().flatten().filter(|ask| ask.scope != Scope::OtherMethod);
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
                    let control = if sent { self.parameter_control(wire) } else { None };
                    // What an ordinary made-up value meets as well is not about the form of this one.
                    let same = control.is_some_and(|control| {
                        control != Reaction::Accepted && (control == heard.reaction || !heard.reaction.is_failure())
                    });
                    let reaction = if same { Reaction::Unknown } else { heard.reaction };
                    self.saw(probe, reaction, heard.exchange);
                }
                (None, Wire::Twice) => self.twice(probe),
                (None, _) => {}
            }
        }
    }

    /// Another method, without any of the usual questions in between: where it works, the resource may be gone after it.
    fn method(&mut self, probe: &Probe, ask: &Ask) {
        if self.session.is_silenced(ask) {
            return;
        }
        let first = self.session.send_alone(&ask.request, ask.scope);
        let again = if first.judgement.reaction.is_failure() {
            self.session.send_alone(&ask.request, ask.scope)
        } else {
            first.clone()
        };
        // What fails only once is the server's mood of the moment, about a method that the contract does not describe.
        let agreed = first.judgement.reaction == again.judgement.reaction;
        let reaction = if agreed { first.judgement.reaction } else { Reaction::Unknown };
        self.saw(probe, reaction, first);
    }

    /// The request of a probe; nothing for what is not a single request.
    fn wire_ask(&self, number: usize, probe: &Probe, wire: &Wire) -> Option<Ask> {
        // Each body differs from the next, so that a target that minds repetition is told from one that minds the wire.
        let mark = format!("sample-{number}");
        let body = || self.marked_body(&mark);
        let plain = Oddity::default();
        let (body, oddity, scope) = match wire {
            Wire::NoBody => (None, plain, Scope::Operation),
            Wire::Malformed(form) => {
                let large = probe_is_about_size(self.suite.rules[probe.rule].keyword);
                let scope = if large { Scope::AnyRefusal } else { Scope::Operation };
                (Some(malformed_body(&self.composer, *form, &mark)?), plain, scope)
            }
            Wire::ContentType(value) => {
                (Some(body()), Oddity { content_type: Some(value.clone()), ..plain }, Scope::Operation)
            }
            Wire::Parameter(index, value) => {
                (Some(body()), Oddity { parameter: Some((*index, value.clone())), ..plain }, Scope::AnyRefusal)
            }
            Wire::Method(method) => {
                let bodiless = matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS" | "DELETE");
                let oddity = Oddity { method: Some(method.clone()), ..plain };
                ((!bodiless).then(body), oddity, Scope::OtherMethod)
            }
            Wire::Query(query) => (Some(body()), Oddity { query: Some(query.clone()), ..plain }, Scope::Operation),
            Wire::Example => (self.operation.body.example.clone().map(String::into_bytes), plain, Scope::Operation),
            Wire::Twice | Wire::Pairs => return None,
        };
        Some(Ask {
            request: self.address.request(self.operation, body, &oddity),
            scope,
            expect: self.expect(probe),
            key: Some(self.key(probe.rule, probe.side)),
            shared: false,
        })
    }

    /// A small legal body with a word of its own in it, where the target accepts one at all.
    fn marked_body(&self, mark: &str) -> Vec<u8> {
        let wishes = marked(self.operation, mark);
        let wishes = if self.touches_blocked(&wishes) { Vec::new() } else { wishes };
        self.composer.body(&wishes).render().into_bytes()
    }

    /// What the target makes of an ordinary made-up value of an odd parameter: it may know callers and resources, and refuse
    /// every other, whatever its form.
    fn parameter_control(&mut self, wire: &Wire) -> Option<Reaction> {
        let Wire::Parameter(index, Some(_)) = wire else { return None };
        let value = self.address.made_up(self.operation, *index);
        let oddity = Oddity { parameter: Some((*index, Some(value))), ..Oddity::default() };
        let body = self.marked_body(&format!("sample-control-{index}"));
        let request = self.address.request(self.operation, Some(body), &oddity);
        let ask = Ask { request, scope: Scope::AnyRefusal, expect: Expect::Decided, key: None, shared: false };
        Some(self.session.ask_one(&ask).reaction)
    }

    /// Sends the same request twice in a row with nothing else in flight: the verdict must not change.
    fn twice(&mut self, probe: &Probe) {
        let request = self.request_with(self.marked_body("sample-twice"));
        let (exchange, reaction) = self.twice_in_a_row(&request);
        let (_, then) = self.twice_in_a_row(&request);
        if self.session.stop.is_some() {
            return;
        }
        if reaction != then {
            let key = Some(self.key(probe.rule, probe.side));
            self.session.waverings.push(Wavering { key, exchange, then });
            return;
        }
        self.seen.push(Observation {
            rule: probe.rule,
            side: probe.side,
            what: probe.what.clone(),
            reaction,
            exchange,
            trial: None,
        });
    }

    /// The second exchange; its reaction, unknown where the first was not accepted.
    fn twice_in_a_row(&mut self, request: &Request) -> (std::rc::Rc<super::Exchange>, Reaction) {
        self.session.check_life(request);
        let first = self.session.send_alone(request, Scope::Operation);
        let second = self.session.send_alone(request, Scope::Operation);
        let accepted = first.judgement.reaction == Reaction::Accepted;
        let reaction = if accepted { second.judgement.reaction } else { Reaction::Unknown };
        (second, reaction)
    }
}

/// Whether the probe's point is how much there is of it, which others than the service may mind.
fn probe_is_about_size(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::Size | Keyword::Nesting)
}
