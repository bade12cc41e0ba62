//! Answers that are compressed, long or odd, over real connections: what can be read is judged, and what cannot is said.

use std::io::Write as _;

use fencepost::exchange::Response;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use crate::command::{Ended, fencepost};
use crate::conforming::conforming;
use crate::server::{Server, bytes_of};

/// The shipped contract, kept by a server that changes each answer on its way.
fn serving(change: fn(&mut Response)) -> Server {
    conforming(move |request, mut answer, _| {
        change(&mut answer);
        Some(bytes_of(request, &answer))
    })
}

fn run(server: &Server) -> Ended {
    // A few requests are enough: what is made of answers is the same for all.
    let only = ["--only", "body.sub_tasks:type", "--only", "response.*"];
    let context = ["run", "--target", &server.url(), "--task-id", "1", "--report-json", "report.json"];
    fencepost(&[&context[..], &only[..]].concat()).ended()
}

fn coded(answer: &mut Response, coding: &str, body: Vec<u8>) {
    answer.headers.push(("Content-Encoding".to_owned(), coding.to_owned()));
    answer.body = body;
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("into memory");
    encoder.finish().expect("into memory")
}

#[test]
fn compressed_answers_are_judged_as_what_they_are() {
    let server = serving(|answer| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&gzip(&answer.body)).expect("into memory");
        coded(answer, "gzip, deflate", encoder.finish().expect("into memory"));
    });
    let ended = run(&server).with_code(0);
    assert!(!ended.stdout.contains("not judged"), "{ended}");
    // What is wrong with one is found in it.
    let server = serving(|answer| coded(answer, "gzip", gzip(b"{}")));
    let ended = run(&server).with_code(1);
    assert!(ended.stdout.contains("FINDING response.success:responseBody:inside"), "{ended}");
}

#[test]
fn a_secret_in_a_compressed_answer_is_found() {
    let server = conforming(|request, mut answer, _| {
        let token = request.header("x-auth-token").unwrap_or_default().to_owned();
        answer.body.truncate(answer.body.len() - 1);
        answer.body.extend(format!(",\"token\":\"{token}\"}}").into_bytes());
        let body = gzip(&answer.body);
        coded(&mut answer, "gzip", body);
        Some(bytes_of(request, &answer))
    });
    let ended = run(&server).with_code(1);
    assert!(ended.stdout.contains("FINDING response.success:secret:inside"), "{ended}");
}

#[test]
fn what_cannot_be_read_is_said_and_is_no_finding() {
    for (change, why) in [
        (
            (|answer| coded(answer, "compress", vec![0x1f, 0x9d, 0x90])) as fn(&mut Response),
            "`compress` is not known here",
        ),
        (|answer| coded(answer, "gzip", gzip(&answer.body)[..9].to_vec()), "cannot be decoded as `gzip`"),
        (
            |answer| {
                answer.body.truncate(answer.body.len() - 1);
                answer.body.extend(b",\"more\":\"");
                answer.body.extend(vec![b'x'; 5 << 20]);
                answer.body.extend(b"\"}");
            },
            "longer than the 4194304 bytes that are kept",
        ),
    ] {
        let server = serving(change);
        let ended = run(&server).with_code(0);
        let report = std::fs::read_to_string(ended.folder.path.join("report.json")).unwrap_or_default();
        let report: serde_json::Value = serde_json::from_str(&report).unwrap_or_default();
        let remark = report["remarks"][0]["what"].as_str().unwrap_or_default();
        for told in [&ended.stdout, remark] {
            assert!(told.contains("the body was not judged: ") && told.contains(why), "{why}\n{ended}");
        }
        let fuzz = ["fuzz", "--target", &server.url(), "--task-id", "1", "--for", "10m", "--max-requests", "8"];
        let ended = fencepost(&fuzz).ended().with_code(0);
        assert!(ended.stdout.contains(why) && ended.stdout.contains("no new finding"), "{why}\n{ended}");
    }
}

#[test]
fn a_long_answer_is_judged_whole() {
    let server = serving(|answer| {
        answer.body.truncate(answer.body.len() - 1);
        answer.body.extend(format!(",\"more\":\"{}\"}}", "x".repeat(1_200_000)).into_bytes());
    });
    let ended = run(&server).with_code(0);
    assert!(!ended.stdout.contains("not judged"), "{ended}");
}

#[test]
fn an_answer_with_many_headers_is_read() {
    let server = serving(|answer| {
        answer.headers.extend((0..1_000).map(|number| (format!("X-Trace-{number}"), "1".to_owned())));
    });
    run(&server).with_code(0);
}
