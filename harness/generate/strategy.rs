//! The driver for proptest: a vector of choices is drawn, and shrinks, and the case with it.

use std::sync::Arc;

use proptest::prelude::{Just, Strategy, any};

use super::MOST_CHOICES;
use super::choices::Choices;
use super::payload::{Case, Generator};
use crate::contract::Contract;

/// Legal bodies, from `{}` to every place filled.
pub fn valid(contract: &Contract) -> impl Strategy<Value = Case> + use<> {
    let generator = Arc::new(Generator::new(contract));
    numbers().prop_map(move |numbers| generator.valid(&mut Choices::new(&numbers)))
}

/// Bodies that break exactly one rule, which the case names. However far a case shrinks, it breaks the same rule.
pub fn violating(contract: &Contract) -> impl Strategy<Value = Case> + use<> {
    let generator = Arc::new(Generator::new(contract));
    // The choice of the rule is drawn apart, because shrinking must not touch it.
    let rule = any::<u16>().no_shrink();
    (Just(generator), rule, numbers()).prop_map(|(generator, rule, numbers)| {
        let numbers: Vec<u16> = std::iter::once(rule).chain(numbers).collect();
        generator.violating(&mut Choices::new(&numbers), 1)
    })
}

/// Choices, few or many.
fn numbers() -> impl Strategy<Value = Vec<u16>> {
    proptest::collection::vec(any::<u16>(), 0..MOST_CHOICES)
}
