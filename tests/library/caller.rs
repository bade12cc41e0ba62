//! A target that forgets who calls: its refusals are no verdicts. They are met with new credentials where there are some,
//! and otherwise end the run with what was learnt until then.

use std::collections::HashSet;
use std::ops::ControlFlow;

use fencepost::Contract;
use fencepost::exchange::{Delivery, Hearer, Outcome, Request, Response, Target};
use fencepost::request_context::RequestContext;
use fencepost::rule::Keyword;
use fencepost::secret::Secret;
use fencepost::session::{Event as Said, Stop};
use fencepost::stub::{InProcess, Stub, faults};
use fencepost::suite::{Suite, Untestable};
use fencepost::verdict::{Finding, RuleVerdict, Status, Verdicts, verdicts};

/// What stands for the caller's token in every ordinary request.
const TOKEN: &str = "a token of the caller's own";

/// A sound stub behind a gateway that lets a token in for so many requests.
struct Gateway {
    stub: InProcess,
    life: usize,
    left: usize,
    status: u16,
    /// How many new tokens can be had.
    renewals: usize,
    /// Of so many different requests of the caller's it does not know one for a moment.
    lapses: usize,
    met: HashSet<Request>,
    /// Requests that were let in, and those that were not.
    seen: (usize, usize),
}

impl Gateway {
    fn new(life: usize, renewals: usize) -> Self {
        let stub = InProcess(Stub::new(&Contract::shipped(), Vec::new()));
        Self { stub, life, left: life, status: 401, renewals, lapses: usize::MAX, met: HashSet::new(), seen: (0, 0) }
    }
}

impl Target for Gateway {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            let own = request.header("X-Auth-Token") == Some(TOKEN);
            let lapses = self.met.insert(request.clone()) && self.met.len().is_multiple_of(self.lapses);
            if own && (self.left == 0 || lapses) {
                self.seen.1 += 1;
                let body = br#"{"error_code":"APIGW.0301","error_msg":"the token has expired"}"#.to_vec();
                let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
                let outcome = Outcome::Answer(Response { status: self.status, headers, body, unread: None });
                hear(Delivery { outcome, elapsed: std::time::Duration::ZERO })?;
                continue;
            }
            self.left -= usize::from(own);
            self.seen.0 += 1;
            self.stub.send(std::slice::from_ref(request), hear)?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 10
    }

    fn renew(&mut self) -> bool {
        let granted = self.renewals > 0;
        self.renewals = self.renewals.saturating_sub(1);
        self.left = if granted { self.life } else { self.left };
        granted
    }
}

fn tested(target: &mut Gateway) -> Result<Verdicts, Untestable> {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    let context = RequestContext { credential: Some(Secret::new("TOKEN", TOKEN)), ..RequestContext::default() };
    let seen = suite.run(&context, target, &mut |_| {})?;
    Ok(verdicts(&suite, &seen))
}

fn matrix(verdicts: &Verdicts) -> Vec<(Option<Status>, Option<Status>)> {
    verdicts.rules.iter().map(|verdict| (verdict.inside, verdict.outside)).collect()
}

#[test]
fn verdicts_are_the_same_however_often_the_token_is_renewed() {
    let mut lasting = Gateway::new(usize::MAX, 0);
    let wanted = tested(&mut lasting).expect("the stub can be tested");
    assert_eq!((wanted.findings.len(), lasting.seen.1), (0, 0));
    for life in [1_000, 100, 7] {
        let mut target = Gateway::new(life, usize::MAX);
        let found = tested(&mut target).expect("the stub can be tested");
        assert!(target.seen.1 > 0, "no token of {life} requests was refused");
        assert_eq!(found.findings.len(), 0, "{life}");
        assert_eq!(matrix(&found), matrix(&wanted), "{life}");
        // Nothing is judged twice: what is sent beyond are signs of life, at most one for each refusal.
        assert!(target.seen.0 <= lasting.seen.0 + target.seen.1, "{life}: {:?}, {:?}", target.seen, lasting.seen);
    }
}

