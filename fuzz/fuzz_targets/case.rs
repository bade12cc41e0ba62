//! Arbitrary choices: the case that they give breaks exactly the rules that it names, no more and no less.
#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use fencepost::Contract;
use fencepost::generate::{Choices, Generator, RawChoices};
use fencepost::validate::Judge;
use libfuzzer_sys::fuzz_target;

static GENERATOR: LazyLock<Generator> = LazyLock::new(|| Generator::new(&Contract::shipped()));
static JUDGE: LazyLock<Judge> = LazyLock::new(|| Judge::new(GENERATOR.operation()));

/// None, one, or several: one stands for most of what is worth a test.
const COUNTS: [usize; 4] = [0, 1, 1, 3];

fuzz_target!(|choices: RawChoices| {
    let mut choices = Choices::new(&choices.0);
    let count = COUNTS[choices.pick(COUNTS.len())];
    let case = GENERATOR.violating(&mut choices, count);
    let text = case.body.render();
    let body = serde_json::from_str(&text).expect("a case is JSON");
    let broken: BTreeSet<_> =
        JUDGE.violations(&body).into_iter().map(|violation| (violation.place, violation.keyword)).collect();
    let named: BTreeSet<_> = case
        .broken
        .iter()
        .map(|rule| &GENERATOR.rules()[*rule])
        .map(|rule| (rule.place.clone(), rule.keyword))
        .collect();
    assert_eq!(broken, named, "{text}");
    assert_eq!(case.broken.len(), count, "{text}");
});
