//! Documents of any kind: what `check` says of them, and runs over their operations.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use fencepost::exchange::Request;
use serde_json::Value;

use crate::command::{Ended, fencepost};
use crate::server::{Server, bytes_of, json};

const SHOP: &str = include_str!("../../documents/shop.yaml");

/// Calls the command with a document.
pub(super) fn called(arguments: &[&str], document: &str) -> Ended {
    let command = fencepost(arguments);
    std::fs::write(command.folder.path.join("shop.yaml"), document).expect("a file can be written");
    command.ended()
}

#[test]
fn check_says_what_can_be_tested_and_what_is_wrong() {
    let ended = called(&["check", "shop.yaml"], SHOP);
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(ended.stdout.contains("4 of 5 operations can be tested"), "{ended}");
    assert!(ended.stdout.contains("POST /files: cannot be tested: its body is application/xml"), "{ended}");
    assert!(!ended.stdout.contains("`pattern` is respected"), "{ended}");
    let odd = SHOP.lines().position(|line| line.contains("many")).expect("it is there") + 1;
    assert!(ended.stdout.contains(&format!("line {odd} (")) && ended.stdout.contains("`minLength`"), "{ended}");
    let ended = called(&["check", "shop.yaml", "--json"], SHOP);
    let told: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!((&told["operations"], &told["testable"]), (&5.into(), &4.into()), "{ended}");
    assert!(
        told["rules"].as_u64() > Some(50) && told["remarks"].as_array().is_some_and(|all| all.len() == 1),
        "{ended}"
    );
    let members = ["pointer", "line", "what", "cost"];
    assert!(members.iter().all(|member| told["remarks"][0].get(member).is_some()), "{ended}");
    // The shipped contract is one of them.
    assert_eq!(called(&["check"], "").code, Some(0));
}

#[test]
fn a_document_of_which_nothing_can_be_used_is_told_in_one_line() {
    for (document, why) in [
        ("", "must be a mapping"),
        ("[]", "must be a mapping"),
        ("<html></html>", "must be a mapping"),
        ("openapi: 3.0.0\ninfo: {}\npaths: {}\n", "no operation"),
        (
            "openapi: 3.0.0\npaths: {/a: {post: {requestBody: {required: true, content: {application/xml: {}}}, responses: {}}}}\n",
            "application/xml",
        ),
    ] {
        for command in [&["check", "shop.yaml"][..], &["run", "--contract", "shop.yaml"]] {
            let ended = called(command, document);
            let told = format!("{}{}", ended.stdout, ended.stderr);
            let codes = if command[0] == "check" { [2, 2] } else { [2, 3] };
            assert!(ended.code.is_some_and(|code| codes.contains(&code)) && told.contains(why), "{document}\n{ended}");
            assert_eq!(ended.stderr.lines().count(), 1, "{ended}");
        }
    }
}

#[test]
fn every_operation_of_a_document_is_tested_and_told_in_a_line() {
    let ended = called(&["run", "--contract", "shop.yaml", "--report-json", "report.json"], SHOP);
    assert_eq!(ended.code, Some(0), "{ended}");
    for line in [
        "GET /items: no finding",
        "POST /items: no finding",
        "PUT /items/{id}: no finding",
        "POST /files: not tested: ",
    ] {
        assert!(ended.stdout.lines().any(|other| other.starts_with(line)), "{line}\n{ended}");
    }
    assert!(ended.stdout.contains("4 operations tested, 1 not"), "{ended}");
    let report: Value =
        serde_json::from_slice(&std::fs::read(ended.folder.path.join("report.json")).expect("it is there"))
            .expect("JSON");
    let operations: Vec<&str> =
        report["operations"].as_array().expect("a list").iter().filter_map(|one| one["operation"].as_str()).collect();
    assert_eq!(operations, ["GET /items", "POST /items", "PUT /items/{id}", "DELETE /items/{id}", "POST /files"]);
    assert!(
        report["operations"][4]["baseline"].as_str().is_some_and(|why| why.contains("application/xml")),
        "{report:#}"
    );
    assert_eq!(report["ended"], "complete");
    // What is wrong with the document is told there as `check` tells it, and counted at the end.
    let checked = called(&["check", "shop.yaml", "--json"], SHOP);
    let checked: Value = serde_json::from_str(&checked.stdout).expect("JSON");
    assert_eq!(report["remarks"], checked["remarks"]);
    assert!(ended.stdout.contains("\n1 remark on the document: `fencepost check shop.yaml` tells"), "{ended}");
    let rules = report["rules"].as_array().expect("a list");
    assert!(rules.iter().any(|rule| rule["operation"] == "PUT /items/{id}" && rule["place"] == "body.count"));
}