#[test]
fn a_refusal_that_is_not_repeated_is_no_verdict() {
    let contract = Contract::shipped();
    let lax: Vec<_> = faults(&contract).into_iter().filter(|fault| fault.name().ends_with(":maxLength:off")).collect();
    let gateway =
        |lapses| Gateway { lapses, stub: InProcess(Stub::new(&contract, lax.clone())), ..Gateway::new(usize::MAX, 0) };
    let wanted = tested(&mut gateway(usize::MAX)).expect("the stub can be tested");
    for lapses in [2, 10, 700] {
        let mut target = gateway(lapses);
        let found = tested(&mut target).expect("the stub can be tested");
        assert!(target.seen.1 > 1_000 / lapses, "{:?}", target.seen);
        assert_eq!((matrix(&found), found.stop), (matrix(&wanted), None));
        let ids = |verdicts: &Verdicts| verdicts.findings.iter().map(Finding::id).collect::<Vec<_>>();
        assert_eq!(ids(&found), ids(&wanted));
    }
}

#[test]
fn a_token_that_cannot_be_renewed_ends_the_run_and_no_refusal_counts() {
    for (status, life) in [(401, 50), (401, 700), (401, 2_000), (403, 700)] {
        let mut target = Gateway { status, ..Gateway::new(life, 0) };
        let found = tested(&mut target).expect("something was learnt");
        assert_eq!(found.stop, Some(Stop::Unauthorized(status)), "{life}");
        assert_eq!(found.findings.len(), 0, "{life}");
        let sound = tested(&mut Gateway::new(usize::MAX, 0)).expect("the stub can be tested");
        let untested =
            matrix(&found).iter().filter(|sides| matches!(sides.0.or(sides.1), Some(Status::Untested))).count();
        assert!(untested > 20, "{life}: only {untested} rules are untested");
        for (found, sound) in found.rules.iter().zip(&sound.rules) {
            for (found_status, sound_status) in [(found.inside, sound.inside), (found.outside, sound.outside)] {
                let open = matches!(found_status, Some(Status::Untested | Status::Inconclusive));
                assert!(open || found_status == sound_status, "{life}: {:?}: {found_status:?}", found.rule);
            }
        }
    }
}

#[test]
fn a_rule_that_nobody_enforces_is_not_enforced_by_a_token_that_ran_out() {
    let contract = Contract::shipped();
    let lax = || -> Vec<_> {
        faults(&contract).into_iter().filter(|fault| fault.name().ends_with(":maxLength:off")).collect()
    };
    assert!(lax().len() > 50, "{}", lax().len());
    for life in [700, 1_200, 1_700] {
        let mut target = Gateway::new(life, 0);
        target.stub = InProcess(Stub::new(&contract, lax()));
        let found = tested(&mut target).expect("something was learnt");
        assert_eq!(found.stop, Some(Stop::Unauthorized(401)), "{life}");
        let in_body =
            |verdict: &&RuleVerdict| verdict.rule.place.as_str().starts_with("body.") && !verdict.rule.covered;
        let lengths = found.rules.iter().filter(in_body).filter(|verdict| verdict.rule.keyword == Keyword::MaxLength);
        let wrong: Vec<_> = lengths.filter(|verdict| verdict.outside == Some(Status::Enforced)).collect();
        assert!(wrong.is_empty(), "{life}: {wrong:#?}");
    }
}

#[test]
fn refusals_that_nobody_could_look_into_count_for_nothing() {
    let contract = Contract::shipped();
    let lax: Vec<_> = faults(&contract).into_iter().filter(|fault| fault.name().ends_with(":maxLength:off")).collect();
    let context = RequestContext { credential: Some(Secret::new("TOKEN", TOKEN)), ..RequestContext::default() };
    let mut stopped = 0;
    for beyond in 0..8 {
        let mut target = Gateway::new(1_200, 0);
        target.stub = InProcess(Stub::new(&contract, lax.clone()));
        // The budget ends before, at, or after the request that would tell.
        let suite = Suite::new(&contract).within(Some(1_200 + beyond));
        let seen = suite.run(&context, &mut target, &mut |_| {}).expect("something was learnt");
        let found = verdicts(&suite, &seen);
        stopped += usize::from(found.stop == Some(Stop::Budget));
        let lengths = found.rules.iter().filter(|verdict| verdict.rule.keyword == Keyword::MaxLength);
        let in_body =
            lengths.filter(|verdict| verdict.rule.place.as_str().starts_with("body.") && !verdict.rule.covered);
        let wrong: Vec<_> = in_body.filter(|verdict| verdict.outside == Some(Status::Enforced)).collect();
        assert!(wrong.is_empty(), "{beyond}: {wrong:#?}");
    }
    assert!(stopped > 1, "no run ended with its budget");
}

