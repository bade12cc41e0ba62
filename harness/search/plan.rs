//! What to try next: new cases out of nothing, and variations of those whose answers showed something new.
//!
//! Pure: the same seed and the same answers give the same cases.

use std::collections::{HashMap, HashSet};

use super::feature::{Feature, Features};
use super::shrink::Attempt;
use crate::generate::{Choices, Generator, Splice, Trace};

/// More kinds of message than this under one status and error code are noise.
const MOST_KINDS: usize = 64;
/// One case in so many is made out of nothing, so that the search never stays where it is.
const ANEW: usize = 6;
/// Of so many traits of answers, drawn at random, the rarest is followed.
const TOURNAMENT: usize = 5;
/// One variation in so many breaks a rule where its parent broke none, or the other way round.
const TURN: usize = 8;
/// The span of the choice of the rules that are broken.
const RULES: usize = 0;
/// Numbers enough for a body of any size.
const LONGEST: usize = 1_500;

/// What a corpus keeps of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// How many rules it breaks.
    pub violations: usize,
    /// The choices that it is made of.
    pub choices: Vec<u16>,
    /// What its answer showed.
    pub features: Features,
}

/// Decides what to try next.
#[derive(Debug)]
pub struct Plan<'a> {
    generator: &'a Generator,
    random: fastrand::Rng,
    guided: bool,
    parents: Vec<(usize, Trace)>,
    seen: HashSet<Feature>,
    /// Traits of answers that were met: how often, and by which parents first.
    traits: Vec<Trait>,
    numbers: HashMap<Feature, usize>,
    /// How many kinds of answer each gist has had.
    kinds: HashMap<Feature, usize>,
}

#[derive(Debug, Default)]
struct Trait {
    met: u64,
    parents: Vec<usize>,
}

impl<'a> Plan<'a> {
    /// A plan that knows nothing yet. Without guidance every case is made out of nothing.
    pub fn new(generator: &'a Generator, seed: u64, guided: bool) -> Self {
        Self {
            generator,
            random: fastrand::Rng::with_seed(seed),
            guided,
            parents: Vec::new(),
            seen: HashSet::new(),
            traits: Vec::new(),
            numbers: HashMap::new(),
            kinds: HashMap::new(),
        }
    }

    /// Takes up what an earlier search kept.
    pub fn adopt(&mut self, entry: &Entry) {
        let attempt = Attempt::new(self.generator, entry.violations, Choices::new(&entry.choices));
        self.learn(&attempt, &entry.features);
    }

    /// Whether answers differ by more than chance: by status or error code.
    pub fn is_getting_on(&self) -> bool {
        self.kinds.len() > 1
    }

    /// The next case to try.
    pub fn propose(&mut self) -> Attempt {
        if self.parents.is_empty() || self.random.usize(..ANEW) == 0 {
            self.anew()
        } else {
            let parent = self.parent();
            self.variation(parent)
        }
    }

    /// Learns what the answer to a case showed; tells what to keep where that was new.
    pub fn learn(&mut self, attempt: &Attempt, features: &Features) -> Option<Entry> {
        let novel = self.see(features);
        if !self.guided {
            return None;
        }
        if !novel {
            self.simplify(attempt, features);
            return None;
        }
        let parent = self.parents.len();
        self.parents.push((attempt.violations, attempt.trace.clone()));
        for number in features.own.iter().filter_map(|own| self.numbers.get(own)) {
            let parents = &mut self.traits[*number].parents;
            // A legal one comes first: more can be varied in it without a word from the rule that it breaks.
            let leads = attempt.violations == 0 && parents.first().is_some_and(|first| self.parents[*first].0 > 0);
            parents.insert(if leads { 0 } else { parents.len() }, parent);
        }
        let choices = attempt.trace.numbers.clone();
        Some(Entry { violations: attempt.violations, choices, features: features.clone() })
    }

    /// Counts what an answer showed; tells whether any of it was new.
    fn see(&mut self, features: &Features) -> bool {
        let gist = features.own[0];
        let mut novel = false;
        self.kinds.entry(gist).or_default();
        for feature in features.iter().filter(|feature| !self.seen.contains(feature)).collect::<Vec<_>>() {
            if feature == gist || !features.own.contains(&feature) || self.is_worth_telling(gist) {
                novel |= self.seen.insert(feature);
            }
        }
        for own in features.own.iter().filter(|own| self.seen.contains(own)) {
            let number = *self.numbers.entry(*own).or_insert(self.traits.len());
            if number == self.traits.len() {
                self.traits.push(Trait::default());
            }
            self.traits[number].met += 1;
        }
        novel
    }

    /// Takes a simpler case in place of a parent that shows nothing else: the fewer places it fills, the likelier a variation
    /// is to change one that matters.
    fn simplify(&mut self, attempt: &Attempt, features: &Features) {
        let weight = |trace: &Trace| trace.numbers.iter().filter(|number| **number != 0).count();
        let Some(rarest) =
            features.own.iter().filter_map(|own| self.numbers.get(own)).min_by_key(|number| self.traits[**number].met)
        else {
            return;
        };
        for parent in self.traits[*rarest].parents.clone() {
            let (violations, trace) = &mut self.parents[parent];
            if *violations == attempt.violations && weight(&attempt.trace) < weight(trace) {
                *trace = attempt.trace.clone();
                return;
            }
        }
    }

