//! Runs about a part of a document with many operations: selections, shares, plans, and runs that were cut off.

use std::path::Path;

use serde_json::Value;

use crate::command::{Ended, fencepost};
use crate::server::Server;

const PETS: &str = include_str!("../../documents/pets.yaml");

/// A run over the document, in a folder in which these files stand as well.
fn run(arguments: &[&str], files: &[(&str, &[u8])]) -> Ended {
    let command = fencepost(&[&["run", "--contract", "pets.yaml"][..], arguments].concat());
    for (name, content) in [("pets.yaml", PETS.as_bytes())].iter().chain(files) {
        std::fs::write(command.folder.path.join(name), content).expect("a file can be written");
    }
    command.ended()
}

fn told(ended: &Ended) -> Vec<&str> {
    let is_about_one = |line: &&str| ["GET ", "POST ", "DELETE "].iter().any(|method| line.starts_with(method));
    ended.stdout.lines().filter(is_about_one).collect()
}

fn report(ended: &Ended, path: &str) -> Value {
    serde_json::from_slice(&std::fs::read(ended.folder.path.join(path)).expect("it is there")).expect("JSON")
}

#[test]
fn a_selection_is_about_the_operations_that_it_matches_in() {
    for (pattern, operations) in [
        ("query.limit", &["GET /pets: "][..]),
        ("GET /pets query.*", &["GET /pets: "]),
        ("path.id", &["GET /pets/{id}: ", "POST /pets/{id}:feed: ", "DELETE /pets/{id}: "]),
        ("DELETE /pets/{id} path.id:type", &["DELETE /pets/{id}: "]),
        ("POST /pets body.name:maxLength:outside", &["POST /pets: "]),
    ] {
        let ended = run(&["--only", pattern], &[]);
        let lines = told(&ended);
        let is_so =
            lines.len() == operations.len() && lines.iter().zip(operations).all(|(line, one)| line.starts_with(one));
        assert!(ended.code == Some(0) && is_so, "{pattern}\n{ended}");
    }
    // What is skipped in one operation is not what is skipped in others.
    let ended = run(&["--only", "path.id", "--skip", "GET /pets/{id} path.id"], &[]);
    assert!(ended.code == Some(0) && told(&ended).len() == 2, "{ended}");
    for (option, hint) in
        [("--only=query.limits", "did you mean `query.limit`"), ("--skip=body.nothing", "no rule matches")]
    {
        let ended = run(&[option], &[]);
        assert!(ended.code == Some(2) && ended.stderr.contains(hint), "{ended}");
    }
}

/// The rules of requests: what answers are held against each share is told of.
fn of_requests(report: &Value) -> impl Iterator<Item = &Value> {
    let is_of_answers = |rule: &&Value| rule["place"].as_str().is_some_and(|place| place.starts_with("response."));
    report["rules"].as_array().expect("a list").iter().filter(move |rule| !is_of_answers(rule))
}

#[test]
fn shares_hold_every_rule_once_and_too_few_are_told() {
    let mut rules = Vec::new();
    for share in ["1/2", "2/2"] {
        let ended = run(&["--shard", share, "--report-json", "report.json"], &[]);
        assert_eq!(ended.code, Some(0), "{ended}");
        let report = report(&ended, "report.json");
        let id =
            |rule: &Value| format!("{} {} {} {}", rule["operation"], rule["place"], rule["keyword"], rule["bound"]);
        rules.push(of_requests(&report).map(id).collect::<Vec<_>>());
    }
    let ended = run(&["--report-json", "report.json"], &[]);
    let whole = of_requests(&report(&ended, "report.json")).count();
    assert!(rules.iter().all(|share| share.len() > 30), "{rules:?}");
    let mut all = rules.concat();
    assert_eq!(all.len(), whole);
    all.sort_unstable();
    all.dedup();
    assert!(all.len() > whole * 9 / 10, "{all:?}");
    let ended = run(&["--min-rules", "100%"], &[]);
    assert!(ended.code == Some(3) && ended.stderr.contains("fewer than --min-rules 100%"), "{ended}");
    assert_eq!(run(&["--min-rules", "80%"], &[]).code, Some(0));
    // The whole is the document's, whatever is selected of it.
    let ended = run(&["--min-rules", "80%", "--only", "query.limit"], &[]);
    assert!(ended.code == Some(3) && ended.stderr.contains("select more"), "{ended}");
}

