//! The hunt: on a sound target it finds nothing however long it goes on; a fault that random cases can meet is found, shrunk
//! to what shows it, and named by its own place and rule.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::Duration;

use fencepost::Contract;
use fencepost::exchange::{Delivery, Hearer, Outcome, Request, Target};
use fencepost::generate::Generator;
use fencepost::request_context::RequestContext;
use fencepost::search::{Entry, FuzzCampaign, News, Plan};
use fencepost::session::Event;
use fencepost::stub::{Fault, InProcess, Stub, faults};
use fencepost::suite::Suite;

use crate::shelf;
use crate::together::Picky;

/// The findings of so many rounds, as id and body.
fn campaign(contract: &Contract, faults: Vec<Fault>, seed: u64, rounds: usize) -> Vec<(String, String)> {
    let (suite, generator) = (Suite::new(contract), Generator::new(contract));
    let mut target = InProcess(Stub::new(contract, faults));
    let context = RequestContext::default();
    let mut observe = |_: &Event<'_>| {};
    let plan = Plan::new(&generator, seed, true);
    let mut campaign =
        FuzzCampaign::start(&suite, &generator, &context, &mut target, plan, &mut observe).expect("it can be tested");
    let mut found = Vec::new();
    for _ in 0..rounds {
        found.extend(campaign.round().into_iter().filter_map(|news| match news {
            News::Found(finding, _) => {
                let body = finding.exchange.request.body.as_deref().unwrap_or_default();
                Some((finding.id(), String::from_utf8_lossy(body).into_owned()))
            }
            News::Kept(_) => None,
        }));
    }
    found
}

#[test]
fn on_a_sound_target_nothing_is_found() {
    let contract = Contract::shipped();
    for seed in 0..3 {
        assert_eq!(campaign(&contract, Vec::new(), seed, 100), []);
    }
}

/// Hunts a stub with one fault, and holds that exactly what the fault should be found as is found, with this body.
#[track_caller]
fn check(fault: &str, body: &str) {
    let contract = Contract::shipped();
    let fault =
        faults(&contract).into_iter().find(|other| other.name() == fault).expect("the fault is one of the stub's");
    let wanted = (fault.finding(), body.to_owned());
    assert_eq!(campaign(&contract, vec![fault], 1, 250), [wanted]);
}

