//! Generator and validator against each other: the probes are made without asking the validator, and it agrees with them.
//!
//! A legal body breaks nothing; an illegal one breaks exactly the rule that it was made for. Where the two differ, one of
//! them misreads the contract.

use crate::{conformity, tested};
use std::collections::BTreeSet;

use fencepost::Contract;
use fencepost::compose::{Composer, Slot};
use fencepost::contract::{Operation, Place, PlaceId, Presence, Shape};
use fencepost::probe::{Send, Wire, malformed_body};
use fencepost::rule::{Keyword, Part, Rule, Side};
use fencepost::suite::Suite;
use fencepost::validate::Judge;
use serde_json::Value;

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn every_place_has_probes_on_every_side_of_every_rule() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    let probed: BTreeSet<(usize, Side)> = suite.probes().iter().map(|probe| (probe.rule, probe.side)).collect();
    let missing: Vec<(&str, Keyword, Side)> = suite
        .rules()
        .iter()
        .enumerate()
        .filter(|(_, rule)| !rule.covered && !rule.place.is_of_answers())
        .flat_map(|(number, rule)| {
            [(Side::Inside, rule.inside), (Side::Outside, rule.outside)]
                .into_iter()
                .filter(|(_, wanted)| *wanted)
                .map(move |(side, _)| (number, side, rule))
        })
        .filter(|(number, side, _)| !probed.contains(&(*number, *side)))
        .map(|(_, side, rule)| (rule.place.as_str(), rule.keyword, side))
        .collect();
    assert!(missing.is_empty(), "rules without a probe: {missing:#?}");
}

#[test]
fn inside_probes_break_nothing_and_outside_probes_exactly_their_own_rule() {
    let contract = Contract::shipped();
    let (judged, wrong) = conformity::judged(&Suite::new(&contract));
    assert!(judged > 3_000, "only {judged} probes were judged");
    assert!(wrong.is_empty(), "{} probes:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn probes_differ_from_the_smallest_body_in_one_place() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    for probe in suite.probes() {
        if let Send::Body(overrides) = &probe.send {
            assert_eq!(overrides.len(), 1, "{probe:?}");
        }
    }
}

#[test]
fn bodies_stay_below_the_size_that_gateways_allow() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    let composer = Composer::new(contract.operation());
    for probe in suite.probes() {
        if let Send::Body(overrides) = &probe.send {
            let text = composer.body(overrides).render();
            assert!(text.len() < 10_240, "{} bytes: {}", text.len(), probe.what);
        }
    }
}

#[test]
fn malformed_bodies_are_no_json() {
    let contract = Contract::shipped();
    let suite = Suite::new(&contract);
    let composer = Composer::new(contract.operation());
    let mut forms = 0;
    for probe in suite.probes() {
        let (Send::Wire(Wire::Malformed(form)), Side::Outside) = (&probe.send, probe.side) else { continue };
        let rule = &suite.rules()[probe.rule];
        if rule.keyword == Keyword::WellFormed && rule.standing.is_firm() {
            let bytes =
                malformed_body(&composer, *form, "sample").expect("the shipped contract has room for every form");
            assert!(serde_json::from_slice::<Value>(&bytes).is_err(), "{form:?}: {}", String::from_utf8_lossy(&bytes));
            forms += 1;
        }
    }
    assert_eq!(forms, 13);
}

#[test]
fn sized_bodies_have_their_size_to_the_byte() {
    let contract = Contract::shipped();
    let composer = Composer::new(contract.operation());
    for bytes in [10_240, 10_241, 1_048_576] {
        let body = malformed_body(&composer, fencepost::probe::Form::Sized(bytes), "sample").expect("there is room");
        assert_eq!(body.len(), bytes);
        serde_json::from_slice::<Value>(&body).expect("it is JSON");
    }
}

