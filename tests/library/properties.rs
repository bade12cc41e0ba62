//! Properties of the generator: random legal bodies break nothing, violating ones exactly the rule that they name, and what
//! shrinks stays what it was. Failing seeds are kept beside this file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use fencepost::Contract;
use fencepost::contract::{Place, Presence, Shape};
use fencepost::exchange::Outcome;
use fencepost::generate::{Case, Choices, Generator, valid, violating};
use fencepost::oracle::{Oracle, Reaction, Scope};
use fencepost::request_context::{RequestContext, RequestOverride};
use fencepost::rule::{Keyword, Site};
use fencepost::stub::{Reply, Stub};
use fencepost::validate::{Broken, Judge};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use serde_json::Value;

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::shipped);
static GENERATOR: LazyLock<Generator> = LazyLock::new(|| Generator::new(&CONTRACT));
static JUDGE: LazyLock<Judge> = LazyLock::new(|| Judge::new(CONTRACT.operation()));
static STUB: LazyLock<Stub> = LazyLock::new(|| Stub::new(&CONTRACT, Vec::new()));

fn parsed(case: &Case) -> Value {
    serde_json::from_str(&case.body.render()).expect("a case is JSON")
}

fn broken(case: &Case) -> BTreeSet<(Site, Keyword)> {
    let rule = |broken: &Broken| broken.rule().expect("every error is of a rule");
    JUDGE.violations(&parsed(case)).into_iter().map(|one| (one.place, rule(&one.broken))).collect()
}

fn named(case: &Case) -> BTreeSet<(Site, Keyword)> {
    let rules = GENERATOR.rules();
    case.broken.iter().map(|rule| (rules[*rule].place.clone(), rules[*rule].keyword)).collect()
}

fn reaction(case: &Case) -> Reaction {
    let operation = CONTRACT.operation();
    let request = RequestContext::default().request(
        operation,
        Some(case.body.render().into_bytes()),
        &RequestOverride::default(),
    );
    let Reply::Answer(response) = STUB.reply(&request) else { panic!("the stub did not answer") };
    let judgement =
        Oracle::new(&operation.responses, Vec::new()).judge(&request, &Outcome::Answer(response), Scope::Operation);
    assert_eq!(judgement.defects, []);
    judgement.reaction
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 1_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/properties.proptest-regressions"
        )))),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_legal_body_breaks_nothing_and_is_accepted(case in valid(&CONTRACT)) {
        prop_assert_eq!(broken(&case), BTreeSet::new(), "{}", case.body.render());
        prop_assert_eq!(reaction(&case), Reaction::Accepted);
        prop_assert!(case.broken.is_empty());
    }

    #[test]
    fn a_violating_body_breaks_exactly_the_rule_that_it_names(case in violating(&CONTRACT)) {
        prop_assert_eq!(broken(&case), named(&case), "{}", case.body.render());
        prop_assert_eq!(case.broken.len(), 1);
        prop_assert_eq!(reaction(&case), Reaction::Refused);
    }

    #[test]
    fn several_rules_are_broken_where_several_are_asked_for(numbers in proptest::collection::vec(any::<u16>(), 0..600), count in 2usize..5) {
        let case = GENERATOR.violating(&mut Choices::new(&numbers), count);
        prop_assert_eq!(case.broken.len(), count);
        prop_assert_eq!(broken(&case), named(&case), "{}", case.body.render());
    }

    #[test]
    fn the_same_choices_give_the_same_bytes(numbers in proptest::collection::vec(any::<u16>(), 0..600)) {
        let build = || GENERATOR.violating(&mut Choices::new(&numbers), 1);
        prop_assert_eq!(build(), build());
        let legal = || GENERATOR.valid(&mut Choices::new(&numbers)).body.render();
        prop_assert_eq!(legal(), legal());
    }

    #[test]
    fn cutting_the_choices_keeps_the_rule_and_never_fails(numbers in proptest::collection::vec(any::<u16>(), 1..600), cut in any::<prop::sample::Index>()) {
        let whole = GENERATOR.violating(&mut Choices::new(&numbers), 1);
        let shorter = GENERATOR.violating(&mut Choices::new(&numbers[..=cut.index(numbers.len())]), 1);
        prop_assert_eq!(&whole.broken, &shorter.broken);
        prop_assert_eq!(broken(&shorter), named(&shorter));
    }
}

/// The stub behind a socket, and a client of it that waits for each answer.
#[cfg(feature = "net")]
mod network {
    use std::cell::RefCell;
    use std::time::Duration;

    use fencepost::exchange::Target;
    use fencepost::stub::server::BackgroundStub;
    use fencepost::target::{HttpTarget, TargetSettings};
    use proptest::test_runner::TestRunner;

    use super::*;

