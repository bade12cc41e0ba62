//! `fencepost serve`: a stub that other programs can find, call and end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::ChildStdout;

use fencepost::Contract;
use fencepost::stub::faults;

use super::interrupt;
use crate::command::{Fencepost, Running, fencepost};

/// A `fencepost serve` that listens.
struct Serving {
    running: Running,
    out: BufReader<ChildStdout>,
    host: String,
}

impl Serving {
    #[track_caller]
    fn start(arguments: &[&str]) -> Self {
        Self::of(fencepost(&[&["serve"][..], arguments].concat()))
    }

    /// The same of a document.
    #[track_caller]
    fn document(text: &str, arguments: &[&str]) -> Self {
        let command = fencepost(&[&["serve", "--contract", "any.yaml"][..], arguments].concat());
        std::fs::write(command.folder.path.join("any.yaml"), text).expect("a file can be written");
        Self::of(command)
    }

    #[track_caller]
    fn of(command: Fencepost) -> Self {
        let mut running = command.start();
        let mut out = BufReader::new(running.process.0.stdout.take().expect("standard output is piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("standard output can be read");
        match line.strip_prefix("http://").and_then(|line| line.strip_suffix('\n')) {
            Some(host) => Self { running, host: host.to_owned(), out },
            None => panic!("the first line is no URL: {line:?}\n{}", running.ended()),
        }
    }

    /// Sends a request on a connection of its own, and returns the whole answer.
    #[track_caller]
    fn ask(&self, method: &str, body: &str) -> String {
        self.ask_at(method, "/v3/tasks/1", body)
    }

    #[track_caller]
    fn ask_at(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.host).expect("the stub listens");
        let (host, length) = (&self.host, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nX-Auth-Token: t\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("the stub reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the stub answers");
        answer
    }

    /// Ends it, and returns what else it printed.
    #[track_caller]
    fn end(mut self) -> String {
        interrupt(&self.running.process);
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("standard output can be read");
        let ended = self.running.ended().with_code(0);
        assert_eq!(ended.stderr, "", "\n{ended}");
        rest
    }
}

fn example() -> String {
    Contract::shipped().operation().body.example.clone().expect("the contract has an example")
}

#[track_caller]
fn check_status(answer: &str, status: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
}

#[test]
fn the_stub_tells_where_it_is_and_keeps_the_contract_until_ctrl_c() {
    let serving = Serving::start(&[]);
    assert!(serving.host.starts_with("127.0.0.1:"), "{}", serving.host);

    let accepted = serving.ask("PUT", &example());
    check_status(&accepted, "200");
    assert!(accepted.ends_with('}') && accepted.contains(r#"{"id":"#), "{accepted}");

    let refused = serving.ask("PUT", r#"{"name": 1}"#);
    check_status(&refused, "400");
    assert!(refused.contains("error_code") && refused.contains("error_msg"), "{refused}");

    let other = serving.ask("GET", "");
    check_status(&other, "405");
    assert!(other.lines().any(|line| line.eq_ignore_ascii_case("allow: PUT")), "{other}");

    let rest = serving.end();
    assert!(rest.contains("serving PUT /v3/tasks/{task_id} of update-migration-task.yaml"), "{rest}");
}

#[test]
fn a_whole_document_is_served_and_a_run_finds_its_fault_there() {
    let shop = include_str!("../../documents/shop.yaml");
    let serving = Serving::document(shop, &["--fault", "POST /items body.count:maximum:off"]);
    check_status(&serving.ask_at("GET", "/items", ""), "200");
    check_status(&serving.ask_at("DELETE", "/api/v2/items/7", ""), "204");
    check_status(&serving.ask_at("POST", "/items", r#"{"name":"a","count":10}"#), "201");
    let refused = serving.ask_at("PUT", "/items/7", r#"{"name":"a","count":10}"#);
    check_status(&refused, "400");
    assert!(refused.contains(r#""place":"body.count","keyword":"maximum""#), "{refused}");
    check_status(&serving.ask_at("GET", "/nothing", ""), "404");
    check_status(&serving.ask_at("PATCH", "/items", "{}"), "405");
    let target = format!("http://{}", serving.host);
    let run = fencepost(&["run", "--contract", "any.yaml", "--target", &target, "--may", "any"]);
    std::fs::write(run.folder.path.join("any.yaml"), shop).expect("a file can be written");
    let ended = run.ended().with_code(1);
    assert!(ended.stdout.contains("POST /items: 1 finding") && ended.stdout.contains("\n1 finding; "), "\n{ended}");
    assert!(serving.end().contains("serving 5 operations of any.yaml, below /api/v2 and without it"));
}

#[test]
fn a_stub_with_a_fault_breaks_that_rule_and_no_other() {
    let serving = Serving::start(&["--fault", "body.name:type:takes-number"]);
    check_status(&serving.ask("PUT", r#"{"name": 1}"#), "200");
    check_status(&serving.ask("PUT", r#"{"name": true}"#), "400");
    check_status(&serving.ask("PUT", r#"{"id": 1}"#), "400");
    serving.end();
}

#[test]
fn a_run_against_a_served_stub_is_a_run_against_the_embedded_one() {
    let serving = Serving::start(&["--fault", "body.name:maxLength:off"]);
    let ended = fencepost(&["run", "--target", &format!("http://{}", serving.host)]).ended().with_code(1);
    assert!(ended.stdout.contains("\nFINDING body.name:maxLength:outside "), "\n{ended}");
    assert!(ended.stdout.contains("\n1 finding; "), "\n{ended}");
    serving.end();
}

#[test]
fn a_port_that_is_taken_is_an_error() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port can be listened on");
    let port = taken.local_addr().expect("a listener has an address").port().to_string();
    let ended = fencepost(&["serve", "--port", &port]).ended().with_code(2);
    assert_eq!(ended.stdout, "", "\n{ended}");
    let said = format!("fencepost: the stub cannot listen on port {port} (");
    assert!(ended.stderr.starts_with(&said) && ended.stderr.lines().count() == 1, "\n{ended}");
}

#[test]
fn every_fault_is_listed_with_what_it_is_found_as() {
    let ended = fencepost(&["serve", "--list-faults"]).ended().with_code(0);
    let faults = faults(&Contract::shipped());
    assert!(faults.len() > 2000, "{} faults", faults.len());
    let wrong = ended.stdout.lines().zip(&faults).find(|(line, fault)| {
        let told = line.split_once("\tfound as ").and_then(|(id, finding)| Some((id, finding.rsplit_once(':')?)));
        !told.is_some_and(|(id, (_, side))| id == fault.name() && (side == "inside" || side == "outside"))
    });
    assert!(wrong.is_none(), "{wrong:?}");
    assert_eq!(ended.stdout.lines().count(), faults.len(), "lines");
    let mut ids: Vec<&str> = ended.stdout.lines().filter_map(|line| line.split('\t').next()).collect();
    ids.sort_unstable();
    let twice: Vec<_> = ids.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "listed twice: {twice:?}");
}

#[test]
fn a_fault_that_is_none_is_an_error() {
    let ended = fencepost(&["serve", "--fault", "body.name:maxLength:of"]).ended().with_code(2);
    assert_eq!(ended.stdout, "", "\n{ended}");
    assert!(ended.stderr.contains("(did you mean `body.name:maxLength:off`?)"), "\n{ended}");
}
