//! Where an answer begins and ends.

use super::{Hostile, JSON, check, first, last, length, raw, twisted};
use crate::server::bytes_of;

fn chunks(body: &[u8], extension: &str, trailer: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in body.chunks(7) {
        bytes.extend(format!("{:x}{extension}\r\n", piece.len()).into_bytes());
        bytes.extend(piece);
        bytes.extend(b"\r\n");
    }
    bytes.extend(format!("0\r\n{trailer}\r\n").into_bytes());
    bytes
}

const CHUNKED: &str = "Transfer-Encoding: chunked";

#[test]
fn odd_but_sound_framing_is_no_finding() {
    let sound = |does, server| Hostile { does, server, code: 0, finds: &[], says: "\nno finding" };
    check(
        "10s",
        vec![
            sound(
                "sends chunks with extensions",
                twisted(|_, answer| raw(&first(answer), &[JSON, CHUNKED], &chunks(&answer.body, ";name=\"a;b\"", ""))),
            ),
            sound(
                "sends trailers",
                twisted(|_, answer| {
                    raw(&first(answer), &[JSON, CHUNKED, "Trailer: X-Sum"], &chunks(&answer.body, "", "X-Sum: 1\r\n"))
                }),
            ),
            sound(
                "names its length twice, alike",
                twisted(|_, answer| {
                    raw(&first(answer), &[JSON, &length(&answer.body), &length(&answer.body)], &answer.body)
                }),
            ),
            sound("ends its answers with the connection", last(|_, answer| raw(&first(answer), &[JSON], &answer.body))),
            sound(
                "speaks HTTP/1.0",
                last(|_, answer| {
                    raw(&format!("HTTP/1.0 {} OK", answer.status), &[JSON, &length(&answer.body)], &answer.body)
                }),
            ),
            sound("closes each connection without saying so", last(bytes_plain)),
            sound(
                "gives no reason",
                twisted(|_, answer| {
                    raw(&format!("HTTP/1.1 {} ", answer.status), &[JSON, &length(&answer.body)], &answer.body)
                }),
            ),
            sound(
                "sends an empty line after each answer",
                twisted(|request, answer| [bytes_of(request, answer), b"\r\n".to_vec()].concat()),
            ),
        ],
    );
}

fn bytes_plain(request: &fencepost::exchange::Request, answer: &fencepost::exchange::Response) -> Vec<u8> {
    bytes_of(request, answer)
}

#[test]
fn answers_whose_end_is_wrong_are_told() {
    let bad = |does, server| Hostile { does, server, code: 3, finds: &[], says: "does not answer in HTTP" };
    check(
        "300ms",
        vec![
            bad(
                "gives a negative length",
                twisted(|_, answer| raw(&first(answer), &[JSON, "Content-Length: -1"], &answer.body)),
            ),
            bad(
                "gives two lengths",
                twisted(|_, answer| {
                    raw(&first(answer), &[JSON, "Content-Length: 2", &length(&answer.body)], &answer.body)
                }),
            ),
            bad(
                "gives a length that is no number",
                twisted(|_, answer| raw(&first(answer), &[JSON, "Content-Length: many"], &answer.body)),
            ),
            bad(
                "gives a length beyond all numbers",
                twisted(|_, answer| {
                    raw(&first(answer), &[JSON, "Content-Length: 99999999999999999999999"], &answer.body)
                }),
            ),
            bad(
                "says too much and hangs up",
                last(|_, answer| raw(&first(answer), &[JSON, "Content-Length: 5000"], &answer.body)),
            ),
            bad(
                "names the size of a chunk wrongly",
                last(|_, answer| {
                    raw(&first(answer), &[JSON, CHUNKED], &[&b"3\r\n"[..], &answer.body, b"\r\n0\r\n\r\n"].concat())
                }),
            ),
            bad(
                "ends within a chunk",
                last(|_, answer| raw(&first(answer), &[JSON, CHUNKED], &[&b"fff\r\n"[..], &answer.body].concat())),
            ),
            bad(
                "gives no size of a chunk",
                last(|_, answer| raw(&first(answer), &[JSON, CHUNKED], &[&b"xyz\r\n"[..], &answer.body].concat())),
            ),
            bad(
                "gives a size of a chunk beyond all numbers",
                last(|_, answer| {
                    raw(&first(answer), &[JSON, CHUNKED], &[&b"fffffffffffffffffff\r\n"[..], &answer.body].concat())
                }),
            ),
            Hostile {
                does: "says too much and waits",
                server: twisted(|_, answer| raw(&first(answer), &[JSON, "Content-Length: 5000"], &answer.body)),
                code: 3,
                finds: &[],
                says: "the target answers nothing in time",
            },
            Hostile {
                does: "never ends a chunked answer",
                server: twisted(|_, answer| {
                    let mut chunks = chunks(&answer.body, "", "");
                    chunks.truncate(chunks.len() - 5);
                    raw(&first(answer), &[JSON, CHUNKED], &chunks)
                }),
                code: 3,
                finds: &[],
                says: "the target answers nothing in time",
            },
            Hostile {
                does: "says too little",
                server: twisted(|_, answer| raw(&first(answer), &[JSON, "Content-Length: 1"], &answer.body)),
                code: 1,
                finds: &["response.success:responseBody:inside", "response.refusal:responseBody:outside"],
                says: "a body that is no JSON",
            },
            Hostile {
                does: "gives chunks and a length",
                server: twisted(|_, answer| {
                    raw(&first(answer), &[JSON, CHUNKED, "Content-Length: 3"], &chunks(&answer.body, "", ""))
                }),
                code: 0,
                finds: &[],
                says: "\nno finding",
            },
            Hostile {
                does: "answers each request twice",
                server: twisted(|request, answer| [bytes_of(request, answer), bytes_of(request, answer)].concat()),
                code: 0,
                finds: &[],
                says: "\nno finding",
            },
        ],
    );
}
