//! Members whose names look like something else: a finding's id is taken, as it is printed, wherever an id is asked for.

use std::fs;

use serde_json::{Value, json};

use super::report_of;
use crate::command::{Ended, fencepost};

/// A member's name, how its place is printed, and how earlier versions printed it.
const NAMES: [(&str, &str, &str); 4] = [
    ("dc:title", r#"body["dc:title"]"#, "body.dc:title"),
    ("name + nick", r#"body["name + nick"]"#, "body.name + nick"),
    ("a.b[]", r#"body["a.b[]"]"#, "body.a.b[]"),
    ("xml:maxLength", r#"body["xml:maxLength"]"#, "body.xml:maxLength"),
];

fn contract() -> String {
    let answer = json!({"content": {"application/json": {"schema": {"type": "object"}}}});
    let properties: serde_json::Map<String, Value> =
        NAMES.iter().map(|(name, ..)| ((*name).to_owned(), json!({"type": "string", "maxLength": 9}))).collect();
    json!({
        "openapi": "3.1.0",
        "paths": {"/things": {"put": {
            "requestBody": {"required": true, "content": {"application/json": {"schema": {
                "type": "object", "properties": properties,
            }}}},
            "responses": {"200": answer, "4XX": answer},
        }}},
    })
    .to_string()
}

/// Runs the stub of the contract with one fault, in a folder with these files.
fn run(fault: &str, arguments: &[&str], files: &[(&str, &str)]) -> Ended {
    let contract = ["run", "--contract", "names.json", "--report-json", "report.json", "--fault", fault];
    let command = fencepost(&[&contract[..], arguments].concat());
    fs::write(command.folder.path.join("names.json"), self::contract()).expect("a file can be written");
    for (name, text) in files {
        fs::write(command.folder.path.join(name), text).expect("a file can be written");
    }
    command.ended()
}

fn ids(ended: &Ended) -> Vec<String> {
    let report: Value = serde_json::from_str(&report_of(ended)).expect("the report is JSON");
    let findings = report["findings"].as_array().expect("it has findings");
    findings.iter().map(|finding| finding["id"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn an_id_is_taken_as_it_is_printed() {
    for (_, place, old) in NAMES {
        let fault = format!("{place}:maxLength:off");
        let first = run(&fault, &[], &[]).with_code(1);
        let (short, full) = (format!("{place}:maxLength:outside"), format!("PUT /things {place}:maxLength:outside"));
        assert!(first.stdout.contains(&format!("\nFINDING {short} ")), "\n{first}");
        assert_eq!(ids(&first), std::slice::from_ref(&full), "\n{first}");
        let old_id = format!("{old}:maxLength:outside");
        for id in [&short, &full, &old_id] {
            let ended = run(&fault, &["--only", id], &[]).with_code(1);
            assert_eq!(ids(&ended), std::slice::from_ref(&full), "{id}\n{ended}");
            let profile = format!(
                "[profile.mine]\nwaivers = [{{ id = '''{id}''', reason = \"known\", expires = \"2999-12-31\" }}]\n"
            );
            let ended = run(&fault, &["--profile", "mine"], &[("fencepost.toml", &profile)]).with_code(0);
            assert!(ended.stdout.contains(&format!("\nWAIVED {short} ")), "{id}\n{ended}");
        }
        let again = run(&fault, &["--rerun-findings", "first.json"], &[("first.json", &report_of(&first))]);
        assert_eq!(ids(&again.with_code(1)), std::slice::from_ref(&full));
        // As earlier versions wrote it.
        let mut earlier: Value = serde_json::from_str(&report_of(&first)).expect("the report is JSON");
        earlier["schema"] = json!(1);
        earlier["findings"][0]["id"] = json!(old_id);
        earlier["findings"][0]["place"] = json!(old);
        earlier["findings"][0].as_object_mut().expect("it is an object").remove("check");
        let again = run(&fault, &["--rerun-findings", "first.json"], &[("first.json", &earlier.to_string())]);
        assert_eq!(ids(&again.with_code(1)), std::slice::from_ref(&full));
        let full_fault = run(&format!("PUT /things {fault}"), &[], &[]).with_code(1);
        assert_eq!(ids(&full_fault), [full]);
    }
}

#[test]
fn a_finding_that_the_contract_cannot_have_is_told() {
    let report =
        r#"{"schema": 1, "findings": [{"id": "body.gone:type:outside", "place": "body.gone", "keyword": "type"}]}"#;
    let ended = run("body[\"dc:title\"]:type:off", &["--rerun-findings", "first.json"], &[("first.json", report)]);
    ended.with_code(2).complains(&["first.json", "`body.gone:type:outside` is none of this contract"]);
}

#[test]
fn the_rules_of_a_place_are_listed_by_each_of_its_names() {
    for (_, place, old) in NAMES {
        for name in [place, old] {
            let command = fencepost(&["rules", "--contract", "names.json", "--place", name]);
            fs::write(command.folder.path.join("names.json"), contract()).expect("a file can be written");
            let ended = command.ended().with_code(0);
            assert!(ended.stdout.lines().filter(|line| line.starts_with(place)).count() > 3, "{name}\n{ended}");
        }
    }
}