#[cfg(feature = "cli")]
#[test]
fn a_run_that_is_told_again_by_its_journal_renews_nothing() {
    use fencepost::event::Event;
    use fencepost::journal::{Journal, JournalHeader, Retold};

    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    let context = RequestContext { credential: Some(Secret::new("TOKEN", TOKEN)), ..RequestContext::default() };
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("caller-{}.journal", std::process::id()));
    // A process of the same number may have left one behind long ago.
    let _ = std::fs::remove_file(&path);
    let head = JournalHeader::new(&suite, &context, "the gateway");
    let mut target = Gateway::new(900, 1);
    let mut journal = Journal::begin(&path, &head, &context).expect("it can be written");
    let seen = suite.run(&context, &mut target, &mut |said| journal.enter(&Event::Conversation(said)));
    let first = verdicts(&suite, &seen.expect("something was learnt"));
    assert_eq!((first.stop, target.seen.1 > 1), (Some(Stop::Unauthorized(401)), true));
    drop(journal);

    let mut target = Gateway::new(usize::MAX, 0);
    let (mut journal, mut earlier) = Journal::resume(&path, &head, &context).expect("it is of this run");
    let mut retold = Retold::new(&mut target, &mut earlier);
    let seen = suite.run(&context, &mut retold, &mut |said| journal.enter(&Event::Conversation(said)));
    let resumed = verdicts(&suite, &seen.expect("everything was learnt"));
    let sound = tested(&mut Gateway::new(usize::MAX, 0)).expect("the stub can be tested");
    assert_eq!(matrix(&resumed), matrix(&sound));
    assert!(target.seen.0 < 1_000, "{:?}", target.seen);
    std::fs::remove_file(path).expect("it can be removed");
}

#[test]
fn each_new_token_is_told_and_so_is_the_end() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    let context = RequestContext { credential: Some(Secret::new("TOKEN", TOKEN)), ..RequestContext::default() };
    let mut target = Gateway::new(900, 1);
    let mut said = Vec::new();
    let mut heard = 0;
    let seen = suite.run(&context, &mut target, &mut |event| match event {
        Said::Heard { requests, .. } => {
            heard += 1;
            assert_eq!(*requests, heard, "each is told once");
        }
        Said::Planned { .. } => {}
        other => said.push(format!("{other:?}")),
    });
    seen.expect("something was learnt");
    let renewed = |obtained: bool| format!("{:?}", Said::Renewed { obtained });
    // It is given time before the credentials are said to have run out.
    let waiting = |times: usize| format!("{:?}", Said::Waiting { times });
    let (met, end) = (Said::Met { accepted: true }, Said::Stopped(Stop::Unauthorized(401)));
    assert_eq!(said, [format!("{met:?}"), renewed(true), renewed(false), waiting(0), waiting(1), format!("{end:?}")]);
    assert_eq!(heard, target.seen.0 + target.seen.1);
}

#[test]
fn new_tokens_that_are_no_better_end_the_run() {
    // Each new token is dead on arrival.
    let mut target = Gateway { life: 0, left: 700, ..Gateway::new(0, usize::MAX) };
    let found = tested(&mut target).expect("something was learnt");
    assert_eq!(found.stop, Some(Stop::Unauthorized(401)));
    assert!(target.seen.1 < 5_000, "{:?}", target.seen);
}

#[test]
fn a_caller_who_is_never_let_in_cannot_test() {
    let found = tested(&mut Gateway::new(0, 0));
    assert_eq!(found.err(), Some(Untestable::Authentication(401)));
}

#[test]
fn credentials_that_are_locked_by_refusals_are_sent_twice_and_no_more() {
    let contract = Contract::shipped();
    let mut target = Gateway::new(0, 0);
    let credential = Some(Secret::new("TOKEN", TOKEN));
    let context = RequestContext { credential, locks_out: true, ..RequestContext::default() };
    let refused = Suite::new(&contract).run(&context, &mut target, &mut |_| {});
    assert_eq!(refused.err(), Some(Untestable::Authentication(401)));
    assert_eq!(target.seen, (0, 2));
}
