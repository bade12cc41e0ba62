//! `fencepost run` on the embedded stub: what a person reads, sound and with a fault; and what goes out to a target.

use std::sync::mpsc::channel;

use fencepost::Contract;
use fencepost::exchange::Request;
use fencepost::rule::rules;

use crate::command::{Ended, LIMIT, fencepost};
use crate::server::{Server, bytes_of, json};

/// The last line, with the time taken out: it differs from run to run.
#[track_caller]
fn closing_line(ended: &Ended) -> String {
    let line = ended.stdout.lines().last().unwrap_or_default();
    let (before, seconds) = line.rsplit_once(" requests in ").unwrap_or_else(|| panic!("no closing line\n{ended}"));
    let seconds = seconds.strip_suffix(" s").and_then(|seconds| seconds.parse::<f64>().ok());
    assert!(seconds.is_some(), "no time\n{ended}");
    format!("{before} requests in [time] s")
}

/// What stands between a finding's line and the next empty one, itself included.
#[track_caller]
fn block(ended: &Ended, id: &str) -> String {
    let mut blocks = ended.stdout.split("\n\n").filter(|block| {
        let head = block.lines().next().and_then(|head| head.strip_prefix("FINDING "));
        head.is_some_and(|head| head == id || head.starts_with(&format!("{id}   ")))
    });
    blocks.next().unwrap_or_else(|| panic!("no finding {id}\n{ended}")).to_owned()
}

#[test]
fn a_sound_target_gets_a_closing_line_and_no_finding() {
    let ended = fencepost(&["run"]).ended().with_code(0);
    let contract = Contract::shipped();
    let all = rules(contract.operation());
    let firm = all.iter().filter(|rule| rule.standing.is_firm()).count();

    let closing = closing_line(&ended);
    let wanted = format!(
        "no finding; {firm} of {firm} firm rules have a verdict, {} disputed rules are recorded; ",
        all.len() - firm
    );
    assert!(closing.starts_with(&wanted), "wanted {wanted}\n{ended}");
    assert!(ended.stdout.starts_with("testing embedded stub: PUT /v3/tasks/{task_id} of "), "\n{ended}");
    assert!(!ended.stdout.contains("FINDING"), "\n{ended}");
    assert_eq!(ended.stderr, "", "\n{ended}");
}

#[test]
fn the_summary_has_a_line_for_every_table_and_the_full_matrix_every_rule() {
    let contract = Contract::shipped();
    let all = rules(contract.operation());
    let short = fencepost(&["run"]).ended().with_code(0);
    let full = fencepost(&["run", "--full"]).ended().with_code(0);
    for rule in &all {
        let row = short.stdout.lines().find(|line| line.starts_with(&format!("{}  ", rule.source)));
        assert!(row.is_some(), "no row for {}\n{short}", rule.source);
        assert!(full.stdout.contains(&format!("\n{}\n", rule.place)), "{} is not in the matrix\n{full}", rule.place);
    }
    let shown = full.stdout.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")).count();
    assert_eq!(shown, all.len(), "lines of rules\n{full}");
}

#[track_caller]
fn check_fault(fault: &str, finding: &str) {
    let ended = fencepost(&["run", "--timeout", "1s", "--fault", fault]).ended().with_code(1);
    assert!(closing_line(&ended).starts_with("1 finding; "), "{fault}\n{ended}");
    let block = block(&ended, finding);
    for label in ["  expected  ", "  observed  ", "  sent      ", "  answer    ", "  repeat    curl "] {
        let line = block.lines().find_map(|line| line.strip_prefix(label));
        assert!(line.is_some_and(|rest| !rest.trim().is_empty()), "{fault}: no `{label}`\n{ended}");
    }
    let curl = block.lines().last().unwrap_or_default();
    assert!(curl.contains("\"$FENCEPOST_TARGET/v3/tasks/"), "{fault}: {curl}\n{ended}");
    assert!(!curl.contains("127.0.0.1"), "{fault}: the curl line names this run's address\n{ended}");
    assert_eq!(ended.stderr, "", "\n{ended}");
}

#[test]
fn a_finding_is_told_with_what_was_expected_and_seen_and_how_to_repeat_it() {
    check_fault("body.name:maxLength:off", "body.name:maxLength:outside");
    check_fault("body.sub_tasks[].progress:required:off", "body.sub_tasks[].progress:required:outside");
    check_fault("body.enterprise_project_id:minLength:too-strict", "body.enterprise_project_id:minLength:inside");
    check_fault("path.task_id:maxLength:off", "path.task_id:maxLength:outside");
    check_fault("header.X-Auth-Token:maxLength:too-strict", "header.X-Auth-Token:maxLength:inside");
    check_fault("response.refusal:status:off", "response.refusal:status:outside");
    check_fault("response.success:secret:off", "response.success:secret:inside");
    check_fault("response.success:timeout:off", "response.success:timeout:inside");
    check_fault("response.success:connection:off", "response.success:connection:inside");
}

