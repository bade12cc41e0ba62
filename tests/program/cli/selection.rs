//! `--only`, `--skip`, `--rerun-findings` and `--dry-run`: a part of a run, or just its plan.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::report_of;
use crate::command::{Ended, fencepost};
use crate::conforming::conforming;
use crate::server::{Server, bytes_of};

fn counting() -> (Server, Arc<AtomicUsize>) {
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = seen.clone();
    let server = conforming(move |request, answer, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        Some(bytes_of(request, &answer))
    });
    (server, seen)
}

#[track_caller]
fn ids(ended: &Ended) -> Vec<String> {
    let report: Value = serde_json::from_str(&report_of(ended)).expect("the report is JSON");
    let findings = report["findings"].as_array().expect("it has findings");
    let short = |id: &str| id.strip_prefix("PUT /v3/tasks/{task_id} ").unwrap_or_default().to_owned();
    findings.iter().map(|finding| short(finding["id"].as_str().unwrap_or_default())).collect()
}

#[test]
fn only_what_is_selected_is_sent_and_reported() {
    let (server, seen) = counting();
    let arguments = ["run", "--target", &server.url(), "--only", "body.sub_tasks*", "--skip", ":text"];
    let ended = fencepost(&[&arguments[..], &["--report-json", "report.json"]].concat()).ended().with_code(0);
    let report: Value = serde_json::from_str(&report_of(&ended)).expect("the report is JSON");
    let rules = report["rules"].as_array().expect("it has rules");
    assert!(rules.len() > 20 && rules.len() < 200, "{} rules\n{ended}", rules.len());
    for rule in rules {
        let place = rule["place"].as_str().unwrap_or_default();
        assert!(place.starts_with("body.sub_tasks") && rule["keyword"] != "text", "{rule}\n{ended}");
    }
    assert!(seen.load(Ordering::SeqCst) < 500, "{} requests\n{ended}", seen.load(Ordering::SeqCst));
}

#[test]
fn the_findings_of_a_report_are_tested_again() {
    let fault = ["--fault", "body.type:enum:any-case", "--fault", "body.name:maxLength:off"];
    let first = fencepost(&[&["run", "--report-json", "report.json"], &fault[..]].concat()).ended().with_code(1);
    assert_eq!(ids(&first), ["body.name:maxLength:outside", "body.type:enum:outside"], "\n{first}");
    let earlier = first.folder.path.join("report.json");
    let earlier = earlier.to_string_lossy();

    let again = ["run", "--report-json", "report.json", "--rerun-findings", &earlier];
    let second = fencepost(&[&again[..], &fault[..2]].concat()).ended().with_code(1);
    assert_eq!(ids(&second), ["body.type:enum:outside"], "\n{second}");
    let mended = fencepost(&again).ended().with_code(0);
    assert_eq!(ids(&mended), Vec::<String>::new(), "\n{mended}");

    let empty = mended.folder.path.join("report.json");
    for (path, why) in [
        (empty.to_string_lossy().into_owned(), "it holds no finding"),
        ("/dev/null".to_owned(), "EOF"),
        ("no-such-file.json".to_owned(), "No such file"),
    ] {
        let ended = fencepost(&["run", "--rerun-findings", &path]).ended().with_code(2);
        assert!(ended.stderr.contains(&path) && ended.stderr.contains(why), "\n{ended}");
        assert_eq!(ended.stderr.lines().count(), 1, "\n{ended}");
    }
}

#[test]
fn a_plan_is_printed_and_nothing_is_sent() {
    let (server, seen) = counting();
    let ended = fencepost(&["run", "--target", &server.url(), "--dry-run"]).ended().with_code(0);
    assert_eq!(seen.load(Ordering::SeqCst), 0, "\n{ended}");
    let last = ended.stdout.lines().last().unwrap_or_default();
    assert!(last.starts_with("1103 rules would be tested with 2566 requests, about 8 s where"), "\n{ended}");
    assert!(ended.stdout.contains("Table 12 "), "\n{ended}");

    let ended = fencepost(&["run", "--dry-run", "--rate", "10/s", "--only", "body.name"]).ended().with_code(0);
    let last = ended.stdout.lines().last().unwrap_or_default();
    assert!(last.starts_with("6 rules would be tested with ") && last.contains(" at the given rate"), "\n{ended}");

    let limits = ["run", "--dry-run", "--rate", "10/s", "--max-requests", "500", "--max-time", "2m"];
    let ended = fencepost(&limits).ended().with_code(0);
    let told = "2566 requests, about 4 min at the given rate; each finding takes some more. Nothing was sent.\n\
                It would end after 500 of them (max_requests).\nIt would end after 2 min (max_time).\n";
    assert!(ended.stdout.ends_with(told), "\n{ended}");
}

#[test]
fn a_selection_of_nothing_is_a_usage_error() {
    for (arguments, words) in [
        (["--only", "body.nmae"], "no rule matches `body.nmae` (did you mean `body.name`?)"),
        (["--only", "body.name:length"], "no keyword is called `length`"),
        (["--skip", "*"], "the selection leaves no rule to test"),
    ] {
        let ended = fencepost(&[&["run"][..], &arguments].concat()).ended().with_code(2);
        assert!(ended.stderr.contains(words), "{words}\n{ended}");
        assert_eq!(ended.stderr.lines().count(), 1, "\n{ended}");
    }
}
