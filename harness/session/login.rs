//! The caller: whether the target still knows who calls.
//!
//! A refusal of the caller says nothing of the request, and must not be taken for a rule that is enforced. Statuses do not
//! tell the two apart (some services refuse a media type with a 401), so a request that this target has accepted does: it
//! is refused now, or it is not.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::rc::Rc;

use super::liveness::FIRST_ROW;
use super::{Event, Exchange, Session, Stop, Variant};
use crate::contract::Credential;
use crate::exchange::{Outcome, Request};
use crate::oracle::{Reaction, Scope};

/// So often in a row new credentials may be got that are no better than the old.
const VAIN_RENEWALS: usize = 3;
/// So often an accepted request is refused at once: one refusal may pass.
pub(super) const REFUSALS: usize = 2;
/// So many requests are like one that was accepted, but for the spaces after their bodies.
const MOST_ALIKE: usize = 256;
/// So often the target is given time before credentials are said to have run out.
const PAUSES: usize = 2;

/// Whether a status may mean that the target does not know the caller, or does not let it in.
pub(crate) fn is_about_the_caller(status: u16) -> bool {
    matches!(status, 401 | 403)
}

/// Who calls, and how a refusal of the caller shows.
#[derive(Debug)]
pub(super) struct Login {
    /// What says who calls, as it is in ordinary requests.
    credentials: Vec<Credential>,
    /// So many refusals in a row that may be about the caller are looked into before more is sent.
    refusals: usize,
}

impl Login {
    pub(super) fn new(credentials: Vec<Credential>) -> Self {
        Self { credentials, refusals: FIRST_ROW }
    }

    pub(super) fn begin_anew(&mut self) {
        self.refusals = FIRST_ROW;
    }

    pub(super) fn call_with(&mut self, credentials: Vec<Credential>) {
        self.credentials = credentials;
    }
}

