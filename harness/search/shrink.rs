//! Shrinking: the simplest case that still shows what a case showed.
//!
//! Knows neither targets nor verdicts, only a question that a case answers with yes or no; each question may cost a request,
//! so there is an end to them.

use std::collections::HashSet;

use crate::contract::{Operation, Step};
use crate::generate::{Case, Choices, Generator, Span, Splice, Trace};
use crate::json::Json;

/// A case with the choices that it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// How many rules it was asked to break.
    pub violations: usize,
    /// What is sent.
    pub case: Case,
    /// What it was made of.
    pub trace: Trace,
}

impl Attempt {
    /// The case that these choices give.
    pub fn new(generator: &Generator, violations: usize, choices: Choices<'_>) -> Self {
        let mut choices = choices.recorded();
        let case = generator.violating(&mut choices, violations);
        Self { violations, case, trace: choices.into_trace() }
    }

    /// Whether the same rules are broken in a simpler case: less of it is out of the ordinary, or it is shorter.
    fn is_simpler_than(&self, other: &Self) -> bool {
        let measure = |attempt: &Self| {
            let numbers = &attempt.trace.numbers;
            let odd = numbers.iter().filter(|number| **number != 0).count();
            let sum: u64 = numbers.iter().map(|number| u64::from(*number)).sum();
            (odd, attempt.case.body.render().len(), sum, numbers.len())
        };
        self.case.broken == other.case.broken && measure(self) < measure(other)
    }
}

/// How much may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// How many questions.
    pub questions: usize,
    /// How many of them may be answered with yes: where that means a time limit, it is the dear answer.
    pub failures: usize,
}

/// The simplest case for which `fails` still says yes, within the budget: no single step makes it simpler. The rules that it
/// breaks stay the same ones.
pub fn shrink(
    generator: &Generator,
    attempt: Attempt,
    budget: Budget,
    fails: &mut dyn FnMut(&Attempt) -> bool,
) -> Attempt {
    let mut shrinking = Shrinking { generator, best: attempt, left: budget, no: HashSet::new(), fails };
    loop {
        let before = shrinking.best.clone();
        shrinking.places();
        shrinking.elements();
        shrinking.numbers();
        shrinking.letters();
        if shrinking.best == before {
            return before;
        }
    }
}

struct Shrinking<'a> {
    generator: &'a Generator,
    best: Attempt,
    left: Budget,
    /// Bodies for which the answer was no.
    no: HashSet<Json>,
    fails: &'a mut dyn FnMut(&Attempt) -> bool,
}

impl Shrinking<'_> {
    /// Empties places, the outermost first and many at a time, then ever fewer.
    fn places(&mut self) {
        let mut depth = 0;
        loop {
            let mut share = self.filled(depth).len();
            if share == 0 {
                return;
            }
            while share > 0 {
                let mut from = 0;
                loop {
                    let filled = self.filled(depth);
                    let Some(chunk) = filled.get(from..(from + share).min(filled.len())).filter(|it| !it.is_empty())
                    else {
                        break;
                    };
                    let splices: Vec<Splice<'_>> = chunk.iter().map(|span| (*span, &[][..])).collect();
                    let simpler = Attempt::new(
                        self.generator,
                        self.best.violations,
                        Choices::spliced(&self.best.trace, &splices),
                    );
                    if !self.adopt(simpler) {
                        from += share;
                    }
                }
                share /= 2;
            }
            depth += 1;
        }
    }

    /// The numbers of the spans at a depth that hold anything but the simplest.
    fn filled(&self, depth: usize) -> Vec<usize> {
        let trace = &self.best.trace;
        let mut ends: Vec<usize> = Vec::new();
        let mut filled = Vec::new();
        for (number, span) in trace.spans.iter().enumerate() {
            ends.retain(|end| *end >= number);
            // The first is the choice of the broken rules, which is not ours to change.
            if ends.len() == depth && number > 0 && is_filled(trace, span) {
                filled.push(number);
            }
            ends.push(number + span.inner);
        }
        filled
    }

    /// Takes elements out of arrays: emptied they would still be counted.
    fn elements(&mut self) {
        let mut number = self.best.trace.spans.len();
        while number > 0 {
            number -= 1;
            let Some(simpler) = without_element(self.generator, &self.best, number) else { continue };
            self.adopt(simpler);
        }
    }

    /// Simplifies single choices as far as they go: what is there holds the ordinary, a rule is broken in the simplest way.
    fn numbers(&mut self) {
        let mut at = 0;
        while at < self.best.trace.numbers.len() {
            let tried = smaller(self.best.trace.numbers[at]).collect::<Vec<_>>().into_iter();
            let adopted = tried.map(|number| with_choice(self.generator, &self.best, at, number)).collect::<Vec<_>>();
            // A number that could be made smaller may become smaller still.
            at += usize::from(!adopted.into_iter().any(|simpler| self.adopt(simpler)));
        }
    }

    /// Takes choices out of the innermost places, from the last on: letters out of texts.
    fn letters(&mut self) {
        let mut at = self.best.trace.numbers.len();
        while at > 0 {
            at -= 1;
            let fewer = without_choice(self.generator, &self.best, at);
            fewer.into_iter().any(|simpler| self.adopt(simpler));
            at = at.min(self.best.trace.numbers.len());
        }
    }

    fn adopt(&mut self, simpler: Attempt) -> bool {
        if !simpler.is_simpler_than(&self.best) || self.no.contains(&simpler.case.body) {
            return false;
        }
        // The same bytes need no asking.
        if simpler.case.body != self.best.case.body {
            if self.left.questions == 0 || self.left.failures == 0 {
                return false;
            }
            self.left.questions -= 1;
            if !(self.fails)(&simpler) {
                self.no.insert(simpler.case.body);
                return false;
            }
            self.left.failures -= 1;
        }
        self.best = simpler;
        true
    }
}

