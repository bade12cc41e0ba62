//! A task that probes overwrite is as it was afterwards, whatever comes between; what could not be put back is said.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{interrupt, send};
use crate::command::{Ended, Fencepost, LIMIT, fencepost};
use crate::conforming::conforming;
use crate::server::{Peer, Server, bytes_of};

/// A service that remembers what was put.
#[derive(Clone, Default)]
pub(super) struct Store {
    task: Arc<Mutex<Value>>,
    /// How many bodies were taken.
    taken: Arc<AtomicUsize>,
}

impl Store {
    pub(super) fn new(task: &Value) -> Self {
        Self { task: Arc::new(Mutex::new(task.clone())), taken: Arc::default() }
    }

    pub(super) fn task(&self) -> Value {
        self.task.lock().expect("no script panics").clone()
    }

    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }

    /// A server with this store; `meddle` may answer in its place, or close the connection.
    pub(super) fn server(
        &self,
        meddle: impl Fn(&Store, &Value, &Peer) -> Option<Option<u16>> + Send + Sync + 'static,
    ) -> Server {
        let store = self.clone();
        conforming(move |request, answer, peer| {
            let body = request.body.as_deref().and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
            if let Some(instead) = meddle(&store, &body, peer) {
                return Some(bytes_of(
                    request,
                    &crate::server::json(instead?, r#"{"error_code":"SMS.1","error_msg":"no"}"#),
                ));
            }
            if request.method == "GET" {
                return Some(bytes_of(request, &crate::server::json(200, &store.task().to_string())));
            }
            if answer.status == 200 && request.method == "PUT" {
                *store.task.lock().expect("no script panics") = body;
                store.taken.fetch_add(1, Ordering::SeqCst);
            }
            Some(bytes_of(request, &answer))
        })
    }
}

/// A task with a null, a number beyond 32 bits, a fraction, and members that no table has.
pub(super) fn task() -> Value {
    json!({
        "name": "somebody's", "float_ip": null, "estimate_complete_time": 9_223_372_036_854_775_807_i64,
        "migrate_speed": 0.1, "speed_limit": 3, "sub_tasks": [{"name": "one", "progress": 7, "user_op": null}],
    })
}

pub(super) fn run(server: &Server, flags: &[&str]) -> Fencepost {
    let url = server.url();
    fencepost(&[&["run", "--target", &url], flags].concat())
}

/// Holds that a command leaves the task as it was.
#[track_caller]
fn check_restored(command: &str, flags: &[&str], code: i32) {
    let store = Store::new(&task());
    let server = store.server(|_, _, _| None);
    let url = server.url();
    let ended = fencepost(&[&[command, "--target", &url], flags].concat()).ended().with_code(code);
    assert!(store.taken() > 10, "nothing was overwritten\n{ended}");
    assert_eq!(store.task(), task(), "\n{ended}");
    assert!(
        ended
            .stdout
            .contains("\nthe task was read, and will be put back; until then it is in fencepost-restore.json\n"),
        "\n{ended}"
    );
    assert!(ended.stdout.contains("\nthe task is as it was before\n"), "\n{ended}");
    assert_eq!(ended.stderr, "", "\n{ended}");
    assert_eq!(ended.folder.files(), Vec::<String>::new(), "\n{ended}");
}

#[test]
fn the_task_is_as_it_was_before() {
    check_restored("run", &[], 0);
    check_restored("run", &["--max-requests", "1200"], 0);
    check_restored("fuzz", &["--max-requests", "1000"], 0);
}

