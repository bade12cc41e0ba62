//! How long things take, and what is asked for.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{Hostile, check, twisted};
use crate::conforming::conforming;
use crate::server::{Server, bytes_of, json};

/// A server that asks once to be left alone for so long.
fn once(status: u16, retry_after: &'static str) -> Server {
    let asked = AtomicUsize::new(0);
    conforming(move |request, mut answer, _| {
        if asked.fetch_add(1, Ordering::SeqCst) == 30 {
            answer = json(status, "{}");
            answer.headers.push(("Retry-After".to_owned(), retry_after.to_owned()));
        }
        Some(bytes_of(request, &answer))
    })
}

#[test]
fn times_to_wait_that_are_none_are_taken_for_some_time() {
    let sound = |does, server| Hostile { does, server, code: 0, finds: &[], says: "\nno finding" };
    check(
        "10s",
        vec![
            sound("asks to wait for less than nothing", once(429, "-1")),
            sound("asks to wait until a day of the past", once(503, "Sun, 06 Nov 1994 08:49:37 GMT")),
            sound("asks to wait for ever", once(429, "99999999999999999999")),
            sound("asks to wait for a word", once(429, "soon")),
            sound("asks to wait for half a second", once(503, "0.5")),
        ],
    );
}

#[test]
fn slowness_is_told_where_it_is_too_much() {
    check(
        "400ms",
        vec![Hostile {
            does: "sends a byte now and then",
            code: 3,
            finds: &[],
            says: "the target answers nothing in time",
            server: Server::http(|request, peer| {
                for byte in bytes_of(request, &json(200, "{\"id\":\"x\"}")) {
                    if (&peer.stream).write_all(&[byte]).is_err() {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(50));
                }
                None
            }),
        }],
    );
    check(
        "10s",
        vec![
            Hostile {
                does: "writes byte by byte",
                code: 0,
                finds: &[],
                says: "\nno finding",
                server: conforming(|request, answer, peer| {
                    for byte in bytes_of(request, &answer) {
                        (&peer.stream).write_all(&[byte]).ok()?;
                    }
                    Some(Vec::new())
                }),
            },
            Hostile { does: "is sound", code: 0, finds: &[], says: "\nno finding", server: twisted(bytes_of) },
        ],
    );
}
