//! Credentials by the security schemes of a document: they go out where it says, and are shown nowhere.

use std::fs;
use std::sync::{Arc, Mutex};

use fencepost::exchange::Request;

use super::{Ended, Fencepost, fencepost};
use crate::server::{Server, bytes_of, json};

const SECURED: &str = include_str!("../../documents/secured.yaml");
const CANARIES: [(&str, &str); 5] = [
    ("KEY", "canary-of-a-key"),
    ("QUERY", "canary of a query"),
    ("COOKIE", "canary-of-a-cookie"),
    ("LOGIN", "somebody:canary-of-a-password"),
    ("TOKEN", "canary-of-a-token"),
];
const GIVEN: [&str; 10] = [
    "--credential",
    "key=KEY",
    "--credential",
    "query=QUERY",
    "--credential",
    "cookie=COOKIE",
    "--credential",
    "basic=LOGIN",
    "--credential",
    "bearer=TOKEN",
];

/// A run over the document against a server that answers so; what it was asked.
fn ran(arguments: &[&str], answer: impl Fn(&Request) -> u16 + Send + Sync + 'static) -> (Ended, Vec<Request>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let sink = heard.clone();
    let server = Server::http(move |request, _| {
        sink.lock().expect("nobody panicked").push(request.clone());
        // It repeats the path that it was asked for.
        Some(bytes_of(request, &json(answer(request), &serde_json::json!({ "path": request.path }).to_string())))
    });
    let url = server.url();
    let basics = ["run", "--contract", "secured.yaml", "--target", &url, "--report-json", "report.json"];
    let ended = with_canaries(&[&basics[..], arguments].concat()).ended();
    drop(server);
    let heard = heard.lock().expect("nobody panicked").clone();
    (ended, heard)
}

fn with_canaries(arguments: &[&str]) -> Fencepost {
    let mut command = fencepost(arguments);
    command.command.envs(CANARIES);
    fs::write(command.folder.path.join("secured.yaml"), SECURED).expect("a file can be written");
    command
}

/// Holds that no secret is shown in any form that it goes out in.
#[track_caller]
fn check_hidden(ended: &Ended) {
    let report = fs::read_to_string(ended.folder.path.join("report.json")).expect("it is there");
    for said in [&ended.stdout, &ended.stderr, &report] {
        for secret in ["canary", "c29tZWJvZHk6Y2FuYXJ5"] {
            assert!(!said.contains(secret), "{secret}\n{report}\n{ended}");
        }
    }
}

#[test]
fn credentials_go_out_where_the_document_says_and_are_shown_nowhere() {
    // A service that lets everybody in: each operation that demands somebody is a finding.
    let (ended, heard) = ran(&GIVEN, |_| 200);
    check_hidden(&ended);
    let ended = ended.with_code(1);
    for (path, name, value) in [
        ("/by-key", "x-key", "canary-of-a-key"),
        ("/by-cookie", "cookie", "session=canary-of-a-cookie"),
        ("/by-password", "authorization", "Basic c29tZWJvZHk6Y2FuYXJ5LW9mLWEtcGFzc3dvcmQ="),
        ("/by-token", "authorization", "Bearer canary-of-a-token"),
    ] {
        let is_it = |request: &&Request| request.path == path && request.header(name) == Some(value);
        assert!(heard.iter().any(|request| is_it(&request)), "{path}\n{heard:#?}");
    }
    let coded = "/by-query?key%5B%5D=canary%20of%20a%20query";
    assert!(heard.iter().any(|request| request.path == coded), "{heard:#?}");
    for place in ["header.X-Key", "query[\"key[]\"]", "cookie.session", "header.Authorization"] {
        assert!(ended.stdout.contains(&format!("FINDING {place}:security:outside")), "{place}\n{ended}");
    }
    // What is found of anything else names the variables.
    let (ended, _) = ran(&GIVEN, |request| if request.path.contains("fencepost=1") { 500 } else { 200 });
    check_hidden(&ended);
    for shown in
        ["x-key: ${KEY}", "key%5B%5D=${QUERY_ENCODED}", "session=${COOKIE}", "Basic ${LOGIN_BASE64}", "Bearer ${TOKEN}"]
    {
        assert!(ended.stdout.contains(shown), "{shown}\n{ended}");
    }
}

