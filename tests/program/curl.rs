//! A finding's line for the shell sends what the client sent, to the last byte: each kind of line is run with the real
//! `curl`, in every shell that is there, against a server that writes down what comes.
//!
//! Where there is no curl, that is said and nothing is tested; `tests/library/curl.rs` holds what the shell makes of a line.

use std::ops::ControlFlow;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use fencepost::Contract;
use fencepost::compose::{Composer, text_of_length};
use fencepost::exchange::{Outcome, Request, Target as _};
use fencepost::probe::{Form, malformed_body};
use fencepost::report::curl;
use fencepost::request_context::{RequestContext, RequestOverride};
use fencepost::secret::Secret;
use fencepost::target::{HttpTarget, TargetSettings};

use crate::server::{Server, bytes_of, json};

const SECRET: &str = "it's \"a\" se$cret! with `ticks` and \\ in it";

/// The shells, with the arguments and the first line that let one read lines as if they were typed.
const SHELLS: [(&str, &[&str], &str); 5] = [
    ("sh", &["-s"], ""),
    ("dash", &["-s"], ""),
    ("bash", &["--norc", "-s"], ""),
    ("bash", &["--norc", "-s"], "set -o history -o histexpand\n"),
    ("zsh", &["-f", "-s"], "setopt banghist\n"),
];

/// A server that answers everything alike, and writes down what it was asked.
struct Recorder {
    server: Server,
    heard: Receiver<Request>,
}

impl Recorder {
    fn start() -> Self {
        let (sender, heard) = channel();
        let server = Server::http(move |request, _| {
            // Nobody listens where the test is over.
            let _ = sender.send(request.clone());
            Some(bytes_of(request, &json(200, "{}")))
        });
        Self { server, heard }
    }

    /// The one request that has come, with its headers in an order of their own.
    #[track_caller]
    fn heard(&self, who: &str) -> Request {
        let mut all: Vec<Request> = self.heard.try_iter().collect();
        assert_eq!(all.len(), 1, "{who}: {all:#?}");
        let mut request = all.remove(0);
        // curl writes the names of its own in capitals.
        for (name, _) in &mut request.headers {
            if ["Accept", "Host", "Content-Length"].contains(&name.as_str()) {
                name.make_ascii_lowercase();
            }
        }
        request.headers.sort();
        // A body that is empty needs no length, and has one from some clients.
        if request.body.as_deref().is_none_or(<[u8]>::is_empty) {
            request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
            request.body = None;
        }
        request
    }
}

fn is_there(program: &str) -> bool {
    let version = Command::new(program).arg("-c").arg(":").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok()
}

fn typed(shell: &str, arguments: &[&str], first: &str, line: &str, url: &str) {
    use std::io::Write as _;
    let mut command = Command::new(shell);
    command.args(arguments).env_clear().env("PATH", std::env::var("PATH").unwrap_or_default());
    command.env("FENCEPOST_TARGET", url).env("TOKEN", SECRET);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the shell can be started");
    let mut stdin = child.stdin.take().expect("it is piped");
    let script = format!("{first}{line}\n");
    let writer = std::thread::spawn(move || stdin.write_all(script.as_bytes()));
    let output = child.wait_with_output().expect("the shell can be waited for");
    writer.join().expect("the writer ends").expect("the line can be written");
    let line: String = line.chars().take(2_000).collect();
    assert!(output.status.success(), "{shell} {arguments:?}: {line}\n{output:?}");
}

