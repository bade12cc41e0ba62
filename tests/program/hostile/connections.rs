//! Connections: when they are closed, and whose answer comes over them.

use std::io::{BufReader, Read as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use fencepost::Contract;
use fencepost::stub::{Reply, Stub};

use super::{Hostile, check, first, is_success};
use crate::conforming::conforming;
use crate::server::{Peer, Server, bytes_of, json, read_request};

/// A server that answers each request of a connection with what belongs to the one before it.
fn one_behind() -> Server {
    let stub = Stub::new(&Contract::shipped(), Vec::new());
    Server::start(move |peer| {
        let mut reader = BufReader::new(&peer.stream);
        let mut before = None;
        while let Some(request) = read_request(&mut reader) {
            let Reply::Answer(answer) = stub.reply(&request) else { return };
            let bytes = bytes_of(&request, &answer);
            let sent = before.replace(bytes.clone()).unwrap_or(bytes);
            if (&peer.stream).write_all(&sent).is_err() {
                return;
            }
        }
    })
}

/// A server that leaves something unread when it hangs up, which resets the connection.
fn reset(peer: &Peer, bytes: &[u8]) {
    let mut stream = &peer.stream;
    let _ = stream.read(&mut [0; 1]);
    let _ = stream.write_all(bytes);
}

/// Every so many times something else than the answer.
fn every(period: usize, bytes: &'static [u8]) -> Server {
    let asked = AtomicUsize::new(0);
    conforming(move |request, answer, _| {
        let is_due = asked.fetch_add(1, Ordering::SeqCst) % period == period - 1;
        Some(if is_due { bytes.to_vec() } else { bytes_of(request, &answer) })
    })
}

#[test]
fn connections_that_are_worth_nothing_are_told() {
    let none = |does, server| Hostile { does, server, code: 3, finds: &[], says: "does not answer in HTTP" };
    check(
        "300ms",
        vec![
            none("resets each connection", Server::start(|peer| reset(peer, b""))),
            none(
                "resets each connection after the headers",
                Server::start(|peer| {
                    reset(peer, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n");
                }),
            ),
            none(
                "hangs up after one byte",
                Server::http(|_, peer| {
                    let _ = (&peer.stream).write_all(b"H");
                    None
                }),
            ),
            none(
                "hangs up in the middle of its headers",
                Server::http(|_, peer| {
                    let _ = (&peer.stream).write_all(b"HTTP/1.1 200 OK\r\nContent-Ty");
                    None
                }),
            ),
            none(
                "speaks TLS where none was asked for",
                Server::start(|peer| {
                    let _ = (&peer.stream).write_all(b"\x15\x03\x01\x00\x02\x02\x46");
                }),
            ),
        ],
    );
}

#[test]
fn answers_that_are_not_their_requests_own_are_told() {
    check(
        "300ms",
        vec![
            Hostile {
                does: "is one answer behind",
                server: one_behind(),
                code: 1,
                finds: &["response.success:flaky:inside"],
                says: "flaky",
            },
            Hostile {
                does: "resets what it refuses after the headers",
                code: 1,
                finds: &["body.name:connection:outside"],
                says: "connection closed without an answer",
                server: conforming(|request, answer, peer| {
                    if is_success(&answer) {
                        return Some(bytes_of(request, &answer));
                    }
                    let head = format!("{}\r\nContent-Length: 100\r\n\r\n", first(&answer));
                    let _ = (&peer.stream).write_all(head.as_bytes());
                    None
                }),
            },
            Hostile {
                does: "refuses its caller each seventh time",
                server: every(7, UNAUTHORIZED),
                code: 0,
                finds: &[],
                says: "\nno finding",
            },
            Hostile {
                does: "is redirected each third time",
                server: every(3, CIRCLE),
                code: 1,
                finds: &["response.success:flaky:inside"],
                says: "flaky",
            },
            Hostile {
                does: "sends everybody round in a circle",
                code: 3,
                finds: &[],
                says: "answers everything",
                server: Server::http(|request, _| {
                    let mut answer = json(307, "{}");
                    answer.headers.push(("Location".to_owned(), request.path.clone()));
                    Some(bytes_of(request, &answer))
                }),
            },
        ],
    );
}

const UNAUTHORIZED: &[u8] = b"HTTP/1.1 401 No\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
const CIRCLE: &[u8] = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