#[test]
fn operations_are_chosen_by_name_id_or_tag() {
    for (pattern, chosen) in [
        ("GET /items", 1),
        ("get /items", 1),
        ("* /items*", 4),
        ("/items", 2),
        ("listItems", 1),
        ("reading", 1),
        ("*", 5),
    ] {
        let ended = called(&["run", "--contract", "shop.yaml", "--operation", pattern], SHOP);
        let operations = if chosen == 1 { "1 operation ".to_owned() } else { format!("{chosen} operations ") };
        assert!(ended.stdout.contains(&operations) && ended.code == Some(0), "{pattern}\n{ended}");
    }
    let ended = called(&["run", "--contract", "shop.yaml", "--operation", "GET /item"], SHOP);
    assert!(ended.code == Some(2) && ended.stderr.contains("did you mean `GET /items`"), "{ended}");
    let ended = called(&["rules", "--contract", "shop.yaml", "--place", "body.count"], SHOP);
    assert!(ended.code == Some(0) && ended.stdout.contains("\nPUT /items/{id}\nbody.count  "), "{ended}");
    let ended = called(&["rules", "--contract", "shop.yaml", "--place", "body.nothing"], SHOP);
    assert!(ended.code == Some(2) && ended.stderr.contains("no rule stands at `body.nothing`"), "{ended}");
    let ended = called(&["rules", "--contract", "shop.yaml", "--json"], SHOP);
    let rules: Vec<Value> = serde_json::from_str(&ended.stdout).expect("a list");
    assert!(rules.iter().any(|rule| rule["operation"] == "POST /items"), "{ended}");
    let ended = called(&["rules", "--contract", "shop.yaml", "--operation", "PUT *"], SHOP);
    assert!(ended.code == Some(0) && ended.stdout.contains("body.count  "), "{ended}");
    let ended = called(&["run", "--operation", "PUT *"], SHOP);
    assert!(ended.code == Some(2) && ended.stderr.contains("give one with --contract"), "{ended}");
    let restored = ["run", "--contract", "shop.yaml", "--target", "http://127.0.0.1:9", "--restore", "shop.yaml"];
    let ended = called(&restored, SHOP);
    assert!(ended.code == Some(2) && ended.stderr.contains("--restore is about one operation"), "{ended}");
    let nowhere = ["run", "--contract", "shop.yaml", "--target", "http://127.0.0.1:9", "--set", "path.nothing=1"];
    let ended = called(&nowhere, SHOP);
    assert!(ended.code == Some(2) && ended.stderr.contains("path.id"), "{ended}");
}

