//! A service in which every accepted request makes a thing: none is sent twice, whatever becomes of it, and a restart is held
//! against it no more than against others.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use fencepost::Contract;
use fencepost::exchange::{Hearer, Outcome, Request, Target};
use fencepost::request_context::RequestContext;
use fencepost::rule::Keyword;
use fencepost::session::Stop;
use fencepost::stub::{Fault, InProcess, Stub, faults};
use fencepost::suite::Suite;
use fencepost::verdict::{Finding, Verdicts, verdicts};

use crate::outages::{Restarted, bad_gateway, dropped, gone, half, hung, unreachable, wrongs};

pub(crate) const CONTRACT: &str = r"openapi: 3.1.0
paths:
  /things:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name, size]
              properties:
                name: {type: string, minLength: 1, maxLength: 40}
                note: {type: string, maxLength: 60}
                size: {type: integer, minimum: 1, maximum: 900}
                kind: {type: string, enum: [round, square, flat]}
                parts: {type: array, items: {type: object, required: [label], properties: {label: {type: string}}}}
      responses:
        '201': {content: {application/json: {schema: {type: object}}}}
        4XX: {content: {application/json: {schema: {type: object, required: [error], properties: {error: {type: string}}}}}}
";

pub(crate) fn contract() -> Contract {
    Contract::from_text("things.yaml", CONTRACT).expect("the contract can be read")
}

fn tested(contract: &Contract, target: &mut Restarted) -> Verdicts {
    let suite = Suite::new(contract);
    let seen = suite.run(&RequestContext::default(), target, &mut |_| {}).expect("the stub can be tested");
    verdicts(&suite, &seen)
}

/// Holds that nothing was made twice.
#[track_caller]
fn check_made(target: &Restarted, told: &str) {
    let mut times: BTreeMap<&[u8], usize> = BTreeMap::new();
    for body in &target.made {
        *times.entry(body).or_default() += 1;
    }
    let twice: Vec<_> = times.into_iter().filter(|(_, times)| *times > 1).collect();
    let twice: Vec<_> = twice.into_iter().map(|(body, times)| (String::from_utf8_lossy(body), times)).collect();
    assert!(twice.is_empty(), "{told}: {twice:#?}");
}

#[test]
fn nothing_is_made_twice_and_every_rule_has_a_verdict() {
    let contract = contract();
    let mut target = Restarted::of(Stub::new(&contract, Vec::new()), |_| None);
    let found = tested(&contract, &mut target);
    assert_eq!(wrongs(&found), Vec::<String>::new());
    assert!(target.made.len() > 20, "{}", target.made.len());
    check_made(&target, "in fair weather");
    assert!(found.rules.iter().all(|verdict| verdict.rule.keyword != Keyword::Idempotent));
}

#[test]
fn a_restart_makes_no_finding_and_nothing_twice() {
    let contract = contract();
    let calm = {
        let mut target = Restarted::of(Stub::new(&contract, Vec::new()), |_| None);
        tested(&contract, &mut target);
        target.arrived
    };
    let sights = [
        ("a reset", vec![dropped()]),
        ("a reset, and nobody there", vec![gone(), unreachable(), unreachable()]),
        ("a 502", vec![bad_gateway()]),
        ("a 502, and nobody there", vec![bad_gateway(), unreachable()]),
        ("half an answer", vec![half(201)]),
        ("no answer", vec![hung()]),
    ];
    for at in 1..calm {
        let (name, sights) = sights[at % sights.len()].clone();
        let weather = move |number: usize| sights.get(number.checked_sub(at)?).cloned();
        let mut target = Restarted::of(Stub::new(&contract, Vec::new()), weather);
        let found = tested(&contract, &mut target);
        let told = format!("{name}, at request {at}");
        let ids: Vec<_> = found.findings.iter().map(|found| format!("{}: {}", found.id(), found.observed)).collect();
        assert_eq!((ids, found.stop), (Vec::new(), None), "{told}");
        // One request is lost at the most, and what it was about may have been known by nothing else.
        let open = wrongs(&found);
        assert!(open.len() <= 2, "{told}: {open:#?}");
        check_made(&target, &told);
    }
}

/// The findings of each fault's stub.
fn found_of(contract: &Contract) -> BTreeMap<String, Vec<String>> {
    let suite = Suite::new(contract);
    let of = |fault: Fault| {
        let name = fault.name();
        let mut target = Restarted::of(Stub::new(contract, vec![fault]), |_| None);
        let ids = match suite.run(&RequestContext::default(), &mut target, &mut |_| {}) {
            Ok(seen) => verdicts(&suite, &seen).findings.iter().map(Finding::id).collect(),
            Err(untestable) => vec![untestable.to_string()],
        };
        check_made(&target, &name);
        (name, ids)
    };
    faults(contract).into_iter().map(of).collect()
}

#[test]
fn what_is_wrong_is_found_as_where_requests_may_be_repeated() {
    let posted = found_of(&contract());
    let put = Contract::from_text("things.yaml", &CONTRACT.replace("post:", "put:")).expect("the contract can be read");
    let put = found_of(&put);
    assert!(posted.len() > 100, "{}", posted.len());
    let differing: Vec<_> = posted
        .iter()
        // Which request a flaky one fails is a matter of how many there are.
        .filter(|(name, _)| !name.contains(":flaky:"))
        .filter(|(name, ids)| put.get(*name).is_some_and(|other| other != *ids))
        .map(|(name, ids)| format!("{name}: {ids:?}, and {:?}", put[name]))
        .collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

/// A service that lets so many things be made, and refuses whatever else is legal like a caller.
struct Quota(InProcess, usize);

impl Target for Quota {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            let mut delivery = self.0.send_one(request);
            if let Outcome::Answer(answer) = &mut delivery.outcome
                && answer.status < 300
            {
                if self.1 == 0 {
                    (answer.status, answer.body) = (403, br#"{"error":"no more today"}"#.to_vec());
                }
                self.1 = self.1.saturating_sub(1);
            }
            hear(delivery)?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 5
    }
}

#[test]
fn a_quota_that_is_used_up_is_no_verdict() {
    let contract = contract();
    let suite = Suite::new(&contract);
    for most in [3, 10, 20, 30, 45, 60] {
        let mut target = Quota(InProcess(Stub::new(&contract, Vec::new())), most);
        let seen = suite.run(&RequestContext::default(), &mut target, &mut |_| {}).expect("something was accepted");
        let found = verdicts(&suite, &seen);
        let ids: Vec<String> = found.findings.iter().map(Finding::id).collect();
        assert!(ids.is_empty(), "{most}: {ids:?}");
        assert!(matches!(found.stop, None | Some(Stop::Unauthorized(403))), "{most}: {:?}", found.stop);
        assert!(most > 45 || found.stop.is_some(), "{most}");
    }
}
