//! A search and a run agree: what both meet has one name and one body, a dispute is nobody's finding, and one cause is told
//! once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use fencepost::Contract;
use fencepost::contract::Reading;
use fencepost::exchange::{Delivery, Hearer, Outcome, Request, Response, Target};
use fencepost::generate::Generator;
use fencepost::request_context::RequestContext;
use fencepost::rule::Keyword;
use fencepost::search::{FuzzCampaign, News, Plan};
use fencepost::session::Event;
use fencepost::settle::{Settlement, settle};
use fencepost::stub::{Fault, InProcess, Stub, faults};
use fencepost::suite::Suite;
use fencepost::verdict::{Finding, verdicts};
use serde_json::{Value, json};

/// Rounds that a fault may take to be met.
const MOST_ROUNDS: usize = 400;
/// Rounds after that, in which nothing more may be told.
const MORE_ROUNDS: usize = 6;

fn small() -> Contract {
    Contract::from_text("small.yaml", include_str!("../contracts/small.yaml")).expect("it loads")
}

fn shown(finding: &Finding) -> (String, String) {
    let body = finding.exchange.request.body.as_deref().unwrap_or_default();
    (finding.id(), String::from_utf8_lossy(body).into_owned())
}

fn run(contract: &Contract, target: &mut dyn Target) -> BTreeMap<String, String> {
    let suite = Suite::new(contract);
    let seen = suite.run(&RequestContext::default(), target, &mut |_| {}).expect("it can be tested");
    verdicts(&suite, &seen).findings.iter().map(shown).collect()
}

/// What a search tells, in the order in which it does: until something is told and some rounds beyond, or to the end.
fn search(contract: &Contract, target: &mut dyn Target, rounds: usize) -> Vec<(String, String)> {
    let (suite, generator, context) = (Suite::new(contract), Generator::new(contract), RequestContext::default());
    let mut observe = |_: &Event<'_>| {};
    let plan = Plan::new(&generator, 1, true);
    let mut campaign =
        FuzzCampaign::start(&suite, &generator, &context, target, plan, &mut observe).expect("it can be tested");
    let mut found = Vec::new();
    let mut left = rounds;
    while left > 0 {
        left -= 1;
        for news in campaign.round() {
            if let News::Found(finding, _) = news {
                if found.is_empty() {
                    left = left.min(MORE_ROUNDS);
                }
                found.push(shown(&finding));
            }
        }
    }
    found
}

/// One fault of each kind, by keyword and way to fail: the first at a member, or else the first of all.
fn one_of_each_kind(contract: &Contract) -> Vec<Fault> {
    let mut kinds: BTreeMap<(String, String), Fault> = BTreeMap::new();
    for fault in faults(contract).into_iter().filter(|fault| fault.name().starts_with("body.")) {
        let (way, keyword) = (fault.id.mode.as_str(), fault.id.keyword.as_str());
        let way = way.strip_prefix("too-strict-").map_or(way, |_| "too-strict");
        kinds.entry((keyword.to_owned(), way.to_owned())).or_insert(fault);
    }
    kinds.into_values().collect()
}

#[test]
fn what_a_search_finds_has_the_name_and_the_body_that_a_run_gives_it() {
    let contract = small();
    let mut met = 0;
    let all = one_of_each_kind(&contract);
    for fault in &all {
        let stub = || InProcess(Stub::new(&contract, vec![fault.clone()]));
        let found = search(&contract, &mut stub(), MOST_ROUNDS);
        let wanted = run(&contract, &mut stub());
        met += usize::from(!found.is_empty());
        if !found.is_empty() {
            assert_eq!(found.iter().cloned().collect::<BTreeMap<_, _>>(), wanted, "{}", fault.name());
            assert_eq!(found.len(), wanted.len(), "{}: something is told twice", fault.name());
        }
    }
    assert!(all.len() > 40, "{} kinds", all.len());
    assert!(met * 10 >= all.len() * 9, "{met} of {} kinds were met", all.len());
}

/// The stub behind a service that refuses some bodies, or changes them, before the contract is looked at.
struct Before<F> {
    stub: InProcess,
    habit: F,
}

