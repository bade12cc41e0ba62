//! The conversation with a target: sends what the phases ask for, asks again what surprises, and keeps what was said.
//!
//! Knows requests and answers; of rules only the number by which a surprise is remembered. Whatever a phase is told has
//! been confirmed, so that no phase deals with a target that wavers, hangs or dies.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::ledger::{Exchange, Ledger};
use super::life::{FIRST_ROW, NEAR, Outages, may_be_an_outage};
use crate::exchange::{Outcome, Request, Target};
use crate::oracle::{Defect, Reaction, Scope};
use crate::rule::{Keyword, Part, Side};

/// How often a silent target is asked whether it is back.
const REVIVALS: usize = 10;
/// How often one request is asked again because the target was gone when it was asked: if it is gone each time, that is the
/// request's doing.
pub(super) const RETURNS: usize = 2;
/// So many answers to requests that must not be sent again are remembered in a search.
const MOST_REMEMBERED: usize = 10_000;
/// So many different time-outs on one side are the service's, and nothing more is sent there.
const MOST_HUNG: usize = 3;
/// What a probe is about, for remembering surprises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) rule: usize,
    pub(crate) keyword: Keyword,
    pub(crate) side: Side,
}

/// What would be no surprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    Accepted,
    Refused,
    /// Either; only a failure is a surprise.
    Decided,
}

/// Something to ask.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) request: Request,
    pub(crate) scope: Scope,
    pub(crate) expect: Expect,
    /// Nothing where no single rule is asked about.
    pub(crate) key: Option<Key>,
    /// Whether it is a body that many probes share, who can be asked about one by one.
    pub(crate) shared: bool,
    /// Another request that asks the same, for where the first must not be sent again: its effect is another thing's.
    pub(crate) variant: Option<Request>,
}

impl Ask {
    pub(crate) fn shared(self) -> Self {
        Self { shared: true, ..self }
    }
}

/// What was heard.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) reaction: Reaction,
    pub(crate) exchange: Rc<Exchange>,
}

/// Why a run ended before its plan did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The user interrupted it.
    Interrupted,
    /// The target stopped answering requests that it had accepted before.
    Died,
    /// As many requests were sent as were allowed.
    Budget,
    /// The time allowed was over.
    OutOfTime,
    /// The target crashed as often as was allowed.
    Crashes,
    /// The target throttles everything, also what it had accepted before.
    Throttled,
    /// The target refuses the caller whom it had accepted before, with this status, and new credentials cannot be had.
    Unauthorized(u16),
}

/// An answer that changed while the request did not.
#[derive(Debug, Clone)]
pub(crate) struct Wavering {
    pub(crate) key: Option<Key>,
    pub(crate) exchange: Rc<Exchange>,
    pub(crate) then: Reaction,
    /// How many requests had been sent when it was seen.
    pub(crate) at: usize,
}

/// What ends a run before its plan does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The most requests that may be sent.
    pub(crate) requests: Option<usize>,
    /// The most crashes that the target may have.
    pub(crate) crashes: Option<usize>,
}

