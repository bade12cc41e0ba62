//! What is said of an answer is exact: a status is called what it is, and what contradicts itself is told.

use std::ops::ControlFlow;

use fencepost::Contract;
use fencepost::exchange::{Delivery, Hearer, Outcome, Request, Response, Target};
use fencepost::request_context::RequestContext;
use fencepost::stub::{InProcess, Stub};
use fencepost::suite::Suite;
use fencepost::verdict::verdicts;

/// A stub of which each answer is changed.
struct Changed {
    stub: InProcess,
    change: fn(&mut Response),
}

impl Target for Changed {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        let change = self.change;
        self.stub.send(requests, &mut |mut delivery: Delivery| {
            if let Outcome::Answer(answer) = &mut delivery.outcome {
                change(answer);
            }
            hear(delivery)
        })
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 3
    }
}

/// The findings, each with what was observed.
fn told(change: fn(&mut Response)) -> Vec<(String, String)> {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    let mut target = Changed { stub: InProcess(Stub::new(&contract, Vec::new())), change };
    let seen = suite.run(&RequestContext::default(), &mut target, &mut |_| {}).expect("it can be tested");
    verdicts(&suite, &seen).findings.into_iter().map(|finding| (finding.id(), finding.observed)).collect()
}

fn pair(id: &str, observed: &str) -> (String, String) {
    (id.to_owned(), observed.to_owned())
}

#[test]
fn a_status_that_http_does_not_have_is_not_called_a_5xx() {
    let all = told(|answer| answer.status = 600);
    assert_eq!(all, [pair("response.success:status:inside", "600 for every legal request")]);
    let refusals = told(|answer| answer.status = if answer.status == 400 { 999 } else { answer.status });
    let wanted = "answered with 999, a status that HTTP does not have, and so for every refusal";
    assert_eq!(refusals, [pair("response.refusal:status:outside", wanted)]);
}

#[test]
fn two_media_types_that_differ_are_told() {
    let two = |answer: &mut Response| {
        if answer.status < 300 {
            answer.headers.push(("Content-Type".to_owned(), "text/html".to_owned()));
        }
    };
    let wanted = "Content-Type application/json, and another, text/html";
    assert_eq!(told(two), [pair("response.success:mediaType:inside", wanted)]);
    // The same one twice is one.
    assert_eq!(told(|answer| answer.headers.push(("Content-Type".to_owned(), "Application/JSON".to_owned()))), []);
}
