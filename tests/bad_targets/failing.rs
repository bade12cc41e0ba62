//! Targets that answer, and badly: they are tested, and the run tells what it saw.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fencepost::Contract;
use fencepost::exchange::{Request, Response};
use fencepost::stub::{Reply, Stub};
use serde_json::Value;

use crate::always;
use crate::command::{Ended, fencepost};
use crate::server::{Peer, Server, bytes_of, json};

/// A server that keeps the shipped contract, but for what `meddle` does in place of an answer.
fn keeping_the_contract(meddle: impl Fn(&Request, &Peer) -> Option<Option<Vec<u8>>> + Send + Sync + 'static) -> Server {
    let stub = Stub::new(&Contract::shipped(), Vec::new());
    Server::http(move |request, peer| {
        meddle(request, peer).unwrap_or_else(|| match stub.reply(request) {
            Reply::Answer(response) => Some(bytes_of(request, &response)),
            Reply::Hang | Reply::Drop => None,
        })
    })
}

fn run(server: &Server) -> Ended {
    fencepost(&["run", "--report-json", "report.json", "--target", &server.url()]).ended()
}

#[track_caller]
fn report(ended: &Ended) -> Value {
    let text = std::fs::read_to_string(ended.folder.path.join("report.json"));
    let text = text.unwrap_or_else(|error| panic!("no report: {error}\n{ended}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("the report is no JSON: {error}\n{ended}"))
}

#[track_caller]
fn findings(ended: &Ended) -> Vec<String> {
    let report = report(ended);
    let findings = report["findings"].as_array().unwrap_or_else(|| panic!("no findings\n{ended}"));
    findings.iter().map(|finding| finding["id"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_target_that_only_crashes_has_one_finding() {
    for status in [500, 503] {
        let server = always(status, r#"{"error_code":"SMS.0","error_msg":"oops"}"#);
        let ended = run(&server).with_code(1);
        assert_eq!(findings(&ended), ["response.success:status:inside"], "\n{ended}");
    }
}

#[test]
fn a_target_that_checks_nothing_breaks_every_rule_from_outside_and_none_from_inside() {
    let server = always(200, r#"{"id":"x"}"#);
    let ended = run(&server).with_code(1);

    let found = findings(&ended);
    assert!(found.len() > 300, "only {} findings\n{ended}", found.len());
    let wrong: Vec<&String> =
        found.iter().filter(|id| !id.ends_with(":outside") || id.contains(":optional:")).collect();
    assert!(wrong.is_empty(), "{wrong:?}\n{ended}");

    let report = report(&ended);
    let rules = report["rules"].as_array().expect("rules").iter();
    let firm = rules.filter(|rule| rule["standing"] == "firm").filter(|rule| rule["keyword"] != "items");
    let wrong: Vec<&Value> = firm
        .filter(|rule| !rule["place"].as_str().is_some_and(|place| place.starts_with("response.")))
        .filter(|rule| {
            let inside = rule["inside"].is_null() || rule["inside"] == "enforced";
            let outside = rule["outside"].is_null() || rule["outside"] == "not enforced";
            !(inside && outside)
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{ended}");
}

/// A target that is gone after so many requests: the process died, and nobody started it again.
#[track_caller]
fn check_death(requests: usize) {
    let answered = AtomicUsize::new(0);
    let server = keeping_the_contract(move |_, peer| {
        (answered.fetch_add(1, Ordering::SeqCst) >= requests).then(|| {
            peer.door.close();
            None
        })
    });
    let ended = run(&server);
    assert!(matches!(ended.code, Some(1 | 3)), "after {requests} requests\n{ended}");
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(said.contains("stopped answering"), "after {requests} requests\n{ended}");
}

#[test]
fn a_target_that_dies_is_told_to_have_stopped_answering() {
    for requests in [2, 3, 4, 50, 1000, 2300] {
        check_death(requests);
    }
}

#[test]
fn a_target_that_dies_without_another_fault_gives_no_verdict_for_the_rest() {
    let answered = AtomicUsize::new(0);
    let server = keeping_the_contract(move |_, peer| {
        (answered.fetch_add(1, Ordering::SeqCst) >= 400).then(|| {
            peer.door.close();
            None
        })
    });
    let ended = run(&server);
    let report = report(&ended);
    let rules = report["rules"].as_array().expect("rules");
    let bad = ["not enforced", "too strict"];
    let blamed: Vec<&Value> = rules
        .iter()
        .filter(|rule| [&rule["inside"], &rule["outside"]].iter().any(|word| bad.iter().any(|bad| *word == bad)))
        .collect();
    assert!(blamed.is_empty(), "rules are blamed for the death: {blamed:#?}\n{ended}");
    let untested = rules.iter().filter(|rule| rule["outside"] == "untested").count();
    assert!(untested > 100, "only {untested} rules are untested\n{ended}");
}

#[test]
fn a_target_that_throttles_loses_no_verdict() {
    // Every request is turned away twice before it is looked at.
    let seen: Mutex<HashMap<Request, usize>> = Mutex::new(HashMap::new());
    let server = keeping_the_contract(move |request, _| {
        let mut seen = seen.lock().expect("no script panics");
        let times = seen.entry(request.clone()).or_default();
        *times += 1;
        (*times <= 2).then(|| {
            let mut response =
                json(429, r#"{"error_code":"APIG.0308","error_msg":"The throttling threshold has been reached"}"#);
            response.headers.push(("Retry-After".to_owned(), "0".to_owned()));
            Some(bytes_of(request, &response))
        })
    });
    let throttled = run(&server).with_code(0);
    let calm = fencepost(&["run", "--report-json", "report.json"]).ended().with_code(0);
    assert_eq!(findings(&throttled), Vec::<String>::new(), "\n{throttled}");
    let (throttled_report, calm_report) = (report(&throttled), report(&calm));
    let pairs = throttled_report["rules"].as_array().expect("rules").iter();
    let differing: Vec<_> =
        pairs.zip(calm_report["rules"].as_array().expect("rules")).filter(|(one, other)| one != other).collect();
    assert!(differing.is_empty(), "{differing:#?}\n{throttled}\n{calm}");
}

#[test]
fn an_answer_without_end_is_cut_and_told_as_a_finding() {
    let server = Server::http(|_, peer| {
        let mut stream = &peer.stream;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[");
        while stream.write_all(&[b'0'; 1 << 16]).is_ok() {}
        None
    });
    let ended = run(&server).with_code(1);
    let found = findings(&ended);
    assert!(found.iter().any(|id| id == "response.success:responseBody:inside"), "{found:?}\n{ended}");
}

#[test]
fn a_refusal_without_end_to_everything_cannot_be_tested() {
    let server = Server::http(|_, peer| {
        let mut stream = &peer.stream;
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n");
        while stream.write_all(&[b'<'; 1 << 16]).is_ok() {}
        None
    });
    crate::check_untestable(&server.url(), &["answers everything", "404"]);
}

#[test]
fn what_a_target_answers_cannot_steer_the_terminal() {
    // A control sequence, a carriage return and a right-to-left override, raw and escaped in JSON.
    let server = Server::http(|request, _| {
        let body = "{\"id\":\"\\u001b]0;title\\u0007\\r\\u202e\\nFINDING body.fake:type:outside\"}";
        let mut response: Response = json(200, body);
        if request.method != "PUT" {
            response.body = b"\x1b[2J\r\x07".to_vec();
        }
        Some(bytes_of(request, &response))
    });
    let ended = run(&server).with_code(1);
    let commands = |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
    assert!(!ended.stdout.contains(commands), "\n{ended}");
    assert!(!ended.stdout.contains("\nFINDING body.fake"), "\n{ended}");
}