#[test]
fn a_task_is_put_back_to_the_last_digit() {
    let task = r#"{ "name": "somebody's", "migrate_speed": 0.1000000000000000055511151231257827, "mine": 12345678901234567890123 }"#;
    let stored = Arc::new(Mutex::new(task.to_owned()));
    let server = conforming({
        let stored = stored.clone();
        move |request, answer, _| {
            let mut stored = stored.lock().expect("no script panics");
            if request.method == "GET" {
                return Some(bytes_of(request, &crate::server::json(200, &stored)));
            }
            if answer.status == 200 && request.method == "PUT" {
                *stored = String::from_utf8_lossy(request.body.as_deref().unwrap_or_default()).into_owned();
            }
            Some(bytes_of(request, &answer))
        }
    });
    let ended = run(&server, &["--journal", "journal"]).ended().with_code(0);
    assert_eq!(*stored.lock().expect("no script panics"), task, "\n{ended}");
    let journal = fs::read_to_string(ended.folder.path.join("journal")).expect("there is a journal");
    assert!(journal.contains("12345678901234567890123"), "\n{ended}");
    let given = run(&server, &["--restore", "body.json"]);
    fs::write(given.folder.path.join("body.json"), task).expect("a file can be written");
    let ended = given.ended().with_code(0);
    assert_eq!(*stored.lock().expect("no script panics"), task, "\n{ended}");
}

#[test]
fn a_task_that_cannot_be_read_at_once_is_read_again() {
    let store = Store::new(&task());
    let failures = AtomicUsize::new(0);
    let server = store.server(move |_, _, _| (failures.fetch_add(1, Ordering::SeqCst) < 2).then_some(Some(500)));
    let ended = run(&server, &[]).ended().with_code(0);
    assert!(store.taken() > 10, "\n{ended}");
    assert_eq!(store.task(), task(), "\n{ended}");
}

#[test]
fn an_interruption_leaves_no_trace() {
    check_interrupted("INT");
    check_interrupted("TERM");
}

#[track_caller]
fn check_interrupted(signal: &str) {
    let store = Store::new(&task());
    let (sender, receiver) = channel();
    let hangs = AtomicBool::new(true);
    let server = store.server(move |store, _, peer| {
        if store.taken() < 300 || !hangs.swap(false, Ordering::SeqCst) {
            return None;
        }
        sender.send(()).expect("the test waits");
        peer.hang();
        Some(None)
    });
    let running = run(&server, &["--timeout", "1000s"]).start();
    receiver.recv_timeout(LIMIT).expect("the run sends that many");
    send(signal, &running.process);
    let ended = running.ended().with_code(130);
    assert_eq!(store.task(), task(), "\n{ended}");
    assert!(ended.stdout.contains("\nthe task was put back, and reads as it was before\n"), "\n{ended}");
    // What hangs may still be carried out.
    ended.complains(&[
        " never answered: where the target carries that out all the same",
        "look at it: it was as in fencepost-restore.json",
    ]);
    assert_eq!(ended.folder.files(), ["fencepost-restore.json"], "\n{ended}");
}

