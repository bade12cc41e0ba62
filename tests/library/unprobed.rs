//! Rules that are respected and not tested: each says why, wherever rules are told, and no target is blamed for one.

use std::time::Duration;

use fencepost::contract::Standing;
use fencepost::report::{Subject, Timing, json, terminal};
use fencepost::request_context::RequestContext;
use fencepost::rule::{Keyword, rules};
use fencepost::settle::{SettleError, Settlement, settle};
use fencepost::stub::{InProcess, Stub};
use fencepost::suite::Suite;
use fencepost::verdict::verdicts;
use fencepost::{Contract, contract::Reading};
use serde_json::{Value, json};

use crate::shelf::{contract, loaded};

const WHY: &str = "nothing of that length can be sent";

/// Greatest lengths that no body, path or header can reach.
fn beyond_reach() -> Contract {
    let parameters = "{name: id, in: path, required: true, schema: {type: string, maxLength: 15001}}, \
                      {name: X-Key, in: header, schema: {type: string, maxLength: 65537}}";
    let body = "{type: object, properties: {a: {type: string, minLength: 2, maxLength: 2147483647}, b: {type: string, maxLength: 3}}}";
    loaded("far.yaml", &contract("/things/{id}", parameters, body))
}

#[test]
fn a_length_that_no_request_can_reach_is_a_rule_that_is_not_tested() {
    let contract = beyond_reach();
    let rules = rules(contract.operation());
    let unprobed: Vec<(&str, &Value)> = rules
        .iter()
        .filter(|rule| rule.standing == Standing::Unprobed(WHY.to_owned()))
        .map(|rule| (rule.place.as_str(), &rule.bound))
        .collect();
    let lengths = [json!(2_147_483_647), json!(15_001), json!(65_537)];
    assert_eq!(unprobed, [("body.a", &lengths[0]), ("path.id", &lengths[1]), ("header.X-Key", &lengths[2])]);
}

#[test]
fn everything_else_is_tested_and_the_reason_is_told() {
    let contract = beyond_reach();
    let suite = Suite::new(&contract);
    let seen = suite.run(&RequestContext::default(), &mut InProcess(Stub::new(&contract, Vec::new())), &mut |_| {});
    let found = verdicts(&suite, &seen.expect("the stub can be tested"));
    assert!(found.findings.is_empty(), "{:?}", found.findings);
    for verdict in found.rules.iter().filter(|verdict| verdict.rule.standing.is_firm()) {
        assert_eq!(verdict.reason(), None, "{}", verdict.rule.place);
    }
    let subject = Subject {
        target: "here".to_owned(),
        contract: "far".to_owned(),
        operation: contract.operation().name().to_string(),
        profile: None,
        seed: 0,
        context: RequestContext::default(),
    };
    let text = terminal::render(&subject, &found, Duration::ZERO, true);
    assert!(text.contains(&format!("3 rules unprobed: {WHY} (body.a, path.id, header.X-Key)")), "{text}");
    assert!(text.contains("maxLength 2147483647 (unprobed)"), "{text}");
    assert!(text.contains(" recorded, 3 unprobed; "), "{text}");
    let report: Value = serde_json::from_str(&json::render(&subject, &found, &Timing::default(), None)).expect("JSON");
    let told =
        report["rules"].as_array().expect("there are rules").iter().filter(|rule| rule["standing"] == "unprobed");
    let told: Vec<_> = told.map(|rule| (&rule["reason"], &rule["inside"], &rule["outside"])).collect();
    assert_eq!(told, [(&json!(WHY), &Value::Null, &Value::Null); 3]);
}

#[test]
fn there_is_nothing_to_settle_about_it() {
    let settlement =
        Settlement { place: "body.a".to_owned(), keyword: Keyword::MaxLength, bound: None, reading: Reading::Accepted };
    let (place, keyword) = ("body.a".to_owned(), Keyword::MaxLength);
    let refused = settle(&beyond_reach(), &[settlement]).expect_err("it cannot be settled");
    assert_eq!(refused, (0, SettleError::Unprobed { place, keyword }));
}