/// The pairwise array, held against a count of its own: what each body shows at each place.
#[test]
fn every_pair_of_choices_stands_in_some_body() {
    let contract = Contract::shipped();
    let operation = contract.operation();
    let suite = Suite::new(&contract);
    let judge = Judge::new(operation);
    let factors: Vec<(PlaceId, Vec<Option<Value>>)> =
        operation.places().map(|(id, place)| (id, choices(place))).filter(|(_, choices)| choices.len() > 1).collect();
    let mut shown: BTreeSet<(usize, usize, usize, usize)> = BTreeSet::new();
    for body in tested::pair_bodies(&suite) {
        let body = parsed(&String::from_utf8_lossy(&body));
        assert!(judge.accepts(&body), "a row is no legal body: {body}");
        let states: Vec<Option<usize>> =
            factors.iter().map(|(id, choices)| state(operation, &body, *id, choices)).collect();
        for (one, one_state) in states.iter().enumerate() {
            for (other, other_state) in states.iter().enumerate().skip(one + 1) {
                if let (Some(one_state), Some(other_state)) = (one_state, other_state) {
                    shown.insert((one, *one_state, other, *other_state));
                }
            }
        }
    }
    let mut missing = Vec::new();
    for (one, (one_id, one_choices)) in factors.iter().enumerate() {
        for (other, (other_id, other_choices)) in factors.iter().enumerate().skip(one + 1) {
            for (one_choice, value) in one_choices.iter().enumerate() {
                // Nothing stands in what is absent.
                if value.is_none() && operation.is_within(*other_id, *one_id) {
                    continue;
                }
                for other_choice in 0..other_choices.len() {
                    if !shown.contains(&(one, one_choice, other, other_choice)) {
                        missing.push((&operation.place(*one_id).site, &operation.place(*other_id).site));
                    }
                }
            }
        }
    }
    assert!(shown.len() > 40_000, "only {} pairs", shown.len());
    assert!(missing.is_empty(), "{} pairs are never sent: {:?}", missing.len(), &missing[..missing.len().min(9)]);
}

/// What can be chosen at a place; nothing for absence, null for the mere presence of a value.
fn choices(place: &Place) -> Vec<Option<Value>> {
    let mut choices: Vec<Option<Value>> = match (&place.shape, place.shape.values()) {
        (Shape::Boolean, _) => vec![Some(true.into()), Some(false.into())],
        (_, Some(values)) => values.firm.iter().cloned().map(Some).collect(),
        _ => vec![Some(Value::Null)],
    };
    if place.presence == Presence::Optional {
        choices.push(None);
    }
    choices
}

/// Which choice a body shows; nothing where the object that would hold the place is not there.
fn state(operation: &Operation, body: &Value, id: PlaceId, choices: &[Option<Value>]) -> Option<usize> {
    let place = operation.place(id);
    let (holder, name) = place.site.as_str().rsplit_once('.')?;
    let holder = holder.split('.').skip(1).try_fold(body, |value, step| {
        let (name, depth) = (step.trim_end_matches("[]"), step.matches("[]").count());
        (0..depth).try_fold(value.get(name)?, |value, _| value.get(0))
    })?;
    match holder.get(name) {
        None => choices.iter().position(Option::is_none),
        Some(value) => choices.iter().position(|choice| match choice {
            Some(Value::Null) => true,
            Some(choice) => choice == value,
            None => false,
        }),
    }
}

#[test]
fn what_is_learnt_comes_along_and_nothing_else_changes() {
    let contract = Contract::shipped();
    let operation = contract.operation();
    let mut composer = Composer::new(operation);
    let place = |name: &str| operation.find(name).unwrap_or_else(|| panic!("no place {name}"));
    let overrides = [(place("body.sub_tasks[].name"), Slot::Ordinary)];
    assert_eq!(composer.body(&overrides).render(), r#"{"sub_tasks":[{"name":"sample","progress":7}]}"#);
    composer.adaptations.carried.insert(place("body.sub_tasks[].user_op"));
    assert_eq!(
        composer.body(&overrides).render(),
        r#"{"sub_tasks":[{"name":"sample","progress":7,"user_op":"sample"}]}"#
    );
    assert_eq!(composer.body(&[]).render(), "{}");
}

#[test]
fn the_numbers_of_the_page_hold() {
    let contract = Contract::shipped();
    let operation = contract.operation();
    let documented =
        operation.places().filter(|(id, place)| *id != Operation::ROOT && !place.site.as_str().ends_with(']'));
    assert_eq!(documented.count(), 186, "body places");
    let rules = fencepost::rule::rules(operation);
    let disputed_required =
        |rule: &&Rule| rule.keyword == Keyword::Required && !rule.standing.is_firm() && rule.at.is_some();
    assert_eq!(rules.iter().filter(disputed_required).count(), 5, "disputed mandatory members");
    let firm_null = |rule: &&Rule| rule.keyword == Keyword::Null && rule.inside && rule.standing.is_firm();
    assert_eq!(rules.iter().filter(firm_null).count(), 11, "nulls that the example shows");
    let firm_unknown = |rule: &&Rule| {
        rule.keyword == Keyword::UnknownMember && rule.standing.is_firm() && rule.place.part() == Part::Body
    };
    assert_eq!(rules.iter().filter(firm_unknown).count(), 5, "objects of the example with unknown members");
}
