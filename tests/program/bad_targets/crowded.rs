//! Targets that keep the contract and take few connections, or few requests, at a time: a run eases off to what they take, and
//! says so once. Whatever they do with what is too much, they were never gone, and nothing is held against them.

use std::io::{Read as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use fencepost::Contract;
use fencepost::exchange::Request;
use fencepost::stub::{Reply, Stub};

use super::failing::{findings, run};
use crate::command::{Ended, fencepost};
use crate::conforming::conforming;
use crate::server::{Peer, Server, bytes_of, json};

/// What becomes of a connection that is one too many.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Surplus {
    /// It is closed while something lies there unread, which resets it.
    Reset,
    /// It is closed without a word once the request was read.
    Closed,
    /// It is closed at once.
    Shut,
    /// Its first request is answered with this status, and this time to wait, and it is closed.
    Answered(u16, Option<&'static str>),
}

impl Surplus {
    fn meets(self, peer: &Peer) {
        let mut stream = &peer.stream;
        match self {
            Self::Reset => {
                let _ = peer.stream.peek(&mut [0]);
            }
            Self::Closed => {
                let _ = stream.read(&mut [0; 1 << 12]);
            }
            Self::Shut => {}
            Self::Answered(status, retry_after) => peer.serve(&move |request: &Request, peer: &Peer| {
                let mut answer = json(status, r#"{"error_code":"SMS.429","error_msg":"too many"}"#);
                answer.headers.push(("Connection".to_owned(), "close".to_owned()));
                answer.headers.extend(retry_after.map(|time| ("Retry-After".to_owned(), time.to_owned())));
                let _ = (&peer.stream).write_all(&bytes_of(request, &answer));
                None
            }),
        }
    }
}

/// A server that keeps the contract over so many connections at a time.
fn crowded(most: usize, surplus: Surplus) -> Server {
    let (stub, open) = (Stub::new(&Contract::shipped(), Vec::new()), AtomicUsize::new(0));
    Server::start(move |peer| {
        if open.fetch_add(1, Ordering::SeqCst) < most {
            peer.serve(&keeping(&stub));
        } else {
            surplus.meets(peer);
        }
        open.fetch_sub(1, Ordering::SeqCst);
    })
}

fn keeping(stub: &Stub) -> impl Fn(&Request, &Peer) -> Option<Vec<u8>> + '_ {
    |request, _| match stub.reply(request) {
        Reply::Answer(answer) => Some(bytes_of(request, &answer)),
        // Only a stub with faults does that.
        Reply::Hang | Reply::Drop => None,
    }
}

/// What is wrong with what is told of a sound target that takes little at a time.
fn wrongs(told: &str, ended: &Ended) -> Option<String> {
    let said = format!("{}{}", ended.stdout, ended.stderr);
    let untrue = ["gone", "stopped answering", "flaky", "changed", "FINDING"];
    let is_right = ended.code == Some(0)
        && findings(ended).is_empty()
        && said.contains("\nno finding; 803 of 803")
        && !untrue.iter().any(|word| said.contains(word));
    (!is_right).then(|| format!("{told}: {ended}"))
}

#[test]
fn a_target_that_takes_few_connections_is_asked_over_as_many() {
    let mut wrong = Vec::new();
    for most in [1, 2, 4, 8] {
        for surplus in [Surplus::Reset, Surplus::Closed, Surplus::Shut] {
            let ended = run(&crowded(most, surplus));
            let told = format!("{most} connections, the others {surplus:?}");
            wrong.extend(wrongs(&told, &ended));
            let is_told = |few: usize| {
                let many = match few {
                    1 => "requests were sent one at a time".to_owned(),
                    _ => format!("as few as {few} requests were sent at a time"),
                };
                ended.stdout.contains(&format!("\n{many}: of more, some were not answered\n"))
            };
            // Down to half as many where a connection was slow to be there again.
            if !(most.div_ceil(2)..=most).any(is_told) || ended.stdout.matches(" at a time: ").count() != 1 {
                wrong.push(format!("{told}: {ended}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_target_that_turns_away_what_is_too_much_loses_no_verdict() {
    let mut wrong = Vec::new();
    for (most, status, retry_after) in
        [(1, 503, None), (4, 503, None), (4, 503, Some("0")), (2, 429, None), (4, 429, None), (8, 429, Some("0"))]
    {
        let ended = run(&crowded(most, Surplus::Answered(status, retry_after)));
        let told = format!("{most} connections, the others {status} {retry_after:?}");
        wrong.extend(wrongs(&told, &ended));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_target_that_does_not_let_in_what_is_too_much_is_asked_over_as_many() {
    let stub = Stub::new(&Contract::shipped(), Vec::new());
    let server = Server::letting_in(4, move |peer| peer.serve(&keeping(&stub)));
    let url = server.url();
    let ended =
        fencepost(&["run", "--timeout", "2s", "--report-json", "report.json", "--target", &url]).ended().with_code(0);
    let wrong = wrongs("4 are let in", &ended);
    assert!(wrong.is_none(), "{wrong:?}");
    assert!(ended.stdout.contains(" at a time: of more, some were not answered\n"), "\n{ended}");
}

#[test]
fn a_target_that_takes_so_many_requests_a_second_loses_no_verdict() {
    for (status, retry_after) in [(429, None), (429, Some("1")), (503, Some("1"))] {
        let (begun, counted) = (Instant::now(), Mutex::new((0, 0)));
        let server = conforming(move |request, mut answer, _| {
            let second = begun.elapsed().as_secs();
            let mut counted = counted.lock().expect("no script panics");
            *counted = if counted.0 == second { (second, counted.1 + 1) } else { (second, 1) };
            if counted.1 > 1_500 {
                answer = json(status, "{}");
                answer.headers.extend(retry_after.map(|time| ("Retry-After".to_owned(), time.to_owned())));
            }
            Some(bytes_of(request, &answer))
        });
        let ended = run(&server);
        let wrong = wrongs(&format!("{status} {retry_after:?}"), &ended);
        assert!(wrong.is_none(), "{wrong:?}");
        let throttled = ended.stdout.matches("\nthe target throttled requests: it was left alone for ").count();
        assert!(throttled <= 1 && !ended.stdout.contains(" at a time: "), "\n{ended}");
    }
}