#[test]
fn a_fault_is_planted_in_the_operation_that_it_is_of() {
    let ended = called(&["serve", "--contract", "shop.yaml", "--list-faults"], SHOP);
    let listed: Vec<Vec<&str>> = ended.stdout.lines().map(|line| line.split('\t').collect()).collect();
    let is_sound = |line: &Vec<&str>| matches!(line[..], [operation, id, found] if id.starts_with(&format!("{operation} ")) && found.starts_with(&format!("found as {operation} ")));
    assert!(ended.code == Some(0) && listed.len() > 20 && listed.iter().all(is_sound), "{ended}");
    let run = |fault: &str| called(&["run", "--contract", "shop.yaml", "--fault", fault], SHOP);
    let id = "PUT /items/{id} body.count:maximum:off";
    assert!(listed.iter().any(|line| line[1] == id), "{ended}");
    let ended = run(id);
    assert!(ended.code == Some(1) && ended.stdout.contains("\n1 finding; "), "{ended}");
    assert!(ended.stdout.contains("PUT /items/{id}: 1 finding"), "{ended}");
    assert!(ended.stdout.contains("\nFINDING body.count:maximum:outside "), "{ended}");
    // Of a fault that one operation alone has, that is not needed.
    let ended = run("path.id:type:off");
    assert!(ended.code == Some(2) && ended.stderr.contains("a fault of 2 operations"), "{ended}");
    let only = ["run", "--contract", "shop.yaml", "--operation", "PUT *", "--fault", "body.count:maximum:off"];
    assert_eq!(called(&only, SHOP).code, Some(1));
    for (fault, hint) in [
        ("PUT /items/{id} body.count:maximum:of", "did you mean `PUT /items/{id} body.count:maximum:off`"),
        ("PUT /items/{it} body.count:maximum:off", "did you mean `PUT /items/{id}`"),
        ("body.count:maximum:of", "did you mean `POST /items body.count:maximum:off`"),
        ("no fault", "no fault is called"),
    ] {
        let ended = run(fault);
        assert!(ended.code == Some(2) && ended.stderr.contains(hint), "{ended}");
    }
}

#[test]
fn a_search_goes_through_the_operations_and_keeps_a_corpus_of_each() {
    let fuzz = |more: &[&str]| called(&[&["fuzz", "--contract", "shop.yaml", "--for", "1m"][..], more].concat(), SHOP);
    let most = ["--max-requests", "600", "--corpus", "corpus"];
    let ended = fuzz(&most);
    assert!(ended.code == Some(0) && ended.stdout.contains("2 operations searched, 3 not"), "{ended}");
    assert!(ended.stdout.contains("GET /items: not searched: "), "{ended}");
    for operation in ["POST.items", "PUT.items.{id}"] {
        assert!(ended.folder.path.join("corpus").join(operation).is_dir(), "{operation}\n{ended}");
    }
    let fault = "PUT /items/{id} body.count:maximum:crash";
    let ended = fuzz(&[&most[..], &["--fault", fault]].concat());
    assert!(ended.code == Some(1) && ended.stdout.contains("FINDING body.count:maximum:outside "), "{ended}");
    assert_eq!(ended.stdout.matches("FINDING ").count(), 1, "{ended}");
    // What a service of an open contract takes or refuses a run finds out, by contrast.
    let ended = fuzz(&[&most[..], &["--fault", "PUT /items/{id} body.count:maximum:off"]].concat());
    assert!(ended.code == Some(0) && !ended.stdout.contains("FINDING"), "{ended}");
    let ended = fuzz(&["--operation", "GET *"]);
    assert!(ended.code == Some(3) && ended.stderr.contains("nothing was searched"), "{ended}");
}

#[test]
fn nothing_is_changed_or_taken_away_that_nobody_named() {
    let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
    let server = Server::http({
        let requests = requests.clone();
        move |request, _| {
            requests.lock().expect("no thread panics").push(request.clone());
            let status = if request.path.starts_with("/api/v2/items") { 200 } else { 404 };
            Some(bytes_of(request, &json(status, "[]")))
        }
    });
    let seen = || std::mem::take(&mut *requests.lock().expect("no thread panics"));
    let target = server.url();
    let run = |more: &[&str]| called(&[&["run", "--contract", "shop.yaml", "--target", &target], more].concat(), SHOP);
    let ended = run(&[]);
    let line = |name: &str, ended: &Ended| {
        ended.stdout.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}\n{ended}")).to_owned()
    };
    for (name, what) in [("PUT /items/{id}", "changes"), ("DELETE /items/{id}", "takes away")] {
        let line = line(name, &ended);
        assert!(line.contains(what) && line.contains("--set path.id=VALUE"), "{line}");
    }
    let sent = seen();
    assert!(sent.iter().all(|request| !matches!(request.method.as_str(), "PUT" | "DELETE")));
    // The document's own base path goes before each path.
    assert!(!sent.is_empty() && sent.iter().all(|request| request.path.starts_with("/api/v2/")));
    assert!(ended.stdout.contains("that create or change things were accepted"), "{ended}");
    run(&["--set", "path.id=12", "--may", "delete"]);
    let sent = seen();
    assert!(sent.iter().any(|request| request.method == "DELETE" && request.path == "/api/v2/items/12"));
    assert!(sent.iter().any(|request| request.method == "PUT"));
}

