//! What GET gives may be something else than the thing: it is not put in its place, and not thrown away.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::command::{Ended, fencepost};
use crate::conforming::conforming;
use crate::server::bytes_of;

const ERROR: &str = r#"{"name":"NotFoundError","message":"no such task"}"#;

/// A command against a service whose answers to GET are these, one after the other, and the last again and again; the answers
/// of a store where they are empty. With what was put last.
fn against(command: &str, readings: &'static [&'static str]) -> (Ended, Value) {
    let task = Arc::new(std::sync::Mutex::new(json!({"name": "somebody's"})));
    let asked = AtomicUsize::new(0);
    let server = conforming({
        let task = task.clone();
        move |request, answer, _| {
            let mut task = task.lock().expect("no script panics");
            if request.method == "GET" {
                let number = asked.fetch_add(1, Ordering::SeqCst).min(readings.len() - 1);
                let (reading, stored) = (readings[number], task.to_string());
                let body = if reading.is_empty() { &stored } else { reading };
                return Some(bytes_of(request, &crate::server::json(200, body)));
            }
            if answer.status == 200 && request.method == "PUT" {
                *task = serde_json::from_slice(request.body.as_deref().unwrap_or_default()).unwrap_or_default();
            }
            Some(bytes_of(request, &answer))
        }
    });
    let url = server.url();
    let ended = fencepost(&[command, "--target", &url, "--max-requests", "300"]).ended().with_code(0);
    let left = task.lock().expect("no script panics").clone();
    (ended, left)
}

#[test]
fn an_error_under_a_success_status_is_not_put_in_the_place_of_the_task() {
    for command in ["run", "fuzz"] {
        let (ended, left) = against(command, &[ERROR]);
        assert_ne!(left.to_string(), ERROR, "\n{ended}");
        assert!(ended.stdout.contains("\nwhat GET gives may be an error and not the task (`message`)"), "\n{ended}");
        assert!(!ended.stdout.contains("as it was before"), "\n{ended}");
        ended.complains(&["left as the last accepted probe made it", "--restore fencepost-restore.json"]);
        let kept = std::fs::read_to_string(ended.folder.path.join("fencepost-restore.json"));
        assert_eq!(kept.ok().as_deref(), Some(ERROR), "\n{ended}");
    }
}

#[test]
fn of_several_tasks_none_is_taken_for_an_errors_sake() {
    let server = conforming(|request, answer, _| {
        let body = if request.path == "/v3/tasks/gone" { ERROR } else { r#"{"name":"somebody's"}"# };
        let read = request.method == "GET";
        Some(bytes_of(request, &if read { crate::server::json(200, body) } else { answer }))
    });
    let url = server.url();
    let flags = ["run", "--target", &url, "--task-id", "gone", "--task-id", "there", "--max-requests", "50"];
    let ended = fencepost(&flags).ended().with_code(0);
    assert!(ended.stdout.contains("\ntask there: the first that can be read\n"), "\n{ended}");
}

#[test]
fn an_error_that_passes_is_read_again() {
    let (ended, left) = against("run", &[ERROR, r#"{"error_code":"SMS.1","error_msg":"busy"}"#, ""]);
    assert_eq!(left, json!({"name": "somebody's"}), "\n{ended}");
    assert!(ended.stdout.contains("\nthe task is as it was before\n"), "\n{ended}");
    assert_eq!(ended.stderr, "", "\n{ended}");
}

#[test]
fn what_cannot_be_read_afterwards_is_not_said_to_be_as_it_was() {
    for error in [&["", ERROR][..], &["", r#"{"error_code":"SMS.1","error_msg":"busy"}"#]] {
        let (ended, _) = against("run", error);
        assert!(!ended.stdout.contains("as it was before\n"), "\n{ended}");
        ended.complains(&["whether it is as before is not known", "it was as in fencepost-restore.json"]);
    }
}

#[test]
fn what_reads_otherwise_is_named() {
    let (ended, _) = against("run", &["", r#"{"name":"another's"}"#]);
    ended.complains(&["it is not as it was before at body.name", "it was as in fencepost-restore.json"]);
}
