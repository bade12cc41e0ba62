//! A target that hangs costs a time limit for every request that meets it, so what is known to hang is sent no more.

use std::ops::ControlFlow;

use fencepost::Contract;
use fencepost::exchange::{Hearer, Outcome, Request, Target};
use fencepost::request_context::RequestContext;
use fencepost::stub::{InProcess, Stub, faults};
use fencepost::suite::Suite;
use fencepost::verdict::verdicts;

/// Counts what a run would have waited for.
struct Counting {
    inner: InProcess,
    timeouts: usize,
}

impl Target for Counting {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        let timeouts = &mut self.timeouts;
        self.inner.send(requests, &mut |delivery| {
            *timeouts += usize::from(delivery.outcome == Outcome::Timeout);
            hear(delivery)
        })
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 10
    }
}

/// The findings of a run against the stub with this fault, as id and method, and the number of time-outs.
fn run(fault: &str) -> (Vec<(String, String)>, usize) {
    let contract = Contract::shipped();
    let fault =
        faults(&contract).into_iter().find(|other| other.name() == fault).expect("the fault is one of the stub's");
    let mut target = Counting { inner: InProcess(Stub::new(&contract, vec![fault])), timeouts: 0 };
    let suite = Suite::new(&contract);
    let seen = suite.run(&RequestContext::default(), &mut target, &mut |_| {}).expect("the target can be tested");
    let findings = verdicts(&suite, &seen).findings;
    (findings.iter().map(|one| (one.id(), one.exchange.request.method.clone())).collect(), target.timeouts)
}

#[test]
fn of_refusals_that_all_hang_a_few_are_waited_for() {
    let (findings, timeouts) = run("response.refusal:timeout:off");
    assert_eq!(findings, [("response.refusal:timeout:outside".to_owned(), "PUT".to_owned())]);
    // Twice each: three illegal bodies, and two legal ones that this target refuses, a byte-order mark and deep nesting.
    assert_eq!(timeouts, 10);
}

#[test]
fn a_rule_that_hangs_is_sent_twice() {
    let (findings, timeouts) = run("body.name:maxLength:hang");
    assert_eq!(findings, [("body.name:timeout:outside".to_owned(), "PUT".to_owned())]);
    assert_eq!(timeouts, 2);
}
