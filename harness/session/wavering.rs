//! Wavering: how often a target gives another answer than the right one, and what so many answers to one request tell of it.
//!
//! Pure; knows kinds of answers, and neither rules nor what was expected. Each kind comes now and then in the place of the
//! right one: how often, is counted where the right one is known. Of one request that kind is believed to be right beside
//! which every other explains what came so much worse as the caller demands.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Exchange;
use crate::oracle::{Defect, DefectKey, Reaction};

/// What an answer may be.
pub(super) const KINDS: [Reaction; 5] =
    [Reaction::Accepted, Reaction::Refused, Reaction::Crashed, Reaction::TimedOut, Reaction::Dropped];
const ACCEPTED: usize = 0;
const REFUSED: usize = 1;
/// A request is not asked about more often.
const MOST_VOTES: u32 = 256;
/// With fewer answers chance may make a request look worse than it is.
const FEW: u32 = 32;
/// How often a kind that never came in the place of another may do so nevertheless.
const RARE: f64 = 0.0005;
/// The same of one that did, where nothing tells how often.
const UNCOUNTED: f64 = 0.05;
/// The same of a request that was seen to be answered so and so, while others were not.
const LOCAL: f64 = 0.3;
/// What would come so rarely by chance is no chance.
const UNLIKELY: f64 = 0.01;

/// Answers by kind.
pub(super) type Counts = [u32; KINDS.len()];

pub(super) fn kind(reaction: Reaction) -> Option<usize> {
    KINDS.iter().position(|kind| *kind == reaction)
}

fn is_failure(kind: usize) -> bool {
    KINDS[kind].is_failure()
}

/// How often what comes is not what is right.
#[derive(Debug, Clone, Default)]
pub(super) struct Noise {
    /// How often each kind came where another, or it itself, was right.
    came: [Counts; KINDS.len()],
    /// The kinds that came in the place of others.
    seen: [bool; KINDS.len()],
    /// At most so often something is wrong with an answer where it mostly is not.
    flaws: BTreeMap<DefectKey, f64>,
}

impl Noise {
    /// Takes up a kind that came in the place of another; whether that is new.
    pub(super) fn note(&mut self, kind: usize) -> bool {
        !std::mem::replace(&mut self.seen[kind], true)
    }

    /// Takes up answers to requests of which this kind is right; whether one came in its place that never had.
    pub(super) fn count(&mut self, right: usize, counts: &Counts) -> bool {
        let mut is_new = false;
        for (kind, count) in counts.iter().enumerate() {
            self.came[right][kind] += count;
            is_new |= kind != right && *count > 0 && self.note(kind);
        }
        is_new
    }

    /// Takes up what was wrong with some of the answers to requests of which this kind is right, and not with most of them. What
    /// came in the place of the right ones comes so in the place of others, too, and what is wrong with it is no other's fault.
    pub(super) fn count_flaws(&mut self, right: usize, answers: &[Rc<Exchange>]) {
        let is_right = |exchange: &&Rc<Exchange>| kind(exchange.judgement.reaction) == Some(right);
        let (right, others): (Vec<_>, Vec<_>) = answers.iter().partition(is_right);
        for (flawed, asked) in [(&right, right.len()), (&others, answers.len())] {
            let mut times: BTreeMap<DefectKey, u32> = BTreeMap::new();
            for defect in flawed.iter().flat_map(|exchange| &exchange.judgement.defects) {
                *times.entry(defect.key()).or_default() += 1;
            }
            let asked = u32::try_from(asked).unwrap_or(u32::MAX);
            for (flaw, times) in times.into_iter().filter(|(_, times)| *times <= asked / 2) {
                let rate = self.flaws.entry(flaw).or_default();
                *rate = rate.max(at_most(times, asked));
            }
        }
    }

    fn flaw_rate(&self, defect: &Defect) -> f64 {
        let rate = self.flaws.get(&defect.key()).copied().unwrap_or_default();
        rate.clamp(UNCOUNTED, 0.5)
    }

