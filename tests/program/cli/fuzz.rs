//! `fencepost fuzz`: findings as they come, and a corpus that outlives whatever happens to the search.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use serde_json::Value;

use super::interrupt;
use crate::command::{Ended, Fencepost, LIMIT, fencepost};
use crate::conforming::conforming;
use crate::server::{Server, bytes_of};

const FAULT: [&str; 2] = ["--fault", "body.type:enum:any-case"];
const FINDING: &str = "body.type:enum:outside";
/// Longer than any test may take: a search ends for another reason, or the test fails.
const NEVER: [&str; 2] = ["--for", "8h"];
/// Many times as many requests as meet the fault.
const ENOUGH: [&str; 2] = ["--max-requests", "10000"];

fn fuzz(arguments: &[&[&str]]) -> Fencepost {
    fencepost(&[&["fuzz"][..], &arguments.concat()].concat())
}

fn findings(ended: &Ended) -> Vec<&str> {
    ended.stdout.lines().filter_map(|line| line.strip_prefix("FINDING ")?.split(' ').next()).collect()
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    entries.map(|entry| entry.expect("the folder can be read").path()).collect()
}

#[track_caller]
fn says(ended: &Ended, line: &str) {
    assert!(ended.stdout.lines().any(|other| other.contains(line)), "`{line}` is not said\n{ended}");
}

#[test]
fn on_a_sound_stub_nothing_is_found() {
    let ended = fuzz(&[&NEVER, &["--max-requests", "5000"]]).ended().with_code(0);
    says(&ended, "fuzzing embedded stub: PUT /v3/tasks/{task_id} of update-migration-task.yaml");
    says(&ended, "no new finding, 0 known before; ");
    says(&ended, " in the corpus; 5000 requests in ");
    assert_eq!(ended.folder.files(), Vec::<String>::new(), "nobody asked for files\n{ended}");
}

#[test]
fn a_search_that_tried_nothing_is_no_clean_one() {
    for (most, words) in [("1", "before anything was learnt"), ("3", "nothing was tested")] {
        let ended = fuzz(&[&NEVER, &FAULT, &["--max-requests", most]]).ended().with_code(3);
        assert!(ended.stderr.contains(words) && ended.stderr.contains("--max-requests"), "{ended}");
    }
}

#[test]
fn it_ends_when_the_time_is_over() {
    fuzz(&[&["--for", "3s"]]).ended().with_code(0);
    let server = Server::http(|_, peer| {
        peer.hang();
        None
    });
    fuzz(&[&["--for", "100ms", "--timeout", "1000s", "--target", &server.url()]]).ended().with_code(3);
}

