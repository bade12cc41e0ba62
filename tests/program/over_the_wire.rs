//! A fault of every kind, planted in the stub and found over the network: the client, the servers and time-outs included.
//!
//! That *every* fault is found is told in process, in `faults.rs`; here one stands for all of its kind.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::time::Duration;

use fencepost::Contract;
use fencepost::exchange::{Outcome, Target};
use fencepost::request_context::{RequestContext, RequestOverride};
use fencepost::rule::Keyword;
use fencepost::stub::server::WiremockStub;
use fencepost::stub::{Fault, Stub, faults};
use fencepost::suite::Suite;
use fencepost::target::{HttpTarget, TargetSettings};
use fencepost::verdict::{Finding, verdicts};

/// Short, because faults that hang are waited for; long enough for a stub on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(2);

fn found(suite: &Suite<'_>, fault: &Fault) -> Vec<String> {
    let stub = WiremockStub::start(Stub::new(suite.contract(), vec![fault.clone()])).expect("the stub starts");
    let settings = TargetSettings { timeout: TIMEOUT, ..TargetSettings::new(stub.url()) };
    let mut target = HttpTarget::new(&settings).expect("the stub's URL is one");
    match suite.run(&RequestContext::default(), &mut target, &mut |_| {}) {
        Ok(seen) => verdicts(suite, &seen).findings.iter().map(Finding::id).collect(),
        Err(error) => vec![error.to_string()],
    }
}

#[test]
fn a_run_that_is_halted_with_its_last_answer_has_that_answer_and_no_more() {
    let contract = Contract::shipped();
    let stub = WiremockStub::start(Stub::new(&contract, Vec::new())).expect("the stub starts");
    let mut target = HttpTarget::new(&TargetSettings::new(stub.url())).expect("the stub's URL is one");
    let request =
        RequestContext::default().request(contract.operation(), Some(b"{}".to_vec()), &RequestOverride::default());
    let halt = target.interrupt_flag();
    let mut heard = Vec::new();
    let ended = target.send(&[request], &mut |delivery| {
        halt.store(true, Ordering::Relaxed);
        heard.push(delivery.outcome);
        ControlFlow::Continue(())
    });
    assert!(matches!(heard[..], [Outcome::Answer(_)]), "{heard:?}");
    assert_eq!(ended, ControlFlow::Continue(()));
}

#[test]
fn a_fault_of_every_kind_is_found_over_the_network() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    // The last of each kind: deep in the body rather than at its top.
    let kinds: BTreeMap<(Keyword, String), Fault> = faults(&contract)
        .into_iter()
        .map(|fault| {
            let kind = fault.id.mode.split("too-strict-").next().unwrap_or_default().to_owned();
            ((fault.found.keyword, kind), fault)
        })
        .collect();
    let wrong: Vec<String> = kinds
        .values()
        .filter_map(|fault| {
            let wanted = fault.finding();
            let found = found(&suite, fault);
            (found != [wanted]).then(|| format!("{}: found {found:?}", fault.name()))
        })
        .collect();
    assert!(kinds.len() > 50, "only {} kinds", kinds.len());
    assert!(wrong.is_empty(), "{} of {} kinds:\n{}", wrong.len(), kinds.len(), wrong.join("\n"));
}
