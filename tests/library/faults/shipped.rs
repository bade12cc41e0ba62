//! The faults of the shipped contract, in shares of about the same size.

use std::collections::BTreeSet;

use fencepost::Contract;
use fencepost::rule::{Keyword, Side};
use fencepost::stub::{Fault, faults};
use fencepost::suite::Suite;
use fencepost::verdict::Status;

use super::missed;
use crate::tested;

#[test]
fn the_clean_stub_keeps_every_firm_rule() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    let verdicts = tested::with(&suite, Vec::new());
    let found: Vec<String> =
        verdicts.findings.iter().map(|finding| format!("{}: {}", finding.id.short(), finding.observed)).collect();
    assert!(found.is_empty(), "{found:#?}");
    let unkept: Vec<_> = verdicts
        .rules
        .iter()
        .filter(|verdict| verdict.rule.standing.is_firm())
        .filter(|verdict| {
            [verdict.inside, verdict.outside].into_iter().flatten().any(|status| status != Status::Enforced)
        })
        .map(|verdict| (&verdict.rule.place, verdict.rule.keyword, verdict.inside, verdict.outside))
        .collect();
    assert!(unkept.is_empty(), "{unkept:#?}");
}

/// Which faults a test is about.
type Share = fn(&Fault) -> bool;

macro_rules! shares {
    ($($name:ident: $share:expr,)*) => {
        $(#[test]
        fn $name() {
            check($share);
        })*

        #[test]
        fn every_fault_is_in_one_share() {
            let shares: &[Share] = &[$($share),*];
            let faults = faults(&Contract::shipped());
            let ids: BTreeSet<String> = faults.iter().map(Fault::name).collect();
            assert_eq!(ids.len(), faults.len(), "two faults share a name");
            for fault in &faults {
                let count = shares.iter().filter(|share| share(fault)).count();
                assert_eq!(count, 1, "{}", fault.name());
            }
        }
    };
}

shares! {
    types_that_are_off: |fault| is(fault, Keyword::Type, Side::Outside) && fault.name().ends_with(":off"),
    types_that_take_more: |fault| is(fault, Keyword::Type, Side::Outside) && fault.name().contains(":takes-"),
    types_that_crash: |fault| is(fault, Keyword::Type, Side::Outside) && fault.name().ends_with(":crash"),
    types_that_refuse: |fault| is(fault, Keyword::Type, Side::Inside),
    mandatory_members: |fault| matches!(fault.found.keyword, Keyword::Required | Keyword::Connection),
    optional_members: |fault| fault.found.keyword == Keyword::Optional,
    nulls: |fault| fault.found.keyword == Keyword::Null,
    lengths_from_inside: |fault| is_length(fault) && fault.found.side == Side::Inside,
    lengths_from_outside: |fault| is_length(fault) && fault.found.side == Side::Outside,
    ranges: |fault| matches!(fault.found.keyword, Keyword::Minimum | Keyword::Maximum),
    listed_values: |fault| fault.found.keyword == Keyword::Enum,
    elements_of_arrays: |fault| fault.found.keyword == Keyword::Items,
    text: |fault| fault.found.keyword == Keyword::Text,
    silence: |fault| fault.found.keyword == Keyword::Timeout,
    pairs: |fault| fault.found.keyword == Keyword::Interaction,
    everything_else: |fault| !matches!(
        fault.found.keyword,
        Keyword::Type | Keyword::Required | Keyword::Connection | Keyword::Optional | Keyword::Null | Keyword::MinLength
            | Keyword::MaxLength | Keyword::Minimum | Keyword::Maximum | Keyword::Enum | Keyword::Items | Keyword::Text
            | Keyword::Timeout | Keyword::Interaction
    ),
}

fn is(fault: &Fault, keyword: Keyword, side: Side) -> bool {
    fault.found.keyword == keyword && fault.found.side == side
}

fn is_length(fault: &Fault) -> bool {
    matches!(fault.found.keyword, Keyword::MinLength | Keyword::MaxLength)
}

#[track_caller]
fn check(share: Share) {
    let contract = Contract::shipped();
    let faults = faults(&contract);
    let wrong = missed(&contract, faults.iter().filter(|fault| share(fault)));
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}
