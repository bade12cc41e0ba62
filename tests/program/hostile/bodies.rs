//! What answers hold.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Hostile, JSON, check, first, is_success, length, raw, twisted};
use crate::conforming::conforming;
use crate::server::{Server, bytes_of};

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// A server whose successes have this body, and these headers beside it.
pub(super) fn with_body(
    headers: &'static [&'static str],
    body: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static,
) -> Server {
    conforming(move |request, answer, _| {
        if !is_success(&answer) {
            return Some(bytes_of(request, &answer));
        }
        let body = body(&answer.body);
        Some(raw(&first(&answer), &[headers, &[&length(&body)]].concat(), &body))
    })
}

#[test]
fn odd_but_sound_bodies_are_no_finding() {
    let sound = |does, server| Hostile { does, server, code: 0, finds: &[], says: "\nno finding" };
    check(
        "10s",
        vec![
            sound(
                "zips twice, and says so",
                with_body(&[JSON, "Content-Encoding: gzip, gzip"], |body| zipped(&zipped(body))),
            ),
            sound("ends its body with white space", with_body(&[JSON], |body| [body, &b" ".repeat(100_000)].concat())),
            sound(
                "sends a number of a million digits",
                with_body(&[JSON], |_| [&b"{\"id\":\"x\",\"n\":"[..], &vec![b'9'; 1_000_000], b"}"].concat()),
            ),
            sound("names a charset", with_body(&["Content-Type: application/json; charset=utf-8"], <[u8]>::to_vec)),
        ],
    );
}

#[test]
fn bodies_that_cannot_be_read_are_not_judged() {
    let unread = |does, server, says| Hostile { does, server, code: 0, finds: &[], says };
    check(
        "10s",
        vec![
            unread(
                "cuts what it zips",
                with_body(&[JSON, "Content-Encoding: gzip"], |body| {
                    let zipped = zipped(body);
                    zipped[..zipped.len() - 9].to_vec()
                }),
                "the body was not judged: it cannot be decoded as `gzip`",
            ),
            unread(
                "zips in a way of its own",
                with_body(&[JSON, "Content-Encoding: x-mine"], |_| b"??".to_vec()),
                "the body was not judged: its content coding `x-mine` is not known here",
            ),
            unread(
                "says it zips and does not",
                with_body(&[JSON, "Content-Encoding: gzip"], <[u8]>::to_vec),
                "the body was not judged: it cannot be decoded as `gzip`",
            ),
            unread(
                "sends a bomb",
                with_body(&[JSON, "Content-Encoding: gzip"], |_| zipped(&vec![b' '; 50 << 20])),
                "the body was not judged: it is longer than the 4194304 bytes that are kept",
            ),
            unread(
                "nests to a depth of 20000",
                with_body(&[JSON], |_| [&b"{\"id\":\"x\",\"n\":"[..], &[b'['; 20_000], &[b']'; 20_000], b"}"].concat()),
                "the body was not judged: it holds values nested more than 100 deep",
            ),
            unread(
                "sends millions of values",
                with_body(&[JSON], |_| [&b"{\"id\":\"x\",\"n\":["[..], &b"1,".repeat(1_500_000), b"1]}"].concat()),
                "the body was not judged: it holds more than 100000 values",
            ),
        ],
    );
}

#[test]
fn bodies_that_are_wrong_are_told() {
    let wrong = |does, server, says| {
        let finds: &[&str] = &["response.success:responseBody:inside"];
        Hostile { does, server, code: 1, finds, says }
    };
    check(
        "10s",
        vec![
            wrong(
                "zips twice, and says once",
                with_body(&[JSON, "Content-Encoding: gzip"], |body| zipped(&zipped(body))),
                "JSON",
            ),
            wrong(
                "speaks UTF-16",
                with_body(&[JSON], |body| {
                    let text = String::from_utf8_lossy(body).into_owned();
                    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
                }),
                "JSON",
            ),
            wrong(
                "sends no UTF-8",
                with_body(&["Content-Type: application/json; charset=latin1"], |_| b"{\"id\":\"\xe9\"}".to_vec()),
                "JSON",
            ),
            wrong("sends NaN", with_body(&[JSON], |_| b"{\"id\":NaN}".to_vec()), "JSON"),
            wrong("sends two texts of JSON", with_body(&[JSON], |body| [body, body].concat()), "JSON"),
            wrong("sends nothing", with_body(&[JSON], |_| Vec::new()), "no body"),
        ],
    );
}

#[test]
fn bodies_that_some_readers_mind_are_told_as_they_are() {
    check(
        "10s",
        vec![
            Hostile {
                does: "sends a mark before its JSON",
                server: with_body(&[JSON], |body| [&b"\xef\xbb\xbf"[..], body].concat()),
                code: 0,
                finds: &[],
                says: "\nno finding",
            },
            Hostile {
                does: "names members twice",
                server: with_body(&[JSON], |_| b"{\"id\":\"a\",\"id\":\"b\"}".to_vec()),
                code: 0,
                finds: &[],
                says: "\nno finding",
            },
            Hostile {
                does: "names another type",
                server: with_body(&["Content-Type: text/html"], <[u8]>::to_vec),
                code: 1,
                finds: &["response.success:mediaType:inside"],
                says: "text/html",
            },
            Hostile {
                does: "names two types",
                server: with_body(&[JSON, "Content-Type: text/html"], <[u8]>::to_vec),
                code: 1,
                finds: &["response.success:mediaType:inside"],
                says: "text/html",
            },
            Hostile {
                does: "names no type",
                server: with_body(&[], <[u8]>::to_vec),
                code: 1,
                finds: &["response.success:mediaType:inside"],
                says: "no Content-Type",
            },
        ],
    );
}

#[test]
fn a_type_of_all_answers_that_is_empty_is_told() {
    check(
        "10s",
        vec![Hostile {
            does: "names an empty type",
            server: twisted(|_, answer| raw(&first(answer), &["Content-Type:", &length(&answer.body)], &answer.body)),
            code: 1,
            finds: &["response.success:mediaType:inside", "response.refusal:mediaType:outside"],
            says: "Content-Type ",
        }],
    );
}
