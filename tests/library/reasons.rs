//! Whatever is wrong with a target, and whatever a run must not send: of every firm rule without a verdict it is told why.

use std::collections::BTreeSet;

use fencepost::Contract;
use fencepost::exchange::Outcome;
use fencepost::oracle::Reaction;
use fencepost::report::{Subject, Timing, json, terminal};
use fencepost::request_context::RequestContext;
use fencepost::rule::Part;
use fencepost::session::{Doubt, Stop};
use fencepost::stub::{Fault, InProcess, Stub, faults};
use fencepost::suite::{Reason, Suite};
use fencepost::verdict::{RuleVerdict, Status, Verdicts};
use serde_json::Value;

use crate::outages::{Restarted, gone, hung, unreachable};
use crate::shelf::{FILES, loaded};
use crate::tested;
use crate::together::Picky;

/// Each side of a rule with what is known of it and why nothing is.
fn sides(verdict: &RuleVerdict) -> impl Iterator<Item = (Status, Option<&Reason>)> {
    let sides = [(verdict.inside, &verdict.inside_reason), (verdict.outside, &verdict.outside_reason)];
    sides.into_iter().filter_map(|(status, reason)| Some((status?, reason.as_ref())))
}

/// Holds that there is a reason wherever there is no verdict, and nowhere else; tells the reasons.
#[track_caller]
fn check(found: &Verdicts, told: &str) -> BTreeSet<Reason> {
    let mut reasons = BTreeSet::new();
    for verdict in &found.rules {
        let id = format!("{told}: {}:{}", verdict.rule.place, verdict.rule.keyword);
        for (status, reason) in sides(verdict) {
            let unknown = matches!(status, Status::Untested | Status::Inconclusive);
            assert_eq!(reason.is_some(), unknown, "{id}: {status:?}, {reason:?}");
            assert_ne!(reason, Some(&Reason::Nothing), "{id}: {status:?}");
            reasons.extend(reason.cloned());
        }
    }
    reasons
}

fn contracts() -> Vec<(&'static str, Contract)> {
    let shelf = FILES.iter().map(|(name, text)| (*name, loaded(name, text)));
    [("shipped", Contract::shipped())].into_iter().chain(shelf).collect()
}

/// Faults about legal values: many at once in the small contracts, some in the large one.
fn legal_faults(contract: &Contract, draw: &mut fastrand::Rng) -> Vec<Fault> {
    let modes = ["crash-on-ordinary", "too-strict-ordinary", "drop-on-ordinary", "too-strict", "crash", "clash"];
    let is_legal = |fault: &Fault| modes.iter().any(|mode| fault.name().ends_with(&format!(":{mode}")));
    let mut planted: Vec<Fault> = faults(contract).into_iter().filter(is_legal).collect();
    draw.shuffle(&mut planted);
    planted.truncate(draw.usize(2..9));
    planted
}

#[test]
fn whatever_is_refused_though_it_is_legal_every_rule_without_a_verdict_has_a_reason() {
    let mut draw = fastrand::Rng::with_seed(1);
    let mut met = BTreeSet::new();
    for (name, contract) in contracts() {
        let suite = Suite::new(&contract);
        let mut runs = 0;
        for _ in 0..if name == "shipped" { 3 } else { 30 } {
            let planted = legal_faults(&contract, &mut draw);
            let told = format!("{name} with {:?}", planted.iter().map(Fault::name).collect::<Vec<_>>());
            let Ok(found) = tested::tried(&suite, &mut tested::stub(&suite, planted)) else { continue };
            let reasons = check(&found, &told);
            met.extend(reasons);
            runs += 1;
        }
        assert!(runs > 0, "{name} could not be tested at all");
    }
    for reason in [Reason::Hidden, Reason::Control, Reason::Broken] {
        assert!(met.contains(&reason), "{met:?}");
    }
    assert!(met.iter().any(|reason| matches!(reason, Reason::Blocked(_))), "{met:?}");
}

#[test]
fn where_any_one_thing_is_wrong_every_rule_without_a_verdict_has_a_reason() {
    for contract in [small(), posted()] {
        let suite = Suite::new(&contract);
        for fault in faults(&contract) {
            let told = format!("{} with {}", contract.operation().name(), fault.name());
            if let Ok(found) = tested::tried(&suite, &mut tested::stub(&suite, vec![fault])) {
                check(&found, &told);
            }
        }
    }
}

fn small() -> Contract {
    edited("    put:")
}

/// The same, where what was sent may not be sent again.
fn posted() -> Contract {
    edited("    post:")
}

fn edited(method: &str) -> Contract {
    let text = FILES.iter().find(|(name, _)| *name == "small").expect("it is on the shelf").1;
    loaded("small", &text.replace("    put:", method))
}

