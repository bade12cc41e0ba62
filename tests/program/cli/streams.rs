//! A standard output that is full, or that nobody reads to its end, costs nothing but what is printed: what is tested is put
//! back, the report is written, and the exit code is that of the run.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::report_of;
use super::restore::{Store, task};
use crate::command::{Ended, Fencepost, fencepost};

const FAULT: &str = "body.name:maxLength:off";

/// The same command with a standard output that takes nothing.
fn full(mut command: Fencepost) -> Ended {
    let full = File::options().write(true).open("/dev/full").expect("this system has one");
    command.command.stdout(Stdio::from(full));
    command.ended()
}

/// Holds that there is a whole report with so many findings.
#[track_caller]
fn check_report(ended: &Ended, findings: usize) {
    let report: Value = serde_json::from_str(&report_of(ended)).unwrap_or_else(|error| panic!("{error}\n{ended}"));
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(findings), "\n{ended}");
    assert_eq!(report["ended"], "complete", "\n{ended}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_costs_no_report() {
    let words = ["standard output cannot be written to", "No space left on device", "make room"];
    let report = ["--report-json", "report.json"];
    let ended = full(fencepost(&[&["run", "--fault", FAULT][..], &report].concat())).with_code(1);
    ended.complains(&words);
    check_report(&ended, 1);
    // What nobody could read is not clean.
    let ended = full(fencepost(&[&["run"][..], &report].concat())).with_code(2);
    ended.complains(&words);
    check_report(&ended, 0);
    let store = Store::new(&task());
    let server = store.server(|_, _, _| None);
    let url = server.url();
    for command in [&["run", "--report-json", "report.json"][..], &["fuzz", "--max-requests", "300"]] {
        let ended = full(fencepost(&[command, &["--target", &url]].concat())).with_code(2);
        assert!(store.taken() > 10 && store.task() == task(), "\n{ended}");
        ended.complains(&words);
    }
    for command in [&["rules"][..], &["contract"], &["serve"], &["profile", "example"], &["run", "--dry-run"]] {
        full(fencepost(command)).with_code(2).complains(&words);
    }
}

#[test]
fn a_reader_that_goes_away_costs_nothing() {
    let mut running = fencepost(&["run", "--fault", FAULT, "--report-json", "report.json"]).start();
    let stdout = running.process.0.stdout.take().expect("it is piped");
    let mut first = String::new();
    // The reader is closed with the end of the statement.
    BufReader::new(stdout).read_line(&mut first).expect("something is printed");
    assert!(first.starts_with("testing embedded stub"), "{first}");
    let ended = running.ended().with_code(1);
    assert_eq!(ended.stderr, "", "\n{ended}");
    check_report(&ended, 1);
}
