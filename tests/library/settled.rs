//! Settled disputes: a disputed rule that was decided is firm in the reading that holds, on both sides of the fence and in
//! every part that reads the contract.

use std::collections::BTreeSet;
use std::path::Path;

use fencepost::Contract;
use fencepost::cli::ProfileReading;
use fencepost::contract::Reading;
use fencepost::probe::{Send, Travel};
use fencepost::request_context::RequestContext;
use fencepost::rule::{Keyword, Rule, Side, Site, finding_id, rules};
use fencepost::settle::{SettleError, Settlement, settle};
use fencepost::stub::{Fault, InProcess, Stub, faults};
use fencepost::suite::Suite;
use fencepost::validate::Judge;
use fencepost::verdict::{Finding, Status, Verdicts, verdicts};
use serde_json::{Value, json};

/// Keywords whose disputes a schema can express, so that the stub and the judge know them.
const OF_SCHEMA: [Keyword; 4] = [Keyword::Required, Keyword::Null, Keyword::Enum, Keyword::UnknownMember];

fn is_of_schema(rule: &Rule) -> bool {
    rule.at.is_some() && OF_SCHEMA.contains(&rule.keyword)
}

fn settlement(rule: &Rule, reading: Reading) -> Settlement {
    Settlement { place: rule.place.to_string(), keyword: rule.keyword, bound: Some(rule.bound.clone()), reading }
}

/// The shipped contract with all disputes of some kind settled in one way.
fn all_settled(reading: Reading, kind: fn(&Rule) -> bool) -> Contract {
    let contract = Contract::shipped();
    let disputed = rules(contract.operation()).into_iter().filter(|rule| !rule.standing.is_firm() && kind(rule));
    let settlements: Vec<Settlement> = disputed.map(|rule| settlement(&rule, reading)).collect();
    assert!(settlements.len() > 50, "only {}", settlements.len());
    settle(&contract, &settlements).expect("every disputed rule can be settled")
}

fn tested(contract: &Contract, stub: Stub) -> Verdicts {
    let suite = Suite::new(contract);
    let seen =
        suite.run(&RequestContext::default(), &mut InProcess(stub), &mut |_| {}).expect("the stub can be tested");
    verdicts(&suite, &seen)
}

fn ids(verdicts: &Verdicts) -> BTreeSet<String> {
    verdicts.findings.iter().map(Finding::id).collect()
}

/// A settled contract's own stub keeps it, and every probe breaks nothing or exactly its own rule.
#[track_caller]
fn check_settled_schema(reading: Reading) {
    let contract = all_settled(reading, is_of_schema);
    let doubtful: Vec<Rule> =
        rules(contract.operation()).into_iter().filter(|rule| is_of_schema(rule) && !rule.standing.is_firm()).collect();
    assert!(doubtful.is_empty(), "{doubtful:#?}");

    let verdicts = tested(&contract, Stub::new(&contract, Vec::new()));
    assert_eq!(ids(&verdicts), BTreeSet::new());
    let unkept: Vec<_> = verdicts
        .rules
        .iter()
        .filter(|verdict| is_of_schema(&verdict.rule))
        .filter(|verdict| [verdict.inside, verdict.outside].iter().flatten().any(|status| *status != Status::Enforced))
        .map(|verdict| (&verdict.rule.place, verdict.rule.keyword, verdict.inside, verdict.outside))
        .collect();
    assert!(unkept.is_empty(), "{unkept:#?}");

    let judge = Judge::new(contract.operation());
    let composer = fencepost::compose::Composer::new(contract.operation());
    let suite = Suite::new(&contract);
    for probe in suite.probes().iter().filter(|probe| !matches!(probe.travel, Travel::Trial(_))) {
        let (Send::Body(overrides), rule) = (&probe.send, &suite.rules()[probe.rule]) else { continue };
        let body: Value = serde_json::from_str(&composer.body(overrides).render()).expect("probes are JSON");
        let broken: BTreeSet<_> = judge.violations(&body).into_iter().map(|one| (one.place, one.broken)).collect();
        let wanted = match probe.side {
            Side::Outside => BTreeSet::from([(rule.place.clone(), rule.keyword.into())]),
            Side::Inside => BTreeSet::new(),
        };
        assert_eq!(broken, wanted, "{} {} {} ({}): {body}", rule.place, rule.keyword, probe.side, probe.what);
    }
}

#[test]
fn what_a_schema_can_say_is_kept_by_the_stub_in_the_strict_reading() {
    check_settled_schema(Reading::Refused);
}

#[test]
fn what_a_schema_can_say_is_kept_by_the_stub_in_the_lenient_reading() {
    check_settled_schema(Reading::Accepted);
}

