//! Apart: what is asked with none of the usual questions in between: a request after which the resource may be gone, and
//! the same request twice in a row.

use std::rc::Rc;

use super::queue::RETURNS;
use super::{Ask, Doubt, Exchange, Heard, Session};
use crate::exchange::Request;
use crate::oracle::{Reaction, Scope};

/// So often a request is sent at the most until its answer is certain.
const MOST_TRIES: usize = 6;

impl Session<'_> {
    /// Sends a request alone until its answer is certain; nothing where the run ended before that, as what it met may be what
    /// ended it, nor where it is not asked. Why nothing is known then is remembered.
    pub(crate) fn ask_apart(&mut self, ask: &Ask) -> Option<Heard> {
        if self.wavers() {
            return Some(self.ask_one(ask));
        }
        if self.stop.is_some() {
            return None;
        }
        if self.is_suppressed(ask) {
            self.note_doubt(ask, Doubt::Hung);
            return None;
        }
        let mut told = self.send_alone(&ask.request, ask.scope);
        let (mut times, mut is_certain) = (1, false);
        for _ in 0..MOST_TRIES {
            let reaction = told.judgement.reaction;
            let enough = match reaction {
                Reaction::Crashed | Reaction::Dropped => 3,
                Reaction::TimedOut => 2,
                _ if self.met_nobody(&told) => MOST_TRIES,
                _ => 1,
            };
            is_certain = times >= enough;
            if is_certain || self.stop.is_some() || self.is_spent(&ask.request) {
                break;
            }
            self.wait_for_answers();
            told = self.send_alone(&ask.request, ask.scope);
            times = if told.judgement.reaction == reaction { times + 1 } else { 1 };
        }
        if self.stop.is_some() && !is_certain {
            return None;
        }
        // What must not be sent again tells nothing where an outage may be why it failed, or where answers change.
        let is_doubtful = told.judgement.reaction.is_failure()
            && self.is_spent(&ask.request)
            && (self.is_inconsistent() || !self.wait_for_answers() || self.may_have_been_gone(&[&told]));
        if is_doubtful && self.stop.is_none() {
            let doubt = if self.is_inconsistent() { Doubt::Changes } else { Doubt::Once };
            self.note_doubt(ask, doubt);
        }
        let reaction = if is_doubtful { Reaction::Unknown } else { told.judgement.reaction };
        Some(Heard { reaction, exchange: told })
    }

    /// Sends the same request twice in a row with nothing else in flight: the verdict must not change. Of a first one that is
    /// not accepted the repetition is not known; nothing where the run ended, or where the answers change.
    pub(crate) fn ask_twice(&mut self, ask: &Ask) -> Option<Heard> {
        if self.wavers() {
            // What is asked until it is sure was asked more than once.
            return Some(self.ask_one(ask));
        }
        let (mut exchange, mut reaction) = self.twice_in_a_row(&ask.request);
        let (mut later, mut then) = self.twice_in_a_row(&ask.request);
        for _ in 0..RETURNS {
            if reaction == then || !self.may_have_been_gone(&[&exchange, &later]) {
                break;
            }
            (exchange, reaction) = self.twice_in_a_row(&ask.request);
            (later, then) = self.twice_in_a_row(&ask.request);
        }
        if self.stop.is_some() {
            return None;
        }
        if reaction != then {
            self.record_inconsistency(ask.key, &exchange, then);
            if self.stop.is_none() {
                self.note_doubt(ask, Doubt::Changes);
            }
            return None;
        }
        Some(Heard { reaction, exchange })
    }

    /// The second exchange, or the first where that was not accepted: then nothing is known of the repetition.
    fn twice_in_a_row(&mut self, request: &Request) -> (Rc<Exchange>, Reaction) {
        self.check_life(request);
        let first = self.send_alone(request, Scope::Operation);
        if first.judgement.reaction != Reaction::Accepted {
            return (first, Reaction::Unknown);
        }
        let second = self.send_alone(request, Scope::Operation);
        let reaction = second.judgement.reaction;
        (second, reaction)
    }
}
