//! Honest services that a rule of thumb would accuse: each keeps its document, and refuses for what no document says. And
//! beside them the same with a true fault, which is found.

use std::collections::BTreeSet;

use fencepost::exchange::Request;
use serde_json::{Value, json as value};

use super::live::{Service, body, reasons, report};
use crate::command::Ended;

/// A document whose one operation makes things of these members.
fn document(required: &str, properties: &str) -> String {
    format!(
        "openapi: 3.0.3
info: {{title: Makers, version: '1'}}
paths:
  /things:
    post:
      requestBody: {{required: true, content: {{application/json: {{schema: {{type: object, required: [{required}], properties: {{{properties}}}}}}}}}}}
      responses: {{'201': {{description: Made.}}, '400': {{description: Refused.}}, '409': {{description: Held.}}, '422': {{description: Refused.}}}}
"
    )
}

/// A service that makes things, and says of a body what is wrong with it, and with which status it refuses it.
fn maker(mut wrong: impl FnMut(&Value) -> Option<(u16, &'static str)> + Send + 'static) -> Service {
    Service::start(move |request: &Request| match body(request).filter(Value::is_object) {
        None => (400, value!({"error": "no object"})),
        Some(body) => match wrong(&body) {
            Some((status, error)) => (status, value!({ "error": error })),
            None => (201, value!({})),
        },
    })
}

/// Whether a member is there, and no integer within these bounds.
fn no_integer(value: Option<&Value>, from: i64, to: i64) -> bool {
    value.is_some_and(|value| value.as_i64().is_none_or(|value| !(from..=to).contains(&value)))
}

fn no_text(value: Option<&Value>, from: usize, to: usize) -> bool {
    value.is_some_and(|value| value.as_str().is_none_or(|text| !(from..=to).contains(&text.chars().count())))
}

/// No finding, and the operation was tested; the reasons that are told.
fn check_honest(ended: &Ended) -> Vec<String> {
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(ended.stdout.contains("1 operation tested, 0 not"), "{ended}");
    reasons(&report(ended), "POST /things")
}

const COUNT: &str = "count: {type: integer, minimum: 1, maximum: 1000}";

#[test]
fn things_that_are_not_there() {
    let document = document("owner_id", "owner_id: {type: integer, minimum: 1, maximum: 100000}, note: {type: string}");
    for status in [400, 404, 409, 422] {
        let service = maker(move |body| match body.get("owner_id") {
            owner if owner.is_none() || no_integer(owner, 1, 100_000) => Some((400, "owner_id")),
            Some(owner) if owner.as_i64() > Some(1000) => Some((status, "no such owner")),
            _ => no_text(body.get("note"), 0, 9_999_999).then_some((400, "note")),
        });
        let told = check_honest(&service.run(&document, &[]));
        assert!(told.iter().any(|reason| reason.contains("names something")), "{status} {told:?}");
    }
}

#[test]
fn members_that_exclude_each_other() {
    let document = document(
        "",
        "card: {type: string, minLength: 4, maxLength: 19}, iban: {type: string, minLength: 4, maxLength: 34}",
    );
    let service = maker(|body| {
        let has = |name: &str| body.get(name).is_some();
        if has("card") == has("iban") {
            return Some((422, "one of card and iban"));
        }
        (no_text(body.get("card"), 4, 19) || no_text(body.get("iban"), 4, 34)).then_some((400, "text"))
    });
    check_honest(&service.run(&document, &[]));
}

#[test]
fn a_start_that_must_be_before_an_end() {
    for properties in [
        "start: {type: integer, minimum: 0, maximum: 100}, end: {type: integer, minimum: 0, maximum: 100}",
        "end: {type: integer, minimum: 0, maximum: 100}, start: {type: integer, minimum: 0, maximum: 100}",
    ] {
        let document = document("start, end", properties);
        let service = maker(|body| {
            let (start, end) = (body.get("start"), body.get("end"));
            if start.is_none() || end.is_none() || no_integer(start, 0, 100) || no_integer(end, 0, 100) {
                return Some((400, "start and end"));
            }
            (start.and_then(Value::as_i64) >= end.and_then(Value::as_i64))
                .then_some((422, "the end is before the start"))
        });
        check_honest(&service.run(&document, &[]));
    }
}

#[test]
fn a_feature_that_is_not_enabled() {
    let properties = format!("beta: {{type: boolean}}, plan: {{type: string, enum: [gold, free, silver]}}, {COUNT}");
    let document = document("beta, plan", &properties);
    for status in [402, 403] {
        let service = maker(move |body| {
            let plan = body.get("plan").and_then(Value::as_str).unwrap_or_default();
            if !["gold", "free", "silver"].contains(&plan) || no_integer(body.get("count"), 1, 1000) {
                return Some((400, "plan or count"));
            }
            match body.get("beta").and_then(Value::as_bool) {
                None => Some((400, "beta")),
                // What is refused so may have any status.
                Some(true) => Some((422, "beta is not enabled here")),
                Some(false) => (plan == "gold").then_some((status, "gold is not enabled here")),
            }
        });
        let ended = service.run(&document, &["--full"]);
        check_honest(&ended);
        let said = format!("\"gold\": refused with {status}, which is held against nobody");
        assert!(ended.stdout.contains(&said), "{said}\n{ended}");
    }
}

#[test]
fn a_name_that_may_be_held_once() {
    for status in [409, 400, 422] {
        let document = document("name", &format!("name: {{type: string, minLength: 1, maxLength: 20}}, {COUNT}"));
        let mut held: BTreeSet<String> = BTreeSet::new();
        let service = maker(move |body| {
            if no_text(body.get("name"), 1, 20) || body.get("name").is_none() || no_integer(body.get("count"), 1, 1000)
            {
                return Some((400, "name or count"));
            }
            let is_new = held.insert(body["name"].as_str().unwrap_or_default().to_owned());
            (!is_new).then_some((status, "the name is held"))
        });
        // What an earlier run left there is held, too.
        for run in 0..3 {
            let ended = service.run(&document, &[]);
            let told = check_honest(&ended);
            let rules = report(&ended)["rules"].as_array().expect("a list").clone();
            let bound = rules.iter().find(|rule| rule["place"] == "body.count" && rule["keyword"] == "maximum");
            let bound = bound.expect("it is there");
            assert_eq!(
                (&bound["inside"], &bound["outside"]),
                (&"enforced".into(), &"enforced".into()),
                "{status} {run}"
            );
            assert!(told.len() < 3, "{status} {run} {told:?}\n{ended}");
        }
    }
}

#[test]
fn a_service_that_is_full() {
    let document = document("count", COUNT);
    let mut left = 4;
    let service = maker(move |body| {
        if body.get("count").is_none() || no_integer(body.get("count"), 1, 1000) {
            return Some((400, "count"));
        }
        left -= 1;
        (left < 0).then_some((422, "no more than four"))
    });
    check_honest(&service.run(&document, &[]));
}

#[test]
fn parameters_that_need_others() {
    let document = "openapi: 3.0.3
info: {title: Lists, version: '1'}
paths:
  /things:
    get:
      parameters:
      - {name: sort, in: query, schema: {type: string, enum: [name, age]}}
      - {name: order, in: query, schema: {type: string, enum: [up, down]}}
      - {name: view, in: query, schema: {type: string, enum: [short, all]}}
      responses: {'200': {description: All.}, '400': {description: Refused.}}
";
    let query = |request: &Request, name: &str| {
        let (_, query) = request.path.split_once('?')?;
        query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned))
    };
    let service = Service::start(move |request| {
        let [sort, order, view] = ["sort", "order", "view"].map(|name| query(request, name));
        let one_of = |value: &Option<String>, all: [&str; 2]| value.as_deref().is_none_or(|value| all.contains(&value));
        let is_legal =
            one_of(&sort, ["name", "age"]) && one_of(&order, ["up", "down"]) && one_of(&view, ["short", "all"]);
        match (order.is_none(), sort.is_none()) {
            _ if !is_legal => (400, value!({"error": "one of them"})),
            (false, true) => (400, value!({"error": "in which order of what"})),
            _ if view.as_deref() == Some("all") => (403, value!({"error": "not for you"})),
            _ => (200, value!([])),
        }
    });
    let ended = service.run(document, &[]);
    assert_eq!(ended.code, Some(0), "{ended}");
    let told = reasons(&report(&ended), "GET /things").join("\n");
    assert!(told.contains("no value was accepted there"), "{told}\n{ended}");
    let full = service.run(document, &["--full"]);
    assert!(full.stdout.contains("`all`: refused with 403, which is held against nobody"), "{full}");
}

#[test]
fn what_is_too_strict_is_found_beside_all_of_that() {
    let document = document("name", &format!("name: {{type: string, minLength: 1, maxLength: 20}}, {COUNT}"));
    let mut held: BTreeSet<String> = BTreeSet::new();
    let service = maker(move |body| {
        if no_text(body.get("name"), 1, 19) || body.get("name").is_none() || no_integer(body.get("count"), 1, 999) {
            return Some((400, "name or count"));
        }
        let is_new = held.insert(body["name"].as_str().unwrap_or_default().to_owned());
        (!is_new).then_some((409, "the name is held"))
    });
    let ended = service.run(&document, &[]);
    assert_eq!(ended.code, Some(1), "{ended}");
    let report = report(&ended);
    let found: Vec<&str> =
        report["findings"].as_array().expect("a list").iter().filter_map(|finding| finding["id"].as_str()).collect();
    assert_eq!(found, ["POST /things body.name:maxLength:inside", "POST /things body.count:maximum:inside"], "{ended}");
}
