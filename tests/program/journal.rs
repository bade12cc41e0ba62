//! A run that was killed goes on where it was: nothing is lost, at most what was in flight is asked twice, and the report is
//! that of a run that was not killed. A journal of another run is refused.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::command::{Ended, Fencepost, LIMIT, fencepost};
use crate::conforming::conforming;
use crate::server::{Server, bytes_of};
use fencepost::exchange::{Request, Response};
use serde_json::{Value, json};

const IN_FLIGHT: usize = 4;

/// A service with a task and a few faults, that counts what it sees and hangs for a caller from some request on.
struct Service {
    server: Server,
    state: Arc<Mutex<State>>,
}

struct State {
    seen: HashMap<Request, usize>,
    task: Value,
    /// How many requests are answered before the caller is not known any more.
    closed: usize,
    /// By their tokens, callers who are to be killed: how many of their requests are answered before all others hang, and
    /// who is told of those.
    doomed: HashMap<String, (usize, Sender<()>)>,
}

fn task() -> Value {
    json!({"name": "somebody's", "float_ip": null})
}

impl Service {
    fn start() -> Self {
        let state = State { seen: HashMap::new(), task: task(), closed: usize::MAX, doomed: HashMap::new() };
        let state = Arc::new(Mutex::new(state));
        let server = conforming({
            let state = state.clone();
            move |request, answer, peer| {
                let answer = state.lock().expect("no script panics").answer(request, answer);
                if answer.is_none() {
                    peer.hang();
                }
                Some(bytes_of(request, &answer?))
            }
        });
        Self { server, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no script panics")
    }

    /// A run of the service, in this folder.
    fn run(&self, folder: &Path, token: &str, flags: &[&str]) -> Fencepost {
        let (url, in_flight) = (self.server.url(), IN_FLIGHT.to_string());
        let fixed = ["run", "--token-env", "TOKEN", "--report-json", "report.json", "--target", &url, "--concurrency"];
        let mut run = fencepost(&[&fixed[..], &[&in_flight], flags].concat());
        run.command.env("TOKEN", token).current_dir(folder);
        run
    }

    fn forget(&self) -> HashMap<Request, usize> {
        std::mem::take(&mut self.state().seen)
    }

    /// Begins a run with a journal, and kills it after so many answers.
    fn killed(&self, folder: &Path, answers: usize) {
        let (sender, hung) = channel();
        let token = format!("the-token-of-day-{}", self.state().doomed.len());
        self.state().doomed.insert(token.clone(), (answers, sender));
        let mut running = self.run(folder, &token, &["--journal", "journal"]).start();
        hung.recv_timeout(LIMIT).expect("the run asks for more");
        running.process.0.kill().expect("it runs");
        running.ended();
    }

    fn resumed(&self, folder: &Path, flags: &[&str]) -> Ended {
        let flags = [&["--journal", "journal", "--resume"], flags].concat();
        self.run(folder, "the-token-of-the-second-day", &flags).ended()
    }
}

impl State {
    /// What is made of a request; nothing where it hangs.
    fn answer(&mut self, request: &Request, answer: Response) -> Option<Response> {
        let token = request.header("x-auth-token").unwrap_or_default();
        if let Some((left, hung)) = self.doomed.get_mut(token) {
            let Some(fewer) = left.checked_sub(1) else {
                // Only the first is waited for.
                let _ = hung.send(());
                return None;
            };
            *left = fewer;
        }
        let Some(fewer) = self.closed.checked_sub(1) else {
            return Some(crate::server::json(401, r#"{"error_code":"1","error_msg":"who?"}"#));
        };
        self.closed = fewer;
        *self.seen.entry(request.clone()).or_default() += 1;
        let body = request.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
        let mut answer = match (request.method.as_str(), &body) {
            ("GET", _) => crate::server::json(200, &self.task.to_string()),
            // A rule that is not enforced, one that is too strict, and one that crashes.
            (_, Some(body)) if body["state"] == "" => crate::server::json(400, r#"{"error_code":"1","error_msg":"2"}"#),
            (_, Some(body)) if body["name"].is_number() => crate::server::json(500, "{}"),
            (_, Some(body)) if body["priority"].is_string() => crate::server::json(200, r#"{"id":"x"}"#),
            _ => answer,
        };
        if request.method == "PUT" && answer.status == 200 {
            self.task = body.unwrap_or_default();
        }
        // A token that comes back is a finding, and stays a secret.
        answer.headers.push(("X-Seen".to_owned(), format!("<{token}>")));
        Some(answer)
    }
}

/// A folder for the files of several commands.
fn folder() -> Fencepost {
    fencepost(&["--version"])
}

/// The report without what may differ: the time, and the name of the token's value.
fn report(folder: &Path) -> Value {
    let text = fs::read_to_string(folder.join("report.json")).expect("there is a report");
    let mut report: Value = serde_json::from_str(&text).expect("a report is JSON");
    report.as_object_mut().expect("a report is an object").remove("timing");
    report
}

/// How often each request was seen, whatever the token was.
fn by_text(seen: &HashMap<Request, usize>) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for (request, times) in seen {
        *counts.entry(format!("{} {} {:?}", request.method, request.path, request.body)).or_default() += times;
    }
    counts
}

#[test]
fn a_run_that_was_killed_goes_on_where_it_was() {
    let service = Service::start();
    let plain = folder();
    service.run(&plain.folder.path, "the-token-of-the-second-day", &[]).ended().with_code(1);
    let (whole, asked) = (report(&plain.folder.path), service.forget());
    let ids: Vec<&Value> = whole["findings"].as_array().expect("findings").iter().map(|one| &one["id"]).collect();
    assert!(ids.len() == 5, "{ids:?}");
    // Before the task is read, at first contact, among the outside probes, and near the end.
    let late =
        whole["requests"].as_u64().and_then(|requests| requests.try_into().ok()).map_or(0, |all: usize| all - 20);
    for answers in [0, 3, 400, 1_500, late] {
        let home = folder();
        let path = &home.folder.path;
        service.killed(path, answers);
        let ended = service.resumed(path, &[]).with_code(1);
        assert_eq!(report(path), whole, "after {answers}\n{ended}");
        let again = service.forget();
        let (asked, again) = (by_text(&asked), by_text(&again));
        let lost: Vec<_> = asked.keys().filter(|request| !again.contains_key(*request)).collect();
        assert!(lost.is_empty(), "after {answers}: {lost:?}\n{ended}");
        let sum = |counts: &HashMap<String, usize>| counts.values().sum::<usize>();
        // Besides what was in flight, the task may have been read and put back once more.
        assert!(sum(&again) <= sum(&asked) + IN_FLIGHT + 3, "after {answers}: {} of {}", sum(&again), sum(&asked));
        assert_eq!(service.state().task, task(), "after {answers}\n{ended}");
    }
}

#[test]
fn a_run_that_has_ended_is_told_again_without_a_request() {
    let service = Service::start();
    let home = folder();
    let path = &home.folder.path;
    service.run(path, "the-token-of-the-first-day", &["--journal", "journal"]).ended().with_code(1);
    service.forget();
    let first = report(path);
    let ended = service.resumed(path, &[]).with_code(1);
    assert_eq!(report(path), first, "\n{ended}");
    // The task is looked at, and left as it is: somebody may have changed it since. Nothing else is announced.
    assert!(ended.stdout.contains("resumed: ") && !ended.stdout.contains("put back"), "\n{ended}");
    let methods: Vec<_> = service.forget().into_keys().map(|request| request.method).collect();
    assert_eq!(methods, ["GET"], "\n{ended}");
    assert_eq!(fs::read_dir(path).expect("the folder can be read").count(), 2, "\n{ended}");
    // And so it is whenever it is told again.
    service.state().task = json!({"name": "a colleague's"});
    let ended = service.resumed(path, &[]).with_code(1);
    assert_eq!(service.state().task, json!({"name": "a colleague's"}), "\n{ended}");
    // A body that is given is sent all the same.
    fs::write(path.join("body.json"), r#"{"name": "given"}"#).expect("a file can be written");
    let ended = service.resumed(path, &["--restore", "body.json"]).with_code(1);
    assert_eq!(service.state().task, json!({"name": "given"}), "\n{ended}");
}

#[test]
fn a_budget_can_be_raised_afterwards() {
    let service = Service::start();
    let home = folder();
    let path = &home.folder.path;
    let flags = ["--journal", "journal", "--max-requests", "700"];
    service.run(path, "the-token-of-the-first-day", &flags).ended();
    assert_eq!(report(path)["requests"], 700);
    let ended = service.resumed(path, &[]).with_code(1);
    assert!(report(path)["requests"].as_u64() > Some(2_000), "\n{ended}");
}

#[test]
fn no_secret_is_in_the_journal() {
    let service = Service::start();
    let home = folder();
    let ended = service.run(&home.folder.path, "canary-of-the-token", &["--journal", "journal"]).ended().with_code(1);
    let journal = fs::read_to_string(home.folder.path.join("journal")).expect("there is a journal");
    assert!(journal.lines().count() > 2_000, "\n{ended}");
    assert!(!journal.contains("canary"), "\n{ended}");
    assert!(ended.stdout.contains("FINDING response.success:secret:inside"), "\n{ended}");
    #[cfg(unix)]
    {
        let metadata = fs::metadata(home.folder.path.join("journal")).expect("there is a journal");
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077, 0);
    }
}

#[test]
fn a_line_that_was_not_written_whole_is_cut_off() {
    let service = Service::start();
    let home = folder();
    let path = home.folder.path.join("journal");
    service.killed(&home.folder.path, 900);
    let text = fs::read_to_string(&path).expect("there is a journal");
    fs::write(&path, &text[..text.len() - 20]).expect("a file can be written");
    let ended = service.resumed(&home.folder.path, &[]).with_code(1);
    let text = fs::read_to_string(&path).expect("there is a journal");
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "\n{ended}");
    // Another file is left alone.
    fs::write(&path, "a note without end").expect("a file can be written");
    service.resumed(&home.folder.path, &[]).with_code(2).complains(&["journal:1: is no line of a journal"]);
    assert_eq!(fs::read_to_string(&path).ok().as_deref(), Some("a note without end"));
    // Killed within its first line, or before, it is as if it had not begun.
    for length in [20, 0] {
        fs::write(&path, &text[..length]).expect("a file can be written");
        service.resumed(&home.folder.path, &[]).with_code(1);
        let text = fs::read_to_string(&path).expect("there is a journal");
        assert!(text.starts_with("{\"journal\":3,"), "{length}");
    }
}

#[test]
fn a_journal_of_another_run_is_refused() {
    let service = Service::start();
    let home = folder();
    let path = &home.folder.path;
    service.killed(path, 300);
    service.forget();
    let other = Service::start();
    let check = |ended: Ended, words: &[&str]| ended.with_code(2).complains(&[&["journal"], words].concat());
    check(service.resumed(path, &["--seed", "7"]), &["of another run: of seed 0, and this is 7"]);
    check(service.resumed(path, &["--task-id", "other"]), &["of another run: of task", "other"]);
    check(service.resumed(path, &["--only", "firm"]), &["of another run: of other probes", "--only"]);
    check(service.resumed(path, &["--shard", "1/2"]), &["of another run: of other probes", "--shard"]);
    check(other.resumed(path, &[]), &["of another run: of target"]);
    let contract =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/harness/contract/update-migration-task.yaml"));
    fs::write(path.join("mine.yaml"), contract.expect("it can be read") + "\n").expect("a file can be written");
    check(service.resumed(path, &["--contract", "mine.yaml"]), &["of another run: of contract", "mine.yaml"]);
    assert!(service.forget().is_empty() && other.forget().is_empty(), "something was sent");
}

#[test]
fn what_is_no_journal_is_refused_by_line() {
    let service = Service::start();
    let home = folder();
    let path = &home.folder.path;
    service.resumed(path, &[]).with_code(2).complains(&["journal: there is no journal to go on with", "--resume"]);
    service.killed(path, 300);
    let begun = service.run(path, "the-token-of-the-second-day", &["--journal", "journal"]).ended();
    begun.with_code(2).complains(&["journal: there is a journal already", "--resume", "remove it"]);
    // Nobody is told to remove what is no journal.
    for (path, words) in [("notes", "is there already, and no journal"), (".", "is a folder")] {
        let run = fencepost(&["run", "--journal", path]);
        std::fs::write(run.folder.path.join("notes"), "{\"mine\":1}").expect("a file can be written");
        let ended = run.ended().with_code(2);
        ended.complains(&[path, words, "give the path of a new file"]);
        assert!(!ended.stderr.contains("remove"), "\n{ended}");
    }
    let folder = fencepost(&["run", "--journal", ".", "--resume"]).ended().with_code(2);
    folder.complains(&["is a folder", "give the path of the journal"]);
    let text = fs::read_to_string(path.join("journal")).expect("there is a journal");
    for form in [1, 2, 4] {
        let other = text.replacen("{\"journal\":3,", &format!("{{\"journal\":{form},"), 1);
        fs::write(path.join("journal"), other).expect("a file can be written");
        let words = format!("of form {form}, which another version wrote");
        service.resumed(path, &[]).with_code(2).complains(&[&words, "begin another"]);
    }
    let lines: Vec<&str> = text.lines().collect();
    let write =
        |lines: &[&str]| fs::write(path.join("journal"), lines.join("\n") + "\n").expect("a file can be written");
    write(&[&lines[..9], &["garbage"], &lines[9..]].concat());
    service.resumed(path, &[]).with_code(2).complains(&["journal:10: is no line of a journal"]);
    write(&["garbage"]);
    service.resumed(path, &[]).with_code(2).complains(&["journal:1: is no line of a journal"]);
    fs::write(path.join("journal"), [text.as_bytes(), b"\xff\n"].concat()).expect("a file can be written");
    let last = format!("journal:{}: is no line of a journal (it is no text)", lines.len() + 1);
    service.resumed(path, &[]).with_code(2).complains(&[&last]);
    // A line that is missing, or was changed: what stands before it can be gone on with.
    let changed = lines[9].replacen("\"status\":", "\"status\": ", 1);
    for damaged in [[&lines[..9], &lines[10..]].concat(), [&lines[..9], &[&changed[..]], &lines[10..]].concat()] {
        write(&damaged);
        let ended = service.resumed(path, &[]).with_code(2);
        ended.complains(&["journal:10: is no line of a journal (its checksum does not fit", "`head -n 9` tells them"]);
    }
    write(&lines[..9]);
    service.resumed(path, &[]).with_code(1);
    let alone = fencepost(&["run", "--resume"]).ended().with_code(2);
    assert!(alone.stderr.contains("--journal"), "\n{alone}");
}

#[test]
fn what_ended_a_run_for_the_targets_sake_is_asked_again() {
    let service = Service::start();
    let home = folder();
    let path = &home.folder.path;
    service.state().closed = 900;
    let flags = ["--journal", "journal", "--patience", "10ms"];
    let ended = service.run(path, "the-token-of-the-first-day", &flags).ended();
    assert!(ended.stdout.contains("refuses the credentials that it had accepted before"), "\n{ended}");
    service.state().closed = usize::MAX;
    let ended = service.resumed(path, &[]).with_code(1);
    assert!(!ended.stdout.contains("the rest is untested"), "\n{ended}");
    // Nothing is left of the refusals, wherever among the answers they were.
    let resumed = report(path);
    service.run(path, "the-token-of-the-second-day", &[]).ended().with_code(1);
    let plain = report(path);
    assert_eq!((&resumed["rules"], &resumed["findings"]), (&plain["rules"], &plain["findings"]), "\n{ended}");
}

#[cfg(unix)]
#[test]
fn a_journal_that_cannot_be_written_to_its_end_does_not_end_the_run() {
    let service = Service::start();
    let home = folder();
    // Files may have 64 KB; the journal of a run has more.
    let script = format!(
        "ulimit -f 128; exec '{}' run --target {} --journal journal",
        env!("CARGO_BIN_EXE_fencepost"),
        service.server.url()
    );
    let mut shell = std::process::Command::new("sh");
    let ended = shell.args(["-c", &script]).current_dir(&home.folder.path).output().expect("there is a shell");
    let told = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{told}");
    assert!(told.contains("fencepost: the journal could not be written to its end ("), "{told}");
}