#[test]
fn a_service_that_knows_its_callers_is_clean() {
    let (ended, _) = ran(&[&GIVEN[..2], &["--operation", "/by-key"]].concat(), |request| {
        if request.header("x-key") == Some("canary-of-a-key") { 200 } else { 401 }
    });
    check_hidden(&ended);
    assert!(ended.stdout.contains("GET /by-key: no finding") && ended.code == Some(0), "{ended}");
}

#[test]
fn who_is_missing_is_told_with_the_option() {
    let (ended, _) = ran(&[], |_| 401);
    for line in [
        "GET /by-key: not tested: the target refused every legal request",
        "--credential key=VAR (a variable that holds the credential)",
        "--credential key=VAR --credential query=VAR, or --credential key=VAR",
    ] {
        assert!(ended.stdout.contains(line), "{line}\n{ended}");
    }
    let (ended, _) = ran(&GIVEN[..2], |_| 401);
    assert!(ended.stdout.contains("the credential of `key` is refused; give one that is valid here"), "{ended}");
    check_hidden(&ended);
}

#[test]
fn what_is_wrong_with_a_credential_is_told_before_anything_is_sent() {
    for (given, words) in [
        (
            &["--credential", "keyy=KEY"][..],
            &["has no security scheme `keyy` (did you mean `key`?)", "it has key, query"][..],
        ),
        (&["--credential", "key=NOTHING"], &["`NOTHING` is not set or empty", "--credential key=VAR"]),
        (&["--credential", "basic=TOKEN"], &["`TOKEN`, the credential of `basic`, is no user and password"]),
        (&["--credential", "cookie=QUERY"], &["`QUERY`, the credential of `cookie`, has characters"]),
        (&["--operation", "nothing"], &["no operation is `nothing`"]),
    ] {
        let (ended, heard) = ran(given, |_| 200);
        assert_eq!(heard, [], "{ended}");
        ended.with_code(2).complains(words);
    }
    let ended = with_canaries(&["run", "--credential", "key=canary-of-a-key"]).ended().with_code(2);
    assert!(ended.stderr.contains("SCHEME=VAR") && !ended.stderr.contains("canary"), "{ended}");
    with_canaries(&["run", "--credential", "key=KEY"])
        .ended()
        .with_code(2)
        .complains(&["--credential is about a target"]);
}

#[test]
fn a_scheme_that_nobody_demands_is_told() {
    let (ended, _) = ran(&["--credential", "flow=TOKEN", "--operation", "/by-key"], |_| 200);
    assert!(ended.stdout.contains("--credential flow: no operation demands it"), "{ended}");
}

#[test]
fn a_profile_names_the_variables() {
    let server = Server::http(|request, _| {
        let status = if request.header("x-key") == Some("canary-of-a-key") { 200 } else { 401 };
        Some(bytes_of(request, &json(status, "{}")))
    });
    let profile = |keys: &str| format!("[profile.here]\nurl = \"{}\"\ncredentials = {{ {keys} }}\n", server.url());
    let called = |arguments: &[&str], keys: &str| {
        let command = with_canaries(arguments);
        fs::write(command.folder.path.join("fencepost.toml"), profile(keys)).expect("a file can be written");
        command.ended()
    };
    let run = ["run", "--contract", "secured.yaml", "--profile", "here", "--operation", "/by-key"];
    let ended = called(&run, "schemes = { key = \"KEY\" }").with_code(0);
    assert!(ended.stdout.contains("GET /by-key: no finding"), "{ended}");
    let ended = called(&["profile", "show", "here"], "schemes = { key = \"KEY\" }").with_code(0);
    let line = ended.stdout.lines().find(|line| line.starts_with("credentials.schemes.key")).unwrap_or_default();
    assert!(line.contains(" KEY ") && !ended.stdout.contains("made up"), "{ended}");
    let both = "schemes = { key = \"KEY\" }, token_env = \"TOKEN\"";
    called(&run, both).with_code(2).complains(&["credentials", "are several"]);
}
