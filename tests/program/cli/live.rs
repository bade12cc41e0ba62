//! Runs over a whole document at services as they are: honest ones, that keep things, lose them and know more than the
//! document says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use fencepost::exchange::Request;
use serde_json::{Value, json as value};

use crate::command::{Ended, fencepost};
use crate::server::{Server, bytes_of, json};

const STORE: &str = r"openapi: 3.0.3
info: {title: Store, version: '1'}
paths:
  /items/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    delete:
      parameters: [{name: force, in: query, schema: {type: boolean}}]
      responses: {'204': {description: Gone.}, '404': {description: None.}}
    get: {responses: {'200': {description: It.}, '404': {description: None.}}}
    put:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}
      responses: {'200': {description: It.}, '404': {description: None.}, '400': {description: Refused.}}
  /items:
    get: {responses: {'200': {description: All.}}}
  /me:
    get: {responses: {'200': {description: Who.}, '401': {description: Nobody.}}}
components:
  schemas: {Item: {type: object, required: [name], properties: {name: {type: string, minLength: 1, maxLength: 40}}}}
";

/// A service, and what it was asked.
pub(super) struct Service {
    server: Server,
    pub(super) requests: Arc<Mutex<Vec<Request>>>,
}

impl Service {
    /// One that answers so, one request at a time.
    pub(super) fn start(mut answer: impl FnMut(&Request) -> (u16, Value) + Send + 'static) -> Self {
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let script = Mutex::new(move |request: &Request| answer(request));
        let server = Server::http({
            let requests = requests.clone();
            move |request, _| {
                requests.lock().expect("no thread panics").push(request.clone());
                let (status, body) = script.lock().expect("no thread panics")(request);
                let text = if body.is_null() { String::new() } else { body.to_string() };
                Some(bytes_of(request, &json(status, &text)))
            }
        });
        Self { server, requests }
    }

    /// A run over a document at it.
    pub(super) fn run(&self, document: &str, arguments: &[&str]) -> Ended {
        let target = self.server.url();
        let usual = ["run", "--contract", "api.yaml", "--report-json", "report.json", "--target", &target];
        let command = fencepost(&[&usual[..], arguments].concat());
        std::fs::write(command.folder.path.join("api.yaml"), document).expect("a file can be written");
        command.ended()
    }

    /// The methods and paths that it was asked for, in order, each run of the same one once.
    fn asked(&self) -> Vec<String> {
        let requests = self.requests.lock().expect("no thread panics");
        let path = |request: &Request| request.path.split('?').next().unwrap_or_default().to_owned();
        let mut asked: Vec<String> =
            requests.iter().map(|request| format!("{} {}", request.method, path(request))).collect();
        asked.dedup();
        asked
    }
}

