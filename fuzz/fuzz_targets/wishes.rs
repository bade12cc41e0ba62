//! Arbitrary choices of probes: whatever legal parts share a body, the body is legal; with one illegal part it breaks that
//! part's rule and no other.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Unstructured;
use fencepost::Contract;
use fencepost::compose::{Composer, Slot, Wishes};
use fencepost::contract::{Operation, PlaceId};
use fencepost::probe::{Probe, Send, Travel};
use fencepost::rule::Side;
use fencepost::suite::Suite;
use fencepost::validate::Judge;
use libfuzzer_sys::fuzz_target;

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::shipped);
static SUITE: LazyLock<Suite<'static>> = LazyLock::new(|| Suite::new(&CONTRACT));
static JUDGE: LazyLock<Judge> = LazyLock::new(|| Judge::new(CONTRACT.operation()));

fn parts(side: Side) -> Vec<(usize, (PlaceId, Slot))> {
    let suite = &*SUITE;
    let single = |probe: &&Probe| {
        probe.side == side
            && suite.rules()[probe.rule].standing.is_firm()
            && !matches!(probe.travel, Travel::Trial(_))
    };
    let part = |probe: &Probe| match &probe.send {
        Send::Body(wishes) => wishes.first().cloned().filter(|(_, slot)| *slot != Slot::Absent || side == Side::Outside),
        Send::Wire(_) => None,
    };
    suite.probes().iter().filter(single).filter_map(|probe| Some((probe.rule, part(probe)?))).collect()
}

static LEGAL: LazyLock<Vec<(usize, (PlaceId, Slot))>> = LazyLock::new(|| parts(Side::Inside));
static ILLEGAL: LazyLock<Vec<(usize, (PlaceId, Slot))>> = LazyLock::new(|| parts(Side::Outside));

/// Whether two parts can stand in one body: neither replaces the other, or what the other stands in.
fn go_together(operation: &Operation, one: PlaceId, other: PlaceId) -> bool {
    !operation.is_within(one, other) && !operation.is_within(other, one)
}

fuzz_target!(|bytes: &[u8]| {
    let operation = CONTRACT.operation();
    let mut choices = Unstructured::new(bytes);
    let mut wishes: Wishes = Vec::new();
    let mut broken = None;
    if choices.arbitrary().unwrap_or(false) {
        let (rule, part) = &ILLEGAL[choices.choose_index(ILLEGAL.len()).unwrap_or(0)];
        wishes.push(part.clone());
        broken = Some(&SUITE.rules()[*rule]);
    }
    while let (false, Ok(index)) = (choices.is_empty(), choices.choose_index(LEGAL.len())) {
        let (_, part) = &LEGAL[index];
        if wishes.iter().all(|(place, _)| go_together(operation, *place, part.0)) {
            wishes.push(part.clone());
        }
    }
    let text = Composer::new(operation).body(&wishes).render();
    let body = serde_json::from_str(&text).expect("a composed body is JSON");
    let violations = JUDGE.violations(&body);
    match broken {
        None => assert!(violations.is_empty(), "{violations:?}: {text}"),
        Some(rule) => assert!(
            violations.len() == 1 && violations[0].place == rule.place && violations[0].keyword == rule.keyword,
            "{violations:?} instead of {} {}: {text}",
            rule.place,
            rule.keyword
        ),
    }
});
