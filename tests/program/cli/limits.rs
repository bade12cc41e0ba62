//! What ends a run before its plan does: a budget of requests, of time, of crashes. What was learnt until then is told.

use std::fs;

use serde_json::Value;

use crate::command::{Ended, fencepost};
use crate::conforming::conforming;
use crate::server::{Server, bytes_of, json};

/// A run of a server with these flags, which writes a report.
fn run(server: &Server, flags: &[&str]) -> Ended {
    let url = server.url();
    let arguments = [&["run", "--report-json", "report.json", "--target", &url], flags].concat();
    fencepost(&arguments).ended()
}

fn requests(ended: &Ended) -> u64 {
    let text = fs::read_to_string(ended.folder.path.join("report.json")).expect("there is a report");
    let report: Value = serde_json::from_str(&text).expect("a report is JSON");
    report["requests"].as_u64().unwrap_or_else(|| panic!("no number of requests\n{ended}"))
}

#[test]
fn a_run_ends_with_its_requests() {
    let server = conforming(|request, answer, _| Some(bytes_of(request, &answer)));
    let ended = run(&server, &["--max-requests", "500"]).with_code(0);
    assert_eq!(requests(&ended), 500, "\n{ended}");
    assert!(ended.stdout.contains("\nthe budget of requests is spent: the rest is untested\n"), "\n{ended}");
    let ended = run(&server, &["--max-requests", "1"]).with_code(3);
    assert!(ended.stderr.contains("fencepost: the budget was spent before anything was learnt; "), "\n{ended}");
    // That one was accepted all the same.
    assert!(ended.stderr.contains("fencepost: the task is left as the last accepted probe made it"), "\n{ended}");
}

#[test]
fn a_run_ends_with_its_time() {
    let server = conforming(|request, answer, _| Some(bytes_of(request, &answer)));
    // At this rate it would take minutes.
    let ended = run(&server, &["--rate", "5/s", "--max-time", "6s"]).with_code(0);
    assert!((4..100).contains(&requests(&ended)), "\n{ended}");
    assert!(ended.stdout.contains("\nthe time for the run is over: the rest is untested\n"), "\n{ended}");
}

#[test]
fn the_time_of_a_run_is_over_also_for_what_hangs() {
    let server = Server::http(|_, peer| {
        peer.hang();
        None
    });
    let ended = run(&server, &["--timeout", "10m", "--max-time", "200ms"]).with_code(3);
    ended.complains(&["the time was over before anything was learnt", "more time"]);
}

#[test]
fn a_run_ends_with_the_crashes_that_a_target_may_have() {
    let server = conforming(|request, answer, _| {
        let crash = json(500, r#"{"error_code":"SMS.2007","error_msg":"background exception"}"#);
        Some(bytes_of(request, if answer.status == 200 { &answer } else { &crash }))
    });
    let crashes = |ended: &Ended| {
        assert!(
            ended.stdout.contains("\nthe target crashed as often as is allowed: the rest is untested\n"),
            "\n{ended}"
        );
    };
    crashes(&run(&server, &["--max-crashes", "9"]).with_code(1));
    crashes(&run(&server, &["--max-crashes", "1"]).with_code(1));
    let ended = run(&server, &["--max-crashes", "100000"]).with_code(1);
    assert!(!ended.stdout.contains("the rest is untested"), "\n{ended}");
}

#[test]
fn a_target_that_does_nothing_but_crash_is_spared() {
    let server = Server::http(|request, _| Some(bytes_of(request, &json(500, "{}"))));
    run(&server, &["--max-crashes", "2"]).with_code(3).complains(&["--max-crashes", "log"]);
}
