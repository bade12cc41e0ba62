//! A gateway that throttles, fails, hangs up or is restarted: no probe is lost, none is judged by what was no answer to it,
//! and nothing that passes is a finding.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use fencepost::Contract;
use fencepost::exchange::{Outcome, Request, Target as _};
use fencepost::request_context::{RequestContext, RequestOverride};
use fencepost::stub::{Reply, Stub};
use fencepost::target::{HttpTarget, TargetSettings};

use super::{Ended, matrix, profile, run, sound};
use crate::command::LIMIT;
use crate::conforming::conforming;
use crate::gateway::{Gateway, Rules, Weather};
use crate::server::{Peer, Server, bytes_of, json};

fn tested(gateway: &Gateway, flags: &[&str]) -> Ended {
    let mut run = run(&profile(&gateway.url(), "credentials = { token_env = \"TOKEN\" }\n"));
    run.command.env("TOKEN", "token-1").args(flags);
    run.ended()
}

/// How often a gateway in fair weather saw each request.
fn fair() -> BTreeMap<String, usize> {
    let gateway = Gateway::start(Rules::default());
    tested(&gateway, &[]).with_code(0);
    gateway.seen().requests
}

#[test]
fn a_throttled_request_is_sent_again_until_it_is_let_in_and_only_then_judged() {
    let weather = |number| match number {
        900 => Weather::Throttled(429, None),
        1_800 => Weather::Throttled(503, None),
        _ if number % 7 == 0 => Weather::Throttled(429, Some("0")),
        _ if number % 11 == 0 => Weather::Throttled(503, Some("Sun, 06 Nov 1994 08:49:37 GMT")),
        _ => Weather::Fair,
    };
    let gateway = Gateway::start(Rules { weather, ..Rules::default() });
    let ended = tested(&gateway, &[]).with_code(0);
    assert_eq!(matrix(&ended), *sound(), "\n{ended}");
    let seen = gateway.seen();
    assert!(seen.arrived > seen.all_let_in() + 400, "{} arrived\n{ended}", seen.arrived);
    let (fair, seen) = (fair(), seen.requests);
    let differing: Vec<_> = fair.iter().filter(|(request, times)| seen.get(*request) != Some(times)).collect();
    assert!(differing.is_empty() && seen.len() == fair.len(), "{differing:#?}\n{ended}");
}

#[test]
fn what_is_sent_again_counts_in_the_budget() {
    let weather = |number| if number % 3 == 0 { Weather::Throttled(429, Some("0")) } else { Weather::Fair };
    let gateway = Gateway::start(Rules { weather, ..Rules::default() });
    let ended = tested(&gateway, &["--max-requests", "500"]).with_code(0);
    assert!(ended.stdout.contains("\nthe budget of requests is spent: the rest is untested\n"), "\n{ended}");
    // Before it counts, the task is read, and read again because that is throttled.
    assert_eq!(gateway.seen().arrived, 502, "\n{ended}");
    super::check_partial(&ended);
}

