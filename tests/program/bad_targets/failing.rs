//! Targets that answer, and badly: they are tested, and the run tells what it saw.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use fencepost::Contract;
use fencepost::exchange::Request;
use fencepost::request_context::RequestContext;
use fencepost::rule::Keyword;
use fencepost::stub::{InProcess, Stub};
use fencepost::suite::Suite;
use serde_json::Value;

use super::always;
use crate::command::{Ended, fencepost};
use crate::conforming::conforming;
use crate::server::{Peer, Server, bytes_of, json};

/// Writes a head, and then one byte for as long as somebody reads.
fn endless(peer: &Peer, head: &[u8], filler: u8) {
    let mut stream = &peer.stream;
    let _ = stream.write_all(head);
    let piece = vec![filler; 1 << 16];
    while stream.write_all(&piece).is_ok() {}
}

pub(super) fn run(server: &Server) -> Ended {
    fencepost(&["run", "--report-json", "report.json", "--target", &server.url()]).ended()
}

#[track_caller]
pub(super) fn report(ended: &Ended) -> Value {
    let text = std::fs::read_to_string(ended.folder.path.join("report.json"));
    let text = text.unwrap_or_else(|error| panic!("no report: {error}\n{ended}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("the report is no JSON: {error}\n{ended}"))
}

#[track_caller]
pub(super) fn findings(ended: &Ended) -> Vec<String> {
    let report = report(ended);
    let findings = report["findings"].as_array().unwrap_or_else(|| panic!("no findings\n{ended}"));
    let short = |id: &str| id.strip_prefix("PUT /v3/tasks/{task_id} ").unwrap_or_default().to_owned();
    findings.iter().map(|finding| short(finding["id"].as_str().unwrap_or_default())).collect()
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

/// Runs against a target that does something else than to answer after so many requests: it is gone from then on.
#[track_caller]
fn run_until_death(requests: usize, concurrency: &str, dies: fn(&Peer)) -> Ended {
    let asked = AtomicUsize::new(0);
    let server = conforming(move |request, answer, peer| {
        if asked.fetch_add(1, Ordering::SeqCst) < requests {
            return Some(bytes_of(request, &answer));
        }
        dies(peer);
        None
    });
    let url = server.url();
    let given = ["run", "--report-json", "report.json", "--timeout", "400ms", "--patience", "600ms"];
    let ended = fencepost(&[&given[..], &["--concurrency", concurrency, "--target", &url]].concat()).ended();
    let told = format!("after {requests} requests, {concurrency} at a time\n{ended}");
    assert_eq!(ended.code, Some(3), "{told}");
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(said.contains("stopped answering"), "{told}");
    assert_eq!(findings(&ended), Vec::<String>::new(), "{told}");
    ended
}

/// The process is killed: nobody listens any more.
fn killed(peer: &Peer) {
    peer.door.close();
}

/// The process is stopped: connections are made, and nothing is said.
fn stopped(peer: &Peer) {
    peer.hang();
}

#[test]
fn a_target_that_dies_at_first_contact_is_told_to_have_stopped_answering() {
    // The first reads the task.
    for requests in [2, 3, 4] {
        run_until_death(requests, "16", killed);
        run_until_death(requests, "1", stopped);
    }
}

#[test]
fn a_target_that_is_killed_later_is_told_to_have_stopped_answering() {
    for requests in [50, 137, 405, 911, 1_403, 1_998, 2_300, 2_540] {
        run_until_death(requests, "16", killed);
    }
    for requests in [60, 1_200] {
        run_until_death(requests, "1", killed);
    }
}

#[test]
fn a_target_that_is_stopped_later_is_told_to_have_stopped_answering() {
    for requests in [51, 700, 1_500, 2_301] {
        run_until_death(requests, "16", stopped);
    }
    for requests in [61, 1_201] {
        run_until_death(requests, "1", stopped);
    }
}

#[test]
fn what_fells_a_target_for_good_is_not_known() {
    let server = conforming(|request, answer, peer| {
        let body = request.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
        if body.is_some_and(|body| body["name"].is_number()) {
            peer.door.close();
            return None;
        }
        Some(bytes_of(request, &answer))
    });
    // It may have been killed by anybody: that the request did it would show only where it is there again.
    let ended = run(&server).with_code(3);
    assert_eq!(findings(&ended), Vec::<String>::new(), "\n{ended}");
    assert!(ended.stdout.contains("stopped answering"), "\n{ended}");
}

#[test]
fn what_a_dead_target_was_never_asked_is_untested() {
    let ended = run_until_death(400, "16", killed);
    let report = report(&ended);
    let firm = || report["rules"].as_array().expect("rules").iter().filter(|rule| rule["standing"] == "firm");
    let words = || firm().flat_map(|rule| [&rule["inside"], &rule["outside"]]);
    let blamed: Vec<&Value> = words().filter(|word| **word == "not enforced" || **word == "too strict").collect();
    assert!(blamed.is_empty(), "{} rules are blamed for the death\n{ended}", blamed.len());
    let count = |status: &str| words().filter(|word| *word == status).count();
    // At most what was in flight when it died says nothing; nothing was sent for the rest.
    assert!(count("inconclusive") < 50, "{} sides are inconclusive\n{ended}", count("inconclusive"));
    assert!(count("untested") > 500, "{} sides are untested\n{ended}", count("untested"));
}

#[test]
fn a_target_that_throttles_loses_no_verdict() {
    // Every request is turned away twice before it is looked at.
    let seen: Mutex<HashMap<Request, usize>> = Mutex::new(HashMap::new());
    let server = conforming(move |request, mut answer, _| {
        let mut seen = seen.lock().expect("no script panics");
        let times = seen.entry(request.clone()).or_default();
        *times += 1;
        if *times <= 2 {
            answer = json(429, r#"{"error_code":"APIG.0308","error_msg":"The throttling threshold has been reached"}"#);
            answer.headers.push(("Retry-After".to_owned(), "0".to_owned()));
        }
        Some(bytes_of(request, &answer))
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
fn how_long_a_target_was_left_alone_is_told() {
    let first = AtomicBool::new(true);
    let server = conforming(move |request, mut answer, _| {
        if first.swap(false, Ordering::Relaxed) {
            answer = json(429, "{}");
            answer.headers.push(("Retry-After".to_owned(), "2".to_owned()));
        }
        Some(bytes_of(request, &answer))
    });
    let ended = run(&server).with_code(0);
    assert!(ended.stdout.contains("\nthe target throttled requests: it was left alone for "), "{ended}");
}

#[test]
fn an_answer_without_end_is_cut_and_told_as_not_judged() {
    let example = Contract::shipped().operation().body.example.clone().expect("the contract has an example");
    let server = conforming(move |request, answer, peer| {
        if request.body.as_deref() != Some(example.as_bytes()) {
            return Some(bytes_of(request, &answer));
        }
        endless(peer, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b'0');
        None
    });
    let ended = run(&server).with_code(0);
    assert_eq!(findings(&ended), Vec::<String>::new(), "\n{ended}");
    assert!(
        ended.stdout.contains("the body was not judged: it is longer than the 4194304 bytes that are kept"),
        "\n{ended}"
    );
}

#[test]
fn a_refusal_without_end_to_everything_cannot_be_tested() {
    let server = Server::http(|_, peer| {
        endless(peer, b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n", b'<');
        None
    });
    super::check_untestable(&server.url(), &["answers everything", "404"]);
}

#[test]
fn what_a_target_answers_cannot_steer_the_terminal() {
    // A control sequence, a carriage return and a right-to-left override, raw and escaped in JSON.
    let server = Server::http(|request, _| {
        let body = "{\"id\":\"\\u001b]0;title\\u0007\\r\\u202e\\nFINDING body.fake:type:outside\"}";
        let mut response = json(200, body);
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

#[test]
fn a_failure_that_passes_is_no_verdict_on_values_that_travel_together() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    let mut stub = InProcess(Stub::new(&contract, Vec::new()));
    let seen = suite.run(&RequestContext::default(), &mut stub, &mut |_| {}).expect("the stub can be tested").seen;
    let pairs = seen.iter().filter(|seen| suite.rules()[seen.rule].keyword == Keyword::Interaction);
    // Each is failed once.
    let waiting: HashSet<Vec<u8>> =
        pairs.filter_map(|seen| Some(seen.exchange.request.body.as_deref()?.to_vec())).collect();
    let waiting = Mutex::new(waiting);
    let server = conforming(move |request, answer, _| {
        let body = request.body.as_deref().unwrap_or_default();
        let fails = waiting.lock().expect("no script panics").remove(body);
        Some(bytes_of(request, &if fails { json(502, "{}") } else { answer }))
    });
    let ended = run(&server);
    let report = report(&ended);
    let rules = report["rules"].as_array().expect("rules");
    let rule = rules.iter().find(|rule| rule["keyword"] == "interaction").expect("there is a rule for pairs");
    assert_eq!(rule["inside"], "enforced", "\n{ended}");
    assert!(findings(&ended).iter().all(|id| id.contains(":flaky:")), "\n{ended}");
}

#[test]
fn a_target_that_hangs_up_on_what_it_refuses_is_sent_little_in_vain() {
    let arrived = Arc::new(AtomicUsize::new(0));
    let server = conforming({
        let arrived = arrived.clone();
        move |request, answer, _| {
            arrived.fetch_add(1, Ordering::Relaxed);
            (answer.status < 400).then(|| bytes_of(request, &answer))
        }
    });
    let ended = run(&server).with_code(1);
    assert_eq!(findings(&ended), ["response.refusal:connection:outside"], "\n{ended}");
    let requests = report(&ended)["requests"].as_u64().expect("requests");
    // Each refusal is tried twice, and has a sign of life beside it.
    let arrived = arrived.load(Ordering::Relaxed) as u64;
    assert!(arrived < requests * 3 / 2, "{arrived} requests arrived, and {requests} are told\n{ended}");
}
