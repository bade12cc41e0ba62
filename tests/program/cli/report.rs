//! The report file: its members are an interface, and the same run writes the same report.

use std::fmt::Write as _;

use serde_json::Value;

use super::report_of;
use crate::command::fencepost;
use crate::conforming::conforming;
use crate::server::{Server, bytes_of, json};

const WORDS: [&str; 6] = ["enforced", "not enforced", "too strict", "crashes", "inconclusive", "untested"];

/// Runs the embedded stub, and returns the report.
#[track_caller]
fn report(code: i32, arguments: &[&str]) -> String {
    let ended = fencepost(&[&["run", "--report-json", "report.json"][..], arguments].concat()).ended().with_code(code);
    assert_eq!(ended.folder.files(), ["report.json"], "other files are left behind\n{ended}");
    report_of(&ended)
}

/// Collects what is wrong with a document, so that one test tells all of it.
#[derive(Default)]
struct Complaints(String);

impl Complaints {
    fn members(&mut self, place: &str, value: &Value, wanted: &[&str]) {
        let found: Vec<&str> =
            value.as_object().into_iter().flat_map(|members| members.keys()).map(String::as_str).collect();
        if found != wanted {
            let _ = writeln!(self.0, "{place} has the members {found:?}, not {wanted:?}");
        }
    }

    fn member(&mut self, place: &str, value: &Value, member: &str, kind: &str, right: impl Fn(&Value) -> bool) {
        if !right(&value[member]) {
            let _ = writeln!(self.0, "{place}.{member} is {}, not {kind}", value[member]);
        }
    }

    fn texts(&mut self, place: &str, value: &Value, members: &[&str]) {
        for member in members {
            self.member(place, value, member, "text that is not empty", |value| {
                value.as_str().is_some_and(|text| !text.is_empty())
            });
        }
    }

    #[track_caller]
    fn none(self) {
        assert!(self.0.is_empty(), "{}", self.0);
    }
}

/// What the shipped contract is about.
const OPERATION: &str = "PUT /v3/tasks/{task_id}";

fn is_word_or_null(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|word| WORDS.contains(&word))
}

fn check_rule(complaints: &mut Complaints, place: &str, rule: &Value) {
    let members = ["operation", "place", "keyword", "bound", "source", "standing", "reason", "inside", "outside"];
    complaints.members(place, rule, &members);
    complaints.texts(place, rule, &["place", "keyword", "source"]);
    complaints.member(place, rule, "operation", "the operation", |operation| operation == OPERATION);
    complaints.member(place, rule, "inside", "a status or null", is_word_or_null);
    complaints.member(place, rule, "outside", "a status or null", is_word_or_null);
    let disputed = rule["standing"] == "disputed";
    complaints.member(place, rule, "standing", "firm or disputed", |standing| disputed || standing == "firm");
    let open =
        ["inside", "outside"].iter().any(|side| ["untested", "inconclusive"].iter().any(|word| rule[*side] == *word));
    let wanted = "the reason of a dispute or of a side without a verdict, and only there";
    complaints.member(place, rule, "reason", wanted, |reason| {
        if disputed || open { reason.as_str().is_some_and(|reason| !reason.is_empty()) } else { reason.is_null() }
    });
}

fn check_finding(complaints: &mut Complaints, place: &str, finding: &Value) {
    let members = [
        "id",
        "cause",
        "operation",
        "place",
        "keyword",
        "side",
        "expected",
        "observed",
        "status",
        "message",
        "curl",
        "request",
        "response",
        "steps",
        "check",
    ];
    complaints.members(place, finding, &members);
    complaints.member(place, finding, "cause", "text or null", |cause| cause.is_null() || cause.is_string());
    complaints.member(place, finding, "operation", "the operation", |operation| operation == OPERATION);
    complaints.member(place, finding, "steps", "a list", Value::is_array);
    complaints.texts(place, finding, &["id", "place", "keyword", "expected", "observed", "message", "curl", "check"]);
    complaints.member(place, finding, "side", "a side", |side| side == "inside" || side == "outside");
    let parts = ["place", "keyword", "side"].map(|part| finding[part].as_str().unwrap_or_default());
    complaints.member(place, finding, "id", "operation place:keyword:side", |id| {
        *id == format!("{OPERATION} {}", parts.join(":"))
    });
    complaints.member(place, finding, "curl", "a line for the shell", |curl| {
        curl.as_str().is_some_and(|curl| curl.contains("curl -sS ") && curl.contains("$FENCEPOST_TARGET"))
    });

    let (request, response) = (&finding["request"], &finding["response"]);
    complaints.members(&format!("{place}.request"), request, &["method", "path", "headers", "body"]);
    complaints.texts(&format!("{place}.request"), request, &["method", "path"]);
    complaints.member(place, request, "body", "text or null", |body| body.is_string() || body.is_null());
    complaints.member(place, request, "headers", "a list of pairs of text", |headers| {
        let pair =
            |pair: &Value| pair.as_array().is_some_and(|pair| pair.len() == 2 && pair.iter().all(Value::is_string));
        headers.as_array().is_some_and(|headers| !headers.is_empty() && headers.iter().all(pair))
    });
    complaints.member(place, finding, "status", "the response's", |status| *status == response["status"]);
    if !response.is_null() {
        complaints.members(&format!("{place}.response"), response, &["status", "content_type", "body"]);
        complaints.member(place, response, "status", "a status", |status| {
            status.as_u64().is_some_and(|status| (100..1000).contains(&status))
        });
        complaints.member(place, response, "content_type", "text or null", |text| text.is_string() || text.is_null());
        complaints.member(place, response, "body", "text", Value::is_string);
    }
}

