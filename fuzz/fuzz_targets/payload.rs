//! Arbitrary bytes as a body: the stub accepts exactly what the validator accepts, and refuses as the contract documents.
#![no_main]

use std::sync::LazyLock;

use fencepost::Contract;
use fencepost::address::{Address, Oddity};
use fencepost::exchange::Outcome;
use fencepost::oracle::{Oracle, Reaction, Scope};
use fencepost::stub::{Reply, Stub};
use fencepost::validate::Judge;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

struct Bench {
    contract: Contract,
    stub: Stub,
    judge: Judge,
    oracle: Oracle,
}

static BENCH: LazyLock<Bench> = LazyLock::new(|| {
    let contract = Contract::shipped();
    let operation = contract.operation();
    let secrets = Address::default().secrets(operation);
    Bench {
        stub: Stub::new(&contract, Vec::new()),
        judge: Judge::new(operation),
        oracle: Oracle::new(&operation.responses, secrets),
        contract,
    }
});

fuzz_target!(|body: &[u8]| {
    let bench = &*BENCH;
    let request = Address::default().request(bench.contract.operation(), Some(body.to_vec()), &Oddity::default());
    let Reply::Answer(response) = bench.stub.reply(&request) else { panic!("the stub did not answer") };
    let judgement = bench.oracle.judge(&Outcome::Answer(response), Scope::Operation);
    assert_eq!(judgement.defects, [], "the answer breaks the contract");
    let legal = std::str::from_utf8(body)
        .ok()
        .and_then(|text| serde_json::from_str::<Value>(text).ok())
        .is_some_and(|value| bench.judge.accepts(&value));
    let wanted = if legal { Reaction::Accepted } else { Reaction::Refused };
    assert_eq!(judgement.reaction, wanted);
});