    /// Sends random cases, and holds that each meets with this reaction.
    #[track_caller]
    fn check(cases: impl Strategy<Value = Case>, wanted: Reaction) {
        let server = BackgroundStub::start(Stub::new(&CONTRACT, Vec::new())).expect("the stub starts");
        let settings =
            TargetSettings { timeout: Duration::from_secs(60), concurrency: 1, ..TargetSettings::new(server.url()) };
        let target = RefCell::new(HttpTarget::new(&settings).expect("the URL is one"));
        let oracle = Oracle::new(&CONTRACT.operation().responses, Vec::new());
        let run = TestRunner::new(ProptestConfig { cases: 300, ..config() }).run(&cases, |case| {
            let body = case.body.render().into_bytes();
            let request =
                RequestContext::default().request(CONTRACT.operation(), Some(body), &RequestOverride::default());
            let judgement = oracle.judge(&request, &target.borrow_mut().send_one(&request).outcome, Scope::Operation);
            prop_assert_eq!(judgement.reaction, wanted, "{}", case.body.render());
            prop_assert_eq!(judgement.defects, []);
            Ok(())
        });
        if let Err(failure) = run {
            panic!("{failure}");
        }
    }

    #[test]
    fn over_the_network_a_legal_body_is_accepted() {
        check(valid(&CONTRACT), Reaction::Accepted);
    }

    #[test]
    fn over_the_network_a_violating_body_is_refused() {
        check(violating(&CONTRACT), Reaction::Refused);
    }
}

#[test]
fn without_choices_the_body_is_empty() {
    assert_eq!(GENERATOR.valid(&mut Choices::new(&[])).body.render(), "{}");
}

/// What a value at a place can be, for the count below.
fn kind(place: &Place, value: &Value) -> Vec<&'static str> {
    let mut kinds = vec![if value.is_null() { "null" } else { "present" }];
    let length = value.as_str().map(|text| text.chars().count());
    match &place.shape {
        Shape::Text { min, max, values: None, .. } => {
            kinds.extend(length.filter(|length| Some(*length) == *min).map(|_| "minimum"));
            kinds.extend(length.filter(|length| Some(*length) == *max).map(|_| "maximum"));
        }
        Shape::Integer { min, max, values: None } => {
            let number = value.as_i64().map(i128::from);
            kinds.extend(number.filter(|number| Some(*number) == *min).map(|_| "minimum"));
            kinds.extend(number.filter(|number| Some(*number) == *max).map(|_| "maximum"));
        }
        Shape::Number { min, max } => {
            kinds.extend(value.as_f64().filter(|number| Some(*number) == *min).map(|_| "minimum"));
            kinds.extend(value.as_f64().filter(|number| Some(*number) == *max).map(|_| "maximum"));
        }
        _ => {}
    }
    kinds
}

/// Every value in a body with its place, and the members that an object there lacks.
fn walk(body: &Value, name: &str, seen: &mut impl FnMut(&str, Option<&Value>)) {
    seen(name, Some(body));
    let operation = CONTRACT.operation();
    match (body, operation.find(name).map(|id| &operation.place(id).shape)) {
        (Value::Object(object), Some(Shape::Object { members, .. })) => {
            for member in members.iter().map(|member| operation.place(*member).site.as_str()) {
                match object.get(member.rsplit('.').next().unwrap_or_default()) {
                    Some(value) => walk(value, member, seen),
                    None => seen(member, None),
                }
            }
        }
        (Value::Array(elements), _) => elements.iter().for_each(|element| walk(element, &format!("{name}[]"), seen)),
        _ => {}
    }
}

#[test]
fn over_many_draws_every_place_is_seen_in_every_state() {
    let operation = CONTRACT.operation();
    let mut counts: BTreeMap<(String, &'static str), usize> = BTreeMap::new();
    // A plain generator of numbers: what is counted must not change from run to run.
    let mut state = 1u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u16::try_from(state >> 48).unwrap_or_default()
    };
    for _ in 0..6_000 {
        let numbers: Vec<u16> = (0..1_500).map(|_| draw()).collect();
        let case = GENERATOR.valid(&mut Choices::new(&numbers));
        walk(&parsed(&case), "body", &mut |name, value| {
            let Some(place) = operation.find(name).map(|id| operation.place(id)) else { return };
            let kinds = value.map_or_else(|| vec!["absent"], |value| kind(place, value));
            for kind in kinds {
                *counts.entry((name.to_owned(), kind)).or_default() += 1;
            }
        });
    }
    let mut rare = Vec::new();
    for (_, place) in operation.places() {
        let mut wanted = vec!["present"];
        wanted.extend((place.presence == Presence::Optional).then_some("absent"));
        wanted.extend(place.null.as_ref().is_some_and(fencepost::contract::Standing::is_firm).then_some("null"));
        let bounded = match &place.shape {
            Shape::Text { max, values: None, .. } => max.is_some(),
            Shape::Integer { values: None, .. } | Shape::Number { .. } => true,
            _ => false,
        };
        if bounded {
            wanted.extend(["minimum", "maximum"]);
        }
        for kind in wanted {
            let count = counts.get(&(place.site.to_string(), kind)).copied().unwrap_or(0);
            if count < 20 {
                rare.push(format!("{} {kind}: {count}", place.site));
            }
        }
    }
    assert!(rare.is_empty(), "seen less than 20 times in 6000 bodies:\n{}", rare.join("\n"));
}
