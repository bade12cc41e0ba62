//! `fencepost promote`: what was found becomes a file, once, or nothing is written at all.

use std::fs;
use std::path::Path;

use fencepost::Contract;
use fencepost::generate::RawChoices;
use fencepost::regression::Regression;

use crate::command::{Ended, Fencepost, fencepost};

const FINDING: &str = r#"{
    "id": "body.sub_tasks[].progress:maximum:outside", "place": "body.sub_tasks[].progress", "keyword": "maximum",
    "side": "outside", "expected": "101: refused with a 4xx", "observed": "accepted with 200", "status": 200,
    "message": "", "curl": "", "response": null,
    "request": {"method": "PUT", "path": "/v3/tasks/1", "headers": [["Content-Type", "application/json"]],
        "body": "{\"sub_tasks\":[{\"progress\":101}]}"}
}"#;

/// A `promote` with these arguments, in a folder with these files and one for regression cases.
fn promote(files: &[(&str, &[u8])], arguments: &[&str]) -> Fencepost {
    let command = fencepost(&[&["promote"][..], arguments].concat());
    let root = &command.folder.path;
    fs::create_dir_all(root.join("tests/regressions")).expect("a folder can be made");
    for (name, bytes) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder can be made");
        fs::write(path, bytes).expect("a file can be written");
    }
    command
}

/// What was written, by name.
fn written(ended: &Ended) -> Vec<(String, String)> {
    let folder = ended.folder.path.join("tests/regressions");
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut files: Vec<(String, String)> = entries
        .map(|entry| {
            let path = entry.expect("the folder can be read").path();
            let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("the file can be read"))
        })
        .collect();
    files.sort();
    files
}

