//! Arbitrary bytes as a body: the stub accepts exactly what the validator accepts, and refuses as the contract documents.

use fencepost::Contract;
use fencepost::exchange::Outcome;
use fencepost::oracle::{Oracle, Reaction, Scope};
use fencepost::request_context::{RequestContext, RequestOverride};
use fencepost::stub::{Reply, Stub};
use fencepost::validate::Judge;
use serde_json::Value;

/// What the law needs, made once.
pub(crate) struct Bench {
    contract: Contract,
    stub: Stub,
    judge: Judge,
    oracle: Oracle,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let contract = Contract::shipped();
        let operation = contract.operation();
        Self {
            stub: Stub::new(&contract, Vec::new()),
            judge: Judge::new(operation),
            oracle: Oracle::new(&operation.responses, RequestContext::default().secrets(operation)),
            contract,
        }
    }
}

/// Holds the law for one body.
pub(crate) fn hold(bench: &Bench, body: &[u8]) {
    let operation = bench.contract.operation();
    let request = RequestContext::default().request(operation, Some(body.to_vec()), &RequestOverride::default());
    let Reply::Answer(response) = bench.stub.reply(&request) else { panic!("the stub did not answer") };
    let judgement = bench.oracle.judge(&request, &Outcome::Answer(response), Scope::Operation);
    assert_eq!(judgement.defects, [], "the answer breaks the contract");

    let value = std::str::from_utf8(body).ok().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let legal = value.as_ref().is_some_and(|value| bench.judge.accepts(value));
    let wanted = if legal { Reaction::Accepted } else { Reaction::Refused };
    assert_eq!(judgement.reaction, wanted, "the stub and the validator disagree");

    let Some(value) = value else { return };
    let violations = bench.judge.violations(&value);
    assert_eq!(violations.is_empty(), legal, "what is refused has a reason, and what is accepted none: {violations:?}");
    for violation in violations {
        assert!(operation.find(violation.place.as_str()).is_some(), "no place of the contract: {violation:?}");
    }
}
