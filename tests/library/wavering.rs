//! A target whose answers change though the request does not: that is told, and no place is blamed for it; what is wrong with it
//! besides is told as well.

use std::ops::ControlFlow;

use fencepost::Contract;
use fencepost::exchange::{Delivery, Hearer, Outcome, Request, Response, Target};
use fencepost::request_context::RequestContext;
use fencepost::session::Stop;
use fencepost::stub::{Fault, InProcess, Stub, faults};
use fencepost::suite::Suite;
use fencepost::verdict::{Finding, Status, Verdicts, verdicts};

use crate::creations;

/// What takes the place of an answer; nothing where it is left alone.
type Whim = Box<dyn FnMut(&Request) -> Option<u16>>;

/// A stub that keeps the contract but for its faults, and some answers of which are others than they should be.
struct Fickle {
    stub: InProcess,
    whim: Whim,
    /// The body of a success, for where there should be none.
    success: Vec<u8>,
    arrived: usize,
}

impl Fickle {
    fn new(contract: &Contract, faults: Vec<Fault>, whim: Whim) -> Self {
        let success = contract.operation().responses.success_example.to_string().into_bytes();
        Self { stub: InProcess(Stub::new(contract, faults)), whim, success, arrived: 0 }
    }

    fn answer(&self, status: u16) -> Outcome {
        let body = match status {
            200..300 => self.success.clone(),
            _ => br#"{"error":"in a mood","error_code":"SMS.0001","error_msg":"in a mood"}"#.to_vec(),
        };
        let headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("content-length".to_owned(), body.len().to_string()),
        ];
        Outcome::Answer(Response { status, headers, body, unread: None })
    }
}

impl Target for Fickle {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            self.arrived += 1;
            let right = self.stub.send_one(request);
            let outcome = match (self.whim)(request) {
                Some(0) => Outcome::Timeout,
                Some(1) => Outcome::Dropped("connection reset".to_owned()),
                Some(status) => self.answer(status),
                None => right.outcome,
            };
            hear(Delivery { outcome, ..right })?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 20
    }
}

/// Now and then, as often as this in a thousand times, one of these statuses; 0 is a time-out, and 1 a reset.
fn by_chance(often: u32, statuses: &'static [u16], seed: u64) -> Whim {
    let mut draw = fastrand::Rng::with_seed(seed);
    Box::new(move |_| (draw.u32(0..1_000) < often).then(|| statuses[draw.usize(0..statuses.len())]))
}

/// Every so many times.
fn every(period: usize, statuses: &'static [u16]) -> Whim {
    let mut number = 0;
    Box::new(move |_| {
        number += 1;
        (number % period == 0).then(|| statuses[number / period % statuses.len()])
    })
}

/// The kind of generator that is in every C library, of which the last bits are not random at all.
fn by_congruence(statuses: &'static [u16]) -> Whim {
    let mut state: u32 = 7;
    Box::new(move |_| {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        ((state >> 16) % 10 < 3).then(|| statuses[usize::from(state & 2 != 0) % statuses.len()])
    })
}

fn tested(contract: &Contract, target: &mut Fickle) -> Verdicts {
    let suite = Suite::new(contract);
    let seen = suite.run(&RequestContext::default(), target, &mut |_| {}).expect("it can be tested");
    verdicts(&suite, &seen)
}

fn ids(found: &Verdicts) -> Vec<String> {
    found.findings.iter().map(Finding::id).collect()
}

/// How many firm rules there are, and of how many nothing is known on a side; why, is always told.
fn unknown(found: &Verdicts) -> (usize, usize) {
    let is_open = |status: &Option<Status>| matches!(status, Some(Status::Untested | Status::Inconclusive));
    let firm: Vec<_> = found.rules.iter().filter(|verdict| verdict.rule.standing.is_firm()).collect();
    let open = firm.iter().filter(|verdict| is_open(&verdict.inside) || is_open(&verdict.outside));
    assert!(open.clone().all(|verdict| verdict.reason().is_some()));
    (firm.len(), open.count())
}

fn fault(contract: &Contract, name: &str) -> Fault {
    faults(contract).into_iter().find(|fault| fault.name() == name).expect("it is one of the stub's")
}

/// What a target can be told with that wavers.
#[derive(Clone, Copy, PartialEq)]
enum Known {
    /// Nearly all of it.
    All,
    /// Nothing need be.
    Little,
}

const BROKEN: (&str, &str) = ("body.name:maxLength:off", "body.name:maxLength:outside");

/// What is wrong with what is told of a target with one fault and this whim.
fn wrongs(contract: &Contract, told: &str, whim: Whim, known: Known) -> Vec<String> {
    let mut target = Fickle::new(contract, vec![fault(contract, BROKEN.0)], whim);
    let found = tested(contract, &mut target);
    let mut wrong = Vec::new();
    let (broken, others): (Vec<_>, Vec<_>) = ids(&found).into_iter().partition(|id| id == BROKEN.1);
    if others != ["response.success:flaky:inside"] {
        wrong.push(format!("{told}: {others:?}"));
    }
    if found.outages > 0 || found.stop.is_some() {
        wrong.push(format!("{told}: gone {} times, {:?}", found.outages, found.stop));
    }
    let (firm, open) = unknown(&found);
    if known == Known::All && (open * 10 > firm || broken.is_empty()) {
        wrong.push(format!("{told}: {broken:?}, and nothing is known of {open} of {firm}"));
    }
    wrong
}

