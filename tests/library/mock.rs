//! The stub of a whole document: which operation a request is for, what is answered, and that each operation is enforced there
//! as it is by itself.

use std::sync::Arc;

use fencepost::document::Document;
use fencepost::exchange::{Request, Response};
use fencepost::open::open;
use fencepost::stub::{Answers, DocumentStub, InProcess, Reply, faults};
use fencepost::suite::Suite;
use serde_json::Value;

use crate::tested;

const PETS: &str = include_str!("../documents/pets.yaml");
const JSON: &str = "Content-Type: application/json";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

fn stub_of(text: &str, seed: u64) -> DocumentStub {
    let document = Arc::new(Document::read("pets.yaml", text).unwrap_or_else(|error| panic!("{error}")));
    DocumentStub::new(&document, document.operations().to_vec(), seed)
}

fn request(line: &str, headers: &[&str], body: &str) -> Request {
    let (method, path) = line.split_once(' ').expect("a method and a path");
    let header = |text: &&str| {
        let (name, value) = text.split_once(": ").expect("a header");
        (name.to_owned(), value.to_owned())
    };
    let headers = headers.iter().map(header).collect();
    Request { method: method.to_owned(), path: path.to_owned(), headers, body: Some(body.as_bytes().to_vec().into()) }
}

#[track_caller]
fn answer(stub: &DocumentStub, line: &str, headers: &[&str], body: &str) -> Response {
    match Answers::reply(stub, &request(line, headers, body)) {
        Reply::Answer(response) => response,
        other => panic!("{line}: {other:?}"),
    }
}

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

#[track_caller]
fn check(stub: &DocumentStub, line: &str, headers: &[&str], body: &str, (status, words): (u16, &str)) {
    let response = answer(stub, line, headers, body);
    let told = text(&response);
    assert!(
        response.status == status && told.contains(words),
        "{line} {headers:?} {body}\n{}: {told}",
        response.status
    );
}

