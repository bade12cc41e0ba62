//! Confirmation: a surprise is asked again before it counts, and what changes is told as wavering.
//!
//! A request that is neither safe nor idempotent, and that may have had its effect, is not sent again: one observation counts.
//! Of what an outage may explain it does not; there another request that asks the same, with another text in it, is sent,
//! and where there is none the rule is inconclusive.
//!
//! An answer that changed about the time of an outage is the outage's doing, and never held against the target.

use std::rc::Rc;

use super::ledger::Exchange;
use super::life::may_be_an_outage;
use super::session::{Ask, Heard, Key, RETURNS, Session, Stop, Wavering};
use crate::exchange::Outcome;
use crate::oracle::Reaction;
use crate::rule::Keyword;

/// Answers to one request that must agree once the target has been seen to waver.
const VOTES: usize = 5;

impl Session<'_> {
    /// Asks again, with a known-good request in between, until the answers agree or clearly do not.
    pub(crate) fn confirm(&mut self, ask: &Ask, first: Rc<Exchange>) -> Heard {
        if self.ledger.is_spent(&first.request) {
            return self.confirm_once(ask, first);
        }
        // An outage that has been noticed since may have been there already.
        let mut votes = if self.outages.any_since(first.number) { Vec::new() } else { vec![first.clone()] };
        let mut wanted = match self.waverings.len() {
            // Where every second request fails, what is asked in between tells nothing.
            0 if may_be_an_outage(&first) && first.outcome != Outcome::Timeout => 3,
            0 => 2,
            _ => VOTES,
        };
        let mut restarts = 0;
        while votes.len() < wanted && self.stop.is_none() {
            let was_gone = self.check_life(&ask.request) | (votes.len() == 2 && self.check_life(&ask.request));
            let again = self.send_alone(&ask.request, ask.scope);
            if self.stop.is_some() {
                break;
            }
            let met_nobody = self.met_nobody(&again);
            if restarts < RETURNS {
                let is_back = met_nobody && (self.check_life(&ask.request) || self.is_back_already(&again));
                if was_gone || is_back {
                    // What it answered before it was gone may have been its last.
                    restarts += 1;
                    votes.clear();
                }
                if is_back {
                    continue;
                }
            }
            if matches!(again.outcome, Outcome::Unreachable(_)) {
                // It says nothing of the request, however often.
                return self.forgotten(ask);
            }
            if let Some(first) = votes.first().filter(|first| !agree(&again, first)) {
                wanted = VOTES;
                let failure = if may_be_an_outage(first) { first } else { &again };
                if restarts < RETURNS && self.outages.explain(failure, self.ledger.requests) {
                    restarts += 1;
                    votes.retain(|vote| !may_be_an_outage(vote));
                    if may_be_an_outage(&again) {
                        continue;
                    }
                }
            }
            votes.push(again);
            if self.ledger.is_spent(&ask.request) {
                break;
            }
        }
        self.check_life(&ask.request);
        // What was not confirmed is not believed.
        if self.stop.is_some() && votes.len() < 2 && !self.is_felled(ask, &first) {
            return self.forgotten(ask);
        }
        let first = votes.first().cloned().unwrap_or(first);
        if let Some(other) = votes.iter().find(|vote| !agree(vote, &first)) {
            let then = other.judgement.reaction;
            self.wavers(ask.key, first, then);
            let settled =
                votes.iter().find(|vote| votes.iter().filter(|other| agree(other, vote)).count() + 1 >= VOTES);
            let Some(settled) = settled.cloned() else {
                return self.forgotten(ask);
            };
            return self.kept(ask, settled);
        }
        self.kept(ask, first)
    }

    /// What must not be sent again counts as it was observed. Where an outage may be why, another request that asks the same
    /// tells; where there is none, nothing is known, unless there have been more of these than outages are taken for.
    fn confirm_once(&mut self, ask: &Ask, first: Rc<Exchange>) -> Heard {
        let was_gone = self.check_life(&ask.request);
        if self.stop.is_some() {
            return if self.is_felled(ask, &first) { self.kept(ask, first) } else { self.forgotten(ask) };
        }
        let is_lost = was_gone || self.outages.any_since(first.number);
        if !is_lost && !may_be_an_outage(&first) {
            return self.kept(ask, first);
        }
        let Some(again) = self.again(ask) else {
            let counts = !is_lost && !self.outages.excuse();
            return if counts { self.kept(ask, first) } else { self.forgotten(ask) };
        };
        self.check_life(&ask.request);
        if self.stop.is_some() {
            return self.forgotten(ask);
        }
        if may_be_an_outage(&again) {
            let agrees = !is_lost && agree(&again, &first);
            return if agrees { self.kept(ask, first) } else { self.forgotten(ask) };
        }
        let explains = is_lost || self.outages.explain(&first, self.ledger.requests);
        self.kept(ask, if explains { again } else { first })
    }

    /// Whether this felled the target for good, or once too often: that cannot be confirmed, and is believed.
    fn is_felled(&self, ask: &Ask, first: &Exchange) -> bool {
        matches!(first.judgement.reaction, Reaction::Dropped | Reaction::TimedOut)
            || (self.stop == Some(Stop::Crashes) && !ask.shared)
    }

    fn kept(&mut self, ask: &Ask, exchange: Rc<Exchange>) -> Heard {
        self.cache.insert(ask.request.clone(), exchange.clone());
        self.believed(ask, exchange)
    }

    /// Nothing is known of a request after all.
    fn forgotten(&mut self, ask: &Ask) -> Heard {
        let exchange = Exchange::unsent(&ask.request);
        self.cache.insert(ask.request.clone(), exchange.clone());
        Heard { reaction: Reaction::Unknown, exchange }
    }

    pub(super) fn believed(&mut self, ask: &Ask, exchange: Rc<Exchange>) -> Heard {
        let reaction = exchange.judgement.reaction;
        for defect in &exchange.judgement.defects {
            let known = self.defects.entry((defect.place, defect.check));
            known.or_insert_with(|| (defect.clone(), exchange.clone()));
        }
        if let Some(key) = ask.key {
            self.confirmed.insert((key, reaction));
            if reaction == Reaction::TimedOut {
                self.silenced.insert(key);
            }
        }
        Heard { reaction, exchange }
    }

    /// Remembers an answer that changed.
    pub(crate) fn wavers(&mut self, key: Option<Key>, exchange: Rc<Exchange>, then: Reaction) {
        self.waverings.push(Wavering { key, exchange, then, at: self.ledger.requests });
    }

    pub(crate) fn has_wavered(&self) -> bool {
        !self.waverings.is_empty()
    }

    /// What wavered, but for what an outage explains.
    pub(crate) fn take_waverings(&mut self) -> Vec<Wavering> {
        let mut waverings = std::mem::take(&mut self.waverings);
        waverings.retain(|wavering| !self.outages.any_near(wavering.at));
        waverings
    }
}

/// Whether two answers to one request say the same.
fn agree(one: &Exchange, other: &Exchange) -> bool {
    let checks = |exchange: &Exchange| -> Vec<Keyword> {
        exchange.judgement.defects.iter().map(|defect| defect.check).collect()
    };
    one.judgement.reaction == other.judgement.reaction && checks(one) == checks(other)
}
