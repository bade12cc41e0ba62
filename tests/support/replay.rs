//! Regression cases sent to a target: it must do with each what a conforming server does.
//!
//! A case is sent to the target's own task and with its own credentials, whatever it was found with. What a dispute leaves
//! open may be accepted or refused.

use std::path::Path;

use fencepost::Contract;
use fencepost::compose::is_plain;
use fencepost::contract::Reading;
use fencepost::exchange::{Request, Target};
use fencepost::oracle::{Oracle, Reaction, Scope};
use fencepost::regression::{Expectation, Input, Regression};
use fencepost::request_context::{RequestContext, RequestOverride};
use fencepost::rule::{Keyword, Part, Site, rules};
use fencepost::settle::{Settlement, settle};
use fencepost::validate::Judge;
use serde_json::Value;

/// A body of more bytes may be refused by whatever stands before a service.
const MOST_BYTES: usize = 10_000;

/// Every case of `tests/regressions`, by the name of its file.
pub(crate) fn cases() -> Vec<(String, Regression)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions");
    let contract = Contract::shipped();
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("the file can be read");
        let case = Regression::from_text(&name, &text, contract.operation().name());
        let case = case.unwrap_or_else(|error| panic!("{error}"));
        cases.push((name, case));
    }
    cases
}

/// What is wrong with a target by these cases, in a line each; `gently` leaves out what may weigh or destroy.
pub(crate) fn failures(
    contract: &Contract,
    context: &RequestContext,
    target: &mut dyn Target,
    gently: bool,
    cases: &[(String, Regression)],
) -> Vec<String> {
    let replay = Replay::new(contract, context);
    let mut failures = Vec::new();
    for (name, case) in cases {
        let Some((request, expect)) = replay.request(case) else { continue };
        let reads = matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        let is_large = request.body.as_ref().is_some_and(|body| body.len() > MOST_BYTES);
        if gently && (is_large || (request.method != contract.operation().method && !reads)) {
            continue;
        }
        // Twice, so that a moment's failure does not count.
        let wrong = |_| replay.wrong(&request, expect, target);
        let wrong: Option<Vec<String>> = (0..2).map(wrong).collect();
        failures
            .extend(wrong.and_then(|mut wrong| wrong.pop()).map(|wrong| format!("{name}: {wrong} ({})", case.from)));
    }
    failures
}

struct Replay<'a> {
    contract: &'a Contract,
    context: &'a RequestContext,
    oracle: Oracle,
    /// Judges by the strictest reading of the contract.
    strict: Judge,
}

impl<'a> Replay<'a> {
    fn new(contract: &'a Contract, context: &'a RequestContext) -> Self {
        let operation = contract.operation();
        let of_schema = [Keyword::Required, Keyword::Null, Keyword::Enum, Keyword::UnknownMember];
        let disputed = rules(operation).into_iter().filter(|rule| !rule.standing.is_firm() && rule.at.is_some());
        let settlements: Vec<Settlement> = disputed
            .filter(|rule| of_schema.contains(&rule.keyword))
            .map(|rule| Settlement {
                place: rule.place.to_string(),
                keyword: rule.keyword,
                bound: Some(rule.bound),
                reading: Reading::Refused,
            })
            .collect();
        let strict = settle(contract, &settlements).expect("every disputed rule can be settled");
        let oracle = Oracle::new(&operation.responses, context.secrets(operation));
        Self { contract, context, oracle, strict: Judge::new(strict.operation()) }
    }

    /// What is sent for a case, and what must become of it; nothing for a case that is no request.
    fn request(&self, case: &Regression) -> Option<(Request, Expectation)> {
        let operation = self.contract.operation();
        match &case.input {
            Input::Contract(_) | Input::Choices(_) => None,
            Input::Body { bytes, .. } => {
                let request = self.context.request(operation, Some(bytes.clone()), &RequestOverride::default());
                let open = case.expect == Expectation::Accepted && !self.is_sure(bytes);
                Some((request, if open { Expectation::Either } else { case.expect }))
            }
            Input::Request(request) => Some((self.aimed(request, case), case.expect)),
        }
    }

    /// Whether no reading of the contract lets a service refuse the body.
    fn is_sure(&self, bytes: &[u8]) -> bool {
        let Ok(body) = serde_json::from_slice::<Value>(bytes) else { return false };
        bytes.len() <= MOST_BYTES && self.strict.accepts(&body) && texts(&body).into_iter().all(is_plain)
    }

    /// A request for this target: its own path and caller, unless they are what the case is about.
    fn aimed(&self, request: &Request, case: &Regression) -> Request {
        let operation = self.contract.operation();
        let own =
            self.context.request(operation, request.body.as_deref().map(<[u8]>::to_vec), &RequestOverride::default());
        let about = |is_meant: &dyn Fn(&Site) -> bool| case.breaks.iter().flat_map(|rule| &rule.sites).any(is_meant);
        let mut aimed = request.clone();
        if !about(&|site| site.part() == Part::Path && !site.node().is_empty()) {
            let query = request.path.split_once('?').map(|(_, query)| format!("?{query}"));
            aimed.path = own.path.clone() + &query.unwrap_or_default();
        }
        for (name, value) in &mut aimed.headers {
            if !about(&|site| site.is_named(Part::Header, name))
                && !name.eq_ignore_ascii_case("content-type")
                && let Some(mine) = own.header(name)
            {
                mine.clone_into(value);
            }
        }
        aimed
    }

    /// What is wrong with the answer to a request, if anything is.
    fn wrong(&self, request: &Request, expect: Expectation, target: &mut dyn Target) -> Option<String> {
        let operation = self.contract.operation();
        let scope = match &request.method {
            method if *method != operation.method => Scope::Elsewhere,
            _ if expect == Expectation::Refused => Scope::AnyRefusal,
            _ => Scope::Operation,
        };
        let judgement = self.oracle.judge(request, &target.send_one(request).outcome, scope);
        match (judgement.reaction, expect) {
            (Reaction::Accepted, Expectation::Refused) => Some("it is accepted".to_owned()),
            (Reaction::Refused, Expectation::Accepted) => Some("it is refused".to_owned()),
            (Reaction::Accepted | Reaction::Refused, _) => {
                judgement.defects.first().map(|defect| format!("{}, not {}", defect.observed, defect.expected))
            }
            (reaction, _) => Some(format!("{reaction:?}")),
        }
    }
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(elements) => elements.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
