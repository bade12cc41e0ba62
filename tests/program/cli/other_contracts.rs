//! Contracts of the user's own: what holds of the shipped one alone is not done to their services, and not said of them.

use std::fs;
use std::sync::{Arc, Mutex};

use fencepost::Contract;
use serde_json::{Value, json};

use crate::command::{Ended, fencepost};
use crate::conforming::keeping;
use crate::server::{self, Server, bytes_of};

/// A contract of this operation, whose body may have a name and a size.
fn contract(method: &str, path: &str) -> String {
    let parameters: Vec<String> = path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            format!("{{name: {name}, in: path, required: true, schema: {{type: string, maxLength: 40}}, example: one}}")
        })
        .collect();
    format!(
        "openapi: 3.1.0
paths:
  {path}:
    {method}:
      parameters: [{}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties:
                name: {{type: string, minLength: 1, maxLength: 20}}
                size: {{type: integer, minimum: 0, maximum: 9}}
      responses:
        '200': {{content: {{application/json: {{schema: {{type: object, required: [id]}}}}}}}}
        4XX: {{content: {{application/json: {{schema: {{type: object, required: [code]}}}}}}}}
",
        parameters.join(", ")
    )
}

/// What a service was sent by its own method and accepted, and what it tells of itself.
#[derive(Clone, Default)]
struct Service {
    accepted: Arc<Mutex<Vec<Value>>>,
}

impl Service {
    /// A server that keeps the contract, and answers GET with what `shown` makes of all that it has accepted.
    fn server(&self, text: &str, shown: impl Fn(&[Value]) -> Value + Send + Sync + 'static) -> Server {
        let contract = Contract::from_text("mine.yaml", text).expect("the contract is sound");
        let method = contract.operation().method.clone();
        let accepted = self.accepted.clone();
        keeping(&contract, move |request, answer, _| {
            let mut accepted = accepted.lock().expect("no script panics");
            if request.method == "GET" {
                return Some(bytes_of(request, &server::json(200, &shown(&accepted).to_string())));
            }
            if answer.status == 200 && request.method == method {
                let body = request.body.as_deref().unwrap_or_default();
                accepted.push(serde_json::from_slice(body).unwrap_or_default());
            }
            Some(bytes_of(request, &answer))
        })
    }

    fn accepted(&self) -> Vec<Value> {
        self.accepted.lock().expect("no script panics").clone()
    }
}

/// Runs with a contract of this text.
fn run(server: &Server, text: &str, flags: &[&str]) -> Ended {
    let url = server.url();
    let run = fencepost(&[&["run", "--target", &url, "--contract", "mine.yaml"], flags].concat());
    fs::write(run.folder.path.join("mine.yaml"), text).expect("a file can be written");
    run.ended()
}

/// Holds that nothing is said in the words of the shipped contract.
#[track_caller]
fn check_words(ended: &Ended) {
    for word in ["the task", "task id", "task_id"] {
        assert!(!ended.stdout.contains(word) && !ended.stderr.contains(word), "{word}\n{ended}");
    }
}

#[test]
fn what_a_post_lists_is_not_posted_back() {
    for (method, path) in [("post", "/things"), ("patch", "/things/{id}"), ("delete", "/things/{id}")] {
        let (service, text) = (Service::default(), contract(method, path));
        // A list and an envelope that the schema allows, as it allows members that it does not name.
        let server =
            service.server(&text, |accepted| json!({"items": accepted, "name": "page", "total": accepted.len()}));
        let ended = run(&server, &text, &[]).with_code(0);
        let accepted = service.accepted();
        assert!(accepted.len() > 3, "\n{ended}");
        assert!(accepted.iter().all(|body| body.get("items").is_none()), "\n{ended}");
        let told = format!(
            "\nwhat {} {path} makes or changes stays: only what a PUT replaces is put back\n",
            method.to_uppercase()
        );
        assert!(ended.stdout.contains(&told), "\n{ended}");
        assert_eq!((ended.stderr.as_str(), ended.folder.files()), ("", vec!["mine.yaml".to_owned()]), "\n{ended}");
        check_words(&ended);
    }
}