#[test]
fn what_was_found_is_tested_again_alone() {
    let fault = ["--fault", "GET /pets query.limit:maximum:off"];
    let ended = run(&[&fault[..], &["--report-json", "report.json"]].concat(), &[]);
    assert_eq!(ended.code, Some(1), "{ended}");
    let report = std::fs::read(ended.folder.path.join("report.json")).expect("it is there");
    let again =
        |more: &[&str]| run(&[&["--rerun-findings", "report.json"][..], more].concat(), &[("report.json", &report)]);
    let ended = again(&[]);
    assert!(ended.code == Some(0) && told(&ended) == ["GET /pets: no finding, 1 of 1 rules, 4 requests"], "{ended}");
    let ended = again(&fault);
    assert!(ended.code == Some(1) && ended.stdout.contains("\nFINDING query.limit:maximum:outside "), "{ended}");
    let ended = again(&["--operation", "POST /pets"]);
    assert!(ended.code == Some(2) && ended.stderr.contains("is of none of these operations"), "{ended}");
}

#[test]
fn a_plan_sends_nothing_and_tells_what_would_not_be_sent() {
    let ended = run(&["--dry-run"], &[]);
    assert!(ended.code == Some(0) && ended.stdout.contains("POST /xml: not tested: "), "{ended}");
    let sent = run(&[], &[]);
    let requests = |line: &str| line.rsplit_once(", ").map(|(_, requests)| requests.to_owned());
    for line in told(&sent).into_iter().filter(|line| line.contains(" requests")) {
        let name = line.split_once(": ").expect("a name").0;
        let planned =
            told(&ended).into_iter().find(|other| other.starts_with(&format!("{name}: "))).expect("it is told");
        assert_eq!(requests(planned), requests(line), "{ended}");
    }
    let server = Server::http(|_, _| panic!("nothing is sent"));
    let ended = run(&["--dry-run", "--target", &server.url()], &[]);
    assert!(
        ended.code == Some(0) && ended.stdout.contains("DELETE /pets/{id}: not sent: it takes away things"),
        "{ended}"
    );
}

#[test]
fn a_run_that_was_cut_off_goes_on_where_it_was() {
    let cut = run(&["--journal", "journals", "--max-requests", "60"], &[]);
    assert!(cut.code == Some(0) && cut.stdout.contains("are spent"), "{cut}");
    let journals = cut.folder.path.join("journals");
    let files = || -> Vec<(String, Vec<u8>)> {
        let entries = std::fs::read_dir(&journals).expect("the folder is there");
        let read = |path: &Path| std::fs::read(path).expect("it can be read");
        entries
            .map(|entry| entry.expect("an entry").path())
            .map(|path| (path.display().to_string(), read(&path)))
            .collect()
    };
    assert_eq!(files().len(), 2, "{cut}");
    let again = |more: &[&str]| {
        let journal = journals.display().to_string();
        run(&[&["--journal", &journal][..], more].concat(), &[])
    };
    let ended = again(&[]);
    assert!(ended.code == Some(2) && ended.stderr.contains("go on with the journals in it with --resume"), "{ended}");
    let ended = again(&["--resume"]);
    let whole = run(&[], &[]);
    assert!(ended.code == Some(0) && ended.stdout.contains(" answers taken from "), "{ended}");
    assert_eq!(told(&ended), told(&whole), "{ended}");
    // All of it is told again, and nothing is sent.
    let (before, ended) = (files().len(), again(&["--resume"]));
    assert_eq!((told(&ended), files().len()), (told(&whole), before), "{ended}");
    let ended = run(&["--journal", "pets.yaml"], &[]);
    assert!(ended.code == Some(2) && ended.stderr.contains("are a folder"), "{ended}");
    let ended = run(&["--journal", "none", "--resume"], &[]);
    assert!(ended.code == Some(2) && ended.stderr.contains("no journal to go on with"), "{ended}");
}