/// Smaller numbers to try in place of one, the smallest first.
fn smaller(number: u16) -> impl Iterator<Item = u16> {
    let mut tried: Vec<u16> = vec![0, number / 2, number.saturating_sub(1)];
    tried.dedup();
    tried.into_iter().filter(move |other| *other < number)
}

fn with_choice(generator: &Generator, attempt: &Attempt, at: usize, number: u16) -> Attempt {
    let mut numbers = attempt.trace.numbers.clone();
    numbers[at] = number;
    Attempt::new(generator, attempt.violations, Choices::new(&numbers))
}

/// The cases with one choice less in an innermost place, where one of its first choices may have been how many there are.
fn without_choice(generator: &Generator, attempt: &Attempt, at: usize) -> Vec<Attempt> {
    const FIRST: usize = 3;
    let trace = &attempt.trace;
    let innermost = |span: &Span| (span.start + 1..span.end).contains(&at) && span.inner == 0;
    let Some(number) = trace.spans.iter().position(innermost).filter(|number| *number > 0) else { return Vec::new() };
    let span = trace.spans[number];
    let counts = (span.start..at).take(FIRST).filter(|count| trace.numbers[*count] > 0);
    let without = |count: usize| {
        let mut own = trace.numbers[span.start..span.end].to_vec();
        own[count - span.start] -= 1;
        own.remove(at - span.start);
        Attempt::new(generator, attempt.violations, Choices::spliced(trace, &[(number, &own)]))
    };
    counts.map(without).collect()
}

/// The case without the element that this span is about.
fn without_element(generator: &Generator, attempt: &Attempt, number: usize) -> Option<Attempt> {
    let (operation, trace) = (generator.operation(), &attempt.trace);
    let span = trace.spans.get(number)?;
    if operation.place(span.place).step != Step::Element {
        return None;
    }
    // Before an array's first element stand its count and the choice of one of them.
    let array = trace.spans[..number]
        .iter()
        .rposition(|other| other.end >= span.end && Some(other.place) == operation.place(span.place).parent)?;
    let [count, one] = [2, 1].map(|back| trace.spans[array + 1].start.checked_sub(back));
    let mut numbers = trace.numbers.clone();
    numbers[count?] = numbers[count?].checked_sub(1)?;
    // The one that is broken is the last that is left, or keeps its number.
    numbers[one?] = numbers[one?].min(numbers[count?].saturating_sub(1));
    numbers.drain(span.start..span.end);
    Some(Attempt::new(generator, attempt.violations, Choices::new(&numbers)))
}

fn is_filled(trace: &Trace, span: &Span) -> bool {
    trace.numbers[span.start..span.end].iter().any(|number| *number != 0)
}