#[test]
fn what_a_put_replaces_is_put_back_and_called_by_its_name() {
    for (path, noun) in [
        ("/things/{thing_id}", "thing"),
        ("/orders/{id}/items/{orderItemId}", "order item"),
        ("/things/{id}", "resource"),
        ("/settings", "resource"),
    ] {
        let (service, text) = (Service::default(), contract("put", path));
        let first = json!({"id": 1, "name": "somebody's", "size": 3});
        let server = service.server(&text, {
            let first = first.clone();
            move |accepted| accepted.last().unwrap_or(&first).clone()
        });
        let ended = run(&server, &text, &[]).with_code(0);
        assert_eq!(service.accepted().last(), Some(&first), "\n{ended}");
        let told =
            format!("\nthe {noun} was read, and will be put back; until then it is in fencepost-restore.json\n\n");
        assert!(ended.stdout.contains(&told), "\n{ended}");
        assert!(ended.stdout.contains(&format!("\nthe {noun} is as it was before\n")), "\n{ended}");
        check_words(&ended);
    }
}

#[test]
fn what_is_no_representation_is_not_put() {
    let shown: [fn(&[Value]) -> Value; 3] = [
        |accepted| json!({"items": accepted, "total": accepted.len()}),
        |accepted| json!({"data": accepted.last()}),
        |accepted| json!(accepted),
    ];
    for shown in shown {
        let (service, text) = (Service::default(), contract("put", "/things/{thing_id}"));
        let server = service.server(&text, shown);
        let ended = run(&server, &text, &[]).with_code(0);
        let strange = |body: &Value| body.get("items").is_some() || body.get("data").is_some();
        assert!(!service.accepted().iter().any(strange), "\n{ended}");
        assert!(
            ended.stdout.contains("\nthe thing cannot be read (") && ended.stdout.contains("--restore FILE"),
            "\n{ended}"
        );
        ended.complains(&["the thing is left as the last accepted probe made it", "--restore FILE"]);
        check_words(&ended);
    }
}

#[test]
fn what_the_contract_does_not_allow_is_told_before_it_is_overwritten() {
    let (service, text) = (Service::default(), contract("put", "/things/{thing_id}"));
    let server = service.server(&text, |_| json!({"name": "somebody's", "size": 77}));
    let ended = run(&server, &text, &[]).with_code(0);
    let told = "\nit may be refused, for the contract's maximum at body.size; --restore FILE gives another body to send at the end\n";
    assert!(ended.stdout.contains(told), "\n{ended}");
    ended.complains(&["could not be put back (400", "send it with --restore fencepost-restore.json"]);
}

/// The paths of the requests of the operation's own method.
fn paths(text: &str, flags: &[&str], profile: &str) -> (Ended, Vec<String>) {
    let contract = Contract::from_text("mine.yaml", text).expect("the contract is sound");
    let paths: Arc<Mutex<Vec<String>>> = Arc::default();
    let server = keeping(&contract, {
        let paths = paths.clone();
        move |request, answer, _| {
            if request.method == "PUT" {
                paths.lock().expect("no script panics").push(request.path.clone());
            }
            Some(bytes_of(request, &answer))
        }
    });
    let url = server.url();
    let run = fencepost(&[&["run", "--target", &url, "--contract", "mine.yaml", "--only", "body"], flags].concat());
    fs::write(run.folder.path.join("mine.yaml"), text).expect("a file can be written");
    fs::write(run.folder.path.join("fencepost.toml"), profile).expect("a file can be written");
    let ended = run.ended();
    let paths = paths.lock().expect("no script panics").clone();
    (ended, paths)
}

