//! A shelf of hostile servers: each keeps the contract, and sends what it has to say in a way that no client would wish for. The run
//! ends by itself, with the documented exit code, the findings that are true, and words that say what was seen.

mod bodies;
mod connections;
mod framing;
mod heads;
mod memory;
mod times;

use fencepost::exchange::{Request, Response};
use serde_json::Value;

use crate::command::fencepost;
use crate::conforming::conforming;
use crate::server::Server;

/// A hostile server, and the observation that it must get.
pub(super) struct Hostile {
    /// What it does.
    pub(super) does: &'static str,
    pub(super) server: Server,
    pub(super) code: i32,
    /// The ids of the findings, all of them.
    pub(super) finds: &'static [&'static str],
    /// What is said, on either stream.
    pub(super) says: &'static str,
}

/// What a server puts on the wire in place of an ordinary answer.
type Twist = fn(&Request, &Response) -> Vec<u8>;

/// A server that keeps the contract, and puts its answers on the wire in this way.
pub(super) fn twisted(twist: Twist) -> Server {
    conforming(move |request, answer, _| Some(twist(request, &answer)))
}

/// The same, and what it says is the end of the connection.
pub(super) fn last(twist: Twist) -> Server {
    conforming(move |request, answer, peer| {
        use std::io::Write as _;
        let _ = (&peer.stream).write_all(&twist(request, &answer));
        None
    })
}

/// Whether it is one of the answers that say what the service made of a body.
pub(super) fn is_success(answer: &Response) -> bool {
    answer.status < 300
}

/// A status line, headers as they are, an empty line, a body.
pub(super) fn raw(first: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{first}\r\n").into_bytes();
    for header in headers {
        bytes.extend(format!("{header}\r\n").into_bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}

/// The status line of an answer.
pub(super) fn first(answer: &Response) -> String {
    format!("HTTP/1.1 {} Scripted", answer.status)
}

pub(super) const JSON: &str = "Content-Type: application/json";

pub(super) fn length(body: &[u8]) -> String {
    format!("Content-Length: {}", body.len())
}

/// Tests one member against each server, and holds what comes of it.
#[track_caller]
pub(super) fn check(timeout: &str, shelf: Vec<Hostile>) {
    let mut wrong = Vec::new();
    for Hostile { does, server, code, finds, says } in shelf {
        let url = server.url();
        let given = [
            "run",
            "--only",
            "body.name*",
            "--only",
            "response*",
            "--timeout",
            timeout,
            "--report-json",
            "report.json",
        ];
        let ended = fencepost(&[&given[..], &["--concurrency", "4", "--target", &url]].concat()).ended();
        let text = std::fs::read_to_string(ended.folder.path.join("report.json")).unwrap_or_default();
        let report: Value = serde_json::from_str(&text).unwrap_or_default();
        let ids = report["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["id"].as_str());
        let ids: Vec<&str> = ids.filter_map(|id| id.strip_prefix("PUT /v3/tasks/{task_id} ")).collect();
        let said = format!("{}{}", ended.stdout, ended.stderr);
        if ended.code != Some(code) || ids != finds || !said.contains(says) {
            let code = ended.code;
            wrong.push(format!("A server that {does}: exit code {code:?}, {ids:?}, wanted {says:?}\n{ended}"));
        }
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}