impl<F: Fn(Value) -> Result<Value, u16>> Target for Before<F> {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            let body = request.body.as_deref().and_then(|body| serde_json::from_slice(body).ok());
            match body.map(&self.habit) {
                Some(Err(status)) => {
                    let refusal = json!({"error_code": "ODD.1", "error_msg": "is not liked"}).to_string().into_bytes();
                    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
                    let outcome = Outcome::Answer(Response { status, headers, body: refusal, unread: None });
                    hear(Delivery { outcome, elapsed: Duration::ZERO })?;
                }
                Some(Ok(body)) => {
                    let changed = Request { body: Some(body.to_string().into_bytes().into()), ..request.clone() };
                    self.stub.send(&[changed], hear)?;
                }
                None => self.stub.send(std::slice::from_ref(request), hear)?,
            }
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 10
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

/// A service that answers bodies with this status where one of their texts is like that.
fn minding(contract: &Contract, status: u16, is_odd: IsOdd) -> impl Target + use<> {
    let habit = move |body: Value| if texts(&body).into_iter().any(is_odd) { Err(status) } else { Ok(body) };
    Before { stub: InProcess(Stub::new(contract, Vec::new())), habit }
}

/// Whether a service minds a text.
type IsOdd = fn(&str) -> bool;

/// Ways to read text that no contract forbids: a run records them, and blames nobody.
const ODD_TEXTS: [(&str, IsOdd); 8] = [
    ("counts bytes", |text| text.len() > 20),
    ("counts units of UTF-16", |text| text.encode_utf16().count() > 20),
    ("stores no NUL", |text| text.contains('\0')),
    ("stores nothing beyond the basic plane", |text| text.chars().any(|character| character > '\u{ffff}')),
    ("knows ASCII only", |text| !text.is_ascii()),
    ("wants no spaces at the ends", |text| text.trim() != text),
    ("wants no control characters", |text| text.chars().any(char::is_control)),
    ("wants no markup", |text| text.contains(['<', '>', '"', '\''])),
];

#[test]
fn what_is_disputed_is_no_finding_of_either() {
    let contract = small();
    for (what, is_odd) in ODD_TEXTS {
        assert_eq!(run(&contract, &mut minding(&contract, 400, is_odd)), BTreeMap::new(), "{what}");
        assert_eq!(search(&contract, &mut minding(&contract, 400, is_odd), 60), [], "{what}");
    }
}

#[test]
fn what_no_rule_says_is_no_finding_of_a_search() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts/small.yaml"));
    let text = text
        .expect("it can be read")
        .replace("count: {type: integer, minimum: 0, maximum: 100, default: 1}", "count: {type: integer}");
    let contract = Contract::from_text("open.yaml", &text).expect("it loads");
    let narrow = |body: Value| match body["count"].as_i64() {
        Some(count) if !(0..1 << 31).contains(&count) => Err(400),
        _ => Ok(body),
    };
    let service = || Before { stub: InProcess(Stub::new(&contract, Vec::new())), habit: narrow };
    assert_eq!(run(&contract, &mut service()), BTreeMap::new());
    assert_eq!(search(&contract, &mut service(), 60), []);
}

#[test]
fn a_settled_dispute_is_a_rule_like_any_other_to_both() {
    let nul: IsOdd = |text| text.contains('\0');
    for (reading, side) in [(Reading::Accepted, "inside"), (Reading::Refused, "outside")] {
        let settlement = Settlement { place: "body.name".to_owned(), keyword: Keyword::Text, bound: None, reading };
        let contract = settle(&small(), &[settlement]).expect("it can be settled");
        let wanted = BTreeSet::from([format!("body.name:text:{side}")]);
        let found = |found: BTreeMap<String, String>| found.into_keys().collect::<BTreeSet<String>>();
        assert_eq!(found(run(&contract, &mut minding(&contract, 400, nul))), wanted);
        let told = search(&contract, &mut minding(&contract, 400, nul), MOST_ROUNDS);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(found(told.into_iter().collect()), wanted);
    }
}

#[test]
fn one_cause_at_many_places_is_told_once() {
    let contract = small();
    let is_odd: IsOdd = |text| !text.is_ascii();
    let wanted = run(&contract, &mut minding(&contract, 500, is_odd));
    assert_eq!(wanted.keys().collect::<Vec<_>>(), ["body:text:inside"]);
    let found = search(&contract, &mut minding(&contract, 500, is_odd), 60);
    assert_eq!(found, wanted.into_iter().collect::<Vec<_>>());
    for id in ["response.refusal:status:crash", "response.refusal:timeout:off", "response.refusal:connection:off"] {
        let fault = faults(&contract).into_iter().find(|fault| fault.name() == id).expect("it is one of the stub's");
        let stub = || InProcess(Stub::new(&contract, vec![fault.clone()]));
        let wanted = run(&contract, &mut stub()).into_keys().collect::<Vec<_>>();
        let found = search(&contract, &mut stub(), 60).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!((found, wanted.len()), (wanted, 1));
    }
}
