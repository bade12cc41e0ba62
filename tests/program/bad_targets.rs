//! Targets that cannot be tested, and targets that behave badly while they are: whatever is at the other end, a run
//! ends by itself, with the documented exit code and one line that says what is wrong.

mod crowded;
mod failing;
mod unsent;
mod wavering;

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;

use crate::command::fencepost;
use crate::server::{Peer, Server, bytes_of, json};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Runs against a URL, and holds how it ends against what is wanted: one line on standard error with these words in it,
/// and a report that says that nothing was tested.
#[track_caller]
fn check_untestable(url: &str, words: &[&str]) {
    check_untestable_within("2s", url, words);
}

#[track_caller]
fn check_untestable_within(time: &str, url: &str, words: &[&str]) {
    let run = fencepost(&["run", "--timeout", time, "--report-json", "report.json", "--target", url]);
    let path = run.folder.path.join("report.json");
    std::fs::write(&path, "of an earlier run").expect("a file can be written");
    let mut ended = run.ended().with_code(3);
    // What is said besides of requests that were never answered has tests of its own.
    let lines = ended.stderr.split_inclusive('\n').filter(|line| !line.contains(" never answered: "));
    ended.stderr = lines.collect();
    ended.complains(words);
    assert_eq!(ended.folder.files(), ["report.json"], "\n{ended}");
    let report = std::fs::read_to_string(path).expect("the report can be read");
    let tested = ["\"enforced\"", "\"not enforced\"", "\"too strict\"", "\"crashes\"", "\"id\": "];
    let lines: Vec<&str> = report.lines().filter(|line| tested.iter().any(|word| line.contains(word))).collect();
    assert_eq!(lines, Vec::<&str>::new(), "the report tells of verdicts\n{ended}");
    assert!(report.starts_with("{\n  \"schema\": 2,") && report.contains("\"untested\""), "{report}\n{ended}");
}

/// A server that answers every request with this status and this JSON body.
fn always(status: u16, body: &'static str) -> Server {
    Server::http(move |request, _| Some(bytes_of(request, &json(status, body))))
}

/// A server that leaves every connection to a closure, and is told as no server of HTTP.
#[track_caller]
fn check_no_http(handle: impl Fn(&Peer) + Send + Sync + 'static) {
    let server = Server::start(handle);
    check_untestable(&server.url(), &["does not answer in HTTP", "check the port and the scheme"]);
}

#[test]
fn a_host_that_nobody_has_cannot_be_reached() {
    let named = ["--allow-host", "host.invalid", "--task-id", "1"];
    let ended = fencepost(&[&["run", "--target", "http://host.invalid/"][..], &named].concat()).ended().with_code(3);
    ended.complains(&["cannot be reached", "check the URL"]);
}

#[test]
fn a_port_on_which_nobody_listens_cannot_be_reached() {
    // The near end of a connection: its port is taken, so that nobody else comes to listen on it.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port can be listened on");
    let far = listener.local_addr().expect("a listener has an address");
    let connection = TcpStream::connect(far).expect("the listener listens");
    let address = connection.local_addr().expect("a connection has an address");
    check_untestable(&format!("http://{address}"), &["cannot be reached", "refused"]);
}

#[test]
fn a_certificate_that_is_not_trusted_is_named_as_the_cause() {
    let server = Server::start({
        let config = Arc::new(tls());
        move |peer| {
            let mut connection = rustls::ServerConnection::new(config.clone()).expect("the configuration is sound");
            // The client hangs up; on a machine that trusts the certificate it would hear what is no HTTP.
            let mut transport = &peer.stream;
            let mut stream = rustls::Stream::new(&mut connection, &mut transport);
            let _ = stream.write_all(b"nothing\r\n\r\n");
        }
    });
    check_untestable(&server.url().replace("http:", "https:"), &["certificate"]);
}

fn tls() -> rustls::ServerConfig {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("../data/untrusted.cert.pem"));
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../data/untrusted.key.pem"));
    rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has every version")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.expect("a certificate")], key.expect("a key"))
        .expect("the key is the certificate's")
}