/// Promotes one file, and holds the case's name and some of its lines.
#[track_caller]
fn check(path: &str, bytes: &[u8], arguments: &[&str], name: &str, lines: &[&str]) {
    let ended = promote(&[(path, bytes)], &[&[path][..], arguments].concat()).ended().with_code(0);
    let files = written(&ended);
    let [(found, text)] = &files[..] else { panic!("not one file: {files:?}\n{ended}") };
    assert_eq!(found, name, "\n{ended}");
    assert_eq!(ended.stderr, "", "\n{ended}");
    assert!(ended.stdout.starts_with(&format!("{path} becomes tests/regressions/{name} (")), "\n{ended}");
    let missing: Vec<&&str> = lines.iter().filter(|line| !text.lines().any(|other| other == **line)).collect();
    assert!(missing.is_empty(), "no line {missing:?} in\n{text}");
    let contract = Contract::shipped();
    Regression::from_text(name, text, contract.operation().name()).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn every_kind_of_input_becomes_a_case_that_can_be_read() {
    let progress = "body-refused-sub_tasks-progress-maximum.toml";
    let illegal = r#"body = '{"sub_tasks":[{"progress":101}]}'"#;
    let refused = ["expect = \"refused\"", "breaks = [\"body.sub_tasks[].progress maximum\"]", illegal];
    check("finding.json", FINDING.as_bytes(), &[], progress, &refused);
    let report = format!(r#"{{"schema": 1, "findings": [{FINDING}]}}"#);
    check("report.json", report.as_bytes(), &[], progress, &refused);
    check("fuzz/artifacts/payload/crash-1", br#"{"sub_tasks":[{"progress":101}]}"#, &[], progress, &refused);
    check("body", br#"{"sub_tasks":[{"progress":101}]}"#, &["--as", "payload"], progress, &refused);

    let malformed = [r#"expect = "refused""#, r#"breaks = ["body wellFormed"]"#, r"body_escaped = '{\xff'"];
    check("corpus/payload/a", b"{\xff", &[], "body-refused-body-wellFormed.toml", &malformed);
    let accepted = [r#"expect = "accepted""#, r#"body = "{}""#, r#"choices = """#];
    check("fuzz/corpus/case/a", b"\0\0\0\0", &[], "body-accepted.toml", &accepted);
    check("fuzz/corpus/endpoint/a", b"", &[], "body-accepted.toml", &accepted);
    check("night/1.json", br#"{"violations": 0, "choices": [0, 0]}"#, &[], "body-accepted.toml", &accepted);

    let contract = include_str!("../../../fuzz/seeds/contract/SubTask.yaml");
    let loads = [r#"expect = "accepted""#, r#""openapi": "3.1.0""#];
    check("fuzz/corpus/contract/a", contract.as_bytes(), &[], "contract-accepted.toml", &loads);
    let broken = [r#"expect = "refused""#, r#"contract = "openapi: 3.1.0""#];
    check("a/contract/b", b"openapi: 3.1.0", &[], "contract-refused.toml", &broken);
}

#[test]
fn choices_of_a_search_and_of_a_fuzzer_are_the_same_case() {
    let entry = br#"{"violations": 1, "choices": [3, 1, 4], "features": []}"#;
    let bytes = RawChoices(vec![1, 3, 1, 4]).to_bytes();
    let ended =
        promote(&[("night/1.json", entry), ("case/1", &bytes)], &["night/1.json", "case/1"]).ended().with_code(0);
    let files = written(&ended);
    let [(name, text)] = &files[..] else { panic!("not one file: {files:?}\n{ended}") };
    assert!(text.lines().any(|line| line == r#"choices = "1 3 1 4""#), "{text}");
    assert!(ended.stdout.contains(&format!("case/1 is there already: tests/regressions/{name} (")), "\n{ended}");
}

#[test]
fn what_is_there_already_is_said_and_not_written_again() {
    let files: &[(&str, &[u8])] = &[("payload/a", b"{}"), ("payload/b", b"{}"), ("payload/c", br#"{"name":""}"#)];
    let ended = promote(files, &["payload/a", "payload/b", "payload/c"]).ended().with_code(0);
    let names: Vec<String> = written(&ended).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["body-accepted-2.toml", "body-accepted.toml"], "\n{ended}");
    let said = "payload/a becomes tests/regressions/body-accepted.toml (accepted)\n\
                payload/b is there already: tests/regressions/body-accepted.toml (accepted)\n\
                payload/c becomes tests/regressions/body-accepted-2.toml (accepted)\n";
    assert_eq!(ended.stdout, said);

    // The other way round: the case has another name by now.
    let (_, text) = written(&ended).pop().expect("there is one");
    let files: &[(&str, &[u8])] = &[("payload/a", b"{}"), ("tests/regressions/mine.toml", text.as_bytes())];
    let ended = promote(files, &["payload/a"]).ended().with_code(0);
    assert_eq!(ended.stdout, "payload/a is there already: tests/regressions/mine.toml (accepted)\n", "\n{ended}");
    assert_eq!(written(&ended).len(), 1, "\n{ended}");
}

#[test]
fn one_finding_of_a_report_can_be_picked() {
    let other = FINDING.replace(":101}", ":102}").replace("progress:maximum:outside\"", "progress:minimum:outside\"");
    let full = other.replace("\"id\": \"", "\"id\": \"PUT /v3/tasks/{task_id} ");
    for told in [other, full] {
        let report = format!(r#"{{"findings": [{FINDING}, {told}]}}"#);
        let files: &[(&str, &[u8])] = &[("report.json", report.as_bytes())];
        let id = "body.sub_tasks[].progress:minimum:outside";
        for id in [id, &format!("PUT /v3/tasks/{{task_id}} {id}")] {
            let ended = promote(files, &["report.json", "--finding", id]).ended().with_code(0);
            let written = written(&ended);
            assert_eq!(written.len(), 1, "\n{ended}");
            assert!(written[0].1.contains("102"), "{written:?}");
        }
    }
}

/// Promotes a good body and something bad, and holds that one line says what is wrong and nothing is written.
#[track_caller]
fn check_refused(files: &[(&str, &[u8])], arguments: &[&str], words: &[&str]) {
    let good: (&str, &[u8]) = ("payload/good", b"{}");
    let ended = promote(&[files, &[good]].concat(), &[arguments, &["payload/good"]].concat()).ended().with_code(2);
    assert_eq!((ended.stdout.as_str(), ended.stderr.lines().count()), ("", 1), "\n{ended}");
    let missing: Vec<&&str> = words.iter().filter(|word| !ended.stderr.contains(**word)).collect();
    assert!(missing.is_empty(), "not said: {missing:?}\n{ended}");
    let given = files.iter().filter(|(name, _)| Path::new(name).starts_with("tests")).count();
    assert_eq!(written(&ended).len(), given, "something was written\n{ended}");
}

#[test]
fn bad_input_is_one_line_and_writes_nothing() {
    let finding = |from: &str, to: &str| {
        assert!(FINDING.contains(from));
        FINDING.replace(from, to)
    };
    check_refused(&[], &["nowhere"], &["fencepost: nowhere: cannot be promoted (it cannot be read: "]);
    check_refused(&[], &["payload"], &["fencepost: payload: cannot be promoted (it cannot be read: "]);
    check_refused(
        &[("a.bin", b"?")],
        &["a.bin"],
        &["a.bin: cannot be promoted", "say --as contract, payload, case or finding"],
    );
    check_refused(&[("contract/a", b"\xff")], &["contract/a"], &["it is no UTF-8"]);
    check_refused(&[("a.json", b"[1]")], &["a.json", "--as", "finding"], &["neither a report nor a finding"]);
    check_refused(&[("a.json", b"{")], &["a.json", "--as", "finding"], &["it is no JSON"]);
    check_refused(&[("case/a.json", b"{\"choices\": [1, ")], &["case/a.json"], &["no JSON object with `choices`"]);
    check_refused(&[("a.json", b"{\"choices\": [70000]}")], &["a.json"], &["its `choices` cannot be read"]);
    let many = b"{\"choices\": [], \"violations\": -1}";
    check_refused(&[("a.json", many)], &["a.json"], &["its `violations` cannot be read"]);
    check_refused(&[("a.json", b"{\"findings\": []}")], &["a.json"], &["a report without findings"]);
    check_refused(
        &[("a.json", b"{\"findings\": [{}]}")],
        &["a.json"],
        &["a finding in it cannot be read: missing field"],
    );
    let sideways = finding(":outside\"", ":sideways\"");
    check_refused(
        &[("a.json", sideways.as_bytes())],
        &["a.json"],
        &[
            "maximum:sideways` is no finding of PUT /v3/tasks/{task_id}: `sideways` is no side; it is inside or outside; name the contract",
        ],
    );
    let legal = finding(":101}", ":100}");
    check_refused(&[("a.json", legal.as_bytes())], &["a.json"], &["found with another contract"]);
    let cut = finding(":101}", ":101... (99999 bytes in all)");
    let cut = cut.replace("]}\"}", "\"}");
    check_refused(&[("a.json", cut.as_bytes())], &["a.json"], &["only in part", "--as payload"]);
    let lossy = finding(":101}", ":101,\u{fffd}}");
    check_refused(&[("a.json", lossy.as_bytes())], &["a.json"], &["only in part"]);
    check_refused(
        &[("a.json", FINDING.as_bytes())],
        &["a.json", "--finding", "body.x:maximum:outside"],
        &["no finding is called `body.x:maximum:outside` in these files"],
    );
    let foreign: &[u8] = b"this = 'is'\nno = 'case'\n";
    check_refused(
        &[("tests/regressions/a.toml", foreign)],
        &[],
        &["a.toml: is no regression case (unknown field `no`, expected one of `from`"],
    );
    let other = b"from = 'me'\nexpect = 'refused'\nbody = '{}'\n";
    check_refused(
        &[("tests/regressions/a.toml", other)],
        &[],
        &["a.toml has the same input and expects refused, not accepted"],
    );
}

#[test]
fn without_a_folder_of_cases_it_is_told_where_to_run() {
    let ended = promote(&[("payload/a", b"{}")], &["payload/a", "--into", "elsewhere"]).ended().with_code(2);
    assert!(
        ended.stderr.starts_with("fencepost: elsewhere: regression cases cannot be read or written there ("),
        "\n{ended}"
    );
    assert!(ended.stderr.contains("--into"), "\n{ended}");
}

#[test]
fn what_was_found_with_another_contract_is_judged_by_it() {
    let other =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts/small.yaml")).expect("it is there");
    let expected = |arguments: &[&str]| {
        let files: [(&str, &[u8]); 2] = [("other.yaml", &other), ("payload/one", b"{}")];
        let ended = promote(&files, &[&["payload/one"], arguments].concat()).ended().with_code(0);
        let (_, text) = written(&ended).pop().expect("a case is written");
        text.lines().find(|line| line.starts_with("expect")).expect("it expects something").to_owned()
    };
    assert_eq!(expected(&[]), "expect = \"accepted\"");
    assert_eq!(expected(&["--contract", "other.yaml"]), "expect = \"refused\"");
}
