//! Where a document and its service are: a document by its URL, and paths that begin elsewhere than it says.

use fencepost::exchange::{Request, Response};

use crate::command::fencepost;
use crate::server::{Server, bytes_of, json};

/// Three lists below the path of the document's server.
const LISTS: &str = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "/v1"}, {"url": "/v5"}], "paths": {
    "/a": {"get": {"responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "array"}}}}}}},
    "/b": {"get": {"responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "array"}}}}}}},
    "/c": {"get": {"responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "array"}}}}}}},
    "/d": {"get": {"responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "array"}}}}}}}}}"#;

fn answer(status: u16, (name, value): (&str, &str), body: &str) -> Response {
    Response { status, headers: vec![(name.to_owned(), value.to_owned())], body: body.into(), unread: None }
}

/// Serves the document, and an empty list at each path of these.
fn lists_at(paths: &'static [&'static str]) -> Server {
    Server::http(move |request: &Request, _| {
        let path = request.path.split('?').next().unwrap_or_default();
        let answer = match path {
            "/openapi.json" => json(200, LISTS),
            path if paths.contains(&path) => json(200, "[]"),
            "/page" => answer(200, ("content-type", "text/html"), "x"),
            "/moved" => answer(301, ("location", "/openapi.json"), ""),
            _ => json(404, "{}"),
        };
        Some(bytes_of(request, &answer))
    })
}

#[test]
fn a_document_is_taken_from_the_service_itself() {
    let server = lists_at(&["/v1/a", "/v1/b", "/v1/c", "/v1/d"]);
    let url = format!("{}/openapi.json", server.url());
    let ended = fencepost(&["run", "--contract", &url, "--target", &server.url()]).ended();
    assert!(ended.code == Some(0) && ended.stdout.contains("4 operations tested, 0 not"), "{ended}");
    let ended = fencepost(&["check", &url]).ended();
    assert!(ended.code == Some(0) && ended.stdout.contains("4 of 4 operations can be tested"), "{ended}");
    for (path, why) in [
        ("/nothing", "answered with 404"),
        ("/page", "a page to look at"),
        ("/moved", "redirects to /openapi.json"),
        ("/v1/a", "must be a mapping"),
    ] {
        let ended = fencepost(&["check", &format!("{}{path}", server.url())]).ended();
        assert!(ended.code == Some(2) && ended.stderr.contains(why), "{path}\n{ended}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended}");
    }
    // Another host is asked only where it was named; nobody is asked here.
    let elsewhere = "http://user:secret-word@192.0.2.1/openapi.json";
    for command in [&["check", elsewhere][..], &["run", "--contract", elsewhere]] {
        let ended = fencepost(command).ended();
        assert!(ended.code == Some(2) && ended.stderr.contains("--allow-host 192.0.2.1"), "{ended}");
        assert!(!ended.stderr.contains("secret-word"), "{ended}");
    }
}

#[test]
fn paths_that_begin_elsewhere_are_told_early_and_with_the_remedy() {
    for (paths, remedy) in [
        (&["/v5/a", "/v5/d"][..], "--base-path /v5"),
        (&["/b"], "--base-path /"),
        (&["/api/v1/c"], "--base-path /api/v1"),
    ] {
        let server = lists_at(paths);
        let url = format!("{}/openapi.json", server.url());
        let ended = fencepost(&["run", "--contract", &url, "--target", &server.url()]).ended();
        let is_told = ended.stdout.lines().any(|line| line.ends_with(remedy));
        assert!(ended.code == Some(3) && is_told && ended.stdout.contains("below /v1"), "{remedy}\n{ended}");
        assert!(ended.stdout.contains("the run had ended"), "{ended}");
        let (option, path) = remedy.split_once(' ').expect("two words");
        let ended = fencepost(&["run", "--contract", &url, "--target", &server.url(), option, path]).ended();
        assert!(ended.code == Some(0) && !ended.stdout.contains(remedy), "{ended}");
    }
    // Nothing is given up where something is there, or where nothing is anywhere.
    for paths in [&["/v1/d"][..], &[]] {
        let server = lists_at(paths);
        let url = format!("{}/openapi.json", server.url());
        let ended = fencepost(&["run", "--contract", &url, "--target", &server.url()]).ended();
        assert!(!ended.stdout.contains("--base-path") && !ended.stdout.contains("the run had ended"), "{ended}");
        assert!(ended.stdout.contains("GET /d: "), "{ended}");
        assert_eq!(ended.code, Some(if paths.is_empty() { 3 } else { 0 }), "{ended}");
    }
}

#[test]
fn a_base_path_stands_behind_the_path_of_the_target() {
    let server = lists_at(&["/x/y/a", "/x/b"]);
    let url = format!("{}/openapi.json", server.url());
    let run = |target: &str, more: &[&str]| {
        let arguments = ["run", "--contract", &url, "--target", &format!("{}{target}", server.url())];
        fencepost(&[&arguments[..], more].concat()).ended()
    };
    let ended = run("/x", &["--base-path", "/y/"]);
    assert!(ended.stdout.contains("GET /a: no finding"), "{ended}");
    let ended = run("/x", &[]);
    assert!(ended.stdout.contains("GET /b: no finding"), "{ended}");
    let ended = run("/x", &["--base-path", "y"]);
    assert!(ended.code == Some(2) && ended.stderr.contains("write a path, such as `/v2`"), "{ended}");
    let ended = fencepost(&["run", "--contract", &url, "--base-path", "/y"]).ended();
    assert!(ended.code == Some(2) && ended.stderr.contains("--base-path"), "{ended}");
}