#[test]
fn any_parameter_of_the_path_can_be_set() {
    let text = contract("put", "/orders/{order}/items/{item_id}");
    let profile = "[profile.mine]\nset = { \"path.order\" = \"of-the-file\", \"path.item_id\" = \"${ITEM}\" }\n";
    for (flags, path) in [
        (&["--set", "path.item_id=a=b"][..], "/orders/one/items/a%3Db"),
        (&["--set", "path.order=7", "--set", "path.item_id=8"], "/orders/7/items/8"),
        (&["--task-id", "7", "--set", "path.item_id=8"], "/orders/7/items/8"),
        (&["--profile", "mine", "--set", "path.item_id=8"], "/orders/of-the-file/items/8"),
    ] {
        let profile = profile.replace("${ITEM}", "of-the-file-too");
        let (ended, paths) = paths(&text, flags, &profile);
        assert!(
            paths.len() > 5 && paths.iter().filter(|other| *other != path).count() < 5,
            "{path}: {paths:?}\n{ended}"
        );
    }
}

#[test]
fn a_parameter_whose_name_holds_an_equals_sign_can_be_set() {
    let text = contract("put", "/things/{a=b}");
    for flag in ["path[\"a=b\"]=c=d", "path[\"a\\u003db\"]=c=d"] {
        let (ended, paths) = paths(&text, &["--set", flag], "");
        assert!(paths.iter().any(|path| path == "/things/c%3Dd"), "{flag}: {paths:?}\n{ended}");
    }
}

#[test]
fn what_cannot_be_set_is_told() {
    let text = contract("put", "/things/{thing_id}");
    for (flags, words) in [
        (&["--set", "path.id=7"][..], &["no parameter of the path stands at `path.id`", "path.thing_id"][..]),
        (&["--set", "path.thing_id="], &["--set path.thing_id must have at least one character"]),
        (&["--set", "path.thing_id=.."], &["--set path.thing_id `..` means another path"]),
        (&["--set", "7"], &["PLACE=VALUE"]),
        (&["--set", "path.thing_id=7", "--task-id", "8"], &["both give `path.thing_id`", "leave one out"]),
    ] {
        let (ended, paths) = paths(&text, flags, "");
        assert_eq!(paths.len(), 0, "\n{ended}");
        if flags[1] == "7" {
            assert_eq!(ended.code, Some(2), "\n{ended}");
        } else {
            ended.with_code(2).complains(words);
        }
    }
    let (ended, _) = paths(&contract("put", "/settings"), &["--set", "path.id=7"], "");
    ended.with_code(2).complains(&["the contract's path has no parameter, so --set path.id has nowhere to go"]);
}

#[test]
fn a_target_that_knows_no_such_thing_is_told_how_to_name_one() {
    for (path, words) in [
        ("/things/{thing_id}", &["404", "the thing that the path names (--set path.thing_id=VALUE)"][..]),
        ("/things/{id}", &["the resource that the path names (--set path.id=VALUE)"]),
        ("/settings", &["404 none: check the URL's path\n"]),
    ] {
        let text = contract("put", path);
        let server = Server::http(|request, _| Some(bytes_of(request, &server::json(404, r#"{"code":"none"}"#))));
        let ended = run(&server, &text, &[]).with_code(3);
        check_words(&ended);
        assert!(words.iter().all(|word| ended.stderr.contains(word)), "{words:?}\n{ended}");
    }
}

#[test]
fn a_target_elsewhere_needs_a_thing_that_is_named() {
    for (method, path, words) in [
        (
            "put",
            "/things/{thing_id}",
            &["every accepted probe overwrites the thing", "with --set path.thing_id=VALUE, or with `set`"][..],
        ),
        ("patch", "/things/{id}", &["every accepted probe is a PATCH that takes effect", "--set path.id=VALUE"]),
    ] {
        let text = contract(method, path);
        let run = fencepost(&[
            "run",
            "--target",
            "http://host.invalid",
            "--allow-host",
            "host.invalid",
            "--contract",
            "mine.yaml",
        ]);
        fs::write(run.folder.path.join("mine.yaml"), &text).expect("a file can be written");
        let ended = run.ended().with_code(2);
        check_words(&ended);
        ended.complains(words);
    }
}
