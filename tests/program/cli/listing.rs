//! `fencepost rules` and `fencepost contract`: what the contract demands, as text and as JSON.

use std::collections::BTreeSet;

use fencepost::Contract;
use fencepost::contract::{Operation, Step};
use fencepost::rule::{Keyword, rules};
use serde_json::Value;

use super::report_of;
use crate::command::{Ended, fencepost};

const CONTRACT: &str = include_str!("../../../harness/contract/update-migration-task.yaml");

/// The lines of rules: all but the last, which counts them.
fn lines(ended: &Ended) -> Vec<&str> {
    let mut lines: Vec<&str> = ended.stdout.lines().collect();
    lines.pop();
    lines
}

/// The places and keywords that are listed.
fn listed(arguments: &[&str]) -> BTreeSet<(String, String)> {
    let ended = fencepost(&[&["rules"][..], arguments].concat()).ended().with_code(0);
    assert_eq!(ended.stderr, "", "\n{ended}");
    let word = |line: &str, number| line.split_whitespace().nth(number).unwrap_or_default().to_owned();
    lines(&ended).into_iter().map(|line| (word(line, 0), word(line, 1))).collect()
}

fn json(arguments: &[&str]) -> Vec<Value> {
    let ended = fencepost(&[&["rules", "--json"][..], arguments].concat()).ended().with_code(0);
    match serde_json::from_str(&ended.stdout) {
        Ok(Value::Array(rules)) => rules,
        other => panic!("no JSON array: {other:?}\n{ended}"),
    }
}

#[test]
fn every_place_of_the_contract_is_listed() {
    let contract = Contract::shipped();
    let operation = contract.operation();
    let members: Vec<&str> = operation
        .places()
        .filter(|(id, place)| *id != Operation::ROOT && place.step != Step::Element)
        .map(|(_, place)| place.site.as_str())
        .collect();
    assert_eq!(members.len(), 186, "places of the body");

    let places: BTreeSet<String> = listed(&[]).into_iter().map(|(place, _)| place).collect();
    let parameters = ["body", "path.task_id", "header.X-Auth-Token"];
    let missing: Vec<&&str> = members.iter().chain(&parameters).filter(|place| !places.contains(**place)).collect();
    assert!(missing.is_empty(), "not listed: {missing:?}");
}

#[test]
fn every_rule_has_a_line_and_the_last_line_counts_them() {
    let contract = Contract::shipped();
    let all = rules(contract.operation());
    let firm = all.iter().filter(|rule| rule.standing.is_firm()).count();
    let ended = fencepost(&["rules"]).ended().with_code(0);

    assert_eq!(ended.stdout.lines().last(), Some(&*format!("{} rules, {firm} of them firm", all.len())), "\n{ended}");
    let lines = lines(&ended);
    assert_eq!(lines.len(), all.len(), "\n{ended}");
    for (line, rule) in lines.iter().zip(&all) {
        let words = [rule.place.as_str(), rule.keyword.as_str(), &rule.source];
        let missing = words.iter().find(|word| !line.contains(**word));
        assert_eq!(missing, None, "{line}");
        match rule.standing.reason() {
            None => assert!(line.ends_with("  firm"), "{line}"),
            Some(reason) => assert!(line.ends_with(&format!("  disputed: {reason}")), "{line}"),
        }
    }
}

#[test]
fn json_is_an_array_of_the_reports_own_objects() {
    let mut listed = json(&[]);
    let report = report_of(&fencepost(&["run", "--report-json", "report.json"]).ended().with_code(0));
    let report: Value = serde_json::from_str(&report).expect("the report is JSON");
    let mut reported = report["rules"].as_array().expect("the report has rules").clone();
    for rule in &reported {
        let sides = [&rule["inside"], &rule["outside"]];
        assert!(sides.iter().any(|side| side.is_string()), "a rule without a side: {rule}");
    }
    // Nothing was tested of a listed rule; which sides there are is the same.
    for rule in listed.iter_mut().chain(&mut reported) {
        for side in ["inside", "outside"] {
            let is_sent = rule[side].is_string();
            assert!(rule[side].is_null() || is_sent, "{rule}");
            rule[side] = Value::Bool(is_sent);
        }
    }
    let differing = listed.iter().zip(&reported).find(|(listed, reported)| listed.to_string() != reported.to_string());
    assert_eq!(differing, None);
    assert_eq!(listed.len(), reported.len());
    assert!(json(&[]).iter().all(|rule| rule["inside"] != "enforced" && rule["outside"] != "enforced"));
}