    /// At most so often a kind comes in the place of another.
    fn rate(&self, kind: usize) -> f64 {
        // What takes a legal request for an illegal one does as much the other way round, as long as nothing is known of that.
        let is_guessed = kind == ACCEPTED && self.came[REFUSED].iter().sum::<u32>() < FEW;
        let guess = if is_guessed { self.rate(REFUSED) } else { RARE };
        if !self.seen[kind] {
            return guess;
        }
        let others = || (0..KINDS.len()).filter(|right| *right != kind).map(|right| &self.came[right]);
        let asked: u32 = others().flatten().sum();
        let rate = if asked == 0 { UNCOUNTED } else { at_most(others().map(|counts| counts[kind]).sum(), asked) };
        rate.max(guess)
    }

    fn rates(&self) -> Rates {
        std::array::from_fn(|kind| self.rate(kind))
    }

    /// So many failures in a row are none by chance.
    pub(super) fn longest_row(&self) -> usize {
        let rate: f64 = (0..KINDS.len()).filter(|kind| is_failure(*kind)).map(|kind| self.rate(kind)).sum();
        row(rate)
    }

    /// The same of refusals.
    pub(super) fn longest_row_of_refusals(&self) -> usize {
        row(self.rate(REFUSED))
    }
}

/// The shortest and the longest row of wrong answers that is looked into.
const SHORTEST_ROW: u32 = 4;
const LONGEST_ROW: u32 = 64;

/// How many in a row of what comes this often come by chance once in a million times.
fn row(rate: f64) -> usize {
    let once = rate.clamp(RARE, 0.99).ln();
    let is_enough = |times: &u32| f64::from(*times) * once <= -Confidence::Sure.logarithm();
    let times = (SHORTEST_ROW..LONGEST_ROW).find(is_enough).unwrap_or(LONGEST_ROW);
    usize::try_from(times).unwrap_or(usize::MAX)
}

/// The share that so many of so many may be of, at the most: two standard deviations above what it looks like.
pub(super) fn at_most(strange: u32, asked: u32) -> f64 {
    let all = f64::from(asked) + 2.0;
    let share = (f64::from(strange) + 1.0) / all;
    (share + 2.0 * (share * (1.0 - share) / all).sqrt()).min(0.98)
}

type Rates = [f64; KINDS.len()];

/// How sure it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confidence {
    /// All else is a thousand times less likely.
    Fair,
    /// A million times: what is held against a target.
    Sure,
}

impl Confidence {
    fn logarithm(self) -> f64 {
        match self {
            Self::Fair => 1e3_f64.ln(),
            Self::Sure => 1e6_f64.ln(),
        }
    }
}

/// What answers come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaning {
    /// This kind is the right one.
    Decided(usize),
    /// More of them may tell.
    Open,
    /// As many as may be asked for will not tell.
    Hopeless,
}

/// What is wrong with an answer, and the exchange that shows it.
pub(super) type Flaw = (Defect, Rc<Exchange>);

/// What came of one request so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Poll {
    votes: Counts,
    /// What has been taken up into the noise.
    counted: Counts,
    /// Of each kind the first exchange.
    shown: [Option<Rc<Exchange>>; KINDS.len()],
    /// What was wrong with answers of a kind, and with how many of them.
    flaws: BTreeMap<(usize, DefectKey), (u32, Flaw)>,
    /// Kinds that came of this very request when others were not seen to waver.
    suspects: [bool; KINDS.len()],
}

impl Poll {
    pub(super) fn suspect(&mut self, kind: usize) {
        self.suspects[kind] = true;
    }

    pub(super) fn add(&mut self, exchange: &Rc<Exchange>) {
        let Some(kind) = kind(exchange.judgement.reaction) else { return };
        self.votes[kind] += 1;
        self.shown[kind].get_or_insert_with(|| exchange.clone());
        for defect in &exchange.judgement.defects {
            let first = || (0, (defect.clone(), exchange.clone()));
            self.flaws.entry((kind, defect.key())).or_insert_with(first).0 += 1;
        }
    }

