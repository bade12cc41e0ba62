//! Which findings a cause is told of, and how terminal and report tell it.

use std::time::Duration;

use fencepost::Contract;
use fencepost::report::{Subject, Timing, json as report, terminal};
use fencepost::request_context::RequestContext;
use fencepost::stub::faults;
use fencepost::suite::Suite;
use fencepost::verdict::{Finding, Verdicts, Waiver};
use serde_json::Value;

use super::{behind, many, numbers_from_text, sentences};
use crate::tested;

/// The verdicts on a stub with the faults of these ids.
fn broken(contract: &Contract, ids: &[String]) -> Verdicts {
    let chosen: Vec<_> = faults(contract).into_iter().filter(|fault| ids.contains(&fault.name())).collect();
    assert_eq!(chosen.len(), ids.len());
    tested::with(&Suite::new(contract), chosen)
}

#[test]
fn findings_that_are_not_nearly_everywhere_stay_findings() {
    let contract = many();
    let of = |numbers: std::ops::RangeInclusive<usize>, fault: &str| -> Vec<String> {
        numbers.map(|number| format!("body.boolean{number}:type:{fault}")).collect()
    };
    let verdicts = broken(&contract, &of(1..=5, "takes-number"));
    assert_eq!((sentences(&verdicts), verdicts.findings.len()), (vec![], 5));
    let verdicts = broken(&contract, &of(1..=8, "takes-number"));
    assert_eq!((sentences(&verdicts), verdicts.findings.len()), (vec!["booleans take 1 and 0, at 8 of 8 places"], 8));
}

#[test]
fn what_a_cause_does_not_explain_is_told_in_full() {
    let contract = many();
    let numbers = (1..=8).map(|number| format!("body.boolean{number}:type:takes-number"));
    let ids: Vec<String> = numbers.chain(["body.boolean3:type:takes-text".to_owned()]).collect();
    let verdicts = broken(&contract, &ids);
    let alone: Vec<String> =
        verdicts.findings.iter().filter(|finding| finding.cause.is_none()).map(Finding::id).collect();
    assert_eq!(alone, ["body.boolean3:type:outside"]);
    assert_eq!(verdicts.causes[0].findings.len(), 7);
}

fn subject() -> Subject {
    Subject {
        target: "a target".to_owned(),
        contract: "a contract".to_owned(),
        operation: "PUT /things".to_owned(),
        profile: None,
        seed: 0,
        context: RequestContext::default(),
    }
}

#[test]
fn a_cause_is_told_first_and_its_findings_only_in_the_report() {
    let contract = many();
    let mut verdicts = behind(&contract, numbers_from_text);
    let told = terminal::render(&subject(), &verdicts, Duration::ZERO, false);
    let id = "cause:type:outside:text:integers";
    assert!(told.contains(&format!("\nCAUSE {id}   integers take text, at 16 of 16 places\n")), "{told}");
    assert!(told.contains("and 13 more: --full and the report file (--report-json) tell each"), "{told}");
    assert!(!told.contains("FINDING "), "{told}");
    assert!(told.contains("\n16 findings, 16 of them of one cause; "), "{told}");
    let full = terminal::render(&subject(), &verdicts, Duration::ZERO, true);
    assert_eq!(full.matches("\nFINDING ").count(), 16, "{full}");

    let written: Value = serde_json::from_str(&report::render(&subject(), &verdicts, &Timing::default(), None))
        .expect("a report is JSON");
    assert_eq!(written["causes"][0]["id"], id);
    assert_eq!(written["causes"][0]["findings"].as_array().map(Vec::len), Some(16));
    assert!(written["findings"].as_array().expect("a list").iter().all(|finding| finding["cause"] == id));

    let waiver =
        |expires: &str| Waiver { id: id.to_owned(), reason: "the framework".to_owned(), expires: expires.to_owned() };
    verdicts.waive(&[waiver("2020-01-01")], "2020-01-02");
    assert_eq!((verdicts.findings.len(), verdicts.lapsed.len()), (16, 1));
    verdicts.waive(&[waiver("2020-01-02")], "2020-01-02");
    assert_eq!((verdicts.findings.len(), verdicts.waived.len(), verdicts.causes.len()), (0, 16, 0));
    let told = terminal::render(&subject(), &verdicts, Duration::ZERO, false);
    assert_eq!(told.matches("\nWAIVED ").count(), 1, "{told}");
    assert!(told.contains(&format!("\nWAIVED {id}   integers take text, at 16 of 16 places\n")), "{told}");
}
