//! A process that is short of something (room on the disk, the size of files, open files) ends in good order: with a line and
//! an exit code, what was tested put back, and no half file.

use std::process::Command;

use super::restore::{Store, task};
use crate::command::{Ended, Fencepost, fencepost};

/// The same command under limits of the shell.
fn under(limits: &str, arguments: &[&str]) -> Fencepost {
    let plain = fencepost(arguments);
    let mut command = Command::new("sh");
    command.args(["-c", &format!(r#"{limits}; exec "$0" "$@""#)]).arg(plain.command.get_program());
    command.args(plain.command.get_args()).env_clear().env("FENCEPOST_SILENCE", "1h").current_dir(&plain.folder.path);
    command.stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    Fencepost { command, ..plain }
}

#[track_caller]
fn check_line(ended: &Ended, words: &[&str]) {
    let is_it = |line: &&str| line.starts_with("fencepost: ") && words.iter().all(|word| line.contains(word));
    assert_eq!(ended.stderr.lines().filter(is_it).count(), 1, "not one line with {words:?}\n{ended}");
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_may_not_grow_end_nothing_before_its_time() {
    let store = Store::new(&task());
    let server = store.server(|_, _, _| None);
    let url = server.url();
    let run = ["run", "--target", &url, "--journal", "journal", "--report-json", "report.json"];
    let ended = under("ulimit -f 64", &run).ended().with_code(2);
    assert_eq!(store.task(), task(), "\n{ended}");
    assert!(store.taken() > 10, "\n{ended}");
    assert!(ended.stdout.contains("\nthe task is as it was before\n"), "\n{ended}");
    check_line(&ended, &["the journal could not be written to its end", "File too large"]);
    check_line(&ended, &["report.json: the report cannot be written", "File too large", "make room"]);
    assert_eq!(ended.folder.files(), ["journal"], "\n{ended}");
    // Not even the task can be kept, nor a journal begun.
    let ended = under("ulimit -f 0", &["run", "--target", &url]).ended().with_code(0);
    assert_eq!(store.task(), task(), "\n{ended}");
    check_line(&ended, &["the task cannot be kept in a file", "File too large"]);
    let ended = under("ulimit -f 0", &["run", "--target", &url, "--journal", "journal"]).ended().with_code(2);
    check_line(&ended, &["journal: cannot be written", "make room"]);
    assert_eq!(ended.folder.files(), Vec::<String>::new(), "\n{ended}");
    let search = ["fuzz", "--target", &url, "--max-requests", "300", "--corpus", "corpus"];
    let ended = under("ulimit -f 0", &search).ended().with_code(2);
    check_line(&ended, &["corpus", "cannot be used", "File too large"]);
    assert_eq!(store.task(), task(), "\n{ended}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_costs_a_report_and_no_more() {
    let store = Store::new(&task());
    let server = store.server(|_, _, _| None);
    let ended = fencepost(&["run", "--target", &server.url(), "--report-json", "/dev/full"]).ended().with_code(2);
    assert_eq!(store.task(), task(), "\n{ended}");
    ended.complains(&["/dev/full: the report cannot be written", "No space left on device", "make room"]);
    assert!(ended.stdout.contains("firm rules have a verdict"), "\n{ended}");
    // What else there is to say is said all the same.
    let flags =
        ["run", "--target", &server.url(), "--report-json", "/dev/full", "--max-requests", "300", "--min-rules", "99%"];
    let ended = fencepost(&flags).ended().with_code(2);
    check_line(&ended, &["fewer than --min-rules 99%"]);
    check_line(&ended, &["/dev/full: the report cannot be written"]);
    let shut = crate::server::Server::start(|_| ()).url();
    let ended = fencepost(&["run", "--target", &shut, "--report-json", "/dev/full"]).ended().with_code(2);
    check_line(&ended, &["the target cannot be reached"]);
    check_line(&ended, &["/dev/full: the report cannot be written"]);
}

#[cfg(target_os = "linux")]
#[test]
fn too_few_open_files_are_told_and_blame_nobody() {
    let store = Store::new(&task());
    let server = store.server(|_, _, _| None);
    let url = server.url();
    for files in (8..=40).step_by(4) {
        let limit = format!("ulimit -n {files}");
        for command in [&["run"][..], &["run", "--target", &url], &["fuzz", "--for", "1s"]] {
            let ended = under(&limit, command).ended().with_code(2);
            ended.complains(&["ulimit -n"]);
            assert!(!ended.stdout.contains("FINDING"), "\n{ended}");
        }
    }
    assert_eq!(store.taken(), 0);
    let ended = under("ulimit -n 20", &["run"]).ended().with_code(2);
    ended.complains(&["more files and connections can be open, and 80 may be needed"]);
    // What is proposed does.
    let ended = under("ulimit -n 60", &["run"]).ended().with_code(2);
    let proposed = ended.stderr.rsplit("--concurrency ").next().unwrap_or_default().trim();
    under("ulimit -n 60", &["run", "--concurrency", proposed]).ended().with_code(0);
    for files in [4, 5, 6, 8, 10] {
        let ended = under(&format!("ulimit -n {files}"), &["serve"]).ended();
        assert!(ended.code == Some(2) && !ended.stderr.contains("panicked"), "\n{ended}");
    }
}
