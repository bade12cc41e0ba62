//! What must not be sent twice is not, also where a run was killed before it was answered; and what a journal holds of long
//! answers is bounded.

use std::collections::HashMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use fencepost::Contract;
use serde_json::Value;

use crate::command::{Fencepost, LIMIT, fencepost};
use crate::conforming::{conforming, keeping};
use crate::server::bytes_of;

const SMALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contracts/small.yaml");

#[test]
fn what_was_sent_and_never_answered_is_not_sent_again() {
    let text = fs::read_to_string(SMALL).expect("the file can be read");
    let contract = Contract::from_text("small.yaml", &text).expect("the contract can be read");
    for answers in [0, 1, 5, 40, 90] {
        let (sender, hung) = channel();
        let made: Arc<Mutex<HashMap<Vec<u8>, usize>>> = Arc::default();
        let (asked, hangs) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(true)));
        let server = keeping(&contract, {
            let (made, hangs) = (made.clone(), hangs.clone());
            move |request, answer, peer| {
                // What is refused made nothing.
                if request.method == "POST" && answer.status < 300 {
                    let body = request.body.as_deref().unwrap_or_default().to_vec();
                    *made.lock().expect("no script panics").entry(body).or_default() += 1;
                }
                if hangs.load(Ordering::SeqCst) && asked.fetch_add(1, Ordering::SeqCst) >= answers {
                    // Only the first is waited for.
                    let _ = sender.send(());
                    peer.hang();
                    return None;
                }
                Some(bytes_of(request, &answer))
            }
        });
        let url = server.url();
        let home = fencepost(&["--version"]);
        let run = |more: &[&str]| -> Fencepost {
            let fixed =
                ["run", "--contract", SMALL, "--target", &url, "--journal", "journal", "--report-json", "report.json"];
            let mut run = fencepost(&[&fixed[..], more].concat());
            run.command.current_dir(&home.folder.path);
            run
        };
        let mut running = run(&[]).start();
        hung.recv_timeout(LIMIT).expect("the run asks for more");
        running.process.0.kill().expect("it runs");
        running.ended();
        hangs.store(false, Ordering::SeqCst);
        let ended = run(&["--resume"]).ended().with_code(0);
        let twice: Vec<String> = made
            .lock()
            .expect("no script panics")
            .iter()
            .filter(|(_, times)| **times > 1)
            .map(|(body, times)| format!("{times} times {}", String::from_utf8_lossy(body)))
            .collect();
        assert!(twice.is_empty(), "after {answers}: {twice:?}\n{ended}");
        let report = fs::read_to_string(home.folder.path.join("report.json")).expect("there is a report");
        let report: Value = serde_json::from_str(&report).expect("a report is JSON");
        let rules = report["rules"].as_array().expect("rules");
        let open = rules.iter().filter(|rule| rule["standing"] == "firm" && rule["outside"] == "untested").count();
        assert!(open * 10 < rules.len(), "after {answers}: {open} of {} are untested\n{ended}", rules.len());
    }
}

#[test]
fn of_a_long_answer_its_beginning_is_written_down_and_what_was_made_of_it() {
    let long = "x".repeat(100_000);
    let server = conforming(move |request, mut answer, _| {
        answer.headers.push(("X-Padding".to_owned(), long[..20_000].to_owned()));
        // Every second success is not as documented, and that shows only at its end.
        let is_odd = request.body.as_ref().is_some_and(|body| body.len() % 2 == 1);
        answer.body = match answer.status {
            200 if is_odd => format!(r#"{{"padding":"{long}","id":7}}"#).into_bytes(),
            200 => format!(r#"{{"padding":"{long}","id":"a"}}"#).into_bytes(),
            _ => format!(r#"{{"padding":"{long}","error_code":"SMS.1","error_msg":"no"}}"#).into_bytes(),
        };
        Some(bytes_of(request, &answer))
    });
    let url = server.url();
    let home = fencepost(&["--version"]);
    let path = &home.folder.path;
    let run = |more: &[&str]| {
        let fixed = ["run", "--target", &url, "--only", "firm", "--only", "body.name*", "--report-json", "report.json"];
        let mut run = fencepost(&[&fixed[..], more].concat());
        run.command.current_dir(path);
        run.ended().with_code(1)
    };
    let report = |from: &crate::command::Ended| {
        let text = fs::read_to_string(path.join("report.json")).unwrap_or_else(|error| panic!("{error}\n{from}"));
        let mut report: Value = serde_json::from_str(&text).expect("a report is JSON");
        report.as_object_mut().expect("an object").remove("timing");
        report
    };
    let plain = report(&run(&["--journal", "journal"]));
    assert!(plain["findings"].to_string().contains("response.success:responseBody"), "{}", plain["findings"]);
    let journal = fs::read_to_string(path.join("journal")).expect("there is a journal");
    let longest = journal.lines().map(str::len).max().unwrap_or_default();
    assert!(longest < 25_000, "a line has {longest} bytes");
    let retold = run(&["--journal", "journal", "--resume"]);
    assert_eq!(report(&retold), plain, "\n{retold}");
}
