//! Choices: cases of every density, and one that breaks a rule of each keyword.

use std::collections::BTreeSet;

use crate::contract::Contract;
use crate::generate::{Choices, Generator, RawChoices};

/// Choices for a body of some size; a fuzzer makes longer ones by itself.
const LONG: usize = 400;

pub(super) fn seeds(contract: &Contract) -> Vec<(String, Vec<u8>)> {
    let generator = Generator::new(contract);
    // The first choice is how many rules are broken; the next, which ones; then, how thickly members are sown.
    let mut seeds = vec![("smallest".to_owned(), vec![0])];
    seeds.extend((1..10).map(|density| {
        let head = [0, density];
        (format!("legal-{density}"), long(&head, u64::from(density)))
    }));
    let mut keywords = BTreeSet::new();
    for number in 0..=u16::MAX {
        let head = [1, number];
        let case = generator.drawn(&mut Choices::new(&head));
        // Past the last violation they begin again.
        if number > 0 && case == generator.drawn(&mut Choices::new(&[1, 0])) {
            break;
        }
        for rule in case.broken {
            let keyword = generator.rules()[rule].keyword;
            if keywords.insert(keyword) {
                seeds.push((format!("breaks-{keyword}"), head.to_vec()));
                seeds.push((format!("breaks-{keyword}-among-others"), long(&head, u64::from(number))));
            }
        }
    }
    seeds.push(("breaks-three".to_owned(), long(&[3], 3)));
    seeds.into_iter().map(|(name, numbers)| (name, RawChoices(numbers).to_bytes())).collect()
}

/// These choices, and more of which nobody has thought: the upper bits of a linear congruential generator.
fn long(head: &[u16], seed: u64) -> Vec<u16> {
    let step =
        |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    let drawn = std::iter::successors(step(&seed), step).map(|state| (state >> 48) as u16);
    head.iter().copied().chain(drawn).take(LONG).collect()
}