#[test]
fn a_finding_is_printed_kept_and_not_repeated() {
    let corpus = fresh_folder();
    let arguments = [&NEVER[..], &ENOUGH, &FAULT, &["--corpus", &corpus.to_string_lossy()]];
    let first = fuzz(&arguments).ended().with_code(1);
    assert_eq!(findings(&first), [FINDING], "\n{first}");
    says(&first, r#"sent      PUT /v3/tasks/ef3b9722-07a0-40ae-89b0-889ee96dfc56 {"type":"migrate_file"}"#);
    says(&first, "no case and no finding taken up, no file skipped");
    says(&first, "1 new finding, 0 known before; ");

    let kept = files(&corpus.join("findings"));
    assert_eq!(kept.len(), 1, "{kept:?}\n{first}");
    let text = fs::read_to_string(kept.first().expect("there is one")).expect("it can be read");
    let finding: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(finding["id"], format!("PUT /v3/tasks/{{task_id}} {FINDING}"));
    assert_eq!(finding["request"]["body"], r#"{"type":"migrate_file"}"#);
    let cases = files(&corpus.join("cases"));
    assert!(cases.len() > 100, "{} cases\n{first}", cases.len());

    // What is kept can be promoted as it is: the case means the same there, and the finding says what is wrong with it.
    for path in [kept.first(), cases.first()].into_iter().flatten() {
        let promotion = fencepost(&["promote", &path.to_string_lossy(), "--into", "."]);
        let ended = promotion.ended().with_code(0);
        assert_eq!(ended.folder.files().len(), 1, "\n{ended}");
    }

    let second = fuzz(&arguments).ended().with_code(1);
    assert_eq!(findings(&second), Vec::<&str>::new(), "\n{second}");
    says(&second, &format!("{} cases and 1 finding taken up, no file skipped", cases.len()));
    says(&second, "no new finding, 1 known before; ");
    assert!(files(&corpus.join("cases")).is_superset(&cases), "cases are lost\n{second}");
    fs::remove_dir_all(corpus).expect("it can be removed");
}

#[test]
fn a_waived_finding_is_told_as_waived_until_its_day_has_passed() {
    let told = |expires: &str, code: i32| {
        let fuzz = fuzz(&[&["--profile", "mine"], &NEVER, &ENOUGH, &FAULT]);
        let text = format!(
            "[profile.mine]\nwaivers = [{{ id = \"{FINDING}\", reason = \"mended soon\", expires = {expires} }}]\n"
        );
        fs::write(fuzz.folder.path.join("fencepost.toml"), text).expect("a file can be written");
        fuzz.ended().with_code(code)
    };
    let waived = told("9999-12-31", 0);
    assert_eq!(findings(&waived), Vec::<&str>::new(), "\n{waived}");
    says(&waived, &format!("WAIVED {FINDING}"));
    says(&waived, "  until     9999-12-31: mended soon");
    says(&waived, "no new finding, 0 known before, 1 waived; ");
    let expired = told("2020-12-31", 1);
    assert_eq!(findings(&expired), [FINDING], "\n{expired}");
    says(&expired, &format!("the waiver of {FINDING} expired on 2020-12-31, and its finding counts (mended soon)"));
}

#[test]
fn foreign_and_truncated_files_are_passed_over_and_left_alone() {
    let corpus = fresh_folder();
    let arguments = [&NEVER[..], &["--max-requests", "500", "--corpus", &corpus.to_string_lossy()]];
    fuzz(&arguments).ended().with_code(0);
    let cases = files(&corpus.join("cases"));
    let truncated = cases.first().expect("there are cases").clone();
    let half = fs::read_to_string(&truncated).expect("it can be read")[..40].to_owned();
    let foreign = [
        (truncated.clone(), half),
        (corpus.join("cases/notes.txt"), "buy milk\n".to_owned()),
        (corpus.join("cases/empty.json"), String::new()),
        (corpus.join("cases/list.json"), "[1]".to_owned()),
        (
            corpus.join("cases/other.json"),
            r#"{"schema":1,"contract":"0","violations":0,"choices":[],"own":[1],"latency":null,"by_rule":[]}"#
                .to_owned(),
        ),
        (corpus.join("findings/half.json"), r#"{"id": "#.to_owned()),
        (corpus.join("state.json"), "{".to_owned()),
    ];
    for (path, text) in &foreign {
        fs::write(path, text).expect("a file can be written");
    }
    fs::create_dir(corpus.join("cases/folder.json")).expect("a folder can be made");
    let ended = fuzz(&arguments).ended().with_code(0);
    says(&ended, &format!("{} cases and no finding taken up, 8 files skipped", cases.len() - 1));
    for (path, text) in &foreign {
        says(&ended, &format!("skipped {}: ", path.display()));
        let state = path.ends_with("state.json");
        assert!(state || fs::read_to_string(path).expect("it is there") == *text, "{} was touched", path.display());
    }
    says(&ended, "it was made for another contract");
    fs::remove_dir_all(corpus).expect("it can be removed");
}

#[test]
fn a_folder_that_cannot_be_used_is_an_error() {
    let ended = fuzz(&[&["--corpus", "/dev/null/corpus"]]).ended().with_code(2);
    let line = "fencepost: the corpus /dev/null/corpus cannot be used (";
    assert!(ended.stderr.starts_with(line) && ended.stderr.lines().count() == 1, "\n{ended}");
}

#[test]
fn a_disk_that_is_full_is_told_once_and_stops_nobody() {
    let corpus = fresh_folder();
    let mut run = fuzz(&[]);
    // No file may grow beyond a block: enough for the count of starts and too little for a finding.
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec '{}' fuzz --for 8h --max-requests 10000 --corpus '{}' {}",
        env!("CARGO_BIN_EXE_fencepost"),
        corpus.display(),
        FAULT.join(" ")
    );
    run.command = {
        let mut shell = std::process::Command::new("/bin/sh");
        shell.args(["-c", &script]).env_clear().current_dir(&run.folder.path);
        shell.stdin(std::process::Stdio::null());
        shell.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        shell
    };
    let ended = run.ended().with_code(1);
    assert_eq!(findings(&ended), [FINDING], "\n{ended}");
    let told = ended.stderr.lines().filter(|line| line.contains("the corpus cannot be written")).count();
    assert_eq!(told, 1, "\n{ended}");
    assert!(ended.stderr.contains(" of the corpus could not be written ("), "\n{ended}");
    let whole = |path: &PathBuf| serde_json::from_slice::<Value>(&fs::read(path).expect("it can be read")).is_ok();
    assert!(files(&corpus.join("cases")).iter().all(whole), "half-written files\n{ended}");
    fs::remove_dir_all(corpus).expect("it can be removed");
}

#[test]
fn a_target_that_goes_away_is_waited_for() {
    const ANSWERED: usize = 1_000;
    let (seen, back) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
    let is_back = back.clone();
    let server = conforming(move |request, answer, _| {
        let there = seen.fetch_add(1, Ordering::SeqCst) < ANSWERED || is_back.load(Ordering::SeqCst);
        there.then(|| bytes_of(request, &answer))
    });
    let mut running = fuzz(&[&NEVER, &["--max-requests", "3000", "--target", &server.url()]]).start();
    let stdout = running.process.0.stdout.take().expect("it is piped");
    let mut said = Vec::new();
    for line in BufReader::new(stdout).lines() {
        let line = line.expect("it is text");
        if line == "the target stopped answering requests that it had accepted before: the search waits for it" {
            back.store(true, Ordering::SeqCst);
        }
        said.push(line);
    }
    let ended = running.ended().with_code(0);
    assert!(back.load(Ordering::SeqCst), "{said:?}\n{ended}");
    assert!(said.iter().any(|line| line.starts_with("the target answers again, after ")), "{said:?}\n{ended}");
    assert!(said.iter().any(|line| line.starts_with("no new finding")), "{said:?}\n{ended}");
}

#[test]
fn a_target_that_stays_away_is_untested_and_not_clean() {
    let seen = AtomicUsize::new(0);
    let server = conforming(move |request, answer, _| {
        let there = seen.fetch_add(1, Ordering::SeqCst) < 1_000;
        there.then(|| bytes_of(request, &answer))
    });
    let ended = fuzz(&[&["--for", "3s", "--patience", "100ms", "--target", &server.url()]]).ended().with_code(3);
    let told = "the target stopped answering requests that it had accepted before, after ";
    assert!(ended.stderr.contains(told), "\n{ended}");
    says(&ended, "no new finding");
}

#[test]
fn one_that_hangs_until_the_time_is_over_is_untested_and_not_clean() {
    let seen = AtomicUsize::new(0);
    let server = conforming(move |request, answer, peer| {
        let there = seen.fetch_add(1, Ordering::SeqCst) < 92;
        if !there {
            peer.hang();
        }
        there.then(|| bytes_of(request, &answer))
    });
    // The time is over while it is still waited for.
    let given = ["--for", "2s", "--timeout", "400ms", "--patience", "1h", "--target", &server.url()];
    let ended = fuzz(&[&given]).ended().with_code(3);
    // Some of the 92 answers came when nobody listened any more.
    assert!(ended.stderr.contains(" answers in ") && ended.stderr.contains("did not come back"), "\n{ended}");
    says(&ended, "no new finding");
}

#[test]
fn an_interrupt_loses_nothing() {
    let corpus = fresh_folder();
    let (sender, receiver) = channel();
    let seen = AtomicUsize::new(0);
    let server = conforming(move |request, answer, _| {
        if seen.fetch_add(1, Ordering::SeqCst) == 2_000 {
            let _ = sender.send(());
        }
        Some(bytes_of(request, &answer))
    });
    let running = fuzz(&[&NEVER, &["--target", &server.url(), "--corpus", &corpus.to_string_lossy()]]).start();
    receiver.recv_timeout(LIMIT).expect("the search sends that many");
    interrupt(&running.process);
    let ended = running.ended().with_code(130);
    says(&ended, " cases in the corpus; ");
    assert!(files(&corpus.join("cases")).len() > 100, "\n{ended}");
    fs::remove_dir_all(corpus).expect("it can be removed");
}

#[test]
fn the_budget_is_kept_to_the_request() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = seen.clone();
    let server = conforming(move |request, answer, _| {
        // Another method reads the task.
        counted.fetch_add(usize::from(request.method == "PUT"), Ordering::SeqCst);
        Some(bytes_of(request, &answer))
    });
    let ended = fuzz(&[&NEVER, &["--max-requests", "777", "--target", &server.url()]]).ended().with_code(0);
    assert_eq!(seen.load(Ordering::SeqCst), 777, "\n{ended}");
}

#[test]
fn a_target_that_cannot_be_tested_is_told_apart() {
    let server = Server::http(|request, _| {
        let refusal = crate::server::json(404, r#"{"error_code":"APIGW.0101","error_msg":"no such API"}"#);
        Some(bytes_of(request, &refusal))
    });
    let ended = fuzz(&[&["--max-requests", "300", "--target", &server.url()]]).ended().with_code(3);
    assert!(ended.stderr.contains("answers everything, legal or not, with 404"), "\n{ended}");
    let ended = fuzz(&[&["--target", "http://127.0.0.1:1"]]).ended().with_code(3);
    assert!(ended.stderr.contains("cannot be reached"), "\n{ended}");
}

#[test]
fn arguments_that_mean_nothing_are_usage_errors() {
    for arguments in [
        ["--for", "0"],
        ["--for", "soon"],
        ["--for", "8w"],
        ["--max-requests", "0"],
        ["--rate", "0"],
        ["--rate", "10/fortnight"],
        ["--rate", "fast"],
    ] {
        let ended = fuzz(&[&arguments]).ended().with_code(2);
        assert!(ended.stderr.contains("write a") || ended.stderr.contains("0 is not in"), "\n{ended}");
    }
}

/// A folder that is not there yet.
fn fresh_folder() -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("corpus-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // A process of the same number may have left one behind long ago.
    let _ = fs::remove_dir_all(&folder);
    folder
}