#[test]
fn a_target_that_holds_with_the_other_reading_breaks_every_settled_rule() {
    let contract = all_settled(Reading::Refused, is_of_schema);
    let lenient = Stub::new(&Contract::shipped(), Vec::new());
    let all = rules(Contract::shipped().operation());
    let settled: Vec<&Rule> = all.iter().filter(|rule| is_of_schema(rule) && !rule.standing.is_firm()).collect();
    let is_required =
        |place: &Site| settled.iter().any(|rule| rule.place == *place && rule.keyword == Keyword::Required);
    let wanted: BTreeSet<String> = settled
        .iter()
        // A null that is mishandled as an absence is has one cause with it.
        .filter(|rule| rule.keyword != Keyword::Null || !is_required(&rule.place))
        .map(|rule| format!("{}:{}:outside", rule.place, rule.keyword))
        .collect();
    assert_eq!(ids(&tested(&contract, lenient)), wanted);

    let strict = Stub::new(&contract, Vec::new());
    let lenient = all_settled(Reading::Accepted, |rule| is_of_schema(rule) && rule.keyword == Keyword::Null);
    let found = ids(&tested(&lenient, strict));
    let nulls = found.iter().filter(|id| id.ends_with(":null:inside")).count();
    assert!(nulls > 100, "{found:#?}");
}

#[test]
fn faults_of_settled_rules_are_found_alone() {
    let contract = all_settled(Reading::Refused, is_of_schema);
    let suite = Suite::new(&contract);
    let places = ["body.target_server.ip", "body.source_server.agent_version", "body.type", "body.clone_server"];
    let planted: Vec<Fault> = faults(&contract)
        .into_iter()
        .filter(|fault| places.contains(&fault.found.places().as_str()) && OF_SCHEMA.contains(&fault.found.keyword))
        .collect();
    assert!(planted.len() > 10, "only {planted:#?}");
    for fault in planted {
        let mut target = InProcess(Stub::new(&contract, vec![fault.clone()]));
        let seen = suite.run(&RequestContext::default(), &mut target, &mut |_| {}).expect("the stub can be tested");
        assert_eq!(ids(&verdicts(&suite, &seen)), BTreeSet::from([fault.finding()]), "{}", fault.name());
    }
}

/// Whether a rule that no schema can express is accepted by a sound stub, as the run of an unsettled contract shows.
fn accepted_by_the_stub() -> Vec<(Rule, bool)> {
    let contract = Contract::shipped();
    let verdicts = tested(&contract, Stub::new(&contract, Vec::new()));
    let open = verdicts.rules.into_iter().filter(|verdict| !verdict.rule.standing.is_firm());
    open.filter(|verdict| !is_of_schema(&verdict.rule))
        .map(|verdict| {
            let accepted = match (verdict.inside, verdict.outside) {
                (_, Some(Status::NotEnforced)) | (Some(Status::Enforced), None) => true,
                (None, Some(Status::Enforced)) | (Some(Status::TooStrict), None) => false,
                other => panic!("{other:?} {:?}", verdict.rule),
            };
            (verdict.rule, accepted)
        })
        .collect()
}

#[test]
fn what_no_schema_can_say_is_firm_in_the_reading_that_holds() {
    let seen = accepted_by_the_stub();
    for reading in [Reading::Accepted, Reading::Refused] {
        let contract = all_settled(reading, |rule| !is_of_schema(rule));
        assert!(rules(contract.operation()).iter().all(|rule| rule.standing.is_firm() || is_of_schema(rule)));
        let verdicts = tested(&contract, Stub::new(&contract, Vec::new()));
        let side = if reading == Reading::Accepted { Side::Inside } else { Side::Outside };
        let all = rules(contract.operation());
        let id = |rule: &Rule| {
            let is_same =
                |other: &Rule| (&other.place, other.keyword, &other.bound) == (&rule.place, rule.keyword, &rule.bound);
            finding_id(&all, all.iter().position(is_same).expect("settling takes no rule away"), side).short()
        };
        let wrong = seen.iter().filter(|(_, accepted)| *accepted != (reading == Reading::Accepted));
        let mut wanted: BTreeSet<String> = wrong.map(|(rule, _)| id(rule)).collect();
        // Of the odd media types the stub takes some and refuses others.
        let odd = all.iter().filter(|rule| rule.keyword == Keyword::MediaType && rule.bound == "odd spellings");
        wanted.extend(odd.map(id));
        assert_eq!(ids(&verdicts), wanted, "{reading:?}");
    }
}

#[test]
fn an_example_that_a_settled_dispute_makes_illegal_is_disputed_itself() {
    let contract = Contract::shipped();
    let rule = |contract: &Contract| {
        rules(contract.operation()).into_iter().find(|rule| rule.keyword == Keyword::Example).expect("there is one")
    };
    assert!(rule(&contract).standing.is_firm());
    let place = "body.source_server.agent_version";
    let entry = |reading| Settlement { place: place.to_owned(), keyword: Keyword::Required, bound: None, reading };
    let settled = settle(&contract, &[entry(Reading::Refused)]).expect("it is disputed");
    assert_eq!(
        rule(&settled).standing.reason(),
        Some("the settled `required` at body.source_server.agent_version makes the example illegal")
    );
    let settled = settle(&contract, &[entry(Reading::Accepted)]).expect("it is disputed");
    assert!(rule(&settled).standing.is_firm());
    let at =
        |rule: &Rule| rule.place.as_str() == place && matches!(rule.keyword, Keyword::Required | Keyword::Optional);
    let keywords: Vec<Keyword> = rules(settled.operation()).iter().filter(|rule| at(rule)).map(|r| r.keyword).collect();
    assert_eq!(keywords, [Keyword::Optional]);
}