#[test]
fn an_illegal_value_that_is_accepted_is_found() {
    check("body.type:enum:any-case", r#"{"type":"migrate_file"}"#);
    check("body.sub_tasks[].progress:maximum:off-by-one", r#"{"sub_tasks":[{"progress":101}]}"#);
    check("body.sub_tasks[].progress:required:off", r#"{"sub_tasks":[{}]}"#);
    check("body.start_target_server:type:takes-text", r#"{"start_target_server":"true"}"#);
}

/// What a hunt tells that may send only so many requests, and how many cases went wrong without being told.
fn hunt_within(contract: &Contract, fault: &Fault, most: u64) -> (Vec<String>, usize) {
    let (suite, generator) = (Suite::new(contract).within(Some(most)), Generator::new(contract));
    let mut target = InProcess(Stub::new(contract, vec![fault.clone()]));
    let context = RequestContext::default();
    let mut observe = |_: &Event<'_>| {};
    let plan = Plan::new(&generator, 3, true);
    let started = FuzzCampaign::start(&suite, &generator, &context, &mut target, plan, &mut observe);
    let mut campaign = started.expect("it can be tested");
    let mut found = Vec::new();
    while campaign.stop().is_none() {
        found.extend(campaign.round().into_iter().filter_map(|news| match news {
            News::Found(finding, _) => Some(finding.id.short()),
            News::Kept(_) => None,
        }));
    }
    (found, campaign.unresolved())
}

#[test]
fn what_goes_wrong_in_the_last_requests_is_told() {
    let contract = Contract::shipped();
    // Nearly every case meets this one: no number of requests is too small to have seen it.
    let name = "body.start_target_server:optional:too-strict";
    let fault = faults(&contract).into_iter().find(|other| other.name() == name).expect("it is one of the stub's");
    let told: Vec<_> = (40..1_400).step_by(170).map(|most| hunt_within(&contract, &fault, most)).collect();
    assert!(told.iter().all(|(found, unresolved)| !found.is_empty() || *unresolved > 0), "{told:?}");
    assert!(told.iter().flat_map(|(found, _)| found).all(|id| *id == fault.finding()), "{told:?}");
}

#[test]
fn an_array_that_checks_some_of_its_elements_is_one_finding() {
    for fault in ["any-sound", "first-only"] {
        let contract = Contract::shipped();
        let id = format!("body.sub_tasks:items:{fault}");
        let fault =
            faults(&contract).into_iter().find(|other| other.name() == id).expect("the fault is one of the stub's");
        let found = campaign(&contract, vec![fault], 1, 250);
        assert_eq!(found.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["body.sub_tasks:items:outside"]);
    }
}

#[test]
fn an_illegal_value_that_fells_the_target_is_found() {
    check("body.name:type:crash", r#"{"name":7}"#);
    check("body.sub_tasks[].progress:maximum:hang", r#"{"sub_tasks":[{"progress":101}]}"#);
    check("body.sub_tasks[].progress:required:drop", r#"{"sub_tasks":[{}]}"#);
}

#[test]
fn a_legal_value_that_fells_the_target_is_found() {
    check("body.name:text:crash", "{\"name\":\"\u{e9}\u{df}\u{3a9}\"}");
    check("body.connected:type:crash-on-ordinary", r#"{"connected":true}"#);
    check("body.connected:type:drop-on-ordinary", r#"{"connected":true}"#);
    check("body.total_time:maximum:hang-at-bound", r#"{"total_time":9223372036854775807}"#);
}

#[test]
fn a_legal_value_that_is_refused_is_found() {
    check("body.type:enum:too-strict-MIGRATE_BLOCK", r#"{"type":"MIGRATE_BLOCK"}"#);
    check("body.name:minLength:too-strict", r#"{"name":""}"#);
    check("body.sub_tasks[].end_date:null:too-strict", r#"{"sub_tasks":[{"progress":7,"end_date":null}]}"#);
    check("body.sub_tasks:items:too-strict-none", r#"{"sub_tasks":[]}"#);
    check("body.sub_tasks:items:too-strict-several", r#"{"sub_tasks":[{"progress":7},{"progress":7},{"progress":7}]}"#);
    check(
        "body.sub_tasks[]:unknownMember:too-strict",
        r#"{"sub_tasks":[{"progress":7,"fencepost_unknown_member":1}]}"#,
    );
    check(
        "body.target_server.os_type:enum:too-strict-WINDOWS",
        r#"{"target_server":{"ip":"sample","os_type":"WINDOWS","disks":[{}]}}"#,
    );
}

#[test]
fn an_optional_member_that_is_demanded_is_found() {
    check("body.name:optional:too-strict", "{}");
    check("body.sub_tasks[].name:optional:too-strict", r#"{"sub_tasks":[{"progress":7}]}"#);
}

#[test]
fn values_that_are_refused_together_are_one_finding() {
    check("body.type + body.os_type:interaction:too-strict", r#"{"type":"MIGRATE_BLOCK","os_type":"LINUX"}"#);
}

/// Holds that one finding is all that a stub with this fault leads to, whatever body shows it.
#[track_caller]
fn check_one(fault: &str, wanted: &str) {
    let contract = Contract::shipped();
    let fault =
        faults(&contract).into_iter().find(|other| other.name() == fault).expect("the fault is one of the stub's");
    let found = campaign(&contract, vec![fault], 1, 100);
    assert_eq!(found.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), [wanted]);
}

#[test]
fn a_fault_of_all_answers_is_one_finding() {
    check_one("response.success:responseBody:off", "response.success:responseBody:inside");
    check_one("response.success:secret:off", "response.success:secret:inside");
    check_one("response.refusal:status:off", "response.refusal:status:outside");
    check_one("response.refusal:status:crash", "response.refusal:status:outside");
    check_one("response.refusal:timeout:off", "response.refusal:timeout:outside");
    check_one("response.refusal:connection:off", "response.refusal:connection:outside");
    check_one("response.success:flaky:off", "response.success:flaky:inside");
}

/// A sound stub that is gone for a while: between two numbers of requests it closes every connection.
struct Leaving {
    inner: InProcess,
    seen: usize,
    away: std::ops::Range<usize>,
}

impl Target for Leaving {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            self.seen += 1;
            if self.away.contains(&self.seen) {
                hear(Delivery { outcome: Outcome::Dropped("gone".to_owned()), elapsed: Duration::ZERO })?;
            } else {
                self.inner.send(std::slice::from_ref(request), hear)?;
            }
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 10
    }
}

#[test]
fn a_target_that_is_gone_for_a_while_is_waited_for_and_not_blamed() {
    let contract = Contract::shipped();
    let (suite, generator) = (Suite::new(&contract), Generator::new(&contract));
    let mut target = Leaving { inner: InProcess(Stub::new(&contract, Vec::new())), seen: 0, away: 1_000..1_100 };
    let context = RequestContext::default();
    let mut observe = |_: &Event<'_>| {};
    let plan = Plan::new(&generator, 0, true);
    let mut campaign =
        FuzzCampaign::start(&suite, &generator, &context, &mut target, plan, &mut observe).expect("it can be tested");
    let (mut found, mut waited) = (0, 0);
    while campaign.requests() < 5_000 {
        found += campaign.round().iter().filter(|news| matches!(news, News::Found(..))).count();
        while campaign.stop().is_some() {
            waited += 1;
            campaign.revive();
        }
    }
    assert_eq!(found, 0);
    assert!(waited > 10, "it was waited for {waited} times");
}

#[test]
fn what_was_known_before_is_not_told_again() {
    let contract = Contract::shipped();
    let (suite, generator) = (Suite::new(&contract), Generator::new(&contract));
    let fault = faults(&contract).into_iter().find(|other| other.name() == "body.name:maxLength:off").expect("a fault");
    let mut target = InProcess(Stub::new(&contract, vec![fault]));
    let context = RequestContext::default();
    let mut observe = |_: &Event<'_>| {};
    let plan = Plan::new(&generator, 1, true);
    let mut campaign =
        FuzzCampaign::start(&suite, &generator, &context, &mut target, plan, &mut observe).expect("it can be tested");
    campaign.know("body.name:maxLength:outside");
    for _ in 0..250 {
        assert!(campaign.round().iter().all(|news| matches!(news, News::Kept(_))));
    }
}

#[test]
fn a_search_that_takes_up_a_corpus_keeps_nothing_twice() {
    let contract = Contract::shipped();
    let (suite, generator) = (Suite::new(&contract), Generator::new(&contract));
    let context = RequestContext::default();
    let rounds = |plan: Plan<'_>| {
        let mut target = InProcess(Stub::new(&contract, Vec::new()));
        let mut observe = |_: &Event<'_>| {};
        let mut campaign =
            FuzzCampaign::start(&suite, &generator, &context, &mut target, plan, &mut observe).expect("a target");
        let news: Vec<News> = (0..100).flat_map(|_| campaign.round()).collect();
        news.into_iter()
            .filter_map(|news| match news {
                News::Kept(entry) => Some(entry),
                News::Found(..) => None,
            })
            .collect::<Vec<Entry>>()
    };
    let first = rounds(Plan::new(&generator, 1, true));
    let mut again = Plan::new(&generator, 2, true);
    for entry in &first {
        again.adopt(entry);
    }
    let second = rounds(again);
    let seen: BTreeSet<u64> = first.iter().flat_map(|entry| entry.features.iter()).collect();
    assert!(first.len() > 300, "{} were kept", first.len());
    assert!(second.len() < first.len() / 4, "{} and {} were kept", first.len(), second.len());
    for entry in &second {
        assert!(entry.features.iter().any(|feature| !seen.contains(&feature)), "{entry:?} shows nothing new");
    }
}

#[test]
fn a_pair_with_the_ordinary_value_of_a_mandatory_member_is_one_finding_here_as_well() {
    let body = "{type: object, required: [name], properties: {name: {type: string, maxLength: 20}, \
                kind: {type: string, enum: [A, B, X]}, note: {type: string, maxLength: 9}}}";
    let contract = shelf::loaded("pair.yaml", &shelf::contract("/things/{id}", shelf::ID, body));
    let (suite, generator) = (Suite::new(&contract), Generator::new(&contract));
    let stub = InProcess(Stub::new(&contract, Vec::new()));
    let mut target = Picky(stub, |body| body["name"] == "sample" && body["kind"] == "X");
    let (context, mut observe) = (RequestContext::default(), |_: &Event<'_>| {});
    let plan = Plan::new(&generator, 1, true);
    let started = FuzzCampaign::start(&suite, &generator, &context, &mut target, plan, &mut observe);
    let mut campaign = started.expect("it can be tested");
    let news: Vec<News> = (0..60).flat_map(|_| campaign.round()).collect();
    let found: Vec<String> = news
        .iter()
        .filter_map(|news| match news {
            News::Found(finding, _) => Some(finding.id.short()),
            News::Kept(_) => None,
        })
        .collect();
    assert_eq!(found, ["body.name + body.kind:interaction:inside"]);
}
