//! Suspicion: whether a target wavers, found out once an answer changed that no outage explains.
//!
//! What it is known to accept, and to refuse, tells how often answers change; then the conversation begins anew, so that what
//! was settled before by too few answers is settled again.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::login::REFUSALS;
use super::wavering::{Counts, KINDS, Noise, kind};
use super::{Ask, Event, Exchange, Expect, Key, Session, Stop, Variant};
use crate::exchange::{Outcome, Request};
use crate::oracle::{Reaction, Scope};

/// So often each of what is known is asked, to tell how often answers change.
const SAMPLE: u32 = 128;
/// So many of them that took the whole time limit tell enough.
const ENOUGH_SILENCE: u32 = 3;
/// A sample of which less is what it is taken for is another's.
const LEAST_SHARE: f64 = 0.35;
/// So much is asked at once of a sample.
const BATCH: usize = 16;
/// After so many outages, and twice as many, and so on, it is looked whether they are any.
const MANY_OUTAGES: usize = 8;
/// The same of answers that changed about the time of an outage.
const MANY_EXCUSES: usize = 4;

/// What makes a target look like one that wavers, and how much it does.
#[derive(Debug, Default)]
pub(super) struct Suspicion {
    /// Nothing as long as it does not waver.
    noise: Option<Noise>,
    /// Requests that were answered so and so before that was known, with the kinds of their answers.
    suspected: HashMap<Request, BTreeSet<usize>>,
    /// How to ask again for something that was accepted, where that must not be sent again.
    accepted: Option<Variant>,
    /// Something of another kind that was refused.
    refused: Option<Request>,
    /// How many of the samples were answered otherwise than the rest, and how many there were.
    share: (u32, u32),
    /// What was told to waver.
    told: BTreeSet<Option<Key>>,
    /// Whether the samples are being asked for.
    is_looking: bool,
    /// How often answers changed about the time of an outage.
    excused: usize,
    /// What came when a sample was asked for, one after the other.
    sampled: Vec<Rc<Exchange>>,
}

impl Suspicion {
    /// How often answers change; nothing as long as they do not.
    pub(super) fn noise(&self) -> Option<&Noise> {
        self.noise.as_ref()
    }

    /// The kinds of answers that a request got while others were not seen to waver.
    pub(super) fn suspected(&self, request: &Request) -> impl Iterator<Item = usize> {
        self.suspected.get(request).into_iter().flatten().copied()
    }

    /// Forgets which requests these were.
    pub(super) fn forget_suspected(&mut self) {
        self.suspected.clear();
    }

    /// Takes up answers to requests of which this kind is right; whether one came in its place that never had.
    pub(super) fn count(&mut self, right: usize, counts: &Counts) -> bool {
        self.noise.as_mut().is_some_and(|noise| noise.count(right, counts))
    }

    /// Whether it is yet to be told that the answers to this change; then it is told: once, where all do.
    pub(super) fn tells(&mut self, key: Option<Key>) -> bool {
        !self.told.contains(&None) && self.told.insert(key)
    }
}

