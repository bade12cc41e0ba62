//! Runs about some of the rules: what is selected is tested as in a whole run, and nothing else is told of.

use std::collections::{BTreeMap, BTreeSet};

use fencepost::Contract;
use fencepost::stub::{Fault, faults};
use fencepost::suite::{Selection, SelectionError, Suite};
use fencepost::verdict::{Finding, Status, Verdicts};

use crate::tested;

fn ids(verdicts: &Verdicts) -> BTreeSet<String> {
    verdicts.findings.iter().map(Finding::id).collect()
}

/// One fault of each kind.
fn kinds(contract: &Contract) -> BTreeMap<String, Fault> {
    faults(contract).into_iter().map(|fault| (format!("{}:{}", fault.id.mode, fault.id.keyword), fault)).collect()
}

fn select<'a>(contract: &'a Contract, only: &[&str], skip: &[&str]) -> Result<Suite<'a>, SelectionError> {
    let owned = |patterns: &[&str]| patterns.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let suite = Suite::new(contract);
    let selection = Selection::new(&owned(only), &owned(skip), suite.rules())?;
    suite.select(&selection)
}

#[test]
fn what_failed_before_is_found_again_with_a_part_of_the_requests() {
    let contract = Contract::shipped();
    let whole = Suite::new(&contract);
    let all = tested::with(&whole, Vec::new()).requests;
    for fault in kinds(&contract).into_values() {
        // That a whole run finds just this is held for every fault.
        let selection = Selection::of_findings([&fault.found], whole.rules());
        let again = Suite::new(&contract).select(&selection).expect("there is something to test");
        let second = tested::with(&again, vec![fault.clone()]);
        // What shows in one answer of many may not show in a few.
        if !fault.name().contains(":flaky:") {
            assert_eq!(ids(&second), [fault.finding()].into(), "{}", fault.name());
            assert!(second.requests < all / 4, "{}: {} of {all}", fault.name(), second.requests);
        }
        assert_eq!(tested::with(&again, Vec::new()).findings.len(), 0, "{}", fault.name());
    }
}

#[test]
fn what_is_selected_has_the_verdicts_of_the_whole() {
    let contract = Contract::shipped();
    let whole = tested::with(&Suite::new(&contract), Vec::new());
    for (only, skip) in [
        (&["body.sub_tasks*"][..], &[][..]),
        (&["body.name:maxLength", ":enum"], &[]),
        (&["firm"], &["body*"]),
        (&[], &["disputed", "body.source_server*", ":type"]),
        (&["path*", "header*"], &["header.Content-Type"]),
    ] {
        let suite = select(&contract, only, skip).expect("rules are like that");
        let some = tested::with(&suite, Vec::new());
        assert!(!some.rules.is_empty() && some.rules.len() < whole.rules.len(), "{only:?} {skip:?}");
        for verdict in &some.rules {
            assert!(whole.rules.contains(verdict), "{:?}", verdict.rule);
        }
    }
}

#[test]
fn what_is_not_selected_is_not_told_of() {
    let contract = Contract::shipped();
    let fault =
        |id: &str| faults(&contract).into_iter().find(|fault| fault.name() == id).expect("a fault of the stub's");
    let suite = select(&contract, &[], &["response.success:mediaType"]).expect("there is such a rule");
    assert_eq!(ids(&tested::with(&suite, vec![fault("response.success:mediaType:off")])).len(), 0);
    let suite = select(&contract, &["body.name"], &[]).expect("there is such a place");
    assert_eq!(ids(&tested::with(&suite, vec![fault("body.type:enum:off")])).len(), 0);
    let found = ids(&tested::with(&suite, vec![fault("body.name:maxLength:off")]));
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["body.name:maxLength:outside"]);
}

#[test]
fn the_shards_of_a_selection_are_the_selection() {
    let contract = Contract::shipped();
    let whole = tested::with(&select(&contract, &["body.target_server*"], &["disputed"]).expect("rules"), Vec::new());
    let mut union = Vec::new();
    for number in 1..=3 {
        let suite = select(&contract, &["body.target_server*"], &["disputed"]).expect("rules").shard(number, 3);
        union.extend(tested::with(&suite, Vec::new()).rules);
    }
    assert_eq!(union.len(), whole.rules.len());
    assert!(whole.rules.iter().all(|verdict| union.contains(verdict)));
}

#[test]
fn a_pattern_that_matches_nothing_is_told() {
    let contract = Contract::shipped();
    let error =
        |only: &[&str], skip: &[&str]| select(&contract, only, skip).expect_err("nothing is like that").to_string();
    assert!(error(&["body.nam"], &[]).contains("did you mean `body.name`?"));
    assert!(error(&["body.name:length"], &[]).contains("no keyword is called `length`"));
    assert!(error(&[], &["body.name:items"]).contains("no rule matches `body.name:items`"));
    assert!(error(&[], &["*"]).contains("leaves no rule to test"));
}

#[test]
fn answers_alone_can_be_selected() {
    let contract = Contract::shipped();
    let all = tested::with(&Suite::new(&contract), Vec::new()).requests;
    for only in ["response.*", "response.success", ":responseBody"] {
        let suite = select(&contract, &[only], &[]).expect("rules are like that");
        let some = tested::with(&suite, Vec::new());
        let of_answers = some.rules.iter().filter(|verdict| verdict.rule.place.is_of_answers());
        let known = of_answers.filter(|verdict| verdict.inside.or(verdict.outside) == Some(Status::Enforced));
        assert!(known.count() > 0 && some.requests < all / 4, "{only}: {} of {all}", some.requests);
    }
}
