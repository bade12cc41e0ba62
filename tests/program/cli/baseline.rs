//! The baseline: which request of an operation a service accepts, and what is told where it accepts none.

use serde_json::{Value, json as value};

use super::live::{Service, body, report};

fn document(media: &str, required: &str, properties: &str) -> String {
    format!(
        "openapi: 3.0.3
info: {{title: Taxes, version: '1'}}
paths:
  /firms:
    post:
      requestBody: {{required: true, content: {{application/json: {{{media}schema: {{type: object, required: [{required}], properties: {{{properties}}}}}}}}}}}
      responses: {{'201': {{description: Made.}}, '400': {{description: Refused.}}, '422': {{description: Refused.}}}}
"
    )
}

/// A service that knows one firm, and wants it named in full.
fn register() -> Service {
    Service::start(|request| {
        let Some(body) = body(request).filter(Value::is_object) else { return (400, value!({"error": "no object"})) };
        let is_text = |name: &str, most: usize| {
            body.get(name).is_none_or(|value| value.as_str().is_some_and(|text| text.chars().count() <= most))
        };
        if !is_text("vat", 20) || !is_text("country", 20) || !is_text("note", 50) {
            return (400, value!({"error": "text"}));
        }
        if body.get("vat") != Some(&value!("DE129273398")) || body.get("country") != Some(&value!("Germany")) {
            return (422, value!({"error": "no such firm"}));
        }
        (201, value!({}))
    })
}

#[test]
fn where_nothing_is_accepted_but_what_the_document_shows_that_is_the_baseline() {
    let plain = "vat: {type: string, maxLength: 20}, country: {type: string, maxLength: 20}, note: {type: string, maxLength: 50}";
    let shown = "vat: {type: string, maxLength: 20, example: DE129273398}, country: {type: string, maxLength: 20, default: Germany}, note: {type: string, maxLength: 50}";
    let example = "example: {vat: DE129273398, country: Germany}, ";
    for (media, required, properties) in
        [(example, "vat", plain), (example, "vat, country", plain), ("", "vat", shown), ("", "vat, country", shown)]
    {
        let ended = register().run(&document(media, required, properties), &[]);
        assert!(ended.code == Some(0) && ended.stdout.contains("1 operation tested, 0 not"), "{required}\n{ended}");
        let report = report(&ended);
        let rules = report["rules"].as_array().expect("a list").iter();
        let mut of_note = rules.filter(|rule| rule["place"] == "body.note" && rule["keyword"] == "maxLength");
        // What is beside it is tested.
        assert!(of_note.all(|rule| rule["inside"] == "enforced" && rule["outside"] == "enforced"), "{ended}");
    }
}

#[test]
fn where_nothing_is_accepted_the_service_is_quoted_once_and_asked_no_more_than_that() {
    let properties = "vat: {type: string}, count: {type: integer}, note: {type: string}, name: {type: string}";
    let words = format!("the field is not known here {} $end", "x".repeat(400));
    let service = Service::start(move |request| match body(request) {
        Some(Value::Object(_)) => {
            let key = request.header("x-key").unwrap_or_default();
            (400, value!({"detail": [{"loc": ["body"], "msg": format!("{key} {words}")}]}))
        }
        _ => (422, value!({})),
    });
    let ended = service.run(&document("", "vat, count", properties), &["--header", "x-key: canary-of-the-caller"]);
    let line = ended.stdout.lines().find(|line| line.starts_with("POST /firms")).expect("it is there");
    assert!(
        line.contains("not tested") && line.contains("400 ") && line.contains("the field is not known here"),
        "{line}"
    );
    assert!(line.contains("compare its words with the contract") && !line.contains("canary"), "{line}");
    assert!(!line.contains("$end") && line.chars().count() < 600, "{line}");
    assert_eq!(ended.stdout.matches("the field is not known here").count(), 1, "{ended}");
    let asked = service.requests.lock().expect("no thread panics").len();
    // Some of the tries are asked again before they count.
    assert!(asked <= 30, "{asked}");
}

#[test]
fn a_redirect_is_accepted_where_nothing_else_is_documented() {
    let document = "openapi: 3.0.3
info: {title: Links, version: '1'}
paths:
  /go: {get: {responses: {'302': {description: There.}}}}
  /both: {get: {responses: {'200': {description: Here.}, '302': {description: To the login.}}}}
";
    let service = Service::start(|request| match request.path.as_str() {
        "/go" | "/both" => (302, Value::Null),
        _ => (404, value!({})),
    });
    let ended = service.run(document, &[]);
    assert!(ended.stdout.contains("\nGET /go: no finding"), "{ended}");
    assert!(ended.stdout.contains("\nGET /both: not tested"), "{ended}");
}

#[test]
fn a_value_from_an_answer_is_one_that_the_path_may_have() {
    let document = "openapi: 3.0.3
info: {title: Pages, version: '1'}
paths:
  /pages: {get: {responses: {'200': {description: All.}}}}
  /pages/{id}: {get: {parameters: [{name: id, in: path, required: true, schema: {type: integer}}], responses: {'200': {description: It.}}}}
";
    let service = Service::start(|request| match request.path.as_str() {
        "/pages" => (200, value!([{"id": "first-page"}])),
        _ => (404, value!({})),
    });
    service.run(document, &[]);
    let requests = service.requests.lock().expect("no thread panics");
    assert!(requests.iter().all(|request| !request.path.contains("first-page")), "{requests:?}");
}