    /// Takes an answer back that was none of the target's own.
    pub(super) fn take_back(&mut self, kind: usize) {
        self.votes[kind] = self.votes[kind].saturating_sub(1);
    }

    /// Whether what came was not always the same.
    pub(super) fn is_divided(&self) -> bool {
        self.votes.iter().filter(|count| **count > 0).count() > 1
    }

    /// An exchange of a kind.
    pub(super) fn shown(&self, kind: usize) -> Option<Rc<Exchange>> {
        self.shown[kind].clone()
    }

    /// An exchange of each kind that came, the most frequent first.
    pub(super) fn all_shown(&self) -> Vec<Rc<Exchange>> {
        let mut kinds: Vec<usize> = (0..KINDS.len()).filter(|kind| self.votes[*kind] > 0).collect();
        kinds.sort_by_key(|kind| std::cmp::Reverse(self.votes[*kind]));
        kinds.into_iter().filter_map(|kind| self.shown(kind)).collect()
    }

    /// The votes since this was asked last.
    pub(super) fn uncounted(&mut self) -> Counts {
        let counts = std::array::from_fn(|kind| self.votes[kind].saturating_sub(self.counted[kind]));
        self.counted = self.votes;
        counts
    }

    fn count(&self) -> u32 {
        self.votes.iter().sum()
    }

    /// What they come to; `demanded` says how sure each kind has to be.
    pub(super) fn leaning(&self, noise: &Noise, demanded: impl Fn(usize) -> Confidence) -> Leaning {
        let (plain, count) = (noise.rates(), self.count());
        if count == 0 {
            return Leaning::Open;
        }
        let rates = self.own_rates(&plain);
        let (likelihoods, best) = self.likelihoods(&rates);
        let kinds = || 0..KINDS.len();
        let wanted = demanded(best).logarithm();
        let mut rivals =
            kinds().filter(|rival| *rival != best && likelihoods[best] - likelihoods[*rival] < wanted).peekable();
        if rivals.peek().is_none() {
            return Leaning::Decided(best);
        }
        let judged = if count < FEW { &plain } else { &rates };
        let is_far = |rival: usize| telling(best, rival, judged) * f64::from(MOST_VOTES) < wanted;
        if count >= MOST_VOTES || rivals.any(is_far) { Leaning::Hopeless } else { Leaning::Open }
    }

    /// How well each kind explains what came, as a logarithm, and which explains it best.
    fn likelihoods(&self, rates: &Rates) -> (Rates, usize) {
        let kinds = || 0..KINDS.len();
        let likelihoods: Rates = std::array::from_fn(|right| {
            kinds().map(|kind| f64::from(self.votes[kind]) * chance(kind, right, rates).ln()).sum()
        });
        let best = kinds().max_by(|one, other| likelihoods[*one].total_cmp(&likelihoods[*other]));
        (likelihoods, best.unwrap_or_default())
    }

    /// The rates for this request: where more came than they explain in the best case, it wavers more than others.
    fn own_rates(&self, plain: &Rates) -> Rates {
        let count = self.count();
        let most = self.votes.iter().copied().max().unwrap_or_default();
        let (_, best) = self.likelihoods(plain);
        let is_beyond =
            |kind: usize| kind != best && self.votes[kind] > 0 && tail(count, self.votes[kind], plain[kind]) < UNLIKELY;
        let is_local = (0..KINDS.len()).any(is_beyond);
        let share = |votes: u32| (f64::from(votes) + 1.0) / (f64::from(count) + 2.0);
        let minority = share(count - most);
        std::array::from_fn(|kind| {
            let suspected = if self.suspects[kind] { LOCAL } else { 0.0 };
            let own = if is_local && self.votes[kind] > 0 { share(self.votes[kind]).min(minority) } else { 0.0 };
            plain[kind].max(suspected).max(own)
        })
    }