impl Session<'_> {
    /// Sends requests, and tells what became of each by its number; those that follow one without an answer are missing.
    ///
    /// What was refused because the credentials have run out is sent again with new ones, and only that answer counts.
    pub(super) fn transmit(
        &mut self,
        requests: &[Request],
        scope: impl Fn(usize) -> Scope,
    ) -> BTreeMap<usize, Rc<Exchange>> {
        let mut heard = BTreeMap::new();
        // What was refused like a caller, and is asked again.
        let mut doubted = BTreeSet::new();
        let mut open: Vec<usize> = (0..requests.len()).collect();
        let mut vain = 0;
        while self.stop.is_none() && !open.is_empty() {
            // Credentials that were of no use at once are tried on one request before the rest is sent with them.
            let mut rest = open.split_off(if vain == 0 { open.len() } else { 1 });
            let batch: Vec<Request> = open.iter().map(|number| requests[*number].clone()).collect();
            let exchanges = self.dispatch(&batch, |number| scope(open[number]));
            let answered = |last: &Rc<Exchange>| matches!(last.outcome, Outcome::Answer(_));
            if exchanges.len() < open.len() || !exchanges.last().is_some_and(answered) {
                open.truncate(exchanges.len());
                rest.clear();
            }
            heard.extend(open.iter().copied().zip(exchanges));
            let is_suspect = |number: &usize| may_be_about_the_caller(&self.login.credentials, &heard[number]);
            let suspects: Vec<usize> = open.iter().copied().filter(is_suspect).collect();
            let mut refusal = suspects.first().and_then(|first| self.refusal_of_the_caller(&requests[*first]));
            if let Some(status) = refusal {
                vain = if suspects.len() == open.len() { vain + 1 } else { 0 };
                if vain > VAIN_RENEWALS || !self.renew() {
                    if self.is_known_again(&requests[suspects[0]]) {
                        refusal = None;
                    } else if self.stop.is_none() {
                        self.end(Stop::Unauthorized(status));
                    }
                }
            }
            if refusal.is_none() && self.stop.is_some() {
                // Nobody could tell any more what these refusals were about.
                heard.retain(|number, _| !suspects.contains(number));
                break;
            }
            if refusal.is_none() && suspects.len() >= self.login.refusals {
                // This target refuses what is illegal so.
                self.login.refusals *= 2;
            }
            if refusal.is_none() {
                // The caller may have been unknown for a moment: where it is known at all, such a refusal is believed when it
                // is repeated.
                let is_known = self.ledger.has_accepted();
                let again: Vec<usize> =
                    suspects.into_iter().filter(|number| is_known && doubted.insert(*number)).collect();
                for number in &again {
                    heard.remove(number);
                }
                (open, vain) = ([again, rest].concat(), 0);
                continue;
            }
            for number in &suspects {
                heard.remove(number);
            }
            open = [suspects, rest].concat();
        }
        heard
    }

    /// Gets new credentials; false where that cannot be done.
    fn renew(&mut self) -> bool {
        let obtained = self.target.renew();
        self.tell(&Event::Renewed { obtained });
        obtained
    }

    /// The status with which the target refuses the caller, if it does; nothing also where it has never accepted anything.
    fn refusal_of_the_caller(&mut self, other: &Request) -> Option<u16> {
        let (mut pauses, mut refusals) = (0, 0);
        let enough = self.most_refusals_by_chance();
        loop {
            let sign = self.ledger.sign_of_the_caller(other)?;
            let exchange = self.dispatch(std::slice::from_ref(&sign.request), |_| sign.scope()).pop()?;
            match &exchange.outcome {
                _ if sign.is_met(&exchange) => return None,
                Outcome::Answer(answer) if is_about_the_caller(answer.status) => {
                    refusals += 1;
                    if refusals >= enough {
                        return Some(answer.status);
                    }
                }
                _ if self.pause(pauses) => pauses += 1,
                _ => {
                    self.end(Stop::Died);
                    return None;
                }
            }
        }
    }

    /// Whether something legal was refused like a caller by a target that refuses so by now whatever it had accepted: a quota is
    /// used up, or the caller is no longer known. Where nothing may be sent twice others like it tell.
    pub(super) fn refuses_all_by_now(&mut self, refused: &Exchange) -> bool {
        let mut status = match &refused.outcome {
            Outcome::Answer(answer) if is_about_the_caller(answer.status) => answer.status,
            _ => return false,
        };
        for _ in 0..REFUSALS {
            let Some(request) = self.like_what_was_accepted() else { return false };
            let exchange = self.send_alone(&request, Scope::Operation);
            match &exchange.outcome {
                _ if self.stop.is_some() => return true,
                Outcome::Answer(answer) if is_about_the_caller(answer.status) => status = answer.status,
                _ => return false,
            }
        }
        self.end(Stop::Unauthorized(status));
        true
    }

    /// A request that asks what was accepted first, and that was not sent yet.
    fn like_what_was_accepted(&self) -> Option<Request> {
        let accepted = self.ledger.accepted().filter(|request| !request.is_repeatable())?;
        let same = Variant::repeated(accepted.clone());
        (0..MOST_ALIKE).find_map(|number| same.nth(number).filter(|request| !self.ledger.is_spent(request)))
    }

    /// Whether the caller who was refused is let in after all, when the target has been given time.
    fn is_known_again(&mut self, other: &Request) -> bool {
        for pauses in 0..PAUSES {
            if self.stop.is_some() || !self.pause(pauses) {
                return false;
            }
            if self.refusal_of_the_caller(other).is_none() && self.stop.is_none() {
                return true;
            }
        }
        false
    }

    /// Sends requests, and enters each in the ledger as soon as its answer is there: up to one that was not answered or was
    /// throttled, or the last of a row of failures, or of refusals that may be about the caller.
    fn dispatch(&mut self, requests: &[Request], scope: impl Fn(usize) -> Scope) -> Vec<Rc<Exchange>> {
        let mut exchanges = Vec::new();
        let budget = self.limits.requests;
        let affordable = budget.map_or(requests.len(), |budget| budget.saturating_sub(self.ledger.requests()));
        if affordable == 0 && !requests.is_empty() {
            self.end_in_time(Stop::Budget);
        }
        let requests = &requests[..requests.len().min(affordable)];
        let (limits, longest_row, most_refusals) = (self.limits, self.longest_row(), self.login.refusals);
        let (ledger, credentials) = (&mut self.ledger, &self.login.credentials);
        let (mut row, mut refusals) = (0, 0);
        // Why it was broken off shows in what was heard.
        let _ = self.target.send(requests, &mut |delivery| {
            let number = exchanges.len();
            let exchange = ledger.entered(&requests[number], delivery, scope(number));
            let reaction = exchange.judgement.reaction;
            row = if reaction == Reaction::Crashed { row + 1 } else { 0 };
            refusals = if may_be_about_the_caller(credentials, &exchange) { refusals + 1 } else { 0 };
            let decided = matches!(exchange.outcome, Outcome::Answer(_)) && reaction != Reaction::Throttled;
            exchanges.push(exchange);
            let enough = row >= longest_row
                || refusals >= most_refusals
                || limits.crashes.is_some_and(|most| ledger.crashes() >= most);
            if decided && !enough { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        let waited = self.target.held();
        if !waited.is_zero() {
            self.tell(&Event::Throttled { waited });
        }
        let halted = match exchanges.last().map(|last| &last.outcome) {
            Some(Outcome::Interrupted) => Some(Stop::Interrupted),
            Some(Outcome::OutOfTime) => Some(Stop::OutOfTime),
            Some(Outcome::OutOfBudget) => Some(Stop::Budget),
            _ => None,
        };
        if let Some(halted) = halted {
            exchanges.pop();
            self.end_in_time(halted);
        } else if self.limits.crashes.is_some_and(|most| self.ledger.crashes() >= most) {
            let stop = if self.is_alive() { Stop::Crashes } else { Stop::Died };
            self.end(stop);
        }
        exchanges
    }

    /// Whether the target still accepts what it had accepted; it is asked once.
    fn is_alive(&mut self) -> bool {
        let Some(sign) = self.ledger.any_sign() else { return true };
        let delivery = self.target.send_one(&sign.request);
        sign.is_met(&self.ledger.entered(&sign.request, delivery, sign.scope()))
    }
}

/// Whether a request with these credentials of the caller's own was refused as one without them may be.
fn may_be_about_the_caller(credentials: &[Credential], exchange: &Exchange) -> bool {
    matches!(&exchange.outcome, Outcome::Answer(answer) if is_about_the_caller(answer.status))
        && credentials.iter().all(|credential| credential.is_in(&exchange.request))
}
