//! What was never answered may have been carried out, or still be: the end says how many, whichever way it comes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use super::restore::{Store, run, task};
use super::send;
use crate::command::{Ended, LIMIT, fencepost};
use crate::server::Server;

/// How many requests the end says were never answered.
#[track_caller]
fn told(ended: &Ended) -> usize {
    let line = ended.stderr.lines().find(|line| line.contains(" never answered: where the target carries that out"));
    let before =
        line.and_then(|line| line.split(" never answered").next()).unwrap_or_else(|| panic!("not said\n{ended}"));
    let number = before.rsplit(' ').nth(2).and_then(|word| word.parse().ok());
    number.unwrap_or_else(|| panic!("no number\n{ended}"))
}

/// A service that takes every so-manieth body and says nothing of it: it closes the connection, or lets it wait.
fn mute(store: &Store, every: usize, closes: bool) -> (Server, std::sync::Arc<AtomicUsize>) {
    let unanswered = std::sync::Arc::new(AtomicUsize::new(0));
    let asked = AtomicUsize::new(0);
    let server = store.server({
        let unanswered = unanswered.clone();
        move |_, body, peer| {
            let is_body = body.is_object() && *body != task();
            if !is_body || asked.fetch_add(1, Ordering::SeqCst) % every != every - 1 {
                return None;
            }
            unanswered.fetch_add(1, Ordering::SeqCst);
            if !closes {
                peer.hang();
            }
            Some(None)
        }
    });
    (server, unanswered)
}

/// Holds that a command says of exactly so many requests that they were never answered, and keeps the file.
#[track_caller]
fn check(command: &str, closes: bool, every: usize, flags: &[&str]) {
    let store = Store::new(&task());
    let (server, unanswered) = mute(&store, every, closes);
    let url = server.url();
    let fixed = [command, "--target", &url, "--timeout", "300ms", "--patience", "10ms"];
    let ended = fencepost(&[&fixed, flags].concat()).ended();
    assert_eq!(told(&ended), unanswered.load(Ordering::SeqCst), "\n{ended}");
    assert_eq!(store.task(), task(), "\n{ended}");
    assert!(ended.stdout.contains("\nthe task was put back, and reads as it was before\n"), "\n{ended}");
    assert!(ended.stderr.contains("; look at it: it was as in fencepost-restore.json\n"), "\n{ended}");
    assert_eq!(ended.folder.files(), ["fencepost-restore.json"], "\n{ended}");
}

#[test]
fn what_was_never_answered_is_counted_at_the_end() {
    for closes in [true, false] {
        check("run", closes, 100, &["--max-requests", "350"]);
        check("fuzz", closes, 100, &["--max-requests", "350"]);
    }
    check("run", true, 600, &[]);
    // Nothing is ever answered, and all of it may have been carried out.
    check("run", true, 1, &[]);
    check("fuzz", true, 1, &["--for", "2s"]);
}

#[test]
fn a_second_interruption_says_what_is_left_undone() {
    for command in ["run", "fuzz"] {
        let store = Store::new(&task());
        let (sender, receiver) = channel();
        let server = store.server(move |store, _, peer| {
            (store.taken() >= 100).then(|| {
                // Only the first of those in flight is waited for.
                let _ = sender.send(());
                peer.hang();
                None
            })
        });
        let url = server.url();
        let running = fencepost(&[command, "--timeout", "1000s", "--target", &url]).start();
        receiver.recv_timeout(LIMIT).expect("that many are sent");
        // Two of a kind could become one before they are heard.
        send("INT", &running.process);
        send("TERM", &running.process);
        let ended = running.ended().with_code(130);
        assert!(told(&ended) > 0, "\n{ended}");
        ended.complains(&["the task is left as the last accepted probe made it", "--restore fencepost-restore.json"]);
        assert_eq!(ended.folder.files(), ["fencepost-restore.json"], "\n{ended}");
    }
}

#[test]
fn what_cannot_be_put_back_is_counted_as_well() {
    let store = Store::new(&task());
    let (server, unanswered) = mute(&store, 1, true);
    let given = run(&server, &["--patience", "10ms", "--restore", "body.json"]);
    std::fs::write(given.folder.path.join("body.json"), task().to_string()).expect("a file can be written");
    let ended = given.ended();
    assert_eq!(told(&ended), unanswered.load(Ordering::SeqCst), "\n{ended}");
    let unread = crate::conforming::conforming(|request, answer, _| {
        let bytes = crate::server::bytes_of(request, &answer);
        (request.method == "GET").then_some(bytes)
    });
    let ended = run(&unread, &["--patience", "10ms"]).ended();
    assert!(told(&ended) > 0, "\n{ended}");
    assert!(ended.stderr.contains("the task may not be as it was: it could not be read before"), "\n{ended}");
}
