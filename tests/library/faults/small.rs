//! The faults of the small contracts: a test for each that is a file, and one for each kind of those that are made.

use fencepost::stub::faults;

use super::missed;
use crate::shelf::{self, loaded};

macro_rules! files {
    ($($name:ident,)*) => {
        $(#[test]
        fn $name() {
            let found = shelf::FILES.iter().find(|(name, _)| *name == stringify!($name));
            let (_, text) = found.expect("the contract is on the shelf");
            check([(*text).to_owned()]);
        })*

        #[test]
        fn every_file_has_a_test() {
            let tested = [$(stringify!($name)),*];
            assert_eq!(shelf::FILES.map(|(name, _)| name), tested);
        }
    };
}

files! {
    arrays,
    bounds,
    choices,
    deep,
    doubts,
    names,
    parameters,
    small,
}

macro_rules! kinds {
    ($($test:ident: $kind:path,)*) => {
        $(#[test]
        fn $test() {
            check($kind());
        })*

        #[test]
        fn every_kind_has_a_test() {
            let tested = [$(stringify!($test)),*];
            assert_eq!(shelf::MADE.map(|(name, _)| format!("of_{name}")), tested);
        }
    };
}

kinds! {
    of_bodies: shelf::bodies,
    of_parameters: shelf::parameters,
    of_answers: shelf::answers,
    of_texts: shelf::texts,
    of_integers: shelf::integers,
    of_numbers: shelf::numbers,
    of_containers: shelf::containers,
}

#[track_caller]
fn check(contracts: impl IntoIterator<Item = String>) {
    let mut count = 0;
    let mut wrong = Vec::new();
    for text in contracts {
        let contract = loaded("small.yaml", &text);
        let faults = faults(&contract);
        count += faults.len();
        let missed = missed(&contract, faults.iter());
        if !missed.is_empty() {
            wrong.push(format!("{text}{}\n", missed.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "of {count} faults:\n{}", wrong.join("\n"));
}