#[test]
fn a_place_filters_with_stars_for_any_characters() {
    let all = listed(&[]);
    let check = |pattern: &str, right: &dyn Fn(&str) -> bool| {
        let wanted: BTreeSet<_> = all.iter().filter(|(place, _)| right(place)).cloned().collect();
        assert!(!wanted.is_empty(), "nothing is at {pattern}");
        assert_eq!(listed(&["--place", pattern]), wanted, "{pattern}");
    };
    check("body.name", &|place| place == "body.name");
    check("body.sub_tasks[].*", &|place| place.starts_with("body.sub_tasks[]."));
    check("*_id", &|place| place.ends_with("_id"));
    check("body.*[].*_id", &|place| {
        let inner = place.strip_prefix("body.").and_then(|place| place.strip_suffix("_id"));
        inner.is_some_and(|inner| inner.contains("[]."))
    });
    check("*", &|_| true);
    check("header.*", &|place| place.starts_with("header."));
}

#[test]
fn a_keyword_filters_alone_and_beside_a_place() {
    let all = listed(&[]);
    for keyword in Keyword::ALL.iter().map(|keyword| keyword.as_str()) {
        let wanted: BTreeSet<_> = all.iter().filter(|(_, other)| other == keyword).cloned().collect();
        assert_eq!(listed(&["--keyword", keyword]), wanted, "{keyword}");
    }
    let held: BTreeSet<&String> = all.iter().map(|(_, keyword)| keyword).collect();
    assert_eq!(held.len(), 28, "keywords of the shipped contract: {held:?}");
    let both = listed(&["--keyword", "maxLength", "--place", "body.*disks[].name"]);
    let wanted = |(place, keyword): &&(String, String)| {
        place.starts_with("body.") && place.ends_with("disks[].name") && keyword == "maxLength"
    };
    assert_eq!(both, all.iter().filter(wanted).cloned().collect());
    assert_eq!(json(&["--keyword", "enum", "--place", "body.name"]), Vec::<Value>::new(), "body.name has no enum");
    assert!(json(&["--keyword", "minimum"]).iter().all(|rule| rule["keyword"] == "minimum"));
    assert!(json(&["--place", "path.*"]).iter().all(|rule| rule["place"] == "path.task_id"));
}

#[test]
fn a_place_or_a_keyword_that_is_none_is_told_with_a_hint() {
    let check = |arguments: &[&str], words: &[&str]| {
        let ended = fencepost(&[&["rules"][..], arguments].concat()).ended().with_code(2);
        assert_eq!(ended.stdout, "", "\n{ended}");
        let missing: Vec<&&str> = words.iter().filter(|word| !ended.stderr.contains(**word)).collect();
        assert!(missing.is_empty(), "not said: {missing:?}\n{ended}");
    };
    check(&["--place", "body.nam"], &["fencepost: no rule stands at `body.nam`", "did you mean `body.name`?"]);
    check(&["--place", "sub_tasks[].progress"], &["did you mean `body.sub_tasks[].progress`?"]);
    check(&["--place", "nowhere"], &["no rule stands at `nowhere`", "`fencepost rules` lists the places"]);
    check(&["--place", "nowhere.*"], &["no rule stands at `nowhere.*`"]);
    check(&["--place", ""], &["no rule stands at ``"]);
    check(&["--keyword", "maxlength"], &["no keyword is called `maxlength`", "maxLength", "duplicateKey"]);
    check(&["--keyword", "patterns"], &["no keyword is called `patterns`"]);
}

#[test]
fn the_contract_is_printed_byte_for_byte() {
    let shipped = fencepost(&["contract"]).ended().with_code(0);
    assert!(shipped.stdout == CONTRACT, "\n{shipped}");

    let text = CONTRACT.replace("title: Update a migration task", "title: 'Mine, with a CR: \u{e9}'\r");
    assert_ne!(text, CONTRACT);
    let print = fencepost(&["contract", "--contract", "mine.yaml"]);
    std::fs::write(print.folder.path.join("mine.yaml"), &text).expect("a file can be written");
    let mine = print.ended().with_code(0);
    assert!(mine.stdout == text, "\n{mine}");
}

#[test]
fn a_contract_of_the_users_own_is_listed_and_tested() {
    let text = CONTRACT.replacen("maxLength: 255", "maxLength: 99", 1);
    assert_ne!(text, CONTRACT);
    for arguments in [&["rules", "--contract", "mine.yaml"][..], &["run", "--full", "--contract", "mine.yaml"]] {
        let command = fencepost(arguments);
        std::fs::write(command.folder.path.join("mine.yaml"), &text).expect("a file can be written");
        let ended = command.ended().with_code(0);
        let tells = |line: &&str| line.trim_start_matches("path.task_id").trim_start().starts_with("maxLength");
        let bounds: Vec<&str> = ended.stdout.lines().filter(tells).collect();
        assert_eq!(bounds.iter().filter(|line| line.contains(" 99")).count(), 1, "{bounds:#?}\n{ended}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut running = fencepost(&["rules", "--json"]).start();
    // What is printed is more than a pipe holds, so that the program meets its closed end.
    drop(running.process.0.stdout.take());
    let ended = running.ended().with_code(0);
    assert_eq!(ended.stderr, "", "\n{ended}");
}
