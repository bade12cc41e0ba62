//! Documents against services of their own: what one operation tells of the things that others are about, and what goes out.

use std::sync::{Arc, Mutex};

use fencepost::exchange::Request;
use serde_json::Value;

use super::documents::called;
use crate::command::Ended;
use crate::server::{Server, bytes_of, json};

const SHELF: &str = r"openapi: 3.0.0
info: {title: Shelf, version: '1'}
paths:
  /books:
    get: {responses: {'200': {description: All.}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [title], properties: {title: {type: string, maxLength: 40}}}}}}
      responses: {'201': {description: Made.}, '400': {description: Refused.}}
  /books/{bookId}:
    parameters: [{name: bookId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {description: It.}, '404': {description: None.}}}
    put:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [title], properties: {title: {type: string, maxLength: 40}}}}}}
      responses: {'200': {description: Changed.}, '400': {description: Refused.}, '404': {description: None.}}
    delete: {responses: {'204': {description: Gone.}}}
";

/// A shelf that has book 5, and takes others from 100 on.
fn shelf(document: &str) -> (Ended, Vec<Request>) {
    let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
    let server = Server::http({
        let requests = requests.clone();
        move |request, _| {
            let mut requests = requests.lock().expect("no thread panics");
            requests.push(request.clone());
            let book = |id: usize| format!("{{\"id\":{id}}}");
            let is_legal = || {
                let body: Option<Value> = serde_json::from_slice(request.body.as_deref().unwrap_or_default()).ok();
                let title = body.as_ref().and_then(|body| body.get("title")?.as_str());
                let is_json = request.header("content-type").is_some_and(|value| value.to_lowercase().contains("json"));
                is_json && title.is_some_and(|title| title.chars().count() <= 40)
            };
            let path = request.path.split('?').next().unwrap_or_default();
            let known = path
                .strip_prefix("/books/")
                .and_then(|id| id.parse::<usize>().ok())
                .filter(|id| *id == 5 || *id >= 100);
            let (status, body) = match (request.method.as_str(), path, known) {
                ("GET", "/books", _) => (200, format!("{{\"count\":1,\"books\":[{}]}}", book(5))),
                ("POST", "/books", _) if is_legal() => (201, book(100 + requests.len())),
                ("PUT", _, Some(_)) if !is_legal() => (400, "{}".to_owned()),
                ("POST", "/books", _) => (400, "{}".to_owned()),
                ("GET" | "PUT", _, Some(id)) => (200, book(id)),
                _ => (404, "{}".to_owned()),
            };
            Some(bytes_of(request, &json(status, &body)))
        }
    });
    let ended = called(&["run", "--contract", "shop.yaml", "--target", &server.url()], document);
    let seen = std::mem::take(&mut *requests.lock().expect("no thread panics"));
    (ended, seen)
}

#[test]
fn what_was_made_is_read_and_changed_and_what_was_listed_is_read() {
    let (ended, seen) = shelf(SHELF);
    for line in ["GET /books/{bookId} (of POST /books): no finding", "PUT /books/{bookId} (of POST /books): no finding"]
    {
        assert!(ended.stdout.lines().any(|other| other.starts_with(line)), "{line}\n{ended}");
    }
    assert_eq!(ended.code, Some(0), "{ended}");
    // Nobody named the one that was there before, and nothing is taken away.
    assert!(seen.iter().all(|request| request.method != "DELETE" && request.path != "/books/5"), "{ended}");
    let listed = SHELF.replace("    post:\n", "    x-post:\n");
    let (ended, seen) = shelf(&listed);
    assert!(ended.stdout.contains("\nGET /books/{bookId} (of GET /books): no finding"), "{ended}");
    assert!(ended.stdout.contains("\nPUT /books/{bookId}: not tested: it changes things"), "{ended}");
    assert!(seen.iter().all(|request| request.method != "PUT"), "{ended}");
    assert!(seen.iter().any(|request| request.path == "/books/5"), "{ended}");
}

const NUMBERS: &str = r"openapi: 3.0.0
info: {title: Numbers, version: '1'}
servers: [{url: /api}]
paths:
  /stream: {get: {responses: {'200': {description: Never ends.}}}}
  /one: {get: {parameters: [{name: n, in: query, required: true, schema: {type: integer}}], responses: {'200': {description: One.}}}}
  /two: {get: {parameters: [{name: n, in: query, required: true, schema: {type: integer}}], responses: {'200': {description: Two.}}}}
";

