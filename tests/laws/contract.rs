//! Arbitrary text as a contract: it is refused in one line, or it loads and everything that is derived from it holds.

use std::ops::ControlFlow;

use fencepost::Contract;
use fencepost::exchange::{Delivery, Hearer, Outcome, Request, Target};
use fencepost::oracle::{Oracle, Reaction, Scope};
use fencepost::request_context::{RequestContext, RequestOverride};
use fencepost::stub::{InProcess, Reply, Stub};
use fencepost::suite::Suite;
use fencepost::verdict::verdicts;

/// The name under which a contract is loaded here.
const NAME: &str = "contract.yaml";
/// So many requests show whether stub and probes agree; a whole run would cost a fuzzer its speed.
const BUDGET: usize = 300;

/// Holds the law for one text; tells whether it loads.
pub(crate) fn hold(text: &str) -> bool {
    match Contract::from_text(NAME, text) {
        Err(error) => {
            let line = error.to_string();
            assert!(line.starts_with("contract.yaml: ") && line.lines().count() == 1, "not one line: {line:?}");
            false
        }
        Ok(contract) => {
            printed_and_loaded_again(&contract);
            example_is_accepted(&contract);
            stub_keeps_it(&contract);
            true
        }
    }
}

/// The document, printed, is the same contract.
fn printed_and_loaded_again(contract: &Contract) {
    let printed = contract.document().to_string();
    let again = Contract::from_text(NAME, &printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
    assert_eq!(again.document(), contract.document());
    assert_eq!(again.operation(), contract.operation());
}

/// The contract's own example is a body that its stub accepts.
fn example_is_accepted(contract: &Contract) {
    let operation = contract.operation();
    let Some(example) = &operation.body.example else { return };
    let request =
        RequestContext::default().request(operation, Some(example.clone().into_bytes()), &RequestOverride::default());
    let Reply::Answer(response) = Stub::new(contract, Vec::new()).reply(&request) else { panic!("no answer") };
    let told = String::from_utf8_lossy(&response.body).into_owned();
    let judgement =
        Oracle::new(&operation.responses, Vec::new()).judge(&request, &Outcome::Answer(response), Scope::Operation);
    assert_eq!((judgement.reaction, judgement.defects), (Reaction::Accepted, Vec::new()), "{example}: {told}");
}

/// The probes that are derived from it find nothing wrong with the stub that is derived from it.
fn stub_keeps_it(contract: &Contract) {
    let suite = Suite::new(contract);
    assert!(suite.probes().iter().all(|probe| probe.rule < suite.rules().len()));
    let mut target = Limited { stub: InProcess(Stub::new(contract, Vec::new())), left: BUDGET };
    let seen =
        suite.run(&RequestContext::default(), &mut target, &mut |_| {}).unwrap_or_else(|error| panic!("{error}"));
    let found: Vec<String> =
        verdicts(&suite, &seen).findings.iter().map(|found| format!("{}: {}", found.id(), found.observed)).collect();
    assert!(found.is_empty(), "the stub breaks its own contract: {found:#?}");
}

/// A stub that takes so many requests, and then interrupts the run.
struct Limited {
    stub: InProcess,
    left: usize,
}

impl Target for Limited {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        let now = requests.len().min(self.left);
        self.left -= now;
        self.stub.send(&requests[..now], hear)?;
        if now < requests.len() {
            hear(Delivery { outcome: Outcome::Interrupted, elapsed: std::time::Duration::ZERO })?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 10
    }
}