#[test]
fn a_request_is_answered_by_the_operation_that_it_is_for() {
    let stub = stub_of(PETS, 0);
    for (line, wanted) in [
        ("GET /pets", (200, "sample@example.com")),
        ("GET /api/v1/pets", (200, "[{")),
        ("HEAD /pets", (200, "[{")),
        ("GET /pets/mine", (200, "Tom")),
        ("GET /pets/7", (200, r#"{"id":"#)),
        ("DELETE /pets/7", (204, "")),
        ("DELETE /pets/mine", (405, "only GET")),
        ("PUT /pets/7", (405, "only DELETE, GET are served")),
        ("GET /pet", (404, "no path of pets.yaml is /pet")),
        ("GET /api/v2/pets", (404, "path")),
        ("GET /pets/", (404, "path")),
        ("GET /pets/7/", (404, "path")),
        ("GET /pets/seven", (400, r#""place":"path.id","keyword":"type""#)),
        ("GET /pets?limit=100", (200, "[{")),
        ("GET /pets?limit=101", (422, "query.limit: maximum: ")),
        ("GET /pets?limit=x", (422, "query.limit: type: ")),
        ("GET /pets?tags=cat&tags=cow", (422, "query.tags: enum: ")),
        ("POST /pets/7:feed", (400, r#""place":"header.X-Food","keyword":"required""#)),
    ] {
        check(&stub, line, &[], "", wanted);
    }
    check(&stub, "POST /pets/7:feed", &["X-Food: fish"], "", (200, "<sample/>"));
    let refused = answer(&stub, "PUT /pets/7", &[], "");
    assert_eq!(refused.header("allow"), Some("DELETE, GET"));
    let answered = answer(&stub, "GET /pets", &[], "");
    assert_eq!((answered.header("content-type"), answered.header("x-next")), (Some("application/json"), Some("p2")));
}

#[test]
fn each_media_type_of_a_body_is_read_as_what_it_is() {
    let stub = stub_of(PETS, 0);
    let post = |headers: &[&str], body: &str, wanted| check(&stub, "POST /pets", headers, body, wanted);
    post(&[], "", (400, "body: required: "));
    post(&[JSON], r#"{"name":"Tom"}"#, (201, "Tom"));
    post(&[JSON], r#"{"name":""}"#, (400, r#""detail":"body.name: minLength: "#));
    post(&[JSON], "name=Tom", (400, "body: wellFormed: "));
    post(&[FORM], "name=Tom&kind=cat", (201, "Tom"));
    post(&[FORM], "name=Tom&kind=cow", (400, r#""status":400,"detail":"body.kind: enum: "#));
    post(&[FORM], "kind=cat", (400, "body.name: required: "));
    post(&["Content-Type: text/csv"], "Tom", (400, "must be application/json or application/x-www-form-urlencoded"));
    let parts = |name: &str, with_file: bool| {
        let file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n";
        let name = format!("--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n{name}\r\n--b--\r\n");
        format!("{}{name}", if with_file { file } else { "" })
    };
    let files = |body: &str, wanted| {
        check(&stub, "POST /files", &["Content-Type: multipart/form-data; boundary=b"], body, wanted);
    };
    files(&parts("abc", true), (201, ""));
    // The document has words for a refusal of the form `{error: {code, info}}` only.
    files(&parts("abcdef", true), (400, "body.name: maxLength: "));
    files(&parts("abc", false), (400, "body.file: required: "));
    // What is not read yet is taken as it is.
    check(&stub, "POST /xml", &["Content-Type: application/xml"], "<a/>", (200, ""));
}

#[test]
fn a_caller_chooses_among_the_documented_answers_and_a_seed_among_what_is_made_up() {
    let stub = stub_of(PETS, 0);
    let get = |prefer: &str, wanted| check(&stub, "GET /pets", &[prefer], "", wanted);
    get("Prefer: code=422", (422, "message"));
    get("Prefer: code=418", (200, "[{"));
    get("Prefer: code=7", (200, "[{"));
    get("Prefer: return=minimal", (200, "[{"));
    let prefer = |body: &str, prefer: &str, wanted| check(&stub, "POST /pets", &[JSON, prefer], body, wanted);
    prefer(r#"{"name":"x"}"#, "Prefer: example=dog", (201, "Rex"));
    prefer(r#"{"name":"x"}"#, "Prefer: code=201, example=\"dog\"", (201, "Rex"));
    prefer(r#"{"name":"x"}"#, "Prefer: example=cow", (201, "Tom"));
    // What is refused stays refused.
    prefer("{}", "Prefer: code=201", (400, "body.name: required: "));
    let made_up = |seed| text(&answer(&stub_of(PETS, seed), "GET /pets", &[], ""));
    assert_eq!(made_up(5), made_up(5));
    assert!((1..9).any(|seed| made_up(seed) != made_up(0)), "{}", made_up(1));
    let applied = answer(&stub, "GET /pets", &["Prefer: code=422"], "");
    assert_eq!(applied.header("preference-applied"), Some("code=422"));
}

/// A run finds at the stub of the whole what it finds at the operation's own: nothing, with the same verdicts.
#[test]
fn each_operation_is_enforced_there_as_it_is_by_itself() {
    let documents = [PETS, include_str!("../documents/keywords.yaml"), include_str!("../documents/keywords-3.1.yaml")];
    for text in documents {
        for seed in [0, 3] {
            let document = Arc::new(Document::read("any.yaml", text).unwrap_or_else(|error| panic!("{error}")));
            let mut target = InProcess(DocumentStub::new(&document, document.operations().to_vec(), seed));
            for operation in document.operations() {
                let Ok(contract) = open(&document, operation).contract else { continue };
                let suite = Suite::new(&contract);
                let (here, alone) = (tested::by(&suite, &mut target), tested::with(&suite, Vec::new()));
                assert_eq!(tested::ids(&here), [""; 0], "{} {}", operation.method, operation.path);
                let statuses = |verdicts: &fencepost::verdict::Verdicts| -> Vec<_> {
                    verdicts.rules.iter().map(|verdict| (verdict.inside, verdict.outside)).collect()
                };
                assert_eq!(statuses(&here), statuses(&alone), "{} {}", operation.method, operation.path);
            }
        }
    }
}

#[test]
fn a_fault_breaks_the_one_operation_that_it_is_of() {
    let document = Arc::new(Document::read("pets.yaml", PETS).unwrap_or_else(|error| panic!("{error}")));
    let contract = |name: &str| {
        let is_it = |one: &&fencepost::document::OperationRef| format!("{} {}", one.method, one.path) == name;
        let operation = document.operations().iter().find(is_it).expect("an operation");
        open(&document, operation).contract.expect("it can be read")
    };
    let (lax, sound) = (contract("GET /pets"), contract("POST /pets"));
    let fault = faults(&lax).into_iter().find(|fault| fault.name() == "query.limit:maximum:off").expect("a fault");
    let stub = DocumentStub::new(&document, document.operations().to_vec(), 0).with(&lax, vec![fault]);
    check(&stub, "GET /pets?limit=101", &[], "", (200, "[{"));
    check(&stub, "GET /pets?limit=0", &[], "", (422, "query.limit: minimum: "));
    let mut target = InProcess(stub);
    assert_eq!(tested::ids(&tested::by(&Suite::new(&sound), &mut target)), [""; 0]);
    assert_eq!(tested::ids(&tested::by(&Suite::new(&lax), &mut target)), ["query.limit:maximum:outside"]);
}

#[test]
fn a_refusal_keeps_its_schema_and_says_what_is_wrong_where_it_may() {
    for (schema, wanted) in [
        ("{type: object, properties: {message: {type: string}}}", r#"{"message":"query.n: maximum: "#),
        (
            "{type: array, minItems: 1, items: {type: object, required: [reason], properties: {reason: {type: string}}}}",
            r#"[{"reason":"query.n: "#,
        ),
        ("{type: string}", r#""query.n: maximum: "#),
        (
            "{type: object, additionalProperties: false, properties: {code: {type: string, enum: [E1]}}}",
            r#"{"code":"E1"}"#,
        ),
        ("{type: object}", r#"{"message":"query.n: "#),
        (
            "{type: object, required: [message], properties: {message: {type: string, maxLength: 3}}, additionalProperties: false}",
            r#"{"message":""#,
        ),
    ] {
        for status in ["400", "422", "4XX", "default"] {
            let document = format!(
                "openapi: 3.0.0\npaths: {{/a: {{get: {{parameters: [{{name: n, in: query, schema: {{type: integer, maximum: 9}}}}], responses: {{'200': {{description: Fine.}}, {status:?}: {{description: Bad., content: {{application/json: {{schema: {schema}}}}}}}}}}}}}}}\n"
            );
            let response = answer(&stub_of(&document, 0), "GET /a?n=10", &[], "");
            assert_eq!(response.status, if status == "422" { 422 } else { 400 }, "{schema} {status}");
            let body: Value = serde_json::from_slice(&response.body).expect("JSON");
            assert!(body.to_string().starts_with(wanted), "{schema} {status}: {body}");
        }
    }
}