#[test]
fn many_disputes_are_settled_by_one_pattern() {
    let contract = Contract::shipped();
    let pattern = Settlement {
        place: "body.source_server.*".to_owned(),
        keyword: Keyword::Null,
        bound: None,
        reading: Reading::Refused,
    };
    let settled = settle(&contract, &[pattern]).expect("some are disputed");
    let open = |contract: &Contract| {
        let nulls = rules(contract.operation()).into_iter().filter(|rule| rule.keyword == Keyword::Null);
        nulls.partition::<Vec<Rule>, _>(|rule| rule.standing.is_firm()).1
    };
    let (before, after) = (open(&contract), open(&settled));
    assert!(before.len() > after.len() && !after.is_empty(), "{} {}", before.len(), after.len());
    assert!(after.iter().all(|rule| !rule.place.as_str().starts_with("body.source_server.")), "{after:#?}");
}

#[track_caller]
fn check_error(entries: &[(&str, Keyword, Option<Value>)], number: usize, words: &str) {
    let settlements: Vec<Settlement> = entries
        .iter()
        .map(|(place, keyword, bound)| Settlement {
            place: (*place).to_owned(),
            keyword: *keyword,
            bound: bound.clone(),
            reading: Reading::Refused,
        })
        .collect();
    let error: (usize, SettleError) = settle(&Contract::shipped(), &settlements).expect_err("it cannot be settled");
    assert_eq!((error.0, error.1.to_string().as_str()), (number, words));
}

#[test]
fn what_cannot_be_settled_is_told() {
    let ip = ("body.target_server.ip", Keyword::Required, None);
    check_error(&[("body.nothing", Keyword::Null, None)], 0, "no rule stands at `body.nothing`");
    check_error(
        &[ip.clone(), ("body.target_server.ip", Keyword::Maximum, None)],
        1,
        "no rule of keyword `maximum` stands at `body.target_server.ip`",
    );
    check_error(
        &[("body.name", Keyword::MaxLength, None)],
        0,
        "`maxLength` at `body.name` is firm: there is nothing to settle",
    );
    check_error(&[ip.clone(), ip.clone()], 1, "`required` at `body.target_server.ip` is settled twice");
    let ambiguous = "several disputed rules of keyword `wellFormed` stand at `body`: add `bound`, \
                     one of \"byte-order mark\", \"UTF-16\", \"unpaired surrogate escape\"";
    check_error(&[("body", Keyword::WellFormed, None)], 0, ambiguous);
    check_error(
        &[("body", Keyword::DuplicateKey, Some(json!(7)))],
        0,
        "no disputed rule of keyword `duplicateKey` at `body` has the bound 7: it is null",
    );
}

#[test]
fn a_profile_counts_for_tests_as_it_does_for_a_run() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("a_profile_counts");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let file = folder.join("fencepost.toml");
    let text = "[profile.mine]\nurl = \"http://127.0.0.1\"\n\
                settled = [{ place = \"body.target_server.ip\", keyword = \"required\", reading = \"refused\" }]\n\
                waivers = [{ id = \"body.name:maxLength:outside\", reason = \"known\", expires = \"2099-12-31\" }]\n";
    std::fs::write(&file, text).expect("a file can be written");
    let plain = Contract::shipped();
    let reading = ProfileReading::of("mine", Some(&file), &plain).expect("the profile is sound");

    let is_firm = |contract: &Contract| {
        let rules = rules(contract.operation());
        let rule = |rule: &&Rule| rule.place.as_str() == "body.target_server.ip" && rule.keyword == Keyword::Required;
        rules.iter().find(rule).expect("there is such a rule").standing.is_firm()
    };
    assert_eq!((is_firm(&plain), is_firm(&reading.contract)), (false, true));
    let ids = ["body.name:maxLength:off", "body.type:enum:any-case"];
    let chosen: Vec<Fault> =
        faults(&plain).into_iter().filter(|fault| ids.contains(&fault.id.short().as_str())).collect();
    let mut verdicts = tested(&reading.contract, Stub::new(&reading.contract, chosen));
    reading.waive(&mut verdicts);
    let counted: Vec<&str> = verdicts.findings.iter().map(|finding| finding.id.keyword.as_str()).collect();
    assert_eq!((counted, verdicts.waived.len()), (vec!["enum"], 1));

    let unknown = ProfileReading::of("other", Some(&file), &plain).err().unwrap_or_default();
    assert!(unknown.contains("other"), "{unknown}");
}
