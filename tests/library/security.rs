//! Who calls: credentials stand where the document's security schemes say, and a service that lets everybody in is found.

use fencepost::Contract;
use fencepost::exchange::Request;
use fencepost::request_context::{RequestContext, RequestOverride};
use fencepost::secret::Secret;
use fencepost::suite::Suite;
use fencepost::verdict::{Status, Verdicts};
use serde_json::{Value, json};

use crate::open::{Server, ids, read};
use crate::tested;

const SECURED: &str = include_str!("../documents/secured.yaml");

/// An operation of the document, called with credentials for these schemes.
fn operation(path: &str, given: &[&str]) -> Contract {
    let mut all = read(SECURED).0.into_iter().flatten();
    let found = all.find(|contract| contract.operation().path == path).unwrap_or_else(|| panic!("{path}"));
    found.called_with(|scheme| given.contains(&scheme.name.as_str()))
}

fn context() -> RequestContext {
    let given = ["key", "query", "cookie", "basic", "bearer", "flow", "digest"].map(|name| {
        let value = if name == "basic" { "dTpw".to_owned() } else { format!("{name} 1") };
        (name.to_owned(), Secret::new(name.to_uppercase(), value))
    });
    RequestContext { schemes: given.into(), ..RequestContext::default() }
}

#[test]
fn a_credential_stands_where_the_document_says() {
    let all = ["key", "query", "cookie", "basic", "bearer", "flow", "digest"];
    for (path, given, query, name, value) in [
        ("/by-key", &all[..], "", "x-key", Some("key 1")),
        ("/by-key", &[], "", "x-key", None),
        ("/by-query", &all, "?key%5B%5D=query%201", "x-key", None),
        ("/by-cookie", &all, "", "cookie", Some("session=cookie 1")),
        ("/by-password", &all, "", "authorization", Some("Basic dTpw")),
        ("/by-token", &all, "", "authorization", Some("Bearer bearer 1")),
        ("/by-flow", &all, "", "authorization", Some("Bearer flow 1")),
        ("/by-digest", &all, "", "authorization", Some("digest 1")),
        ("/by-both", &all, "?key%5B%5D=query%201", "x-key", Some("key 1")),
        ("/by-both", &["key"], "", "x-key", None),
        ("/by-either", &["key"], "", "x-key", Some("key 1")),
        ("/by-nobody", &all, "", "x-key", None),
        ("/by-anybody", &all, "", "x-key", Some("key 1")),
        ("/same", &all, "", "x-key", Some("key 1")),
    ] {
        let contract = operation(path, given);
        let request = context().request(contract.operation(), None, &RequestOverride::default());
        assert_eq!(request.path, format!("{path}{query}"), "{given:?}");
        assert_eq!(request.header(name), value, "{path} {given:?}");
        assert_eq!(
            request.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).count(),
            usize::from(value.is_some())
        );
    }
}

/// What is found at a server that answers so who calls with its key, and all others.
#[track_caller]
fn found(path: &str, given: &[&str], mut others: impl FnMut(&Request) -> u16) -> Verdicts {
    let contract = operation(path, given);
    let context = context();
    let answer = move |request: &Request| {
        let is_known = request.header("x-key") == Some("key 1");
        let status = if request.path.contains("no-such") {
            404
        } else if is_known {
            200
        } else {
            others(request)
        };
        (status, if status == 200 { json!({}) } else { Value::Null })
    };
    let suite = Suite::new(&contract);
    let seen = suite.run(&context, &mut Server(answer), &mut |_| {}).unwrap_or_else(|error| panic!("{error}"));
    fencepost::verdict::verdicts(&suite, &seen)
}

#[test]
fn a_service_that_knows_its_callers_is_not_accused() {
    // Whoever may not know may be told anything but that; a page to log in at is elsewhere.
    for status in [400, 401, 403, 404, 406, 302, 303] {
        assert_eq!(ids(&found("/by-key", &["key"], |_| status)), [""; 0], "{status}");
        assert_eq!(ids(&found("/same", &["key"], |_| status)), [""; 0], "{status}");
    }
    // Where nobody needs to be known, or nobody was named, nothing is asked.
    for (path, given) in [("/by-nobody", &["key"][..]), ("/by-anybody", &["key"]), ("/by-key", &[])] {
        let verdicts = found(path, given, |_| 200);
        assert_eq!(ids(&verdicts), [""; 0], "{path} {given:?}");
        assert!(verdicts.rules.iter().all(|verdict| verdict.rule.keyword.as_str() != "security"), "{path} {given:?}");
    }
}

#[test]
fn a_service_that_lets_others_in_is_found() {
    let id = "header.X-Key:security:outside";
    assert_eq!(ids(&found("/by-key", &["key"], |_| 200)), [id]);
    assert_eq!(
        ids(&found("/by-key", &["key"], |request| if request.header("x-key").is_some() { 200 } else { 401 })),
        [id]
    );
    assert_eq!(
        ids(&found("/by-key", &["key"], |request| if request.header("x-key").is_none() { 200 } else { 401 })),
        [id]
    );
    assert_eq!(ids(&found("/by-key", &["key"], |_| 500)), [id]);
    // Of two that go together each is demanded, unless the document lets one do.
    assert_eq!(ids(&found("/by-both", &["key", "query"], |_| 401)), ["query[\"key[]\"]:security:outside"]);
    assert_eq!(ids(&found("/by-either", &["key", "query"], |_| 401)), [""; 0]);
}

#[test]
fn what_a_state_explains_is_no_verdict() {
    let verdicts = found("/by-key", &["key"], |_| 409);
    assert_eq!(ids(&verdicts), [""; 0]);
    let rule = verdicts.rules.iter().find(|verdict| verdict.rule.keyword.as_str() == "security").expect("it is one");
    assert_eq!(rule.outside, Some(Status::Inconclusive));
}

#[test]
fn a_header_that_is_given_by_hand_is_what_is_left_out() {
    let contract = operation("/by-token", &["bearer"]);
    let by_hand = vec![("authorization".to_owned(), "Bearer by hand".to_owned())];
    let context = RequestContext { headers: by_hand, ..RequestContext::default() };
    let mut seen = Vec::new();
    let answer = |request: &Request| {
        let who = request.header("authorization").map(str::to_owned);
        let is_known = who.as_deref() == Some("Bearer by hand");
        seen.push(who);
        let is_legal = request.body.as_deref().is_none_or(|body| body.starts_with(b"{") && body.len() < 30);
        (
            if !is_known {
                401
            } else if is_legal {
                201
            } else {
                400
            },
            Value::Null,
        )
    };
    let suite = Suite::new(&contract);
    suite.run(&context, &mut Server(answer), &mut |_| {}).unwrap_or_else(|error| panic!("{error}"));
    seen.sort();
    seen.dedup();
    // A wrong one is not sent: nobody said which are right.
    assert_eq!(seen, [None, Some("Bearer by hand".to_owned())]);
}

#[test]
fn the_key_of_a_caller_is_no_parameter_to_probe() {
    for given in [&["key"][..], &[]] {
        let contract = operation("/same", given);
        let places: Vec<String> = Suite::new(&contract)
            .rules()
            .iter()
            .filter(|rule| rule.place.as_str().starts_with("header.x-key") && rule.standing.is_firm())
            .map(|rule| rule.keyword.to_string())
            .collect();
        assert_eq!(places, [""; 0], "{given:?}");
    }
    assert_eq!(tested::ids(&tested::with(&Suite::new(&operation("/same", &[])), Vec::new())), [""; 0]);
}