#[track_caller]
fn check_report(text: &str, ids: &[&str]) {
    let report: Value = serde_json::from_str(text).expect("the report is JSON");
    let mut complaints = Complaints::default();
    let members = [
        "schema",
        "version",
        "target",
        "contract",
        "profile",
        "seed",
        "ended",
        "requests",
        "operations",
        "rules",
        "findings",
        "causes",
        "remarks",
        "waived",
        "timing",
    ];
    complaints.members("report", &report, &members);
    complaints.member("report", &report, "schema", "2", |schema| *schema == 2);
    complaints.member("report", &report, "version", "the crate's", |version| version == env!("CARGO_PKG_VERSION"));
    complaints.member("report", &report, "profile", "null", Value::is_null);
    complaints.member("report", &report, "ended", "complete", |ended| ended == "complete");
    for list in ["causes", "remarks", "waived"] {
        complaints.member("report", &report, list, "a list", Value::is_array);
    }
    let operations = serde_json::json!([{
        "operation": OPERATION,
        "baseline": "accepted",
        "rules": report["rules"].as_array().map(Vec::len),
        "requests": report["requests"],
    }]);
    complaints.member("report", &report, "operations", "the one that was tested", |found| *found == operations);
    complaints.member("report", &report, "seed", "0", |seed| *seed == 0);
    complaints.member("report", &report, "requests", "a count", |count| count.as_u64().is_some_and(|count| count > 0));
    complaints.texts("report", &report, &["target", "contract"]);
    complaints.members("timing", &report["timing"], &["start", "end", "seconds", "requests_per_second"]);
    for member in ["start", "end"] {
        complaints.member("timing", &report["timing"], member, "a time in UTC", |time| {
            time.as_str().is_some_and(|time| time.ends_with('Z') && time.parse::<jiff::Timestamp>().is_ok())
        });
    }
    for (number, rule) in report["rules"].as_array().into_iter().flatten().enumerate() {
        check_rule(&mut complaints, &format!("rules[{number}]"), rule);
    }
    for (number, finding) in report["findings"].as_array().into_iter().flatten().enumerate() {
        check_finding(&mut complaints, &format!("findings[{number}]"), finding);
    }
    complaints.none();
    let found: Vec<&Value> =
        report["findings"].as_array().into_iter().flatten().map(|finding| &finding["id"]).collect();
    let wanted: Vec<Value> = ids.iter().map(|id| format!("{OPERATION} {id}").into()).collect();
    let wanted: Vec<&Value> = wanted.iter().collect();
    assert_eq!(found, wanted, "the findings");
    assert!(report["rules"].as_array().is_some_and(|rules| rules.len() > 1000), "the rules");
    assert!(text.ends_with("}\n"), "no line feed at the end");
}

/// A finding of each kind: a value, a parameter, a crash, an answer, none at all, two values together.
const FAULTS: [(&str, &str); 6] = [
    ("body.name:maxLength:off", "body.name:maxLength:outside"),
    ("path.task_id:maxLength:off", "path.task_id:maxLength:outside"),
    ("body.sub_tasks[].progress:type:crash", "body.sub_tasks[].progress:type:outside"),
    ("response.refusal:mediaType:off", "response.refusal:mediaType:outside"),
    ("response.refusal:connection:off", "response.refusal:connection:outside"),
    ("body:wellFormed:crash", "body:wellFormed:outside"),
];

#[test]
fn the_report_of_a_sound_target_has_the_documented_members() {
    check_report(&report(0, &[]), &[]);
}

#[test]
fn the_report_of_every_kind_of_finding_has_the_documented_members() {
    for (fault, id) in FAULTS {
        check_report(&report(1, &["--fault", fault]), &[id]);
    }
}

#[test]
fn the_report_names_what_was_tested() {
    let server = conforming(|request, answer, _| Some(bytes_of(request, &answer)));
    let text = report(0, &["--target", &server.url(), "--seed", "7"]);
    let report: Value = serde_json::from_str(&text).expect("the report is JSON");
    assert_eq!(report["target"], server.url(), "{text}");
    assert_eq!(report["contract"], "update-migration-task.yaml", "{text}");
    assert_eq!(report["seed"], 7, "{text}");
}

