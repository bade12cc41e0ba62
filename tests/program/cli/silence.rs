//! Nobody waits in the dark: after some silence it is said what is waited for and how long at most, and patience bounds it.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::report_of;
use crate::command::{Fencepost, Folder, fencepost};
use crate::conforming::conforming;
use crate::server::{Server, bytes_of, json};

/// A command that is soon unquiet.
fn unquiet(arguments: &[&str]) -> Fencepost {
    let mut command = fencepost(arguments);
    command.command.env("FENCEPOST_SILENCE", "100ms");
    command
}

/// Waits for a line on standard error with these words, and interrupts the command then.
#[track_caller]
fn check_said(command: Fencepost, words: &[&str]) {
    let mut running = command.start();
    let stderr = running.process.0.stderr.take().expect("it is piped");
    let mut said = Vec::new();
    // The stream ends with the command, which is ended where it hangs.
    for line in BufReader::new(stderr).lines() {
        said.push(line.expect("it is text"));
        if said.last().is_some_and(|line| words.iter().all(|word| line.contains(word))) {
            // It would go on waiting, also for what it has to put back.
            running.process.0.kill().expect("it runs");
            return;
        }
    }
    panic!("no line with {words:?} among {}, and at last {:?}", said.len(), said.last());
}

#[test]
fn as_long_as_nothing_else_is_said_it_says_so_again_and_again() {
    let server = conforming(|request, answer, _| Some(bytes_of(request, &answer)));
    let url = server.url();
    let mut command = fencepost(&["run", "--only", "body.name*", "--rate", "25/s", "--target", &url]);
    command.command.env("FENCEPOST_SILENCE", "20ms");
    let ended = command.ended().with_code(0);
    // A second and a half are seventy such silences; were each longer than the last, there would be a dozen.
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert!(lines.len() >= 30, "{} lines\n{ended}", lines.len());
    let tells =
        |line: &&str| line.contains("for its turn, for at most 40 ms") || line.contains("waiting for an answer");
    assert!(lines.iter().any(|line| line.contains(" requests: ") && tells(line)), "\n{ended}");
}

/// What a terminal shows of a command, by way of a program that makes one; nothing where this machine does not have it.
fn on_a_terminal(command: &str) -> Option<String> {
    let folder = Folder::new();
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", command, "typescript"]).current_dir(&folder.path);
    script.env_clear().env("PATH", "/usr/bin:/bin").env("SHELL", "/bin/sh").env("FENCEPOST_SILENCE", "50ms");
    let output = script.stdin(Stdio::null()).output();
    Some(String::from_utf8_lossy(&output.ok()?.stdout).into_owned())
}

#[test]
fn on_a_terminal_something_moves() {
    let silent = hanging();
    let url = silent.url();
    let fencepost = env!("CARGO_BIN_EXE_fencepost");
    let command = format!("{fencepost} run --timeout 1s --target {url}");
    let Some(shown) = on_a_terminal(&command) else {
        let _ = writeln!(io::stderr(), "there is no `script` here, so nothing is known of what a terminal shows");
        return;
    };
    let states: Vec<&str> = shown.split('\r').filter(|state| state.contains("waiting for an answer")).collect();
    assert!(states.len() >= 5, "{} states of the line in {shown:?}", states.len());
    assert!(states.iter().all(|state| state.contains("for at most 1 s")), "{shown:?}");
    // The line is wiped before anything else is said.
    assert!(shown.contains("\r\u{1b}[Kfencepost: ") && shown.contains("answers nothing in time"), "{shown:?}");
}

fn hanging() -> Server {
    Server::http(|_, peer| {
        peer.hang();
        None
    })
}

