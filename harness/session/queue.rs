//! The queue: what is sent, in which batches, and what of it is sent again because the target was gone.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::liveness::{NEAR, may_be_an_outage};
use super::{Ask, Doubt, Exchange, Session};
use crate::exchange::{Outcome, Request};
use crate::oracle::{Reaction, Scope};

/// How often a silent target is asked whether it is back.
const REVIVALS: usize = 10;
/// How often one request is asked again because the target was gone when it was asked: if it is gone each time, that is the
/// request's doing.
pub(crate) const RETURNS: usize = 2;
/// So many answers to requests that must not be sent again are remembered in a search.
const MOST_REMEMBERED: usize = 10_000;
/// So many variants of a request are sent.
const MOST_VARIANTS: usize = 2;

/// What was asked, and how it is sent.
#[derive(Debug)]
pub(super) struct Queue {
    cache: HashMap<Request, Rc<Exchange>>,
    /// So many requests are sent before it is looked at what became of them: few where some were not answered, because
    /// what is in flight then is sent in vain.
    window: usize,
    /// What was asked again because an outage followed it; once is enough.
    doubted: HashSet<Request>,
    /// What met a target that was gone then, or right after, and was seen alive later; and how often.
    fallen: HashMap<Request, usize>,
    /// The fewest that were sent at a time because of more some were not answered.
    at_a_time: Option<usize>,
    /// How many requests had been sent when that was last seen to.
    eased_at: usize,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            cache: HashMap::new(),
            window: usize::MAX,
            doubted: HashSet::new(),
            fallen: HashMap::new(),
            at_a_time: None,
            eased_at: 0,
        }
    }
}

impl Queue {
    /// Keeps what became of a request, which is not sent again then.
    pub(super) fn keep(&mut self, request: &Request, exchange: &Rc<Exchange>) {
        self.cache.insert(request.clone(), exchange.clone());
    }

    /// Whether a request met a target that was gone then, or right after, and that was seen alive later.
    pub(super) fn has_fallen(&self, request: &Request) -> bool {
        self.fallen.contains_key(request)
    }

    /// Begins anew, with no more at a time than before, and gives back what became of what was sent.
    pub(super) fn begin_anew(&mut self) -> impl Iterator<Item = (Request, Rc<Exchange>)> + use<> {
        let Self { cache, at_a_time, eased_at, .. } = std::mem::take(self);
        (self.at_a_time, self.eased_at) = (at_a_time, eased_at);
        cache.into_iter().filter(|(_, exchange)| exchange.outcome != Outcome::NotSent)
    }
}