/// The paths that a run over this document asks for below what is appended to the target's URL.
fn asked(document: &str, below: &str) -> (Ended, Vec<String>) {
    let paths = Arc::new(Mutex::new(Vec::new()));
    let server = Server::http({
        let paths = paths.clone();
        move |request, peer| {
            paths.lock().expect("no thread panics").push(request.path.clone());
            if request.path.contains("/stream") {
                peer.hang();
                return None;
            }
            let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
            let is_there = path.ends_with("/one") || path.ends_with("/two");
            let number = query.split('&').find_map(|pair| pair.strip_prefix("n="));
            let status = match number.map(str::parse::<i64>) {
                _ if !is_there => 404,
                Some(Ok(_)) => 200,
                _ => 400,
            };
            Some(bytes_of(request, &json(status, "[]")))
        }
    });
    let target = format!("{}{below}", server.url());
    let ended = called(&["run", "--contract", "shop.yaml", "--target", &target, "--timeout", "200ms"], document);
    drop(server);
    let paths = std::mem::take(&mut *paths.lock().expect("no thread panics"));
    (ended, paths)
}

#[test]
fn an_operation_that_never_answers_does_not_end_the_run() {
    let (ended, _) = asked(NUMBERS, "");
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(ended.stdout.contains("GET /stream: not tested"), "{ended}");
    assert!(ended.stdout.contains("GET /one: no finding") && ended.stdout.contains("GET /two: no finding"), "{ended}");
}

#[test]
fn a_target_that_is_given_with_a_path_is_given_whole() {
    let document = NUMBERS.replace("/stream:", "/three:");
    for (below, first) in [("", "/api/"), ("/", "/api/"), ("/staging/v2", "/staging/v2/"), ("/api", "/api/")] {
        let (ended, paths) = asked(&document, below);
        let is_below = |path: &String| path.starts_with(first) && !path[first.len()..].contains("api/");
        assert!(!paths.is_empty() && paths.iter().all(is_below), "{below}: {paths:?}\n{ended}");
    }
}

/// Whatever is written in a path, a query, a header, a cookie, a form or a part arrives as it was written: the client and the
/// server change none of it.
#[test]
fn every_carrier_goes_over_the_wire() {
    const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /x/{p}:cancel:
    get:
      parameters:
        - {name: p, in: path, required: true, style: matrix, schema: {type: array, items: {type: integer}}, example: [3, 4]}
        - {name: q, in: query, required: true, style: pipeDelimited, explode: false, schema: {type: array, items: {type: integer}}, example: [5, 6]}
        - {name: d, in: query, required: true, style: deepObject, schema: {type: object, required: [a], properties: {a: {type: integer}}}, example: {a: 7}}
        - {name: X-List, in: header, required: true, schema: {type: array, items: {type: integer}}, example: [8, 9]}
        - {name: c, in: cookie, required: true, schema: {type: integer}}
      responses: {'200': {description: It., content: {text/csv: {}, application/json: {}}}, '400': {description: Refused.}}
  /orders:
    post:
      requestBody: {required: true, content: {application/x-www-form-urlencoded: {schema: {type: object, required: [name], properties: {name: {type: string, maxLength: 5}}}}}}
      responses: {'201': {description: Made.}, '400': {description: Refused.}}
  /files:
    post:
      requestBody: {required: true, content: {multipart/form-data: {schema: {type: object, required: [doc, count], properties: {doc: {type: string, format: binary}, count: {type: integer}}}}}}
      responses: {'201': {description: Made.}, '400': {description: Refused.}}
  /note:
    put:
      requestBody: {required: true, content: {text/plain: {schema: {type: string, maxLength: 5}}}}
      responses: {'204': {description: Stored.}, '400': {description: Refused.}}
";
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = seen.clone();
    let server = Server::http(move |request: &Request, _| {
        let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
        let line = [&request.path[..], &header("x-list"), &header("cookie"), &header("accept")].join(" ");
        told.lock().expect("nobody panicked").push(line);
        Some(bytes_of(request, &json(400, "{}")))
    });
    let target = server.url();
    let ended = called(&["run", "--contract", "shop.yaml", "--operation", "GET *", "--target", &target], DOCUMENT);
    let seen = seen.lock().expect("nobody panicked").clone();
    let wanted = "/x/;p=3,4:cancel?q=5%7C6&d%5Ba%5D=7 8,9 c=7 application/json, text/csv, */*;q=0.1";
    assert!(seen.iter().any(|line| line == wanted), "{seen:#?}\n{ended}");
    // The embedded stub reads all of it.
    let ended = called(&["run", "--contract", "shop.yaml"], DOCUMENT);
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(ended.stdout.contains("4 operations tested, 0 not"), "{ended}");
}
