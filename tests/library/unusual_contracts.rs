//! Contracts unlike the shipped one, each legal and each at some edge of what can be written: the clean stub of every one is
//! tested without a finding, and no firm rule is left without a word.

use crate::shelf::{self, ID, contract};
use crate::{conformity, tested};
use fencepost::Contract;
use fencepost::generate::{Choices, Generator};
use fencepost::request_context::RequestContext;
use fencepost::stub::{InProcess, Stub, faults};
use fencepost::suite::Suite;
use fencepost::validate::Judge;
use fencepost::verdict::{Finding, Status, verdicts};

/// What a run against the clean stub of a contract says that it should not.
fn complaints(text: &str) -> Vec<String> {
    let contract = match Contract::from_text("mine.yaml", text) {
        Ok(contract) => contract,
        Err(error) => return vec![error.to_string()],
    };
    let suite = Suite::new(&contract);
    let mut target = InProcess(Stub::new(&contract, Vec::new()));
    let verdicts = match suite.run(&RequestContext::default(), &mut target, &mut |_| {}) {
        Ok(seen) => verdicts(&suite, &seen),
        Err(error) => return vec![error.to_string()],
    };
    let findings = verdicts.findings.iter().map(|finding| format!("{}: {}", finding.id(), finding.observed));
    let silent = verdicts.rules.iter().filter(|verdict| verdict.rule.standing.is_firm()).filter_map(|verdict| {
        let unkept = [verdict.inside, verdict.outside].into_iter().flatten().any(|status| status != Status::Enforced);
        let (place, keyword) = (&verdict.rule.place, verdict.rule.keyword);
        unkept.then(|| format!("{place} {keyword}: {:?}, {:?}", verdict.inside, verdict.outside))
    });
    findings.chain(silent).chain(conformity::judged(&suite).1).chain(random(&contract)).collect()
}

/// Random bodies that are not what they are said to be.
fn random(contract: &Contract) -> Vec<String> {
    let generator = Generator::new(contract);
    let judge = Judge::new(contract.operation());
    // A plain generator of numbers: what is tried must not change from run to run.
    let mut state = 1u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u16::try_from(state >> 48).unwrap_or_default()
    };
    let mut wrong = Vec::new();
    for count in [0, 1].repeat(20) {
        let numbers: Vec<u16> = (0..200).map(|_| draw()).collect();
        let mut choices = Choices::new(&numbers);
        let case = if count == 0 { generator.valid(&mut choices) } else { generator.violating(&mut choices, count) };
        let text = case.body.render();
        let legal = serde_json::from_str(&text).is_ok_and(|body| judge.accepts(&body));
        if legal != case.broken.is_empty() {
            wrong.push(format!("legal: {legal}, said to break {:?}: {text}", case.broken));
        }
    }
    wrong
}

/// Holds that there is nothing to complain of in any of these contracts.
#[track_caller]
fn check(contracts: impl IntoIterator<Item = String>) {
    let wrong: Vec<String> = contracts
        .into_iter()
        .filter_map(|text| {
            let complaints = complaints(&text);
            (!complaints.is_empty()).then(|| format!("{text}{}\n", complaints.join("\n")))
        })
        .collect();
    assert!(wrong.is_empty(), "{} contracts:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn files() {
    check(shelf::FILES.map(|(_, text)| text.to_owned()));
}

#[test]
fn texts() {
    check(shelf::texts());
}

#[test]
fn integers() {
    check(shelf::integers());
}

#[test]
fn numbers() {
    check(shelf::numbers());
}

#[test]
fn objects_and_arrays() {
    check(shelf::containers());
}

#[test]
fn bodies() {
    check(shelf::bodies());
}

#[test]
fn parameters() {
    check(shelf::parameters());
}

#[test]
fn a_header_that_must_be_there_is_missed() {
    let header = format!("{ID}, {{name: X-Key, in: header, required: true, schema: {{type: string}}}}");
    let text = contract("/things/{id}", &header, "{type: object, properties: {a: {type: string}}}");
    let contract = Contract::from_text("mine.yaml", &text).expect("the contract is sound");
    let suite = Suite::new(&contract);
    let planted: Vec<_> =
        faults(&contract).into_iter().filter(|fault| fault.name().starts_with("header.X-Key:")).collect();
    assert_eq!(planted.len(), 2, "off, and a crash");
    for fault in planted {
        let mut target = InProcess(Stub::new(&contract, vec![fault.clone()]));
        let seen = suite.run(&RequestContext::default(), &mut target, &mut |_| {}).expect("the stub can be tested");
        let found: Vec<String> = verdicts(&suite, &seen).findings.iter().map(Finding::id).collect();
        assert_eq!(found, ["header.X-Key:required:outside"], "{}", fault.name());
    }
}

#[test]
fn of_long_lists_of_values_some_are_paired_and_each_is_sent() {
    let values: Vec<String> = (0..60).map(|number| format!("V{number}")).collect();
    let listed = format!("{{type: string, enum: [{}]}}", values.join(", "));
    let text = contract("/things", "", &format!("{{type: object, properties: {{a: {listed}, b: {listed}}}}}"));
    check([text.clone()]);
    let contract = Contract::from_text("mine.yaml", &text).expect("the contract is sound");
    let suite = Suite::new(&contract);
    let rows = tested::pair_bodies(&suite).len();
    assert!((256..400).contains(&rows), "16 by 16 values, and absence: {rows}");
    for value in values {
        let sent = suite.probes().iter().filter(|probe| probe.what == format!("\"{value}\"")).count();
        assert_eq!(sent, 2, "{value}, once at each place");
    }
}

#[test]
fn answers() {
    check(shelf::answers());
}
