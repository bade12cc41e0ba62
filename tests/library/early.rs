//! A run that ends early blames nobody for what it did not find out any more.

use fencepost::Contract;
use fencepost::request_context::RequestContext;
use fencepost::stub::{Fault, InProcess, Stub, faults};
use fencepost::suite::Suite;
use fencepost::verdict::verdicts;

use crate::shelf::{FILES, loaded};

/// Holds that with each of these faults nothing else is found, however few requests may be sent.
#[track_caller]
fn check(contract: &Contract, planted: &[Fault], budgets: impl Iterator<Item = u64>) {
    let mut suite = Suite::new(contract);
    for most in budgets {
        suite = suite.within(Some(most));
        for fault in planted {
            let mut target = InProcess(Stub::new(contract, vec![fault.clone()]));
            // Too few requests to say anything at all are an error.
            let Ok(seen) = suite.run(&RequestContext::default(), &mut target, &mut |_| {}) else { continue };
            let found = verdicts(&suite, &seen).findings;
            let others: Vec<String> =
                found.iter().map(|finding| finding.id.short()).filter(|id| *id != fault.finding()).collect();
            assert!(others.is_empty(), "{most} requests, {}: {others:?}", fault.name());
        }
    }
}

/// The faults about legal values: where a run looks for what is to blame, every request counts.
fn legal(contract: &Contract, step: usize) -> Vec<Fault> {
    let is_legal = |fault: &Fault| {
        let name = fault.name();
        name.contains(":too-strict") || name.ends_with(":crash-on-ordinary") || name.ends_with(":drop-on-ordinary")
    };
    faults(contract).into_iter().filter(is_legal).step_by(step).collect()
}

#[test]
fn a_run_of_the_shipped_contract_that_ends_early_finds_nothing_but_what_is_there() {
    let contract = Contract::shipped();
    check(&contract, &legal(&contract, 61), (3..300).step_by(37));
}

#[test]
fn a_run_of_a_small_contract_that_ends_early_finds_nothing_but_what_is_there() {
    for (name, text) in FILES {
        let contract = loaded(name, text);
        check(&contract, &legal(&contract, 11), (2..130).step_by(9));
    }
}
