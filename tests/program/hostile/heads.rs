//! Status lines and headers.

use std::io::Write as _;

use super::{Hostile, JSON, check, first, is_success, length, raw, twisted};
use crate::conforming::conforming;
use crate::server::{Server, bytes_of};

fn with_status(status: &'static str) -> Server {
    conforming(move |_, answer, _| {
        let line = if is_success(&answer) { status.to_owned() } else { first(&answer) };
        Some(raw(&line, &[JSON, &length(&answer.body)], &answer.body))
    })
}

fn with_header(header: &'static str) -> Server {
    conforming(move |_, answer, _| Some(raw(&first(&answer), &[JSON, header, &length(&answer.body)], &answer.body)))
}

#[test]
fn odd_but_sound_heads_are_no_finding() {
    let sound = |does, server| Hostile { does, server, code: 0, finds: &[], says: "\nno finding" };
    check(
        "10s",
        vec![
            sound(
                "sends twenty early hints before each answer",
                twisted(|request, answer| {
                    let hint = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
                    [hint.repeat(20), bytes_of(request, answer)].concat()
                }),
            ),
            sound(
                "tells to continue unasked",
                twisted(|request, answer| [&b"HTTP/1.1 100 Continue\r\n\r\n"[..], &bytes_of(request, answer)].concat()),
            ),
            sound(
                "writes names of headers in odd letter case",
                twisted(|_, answer| {
                    let length = format!("cOnTeNt-LeNgTh: {}", answer.body.len());
                    raw(&first(answer), &["CONTENT-TYPE: Application/JSON", &length], &answer.body)
                }),
            ),
            sound(
                "sends eighty headers",
                conforming(|_, answer, _| {
                    let many: Vec<String> = (0..80).map(|number| format!("X-{number}: {}", "v".repeat(500))).collect();
                    let mut headers: Vec<&str> = many.iter().map(String::as_str).collect();
                    let length = length(&answer.body);
                    headers.extend([JSON, &length]);
                    Some(raw(&first(&answer), &headers, &answer.body))
                }),
            ),
            sound("offers another protocol", with_header("Upgrade: h2c\r\nConnection: upgrade")),
            sound("sends bytes above ASCII in a header", with_header("X-Name: \u{e9}\u{1f600}")),
            sound("sends an empty header", with_header("X-Empty:")),
            sound("asks to come back, with a success", with_header("Retry-After: -1")),
        ],
    );
}

#[test]
fn heads_that_are_none_are_told() {
    let none = |does, server| Hostile { does, server, code: 3, finds: &[], says: "does not answer in HTTP" };
    check(
        "300ms",
        vec![
            none("sends a header without a colon", with_header("X-Broken")),
            none("sends a NUL in a header", with_header("X-Nul: a\0b")),
            none("sends a space in the name of a header", with_header("X Broken: 1")),
            none(
                "sends a header of a megabyte",
                conforming(|_, answer, _| {
                    let huge = format!("X-Huge: {}", "h".repeat(1 << 20));
                    Some(raw(&first(&answer), &[JSON, &huge, &length(&answer.body)], &answer.body))
                }),
            ),
            none(
                "never ends its headers",
                Server::http(|_, peer| {
                    let mut stream = &peer.stream;
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
                    while stream.write_all(b"X-More: and more\r\n").is_ok() {}
                    None
                }),
            ),
            none("speaks HTTP/0.9", super::last(|_, answer| answer.body.clone())),
            none(
                "speaks HTTP/3",
                twisted(|_, answer| raw("HTTP/3 200 OK", &[JSON, &length(&answer.body)], &answer.body)),
            ),
            none(
                "sends a status of four digits",
                twisted(|_, answer| raw("HTTP/1.1 2000 OK", &[JSON, &length(&answer.body)], &answer.body)),
            ),
            none(
                "sends a status in letters",
                twisted(|_, answer| raw("HTTP/1.1 2OO OK", &[JSON, &length(&answer.body)], &answer.body)),
            ),
            none(
                "sends the status 099",
                twisted(|_, answer| raw("HTTP/1.1 099 Odd", &[JSON, &length(&answer.body)], &answer.body)),
            ),
            Hostile {
                does: "tells to continue for ever",
                server: Server::http(|_, peer| {
                    let mut stream = &peer.stream;
                    while stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").is_ok() {}
                    None
                }),
                code: 3,
                finds: &[],
                says: "the target answers nothing in time",
            },
            Hostile {
                does: "ends its lines with LF alone",
                server: twisted(|_, answer| {
                    let head = format!("HTTP/1.1 {} OK\n{JSON}\n{}\n\n", answer.status, length(&answer.body));
                    [head.as_bytes(), &answer.body].concat()
                }),
                code: 0,
                finds: &[],
                says: "\nno finding",
            },
            Hostile {
                does: "folds a header",
                server: with_header("X-Folded: a\r\n b"),
                code: 3,
                finds: &[],
                says: "does not answer in HTTP",
            },
        ],
    );
}

#[test]
fn statuses_that_are_none_of_the_contract_are_told() {
    let none = |does, status, says| Hostile { does, server: with_status(status), code: 3, finds: &[], says };
    let odd = |does, status, says| {
        let finds: &[&str] = &["response.success:status:inside"];
        Hostile { does, server: with_status(status), code: 1, finds, says }
    };
    check(
        "300ms",
        vec![
            odd("answers legal requests with 600", "HTTP/1.1 600 Odd", "600 for every legal request"),
            odd("answers legal requests with 999", "HTTP/1.1 999 Odd", "999 for every legal request"),
            odd("answers legal requests with 204 and a body", "HTTP/1.1 204 No Content", "status 204"),
            odd("answers legal requests with 206", "HTTP/1.1 206 Partial Content", "status 206"),
            none(
                "answers legal requests with 304",
                "HTTP/1.1 304 Not Modified",
                "accepted no legal request (it answered 304): check the URL",
            ),
            none(
                "answers legal requests with 302",
                "HTTP/1.1 302 Found\r\nLocation: /",
                "give the URL that it redirects to",
            ),
            none(
                "answers legal requests with 101",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade",
                "accepted no legal request (it answered 101)",
            ),
            none("answers legal requests with 300", "HTTP/1.1 300 Many", "accepted no legal request (it answered 300"),
        ],
    );
}