#[test]
fn the_report_says_why_a_run_ended_early_and_with_which_profile() {
    let read = |text: &str| -> Value { serde_json::from_str(text).expect("the report is JSON") };
    let cut = read(&report(0, &["--max-requests", "500"]));
    assert_eq!(cut["ended"], "max_requests");
    let crashed = read(&report(1, &["--max-crashes", "1", "--fault", "body.name:type:crash"]));
    assert_eq!(crashed["ended"], "max_crashes");
    assert_eq!(read(&report(0, &["--profile", "stub"]))["profile"], "stub");

    let server = Server::http(move |request, _| Some(bytes_of(request, &json(401, r#"{"error_msg":"no"}"#))));
    let refused = read(&report(3, &["--target", &server.url()]));
    let why = refused["ended"].as_str().unwrap_or_default();
    assert!(why.contains("refused every legal request with 401"), "{refused}");
    assert_eq!(refused["operations"][0]["baseline"], why);
}

#[test]
fn a_report_of_a_later_version_is_refused_and_one_of_the_first_is_read() {
    let finding = r#"{"id":"body.name:maxLength:outside","place":"body.name","keyword":"maxLength","side":"outside"}"#;
    let rerun = |schema: u32| {
        let run = fencepost(&["run", "--rerun-findings", "earlier.json", "--fault", "body.name:maxLength:off"]);
        let text = format!(r#"{{"schema":{schema},"findings":[{finding}]}}"#);
        std::fs::write(run.folder.path.join("earlier.json"), text).expect("a file can be written");
        run.ended()
    };
    for schema in [1, 2] {
        let ended = rerun(schema).with_code(1);
        assert!(ended.stdout.contains("\nFINDING body.name:maxLength:outside "), "\n{ended}");
    }
    rerun(3).with_code(2).complains(&["earlier.json", "schema 3", "reads 1 to 2"]);
    let promote = fencepost(&["promote", "--into", ".", "later.json"]);
    let text = format!(r#"{{"schema":3,"findings":[{finding}]}}"#);
    std::fs::write(promote.folder.path.join("later.json"), text).expect("a file can be written");
    promote.ended().with_code(2).complains(&["later.json", "schema 3", "reads 1 to 2"]);
}

/// Everything but the timing, which stands last.
#[track_caller]
fn lasting(report: &str) -> &str {
    report.split_once("\n  \"timing\": {").unwrap_or_else(|| panic!("no timing in {report}")).0
}

#[track_caller]
fn check_same(code: i32, arguments: &[&str]) {
    let first = report(code, &[arguments, &["--concurrency", "1"]].concat());
    for concurrency in ["1", "16", "32"] {
        let other = report(code, &[arguments, &["--concurrency", concurrency]].concat());
        let differing = lasting(&first).lines().zip(lasting(&other).lines()).find(|(one, other)| one != other);
        assert_eq!(differing, None, "{arguments:?}, {concurrency} at a time");
        assert!(lasting(&first) == lasting(&other), "{arguments:?}, {concurrency} at a time: one is longer");
    }
}

#[test]
fn the_same_run_writes_the_same_report_at_any_concurrency() {
    check_same(0, &[]);
    for (fault, _) in FAULTS {
        check_same(1, &["--fault", fault]);
    }
}

#[test]
fn any_seed_will_do() {
    for seed in [1, u64::MAX / 2, u64::MAX] {
        let text = report(0, &["--seed", &seed.to_string()]);
        let report: Value = serde_json::from_str(&text).expect("the report is JSON");
        assert_eq!(report["seed"], seed, "{text}");
    }
}

#[test]
fn a_report_takes_the_place_of_an_older_one() {
    let run = fencepost(&["run", "--report-json", "report.json"]);
    std::fs::write(run.folder.path.join("report.json"), "old".repeat(1 << 20)).expect("a file can be written");
    check_report(&report_of(&run.ended().with_code(0)), &[]);
}

#[test]
fn a_report_leaves_links_and_special_files_as_they_are() {
    let run = fencepost(&["run", "--report-json", "/dev/null"]);
    run.ended().with_code(0);
    assert!(!std::fs::metadata("/dev/null").expect("it is still there").is_file());

    let run = fencepost(&["run", "--report-json", "link.json"]);
    let folder = run.folder.path.clone();
    std::fs::create_dir(folder.join("reports")).expect("a folder can be made");
    std::os::unix::fs::symlink("reports/latest.json", folder.join("link.json")).expect("a link can be made");
    let ended = run.ended().with_code(0);
    assert_eq!(
        std::fs::read_link(folder.join("link.json")).expect("it is a link"),
        std::path::Path::new("reports/latest.json")
    );
    let report =
        std::fs::read_to_string(folder.join("reports/latest.json")).expect("the report is where the link leads");
    check_report(&report, &[]);
    assert_eq!(ended.folder.files(), ["link.json", "reports"], "\n{ended}");
}
