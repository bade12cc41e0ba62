//! Life: whether the target is there, and what to make of what it said while it was not.
//!
//! A known-good request tells: one that was accepted before, and that is refused or not answered now.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::ledger::Exchange;
use super::session::{Session, Stop, Wavering};
use crate::exchange::{Outcome, Request};
use crate::oracle::{Reaction, Scope};

/// So many failures in a row may be the target's, and not the requests'.
pub(super) const FIRST_ROW: usize = 3;

impl Session<'_> {
    /// Asks a target that had died or throttled everything for a sign of life, and goes on where there is one.
    pub(crate) fn revive(&mut self) -> bool {
        let Some(stop) = self.stop else { return true };
        if !matches!(stop, Stop::Died | Stop::Throttled) {
            return false;
        }
        self.stop = None;
        if let Some(request) = self.ledger.any_known_good() {
            let alive = self.send_alone(&request, Scope::Operation).judgement.reaction == Reaction::Accepted;
            if !alive && self.stop.is_none() {
                self.stop = Some(stop);
            }
        }
        self.stop.is_none()
    }

    /// Sends a known-good request, for distance or as a sign of life; stops the run where the target is dead. Tells whether
    /// the target had been gone and is back.
    pub(crate) fn check_life(&mut self, other: &Request) -> bool {
        self.is_back(other, false)
    }

    /// Whether a target that was gone when it was sent this is there by now, so soon that it was not missed otherwise.
    pub(super) fn is_back_already(&mut self, exchange: &Exchange) -> bool {
        let is_back =
            self.stop.is_none() && self.ledger.has_known_good() && matches!(exchange.outcome, Outcome::Gone(_));
        self.ledger.outages += usize::from(is_back);
        is_back
    }

    /// The same after `failures` in a row, with which a wrong answer is one more of them and no wavering.
    fn is_back(&mut self, other: &Request, failures: bool) -> bool {
        let mut wrong = None;
        let mut pauses = 0;
        while let Some(request) = self.ledger.known_good(other) {
            let exchange = self.send_alone(&request, Scope::Operation);
            if self.stop.is_some() {
                return false;
            }
            match exchange.judgement.reaction {
                Reaction::Accepted => {
                    match wrong {
                        // Wrong once and right at once: it wavers. Wrong for a while: it was gone.
                        Some(exchange) if pauses == 0 => {
                            self.waverings.push(Wavering { key: None, exchange, then: Reaction::Accepted });
                        }
                        _ => self.ledger.outages += usize::from(pauses > 0),
                    }
                    return pauses > 0;
                }
                Reaction::Throttled => {
                    self.stop = Some(Stop::Throttled);
                    return false;
                }
                _ if !failures && wrong.is_none() && matches!(exchange.outcome, Outcome::Answer(_)) => {
                    wrong = Some(exchange);
                }
                _ if self.target.pause(pauses) => pauses += 1,
                _ => {
                    self.stop = Some(Stop::Died);
                    return false;
                }
            }
        }
        false
    }

    /// Looks into a row of failures at the end of what was heard. Where a known-good request fails too, it is waited for the
    /// target; where that or the last of them fails no more, what the target answered then is forgotten. Otherwise the
    /// failures are the requests' own, and longer rows are needed for another look.
    pub(super) fn failed_for_a_while(&mut self, heard: &mut BTreeMap<usize, Rc<Exchange>>, batch: &[Request]) -> bool {
        let crashed = |exchange: &Exchange| exchange.judgement.reaction == Reaction::Crashed;
        let row: Vec<usize> =
            heard.iter().rev().take_while(|(_, exchange)| crashed(exchange)).map(|(number, _)| *number).collect();
        let Some(last) = row.first().filter(|_| row.len() >= self.row) else { return false };
        let last = &batch[*last];
        let was_gone = self.is_back(last, true) || self.was_brief(last);
        if was_gone || self.stop.is_some_and(|stop| stop != Stop::Crashes) {
            heard.retain(|number, _| !row.contains(number));
        } else {
            self.row *= 2;
        }
        was_gone
    }

    /// Whether a request that failed in a row with others does not fail now.
    fn was_brief(&mut self, request: &Request) -> bool {
        let again = self.send_alone(request, Scope::Operation);
        let brief = self.stop.is_none() && again.judgement.reaction != Reaction::Crashed;
        self.ledger.outages += usize::from(brief);
        brief
    }
}
