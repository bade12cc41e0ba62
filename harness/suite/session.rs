//! The conversation with a target: sends what the phases ask for, asks again what surprises, and keeps what was said.
//!
//! Knows requests and answers; of rules only the number by which a surprise is remembered. Whatever a phase is told has
//! been confirmed, so that no phase deals with a target that wavers, hangs or dies.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::ledger::{Exchange, Ledger};
use super::life::FIRST_ROW;
use crate::exchange::{Outcome, Request, Target};
use crate::oracle::{Defect, Reaction, Scope};
use crate::rule::{Keyword, Side};

/// How often a silent target is asked whether it is back.
const REVIVALS: usize = 10;
/// How often one request is asked again because the target was gone when it was asked: if it is gone each time, that is the
/// request's doing.
const RETURNS: usize = 2;
/// So many different time-outs on one side are the service's, and nothing more is sent there.
const MOST_HUNG: usize = 3;
/// Answers to one request that must agree once the target has been seen to waver.
const VOTES: usize = 5;

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
    pub(crate) waverings: Vec<Wavering>,
    pub(crate) defects: BTreeMap<(&'static str, Keyword), (Defect, Rc<Exchange>)>,
    cache: HashMap<Request, Rc<Exchange>>,
    confirmed: HashSet<(Key, Reaction)>,
    silenced: BTreeSet<Key>,
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
            waverings: Vec::new(),
            defects: BTreeMap::new(),
            cache: HashMap::new(),
            confirmed: HashSet::new(),
            silenced: BTreeSet::new(),
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
        let sent = self.transmit(std::slice::from_ref(request), |_| scope).remove(&0);
        sent.unwrap_or_else(|| Exchange::unsent(request))
    }

    /// Forgets what was asked: in a search no request is made twice, and there is no end of them.
    pub(crate) fn forget(&mut self) {
        self.cache.clear();
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
            waiting.retain(|ask| !self.is_silenced(ask));
            let rest = waiting.split_off(waiting.len().min(self.window));
            let batch: Vec<Request> = waiting.iter().map(|ask| ask.request.clone()).collect();
            let scopes: Vec<Scope> = waiting.iter().map(|ask| ask.scope).collect();
            let mut heard = self.transmit(&batch, |number| scopes[number]);
            self.window = self.next_window(&heard);
            if innocent < REVIVALS && self.failed_for_a_while(&mut heard, &batch) {
                innocent += 1;
            }
            for (number, ask) in std::mem::take(&mut waiting).into_iter().enumerate() {
                let Some(exchange) = heard.remove(&number) else {
                    waiting.push(ask);
                    continue;
                };
                match exchange.outcome {
                    Outcome::Unreachable(_) if self.ledger.has_known_good() && innocent < REVIVALS => {
                        // It met a target that was already gone: not its doing, so it gets another chance.
                        innocent += 1;
                        waiting.push(ask);
                        self.check_life(&ask.request);
                    }
                    Outcome::Timeout if batch.len() > 1 => self.ask_alone(ask, exchange),
                    Outcome::Answer(_) => {
                        if exchange.judgement.reaction == Reaction::Throttled {
                            self.check_life(&ask.request);
                        }
                        self.cache.insert(ask.request.clone(), exchange);
                    }
                    _ => {
                        let was_gone = self.check_life(&ask.request) || self.is_back_already(&exchange);
                        let returned = returns.entry(&ask.request).or_default();
                        if was_gone && *returned < RETURNS {
                            // Gone and back: what it did not answer then says nothing yet.
                            *returned += 1;
                            waiting.push(ask);
                        } else {
                            self.cache.insert(ask.request.clone(), exchange);
                            self.after_silence(ask);
                        }
                    }
                }
            }
            waiting.extend(rest);
        }
        asks.iter()
            .map(|ask| self.cache.get(&ask.request).cloned().unwrap_or_else(|| Exchange::unsent(&ask.request)))
            .collect()
    }

    /// How many to send next: twice as many after answers, one after anything else. A row of failures must fit, or it is none.
    fn next_window(&self, heard: &BTreeMap<usize, Rc<Exchange>>) -> usize {
        if !heard.values().all(|exchange| matches!(exchange.outcome, Outcome::Answer(_))) {
            return 1;
        }
        let fails = heard.values().last().is_some_and(|last| last.judgement.reaction == Reaction::Crashed);
        self.window.saturating_mul(2).max(if fails { self.row } else { 1 })
    }

    /// Sends what timed out among others once more with nothing else in flight. Where it is answered then, it was our own
    /// queue that it waited in, and fewer are sent at a time from now on; where it is not, that is the confirmation.
    fn ask_alone(&mut self, ask: &Ask, first: Rc<Exchange>) {
        let alone = self.send_alone(&ask.request, ask.scope);
        if self.stop.is_some() {
            return;
        }
        let reaction = alone.judgement.reaction;
        if matches!(alone.outcome, Outcome::Answer(_)) {
            self.target.ease();
            self.cache.insert(ask.request.clone(), alone);
            return;
        }
        self.cache.insert(ask.request.clone(), first.clone());
        match ask.key {
            Some(_) if reaction == Reaction::TimedOut => {
                self.check_life(&ask.request);
                if self.stop.is_none() {
                    self.believed(ask, first);
                }
            }
            _ => {
                self.check_life(&ask.request);
                self.after_silence(ask);
            }
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

    /// Asks again, with a known-good request in between, until the answers agree or clearly do not.
    pub(crate) fn confirm(&mut self, ask: &Ask, first: Rc<Exchange>) -> Heard {
        // An outage that has been noticed since may have been there already.
        let mut votes = if first.outages == self.ledger.outages { vec![first.clone()] } else { Vec::new() };
        let mut wanted = if self.waverings.is_empty() { 2 } else { VOTES };
        let mut returns = 0;
        while votes.len() < wanted && self.stop.is_none() {
            let was_gone = self.check_life(&ask.request);
            let again = self.send_alone(&ask.request, ask.scope);
            if self.stop.is_some() {
                break;
            }
            if matches!(again.outcome, Outcome::Gone(_))
                && returns < RETURNS
                && (self.check_life(&ask.request) || self.is_back_already(&again))
            {
                returns += 1;
                votes.clear();
                continue;
            }
            if was_gone && returns < RETURNS {
                // What it answered before it was gone may have been its last.
                returns += 1;
                votes.clear();
            }
            if votes.first().is_some_and(|first| !agree(&again, first)) {
                wanted = VOTES;
            }
            votes.push(again);
        }
        self.check_life(&ask.request);
        // What felled the target for good, or once too often, cannot be confirmed; everything else that was not is not
        // believed.
        let felled = matches!(first.judgement.reaction, Reaction::Dropped | Reaction::TimedOut)
            || (self.stop == Some(Stop::Crashes) && !ask.shared);
        if self.stop.is_some() && votes.len() < 2 && !felled {
            return self.forgotten(ask);
        }
        let first = votes.first().cloned().unwrap_or(first);
        if let Some(other) = votes.iter().find(|vote| !agree(vote, &first)) {
            let then = other.judgement.reaction;
            self.waverings.push(Wavering { key: ask.key, exchange: first, then });
            let settled =
                votes.iter().find(|vote| votes.iter().filter(|other| agree(other, vote)).count() + 1 >= VOTES);
            let Some(settled) = settled.cloned() else {
                return self.forgotten(ask);
            };
            self.cache.insert(ask.request.clone(), settled.clone());
            return self.believed(ask, settled);
        }
        self.cache.insert(ask.request.clone(), first.clone());
        self.believed(ask, first)
    }

    /// Nothing is known of a request after all.
    fn forgotten(&mut self, ask: &Ask) -> Heard {
        let exchange = Exchange::unsent(&ask.request);
        self.cache.insert(ask.request.clone(), exchange.clone());
        Heard { reaction: Reaction::Unknown, exchange }
    }

    fn believed(&mut self, ask: &Ask, exchange: Rc<Exchange>) -> Heard {
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

    /// Whether enough of the same kind has timed out: every further one would cost the whole time limit.
    pub(crate) fn is_silenced(&self, ask: &Ask) -> bool {
        let Some(key) = ask.key else { return ask.shared && self.hung_companies >= MOST_HUNG };
        let alike = self.silenced.iter().filter(|other| other.side == key.side && other.keyword == key.keyword).count();
        let beside = self.silenced.iter().filter(|other| other.side == key.side).count();
        self.silenced.contains(&key) || alike >= 2 || beside >= MOST_HUNG
    }
}

/// Whether two answers to one request say the same.
fn agree(one: &Exchange, other: &Exchange) -> bool {
    let checks = |exchange: &Exchange| -> Vec<Keyword> {
        exchange.judgement.defects.iter().map(|defect| defect.check).collect()
    };
    one.judgement.reaction == other.judgement.reaction && checks(one) == checks(other)
}
