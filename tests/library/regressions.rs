//! What was found once, replayed: every file of `tests/regressions`. `fencepost promote` adds to them.

use crate::{laws, replay};
use std::ops::ControlFlow;
use std::panic::catch_unwind;
use std::path::Path;

use fencepost::Contract;
use fencepost::exchange::{Hearer, Outcome, Request, Target};
use fencepost::oracle::{Oracle, Reaction, Scope};
use fencepost::regression::{Expectation, Input, Promoter, Regression, broken};
use fencepost::report::{Subject, Timing, json};
use fencepost::request_context::RequestContext;
use fencepost::secret::Secret;
use fencepost::stub::{Fault, InProcess, Reply, Stub, faults};
use fencepost::suite::Suite;
use fencepost::validate::Judge;
use fencepost::verdict::verdicts;
use serde_json::Value;

#[test]
fn what_was_found_once_is_found_no_more() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions");
    let mut failed = Vec::new();
    let mut replayed = 0;
    for entry in std::fs::read_dir(&folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        let replay = || {
            assert!(path.extension().is_some_and(|ending| ending == "toml"), "no regression case; remove it");
            let text = std::fs::read_to_string(&path).expect("the file can be read");
            replay(
                &Regression::from_text(&name, &text, Contract::shipped().operation().name())
                    .unwrap_or_else(|error| panic!("{error}")),
            );
        };
        if catch_unwind(replay).is_err() {
            failed.push(name);
        }
        replayed += 1;
    }
    assert_eq!(failed, Vec::<String>::new(), "each has said above what is wrong");
    assert!(replayed > 0, "the folder is empty");
}

fn replay(case: &Regression) {
    match &case.input {
        Input::Contract(text) => decided(case.expect, laws::contract::hold(text)),
        Input::Choices(numbers) => laws::case::hold(&laws::case::Bench::new(), numbers),
        Input::Body { bytes, choices } => {
            laws::payload::hold(&laws::payload::Bench::new(), bytes);
            let breaks = broken(&Judge::new(Contract::shipped().operation()), bytes);
            decided(case.expect, breaks.is_empty());
            if case.expect != Expectation::Either {
                assert_eq!(breaks, case.breaks);
            }
            if let Some(numbers) = choices {
                laws::case::hold(&laws::case::Bench::new(), numbers);
            }
        }
        Input::Request(request) => replay_request(case, request),
    }
}

