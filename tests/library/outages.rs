//! A target that keeps the contract and is restarted while it is tested: whatever that looks like, and whenever it happens,
//! nothing is held against it, and no rule stays without a verdict.

use std::ops::ControlFlow;
use std::time::Duration;

use fencepost::Contract;
use fencepost::exchange::{Body, Delivery, Hearer, Outcome, Request, Response, Target};
use fencepost::request_context::RequestContext;
use fencepost::session::Event;
use fencepost::stub::{InProcess, Stub};
use fencepost::suite::Suite;
use fencepost::verdict::{Finding, Status, Verdicts, verdicts};

/// What a request meets while the target is restarted.
type Sight = fn() -> Outcome;

pub(crate) fn dropped() -> Outcome {
    Outcome::Dropped("connection reset".to_owned())
}

pub(crate) fn gone() -> Outcome {
    Outcome::Gone("connection reset".to_owned())
}

pub(crate) fn unreachable() -> Outcome {
    Outcome::Unreachable("connection refused".to_owned())
}

fn answered(status: u16, content_type: &str, body: &str) -> Outcome {
    let length = ("content-length".to_owned(), body.len().to_string());
    let headers = vec![("content-type".to_owned(), content_type.to_owned()), length];
    Outcome::Answer(Response { status, headers, body: body.as_bytes().to_vec(), unread: None })
}

pub(crate) fn bad_gateway() -> Outcome {
    answered(502, "text/html", "<html>upstream</html>")
}

