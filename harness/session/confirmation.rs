//! Confirmation: a surprise is asked again before it counts, and what changes is told as inconsistency.
//!
//! A request that is neither safe nor idempotent, and that may have had its effect, is not sent again: one observation counts.
//! Of what an outage may explain it does not; there another request that asks the same, with another text in it, is sent,
//! and where there is none the rule is inconclusive.
//!
//! An answer that changed about the time of an outage is the outage's doing, and never held against the target. What a target
//! met before it was gone for good is not held against it either: that a request fells a target shows where it does so again,
//! after the target was seen alive.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::liveness::may_be_an_outage;
use super::queue::RETURNS;
use super::suspicion::is_about_the_state;
use super::{Ask, Exchange, Expect, Heard, Key, Session, Stop, Variant};
use crate::exchange::{Outcome, Request};
use crate::oracle::{Defect, DefectKey, Reaction};
use crate::rule::{Keyword, Side};

/// Answers to one request that must agree once the target has been seen to waver.
const VOTES: usize = 5;
/// So many variants of a request that must not be sent again have to be answered as it was.
const VARIANTS: usize = 2;
/// Of so many nodes of answers it is told that they are wrong: each is asked about again.
const MOST_DEFECTS: usize = 100;
/// So many different time-outs on one side are the service's, and nothing more is sent there.
const MOST_HUNG: usize = 3;

/// An answer that changed while the request did not.
#[derive(Debug, Clone)]
pub(crate) struct Inconsistency {
    pub(crate) key: Option<Key>,
    pub(crate) exchange: Rc<Exchange>,
    pub(crate) then: Reaction,
    /// How many requests had been sent when it was seen.
    pub(crate) at: usize,
}

/// Why nothing is made of an answer, or why nothing was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// The answers changed while the request did not.
    Changes,
    /// It may not be asked again, and an outage may be why it was not taken.
    Once,
    /// Nobody was there.
    Gone,
    /// Enough of the same kind was not answered in time.
    Hung,
    /// The answers change so often that as many questions as may be asked do not tell.
    Wavers,
}

/// What has been confirmed so far, and what was not.
#[derive(Debug, Default)]
pub(super) struct Confirmation {
    inconsistencies: Vec<Inconsistency>,
    defects: BTreeMap<DefectKey, (Defect, Rc<Exchange>)>,
    confirmed: HashSet<(Key, Reaction)>,
    suppressed: BTreeSet<Key>,
    /// Why nothing is known of a side of a rule.
    doubts: BTreeMap<(usize, Side), Doubt>,
    /// What is doubted of a request that others may ask for as well.
    doubted: HashMap<Request, Doubt>,
    /// Bodies shared by many probes that timed out.
    hung_shared: usize,
}

impl Confirmation {
    fn begin_anew(&mut self) {
        self.defects.clear();
        self.suppressed.clear();
        self.doubts.clear();
        self.doubted.clear();
        self.hung_shared = 0;
    }

    /// The ways in which answers broke the contract, each with the exchange that showed it first.
    pub(super) fn defects(&self) -> Vec<(Defect, Rc<Exchange>)> {
        self.defects.values().cloned().collect()
    }

    /// Remembers a defect of which there is no need to ask again.
    pub(super) fn add_defect(&mut self, defect: Defect, exchange: Rc<Exchange>) {
        self.defects.insert(defect.key(), (defect, exchange));
    }

    /// Why nothing was made of what was asked about a side of a rule.
    pub(super) fn doubt_about(&self, key: (usize, Side)) -> Option<Doubt> {
        self.doubts.get(&key).copied()
    }

    /// Forgets what is doubted of single requests.
    pub(super) fn forget_doubted(&mut self) {
        self.doubted.clear();
    }

    /// Something about no single rule was not answered in time.
    pub(super) fn hung(&mut self, ask: &Ask) {
        self.hung_shared += usize::from(ask.shared);
    }
}