    /// What is wrong with the answers of a kind for sure, and whether more of them would tell of something not `known`.
    pub(super) fn flaws(&self, noise: &Noise, kind: usize, known: impl Fn(&Defect) -> bool) -> (Vec<Flaw>, bool) {
        let (mut sure, mut is_open) = (Vec::new(), false);
        let of_kind = self.flaws.iter().filter(|((other, ..), (_, (defect, _)))| *other == kind && !known(defect));
        for (_, (times, flaw)) in of_kind {
            let (with, without) = (f64::from(*times), f64::from(self.votes[kind].saturating_sub(*times)));
            let rate = noise.flaw_rate(&flaw.0);
            let odds = (with - without) * ((1.0 - rate) / rate).ln();
            if odds >= Confidence::Sure.logarithm() {
                sure.push(flaw.clone());
            } else if odds > -Confidence::Fair.logarithm() && self.votes[kind] < MOST_VOTES / 4 {
                is_open = true;
            }
        }
        (sure, is_open)
    }
}

/// How likely an answer of a kind is where another, or it itself, is right.
fn chance(kind: usize, right: usize, rates: &Rates) -> f64 {
    if kind != right {
        return rates[kind];
    }
    let others: f64 = (0..KINDS.len()).filter(|other| *other != right).map(|other| rates[other]).sum();
    (1.0 - others).max(0.01)
}

/// What one answer more is worth for telling a right kind from a rival; nothing where the rival would give it as often.
fn telling(right: usize, rival: usize, rates: &Rates) -> f64 {
    if chance(right, right, rates) <= chance(right, rival, rates) {
        return 0.0;
    }
    let worth = |kind: usize| {
        let (here, there) = (chance(kind, right, rates), chance(kind, rival, rates));
        here * (here / there).ln()
    };
    (0..KINDS.len()).map(worth).sum()
}

/// At most so likely it is that of so many answers so many or more are of a kind with this rate.
fn tail(count: u32, times: u32, rate: f64) -> f64 {
    let ways: f64 = (0..times).map(|drawn| f64::from(count - drawn) / f64::from(drawn + 1)).product();
    ways * rate.powi(i32::try_from(times).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::exchange::{Outcome, Request};
    use crate::oracle::Judgement;
    use crate::rule::{Keyword, RESPONSE_REFUSAL};

    /// A refusal with a status that no document has for it, or an ordinary answer.
    fn answer(reaction: Reaction, is_flawed: bool) -> Rc<Exchange> {
        let request = Request { method: "PUT".to_owned(), path: "/".to_owned(), headers: Vec::new(), body: None };
        let flaw = || Defect::whole(RESPONSE_REFUSAL, Keyword::Status, "a refusal has a 4xx status", "status 302");
        let defects = is_flawed.then(flaw).into_iter().collect();
        let judgement = Judgement { defects, ..Judgement::without_answer(reaction) };
        Rc::new(Exchange { request, outcome: Outcome::Timeout, elapsed: Duration::ZERO, judgement, number: 0 })
    }

    /// What comes in the place of an accepted answer comes in that of a refusal, too: some of it in a row is none's fault.
    #[test]
    fn what_is_wrong_with_answers_in_the_place_of_others_is_wavering() {
        let sampled: Vec<Rc<Exchange>> = (0..120)
            .map(
                |number| {
                    if number % 3 == 0 { answer(Reaction::Refused, true) } else { answer(Reaction::Accepted, false) }
                },
            )
            .collect();
        let mut noise = Noise::default();
        noise.count_flaws(ACCEPTED, &sampled);
        let poll = |flawed: usize, sound: usize| {
            let mut poll = Poll::default();
            (0..flawed).for_each(|_| poll.add(&answer(Reaction::Refused, true)));
            (0..sound).for_each(|_| poll.add(&answer(Reaction::Refused, false)));
            poll
        };
        let is_sure = |noise: &Noise, flawed, sound| !poll(flawed, sound).flaws(noise, REFUSED, |_| false).0.is_empty();
        assert!(is_sure(&Noise::default(), 6, 0));
        for (flawed, sound) in [(6, 0), (9, 2), (20, 40)] {
            assert!(!is_sure(&noise, flawed, sound), "{flawed} of {sound}");
        }
        // Of a service that always answers so it is told all the same.
        assert!(is_sure(&noise, 60, 0));
    }
}