#[test]
fn a_body_that_is_given_is_sent_in_its_place() {
    let store = Store::new(&task());
    let server = store.server(|_, _, _| None);
    let run = run(&server, &["--restore", "body.json"]);
    fs::write(run.folder.path.join("body.json"), r#" {"name": "given"} "#).expect("a file can be written");
    let ended = run.ended().with_code(0);
    assert_eq!(store.task(), json!({"name": "given"}), "\n{ended}");
    assert!(ended.stdout.contains("\nthe task was sent the body in body.json\n"), "\n{ended}");
}

#[test]
fn a_body_that_cannot_be_sent_is_told_before_anything_is() {
    let store = Store::new(&task());
    let server = store.server(|_, _, _| None);
    let cases =
        [("none", "", "cannot be sent"), ("wrong", "{", "it is no JSON"), ("wrong", "[1]", "it is no JSON object")];
    for (file, text, words) in cases {
        let run = run(&server, &["--restore", file]);
        fs::write(run.folder.path.join("wrong"), text).expect("a file can be written");
        run.ended().with_code(2).complains(&[file, words, "give a file that holds a body in JSON"]);
    }
    assert_eq!(store.taken(), 0);
}

#[test]
fn a_task_that_cannot_be_read_is_told_before_and_after() {
    let server = conforming(|request, answer, _| Some(bytes_of(request, &answer)));
    let ended = run(&server, &[]).ended().with_code(0);
    assert!(ended.stdout.contains("\nthe task cannot be read (GET was answered with 4"), "\n{ended}");
    ended.complains(&[
        "the task is left as the last accepted probe made it",
        "could not be read before",
        "--restore FILE",
    ]);
}

#[test]
fn what_a_service_does_not_take_back_is_left_out_and_named() {
    let store = Store::new(&task());
    let server = store.server(|_, body, _| {
        let refused = body.get("speed_limit").is_some() && body["name"] == "somebody's";
        refused.then_some(Some(400))
    });
    let ended = run(&server, &[]).ended().with_code(0);
    let mut left = task();
    left.as_object_mut().expect("an object").retain(|name, _| name != "speed_limit" && name != "float_ip");
    left["sub_tasks"][0].as_object_mut().expect("an object").shift_remove("user_op");
    assert_eq!(store.task(), left, "\n{ended}");
    let told = "was put back, but it is not as it was before at body.speed_limit; look at it: it was as in fencepost-restore.json";
    ended.complains(&[told]);
}

/// Holds that a task that was not put back is told, and written into a file.
#[track_caller]
fn check_saved(ended: &Ended, why: &str, file: &str) {
    ended.complains(&["left as the last accepted probe made it", why, &format!("send it with --restore {file}")]);
    let kept = fs::read_to_string(ended.folder.path.join(file)).unwrap_or_else(|error| panic!("{error}\n{ended}"));
    assert_eq!(serde_json::from_str::<Value>(&kept).ok(), Some(task()), "\n{ended}");
}

#[test]
fn a_task_that_is_not_taken_back_is_kept_in_a_file() {
    let store = Store::new(&task());
    let server = store.server(|_, body, _| (body["name"] == "somebody's").then_some(Some(409)));
    let run = run(&server, &[]);
    fs::write(run.folder.path.join("fencepost-restore.json"), "another").expect("a file can be written");
    let ended = run.ended().with_code(0);
    let (first, second) = ended.stderr.split_once('\n').unwrap_or_default();
    assert!(first.contains("fencepost-restore.json is of another run") && first.contains("--restore"), "\n{ended}");
    assert!(
        second.contains("409 SMS.1: no") && second.contains("with --restore fencepost-restore-1.json"),
        "\n{ended}"
    );
    let kept = fs::read_to_string(ended.folder.path.join("fencepost-restore-1.json")).unwrap_or_default();
    assert_eq!(serde_json::from_str::<Value>(&kept).ok(), Some(task()), "\n{ended}");
    let other = fs::read_to_string(ended.folder.path.join("fencepost-restore.json"));
    assert_eq!(other.ok().as_deref(), Some("another"), "\n{ended}");
}

#[test]
fn the_task_of_a_target_that_died_is_kept_in_a_file() {
    let store = Store::new(&task());
    let server = store.server(|store, _, peer| {
        (store.taken() >= 300).then(|| {
            peer.door.close();
            None
        })
    });
    // Who felled it may be a finding.
    let ended = run(&server, &["--patience", "10ms"]).ended();
    assert!(matches!(ended.code, Some(1 | 3)), "\n{ended}");
    check_saved(&ended, "could not be put back", "fencepost-restore.json");
}

#[test]
fn an_interruption_does_not_keep_the_task_from_being_put_back() {
    let store = Store::new(&task());
    let (sender, receiver) = channel();
    let restorings = AtomicUsize::new(0);
    let server = store.server(move |_, body, peer| {
        let hangs = body["name"] == "somebody's" && restorings.fetch_add(1, Ordering::SeqCst) == 0;
        hangs.then(|| {
            sender.send(()).expect("the test waits");
            peer.hang();
            None
        })
    });
    let running = run(&server, &["--timeout", "1000s"]).start();
    receiver.recv_timeout(LIMIT).expect("the task is put back");
    interrupt(&running.process);
    let ended = running.ended().with_code(130);
    assert_eq!(store.task(), task(), "\n{ended}");
    let told = "interrupted: the task is being put back; a second interruption leaves it as it is\n\
                the task is as it was before\n";
    assert!(ended.stdout.contains(told), "\n{ended}");
    assert_eq!(ended.folder.files(), Vec::<String>::new(), "\n{ended}");
}

#[test]
fn only_a_body_that_is_refused_is_sent_without_some_of_its_members() {
    for status in [403, 409, 500] {
        let store = Store::new(&task());
        let server = store.server(move |_, body, _| (body["name"] == "somebody's").then_some(Some(status)));
        let ended = run(&server, &["--patience", "10ms"]).ended().with_code(0);
        assert_ne!(store.task()["name"], "somebody's", "\n{ended}");
        check_saved(&ended, &format!("{status} SMS.1: no"), "fencepost-restore.json");
    }
}

#[test]
fn a_second_interruption_ends_the_restoring_too() {
    let store = Store::new(&task());
    let (sender, receiver) = channel();
    let server = store.server(move |store, body, peer| {
        (store.taken() >= 300 || body["name"] == "somebody's").then(|| {
            // Only the first of those in flight is waited for, and the one that restores.
            let _ = sender.send(body["name"] == "somebody's");
            peer.hang();
            None
        })
    });
    let running = run(&server, &["--timeout", "1000s"]).start();
    receiver.recv_timeout(LIMIT).expect("the run sends that many");
    interrupt(&running.process);
    while !receiver.recv_timeout(LIMIT).expect("the task is put back") {}
    interrupt(&running.process);
    check_saved(&running.ended().with_code(130), "interrupted", "fencepost-restore.json");
}

#[test]
fn a_plan_reads_nothing() {
    let store = Store::new(&task());
    let arrived = Arc::new(AtomicUsize::new(0));
    let server = store.server({
        let arrived = arrived.clone();
        move |_, _, _| {
            arrived.fetch_add(1, Ordering::SeqCst);
            None
        }
    });
    let ended = run(&server, &["--dry-run"]).ended().with_code(0);
    assert_eq!(arrived.load(Ordering::SeqCst), 0, "\n{ended}");
}

#[test]
fn of_several_tasks_the_first_that_can_be_read_is_tested() {
    let paths: Arc<Mutex<Vec<String>>> = Arc::default();
    let server = conforming({
        let paths = paths.clone();
        move |request, answer, _| {
            if request.method == "PUT" {
                paths.lock().expect("no script panics").push(request.path.clone());
            }
            let known = request.method == "GET" && request.path != "/v3/tasks/gone";
            Some(bytes_of(request, &if known { crate::server::json(200, "{}") } else { answer }))
        }
    });
    for (ids, tested) in [(["gone", "there"], "there"), (["there", "other"], "there"), (["gone", "gone"], "gone")] {
        for command in ["run", "fuzz"] {
            let url = server.url();
            let run = fencepost(&[command, "--profile", "mine", "--max-requests", "300"]);
            let text = format!("[profile.mine]\nurl = \"{url}\"\ntask_id = {ids:?}\n");
            fs::write(run.folder.path.join("fencepost.toml"), text).expect("a file can be written");
            let ended = run.ended().with_code(0);
            let asked = std::mem::take(&mut *paths.lock().expect("no script panics"));
            let path = format!("/v3/tasks/{tested}");
            assert!(asked.len() > 200 && asked.iter().filter(|other| **other != path).count() < 20, "\n{ended}");
            assert!(ended.stdout.contains(&format!("\ntask {tested}: ")), "\n{ended}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_process_that_is_killed_leaves_the_task_in_a_file() {
    let store = Store::new(&task());
    let (sender, receiver) = channel();
    let server = store.server(move |store, _, peer| {
        (store.taken() >= 300).then(|| {
            // Only the first of those in flight is waited for.
            let _ = sender.send(());
            peer.hang();
            None
        })
    });
    let mut running = run(&server, &["--timeout", "1000s"]).start();
    receiver.recv_timeout(LIMIT).expect("the run sends that many");
    running.process.0.kill().expect("it runs");
    let ended = running.ended();
    let path = ended.folder.path.join("fencepost-restore.json");
    let kept = fs::read(&path).unwrap_or_else(|error| panic!("{error}\n{ended}"));
    assert_eq!(serde_json::from_slice::<Value>(&kept).ok(), Some(task()), "\n{ended}");
    let metadata = fs::metadata(path).expect("it is there");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077, 0, "\n{ended}");
}
