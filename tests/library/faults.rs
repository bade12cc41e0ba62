//! Every fault of the stub is found, alone, under its own name; the clean stub gives no finding.
//!
//! The stub's responder is called in process: the same suite, oracle and verdicts as over the network, without sockets.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fencepost::Contract;
use fencepost::address::Address;
use fencepost::stub::{Fault, InProcess, Stub, faults};
use fencepost::suite::Suite;
use fencepost::verdict::{Status, Verdicts, verdicts};

fn tested(suite: &Suite<'_>, faults: Vec<Fault>) -> Result<Verdicts, String> {
    let mut target = InProcess(Stub::new(suite.contract(), faults));
    let seen = suite.run(&Address::default(), &mut target, &mut |_| {}).map_err(|error| error.to_string())?;
    Ok(verdicts(suite, &seen))
}

#[test]
fn the_clean_stub_keeps_every_firm_rule() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    let verdicts = tested(&suite, Vec::new()).expect("the stub can be tested");
    let found: Vec<String> =
        verdicts.findings.iter().map(|finding| format!("{}: {}", finding.id(), finding.observed)).collect();
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

#[test]
fn every_fault_is_found_alone_under_its_own_name() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    let faults = faults(&contract);
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(complaint) = missed(&suite, fault) {
                        wrong.lock().expect("no worker panics").push(complaint);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no worker panics");
    assert!(wrong.is_empty(), "{} of {} faults:\n{}", wrong.len(), faults.len(), wrong.join("\n"));
}

fn missed(suite: &Suite<'_>, fault: &Fault) -> Option<String> {
    let wanted = fault.finding();
    let found: Vec<String> = match tested(suite, vec![fault.clone()]) {
        Ok(verdicts) => verdicts.findings.iter().map(fencepost::verdict::Finding::id).collect(),
        Err(error) => vec![error],
    };
    (found != [wanted]).then(|| format!("{}: found {found:?}", fault.id))
}