#[test]
fn what_is_in_flight_has_landed_before_anything_else_is_sent() {
    const IN_FLIGHT: usize = 4;
    let (release, released) = channel::<()>();
    let released = Mutex::new(released);
    let landed = Arc::new(AtomicUsize::new(0));
    let server = Server::http({
        let landed = landed.clone();
        move |request, _| {
            // The first is answered at once, and the others when that has been heard.
            if request.body.as_deref() != Some(b"first") {
                released.lock().expect("no script panics").recv_timeout(LIMIT).expect("the first is heard");
            }
            landed.fetch_add(1, Ordering::SeqCst);
            Some(bytes_of(request, &json(200, r#"{"id":"x"}"#)))
        }
    });
    let settings = TargetSettings { concurrency: IN_FLIGHT, ..TargetSettings::new(server.url()) };
    let mut target = HttpTarget::new(&settings).expect("the URL is one");
    let contract = Contract::shipped();
    let request = |body: &[u8]| {
        RequestContext::default().request(contract.operation(), Some(body.to_vec()), &RequestOverride::default())
    };
    let mut requests = vec![request(b"another"); 100];
    requests[0] = request(b"first");
    // Only those that are in flight with the first are sent at all.
    let _ = target.send(&requests, &mut |_| {
        (0..IN_FLIGHT).for_each(|_| release.send(()).expect("the server listens"));
        ControlFlow::Break(())
    });
    assert_eq!((landed.load(Ordering::SeqCst), target.unanswered_so_far().count()), (IN_FLIGHT, 0));
    let seen = target.send_one(&request(b"another")).outcome;
    assert!(matches!(seen, Outcome::Answer(_)), "{seen:?}");
}

/// Holds that bad weather costs nothing but time.
#[track_caller]
fn check_outages(weather: fn(usize) -> Weather, concurrency: &str, outages: &str) {
    let gateway = Gateway::start(Rules { weather, ..Rules::default() });
    let ended = tested(&gateway, &["--concurrency", concurrency]).with_code(0);
    assert_eq!(matrix(&ended), *sound(), "\n{ended}");
    let told = format!("\nthe target was gone for a while {outages}: ");
    assert!(ended.stdout.contains(&told), "\n{ended}");
    let seen = gateway.seen().requests;
    let lost: Vec<_> = fair().into_keys().filter(|request| !seen.contains_key(request)).collect();
    assert!(lost.is_empty(), "{lost:#?}\n{ended}");
}

#[test]
fn failures_that_pass_are_waited_for_and_what_met_them_is_asked_again() {
    let weather = |number| match number {
        300..307 => Weather::Failing(502),
        1_000..1_006 => Weather::Failing(500),
        2_000..2_007 => Weather::Failing(504),
        _ => Weather::Fair,
    };
    check_outages(weather, "2", "3 times");
}

#[test]
fn a_row_of_failures_that_is_over_when_it_is_looked_into_is_no_finding() {
    check_outages(
        |number| if (700..703).contains(&number) { Weather::Failing(502) } else { Weather::Fair },
        "1",
        "once",
    );
}

#[test]
fn a_gateway_that_hangs_up_for_a_while_is_waited_for() {
    let weather = |number| match number {
        300..310 | 2_000..2_010 => Weather::Dropped,
        _ => Weather::Fair,
    };
    check_outages(weather, "2", "2 times");
}

#[test]
fn a_target_that_throttles_everything_from_some_point_on_ends_the_run_with_what_was_learnt() {
    let weather = |number| if number < 1_500 { Weather::Fair } else { Weather::Throttled(429, Some("0")) };
    let gateway = Gateway::start(Rules { weather, ..Rules::default() });
    let ended = tested(&gateway, &["--patience", "100ms"]).with_code(3);
    assert!(ended.stdout.contains("\nthe target throttles even what it had accepted before: the rest is untested\n"));
    super::check_partial(&ended);
}

#[test]
fn a_target_that_throttles_everything_cannot_be_tested() {
    let weather = |_| Weather::Throttled(429, Some("0"));
    let gateway = Gateway::start(Rules { weather, ..Rules::default() });
    let ended = tested(&gateway, &["--patience", "100ms"]).with_code(3);
    ended.complains(&["the target throttles everything", "--rate", "--patience"]);
}

#[test]
fn failures_without_end_are_no_findings() {
    let weather = |number| if number < 700 { Weather::Fair } else { Weather::Failing(500) };
    let gateway = Gateway::start(Rules { weather, ..Rules::default() });
    let ended = tested(&gateway, &["--patience", "100ms"]).with_code(3);
    assert!(ended.stdout.contains("\nthe target answers all that it had accepted before with 500"), "\n{ended}");
    assert!(ended.stdout.contains("\nno finding; "), "\n{ended}");
    super::check_partial(&ended);
}

#[test]
fn a_target_that_is_restarted_is_waited_for() {
    let (sender, receiver) = channel();
    let arrived = AtomicUsize::new(0);
    let first = conforming(move |request, answer, peer| {
        if arrived.fetch_add(1, Ordering::Relaxed) == 1_000 {
            peer.door.close();
            sender.send(()).expect("the test waits");
            return None;
        }
        Some(bytes_of(request, &answer))
    });
    let mut running = run(&profile(&first.url(), ""));
    running.command.args(["--patience", "1m"]);
    let running = running.start();
    receiver.recv_timeout(LIMIT).expect("the server is closed");
    let context = first.door.address;
    drop(first);
    let stub = Stub::new(&Contract::shipped(), Vec::new());
    let answer = move |request: &Request, _: &Peer| match stub.reply(request) {
        Reply::Answer(answer) => Some(bytes_of(request, &answer)),
        Reply::Hang | Reply::Drop => None,
    };
    let _second = Server::at(context, move |peer| peer.serve(&answer));
    let ended = running.ended().with_code(0);
    assert!(ended.stdout.contains("\nno finding; 803 of 803 firm rules have a verdict"), "\n{ended}");
}

#[test]
fn a_redirect_carries_no_credentials_anywhere() {
    let elsewhere = Arc::new(AtomicUsize::new(0));
    let other = Server::start({
        let elsewhere = elsewhere.clone();
        move |_| {
            elsewhere.fetch_add(1, Ordering::Relaxed);
        }
    });
    let location = format!("{}/v3/tasks/1", other.url());
    let target = Server::http(move |request, _| {
        let mut answer = json(307, "{}");
        answer.headers.push(("Location".to_owned(), location.clone()));
        Some(bytes_of(request, &answer))
    });
    let mut run = run(&profile(&target.url(), "credentials = { token_env = \"TOKEN\" }\n"));
    run.command.env("TOKEN", "token-1");
    let ended = run.ended().with_code(3);
    ended.complains(&["answers everything", "307"]);
    assert_eq!(elsewhere.load(Ordering::Relaxed), 0, "\n{ended}");
}