#[test]
fn https_spoken_to_a_server_of_plain_http_cannot_be_reached() {
    let server = always(200, r#"{"id":"x"}"#);
    check_untestable(&server.url().replace("http:", "https:"), &["cannot be reached"]);
}

#[test]
fn a_target_that_lets_nobody_in_wants_credentials() {
    for status in [401, 403] {
        let server = always(status, r#"{"error_code":"APIG.0301","error_msg":"Incorrect IAM authentication"}"#);
        check_untestable(&server.url(), &[&status.to_string(), "credentials", "--token-env"]);
    }
}

#[test]
fn a_target_with_one_answer_to_everything_cannot_be_tested() {
    for status in [302, 400, 404, 405, 410] {
        let server = Server::http(move |request, _| {
            let mut response = json(status, r#"{"error_code":"APIG.0101","error_msg":"no such API"}"#);
            response.headers.push(("Location".to_owned(), "/elsewhere".to_owned()));
            response.headers.push(("Retry-After".to_owned(), "0".to_owned()));
            Some(bytes_of(request, &response))
        });
        check_untestable(&server.url(), &["answers everything", &status.to_string()]);
    }
}

#[test]
fn a_target_that_accepts_nothing_is_quoted_on_one_line() {
    let server = Server::http(|request, _| {
        let legal = request.body.as_ref().is_some_and(|body| serde_json::from_slice::<serde_json::Value>(body).is_ok());
        let refusal = json(409, "{\"error_code\":\"SMS.1\",\"error_msg\":\"first\\nsecond \\u001b[31m\"}");
        Some(bytes_of(request, &if legal { refusal } else { json(400, "{}") }))
    });
    check_untestable(&server.url(), &["accepted no legal request", "409", "SMS.1", "--task-id"]);
}

#[test]
fn what_to_do_about_a_target_that_accepts_nothing_depends_on_its_status() {
    let check = |status: u16, words: &[&str], is_about_the_task: bool| {
        let server = always(status, r#"{"error_code":"SMS.1","error_msg":"no"}"#);
        check_untestable(&server.url(), &[&[format!("{status} SMS.1: no").as_str()][..], words].concat());
        let ended = fencepost(&["run", "--target", &server.url()]).ended().with_code(3);
        assert_eq!(ended.stderr.contains("--task-id"), is_about_the_task, "\n{ended}");
    };
    check(400, &["compare its words with the contract"], false);
    check(422, &["a value, a format or a header"], false);
    check(415, &["another media type", "--header"], false);
    check(405, &["it serves no PUT there", "URL's path"], false);
    check(404, &["URL's path", "task that the path names"], true);
    check(409, &["in no state for it", "name another"], true);
}

#[test]
fn a_server_that_writes_garbage_speaks_no_http() {
    check_no_http(|peer| {
        let _ = (&peer.stream).write_all(b"\x00\xffSSH-2.0-not HTTP\r\n\r\n");
        peer.hang();
    });
}

#[test]
fn a_server_that_hangs_up_at_once_speaks_no_http() {
    check_no_http(|_| {});
}

#[test]
fn a_server_that_hangs_up_on_every_request_speaks_no_http() {
    let server = Server::http(|_, _| None);
    check_untestable(&server.url(), &["does not answer in HTTP"]);
}

#[test]
fn a_server_that_stops_within_its_answers_cannot_be_tested() {
    let server = Server::http(|_, peer| {
        let _ = (&peer.stream)
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{");
        None
    });
    check_untestable(&server.url(), &["HTTP"]);
}

#[test]
fn a_server_whose_headers_are_too_large_to_read_cannot_be_tested() {
    let server = Server::http(|request, _| {
        let mut response = json(200, r#"{"id":"x"}"#);
        response.headers.push(("X-Huge".to_owned(), "h".repeat(4 << 20)));
        Some(bytes_of(request, &response))
    });
    check_untestable(&server.url(), &["HTTP"]);
}

#[test]
fn a_server_that_never_answers_is_not_waited_for_long() {
    for half in [&b""[..], b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"] {
        let server = Server::http(move |_, peer| {
            let _ = (&peer.stream).write_all(half);
            peer.hang();
            None
        });
        check_untestable_within("200ms", &server.url(), &["answers nothing in time", "--timeout"]);
    }
}