fn check(contract: &Contract, cases: Vec<(&str, Whim, Known)>) {
    let wrong: Vec<String> =
        cases.into_iter().flat_map(|(told, whim, known)| wrongs(contract, told, whim, known)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The contract of things that are made, where they are put instead.
fn put() -> Contract {
    let text = creations::CONTRACT.replace("post:", "put:");
    Contract::from_text("things.yaml", &text).expect("the contract can be read")
}

#[test]
fn a_target_that_wavers_is_flaky_and_no_place_is_blamed() {
    check(
        &Contract::shipped(),
        vec![
            ("1% 500", by_chance(10, &[500], 1), Known::All),
            ("3% 500 or 400", by_chance(30, &[500, 400], 2), Known::All),
            ("10% 401 or 403", by_chance(100, &[401, 403], 10), Known::All),
            ("30% 500 or 400", by_chance(300, &[500, 400], 5), Known::All),
            ("any status", by_chance(1_000, &[200, 201, 204, 400, 404, 409, 422], 11), Known::Little),
            ("every third 500", every(3, &[500]), Known::All),
        ],
    );
}

#[test]
fn however_it_wavers_no_place_is_blamed() {
    let mut cases = vec![
        ("every second 500", every(2, &[500]), Known::All),
        ("every second 400", every(2, &[400]), Known::Little),
        ("every third 400", every(3, &[400]), Known::All),
        ("every third reset", every(3, &[1]), Known::All),
        ("by congruence", by_congruence(&[500, 400]), Known::All),
    ];
    for seed in 0..4 {
        cases.extend([
            ("10% 400", by_chance(100, &[400], seed), Known::All),
            ("10% 200 or 400", by_chance(100, &[200, 400], seed), Known::All),
            ("30% 500", by_chance(300, &[500], seed), Known::All),
            ("30% reset", by_chance(300, &[1], seed), Known::All),
            ("30% 503 or 502", by_chance(300, &[503, 502], seed), Known::All),
            ("30% 500 or 400", by_chance(300, &[500, 400], seed), Known::All),
            ("50% 500", by_chance(500, &[500], seed), Known::All),
            ("50% 200 or 400", by_chance(500, &[200, 400], seed), Known::Little),
            ("any status", by_chance(1_000, &[200, 201, 400, 422], seed), Known::Little),
        ]);
    }
    check(&put(), cases);
}

#[test]
fn one_that_creates_and_wavers_is_asked_by_variants() {
    let mut cases = vec![("every third 500", every(3, &[500]), Known::All)];
    for seed in 0..4 {
        cases.extend([
            ("30% 500", by_chance(300, &[500], seed), Known::All),
            ("30% 400", by_chance(300, &[400], seed), Known::All),
            ("10% 500 or 400", by_chance(100, &[500, 400], seed), Known::All),
            ("30% reset", by_chance(300, &[1], seed), Known::All),
            ("any status", by_chance(1_000, &[201, 400, 409, 422], seed), Known::Little),
        ]);
    }
    check(&creations::contract(), cases);
}

#[test]
fn rare_hangs_are_told_with_how_many() {
    let contract = Contract::shipped();
    let mut target = Fickle::new(&contract, Vec::new(), by_chance(10, &[0], 3));
    let found = tested(&contract, &mut target);
    assert_eq!(ids(&found), ["response.success:flaky:inside"]);
    let observed = &found.findings[0].observed;
    let told = format!("of {} requests got no answer in time", found.requests);
    assert!(observed.ends_with(&told), "{observed}");
    assert_eq!((found.outages, found.stop, unknown(&found).1), (0, None, 0));
    assert!(target.arrived < 5_000, "{}", target.arrived);
}

#[test]
fn what_wavers_at_one_place_wavers_there_and_the_rest_is_known() {
    let contract = Contract::shipped();
    for status in [200, 500] {
        let mut times = 0;
        let whim = Box::new(move |request: &Request| {
            let is_there = request.body.as_deref().is_some_and(|body| body.starts_with(br#"{"name":["#));
            times += usize::from(is_there);
            (is_there && times % 2 == 0).then_some(status)
        });
        let found = tested(&contract, &mut Fickle::new(&contract, Vec::new(), whim));
        assert_eq!(ids(&found), ["body.name:flaky:outside"], "{status}");
        let (_, open) = unknown(&found);
        assert!(open <= 1, "{open}");
    }
}

#[test]
fn a_target_that_turns_to_refuse_everything_has_turned_and_nothing_it_said_then_counts() {
    let contract = Contract::shipped();
    for status in [400, 403, 409, 500] {
        let mut times = 0;
        let whim = Box::new(move |_: &Request| {
            times += 1;
            (times > 1_500).then_some(status)
        });
        let found = tested(&contract, &mut Fickle::new(&contract, Vec::new(), whim));
        assert_eq!(ids(&found), Vec::<String>::new(), "{status}");
        let stop = if status == 403 { Stop::Unauthorized(403) } else { Stop::Turned(status) };
        assert_eq!(found.stop, Some(stop));
        let wanted = stop.to_string();
        assert!(wanted.contains(&status.to_string()) && !wanted.contains("stopped answering"), "{wanted}");
    }
}