pub(crate) struct Session<'a> {
    pub(super) target: &'a mut dyn Target,
    /// The headers that say who calls, as they are in ordinary requests.
    pub(super) credentials: Vec<(String, String)>,
    pub(crate) ledger: Ledger<'a>,
    pub(crate) stop: Option<Stop>,
    pub(super) limits: Limits,
    /// So many failures in a row are looked into before more is sent.
    pub(super) row: usize,
    /// So many requests are sent before it is looked at what became of them: few where some were not answered, because
    /// what is in flight then is sent in vain.
    window: usize,
    /// So many refusals in a row that may be about the caller are looked into before more is sent.
    pub(super) refusals: usize,
    pub(super) outages: Outages,
    pub(super) waverings: Vec<Wavering>,
    pub(crate) defects: BTreeMap<(Part, Keyword), (Defect, Rc<Exchange>)>,
    pub(super) cache: HashMap<Request, Rc<Exchange>>,
    pub(super) confirmed: HashSet<(Key, Reaction)>,
    pub(super) silenced: BTreeSet<Key>,
    /// What was asked again because an outage followed it; once is enough.
    doubted: HashSet<Request>,
    /// Bodies shared by many probes that timed out.
    hung_companies: usize,
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        target: &'a mut dyn Target,
        credentials: Vec<(String, String)>,
        ledger: Ledger<'a>,
        limits: Limits,
    ) -> Self {
        Self {
            target,
            credentials,
            ledger,
            stop: None,
            limits,
            row: FIRST_ROW,
            window: usize::MAX,
            refusals: FIRST_ROW,
            outages: Outages::default(),
            waverings: Vec::new(),
            defects: BTreeMap::new(),
            cache: HashMap::new(),
            confirmed: HashSet::new(),
            silenced: BTreeSet::new(),
            doubted: HashSet::new(),
            hung_companies: 0,
        }
    }

    /// Asks everything, each request once in the whole run, and tells what the target made of each.
    pub(crate) fn ask(&mut self, asks: &[Ask]) -> Vec<Heard> {
        let exchanges = self.deliver(asks);
        asks.iter().zip(exchanges).map(|(ask, exchange)| self.settled(ask, exchange)).collect()
    }

    pub(crate) fn ask_one(&mut self, ask: &Ask) -> Heard {
        let exchange = match self.deliver(std::slice::from_ref(ask)).pop() {
            Some(exchange) => exchange,
            None => Exchange::unsent(&ask.request),
        };
        self.settled(ask, exchange)
    }

    /// Sends one request with nothing else in flight, whatever was sent before.
    pub(crate) fn send_alone(&mut self, request: &Request, scope: Scope) -> Rc<Exchange> {
        if self.ledger.is_spent(request) {
            return Exchange::unsent(request);
        }
        let sent = self.transmit(std::slice::from_ref(request), |_| scope).remove(&0);
        sent.unwrap_or_else(|| Exchange::unsent(request))
    }

    /// What may be sent to ask this; nothing where all of it may have had its effect.
    fn sendable<'b>(&self, ask: &'b Ask) -> Option<&'b Request> {
        [Some(&ask.request), ask.variant.as_ref()].into_iter().flatten().find(|request| !self.ledger.is_spent(request))
    }

    /// Asks once more with nothing else in flight; nothing where that cannot be done.
    pub(super) fn again(&mut self, ask: &Ask) -> Option<Rc<Exchange>> {
        let request = self.sendable(ask)?;
        Some(self.send_alone(request, ask.scope))
    }

    /// Forgets what was asked, because in a search there is no end of it; but not at once what must not be sent again.
    pub(crate) fn forget(&mut self) {
        let is_full = self.cache.len() > MOST_REMEMBERED;
        self.cache.retain(|request, _| !is_full && !request.is_repeatable());
    }

    /// Forgets what was wrong so far, so that it is seen again in what is asked from now on.
    pub(crate) fn begin_anew(&mut self) {
        self.defects.clear();
        self.silenced.clear();
        self.hung_companies = 0;
    }

    fn deliver(&mut self, asks: &[Ask]) -> Vec<Rc<Exchange>> {
        let mut waiting: Vec<&Ask> = Vec::new();
        let mut planned = HashSet::new();
        for ask in asks {
            if !self.cache.contains_key(&ask.request) && planned.insert(&ask.request) {
                waiting.push(ask);
            }
        }
        let mut innocent = 0;
        let mut returns: HashMap<&Request, usize> = HashMap::new();
        while !waiting.is_empty() && self.stop.is_none() {
            waiting.retain(|ask| !self.is_silenced(ask) && self.sendable(ask).is_some());
            let rest = waiting.split_off(waiting.len().min(self.window));
            let batch: Vec<Request> = waiting.iter().filter_map(|ask| self.sendable(ask)).cloned().collect();
            let scopes: Vec<Scope> = waiting.iter().map(|ask| ask.scope).collect();
            let outages = self.outages.count();
            let mut heard = self.transmit(&batch, |number| scopes[number]);
            let trusted = self.ledger.last_accepted();
            self.window = self.next_window(&heard);
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
                        self.is_back_already(&exchange);
                    }
                    *returned += 1;
                    waiting.push(ask);
                } else if self.is_to_be_asked_again(ask, exchange, among_others, *returned) {
                    *returned += 1;
                    waiting.push(ask);
                }
            }
            if self.outages.count() > outages {
                waiting.extend(self.doubt(asks, trusted));
            }
            waiting.extend(rest);
        }
        asks.iter()
            .map(|ask| self.cache.get(&ask.request).cloned().unwrap_or_else(|| Exchange::unsent(&ask.request)))
            .collect()
    }

    /// Keeps what a request met, unless it may have met a target that was going or coming back: then it is asked again.
    fn is_to_be_asked_again(
        &mut self,
        ask: &Ask,
        mut exchange: Rc<Exchange>,
        among_others: bool,
        returned: usize,
    ) -> bool {
        if exchange.outcome == Outcome::Timeout && among_others {
            let alone = self.again(ask);
            if self.stop.is_some() {
                return false;
            }
            if let Some(alone) = alone {
                if alone.outcome == Outcome::Timeout {
                    self.timed_out_twice(ask, exchange);
                    return false;
                }
                if matches!(alone.outcome, Outcome::Answer(_)) {
                    // It was our own queue that it waited in: fewer are sent at a time from now on.
                    self.target.ease();
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
                self.cache.insert(ask.request.clone(), exchange);
            }
            return again;
        }
        let was_gone = self.check_life(&ask.request) || self.is_back_already(&exchange);
        let passes = exchange.outcome != Outcome::Timeout && passes(&exchange) && self.stop.is_none();
        if (was_gone || passes) && returned < RETURNS {
            // Gone and back: what it did not answer then says nothing yet.
            return true;
        }
        self.cache.insert(ask.request.clone(), exchange);
        self.after_silence(ask);
        false
    }

    /// What was answered between the last sign of life and an outage, other than with a success: the target may have been on
    /// its way out, or something that stands before it may have answered.
    fn doubt<'b>(&mut self, asks: &'b [Ask], trusted: usize) -> Vec<&'b Ask> {
        let since = trusted.max(self.ledger.requests.saturating_sub(NEAR));
        let mut doubted = Vec::new();
        for ask in asks {
            let is_doubtful = |exchange: &Rc<Exchange>| {
                exchange.number > since
                    && exchange.judgement.reaction != Reaction::Accepted
                    && self.outages.any_since(exchange.number)
            };
            if self.cache.get(&ask.request).is_some_and(is_doubtful) && self.doubted.insert(ask.request.clone()) {
                self.cache.remove(&ask.request);
                doubted.push(ask);
            }
        }
        doubted
    }

    /// How many to send next: twice as many after answers, one after anything else. A row of failures must fit, or it is none.
    fn next_window(&self, heard: &BTreeMap<usize, Rc<Exchange>>) -> usize {
        if !heard.values().all(|exchange| matches!(exchange.outcome, Outcome::Answer(_))) {
            return 1;
        }
        let fails = heard.values().last().is_some_and(|last| last.judgement.reaction == Reaction::Crashed);
        self.window.saturating_mul(2).max(if fails { self.row } else { 1 })
    }

    /// What is not answered in time among others, nor alone, needs no other confirmation.
    fn timed_out_twice(&mut self, ask: &Ask, first: Rc<Exchange>) {
        self.cache.insert(ask.request.clone(), first.clone());
        self.check_life(&ask.request);
        if ask.key.is_none() {
            self.after_silence(ask);
        } else if self.stop.is_none() {
            self.believed(ask, first);
        }
    }

    /// What hangs is confirmed at once, because a cause that is known is sent no more.
    fn after_silence(&mut self, ask: &Ask) {
        let Some(exchange) = self.cache.get(&ask.request).cloned() else { return };
        if exchange.judgement.reaction == Reaction::TimedOut && self.stop.is_none() {
            match ask.key {
                Some(_) => {
                    self.confirm(ask, exchange);
                }
                None => self.hung_companies += usize::from(ask.shared),
            }
        }
    }

    /// The exchange as it counts: confirmed where it was a surprise.
    fn settled(&mut self, ask: &Ask, exchange: Rc<Exchange>) -> Heard {
        let reaction = exchange.judgement.reaction;
        let surprise = match ask.expect {
            _ if matches!(reaction, Reaction::Unknown | Reaction::Throttled) => false,
            Expect::Accepted => reaction != Reaction::Accepted,
            Expect::Refused => reaction != Reaction::Refused,
            Expect::Decided => reaction.is_failure(),
        };
        let known = ask.key.is_none_or(|key| self.confirmed.contains(&(key, reaction)));
        let new_defect = exchange.judgement.defects.iter().any(|defect| !self.is_known(defect));
        if !(surprise && !known || new_defect) {
            return Heard { reaction, exchange };
        }
        self.confirm(ask, exchange)
    }

    fn is_known(&self, defect: &Defect) -> bool {
        self.defects.contains_key(&(defect.place, defect.check))
    }

    /// Whether enough of the same kind has timed out: every further one would cost the whole time limit.
    pub(crate) fn is_silenced(&self, ask: &Ask) -> bool {
        let Some(key) = ask.key else { return ask.shared && self.hung_companies >= MOST_HUNG };
        let alike = self.silenced.iter().filter(|other| other.side == key.side && other.keyword == key.keyword).count();
        let beside = self.silenced.iter().filter(|other| other.side == key.side).count();
        self.silenced.contains(&key) || alike >= 2 || beside >= MOST_HUNG
    }
}
