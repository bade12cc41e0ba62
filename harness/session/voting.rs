//! Voting: what is asked of a target that wavers is asked as often as it takes to tell what is right.
//!
//! Where a kind of answer turns out to come in the place of others, the conversation begins anew. No answer is lost by that:
//! each counts as a vote. A request that must not be sent again is asked by its variants.

use std::collections::HashMap;
use std::rc::Rc;

use super::wavering::{Confidence, KINDS, Leaning, Noise, Poll, kind};
use super::{Ask, Doubt, Exchange, Expect, Heard, Session, Stop};
use crate::exchange::{Outcome, Request};
use crate::oracle::{Reaction, Scope};

/// So many requests are voted on first, and so many at a time after that.
const FIRST: usize = 16;
const PART: usize = 64;
/// So many requests of a run, or of a round of a search, go into votes.
const MOST_VOTES: usize = 30_000;
/// So often nobody was there when one request was sent, and then it is left alone.
const MOST_ABSENCES: usize = 3;

/// The votes on what is asked of a target that wavers.
#[derive(Debug, Default)]
pub(super) struct Voting {
    /// How often answers change, as it was known when the votes that are being cast were begun with.
    believed: Noise,
    polls: HashMap<Request, Poll>,
    votes: usize,
    /// Failures at the end of what was heard, and how many of them are looked into.
    row: Vec<(Request, usize)>,
    longest_row: usize,
}

impl Voting {
    /// So many failures in a row are no request's own.
    pub(super) fn longest_row(&self) -> usize {
        self.longest_row
    }
}

/// What is asked about, and how it stands.
struct Open<'a> {
    ask: &'a Ask,
    /// How many variants have been tried.
    variant: usize,
    absences: usize,
    doubt: Option<Doubt>,
    throttled: Option<Rc<Exchange>>,
}

