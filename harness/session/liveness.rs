//! Life: whether the target is there, and what to make of what it said while it was not.
//!
//! A sign of life tells: a request that was answered before, and that is answered otherwise or not at all now.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::ledger::Sign;
use super::{Event, Exchange, Session, Stop};
use crate::exchange::{Outcome, Request};
use crate::oracle::{Reaction, Scope};
use crate::rule::Keyword;

/// So many failures in a row may be the target's, and not the requests'.
pub(super) const FIRST_ROW: usize = 3;
/// So often in a run a failure that passes at once is put down to a target that was gone for less than a moment. One that
/// goes on so hangs up, or fails, now and then.
const MOST_BRIEF: usize = 10;
/// So often in a run one request may get no answer in time for a reason of its own.
const MOST_HANGS: usize = 3;
/// So many requests before and after an outage an answer may be its doing: more than are in flight.
pub(super) const NEAR: usize = 128;

/// When the target was gone.
#[derive(Debug, Default)]
pub(super) struct Outages {
    /// How many requests had been sent when each was seen to be over.
    ends: Vec<usize>,
    /// How many of them nothing but a failure that passed at once tells of.
    brief: usize,
}

impl Outages {
    pub(super) fn count(&self) -> usize {
        self.ends.len()
    }

    /// Remembers one that is over.
    fn end(&mut self, at: usize) {
        self.ends.push(at);
    }

    /// Whether one was seen to be over after so many requests, or later.
    pub(super) fn any_since(&self, at: usize) -> bool {
        self.ends.last().is_some_and(|end| *end >= at)
    }

    /// Whether there was one about when so many requests had been sent.
    pub(super) fn any_near(&self, at: usize) -> bool {
        self.ends.iter().any(|end| end.abs_diff(at) <= NEAR)
    }

    /// Whether a failure of which nothing more can be known is put down to an outage.
    fn excuse(&mut self) -> bool {
        self.brief += 1;
        self.brief <= MOST_BRIEF
    }

    /// Whether a failure that is over now is put down to an outage, which is remembered then.
    fn explain(&mut self, failure: &Exchange, at: usize) -> bool {
        let explains = may_be_an_outage(failure) && self.brief < MOST_BRIEF;
        if explains {
            self.brief += 1;
            self.end(at);
        }
        explains
    }
}

/// What is known of whether the target is there.
#[derive(Debug)]
pub(super) struct Liveness {
    /// So many failures in a row are looked into before more is sent.
    row: usize,
    outages: Outages,
    /// How often what was not answered in time was answered the next time, though nothing else was asked.
    hangs: usize,
}

impl Default for Liveness {
    fn default() -> Self {
        Self { row: FIRST_ROW, outages: Outages::default(), hangs: 0 }
    }
}

impl Liveness {
    /// So many failures in a row are looked into before more is sent.
    pub(super) fn row(&self) -> usize {
        self.row
    }

    /// When the target was gone.
    pub(super) fn outages(&self) -> &Outages {
        &self.outages
    }

    /// Whether a failure of which nothing more can be known is put down to an outage.
    pub(super) fn excuse(&mut self) -> bool {
        self.outages.excuse()
    }
}

/// Whether it may have been met by a target that was going, gone or coming back: no answer, the word of whatever stands
/// before it, or an answer that nothing says the end of, cut off.
pub(super) fn may_be_an_outage(exchange: &Exchange) -> bool {
    match &exchange.outcome {
        Outcome::Timeout | Outcome::Dropped(_) | Outcome::Gone(_) | Outcome::Unreachable(_) => true,
        Outcome::Answer(answer) => {
            let has_no_end = answer.header("content-length").or(answer.header("transfer-encoding")).is_none();
            let is_wrong = exchange.judgement.defects.iter().any(|defect| defect.check == Keyword::ResponseBody);
            // What was cut off is no JSON any more; what is JSON, however wrong, is the target's own word.
            let is_whole = || serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body).is_ok();
            matches!(answer.status, 502..=504) || (has_no_end && is_wrong && !is_whole())
        }
        Outcome::Lost | Outcome::NotSent | Outcome::Interrupted | Outcome::OutOfTime | Outcome::OutOfBudget => false,
    }
}

/// Whether two answers to one request are both the target's own, and differ.
fn says_otherwise(one: &Exchange, other: &Exchange) -> bool {
    let status = |exchange: &Exchange| match &exchange.outcome {
        Outcome::Answer(answer) if !may_be_an_outage(exchange) && answer.status != 429 => Some(answer.status),
        _ => None,
    };
    status(one).zip(status(other)).is_some_and(|(one, other)| one != other)
}

