//! Waivers: a known finding is told apart and not counted, until its day has passed or nothing is found there any more.

use std::time::Duration;

use fencepost::Contract;
use fencepost::report::{Subject, Timing, json, terminal};
use fencepost::request_context::RequestContext;
use fencepost::stub::{InProcess, Stub, faults};
use fencepost::suite::Suite;
use fencepost::verdict::{Finding, Verdicts, Waiver, verdicts};
use serde_json::Value;

const ID: &str = "body.name:maxLength:outside";

fn waiver(id: &str, expires: &str) -> Waiver {
    Waiver { id: id.to_owned(), reason: "mended in the next release".to_owned(), expires: expires.to_owned() }
}

/// The verdicts on a stub with this fault, in a share of the rules.
fn tested(fault: Option<&str>, shard: Option<(usize, usize)>) -> Verdicts {
    let contract = Contract::shipped();
    let planted = faults(&contract).into_iter().filter(|planted| Some(planted.name().as_str()) == fault).collect();
    let suite = Suite::new(&contract);
    let suite = match shard {
        Some((number, count)) => suite.shard(number, count),
        None => suite,
    };
    let mut target = InProcess(Stub::new(&contract, planted));
    let seen = suite.run(&RequestContext::default(), &mut target, &mut |_| {}).expect("the stub can be tested");
    verdicts(&suite, &seen)
}

fn told(verdicts: &Verdicts) -> String {
    let subject = Subject {
        target: "a target".to_owned(),
        contract: "a contract".to_owned(),
        operation: "PUT /things".to_owned(),
        profile: None,
        seed: 0,
        context: RequestContext::default(),
    };
    terminal::render(&subject, verdicts, Duration::ZERO, false)
}

fn counted(verdicts: &Verdicts) -> Vec<String> {
    verdicts.findings.iter().map(Finding::id).collect()
}

#[test]
fn a_waived_finding_is_told_and_not_counted() {
    let mut verdicts = tested(Some("body.name:maxLength:off"), None);
    assert_eq!(counted(&verdicts), [ID]);
    verdicts.waive(&[waiver(ID, "2030-06-30")], "2030-06-30");
    assert_eq!(counted(&verdicts), Vec::<String>::new());
    let told = told(&verdicts);
    let block = "\n\nWAIVED body.name:maxLength:outside   Table 3: maxLength 255\n  \
                 until     2030-06-30: mended in the next release\n  \
                 expected  256 characters: refused with a 4xx\n  observed  accepted with 200\n\n\
                 no finding, 1 waived; ";
    assert!(told.contains(block), "{told}");
    assert!(!told.contains("FINDING"), "{told}");
}

#[test]
fn a_waiver_counts_through_its_last_day() {
    let mut verdicts = tested(Some("body.name:maxLength:off"), None);
    verdicts.waive(&[waiver(ID, "2030-06-30")], "2030-07-01");
    assert_eq!(counted(&verdicts), [ID]);
    let told = told(&verdicts);
    assert!(told.contains("\nFINDING body.name:maxLength:outside "), "{told}");
    let line = "\nthe waiver of body.name:maxLength:outside expired on 2030-06-30, and its finding counts \
                (mended in the next release)\n";
    assert!(told.contains(line), "{told}");
}

#[test]
fn a_waiver_of_what_is_not_found_any_more_is_told() {
    let mut verdicts = tested(None, None);
    verdicts.waive(&[waiver(ID, "2030-06-30")], "2020-01-01");
    let line = "\nthe waiver of body.name:maxLength:outside is no longer needed: nothing is found there; remove it\n";
    assert!(told(&verdicts).contains(line), "{}", told(&verdicts));
}

#[test]
fn a_run_that_does_not_test_a_rule_says_nothing_of_its_waiver() {
    let told_in: Vec<usize> = (1..=3)
        .filter(|number| {
            let mut verdicts = tested(None, Some((*number, 3)));
            verdicts.waive(&[waiver(ID, "2030-06-30")], "2020-01-01");
            told(&verdicts).contains("no longer needed")
        })
        .collect();
    assert_eq!(told_in.len(), 1, "{told_in:?}");
}

#[test]
fn waived_findings_stand_apart_in_a_report() {
    let subject = Subject {
        target: "a target".to_owned(),
        contract: "a contract".to_owned(),
        operation: "PUT /things".to_owned(),
        profile: None,
        seed: 0,
        context: RequestContext::default(),
    };
    let report = |verdicts: &Verdicts| -> Value {
        serde_json::from_str(&json::render(&subject, verdicts, &Timing::default(), None)).expect("a report is JSON")
    };
    let members = |report: &Value| report.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let mut verdicts = tested(Some("body.name:maxLength:off"), None);
    let before = report(&verdicts);
    verdicts.waive(&[waiver(ID, "2030-06-30")], "2030-01-01");
    let after = report(&verdicts);
    assert_eq!(members(&after), members(&before));
    assert_eq!(before["waived"], Value::Array(Vec::new()));
    assert_eq!(after["findings"], Value::Array(Vec::new()));
    let mut finding = before["findings"][0].clone();
    finding["waiver"] = serde_json::json!({"reason": "mended in the next release", "expires": "2030-06-30"});
    assert_eq!(after["waived"], Value::Array(vec![finding]));
}