#[test]
fn what_a_run_may_take_is_of_all_operations_together() {
    let ended =
        called(&["run", "--contract", "shop.yaml", "--max-requests", "20", "--report-json", "report.json"], SHOP);
    let report = std::fs::read(ended.folder.path.join("report.json")).expect("it is there");
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    assert!(report["requests"].as_u64().is_some_and(|requests| (3..=20).contains(&requests)), "{ended}");
    assert!(
        ended.stdout.contains("PUT /items/{id}: not tested: the requests, or the time, of the run are spent"),
        "{ended}"
    );
    let ended = called(&["run", "--contract", "shop.yaml", "--max-time", "1ms"], SHOP);
    assert!(ended.code == Some(3) && ended.stdout.contains("no operation tested, 5 not"), "{ended}");
}

#[test]
fn a_document_of_one_operation_is_read_as_any_where_it_is_not_kept_to_the_letter() {
    let document = r"openapi: 3.1.0
info: {title: One, version: '1'}
paths:
  /things:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {code: {type: string, pattern: '^[A-Z]$'}}}}}}
      responses: {'200': {description: Done.}}
";
    let ended = called(&["run", "--contract", "shop.yaml"], document);
    assert!(ended.code == Some(0) && ended.stdout.contains("\nPOST /things: no finding, "), "{ended}");
    // What only a contract of this project's own kind has says that it was meant to be one.
    let own = document.replace("pattern: '^[A-Z]$'", "pattern: '^[A-Z]$', x-disputed: a");
    let ended = called(&["run", "--contract", "shop.yaml"], &own);
    assert!(ended.code == Some(2) && ended.stderr.contains("not modelled"), "{ended}");
}

/// A service that takes what a format says, whose document has one operation about one thing.
#[test]
fn a_document_of_one_operation_whose_texts_have_formats_is_read_as_any() {
    let document = r"openapi: 3.0.3
info: {title: One, version: '1'}
paths:
  /things/{id}:
    put:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [owner], additionalProperties: false, properties: {owner: {type: string, format: uuid}}}}}}
      responses: {'200': {description: Done., content: {application/json: {schema: {type: object}}}}, '4XX': {description: No., content: {application/json: {schema: {type: object}}}}}
";
    let paths = Arc::new(Mutex::new(BTreeSet::new()));
    let server = Server::http({
        let paths = paths.clone();
        move |request, _| {
            paths.lock().expect("no thread panics").insert(request.path.clone());
            let is_json = request.header("content-type").is_some_and(|name| name.to_lowercase().contains("json"));
            let body: Value = serde_json::from_slice(request.body.as_deref().unwrap_or_default()).unwrap_or_default();
            let owner = body["owner"].as_str().unwrap_or_default();
            let is_uuid = owner.len() == 36 && owner.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
            let is_legal = is_json && is_uuid && body.as_object().is_some_and(|members| members.len() == 1);
            Some(bytes_of(request, &json(if is_legal { 200 } else { 400 }, "{}")))
        }
    });
    let target = server.url();
    let ended = called(&["run", "--contract", "shop.yaml", "--target", &target, "--task-id", "seven"], document);
    assert!(ended.code == Some(0) && ended.stdout.contains("PUT /things/{id}: no finding, "), "{ended}");
    let paths = paths.lock().expect("no thread panics");
    assert!(paths.contains("/things/seven") && paths.iter().all(|path| path.starts_with("/things/seven")), "{paths:?}");
}