/// What to say of a target that goes on to answer like this what it had accepted.
fn gone(exchange: &Exchange) -> Stop {
    match &exchange.outcome {
        Outcome::Answer(answer) if !may_be_an_outage(exchange) => Stop::Turned(answer.status),
        _ => Stop::Died,
    }
}

impl Session<'_> {
    /// Remembers an outage that is over.
    pub(super) fn outage_is_over(&mut self) {
        self.liveness.outages.end(self.ledger.requests());
        self.tell(&Event::Back);
        self.suspect_outages();
    }

    /// Whether a failure that is over now is put down to an outage, which is remembered then; a time limit that was missed for once
    /// to nothing.
    pub(super) fn explains(&mut self, failure: &Exchange) -> bool {
        if failure.outcome == Outcome::Timeout {
            self.liveness.hangs += 1;
            return self.liveness.hangs <= MOST_HANGS;
        }
        let explains = self.liveness.outages.explain(failure, self.ledger.requests());
        if explains {
            self.tell(&Event::Back);
            self.suspect_outages();
        }
        explains
    }

    /// Asks a target that had died or throttled everything for a sign of life, and goes on where there is one.
    pub(crate) fn revive(&mut self) -> bool {
        let Some(stop) = self.stop else { return true };
        if !matches!(stop, Stop::Died | Stop::Turned(_) | Stop::Throttled) {
            return false;
        }
        self.stop = None;
        if let Some(sign) = self.ledger.any_sign() {
            let alive = sign.is_met(&self.ask_for(&sign));
            if !alive && self.stop.is_none() {
                self.stop = Some(stop);
            }
        }
        self.stop.is_none()
    }

    /// Asks for a sign of life, which may be sent any number of times: also where it was once not answered, and might have had
    /// an effect then.
    fn ask_for(&mut self, sign: &Sign) -> Rc<Exchange> {
        let sent = self.transmit(std::slice::from_ref(&sign.request), |_| sign.scope()).remove(&0);
        sent.unwrap_or_else(|| Exchange::unsent(&sign.request))
    }

    /// Ends the conversation with a target that has accepted something, and answers nothing now.
    pub(crate) fn has_died(&mut self) {
        if self.stop.is_none() {
            self.end(Stop::Died);
        }
    }

    /// Looks for a sign of life, also for distance; stops the run where the target is dead. Tells whether
    /// the target had been gone and is back.
    pub(crate) fn check_life(&mut self, other: &Request) -> bool {
        self.is_back(other, false)
    }

    /// Whether a target that was gone when it was sent this is there by now, so soon that it was not missed otherwise. Where it was
    /// one of many, there may just have been too many.
    pub(super) fn is_back_already(&mut self, exchange: &Exchange, among_others: bool) -> bool {
        let is_back = self.met_nobody(exchange) && self.stop.is_none();
        if is_back && !(among_others && self.eases(exchange)) {
            self.outage_is_over();
        }
        is_back
    }

    /// Waits until the target answers at all, whatever it answers; stops the run where it does not. Tells whether it answered
    /// at once, and as before.
    pub(crate) fn wait_for_answers(&mut self) -> bool {
        let mut pauses = 0;
        while let Some(sign) = self.ledger.any_sign() {
            let exchange = self.ask_for(&sign);
            if self.stop.is_some() || !may_be_an_outage(&exchange) {
                return pauses == 0 && sign.is_met(&exchange);
            }
            if !self.pause(pauses) {
                self.end(Stop::Died);
            }
            pauses += 1;
        }
        true
    }

    /// Whether a target that had been there was gone when it was sent this, or right after.
    pub(crate) fn met_nobody(&self, exchange: &Exchange) -> bool {
        self.ledger.has_sign() && matches!(exchange.outcome, Outcome::Gone(_) | Outcome::Unreachable(_))
    }

    /// Whether a request must not be sent again.
    pub(crate) fn is_spent(&self, request: &Request) -> bool {
        self.ledger.is_spent(request)
    }

    /// Whether an outage may be why these differ: one of them is like that, or there was one about then.
    pub(crate) fn may_have_been_gone(&self, exchanges: &[&Exchange]) -> bool {
        exchanges.iter().any(|exchange| may_be_an_outage(exchange) || self.liveness.outages.any_since(exchange.number))
    }

    /// The same after `failures` in a row, with which a wrong answer is one more of them and no inconsistency.
    fn is_back(&mut self, other: &Request, failures: bool) -> bool {
        if self.wavers() {
            return self.is_back_among_others(other);
        }
        let mut wrong: Option<Rc<Exchange>> = None;
        let mut dropped: Option<(Rc<Exchange>, bool)> = None;
        let mut pauses = 0;
        while let Some(sign) = self.ledger.sign(other) {
            let exchange = self.ask_for(&sign);
            if self.stop.is_some() {
                return false;
            }
            if pauses == 0 && dropped.is_none() && matches!(exchange.outcome, Outcome::Dropped(_)) {
                // It may take no more connections, of which some are on their way out. Were there too many, some would be answered.
                let is_crowd = self.ledger.unanswered_in_a_row() <= self.target.at_a_time();
                dropped = Some((exchange, is_crowd));
                continue;
            }
            let is_met = pauses == 0 && wrong.is_none() && sign.is_met(&exchange);
            if let Some((dropped, is_crowd)) = dropped.as_ref().filter(|_| is_met) {
                return (*is_crowd && self.eases(dropped)) || self.explains(dropped);
            }
            let reaction = exchange.judgement.reaction;
            if sign.is_met(&exchange) {
                return match wrong {
                    // Wrong once and right at once: it is inconsistent. Wrong for a while: it was gone.
                    Some(wrong) if pauses == 0 => {
                        let was_gone = self.explains(&wrong);
                        if !was_gone {
                            self.record_inconsistency(None, &wrong, reaction);
                        }
                        was_gone
                    }
                    _ => {
                        if pauses > 0 {
                            self.outage_is_over();
                        }
                        pauses > 0
                    }
                };
            }
            if let Some(wrong) = wrong.as_ref().filter(|wrong| says_otherwise(wrong, &exchange)) {
                // One that is gone, or has turned, answers alike.
                self.record_inconsistency(None, wrong, reaction);
                return false;
            }
            match reaction {
                Reaction::Throttled => {
                    self.end(Stop::Throttled);
                    return false;
                }
                _ if !failures && wrong.is_none() && matches!(exchange.outcome, Outcome::Answer(_)) => {
                    wrong = Some(exchange);
                }
                _ if self.pause(pauses) => pauses += 1,
                _ => {
                    self.end(gone(&exchange));
                    return false;
                }
            }
        }
        false
    }

    /// The same of a target that wavers: it is gone where it is not once answered as it was, as often as chance would not have it.
    fn is_back_among_others(&mut self, other: &Request) -> bool {
        let mut pauses = 0;
        while let Some(sign) = self.ledger.sign(other) {
            let mut last = None;
            for _ in 0..self.longest_row_by_chance() {
                let exchange = self.ask_for(&sign);
                if self.stop.is_some() {
                    return false;
                }
                if sign.is_met(&exchange) {
                    if pauses > 0 {
                        self.outage_is_over();
                    }
                    return pauses > 0;
                }
                let is_absent = matches!(exchange.outcome, Outcome::Unreachable(_));
                last = Some(exchange);
                if is_absent {
                    break;
                }
            }
            if !self.pause(pauses) {
                self.end(last.map_or(Stop::Died, |last| gone(&last)));
            }
            pauses += 1;
        }
        false
    }

    /// Looks into a row of failures at the end of what was heard. Where there is no sign of life either, it is waited for the
    /// target; where that or the last of them fails no more, what the target answered then is forgotten. Otherwise the
    /// failures are the requests' own, and longer rows are needed for another look.
    pub(super) fn failed_for_a_while(&mut self, heard: &mut BTreeMap<usize, Rc<Exchange>>, batch: &[Request]) -> bool {
        let crashed = |exchange: &Exchange| exchange.judgement.reaction == Reaction::Crashed;
        let row: Vec<usize> =
            heard.iter().rev().take_while(|(_, exchange)| crashed(exchange)).map(|(number, _)| *number).collect();
        let Some(last) = row.first().filter(|_| row.len() >= self.liveness.row) else { return false };
        let last = &batch[*last];
        let was_gone = self.is_back(last, true) || self.was_brief(last);
        if was_gone || self.stop.is_some_and(|stop| stop != Stop::Crashes) {
            heard.retain(|number, _| !row.contains(number));
        } else {
            self.liveness.row *= 2;
        }
        was_gone
    }

    /// Whether a request that failed in a row with others does not fail now.
    fn was_brief(&mut self, request: &Request) -> bool {
        if self.ledger.is_spent(request) {
            return false;
        }
        let again = self.send_alone(request, Scope::Operation);
        let brief = self.stop.is_none() && again.judgement.reaction != Reaction::Crashed;
        if brief {
            self.outage_is_over();
        }
        brief
    }
}