fn replay_request(case: &Regression, request: &Request) {
    let contract = Contract::shipped();
    let operation = contract.operation();
    let Reply::Answer(response) = Stub::new(&contract, Vec::new()).reply(request) else { panic!("no answer") };
    let told: Value = serde_json::from_slice(&response.body).expect("the stub's answers are JSON");
    let oracle = Oracle::new(&operation.responses, RequestContext::default().secrets(operation));
    let scope = if request.method == operation.method { Scope::Operation } else { Scope::Elsewhere };
    let judgement = oracle.judge(request, &Outcome::Answer(response), scope);
    assert_eq!(judgement.defects, []);
    assert!(matches!(judgement.reaction, Reaction::Accepted | Reaction::Refused), "{:?}", judgement.reaction);
    decided(case.expect, judgement.reaction == Reaction::Accepted);
    // The stub says which rule it refuses for.
    let code = told["error_code"].as_str().and_then(|code| code.strip_prefix("STUB."));
    let place = told["error_msg"].as_str().and_then(|message| message.split_once(": "));
    let reasons: Vec<String> =
        code.zip(place).map(|(keyword, (place, _))| format!("{place} {keyword}")).into_iter().collect();
    if case.expect != Expectation::Either {
        assert_eq!(reasons, case.breaks.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
}

#[track_caller]
fn decided(expect: Expectation, accepted: bool) {
    match expect {
        Expectation::Accepted => assert!(accepted, "it is refused"),
        Expectation::Refused => assert!(!accepted, "it is accepted"),
        Expectation::Either => {}
    }
}

#[test]
fn a_case_is_held_against_a_target_until_it_is_mended() {
    let contract = Contract::shipped();
    let cases = replay::cases();
    let failed = |context: &RequestContext, fault: Option<&str>| -> Vec<String> {
        let all = faults(&contract).into_iter().filter(|other| Some(other.name().as_str()) == fault).collect();
        let mut target = InProcess(Stub::new(&contract, all));
        let failures = replay::failures(&contract, context, &mut target, false, &cases);
        failures.into_iter().map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
    };
    let ours = RequestContext::default();
    assert_eq!(failed(&ours, None), Vec::<String>::new());
    for (fault, file) in [
        ("body.sub_tasks[].progress:maximum:off", "body-refused-sub_tasks-progress-maximum.toml"),
        ("body.total_time:maximum:off", "body-refused-total_time-maximum.toml"),
        ("path.task_id:maxLength:off", "request-refused-path-task_id-maxLength.toml"),
        ("header.Content-Type:mediaType:takes-none", "request-refused-header-Content-Type-mediaType.toml"),
    ] {
        assert!(failed(&ours, Some(fault)).contains(&file.to_owned()), "{fault}");
    }
    // Another target's task and caller are not those with which a case was found.
    let secret = Secret::new("TOKEN", "a-token-of-theirs".to_owned());
    let theirs = RequestContext {
        path_values: vec!["their-task".to_owned()],
        credential: Some(secret),
        ..RequestContext::default()
    };
    let mut seen = Seen { stub: InProcess(Stub::new(&contract, Vec::new())), requests: Vec::new() };
    assert_eq!(replay::failures(&contract, &theirs, &mut seen, false, &cases), Vec::<String>::new());
    let own = |request: &Request| request.path == "/v3/tasks/their-task" || request.path.len() > 255;
    assert!(seen.requests.iter().all(own), "{:?}", seen.requests);
    assert!(seen.requests.iter().all(|request| request.header("X-Auth-Token") == Some("a-token-of-theirs")));
}

/// The stub, and what it was sent.
struct Seen {
    stub: InProcess,
    requests: Vec<Request>,
}

impl Target for Seen {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        self.requests.extend_from_slice(requests);
        self.stub.send(requests, hear)
    }

    fn pause(&mut self, times: usize) -> bool {
        self.stub.pause(times)
    }
}

/// A run against the stub with this fault, as its report.
fn report(contract: &Contract, fault: &Fault) -> String {
    let suite = Suite::new(contract);
    let mut target = InProcess(Stub::new(contract, vec![fault.clone()]));
    let seen = suite.run(&RequestContext::default(), &mut target, &mut |_| {}).expect("one fault leaves it testable");
    let subject = Subject {
        target: "a broken stub".to_owned(),
        contract: contract.name().to_owned(),
        operation: "PUT /things".to_owned(),
        profile: None,
        seed: 0,
        context: RequestContext::default(),
    };
    json::render(&subject, &verdicts(&suite, &seen), &Timing::default(), None)
}

#[test]
fn what_is_found_in_a_broken_stub_becomes_a_case_that_a_sound_one_passes() {
    let contract = Contract::shipped();
    let promoter = Promoter::new(&contract);
    let all = faults(&contract);
    let about_a_member = |fault: &&Fault| fault.name().starts_with("body.");
    // Every kind of fault of the request as a whole, and some of the thousands of the members'.
    let members = all.iter().filter(about_a_member).step_by(197);
    let whole = all.iter().filter(|fault| !about_a_member(fault));
    let mut told_in_part = Vec::new();
    let mut passed = 0;
    for fault in members.chain(whole) {
        let report = report(&contract, fault);
        assert!(Promoter::holds_findings(report.as_bytes()), "{}", fault.name());
        let mut met = Vec::new();
        let wanted = |id: &str| {
            met.push(id.to_owned());
            true
        };
        match promoter.findings("report.json", report.as_bytes(), wanted) {
            Ok(cases) => {
                let [case] = &cases[..] else { panic!("{}: {} cases", fault.name(), cases.len()) };
                assert_eq!(
                    Regression::from_text("a.toml", &case.to_text(), promoter.operation()).as_ref(),
                    Ok(case),
                    "{}",
                    fault.name()
                );
                assert_eq!(met, [fault.found.to_string()]);
                assert!(catch_unwind(|| replay(case)).is_ok(), "{}", case.to_text());
                passed += 1;
            }
            Err(error) if error.contains("only in part") => told_in_part.push(fault.name()),
            Err(error) => panic!("{}: {error}", fault.name()),
        }
    }
    let of_a_token = ["off", "off-by-one", "crash"].map(|way| format!("header.X-Auth-Token:maxLength:{way}"));
    let of_a_body = ["body:wellFormed:takes-any-bytes", "body:size:crash"].map(str::to_owned);
    assert_eq!(told_in_part, [&of_a_token[..], &of_a_body].concat());
    assert!(passed > 65, "only {passed}");
}
