//! Targets that keep the contract and whose answers change by chance, over real connections: that is told, and no place is blamed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastrand::Rng;

use super::failing::findings;
use crate::command::fencepost;
use crate::conforming::conforming;
use crate::server::{Server, bytes_of, json};

/// What comes in the place of an answer; 0 is none at all.
type Whim = fn(&mut Rng) -> Option<u16>;

fn wavering(seed: u64, whim: Whim) -> Server {
    let draw = Mutex::new(Rng::with_seed(seed));
    conforming(move |request, answer, peer| {
        let status = whim(&mut draw.lock().expect("no script panics"));
        match status {
            None => Some(bytes_of(request, &answer)),
            Some(0) => {
                peer.hang();
                None
            }
            Some(status @ 200..300) => Some(bytes_of(request, &json(status, r#"{"id":"x"}"#))),
            Some(status) => Some(bytes_of(request, &json(status, r#"{"error_code":"SMS.1","error_msg":"in a mood"}"#))),
        }
    })
}

fn one_of(draw: &mut Rng, statuses: &[u16]) -> u16 {
    statuses[draw.usize(0..statuses.len())]
}

#[track_caller]
fn check(whim: Whim, runs: &[(&str, u64)]) {
    for (concurrency, seed) in runs {
        let server = wavering(*seed, whim);
        let given = ["run", "--report-json", "report.json", "--timeout", "500ms", "--concurrency", concurrency];
        let ended = fencepost(&[&given[..], &["--target", &server.url()]].concat()).ended().with_code(1);
        let told = format!("{concurrency} at a time, seed {seed}\n{ended}");
        assert_eq!(findings(&ended), ["response.success:flaky:inside"], "{told}");
        assert!(!ended.stdout.contains("gone") && !ended.stdout.contains("stopped answering"), "{told}");
    }
}

#[test]
fn one_that_fails_or_refuses_at_random_is_flaky() {
    check(|draw| (draw.u32(0..10) < 3).then(|| one_of(draw, &[500, 400])), &[("1", 1), ("16", 2), ("16", 3)]);
}

#[test]
fn one_of_which_any_status_comes_is_flaky() {
    check(|draw| Some(one_of(draw, &[200, 201, 204, 400, 404, 409, 422])), &[("1", 4), ("16", 5)]);
}

#[test]
fn one_that_fails_now_and_then_is_flaky() {
    check(|draw| (draw.u32(0..100) == 0).then_some(500), &[("1", 6), ("16", 7), ("16", 8)]);
}

#[test]
fn one_that_hangs_now_and_then_is_flaky() {
    check(|draw| (draw.u32(0..100) == 0).then_some(0), &[("16", 9), ("16", 10)]);
}

#[test]
fn a_stray_refusal_of_the_caller_ends_nothing() {
    for (status, concurrency) in [(401, "1"), (403, "16"), (401, "16")] {
        let asked = AtomicUsize::new(0);
        let server = conforming(move |request, answer, _| {
            let is_stray = matches!(asked.fetch_add(1, Ordering::SeqCst), 150 | 151 | 1_200);
            Some(bytes_of(request, &if is_stray { json(status, "{}") } else { answer }))
        });
        let given = ["run", "--report-json", "report.json", "--concurrency", concurrency];
        let ended = fencepost(&[&given[..], &["--target", &server.url()]].concat()).ended().with_code(0);
        assert!(ended.stdout.contains("\nno finding; 803 of 803"), "{status}, {concurrency} at a time\n{ended}");
    }
}
