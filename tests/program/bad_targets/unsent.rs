//! Runs that cannot begin: what is wrong is found out before anything is sent to the target.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::command::{Ended, fencepost};
use crate::server::Server;

/// Runs against a server that counts who calls, and holds that nobody did.
#[track_caller]
fn unsent(arguments: &[&str]) -> Ended {
    let calls = Arc::new(AtomicUsize::new(0));
    let server = Server::start({
        let calls = calls.clone();
        move |_| {
            calls.fetch_add(1, Ordering::SeqCst);
        }
    });
    let url = server.url();
    let mut run = fencepost(&["run", "--target", &url]);
    run.command.args(arguments).env("EMPTY", "").env("SPLIT", "a\nb").env("ACCENTED", "jeton-accentué");
    std::fs::create_dir(run.folder.path.join("a folder")).expect("a folder can be made");
    let ended = run.ended().with_code(2);
    drop(server);
    assert_eq!(calls.load(Ordering::SeqCst), 0, "the target was called\n{ended}");
    assert_eq!(ended.folder.files(), ["a folder"], "files are left behind\n{ended}");
    ended
}

/// What is wrong is said by one line of the program's own.
#[track_caller]
fn check(arguments: &[&str], words: &[&str]) {
    unsent(arguments).complains(words);
}

/// What is wrong is said by the parser of arguments, which adds a usage.
#[track_caller]
fn check_usage(arguments: &[&str], words: &[&str]) {
    let ended = unsent(arguments);
    assert_eq!(ended.stdout, "", "\n{ended}");
    let missing: Vec<&&str> = words.iter().filter(|word| !ended.stderr.contains(**word)).collect();
    assert!(missing.is_empty(), "not said: {missing:?}\n{ended}");
}

#[test]
fn a_report_that_cannot_be_written_is_found_out_first() {
    check(&["--report-json", "a folder"], &["a folder: the report cannot be written", "it is a folder"]);
    check(&["--report-json", "none/report.json"], &["none/report.json: the report cannot be written", "give a path"]);
    check(&["--report-json", "/proc/x"], &["/proc/x: the report cannot be written"]);
    check(&["--report-json", "/"], &["/: the report cannot be written"]);
}

#[test]
fn a_token_that_is_not_there_or_cannot_be_sent_is_found_out_first() {
    check(&["--token-env", "FENCEPOST_TEST_UNSET"], &["`FENCEPOST_TEST_UNSET` is not set or empty", "--token-env"]);
    check(&["--token-env", "EMPTY"], &["`EMPTY` is not set or empty"]);
    check(&["--token-env", "SPLIT"], &["`SPLIT` holds characters that no header can carry"]);
    check(&["--token-env", "ACCENTED"], &["`ACCENTED` holds characters that no header can carry"]);
}

#[test]
fn settings_without_sense_are_found_out_first() {
    check(&["--task-id", ""], &["--task-id must have at least one character"]);
    for id in [".", ".."] {
        check(&["--task-id", id], &["--task-id", "means another path"]);
    }
    check(&["--header", "x-auth-token: mine"], &["`x-auth-token`", "--token-env"]);
    check(&["--profile", "nobody"], &["there is no profile `nobody`", "snapshots/nobody"]);
    check(&["--contract", "none.yaml"], &["none.yaml: cannot be read"]);
    for profile in ["", ".", "..", "../snapshots", "a/b"] {
        check(&["--profile", profile], &["there is no profile"]);
    }
}

#[test]
fn arguments_that_cannot_be_read_are_a_usage_error() {
    for header in ["no colon", ": no name", "two words: x", "X-A: a\nb", "X-Ä: a"] {
        check_usage(&["--header", header], &["--header <NAME: VALUE>"]);
    }
    for header in ["Host: x", "content-length: 1", "Transfer-Encoding: chunked", "Connection: close"] {
        check_usage(&["--header", header], &["frames the request"]);
    }
    for time in ["0", "0ms", "", "-1", "1.5s", "10w", "s", "99999999999"] {
        check_usage(&[&format!("--timeout={time}")], &["--timeout <TIME>", "`500ms`"]);
    }
    for count in ["0", "257", "-1", "many"] {
        check_usage(&[&format!("--concurrency={count}")], &["--concurrency <N>"]);
    }
    check_usage(&["--report-json", ""], &["--report-json <FILE>"]);
    check_usage(&["--seed", "x"], &["--seed <N>"]);
    check_usage(&["--fault", "body.name:maxLength:off"], &["--fault", "--target"]);
}

/// A URL that is none, or not one that the contract's paths can be appended to.
#[track_caller]
fn check_url(url: &str, words: &[&str]) {
    let ended = fencepost(&["run", "--report-json", "report.json", "--target", url]).ended().with_code(2);
    ended.complains(words);
    assert_eq!(ended.folder.files(), Vec::<String>::new(), "files are left behind\n{ended}");
}

#[test]
fn a_url_that_cannot_be_tested_is_told_with_the_remedy() {
    check_url("127.0.0.1", &["`127.0.0.1` is no URL that can be tested", "no scheme", "http://HOST:PORT"]);
    check_url("", &["no scheme"]);
    check_url("ftp://127.0.0.1", &["neither http nor https"]);
    check_url("localhost:1", &["neither http nor https"]);
    check_url("http://", &["is no URL that can be tested", "http://HOST:PORT"]);
    check_url("http://127.0.0.1:99999", &["is no URL that can be tested"]);
    check_url("http://127.0.0.1/?debug=1", &["has a query or a fragment"]);
    check_url("http://127.0.0.1/#top", &["has a query or a fragment"]);
    check_url("http://user:secret@127.0.0.1/", &["a user name or a password", "--token-env"]);
}

#[test]
fn a_fault_that_is_none_is_told_with_the_nearest() {
    let check = |fault: &str, words: &[&str]| {
        fencepost(&["run", "--fault", fault]).ended().with_code(2).complains(words);
    };
    check(
        "body.name:maxLength:of",
        &["no fault is called", "did you mean `body.name:maxLength:off`?", "--list-faults"],
    );
    check("", &["no fault is called", "--list-faults"]);
    check("nonsense", &["no fault is called `nonsense`", "--list-faults"]);
}
