//! Legal values that are refused for more than one reason, or only together: each cause is told once, under its own name.

use std::ops::ControlFlow;

use fencepost::Contract;
use fencepost::exchange::{Delivery, Hearer, Outcome, Request, Response, Target};
use fencepost::stub::{InProcess, Stub, faults};
use fencepost::suite::Suite;
use fencepost::verdict::Status;
use serde_json::Value;

use crate::shelf::{self, loaded};
use crate::tested;

/// The clean stub of a contract, but for bodies that it refuses although they are legal.
pub(crate) struct Picky(pub(crate) InProcess, pub(crate) fn(&Value) -> bool);

impl Target for Picky {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            let body = request.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
            let mut delivery = self.0.send_one(request);
            let accepted = matches!(&delivery.outcome, Outcome::Answer(answer) if answer.status < 300);
            if accepted && body.is_some_and(|body| self.1(&body)) {
                let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
                let answer =
                    Response { status: 400, headers, body: br#"{"code": "1", "text": "no"}"#.to_vec(), unread: None };
                delivery = Delivery { outcome: Outcome::Answer(answer), ..delivery };
            }
            hear(delivery)?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        self.0.pause(times)
    }
}

fn choices() -> Contract {
    let file = shelf::FILES.iter().find(|(name, _)| *name == "choices");
    let (name, text) = file.expect("the contract is on the shelf");
    loaded(name, text)
}

#[track_caller]
fn check_pair(refused: fn(&Value) -> bool, wanted: &str) {
    let contract = choices();
    let mut target = Picky(InProcess(Stub::new(&contract, Vec::new())), refused);
    assert_eq!(tested::ids(&tested::by(&Suite::new(&contract), &mut target)), [wanted]);
}

#[test]
fn a_mandatory_array_of_which_every_element_is_refused_is_one_finding_and_the_rest_is_tested() {
    for (schema, element) in [
        ("{type: string, enum: [ONE]}", "body.a[]:enum:inside"),
        ("{type: array, items: {type: boolean}}", "body.a[][]:type:inside"),
        (
            "{type: object, required: [x], properties: {x: {type: integer, minimum: 3, maximum: 3}}}",
            "body.a[]:type:inside",
        ),
    ] {
        let body = format!(
            "{{type: object, required: [a, b], properties: {{a: {{type: array, items: {schema}}}, b: {{type: string, maxLength: 9}}}}}}"
        );
        let contract = loaded("mandatory.yaml", &shelf::contract("/things/{id}", shelf::ID, &body));
        let stub = InProcess(Stub::new(&contract, Vec::new()));
        let mut target = Picky(stub, |body| {
            body["a"].as_array().is_some_and(|elements| {
                elements.iter().any(|element| element.as_array().is_none_or(|inner| !inner.is_empty()))
            })
        });
        let verdicts = tested::by(&Suite::new(&contract), &mut target);
        assert_eq!(tested::ids(&verdicts), [element], "{schema}");
        let unknown: Vec<&str> = verdicts
            .rules
            .iter()
            .filter(|verdict| verdict.rule.standing.is_firm() && verdict.reason().is_some())
            .map(|verdict| verdict.rule.place.as_str())
            .filter(|place| !place.starts_with("body.a"))
            .collect();
        assert!(unknown.is_empty(), "{schema}: {unknown:?}");
    }
}

#[test]
fn a_pair_with_the_ordinary_value_of_a_mandatory_member_is_one_finding() {
    check_pair(|body| body["mode"] == "FAST" && body["retries"] == 4, "body.mode + body.retries:interaction:inside");
    check_pair(
        |body| body["dry"] == true && body["options"]["level"] == "HIGH",
        "body.dry + body.options.level:interaction:inside",
    );
}

#[test]
fn a_pair_of_ordinary_values_of_mandatory_members_is_one_finding() {
    check_pair(|body| body["mode"] == "FAST" && body["dry"] == true, "body.mode + body.dry:interaction:inside");
}

#[test]
fn two_legal_values_refused_in_one_object_are_two_findings_and_hide_nothing() {
    let contract = Contract::shipped();
    let place = "body.source_server.btrfs_list[]";
    let ids =
        [format!("{place}.global_reserve1:type:crash-on-ordinary"), format!("{place}.label:type:too-strict-ordinary")];
    let planted: Vec<_> = faults(&contract).into_iter().filter(|fault| ids.contains(&fault.name())).collect();
    assert_eq!(planted.len(), 2);
    let verdicts = tested::with(&Suite::new(&contract), planted);
    let mut names = tested::ids(&verdicts);
    names.sort();
    assert_eq!(names, [format!("{place}.global_reserve1:type:inside"), format!("{place}.label:type:inside")]);
    let firm = verdicts.rules.iter().filter(|verdict| verdict.rule.standing.is_firm());
    let silent: Vec<String> = firm
        .filter(|verdict| {
            let sides = [verdict.inside, verdict.outside];
            sides.contains(&Some(Status::Untested)) || sides.contains(&Some(Status::Inconclusive))
        })
        .map(|verdict| verdict.rule.place.to_string())
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}
