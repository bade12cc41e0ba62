//! A target that goes away in the middle of a run and stays away: that is told, and no place is blamed for it.

use std::ops::ControlFlow;
use std::time::Duration;

use fencepost::Contract;
use fencepost::exchange::{Delivery, Hearer, Outcome, Request, Target};
use fencepost::request_context::RequestContext;
use fencepost::session::Stop;
use fencepost::stub::{InProcess, Stub};
use fencepost::suite::{Suite, Untestable};
use fencepost::verdict::{Finding, verdicts};

use crate::creations;
use crate::outages::{Restarted, bad_gateway, dropped, gone, hung, unreachable};

/// What the first requests meet that a target did not answer, and what all others do.
type End = (&'static str, Vec<Outcome>, fn() -> Outcome);

fn ends() -> Vec<End> {
    vec![
        ("killed", vec![gone()], unreachable),
        ("killed with several in flight", vec![dropped(), dropped(), gone()], unreachable),
        ("stopped", Vec::new(), hung),
        ("behind a gateway", vec![dropped()], bad_gateway),
        ("hanging up", Vec::new(), dropped),
    ]
}

/// What is wrongly said of a contract's target that is gone from a request on.
fn wrongs(contract: &Contract, at: usize, (name, first, then): &End) -> Option<String> {
    let suite = Suite::new(contract);
    let (first, then) = (first.clone(), *then);
    let weather = move |number: usize| Some(first.get(number.checked_sub(at)?).cloned().unwrap_or_else(then));
    let mut target = Restarted::of(Stub::new(contract, Vec::new()), weather);
    match suite.run(&RequestContext::default(), &mut target, &mut |_| {}) {
        Ok(seen) => {
            let found = verdicts(&suite, &seen);
            let ids: Vec<_> = found.findings.iter().map(Finding::id).collect();
            let is_right = ids.is_empty() && found.stop == Some(Stop::Died);
            (!is_right).then(|| format!("{name}, at request {at}: {ids:?}, {:?}", found.stop))
        }
        Err(Untestable::Died) => None,
        // Nothing had been accepted by then.
        Err(_) if at < 3 => None,
        Err(other) => Some(format!("{name}, at request {at}: {other}")),
    }
}

/// How many requests a target takes that stays.
fn calm(contract: &Contract) -> usize {
    let mut target = Restarted::of(Stub::new(contract, Vec::new()), |_| None);
    Suite::new(contract).run(&RequestContext::default(), &mut target, &mut |_| {}).expect("the stub can be tested");
    target.arrived
}

#[track_caller]
fn check(contract: &Contract, step: usize) {
    let calm = calm(contract);
    let mut wrong = Vec::new();
    for (number, end) in ends().iter().enumerate() {
        // Every position in the beginning, and then other ones for each.
        let positions = (2..12).chain((12 + number * step / 5..calm).step_by(step));
        wrong.extend(positions.filter_map(|at| wrongs(contract, at, end)));
    }
    assert!(wrong.is_empty(), "{} of them: {wrong:#?}", wrong.len());
}

#[test]
fn a_target_that_goes_away_is_gone_and_no_place_is_blamed() {
    check(&Contract::shipped(), 101);
}

#[test]
fn one_that_creates_and_goes_away_is_gone_and_no_place_is_blamed() {
    check(&creations::contract(), 2);
}

/// A stub of a supervised process: some requests fell it, and it is back after a while, but for the last time that it may fall.
struct Supervised {
    stub: InProcess,
    fells: Box<dyn Fn(&str) -> bool>,
    falls: usize,
    /// So many requests more meet nobody.
    away: usize,
}

impl Target for Supervised {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            if self.away > 0 {
                self.away = self.away.saturating_sub(1);
                hear(Delivery { outcome: unreachable(), elapsed: Duration::ZERO })?;
            } else if (self.fells)(&String::from_utf8_lossy(request.body.as_deref().unwrap_or_default())) {
                self.falls = self.falls.saturating_sub(1);
                self.away = if self.falls == 0 { usize::MAX } else { 3 };
                hear(Delivery { outcome: gone(), elapsed: Duration::ZERO })?;
            } else {
                self.stub.send(std::slice::from_ref(request), hear)?;
            }
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 20
    }
}

#[test]
fn what_fells_a_target_again_that_came_back_is_named() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    let fells = |body: &str| body.starts_with("{\"name\":7");
    // It is always back, or only so often; where it fell but once, nothing tells that the request was to blame.
    for (falls, named) in [(usize::MAX, true), (4, true), (2, true), (1, false)] {
        let stub = InProcess(Stub::new(&contract, Vec::new()));
        let mut target = Supervised { stub, fells: Box::new(fells), falls, away: 0 };
        let seen = suite.run(&RequestContext::default(), &mut target, &mut |_| {}).expect("the stub can be tested");
        let found = verdicts(&suite, &seen);
        let ids: Vec<_> = found.findings.iter().map(Finding::id).collect();
        let wanted = if named { vec!["body.name:connection:outside"] } else { Vec::new() };
        assert_eq!(ids, wanted, "{falls} falls: {:?}", found.stop);
        assert_eq!(found.stop, (falls < 5).then_some(Stop::Died), "{falls} falls");
        // What it did not answer any more is at hand, and blamed for nothing.
        let last = found.unanswered.as_ref().and_then(|request| request.body.as_deref());
        let is_it = last.map(|body| fells(&String::from_utf8_lossy(body)));
        assert_eq!(is_it, (falls < 5).then_some(true), "{falls} falls");
    }
}

#[test]
fn what_fells_a_target_each_time_is_named_also_where_nothing_may_be_sent_twice() {
    let contract = creations::contract();
    let suite = Suite::new(&contract);
    let mut target = Supervised {
        stub: InProcess(Stub::new(&contract, Vec::new())),
        fells: Box::new(|body| body.contains("\"size\":901")),
        falls: usize::MAX,
        away: 0,
    };
    let seen = suite.run(&RequestContext::default(), &mut target, &mut |_| {}).expect("the stub can be tested");
    let ids: Vec<String> = verdicts(&suite, &seen).findings.iter().map(|finding| finding.id.short()).collect();
    assert_eq!(ids, ["body.size:connection:outside"]);
}