#[test]
fn what_is_waited_for_is_said() {
    let silent = hanging();
    let url = silent.url();
    for command in ["run", "fuzz"] {
        let command = unquiet(&[command, "--timeout", "50s", "--target", &url]);
        check_said(command, &["fencepost: ", "waiting for an answer, for at most 50 s"]);
    }
    let asked = AtomicUsize::new(0);
    let later = conforming(move |request, answer, peer| {
        if asked.fetch_add(1, Ordering::SeqCst) > 300 {
            peer.hang();
            return None;
        }
        Some(bytes_of(request, &answer))
    });
    let command = unquiet(&["run", "--timeout", "50s", "--target", &later.url()]);
    check_said(command, &[" of about ", " requests: waiting for ", " at most 50 s"]);
    let throttling = Server::http(|request, _| {
        let mut answer = json(429, "{}");
        answer.headers.push(("Retry-After".to_owned(), "86400".to_owned()));
        Some(bytes_of(request, &answer))
    });
    let command = unquiet(&["run", "--patience", "40s", "--target", &throttling.url()]);
    check_said(command, &["the target throttles: the next request goes out in at most 4", " s"]);
    let shut = hanging().url();
    let command = unquiet(&["run", "--patience", "40s", "--target", &shut]);
    check_said(command, &["the target is gone, and waited for, for at most "]);
}

#[test]
fn a_token_that_is_long_in_coming_is_waited_for_aloud() {
    let silent = hanging();
    let profile = |credentials: &str| {
        let command = unquiet(&["run", "--profile", "mine"]);
        let text =
            format!("[profile.mine]\nurl = \"http://127.0.0.1\"\ntimeout = \"10m\"\ncredentials = {credentials}\n");
        std::fs::write(command.folder.path.join("fencepost.toml"), text).expect("a file can be written");
        command
    };
    let url = silent.url();
    let iam = format!(r#"{{ iam = {{ url = "{url}", user = "u", password = "p", domain = "d", project = "p" }} }}"#);
    check_said(profile(&iam), &["waiting for the identity service, for at most 1"]);
    let waiting = profile(r#"{ token_command = "sleep 2" }"#);
    check_said(waiting, &["waiting for what `token_command` prints, for at most 60 s"]);
}

#[test]
fn patience_bounds_what_a_target_asks_for() {
    let asked = Arc::new(AtomicUsize::new(0));
    let throttling = Server::http({
        let asked = asked.clone();
        move |request, _| {
            asked.fetch_add(1, Ordering::SeqCst);
            let mut answer = json(429, "{}");
            answer.headers.push(("Retry-After".to_owned(), "86400".to_owned()));
            Some(bytes_of(request, &answer))
        }
    });
    // A wait as long as it asks for would outlast the test.
    let ended = fencepost(&["run", "--patience", "300ms", "--target", &throttling.url()]).ended().with_code(3);
    ended.complains(&["the target throttles everything", "--patience"]);
}

#[test]
fn a_target_that_answers_nothing_is_told_soon() {
    let asked = Arc::new(AtomicUsize::new(0));
    let silent = Server::http({
        let asked = asked.clone();
        move |_, peer| {
            asked.fetch_add(1, Ordering::SeqCst);
            peer.hang();
            None
        }
    });
    let ended = fencepost(&["run", "--timeout", "300ms", "--target", &silent.url()]).ended().with_code(3);
    assert!(ended.stderr.contains("the target answers nothing in time"), "\n{ended}");
    let asked = asked.load(Ordering::SeqCst);
    assert!(asked <= 5, "it was asked {asked} times, and each time costs the whole time limit\n{ended}");
}

#[test]
fn refusals_that_are_throttled_are_told_as_that() {
    let server = conforming(|request, answer, _| {
        let throttled = json(429, r#"{"error_code":"SMS.429","error_msg":"slow down"}"#);
        let is_refused = answer.status == 400 && request.method == "PUT";
        Some(bytes_of(request, if is_refused { &throttled } else { &answer }))
    });
    let url = server.url();
    let flags = ["run", "--only", "body.name*", "--patience", "20ms", "--report-json", "report.json", "--target", &url];
    let ended = fencepost(&flags).ended();
    let report: Value = serde_json::from_str(&report_of(&ended)).expect("a report is JSON");
    let rules = report["rules"].as_array().expect("it has rules");
    let open = |rule: &&Value| rule["standing"] == "firm" && rule["outside"] == "inconclusive";
    let reasons: Vec<&str> = rules.iter().filter(open).filter_map(|rule| rule["reason"].as_str()).collect();
    assert!(!reasons.is_empty() && reasons.iter().all(|reason| reason.contains("throttle")), "{reasons:?}\n{ended}");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(0), "\n{ended}");
}