impl Session<'_> {
    pub(super) fn poll_of(&mut self, request: &Request) -> &mut Poll {
        let suspicion = &self.suspicion;
        self.voting.polls.entry(request.clone()).or_insert_with(|| {
            let mut poll = Poll::default();
            for kind in suspicion.suspected(request) {
                poll.suspect(kind);
            }
            poll
        })
    }

    /// Forgets what was asked, as in a search that goes on.
    pub(super) fn forget_votes(&mut self) {
        self.voting.polls.clear();
        self.suspicion.forget_suspected();
        self.voting.votes = 0;
    }

    /// Asks everything as often as it takes: some after others, so that what is learnt of the first serves the rest, and what may
    /// be spent is not spread over all of them until it suffices for none.
    pub(super) fn vote(&mut self, asks: &[Ask]) -> Vec<Heard> {
        let (first, rest) = asks.split_at(asks.len().min(FIRST));
        let parts = std::iter::once(first).chain(rest.chunks(PART));
        parts.flat_map(|part| self.vote_on(part)).collect()
    }

    fn vote_on(&mut self, asks: &[Ask]) -> Vec<Heard> {
        self.voting.believed = self.suspicion.noise().cloned().unwrap_or_default();
        let mut open: Vec<Open<'_>> = Vec::new();
        let mut numbers: HashMap<&Request, usize> = HashMap::new();
        for ask in asks {
            numbers.entry(&ask.request).or_insert_with(|| {
                let doubt = self.is_suppressed(ask).then_some(Doubt::Hung);
                open.push(Open { ask, variant: 0, absences: 0, doubt, throttled: None });
                open.len() - 1
            });
        }
        let mut draw = fastrand::Rng::with_seed(0);
        while self.stop.is_none() {
            let mut batch: Vec<(usize, Request)> = open
                .iter_mut()
                .enumerate()
                .filter_map(|(number, open)| Some((number, self.next_vote(open)?)))
                .collect();
            if batch.is_empty() {
                break;
            }
            // One that fails every so many times would fail the same requests every time.
            draw.shuffle(&mut batch);
            while !batch.is_empty() && self.stop.is_none() {
                let sent = self.cast(&mut open, &batch);
                batch.drain(..sent);
            }
        }
        asks.iter().map(|ask| self.result(ask, &open[numbers[&ask.request]])).collect()
    }

    /// What to send next for what is still open.
    fn next_vote(&mut self, open: &mut Open<'_>) -> Option<Request> {
        if open.doubt.is_some() || open.throttled.is_some() || !self.is_open(open.ask) {
            return None;
        }
        if self.voting.votes >= MOST_VOTES {
            open.doubt = Some(Doubt::Wavers);
            return None;
        }
        let ask = open.ask;
        if ask.request.is_repeatable() || !self.ledger.is_spent(&ask.request) {
            return Some(ask.request.clone());
        }
        while let Some(request) = ask.variant.as_ref().and_then(|variant| variant.nth(open.variant)) {
            open.variant += 1;
            if open.variant > MOST_VOTES {
                break;
            }
            if !self.ledger.is_spent(&request) {
                return Some(request);
            }
        }
        open.doubt = Some(Doubt::Once);
        None
    }

    /// Sends a vote for each, and takes up what came.
    fn cast(&mut self, open: &mut [Open<'_>], batch: &[(usize, Request)]) -> usize {
        let requests: Vec<Request> = batch.iter().map(|(_, request)| request.clone()).collect();
        let scopes: Vec<Scope> = batch.iter().map(|(number, _)| open[*number].ask.scope).collect();
        let heard = self.transmit(&requests, |number| scopes[number]);
        if heard.is_empty() && self.stop.is_none() {
            // Nothing comes of it.
            self.end(Stop::Died);
        }
        let (mut is_absent, sent) = (false, heard.keys().next_back().map_or(0, |last| last + 1));
        for (number, exchange) in heard {
            let open = &mut open[batch[number].0];
            self.voting.votes += 1;
            let Some(kind) = kind(exchange.judgement.reaction) else {
                if exchange.judgement.reaction == Reaction::Throttled {
                    open.throttled = Some(exchange);
                } else {
                    open.absences += 1;
                    open.doubt = (open.absences >= MOST_ABSENCES).then_some(Doubt::Gone);
                    is_absent = true;
                }
                continue;
            };
            is_absent |= matches!(exchange.outcome, Outcome::Gone(_));
            let request = &open.ask.request;
            self.poll_of(request).add(&exchange);
            if KINDS[kind].is_failure() {
                self.voting.row.push((request.clone(), kind));
            } else {
                self.voting.row.clear();
            }
        }
        self.look_into_the_row(is_absent);
        sent
    }

    /// Looks whether the target is there, after more failures in a row than come by chance.
    fn look_into_the_row(&mut self, is_absent: bool) {
        let least = self.longest_row();
        let is_long = self.voting.row.len() >= least;
        if self.stop.is_some() || !(is_long || is_absent) {
            return;
        }
        let row = std::mem::take(&mut self.voting.row);
        let Some((other, _)) = row.last().cloned() else {
            self.check_life_of_all();
            return;
        };
        let was_gone = self.check_life(&other);
        if is_long && (was_gone || self.stop.is_some()) {
            // Nobody was there to answer.
            for (request, kind) in row {
                self.poll_of(&request).take_back(kind);
            }
        } else if is_long {
            // They are the requests' own.
            self.voting.longest_row = least * 2;
        }
    }

    fn check_life_of_all(&mut self) {
        if let Some(sign) = self.ledger.any_sign() {
            let nothing = Request { body: None, ..sign.request.clone() };
            self.check_life(&nothing);
        }
    }

    /// How sure it has to be that a kind is right.
    fn demanded(ask: &Ask) -> impl Fn(usize) -> Confidence + use<> {
        let harmless = match ask.expect {
            Expect::Accepted | Expect::Decided => Reaction::Accepted,
            Expect::Refused => Reaction::Refused,
        };
        move |kind| if KINDS[kind] == harmless { Confidence::Fair } else { Confidence::Sure }
    }

    fn leaning(&self, ask: &Ask) -> Leaning {
        let poll = self.voting.polls.get(&ask.request);
        poll.map_or(Leaning::Open, |poll| poll.leaning(&self.voting.believed, Self::demanded(ask)))
    }

    /// Whether more votes would tell more.
    fn is_open(&self, ask: &Ask) -> bool {
        match self.leaning(ask) {
            Leaning::Open => true,
            Leaning::Hopeless => false,
            Leaning::Decided(kind) => {
                let poll = self.voting.polls.get(&ask.request);
                poll.is_some_and(|poll| poll.flaws(&self.voting.believed, kind, |defect| self.is_known(defect)).1)
            }
        }
    }

    /// What the votes come to.
    fn result(&mut self, ask: &Ask, open: &Open<'_>) -> Heard {
        if let Some(exchange) = &open.throttled {
            return Heard { reaction: Reaction::Throttled, exchange: exchange.clone() };
        }
        let unknown = || Heard { reaction: Reaction::Unknown, exchange: Exchange::unsent(&ask.request) };
        let leaning = self.leaning(ask);
        let doubt = open.doubt.or((leaning == Leaning::Hopeless).then_some(Doubt::Wavers));
        let poll = self.poll_of(&ask.request);
        let (Leaning::Decided(right), None | Some(Doubt::Wavers | Doubt::Once)) = (leaning, doubt) else {
            let is_divided = poll.is_divided();
            if let Some(doubt) = doubt {
                self.note_doubt(ask, doubt);
                if is_divided {
                    self.tell_wavering(ask);
                }
            }
            return unknown();
        };
        let (is_divided, shown, counts) = (poll.is_divided(), poll.shown(right), poll.uncounted());
        let Some(exchange) = shown else { return unknown() };
        if is_divided {
            self.tell_wavering(ask);
        }
        let is_new = self.suspicion.count(right, &counts);
        let known = |defect: &_| self.is_known(defect);
        let sure = self
            .voting
            .polls
            .get(&ask.request)
            .map(|poll| poll.flaws(&self.voting.believed, right, known).0)
            .unwrap_or_default();
        for (defect, exchange) in sure {
            self.add_defect(defect, exchange);
        }
        self.remember(ask, KINDS[right]);
        if is_new {
            // What was settled by fewer votes is to be settled again.
            self.begin_over();
        }
        Heard { reaction: KINDS[right], exchange }
    }

    /// Remembers that the answers to this changed: once, where all do.
    fn tell_wavering(&mut self, ask: &Ask) {
        let is_told = !self.suspicion.tells(ask.key);
        let shown = self.voting.polls.get(&ask.request).map(Poll::all_shown).unwrap_or_default();
        if let (false, [first, other, ..]) = (is_told, &shown[..]) {
            self.record_inconsistency(ask.key, first, other.judgement.reaction);
        }
    }
}