impl Session<'_> {
    /// Whether the target was seen to waver.
    pub(crate) fn wavers(&self) -> bool {
        self.suspicion.noise.is_some()
    }

    /// Of how many answers of which the right one is known how many were others.
    pub(crate) fn share_of_others(&self) -> Option<(u32, u32)> {
        Some(self.suspicion.share).filter(|(others, _)| *others > 0)
    }

    /// Looks closer at a target of which an answer changed, where no outage explains that.
    pub(super) fn suspect(&mut self, exchange: &Exchange, then: Reaction) {
        let kinds = [exchange.judgement.reaction, then].into_iter().filter_map(kind);
        self.suspicion.suspected.entry(exchange.request.clone()).or_default().extend(kinds.clone());
        if self.wavers() || self.suspicion.is_looking || self.stop.is_some() {
            return;
        }
        let is_excused = self.liveness.outages().any_near(self.ledger.requests());
        self.suspicion.excused += usize::from(is_excused);
        if is_excused && !(self.suspicion.excused >= MANY_EXCUSES && self.suspicion.excused.is_power_of_two()) {
            return;
        }
        let right = self.ledger.any_sign().filter(|sign| sign.request == exchange.request);
        // Of a request that is known to be accepted only the other kind is strange.
        let strange: Vec<usize> = match right {
            Some(_) => kinds.filter(|kind| KINDS[*kind] != Reaction::Accepted).collect(),
            None => kinds.collect(),
        };
        self.look_closer(&strange, is_excused);
    }

    /// So many outages may be none: a target that wavers looks so.
    pub(super) fn suspect_outages(&mut self) {
        let count = self.liveness.outages().count();
        if count >= MANY_OUTAGES && count.is_power_of_two() && !self.wavers() && !self.suspicion.is_looking {
            self.look_closer(&[], true);
        }
    }

    /// Whether a target that accepts nothing now, though it had, wavers: then all is asked anew.
    pub(crate) fn turns_out_to_waver(&mut self) -> bool {
        if self.stop.is_none() && !self.wavers() {
            self.look_closer(&[], true);
        }
        self.stop == Some(Stop::Anew)
    }

    /// Asks what is known to be accepted, and to be refused, often enough to tell how often that changes. Where it does, or is
    /// certain to, the conversation begins anew.
    fn look_closer(&mut self, strange: &[usize], is_doubtful: bool) {
        if !self.has_sample() {
            // It is looked again when something has been accepted.
            return;
        }
        self.suspicion.is_looking = true;
        let mut noise = Noise::default();
        let (mut others, mut asked, mut runs) = (0, 0, 0);
        let mut shown = None;
        for right in [Reaction::Accepted, Reaction::Refused] {
            let is_whole = self.sample(right);
            let sampled = std::mem::take(&mut self.suspicion.sampled);
            if self.stop.is_some() || (!is_whole && is_doubtful) {
                self.suspicion.is_looking = false;
                return;
            }
            let is_right = |exchange: &Rc<Exchange>| exchange.judgement.reaction == right;
            let (all, good) = (number_of(&sampled, |_| true), number_of(&sampled, is_right));
            let Some(kind) = kind(right).filter(|_| f64::from(good) >= f64::from(all) * LEAST_SHARE) else { continue };
            noise.count(kind, &counts(&sampled));
            noise.count_flaws(kind, &sampled);
            (others, asked) = (others + all - good, asked + all);
            runs += sampled
                .chunk_by(|one, other| is_right(one) == is_right(other))
                .filter(|run| !is_right(&run[0]))
                .count();
            if let (Some(one), Some(other)) = (
                sampled.iter().find(|exchange| is_right(exchange)),
                sampled.iter().find(|exchange| !is_right(exchange)),
            ) {
                shown.get_or_insert((one.clone(), other.judgement.reaction));
            }
        }
        self.suspicion.is_looking = false;
        // One row of wrong answers may well be another outage.
        if is_doubtful && runs < 2 {
            return;
        }
        for kind in strange {
            noise.note(*kind);
        }
        self.suspicion.share = (others, asked);
        self.suspicion.noise = Some(noise);
        if let Some((exchange, then)) = shown {
            // It wavers wherever it is asked.
            self.suspicion.told.insert(None);
            self.record_inconsistency(None, &exchange, then);
        }
        self.begin_over();
    }

    fn has_sample(&self) -> bool {
        self.accepted_request(0).is_some()
    }

    fn accepted_request(&self, number: usize) -> Option<Request> {
        let repeatable = self.ledger.accepted().filter(|request| self.ledger.is_answered_alike(request)).cloned();
        repeatable.or_else(|| self.suspicion.accepted.as_ref()?.nth(number))
    }

    fn refused_request(&self) -> Option<Request> {
        self.suspicion.refused.clone()
    }

    /// Asks a sample; false where nobody was there.
    fn sample(&mut self, right: Reaction) -> bool {
        let mut number = 0;
        loop {
            let silent = number_of(&self.suspicion.sampled, |exchange| exchange.outcome == Outcome::Timeout);
            if number_of(&self.suspicion.sampled, |_| true) >= SAMPLE || silent >= ENOUGH_SILENCE {
                return true;
            }
            let batch: Vec<Request> = (0..BATCH)
                .filter_map(|offset| match right {
                    Reaction::Accepted => self.next_sample(number + offset),
                    _ => self.refused_request(),
                })
                .collect();
            number += BATCH;
            if batch.is_empty() {
                return true;
            }
            let heard = self.transmit(&batch, |_| Scope::Operation);
            if self.stop.is_some() || heard.is_empty() {
                return false;
            }
            for exchange in heard.values() {
                if matches!(exchange.outcome, Outcome::Unreachable(_)) {
                    return false;
                }
                // What is made in vain because there is such a thing already was not wavered about.
                if !is_about_the_state(exchange) {
                    self.suspicion.sampled.push(exchange.clone());
                }
            }
        }
    }

    fn next_sample(&self, number: usize) -> Option<Request> {
        self.accepted_request(number).filter(|request| !self.ledger.is_spent(request))
    }

    /// Ends what is being done, because it has to be done again with what is known now.
    pub(super) fn begin_over(&mut self) {
        if self.stop.is_none() {
            self.stop = Some(Stop::Anew);
            let (others, asked) = self.suspicion.share;
            self.tell(&Event::Wavers { others, asked });
        }
    }

    /// So many failures in a row are looked into before more is sent.
    pub(super) fn longest_row(&self) -> usize {
        let by_chance = self.suspicion.noise.as_ref().map(Noise::longest_row);
        by_chance.map_or(self.liveness.row(), |row| row.max(self.voting.longest_row()))
    }

    /// So often it is asked in vain before a target that wavers is said not to be there.
    pub(super) fn longest_row_by_chance(&self) -> usize {
        self.suspicion.noise.as_ref().map_or(1, Noise::longest_row)
    }

    /// So many refusals in a row of a caller whom the target knows are none by chance.
    pub(super) fn most_refusals_by_chance(&self) -> usize {
        self.suspicion.noise.as_ref().map_or(REFUSALS, Noise::longest_row_of_refusals)
    }

    /// Remembers what is known to be accepted, or refused, for the day when answers change.
    pub(super) fn learn_sample(&mut self, ask: &Ask, exchange: &Exchange) {
        let is_plain = ask.scope.is_of_the_service() && exchange.judgement.defects.is_empty();
        match exchange.judgement.reaction {
            Reaction::Accepted if is_plain && !ask.request.is_repeatable() && self.suspicion.accepted.is_none() => {
                let repeated = || Variant::repeated(ask.request.clone());
                self.suspicion.accepted = Some(ask.variant.clone().unwrap_or_else(repeated));
            }
            Reaction::Refused if is_plain && ask.expect == Expect::Refused && self.suspicion.refused.is_none() => {
                self.suspicion.refused = Some(ask.request.clone());
            }
            _ => {}
        }
    }

    /// Whether the conversation begins anew; then it does.
    pub(crate) fn begins_anew(&mut self) -> bool {
        if self.stop != Some(Stop::Anew) {
            return false;
        }
        self.stop = None;
        for (request, exchange) in self.queue.begin_anew() {
            self.poll_of(&request).add(&exchange);
        }
        self.begin_anew();
        self.forget_confirmed();
        // What looked like outages was none.
        self.liveness = super::Liveness::default();
        self.login.begin_anew();
        true
    }
}

/// Whether a refusal is about the state that things are in.
pub(super) fn is_about_the_state(exchange: &Exchange) -> bool {
    matches!(&exchange.outcome, Outcome::Answer(answer) if matches!(answer.status, 409 | 412 | 423 | 428))
}

fn number_of(sampled: &[Rc<Exchange>], is_meant: impl Fn(&Rc<Exchange>) -> bool) -> u32 {
    u32::try_from(sampled.iter().filter(|exchange| is_meant(exchange)).count()).unwrap_or(u32::MAX)
}

fn counts(sampled: &[Rc<Exchange>]) -> Counts {
    KINDS.map(|kind| number_of(sampled, |exchange| exchange.judgement.reaction == kind))
}