impl Session<'_> {
    /// Sends one request with nothing else in flight, whatever was sent before.
    pub(crate) fn send_alone(&mut self, request: &Request, scope: Scope) -> Rc<Exchange> {
        if self.ledger.is_spent(request) {
            return Exchange::unsent(request);
        }
        let sent = self.transmit(std::slice::from_ref(request), |_| scope).remove(&0);
        sent.unwrap_or_else(|| Exchange::unsent(request))
    }

    /// The answer to what was broken off among others, and is not alone: that is put down to there having been so many, and fewer
    /// are sent at a time from now on. Nothing where it may not be sent again, or none could be fewer.
    fn answered_alone(&mut self, ask: &Ask, failure: &Exchange, is_crowd: bool) -> Option<Rc<Exchange>> {
        if self.stop.is_some() || !ask.request.is_repeatable() {
            return None;
        }
        let alone = self.send_alone(&ask.request, ask.scope);
        let is_answered = matches!(alone.outcome, Outcome::Answer(_)) && !may_be_an_outage(&alone);
        if is_answered && !is_crowd {
            self.outage_is_over();
            return None;
        }
        (is_answered && self.eases(failure)).then_some(alone)
    }

    /// Sends fewer requests at a time from now on, unless that was done since this failed; false where it cannot be done.
    pub(super) fn eases(&mut self, failure: &Exchange) -> bool {
        if failure.number <= self.queue.eased_at {
            return true;
        }
        let fewer = self.target.ease();
        if fewer.is_some() {
            self.queue.eased_at = self.ledger.requests();
        }
        self.queue.at_a_time = self.queue.at_a_time.into_iter().chain(fewer).min();
        fewer.is_some()
    }

    /// The fewest requests that were sent at a time because some of more were not answered; nothing where all were.
    pub(crate) fn eased(&self) -> Option<usize> {
        self.queue.at_a_time
    }

    /// What may be sent to ask this; nothing where all of it may have had its effect.
    pub(super) fn sendable(&self, ask: &Ask) -> Option<Request> {
        let variants = (0..MOST_VARIANTS).map_while(|number| ask.variant.as_ref()?.nth(number));
        std::iter::once(ask.request.clone()).chain(variants).find(|request| !self.ledger.is_spent(request))
    }

    /// Whether it is worth asking, and may be asked; where not, why is remembered.
    fn may_ask(&mut self, ask: &Ask) -> bool {
        let is_hung = self.is_suppressed(ask);
        if !is_hung && self.sendable(ask).is_some() {
            return true;
        }
        self.note_doubt(ask, if is_hung { Doubt::Hung } else { Doubt::Once });
        false
    }

    /// Asks once more with nothing else in flight; nothing where that cannot be done.
    pub(super) fn again(&mut self, ask: &Ask) -> Option<Rc<Exchange>> {
        let request = self.sendable(ask)?;
        Some(self.send_alone(&request, ask.scope))
    }

    /// Forgets what was asked, because in a search there is no end of it; but not at once what must not be sent again.
    pub(crate) fn forget(&mut self) {
        let is_full = self.queue.cache.len() > MOST_REMEMBERED;
        self.queue.cache.retain(|request, _| !is_full && !request.is_repeatable());
        self.queue.fallen.clear();
        self.confirmation.forget_doubted();
        self.forget_votes();
    }

    pub(super) fn deliver(&mut self, asks: &[Ask]) -> Vec<Rc<Exchange>> {
        let mut waiting: Vec<&Ask> = Vec::new();
        let mut planned = HashSet::new();
        for ask in asks {
            if !self.queue.cache.contains_key(&ask.request) && planned.insert(&ask.request) {
                waiting.push(ask);
            }
        }
        let mut innocent = 0;
        let mut returns: HashMap<&Request, usize> = HashMap::new();
        while !waiting.is_empty() && self.stop.is_none() {
            waiting.retain(|ask| self.may_ask(ask));
            let rest = waiting.split_off(waiting.len().min(self.queue.window));
            let batch: Vec<Request> = waiting.iter().filter_map(|ask| self.sendable(ask)).collect();
            let scopes: Vec<Scope> = waiting.iter().map(|ask| ask.scope).collect();
            let outages = self.liveness.outages().count();
            let mut heard = self.transmit(&batch, |number| scopes[number]);
            let trusted = self.ledger.last_accepted();
            let rows = dropped_in_a_row(&heard);
            self.queue.window = self.next_window(&heard);
            if innocent < REVIVALS && self.failed_for_a_while(&mut heard, &batch) {
                innocent += 1;
            }
            for (number, ask) in std::mem::take(&mut waiting).into_iter().enumerate() {
                let Some(exchange) = heard.remove(&number) else {
                    waiting.push(ask);
                    continue;
                };
                let among_others = batch.len() > 1;
                let returned = returns.entry(&ask.request).or_default();
                if matches!(exchange.outcome, Outcome::Unreachable(_)) && self.ledger.has_sign() && innocent < REVIVALS
                {
                    // It met a target that was already gone: not its doing, so it gets another chance.
                    innocent += 1;
                    if !self.check_life(&ask.request) && *returned == 0 {
                        self.is_back_already(&exchange, batch.len() > 1);
                    }
                    *returned += 1;
                    waiting.push(ask);
                } else if self.is_to_be_asked_again(ask, exchange, (among_others, rows.get(&number)), *returned) {
                    *returned += 1;
                    waiting.push(ask);
                }
            }
            if self.liveness.outages().count() > outages {
                waiting.extend(self.doubt(asks, trusted));
            }
            waiting.extend(rest);
        }
        asks.iter()
            .map(|ask| self.queue.cache.get(&ask.request).cloned().unwrap_or_else(|| Exchange::unsent(&ask.request)))
            .collect()
    }

    /// Keeps what a request met, unless it may have met a target that was going or coming back: then it is asked again.
    fn is_to_be_asked_again(
        &mut self,
        ask: &Ask,
        mut exchange: Rc<Exchange>,
        (among_others, in_a_row): (bool, Option<&usize>),
        returned: usize,
    ) -> bool {
        if exchange.outcome == Outcome::Lost && returned < RETURNS && self.sendable(ask).is_some() {
            // Nobody knows what became of it; another that asks the same tells.
            return true;
        }
        if exchange.outcome == Outcome::Timeout && among_others {
            // Two time-outs say something of the request where the target was seen alive in between.
            if self.check_life(&ask.request) && returned < RETURNS {
                return true;
            }
            let alone = self.again(ask);
            if self.stop.is_some() {
                return false;
            }
            if let Some(alone) = alone {
                if alone.outcome == Outcome::Timeout {
                    return self.timed_out_twice(ask, exchange, returned);
                }
                if matches!(alone.outcome, Outcome::Answer(_)) {
                    // It may be our own queue that it waited in: fewer are sent at a time from now on.
                    if !self.eases(&exchange) && !self.explains(&exchange) {
                        self.record_inconsistency(None, &exchange, alone.judgement.reaction);
                    }
                }
                exchange = alone;
            }
        }
        // What is about no single rule is not confirmed later.
        let unconfirmed = ask.key.is_none() && returned == 0 && self.sendable(ask).is_some();
        let passes = |exchange: &Exchange| unconfirmed && may_be_an_outage(exchange);
        if matches!(exchange.outcome, Outcome::Answer(_)) {
            let reaction = exchange.judgement.reaction;
            let again = (reaction == Reaction::Throttled || passes(&exchange)) && self.check_life(&ask.request);
            let again = (again || passes(&exchange)) && self.stop.is_none() && returned < RETURNS;
            if !again {
                self.queue.keep(&ask.request, &exchange);
            }
            return again;
        }
        // What the one beside it met was no crowd.
        let was_gone = self.check_life(&ask.request)
            || self.is_back_already(&exchange, among_others)
            || (among_others && self.liveness.outages().any_since(exchange.number));
        if among_others && !was_gone && matches!(exchange.outcome, Outcome::Dropped(_)) {
            // Were there too many, some of those beside it would have been answered.
            let is_crowd = in_a_row.is_none_or(|row| *row <= self.target.at_a_time());
            if let Some(alone) = self.answered_alone(ask, &exchange, is_crowd) {
                self.queue.keep(&ask.request, &alone);
                return false;
            }
            if self.stop.is_some() {
                return false;
            }
        }
        let was_gone = was_gone || (among_others && self.liveness.outages().any_since(exchange.number));
        let passes = exchange.outcome != Outcome::Timeout && passes(&exchange) && self.stop.is_none();
        if (was_gone || passes) && returned < RETURNS {
            // Gone and back: what it did not answer then says nothing yet.
            *self.queue.fallen.entry(ask.request.clone()).or_default() += 1;
            return true;
        }
        self.queue.keep(&ask.request, &exchange);
        self.after_silence(ask);
        false
    }

    /// What was answered between the last sign of life and an outage, other than with a success: the target may have been on
    /// its way out, or something that stands before it may have answered.
    fn doubt<'b>(&mut self, asks: &'b [Ask], trusted: usize) -> Vec<&'b Ask> {
        let since = trusted.max(self.ledger.requests().saturating_sub(NEAR));
        let mut doubted = Vec::new();
        for ask in asks {
            let is_doubtful = |exchange: &Rc<Exchange>| {
                exchange.number > since
                    && exchange.judgement.reaction != Reaction::Accepted
                    && self.liveness.outages().any_since(exchange.number)
            };
            if self.queue.cache.get(&ask.request).is_some_and(is_doubtful)
                && !self.always_fells(&ask.request)
                && self.queue.doubted.insert(ask.request.clone())
            {
                self.queue.cache.remove(&ask.request);
                doubted.push(ask);
            }
        }
        doubted
    }

    /// Whether what asks this met a target that was gone right after, each time that it was seen alive.
    pub(super) fn always_fells(&self, request: &Request) -> bool {
        self.queue.fallen.get(request).is_some_and(|times| *times >= RETURNS)
    }

    /// How many to send next: twice as many after answers, one after anything else. A row of failures must fit, or it is none.
    fn next_window(&self, heard: &BTreeMap<usize, Rc<Exchange>>) -> usize {
        if !heard.values().all(|exchange| matches!(exchange.outcome, Outcome::Answer(_))) {
            return 1;
        }
        let fails = heard.values().last().is_some_and(|last| last.judgement.reaction == Reaction::Crashed);
        self.queue.window.saturating_mul(2).max(if fails { self.liveness.row() } else { 1 })
    }

    /// What is not answered in time among others, nor alone, needs no other confirmation, unless the target was gone: then it
    /// is asked again.
    fn timed_out_twice(&mut self, ask: &Ask, first: Rc<Exchange>, returned: usize) -> bool {
        if self.check_life(&ask.request) && returned < RETURNS {
            return true;
        }
        if self.stop.is_some() {
            return false;
        }
        self.queue.keep(&ask.request, &first);
        if ask.key.is_none() {
            self.after_silence(ask);
        } else {
            self.believed(ask, first);
        }
        false
    }

    /// What hangs is confirmed at once, because a cause that is known is sent no more.
    fn after_silence(&mut self, ask: &Ask) {
        let Some(exchange) = self.queue.cache.get(&ask.request).cloned() else { return };
        if exchange.judgement.reaction == Reaction::TimedOut && self.stop.is_none() {
            match ask.key {
                Some(_) => {
                    self.confirm(ask, exchange);
                }
                None => self.confirmation.hung(ask),
            }
        }
    }
}

/// Of each request whose connection was closed without an answer, with how many others it was one after the other.
fn dropped_in_a_row(heard: &BTreeMap<usize, Rc<Exchange>>) -> HashMap<usize, usize> {
    let mut rows = HashMap::new();
    let mut row = Vec::new();
    let all = heard.iter().map(|(number, exchange)| (*number, matches!(exchange.outcome, Outcome::Dropped(_))));
    for (number, is_dropped) in all.chain([(usize::MAX, false)]) {
        if is_dropped {
            row.push(number);
            continue;
        }
        let length = row.len();
        rows.extend(row.drain(..).map(|number| (number, length)));
    }
    rows
}