fn requests(contract: &Contract) -> Vec<(Request, RequestContext)> {
    let operation = contract.operation();
    let composer = Composer::new(operation);
    let plain = RequestContext::default();
    let special = |special: RequestOverride| plain.request(operation, Some(b"{}".to_vec()), &special);
    let with = |body: Vec<u8>| plain.request(operation, Some(body), &RequestOverride::default());
    let mut requests: Vec<Request> = [
        br#"{"name":"it's \"quoted\" $HOME `id` \\ %s %% !x !! a'!'b"}"#.to_vec(),
        b"'".to_vec(),
        b"-n %d".to_vec(),
        b"@/etc/hostname".to_vec(),
        b"-\0\x01\x7f\n\r\t \xff\xfe! '\\'".to_vec(),
        b"two\nlines\n\n".to_vec(),
        "{\"name\":\"\u{e9}\u{6f22}\u{1f600}\u{202e}\"}".as_bytes().to_vec(),
        format!("{{\"a\":\"{}'{}\"}}", "%".repeat(300), "\\".repeat(250)).into_bytes(),
        (0..200_000u32).flat_map(|number| number.to_string().into_bytes()).collect(),
        (0..=u8::MAX).cycle().take(3_000).collect(),
        Vec::new(),
    ]
    .map(with)
    .to_vec();
    for form in [Form::NotUtf8, Form::Utf16, Form::Nested(500), Form::Sized(1_048_577), Form::LineComment] {
        requests.push(with(malformed_body(&composer, form, "sample").expect("the contract has room for it")));
    }
    for value in ["", "a!b 'c' \"d\" $e `f` \\g", "\u{e9}", &text_of_length(16_385), &"ab!".repeat(400)] {
        requests.push(special(RequestOverride {
            parameter: Some((1, Some(value.to_owned()))),
            ..RequestOverride::default()
        }));
    }
    for path in ["a b/c?d$e!", "\u{e9}'[x]{y}", "%2e"] {
        requests.push(special(RequestOverride {
            parameter: Some((0, Some(path.to_owned()))),
            ..RequestOverride::default()
        }));
    }
    requests.push(special(RequestOverride { content_type: Some(None), ..RequestOverride::default() }));
    requests.push(special(RequestOverride { query: Some("fencepost=1".to_owned()), ..RequestOverride::default() }));
    requests.push(plain.request(operation, None, &RequestOverride::default()));
    for method in ["GET", "HEAD", "OPTIONS", "POST", "PATCH", "DELETE"] {
        let special = RequestOverride { method: Some(method.to_owned()), ..RequestOverride::default() };
        requests.push(plain.request(operation, None, &special));
    }
    let mut all: Vec<(Request, RequestContext)> =
        requests.into_iter().map(|request| (request, plain.clone())).collect();
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let own = RequestContext {
        headers: vec![
            header("X-Tag", "one!"),
            header("x-tag", "two"),
            header("X-Tag", ""),
            header("Accept-Encoding", "gzip;q=1, *;q=0"),
            header("Accept", "application/json"),
            header("User-Agent", "somebody/1"),
            header("X-!#$%&'*+.^_`|~", &format!("Bearer {SECRET}!")),
        ],
        credential: Some(Secret::new("TOKEN", SECRET)),
        ..RequestContext::default()
    };
    all.push((own.request(operation, Some(b"{}".to_vec()), &RequestOverride::default()), own));
    all
}

#[test]
#[expect(clippy::print_stdout, reason = "what was not tested is said")]
fn every_line_sends_what_the_client_sent_in_every_shell() {
    if !is_there("curl") {
        println!("there is no curl here: nothing was tested");
        return;
    }
    let shells: Vec<_> = SHELLS.into_iter().filter(|(shell, ..)| is_there(shell)).collect();
    let contract = Contract::shipped();
    let recorder = Recorder::start();
    let url = recorder.server.url();
    let mut client = HttpTarget::new(&TargetSettings::new(&url)).expect("the server's URL is one");
    for (request, context) in requests(&contract) {
        let mut outcome = Outcome::NotSent;
        let _ = client.send(std::slice::from_ref(&request), &mut |delivery| {
            outcome = delivery.outcome;
            ControlFlow::Continue(())
        });
        assert!(matches!(outcome, Outcome::Answer(_)), "{outcome:?}: {request:?}");
        let sent = recorder.heard("the client");
        let line = curl::line(&request, &context);
        assert!(!line.contains(SECRET) && !line.contains(char::is_control), "{line}");
        for (shell, arguments, first) in &shells {
            typed(shell, arguments, first, &line, &url);
            let heard = recorder.heard(&format!("{shell}: {line:.500}"));
            let same = heard == sent;
            assert!(same, "{shell}: {line:.1000}\n{:.2000}\n{:.2000}", format!("{heard:?}"), format!("{sent:?}"));
        }
    }
}

#[test]
fn nothing_goes_out_that_was_not_asked_for() {
    let contract = Contract::shipped();
    let recorder = Recorder::start();
    let mut client = HttpTarget::new(&TargetSettings::new(recorder.server.url())).expect("the server's URL is one");
    let mut sent = |headers: &[(&str, &str)]| {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let context = RequestContext { headers, ..RequestContext::default() };
        client.send_one(&context.request(contract.operation(), Some(b"{}".to_vec()), &RequestOverride::default()));
        recorder.heard("the client").headers
    };
    let sorted_names = |headers: &[(String, String)]| headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(sorted_names(&sent(&[])), ["accept", "content-length", "content-type", "host", "x-auth-token"]);
    let twice = sent(&[
        ("X-Tag", "two"),
        ("x-tag", "one"),
        ("CONTENT-TYPE", "application/json;x=1"),
        ("Accept-Encoding", "br"),
    ]);
    let named = |wanted: &str| -> Vec<&str> {
        twice.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).collect()
    };
    assert_eq!(named("x-tag"), ["one", "two"]);
    assert_eq!((named("content-type"), named("accept-encoding")), (vec!["application/json;x=1"], vec!["br"]));
}
