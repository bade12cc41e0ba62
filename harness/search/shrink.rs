//! Shrinking: the simplest case that still shows what a case showed.
//!
//! Knows neither targets nor verdicts, only a question that a case answers with yes or no; each question may cost a request,
//! so there is an end to them.

use crate::contract::{Operation, Step};
use crate::generate::{Case, Choices, Generator, Span, Splice, Trace};

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
}

/// How much may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// How many questions.
    pub questions: usize,
    /// How many of them may be answered with yes: where that means a time limit, it is the dear answer.
    pub failures: usize,
}

/// The simplest case for which `fails` still says yes, within the budget. The rules that it breaks stay the
/// same ones.
pub fn shrink(
    generator: &Generator,
    attempt: Attempt,
    budget: Budget,
    fails: &mut dyn FnMut(&Case) -> bool,
) -> Attempt {
    let mut shrinking = Shrinking { generator, best: attempt, left: budget, fails };
    shrinking.places();
    shrinking.elements();
    shrinking.numbers();
    shrinking.best
}

struct Shrinking<'a> {
    generator: &'a Generator,
    best: Attempt,
    left: Budget,
    fails: &'a mut dyn FnMut(&Case) -> bool,
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
            let Some(simpler) = self.without_element(number) else { continue };
            self.adopt(simpler);
        }
    }

    /// The case without the element that this span is about.
    fn without_element(&self, number: usize) -> Option<Attempt> {
        let (operation, trace) = (self.generator.operation(), &self.best.trace);
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
        Some(Attempt::new(self.generator, self.best.violations, Choices::new(&numbers)))
    }

    /// Simplifies single choices: what is there holds the ordinary, and a rule is broken in the simplest way.
    fn numbers(&mut self) {
        let mut at = 0;
        while at < self.best.trace.numbers.len() {
            if self.best.trace.numbers[at] != 0 {
                let mut numbers = self.best.trace.numbers.clone();
                numbers[at] = 0;
                let simpler = Attempt::new(self.generator, self.best.violations, Choices::new(&numbers));
                self.adopt(simpler);
            }
            at += 1;
        }
    }

    fn adopt(&mut self, simpler: Attempt) -> bool {
        let same_rules = simpler.case.broken == self.best.case.broken;
        if !same_rules || simpler.trace == self.best.trace {
            return false;
        }
        // The same bytes need no asking.
        if simpler.case.body != self.best.case.body {
            if self.left.questions == 0 || self.left.failures == 0 {
                return false;
            }
            self.left.questions -= 1;
            if !(self.fails)(&simpler.case) {
                return false;
            }
            self.left.failures -= 1;
        }
        self.best = simpler;
        true
    }
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
            let shrunk = shrink(&generator, attempt, MANY, &mut |case| {
                asked += 1;
                holds(case)
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
        shrink(&generator, random(&generator, 1, 0), Budget { failures: 2, ..MANY }, &mut |case| {
            let fails = case.body.render().contains("name");
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