/// The innermost spans of a trace that hold anything but the simplest: what a shrunk case could not do without.
pub(super) fn essential(trace: &Trace) -> Vec<Span> {
    let filled = |span: &Span| span.place != Operation::ROOT && is_filled(trace, span);
    trace
        .spans
        .iter()
        .enumerate()
        .filter(|(number, span)| filled(span) && !trace.spans[number + 1..=number + span.inner].iter().any(filled))
        .map(|(_, span)| *span)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Contract;

    const MANY: Budget = Budget { questions: 300, failures: 300 };

    /// Every case that is one step simpler.
    fn steps(generator: &Generator, attempt: &Attempt) -> Vec<Attempt> {
        let trace = &attempt.trace;
        let spans = (1..trace.spans.len()).filter(|number| is_filled(trace, &trace.spans[*number]));
        let emptied =
            spans.map(|number| Attempt::new(generator, attempt.violations, Choices::spliced(trace, &[(number, &[])])));
        let elements = (0..trace.spans.len()).filter_map(|number| without_element(generator, attempt, number));
        let choices = 0..trace.numbers.len();
        let numbers = choices.clone().flat_map(|at| smaller(trace.numbers[at]).map(move |number| (at, number)));
        let numbers = numbers.map(|(at, number)| with_choice(generator, attempt, at, number));
        let letters = choices.flat_map(|at| without_choice(generator, attempt, at));
        emptied.chain(elements).chain(numbers).chain(letters).collect()
    }

    fn random(generator: &Generator, seed: u64, violations: usize) -> Attempt {
        let mut random = fastrand::Rng::with_seed(seed);
        let numbers: Vec<u16> = (0..1_500).map(|_| random.u16(..)).collect();
        Attempt::new(generator, violations, Choices::new(&numbers))
    }

    /// Shrinks bodies in which these pieces of text stand, and holds that little more than the pieces is left.
    #[track_caller]
    fn check(pieces: &[&str], wanted: &str) {
        let generator = Generator::new(&Contract::shipped());
        let holds = |case: &Case| pieces.iter().all(|piece| case.body.render().contains(piece));
        let mut tried = 0;
        for attempt in (0..400).map(|seed| random(&generator, seed, 0)).filter(|attempt| holds(&attempt.case)).take(5) {
            let mut asked = 0;
            let shrunk = shrink(&generator, attempt, MANY, &mut |attempt| {
                asked += 1;
                holds(&attempt.case)
            });
            assert_eq!(shrunk.case.body.render(), wanted, "after {asked} questions");
            assert!(asked <= 300);
            tried += 1;
        }
        assert_eq!(tried, 5);
    }

    #[test]
    fn one_value_is_left_alone_in_its_body() {
        check(&["\"type\":\"MIGRATE_BLOCK\""], r#"{"type":"MIGRATE_BLOCK"}"#);
        check(&["\"progress\":100"], r#"{"sub_tasks":[{"progress":100}]}"#);
        check(&["\"start_target_server\":true", "\"priority\":2"], r#"{"priority":2,"start_target_server":true}"#);
    }

    /// Holds that no single step makes a shrunk case simpler, whatever it fails for.
    #[track_caller]
    fn check_smallest(violations: usize, fails: impl Fn(&Case) -> bool) {
        const NO_END: Budget = Budget { questions: usize::MAX, failures: usize::MAX };
        let generator = Generator::new(&Contract::shipped());
        let failing = (0..200).map(|seed| random(&generator, seed, violations)).filter(|attempt| fails(&attempt.case));
        let mut tried = 0;
        for attempt in failing.take(3) {
            let shrunk = shrink(&generator, attempt, NO_END, &mut |attempt| fails(&attempt.case));
            for step in steps(&generator, &shrunk) {
                let simpler = step.is_simpler_than(&shrunk) && step.case.body != shrunk.case.body;
                assert!(!simpler || !fails(&step.case), "{:?} is simpler than {:?}", step.case, shrunk.case);
            }
            tried += 1;
        }
        assert_eq!(tried, 3);
    }

    #[test]
    fn a_shrunk_case_is_the_smallest_that_one_step_leads_to() {
        let text = |case: &Case| case.body.render();
        let longer = |case: &Case, length: usize| text(case).len() > length;
        check_smallest(0, |case| text(case).contains('\u{e9}'));
        check_smallest(0, |case| text(case).contains("\"os_type\"") && text(case).contains('\u{1f600}'));
        check_smallest(0, |case| longer(case, 300));
        check_smallest(0, |case| text(case).matches('[').count() > 1 && text(case).contains('7'));
        check_smallest(1, |case| !case.broken.is_empty() && longer(case, 100));
        // What is needed is there twice, so that the one must go for the other to stay.
        check_smallest(0, |case| text(case).matches("100").count() % 3 == 1);
    }

    #[test]
    fn the_broken_rule_stays_the_same() {
        let generator = Generator::new(&Contract::shipped());
        for seed in 0..50 {
            let attempt = random(&generator, seed, 1);
            let broken = attempt.case.broken.clone();
            let shrunk = shrink(&generator, attempt, MANY, &mut |_| true);
            assert_eq!(shrunk.case.broken, broken);
            let smallest = Attempt::new(&generator, 1, Choices::new(&shrunk.trace.numbers[..1]));
            assert_eq!(shrunk.case.body, smallest.case.body);
        }
    }

    #[test]
    fn no_more_is_answered_with_yes_than_allowed() {
        let generator = Generator::new(&Contract::shipped());
        let mut yes = 0;
        shrink(&generator, random(&generator, 1, 0), Budget { failures: 2, ..MANY }, &mut |attempt| {
            let fails = attempt.case.body.render().contains("name");
            yes += usize::from(fails);
            fails
        });
        assert_eq!(yes, 2);
    }

    #[test]
    fn no_more_is_asked_than_allowed() {
        let generator = Generator::new(&Contract::shipped());
        let mut asked = 0;
        shrink(&generator, random(&generator, 1, 0), Budget { questions: 7, ..MANY }, &mut |_| {
            asked += 1;
            false
        });
        assert_eq!(asked, 7);
    }
}