pub(super) fn report(ended: &Ended) -> Value {
    let bytes = std::fs::read(ended.folder.path.join("report.json")).expect("it is there");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// The reasons for which rules of an operation have no verdict.
pub(super) fn reasons(report: &Value, operation: &str) -> Vec<String> {
    let rules = report["rules"].as_array().expect("a list").iter();
    let of_it = rules.filter(|rule| rule["operation"] == operation && rule["standing"] == "firm");
    of_it.filter_map(|rule| rule["reason"].as_str()).map(str::to_owned).collect()
}

/// The body of a request, where it is JSON.
pub(super) fn body(request: &Request) -> Option<Value> {
    let is_json = request.header("content-type").is_some_and(|value| value.to_lowercase().contains("json"));
    serde_json::from_slice(request.body.as_deref().unwrap_or_default()).ok().filter(|_| is_json)
}

/// A store of two items, which answers so for what is not there.
fn store(gone: u16) -> Service {
    let mut items: BTreeMap<String, Value> =
        [("1", value!({"name": "one"})), ("2", value!({"name": "two"}))].map(|(id, item)| (id.to_owned(), item)).into();
    Service::start(move |request| {
        let path = request.path.split('?').next().unwrap_or_default();
        let Some(id) = path.strip_prefix("/items/") else {
            return if matches!(path, "/items" | "/me") { (200, value!([])) } else { (404, value!({})) };
        };
        if !items.contains_key(id) {
            return (gone, value!({"error": "none"}));
        }
        match request.method.as_str() {
            "GET" => (200, items[id].clone()),
            "DELETE" => {
                items.remove(id);
                (204, Value::Null)
            }
            "PUT" => match body(request) {
                Some(item) if item["name"].as_str().is_some_and(|name| (1..=40).contains(&name.chars().count())) => {
                    items.insert(id.to_owned(), item.clone());
                    (200, item)
                }
                _ => (400, value!({"error": "name"})),
            },
            _ => (405, value!({})),
        }
    })
}

#[test]
fn what_takes_away_comes_last_and_is_known_to_have() {
    for gone in [404, 403, 410, 409] {
        let service = store(gone);
        let ended = service.run(STORE, &["--set", "path.id=1", "--may", "any"]);
        assert_eq!(ended.code, Some(0), "{gone}\n{ended}");
        assert!(ended.stdout.contains("5 operations tested, 0 not"), "{gone}\n{ended}");
        let asked = service.asked();
        let first = |what: &str| asked.iter().position(|asked| asked == what).expect(what);
        assert!(first("DELETE /items/1") > first("PUT /items/1") && first("DELETE /items/1") > first("GET /items/1"));
        let report = report(&ended);
        let operations: Vec<&Value> =
            report["operations"].as_array().expect("a list").iter().map(|one| &one["operation"]).collect();
        // As the document has them.
        assert_eq!(operations[0], "DELETE /items/{id}");
        assert!(operations.len() == 5 && operations[3] == "GET /items", "{operations:?}");
        let reasons = reasons(&report, "DELETE /items/{id}");
        assert!(!reasons.is_empty() && reasons.iter().all(|reason| reason.contains("took away what the path names")));
        // The first of its requests was accepted: that is an answer.
        let rules = report["rules"].as_array().expect("a list").iter();
        let success =
            rules.filter(|rule| rule["operation"] == "DELETE /items/{id}" && rule["place"] == "response.success");
        assert!(
            success.clone().count() > 3 && success.into_iter().all(|rule| rule["inside"] == "enforced"),
            "{report:#}"
        );
    }
}

#[test]
fn what_is_not_there_is_told_as_that_and_not_as_a_caller_or_a_target_that_answers_alike() {
    let line = |ended: &Ended, name: &str| {
        ended.stdout.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}\n{ended}")).to_owned()
    };
    let ended = store(404).run(STORE, &["--set", "path.id=9", "--may", "any"]);
    for name in ["GET /items/{id}", "PUT /items/{id}", "DELETE /items/{id}"] {
        let line = line(&ended, name);
        assert!(
            line.contains("404 none") && line.contains("--set path.id=VALUE") && line.contains("not there"),
            "{line}"
        );
        assert!(!line.contains("everything"), "{line}");
    }
    let ended = store(403).run(STORE, &["--set", "path.id=9", "--may", "any"]);
    for name in ["GET /items/{id}", "PUT /items/{id}", "DELETE /items/{id}"] {
        let line = line(&ended, name);
        assert!(line.contains("403 none") && line.contains("--header") && !line.contains("--token-env"), "{line}");
    }
    assert!(ended.stdout.contains("2 operations tested, 3 not"), "{ended}");
    // The requests of what could not be tested were sent, too.
    assert!(!ended.stdout.contains("; 6 requests in "), "{ended}");
    let nobody = Service::start(|_| (401, value!({"error": "who"})));
    let ended = nobody.run(STORE, &[]);
    let line = line(&ended, "GET /me");
    assert!(line.contains("401 who") && line.contains("--header") && !line.contains("--token-env"), "{line}");
}

#[test]
fn a_caller_who_may_no_more_ends_one_operation_and_no_place_is_blamed() {
    // What was changed once is closed: from then on it is forbidden to change it.
    let mut left = 3;
    let service = Service::start(move |request| match (request.method.as_str(), body(request)) {
        ("PUT", _) if left == 0 => (403, value!({"error": "closed"})),
        ("PUT", Some(item)) if item["name"].is_string() => {
            left -= 1;
            (200, item)
        }
        ("PUT", _) => (400, value!({})),
        _ => (200, value!({})),
    });
    let ended = service.run(STORE, &["--set", "path.id=1", "--operation", "PUT *", "--operation", "GET /me"]);
    assert!(!ended.stdout.contains("refuses the credentials"), "{ended}");
    assert!(ended.stdout.contains("with 403: the caller may not any more, or the state"), "{ended}");
    assert!(ended.stdout.contains("no finding; ") && ended.stdout.contains("2 operations tested, 0 not"), "{ended}");
}

#[test]
fn a_run_over_many_operations_says_what_rules_are_short_of() {
    let service = store(404);
    let ended = service.run(STORE, &["--set", "path.id=1"]);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    let me = lines.iter().position(|line| line.starts_with("GET /me: no finding, 6 of 12 rules")).expect("it is there");
    assert_eq!(lines[me + 1], "  6 rules untested: no answer of this kind came (response.refusal)", "{ended}");
    let full = store(404).run(STORE, &["--set", "path.id=1", "--full"]);
    assert!(full.stdout.contains("\npath.id\n  type \"integer\": "), "{full}");
    assert!(full.stdout.contains("body.name\n  type \"string\": inside enforced"), "{full}");
}