    /// Whether one more kind of answer of this gist says anything.
    fn is_worth_telling(&mut self, gist: Feature) -> bool {
        let kinds = self.kinds.entry(gist).or_default();
        *kinds += 1;
        *kinds <= MOST_KINDS
    }

    /// The parent to vary: most often one that showed what was seen last, since that is how far the search has got; at times
    /// one that showed something rare, or any, because the latest may be a dead end.
    fn parent(&mut self) -> usize {
        let latest = self.traits.len() - 1;
        let number = match self.random.u8(..6) {
            0 => self.random.usize(..self.traits.len()),
            1 => {
                let drawn: Vec<usize> = (0..TOURNAMENT).map(|_| self.random.usize(..self.traits.len())).collect();
                drawn.into_iter().min_by_key(|number| self.traits[*number].met).unwrap_or(latest)
            }
            _ => {
                let mut back = 0;
                while back < latest && self.random.u8(..4) == 0 {
                    back += 1;
                }
                latest - back
            }
        };
        match &self.traits[number].parents[..] {
            [] => self.random.usize(..self.parents.len()),
            // The first is the one that is kept simple.
            parents if self.random.bool() => parents[0],
            parents => parents[self.random.usize(..parents.len())],
        }
    }

    fn anew(&mut self) -> Attempt {
        let violations = self.random.usize(..2);
        let numbers = self.draw(LONGEST, 0.9);
        Attempt::new(self.generator, violations, Choices::new(&numbers))
    }

    /// The parent with other choices in a few places.
    fn variation(&mut self, parent: usize) -> Attempt {
        let (mut violations, trace) = self.parents[parent].clone();
        let mut spans = Vec::new();
        while spans.is_empty() || (self.random.u8(..4) == 0 && spans.len() < 4) {
            spans.push(self.span(&trace));
        }
        if self.random.usize(..TURN) == 0 {
            violations = 1 - violations.min(1);
            spans.push(RULES);
        } else if violations > 0 && self.random.bool() {
            spans.push(RULES);
        }
        spans.sort_unstable();
        let mut replaced: Vec<(usize, Vec<u16>)> = Vec::new();
        for span in spans {
            let last = replaced.last().map(|(last, _)| last + trace.spans[*last].inner);
            if last.is_none_or(|last| span > last) {
                let fresh = if span == RULES { self.draw(2, 0.0) } else { self.other_choices(&trace, span) };
                replaced.push((span, fresh));
            }
        }
        let splices: Vec<Splice<'_>> = replaced.iter().map(|(span, fresh)| (*span, &fresh[..])).collect();
        Attempt::new(self.generator, violations, Choices::spliced(&trace, &splices))
    }

    /// A span to change: any, or one found from the outside in, so that the outer ones of a large body are not lost among the
    /// inner ones.
    fn span(&mut self, trace: &Trace) -> usize {
        if self.random.bool() {
            return self.random.usize(..trace.spans.len());
        }
        let mut within = 0..trace.spans.len();
        loop {
            let beside: Vec<usize> = std::iter::successors(Some(within.start), |span| {
                let next = span + trace.spans[*span].inner + 1;
                (next < within.end).then_some(next)
            })
            .collect();
            let chosen = beside[self.random.usize(..beside.len())];
            let inner = trace.spans[chosen].inner;
            if inner == 0 || self.random.bool() {
                return chosen;
            }
            within = chosen + 1..chosen + 1 + inner;
        }
    }

    fn other_choices(&mut self, trace: &Trace, number: usize) -> Vec<u16> {
        let span = trace.spans[number];
        let mut own = trace.numbers[span.start..span.end].to_vec();
        match self.random.u8(..10) {
            0 => Vec::new(),
            1 | 2 if !own.is_empty() => {
                let at = self.random.usize(..own.len());
                own[at] = self.number(0.1);
                own
            }
            3 => self.choices_of_another(trace, number).unwrap_or(own),
            _ => {
                // What is absent now may be large once it is there.
                let most = 16 << self.random.u8(..7);
                let mut fresh = self.draw(most, 0.4);
                if self.random.u8(..8) > 0 {
                    // The first of a place's choices is whether it is there; absent, it would show nothing.
                    fresh[0] = u16::MAX;
                }
                fresh
            }
        }
    }

    /// What another parent has at the same place.
    fn choices_of_another(&mut self, trace: &Trace, number: usize) -> Option<Vec<u16>> {
        let place = trace.spans[number].place;
        let (_, other) = &self.parents[self.random.usize(..self.parents.len())];
        let span = other.spans.iter().rev().find(|span| span.place == place)?;
        Some(other.numbers[span.start..span.end].to_vec())
    }

    /// So many numbers, or fewer, of which some share is 0: another one each time, up to `most`.
    fn draw(&mut self, count: usize, most: f64) -> Vec<u16> {
        let simplicity = self.random.f64() * most;
        let count = self.random.usize(count.min(2)..=count);
        (0..count).map(|_| self.number(simplicity)).collect()
    }

    /// 0 with this probability; else anything, and more often than by chance the last of the options.
    fn number(&mut self, simplicity: f64) -> u16 {
        if self.random.f64() < simplicity {
            0
        } else if self.random.u8(..8) == 0 {
            u16::MAX
        } else {
            self.random.u16(..)
        }
    }
}