fn unavailable() -> Outcome {
    answered(503, "application/json", r#"{"error_code":"SMS.0","error_msg":"shutting down"}"#)
}

fn gateway_timeout() -> Outcome {
    answered(504, "text/plain", "")
}

/// A success whose end only the end of the connection tells, in the middle of it.
pub(crate) fn half(status: u16) -> Outcome {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Outcome::Answer(Response { status, headers, body: b"{\"id\":\"".to_vec(), unread: None })
}

pub(crate) fn hung() -> Outcome {
    Outcome::Timeout
}

fn shutting_down() -> Outcome {
    answered(500, "application/json", r#"{"error_code":"SMS.0","error_msg":"shutting down"}"#)
}

fn not_mounted() -> Outcome {
    answered(404, "text/html", "<html>no such page</html>")
}

/// A stub that keeps the contract, where some requests meet something else.
pub(crate) struct Restarted {
    stub: InProcess,
    pub(crate) arrived: usize,
    /// The bodies of requests that may not be repeated and were carried out, whatever was answered.
    pub(crate) made: Vec<Body>,
    /// What the request with this number, counted from 0, meets; nothing where it is answered.
    weather: Box<dyn Fn(usize) -> Option<Outcome>>,
}

impl Restarted {
    fn new(weather: impl Fn(usize) -> Option<Outcome> + 'static) -> Self {
        Self::of(Stub::new(&Contract::shipped(), Vec::new()), weather)
    }

    pub(crate) fn of(stub: Stub, weather: impl Fn(usize) -> Option<Outcome> + 'static) -> Self {
        Self { stub: InProcess(stub), arrived: 0, made: Vec::new(), weather: Box::new(weather) }
    }
}

impl Target for Restarted {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            let delivery = match (self.weather)(self.arrived) {
                Some(outcome) if matches!(outcome, Outcome::Unreachable(_)) => {
                    Delivery { outcome, elapsed: Duration::ZERO }
                }
                met => {
                    let delivery = self.stub.send_one(request);
                    let status = match &delivery.outcome {
                        Outcome::Answer(answer) => answer.status,
                        _ => 500,
                    };
                    if !(400..500).contains(&status) && !request.is_repeatable() {
                        self.made.extend(request.body.clone());
                    }
                    let outcome = match met {
                        // A success is cut off where there is one.
                        Some(Outcome::Answer(answer)) if answer.status < 300 && status >= 400 => dropped(),
                        met => met.unwrap_or(delivery.outcome),
                    };
                    Delivery { outcome, ..delivery }
                }
            };
            self.arrived += 1;
            hear(delivery)?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 20
    }
}

fn tested(suite: &Suite<'_>, target: &mut Restarted) -> Verdicts {
    let seen = suite.run(&RequestContext::default(), target, &mut |_| {}).expect("the stub can be tested");
    verdicts(suite, &seen)
}

/// What is held against a target that keeps the contract, and the firm rules of which nothing is known.
pub(crate) fn wrongs(verdicts: &Verdicts) -> Vec<String> {
    let findings = verdicts.findings.iter().map(|found| format!("{}: {}", found.id(), found.observed));
    let is_open = |status: &Option<Status>| matches!(status, Some(Status::Untested | Status::Inconclusive));
    let firm = verdicts.rules.iter().filter(|verdict| verdict.rule.standing.is_firm());
    let open = firm.filter(|verdict| is_open(&verdict.inside) || is_open(&verdict.outside)).map(|verdict| {
        let (rule, inside, outside) = (&verdict.rule, verdict.inside, verdict.outside);
        format!("{}:{} is {inside:?} and {outside:?}", rule.place, rule.keyword)
    });
    findings.chain(open).chain(verdicts.stop.map(|stop| format!("{stop:?}"))).collect()
}

#[track_caller]
fn check_sound(verdicts: &Verdicts, told: &str) {
    assert_eq!(wrongs(verdicts), Vec::<String>::new(), "{told}");
}

/// Positions all over a run, in every phase.
fn positions() -> impl Iterator<Item = usize> {
    [5, 40].into_iter().chain((100..2_500).step_by(397)).chain(2_546..2_572)
}

#[test]
fn a_restart_is_held_against_nobody_whatever_it_looks_like() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    // What it looks like first, how long, and what follows for as long as that.
    let sights: [(&str, Sight, usize, Sight, usize); 13] = [
        ("a reset", dropped, 1, dropped, 0),
        ("two resets", dropped, 2, dropped, 0),
        ("a reset, and nobody there", gone, 1, gone, 0),
        ("nobody there for a moment", unreachable, 1, unreachable, 0),
        ("nobody there for a while", gone, 1, unreachable, 7),
        ("one 502", bad_gateway, 1, bad_gateway, 0),
        ("two 502", bad_gateway, 2, bad_gateway, 0),
        ("a 502, and 503 while it starts", bad_gateway, 1, unavailable, 5),
        ("one 504, and resets", gateway_timeout, 1, dropped, 3),
        ("half an answer, and nobody there", || half(200), 1, unreachable, 3),
        ("one that is never answered", hung, 1, hung, 0),
        ("one that is shut down, and nobody there", shutting_down, 2, unreachable, 4),
        ("nobody there, and then not ready", gone, 1, not_mounted, 3),
    ];
    let mut wrong = Vec::new();
    for (number, (name, first, times, then, further)) in sights.into_iter().enumerate() {
        // Not every sight everywhere: that would be a thousand runs.
        for at in positions().skip(number % 5).step_by(5) {
            let weather = move |number| match number {
                _ if (at..at + times).contains(&number) => Some(first()),
                _ if (at + times..at + times + further).contains(&number) => Some(then()),
                _ => None,
            };
            let wrongs = wrongs(&tested(&suite, &mut Restarted::new(weather)));
            wrong.extend(wrongs.into_iter().map(|wrong| format!("{name}, at request {at}: {wrong}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_a_target_on_its_way_out_refused_is_asked_again() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    for at in [900, 1_400, 1_900] {
        // Whatever it is asked, it turns down, before it is gone.
        let weather = move |number| match number {
            _ if (at..at + 20).contains(&number) => Some(not_mounted()),
            _ if (at + 20..at + 25).contains(&number) => Some(unreachable()),
            _ => None,
        };
        let mut calm = Restarted::new(|_| None);
        let wanted = tested(&suite, &mut calm);
        let mut target = Restarted::new(weather);
        let found = tested(&suite, &mut target);
        let matrix = |verdicts: &Verdicts| -> Vec<_> {
            verdicts
                .rules
                .iter()
                .map(|verdict| (verdict.inside_answers.clone(), verdict.outside_answers.clone()))
                .collect()
        };
        assert_eq!(matrix(&found), matrix(&wanted), "{at}");
        check_sound(&found, &format!("at request {at}"));
        assert!(target.arrived >= calm.arrived + 25, "{} and {}", target.arrived, calm.arrived);
    }
}

#[test]
fn a_target_that_is_restarted_again_and_again_is_tested() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    let weather = |number| match number % 200 {
        150 => Some(gone()),
        151..155 => Some(unreachable()),
        _ => None,
    };
    let mut said = Vec::new();
    let seen = suite.run(&RequestContext::default(), &mut Restarted::new(weather), &mut |event| {
        said.extend(match event {
            Event::Met { accepted } => Some(format!("met {accepted}")),
            Event::Waiting { times: 0 } => Some("waiting".to_owned()),
            Event::Back => Some("back".to_owned()),
            Event::Stopped(_) => Some("stopped".to_owned()),
            _ => None,
        });
    });
    let found = verdicts(&suite, &seen.expect("something was learnt"));
    check_sound(&found, "every 200 requests");
    // Each outage is told as it comes and as it goes.
    let (met, rest) = said.split_first().expect("something is told");
    assert_eq!(met, "met true");
    assert!(rest.chunks(2).all(|pair| pair == ["waiting", "back"]), "{said:?}");
    assert_eq!(rest.len(), 2 * found.outages, "{said:?}");
    assert!(found.outages >= 10, "{}", found.outages);
}

#[test]
fn one_that_fails_now_and_then_without_end_is_flaky() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    for sight in [dropped as Sight, bad_gateway] {
        let found = tested(&suite, &mut Restarted::new(move |number| (number > 100 && number % 29 == 0).then(sight)));
        let ids: Vec<_> = found.findings.iter().map(Finding::id).collect();
        assert!(ids.len() == 1 && ids[0].contains(":flaky:"), "{ids:?}");
    }
    // One that fails by itself, once, is no matter of what stands before it.
    let found = tested(&suite, &mut Restarted::new(|number| (number == 700).then(shutting_down)));
    let ids: Vec<_> = found.findings.iter().map(Finding::id).collect();
    assert!(ids.len() == 1 && ids[0].contains(":flaky:"), "{ids:?}");
}
