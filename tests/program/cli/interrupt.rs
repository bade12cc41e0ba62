//! Ctrl-C ends a run at once, whatever the target does, with what was learnt until then.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use serde_json::Value;

use super::{interrupt, report_of};
use crate::command::{LIMIT, fencepost};
use crate::conforming::conforming;
use crate::server::{Server, bytes_of};

/// Longer than any test may take: a run that only ends with its time limit fails.
const NEVER: &str = "--timeout=1000s";

#[test]
fn a_run_that_learnt_nothing_says_so() {
    let (sender, receiver) = channel();
    let server = Server::http(move |_, peer| {
        let _ = sender.send(());
        peer.hang();
        None
    });
    let running = fencepost(&["run", NEVER, "--report-json", "report.json", "--target", &server.url()]).start();
    receiver.recv_timeout(LIMIT).expect("the run sends something");
    interrupt(&running.process);
    let ended = running.ended().with_code(130);
    assert!(ended.stderr.starts_with("fencepost: interrupted"), "\n{ended}");
    assert_eq!(ended.stderr.lines().count(), 1, "\n{ended}");
    assert_eq!(ended.folder.files(), ["report.json"], "\n{ended}");
    let report = report_of(&ended);
    assert!(report.contains("\"untested\"") && !report.contains("\"enforced\""), "{report}\n{ended}");
}

#[test]
fn a_run_that_learnt_something_reports_it() {
    const ANSWERED: usize = 1500;
    let (sender, receiver) = channel();
    let asked = AtomicUsize::new(0);
    let server = conforming(move |request, answer, peer| {
        if asked.fetch_add(1, Ordering::SeqCst) < ANSWERED {
            return Some(bytes_of(request, &answer));
        }
        let _ = sender.send(());
        peer.hang();
        None
    });
    let running = fencepost(&["run", NEVER, "--report-json", "report.json", "--target", &server.url()]).start();
    receiver.recv_timeout(LIMIT).expect("the run sends that many");
    interrupt(&running.process);
    let ended = running.ended().with_code(130);
    assert!(ended.stdout.contains("\ninterrupted: what follows is what was learnt until then\n"), "\n{ended}");
    assert_eq!(ended.folder.files(), ["report.json"], "\n{ended}");

    let report: Value = serde_json::from_str(&report_of(&ended)).expect("the report is JSON");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(0), "a run that was cut off blames nobody\n{ended}");
    let rules = report["rules"].as_array().expect("the report has rules");
    let sides = |word: &str| rules.iter().filter(|rule| rule["outside"] == word).count();
    assert!(sides("enforced") > 100, "{} enforced from outside\n{ended}", sides("enforced"));
    assert!(sides("untested") > 100, "{} untested from outside\n{ended}", sides("untested"));
    assert!(report["requests"].as_u64().is_some_and(|requests| requests <= ANSWERED as u64), "\n{ended}");
}

#[test]
fn an_interruption_ends_the_wait_for_a_token() {
    let (sender, receiver) = channel();
    let silent = Server::http(move |_, peer| {
        // The first call is waited for, and no other.
        let _ = sender.send(());
        peer.hang();
        None
    });
    let run = fencepost(&["run", "--profile", "mine"]);
    let profile = format!(
        "[profile.mine]\nurl = \"http://127.0.0.1\"\ntimeout = \"10m\"\n[profile.mine.credentials.iam]\nurl = \"{}\"\n\
         user = \"u\"\npassword = \"p\"\ndomain = \"d\"\nproject = \"p\"\n",
        silent.url()
    );
    std::fs::write(run.folder.path.join("fencepost.toml"), profile).expect("a file can be written");
    let running = run.start();
    receiver.recv_timeout(LIMIT).expect("the service is asked");
    interrupt(&running.process);
    running.ended().with_code(130);
}