impl Session<'_> {
    /// Forgets what was wrong so far, so that it is seen again in what is asked from now on.
    pub(crate) fn begin_anew(&mut self) {
        self.confirmation.begin_anew();
    }

    /// Forgets what was confirmed by few answers.
    pub(super) fn forget_confirmed(&mut self) {
        self.confirmation.confirmed.clear();
    }

    /// The exchange as it counts: confirmed where it was a surprise.
    pub(super) fn settled(&mut self, ask: &Ask, exchange: Rc<Exchange>) -> Heard {
        let reaction = exchange.judgement.reaction;
        self.learn_sample(ask, &exchange);
        if reaction == Reaction::Unknown {
            let met = match exchange.outcome {
                Outcome::Unreachable(_) => Some(Doubt::Gone),
                Outcome::Lost => Some(Doubt::Once),
                _ => None,
            };
            if let Some(doubt) = met.or_else(|| self.confirmation.doubted.get(&ask.request).copied()) {
                self.note_doubt(ask, doubt);
            }
        }
        let surprise = match ask.expect {
            _ if matches!(reaction, Reaction::Unknown | Reaction::Throttled) => false,
            Expect::Accepted => reaction != Reaction::Accepted,
            Expect::Refused => reaction != Reaction::Refused,
            Expect::Decided => reaction.is_failure(),
        };
        let known = ask.key.is_none_or(|key| self.confirmation.confirmed.contains(&(key, reaction)));
        let new_defect = exchange.judgement.defects.iter().any(|defect| !self.is_known(defect));
        if !(surprise && !known || new_defect) {
            return Heard { reaction, exchange };
        }
        self.confirm(ask, exchange)
    }

    /// Whether it is known already, or so many are that more would tell no more.
    pub(super) fn is_known(&self, defect: &Defect) -> bool {
        self.confirmation.defects.contains_key(&defect.key())
            || (defect.source.is_some() && self.confirmation.defects.len() >= MOST_DEFECTS)
    }

    /// Asks again, with a known-good request in between, until the answers agree or clearly do not.
    pub(crate) fn confirm(&mut self, ask: &Ask, first: Rc<Exchange>) -> Heard {
        if self.wavers() {
            return self.ask_one(ask);
        }
        if self.refuses_all_by_now(&first) {
            return self.forgotten(ask);
        }
        if self.ledger.is_spent(&first.request) {
            return self.confirm_once(ask, first);
        }
        if self.ledger.has_taken_away(&first) && !may_be_an_outage(&first) {
            return self.confirm_by_word(ask, first);
        }
        // An outage that has been noticed since may have been there already.
        let mut votes = if self.liveness.outages().any_since(first.number) { Vec::new() } else { vec![first.clone()] };
        let mut wanted = match self.confirmation.inconsistencies.len() {
            // Where every second request fails, what is asked in between tells nothing.
            // Nor does one repetition of what comes and goes: it may have come back just then.
            0 if first.outcome == Outcome::Timeout => 2,
            0 => 3,
            _ => VOTES,
        };
        let mut restarts = 0;
        // Whether it failed so again when the target had been seen alive.
        let mut fells = first.judgement.reaction.is_failure() && self.queue.has_fallen(&ask.request);
        while votes.len() < wanted && self.stop.is_none() {
            let was_gone = self.check_life(&ask.request) | (votes.len() == 2 && self.check_life(&ask.request));
            let again = self.send_alone(&ask.request, ask.scope);
            if self.stop.is_some() {
                break;
            }
            fells |= first.judgement.reaction.is_failure() && agree(&again, &first);
            let met_nobody = self.met_nobody(&again);
            if restarts < RETURNS {
                let is_back = met_nobody && (self.check_life(&ask.request) || self.is_back_already(&again, false));
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
                return self.doubted(ask, Doubt::Gone);
            }
            if let Some(first) = votes.first().filter(|first| !agree(&again, first)) {
                wanted = VOTES;
                let failure = if may_be_an_outage(first) { first } else { &again };
                if restarts < RETURNS && self.explains(failure) {
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
        if self.stop.is_some() && votes.len() < 2 && !fells && !self.was_the_last_crash(ask) {
            return self.forgotten(ask);
        }
        let first = votes.first().cloned().unwrap_or(first);
        if let Some(other) = votes.iter().find(|vote| !agree(vote, &first)) {
            let then = other.judgement.reaction;
            self.record_inconsistency(ask.key, &first, then);
            let settled =
                votes.iter().find(|vote| votes.iter().filter(|other| agree(other, vote)).count() + 1 >= VOTES);
            let Some(settled) = settled.cloned() else {
                return self.doubted(ask, Doubt::Changes);
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
            return if self.was_the_last_crash(ask) { self.kept(ask, first) } else { self.forgotten(ask) };
        }
        let is_lost = was_gone || self.liveness.outages().any_since(first.number);
        if !is_lost && self.is_inconsistent() {
            // Of a target whose answers change, one observation says nothing.
            return self.doubted(ask, Doubt::Changes);
        }
        if !is_lost && !may_be_an_outage(&first) {
            return self.confirm_by_variants(ask, first);
        }
        let Some(again) = self.again(ask) else {
            let counts = self.always_fells(&ask.request) || (!is_lost && !self.liveness.excuse());
            return if counts { self.kept(ask, first) } else { self.doubted(ask, Doubt::Once) };
        };
        self.check_life(&ask.request);
        if self.stop.is_some() {
            return self.forgotten(ask);
        }
        if may_be_an_outage(&again) {
            let agrees = !is_lost && agree(&again, &first);
            return if agrees { self.kept(ask, first) } else { self.doubted(ask, Doubt::Once) };
        }
        let explains = is_lost || self.explains(&first);
        self.kept(ask, if explains { again } else { first })
    }

    /// What took away what it was about is answered otherwise now, for that alone: one answer counts where nothing else explains it.
    fn confirm_by_word(&mut self, ask: &Ask, first: Rc<Exchange>) -> Heard {
        let was_gone = self.check_life(&ask.request);
        if self.stop.is_some() {
            return self.forgotten(ask);
        }
        let is_lost = was_gone || self.liveness.outages().any_since(first.number);
        match (is_lost, self.is_inconsistent()) {
            (true, _) => self.doubted(ask, Doubt::Once),
            (_, true) => self.doubted(ask, Doubt::Changes),
            _ => self.kept(ask, first),
        }
    }

    /// What another request that asks the same is answered otherwise is no certain answer; where there is none, one counts.
    fn confirm_by_variants(&mut self, ask: &Ask, first: Rc<Exchange>) -> Heard {
        for _ in 0..VARIANTS {
            let Some(again) = self.again(ask) else { break };
            self.check_life(&ask.request);
            if self.stop.is_some() {
                return self.forgotten(ask);
            }
            if !agree(&again, &first) && !may_be_an_outage(&again) {
                return self.arbitrated(ask, first, &again);
            }
        }
        self.kept(ask, first)
    }

    /// A variant was answered otherwise: for what it holds, or because the answers change. The very same content tells.
    fn arbitrated(&mut self, ask: &Ask, first: Rc<Exchange>, other: &Exchange) -> Heard {
        let same = Variant::repeated(ask.request.clone());
        for number in 0..VARIANTS {
            let Some(request) = same.nth(number).filter(|request| !self.ledger.is_spent(request)) else { break };
            let again = self.send_alone(&request, ask.scope);
            if self.stop.is_some() {
                return self.forgotten(ask);
            }
            if !agree(&again, &first) {
                if !is_about_the_state(&again) && !may_be_an_outage(&again) {
                    self.record_inconsistency(ask.key, &first, other.judgement.reaction);
                }
                return self.doubted(ask, Doubt::Changes);
            }
        }
        self.kept(ask, first)
    }

    /// Whether this was one crash of a target that lives, and as many as may be: that cannot be confirmed, and is believed.
    fn was_the_last_crash(&self, ask: &Ask) -> bool {
        self.stop == Some(Stop::Crashes) && !ask.shared
    }

    fn kept(&mut self, ask: &Ask, exchange: Rc<Exchange>) -> Heard {
        self.queue.keep(&ask.request, &exchange);
        self.believed(ask, exchange)
    }

    /// Nothing is known of a request after all, and why.
    fn doubted(&mut self, ask: &Ask, doubt: Doubt) -> Heard {
        self.note_doubt(ask, doubt);
        self.confirmation.doubted.insert(ask.request.clone(), doubt);
        self.forgotten(ask)
    }

    /// Remembers why nothing is known of what was asked; the first doubt is kept.
    pub(super) fn note_doubt(&mut self, ask: &Ask, doubt: Doubt) {
        if let Some(key) = ask.key {
            self.confirmation.doubts.entry((key.rule, key.side)).or_insert(doubt);
        }
    }

    /// Nothing is known of a request after all.
    fn forgotten(&mut self, ask: &Ask) -> Heard {
        let exchange = Exchange::unsent(&ask.request);
        self.queue.keep(&ask.request, &exchange);
        Heard { reaction: Reaction::Unknown, exchange }
    }

    pub(super) fn believed(&mut self, ask: &Ask, exchange: Rc<Exchange>) -> Heard {
        let reaction = exchange.judgement.reaction;
        for defect in exchange.judgement.defects.iter().filter(|defect| !self.is_known(defect)).collect::<Vec<_>>() {
            self.confirmation.add_defect(defect.clone(), exchange.clone());
        }
        self.remember(ask, reaction);
        Heard { reaction, exchange }
    }

    /// Remembers how a rule was answered for sure.
    pub(super) fn remember(&mut self, ask: &Ask, reaction: Reaction) {
        if let Some(key) = ask.key {
            self.confirmation.confirmed.insert((key, reaction));
            if reaction == Reaction::TimedOut {
                self.confirmation.suppressed.insert(key);
            }
        }
    }

    /// Whether enough of the same kind has timed out: every further one would cost the whole time limit.
    pub(crate) fn is_suppressed(&self, ask: &Ask) -> bool {
        let Some(key) = ask.key else { return ask.shared && self.confirmation.hung_shared >= MOST_HUNG };
        let alike = self
            .confirmation
            .suppressed
            .iter()
            .filter(|other| other.side == key.side && other.keyword == key.keyword)
            .count();
        let beside = self.confirmation.suppressed.iter().filter(|other| other.side == key.side).count();
        self.confirmation.suppressed.contains(&key) || alike >= 2 || beside >= MOST_HUNG
    }

    /// Remembers an answer that changed.
    pub(crate) fn record_inconsistency(&mut self, key: Option<Key>, exchange: &Rc<Exchange>, then: Reaction) {
        let at = self.ledger.requests();
        self.confirmation.inconsistencies.push(Inconsistency { key, exchange: exchange.clone(), then, at });
        self.suspect(exchange, then);
    }

    pub(crate) fn is_inconsistent(&self) -> bool {
        !self.confirmation.inconsistencies.is_empty()
    }

    /// What was asked when an answer changed; nothing where one of them was about no rule.
    pub(crate) fn inconsistent_keys(&self) -> Option<Vec<Key>> {
        self.confirmation.inconsistencies.iter().map(|inconsistency| inconsistency.key).collect()
    }

    /// What wavered, but for what an outage explains.
    pub(crate) fn take_inconsistencies(&mut self) -> Vec<Inconsistency> {
        let mut inconsistencies = std::mem::take(&mut self.confirmation.inconsistencies);
        inconsistencies.retain(|inconsistency| self.wavers() || !self.liveness.outages().any_near(inconsistency.at));
        inconsistencies
    }
}

/// Whether two answers to one request say the same.
fn agree(one: &Exchange, other: &Exchange) -> bool {
    // Which of its nodes are wrong may change with what an answer holds.
    let checks = |exchange: &Exchange| -> Vec<Keyword> {
        let mut checks: Vec<Keyword> = exchange.judgement.defects.iter().map(Defect::kind).collect();
        checks.dedup();
        checks
    };
    one.judgement.reaction == other.judgement.reaction && checks(one) == checks(other)
}