#[test]
fn what_a_run_that_ended_early_did_not_come_to_is_said_to_be_so() {
    let contract = Contract::shipped();
    for budget in [5, 60, 400] {
        let suite = Suite::new(&contract).within(Some(budget));
        let found = tested::with(&suite, Vec::new());
        let reasons = check(&found, &format!("{budget} requests"));
        assert_eq!(reasons, [Reason::Ended(Stop::Budget)].into(), "{budget}");
    }
}

#[test]
fn what_is_sent_only_where_it_harms_nobody_is_said_to_be_left_out() {
    let contract = Contract::shipped();
    let found = tested::with(&Suite::new(&contract).gently(), Vec::new());
    assert_eq!(check(&found, "gently"), [Reason::Gentle].into());
    let without = found.rules.iter().filter(|verdict| verdict.reason().is_some());
    let without: BTreeSet<&str> = without.map(|verdict| verdict.rule.keyword.as_str()).collect();
    assert_eq!(without, ["nesting", "size"].into());
}

#[test]
fn what_may_have_met_a_target_that_was_gone_is_said_to_be_in_doubt() {
    let mut reasons = BTreeSet::new();
    for contract in [small(), posted()] {
        let suite = Suite::new(&contract);
        for at in (1..80).step_by(5) {
            for sights in [vec![gone(), unreachable()], vec![hung(); 4], vec![unreachable(); 30]] {
                let weather = move |number: usize| sights.get(number.checked_sub(at)?).cloned();
                let mut target = Restarted::of(Stub::new(&contract, Vec::new()), weather);
                let told = format!("away at {at}");
                reasons.extend(tested::tried(&suite, &mut target).iter().flat_map(|found| check(found, &told)));
            }
        }
    }
    assert!(reasons.contains(&Reason::Doubt(Doubt::Once)), "{reasons:?}");
}

#[test]
fn what_hangs_once_too_often_is_said_to_be_left_out() {
    let contract = Contract::shipped();
    let hang = |fault: &Fault| fault.name().starts_with("body.sub_tasks") && fault.name().ends_with(":hang");
    let planted: Vec<Fault> = faults(&contract).into_iter().filter(hang).collect();
    assert!(planted.len() > 3, "{planted:?}");
    let found = tested::with(&Suite::new(&contract), planted);
    assert!(check(&found, "hangs").contains(&Reason::Doubt(Doubt::Hung)));
}

#[test]
fn a_target_that_fails_on_everything_legal_is_said_to() {
    let contract = small();
    let crash = |_| {
        Some(Outcome::Answer(fencepost::exchange::Response {
            status: 500,
            headers: Vec::new(),
            body: Vec::new(),
            unread: None,
        }))
    };
    let mut target = Restarted::of(Stub::new(&contract, Vec::new()), crash);
    let Ok(found) = tested::tried(&Suite::new(&contract), &mut target) else { return };
    assert!(found.findings.iter().any(|finding| finding.exchange.judgement.reaction == Reaction::Crashed));
    check(&found, "crashes");
}

#[test]
fn report_and_terminal_tell_the_reasons() {
    let contract = Contract::shipped();
    let stub = InProcess(Stub::new(&contract, Vec::new()));
    let mut target = Picky(stub, |body| body["source_server"]["btrfs_list"][0].is_object());
    let found = tested::by(&Suite::new(&contract), &mut target);
    let reasons = check(&found, "nothing in a list is taken");
    let place = contract.operation().site(Part::Body);
    assert!(matches!(reasons.first(), Some(Reason::Blocked(other)) if *other != place), "{reasons:?}");
    let subject = Subject {
        target: "here".to_owned(),
        contract: "shipped".to_owned(),
        operation: contract.operation().name().to_string(),
        profile: None,
        seed: 0,
        context: RequestContext::default(),
    };
    let text = terminal::render(&subject, &found, std::time::Duration::ZERO, false);
    let report = json::render(&subject, &found, &Timing::default(), None);
    let report: Value = serde_json::from_str(&report).expect("it is JSON");
    let rules = report["rules"].as_array().expect("there are rules");
    for reason in &reasons {
        assert!(text.contains(&format!(": {reason} (body.")), "{reason}\n{text}");
        let tells = |rule: &&Value| rule["reason"].as_str().is_some_and(|told| told.contains(&reason.to_string()));
        assert!(rules.iter().any(|rule| tells(&rule)), "{reason}");
    }
    for rule in rules.iter().filter(|rule| rule["standing"] == "firm") {
        let unknown = |side: &str| rule[side] == "untested" || rule[side] == "inconclusive";
        assert_eq!(rule["reason"].is_string(), unknown("inside") || unknown("outside"), "{rule}");
    }
}