#[test]
fn two_faults_are_two_findings() {
    let faults = ["--fault", "body.name:maxLength:off", "--fault", "body.clone_server.vm_id:type:crash"];
    let ended = fencepost(&[&["run"], &faults[..]].concat()).ended().with_code(1);
    assert!(closing_line(&ended).starts_with("2 findings; "), "\n{ended}");
    block(&ended, "body.name:maxLength:outside");
    block(&ended, "body.clone_server.vm_id:type:outside");
}

#[test]
fn a_finding_looks_like_this() {
    let ended = fencepost(&["run", "--fault", "body.sub_tasks[].progress:maximum:off-by-one"]).ended().with_code(1);
    insta::assert_snapshot!(block(&ended, "body.sub_tasks[].progress:maximum:outside"), @r#"
    FINDING body.sub_tasks[].progress:maximum:outside   Table 16: maximum 100
      expected  the number 101: refused with a 4xx
      observed  accepted with 200
      sent      PUT /v3/tasks/ef3b9722-07a0-40ae-89b0-889ee96dfc56 {"sub_tasks":[{"progress":101}]}
      answer    200 1dcbf9f2-9f2a-4df5-88dc-27a5614a1187
      repeat    curl -sS -A '' -X PUT "$FENCEPOST_TARGET/v3/tasks/ef3b9722-07a0-40ae-89b0-889ee96dfc56" -H 'content-type: application/json' -H 'x-auth-token: made-up-9e3779b97f4a7c15-value' --data-binary '{"sub_tasks":[{"progress":101}]}'
    "#);
}

/// The first probe of a run with these arguments.
#[track_caller]
fn first_request(arguments: &[&str]) -> Request {
    let (sender, receiver) = channel();
    let server = Server::http(move |request, _| {
        if request.method == "PUT" {
            // Only the first is waited for.
            let _ = sender.send(request.clone());
        }
        Some(bytes_of(request, &json(401, r#"{"error_code":"APIG.0301","error_msg":"no"}"#)))
    });
    let url = server.url();
    let ended = fencepost(&[&["run", "--target", &url][..], arguments].concat()).ended().with_code(3);
    receiver.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("nothing was sent\n{ended}"))
}

#[test]
fn what_the_user_says_goes_out_with_every_request() {
    let request = first_request(&["--task-id", "a/b c?é", "--header", "X-Project:  p 1 ", "--header", "X-Other: 2"]);
    assert_eq!(request.method, "PUT", "{request:?}");
    assert_eq!(request.path, "/v3/tasks/a%2Fb%20c%3F%C3%A9", "{request:?}");
    assert_eq!(request.header("x-project"), Some("p 1"), "{request:?}");
    assert_eq!(request.header("x-other"), Some("2"), "{request:?}");
    assert_eq!(request.header("content-type"), Some("application/json"), "{request:?}");
}

#[test]
fn the_seed_varies_what_is_made_up_and_nothing_else() {
    let token = |request: &Request| request.header("X-Auth-Token").map(str::to_owned);
    let [one, same, other] = ["1", "1", "2"].map(|seed| first_request(&["--seed", seed]));
    assert!(token(&one).is_some(), "{one:?}");
    assert_eq!(token(&one), token(&same));
    assert_ne!(token(&one), token(&other));
    assert_eq!((one.path, one.body), (other.path, other.body));
}

#[test]
fn a_target_of_plain_http_is_tested_on_a_machine_without_certificates() {
    let mut run = fencepost(&["run"]);
    run.command.env("SSL_CERT_FILE", "none").env("SSL_CERT_DIR", "none");
    run.ended().with_code(0);
}

#[test]
fn a_path_before_the_contracts_own_is_kept() {
    let (sender, receiver) = channel();
    let server = Server::http(move |request, _| {
        let _ = sender.send(request.path.clone());
        Some(bytes_of(request, &json(403, "{}")))
    });
    for base in ["/gateway/sms", "/gateway/sms/"] {
        let ended = fencepost(&["run", "--target", &format!("{}{base}", server.url())]).ended().with_code(3);
        let path = receiver.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("nothing was sent\n{ended}"));
        assert!(path.starts_with("/gateway/sms/v3/tasks/"), "{path}\n{ended}");
        while receiver.try_recv().is_ok() {}
    }
}
