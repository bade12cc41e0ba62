//! A finding's curl line sends the very bytes that the probe sent.
//!
//! The shell runs each line with a `curl` of our own first in the path, which writes down its arguments and its input: so
//! quoting, generated runs and escapes are tested by the shell that people paste into, and no curl needs to be installed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use fencepost::Contract;
use fencepost::exchange::Request;
use fencepost::probe::{Form, malformed_body};
use fencepost::report::curl;
use fencepost::request_context::{RequestContext, RequestOverride};
use fencepost::secret::Secret;

const TARGET: &str = "http://127.0.0.1:1";
const SECRET: &str = "a secret with \" quotes and $signs";

/// Writes each argument, then standard input where a body is read from there, each followed by a separator line.
const CURL: &str = r#"#!/bin/sh
for argument in "$@"; do printf '%s\n--\n' "$argument"; done
case "$*" in *"--data-binary @-"*) cat; printf '\n--\n';; esac
"#;

struct Shell {
    folder: PathBuf,
}

impl Shell {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("fencepost-curl-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a temporary folder");
        let curl = folder.join("curl");
        fs::write(&curl, CURL).expect("the script is written");
        fs::set_permissions(&curl, fs::Permissions::from_mode(0o755)).expect("the script is made executable");
        Self { folder }
    }

    /// What curl was called with: the arguments, and its input last.
    fn run(&self, line: &str) -> Vec<Vec<u8>> {
        let path = format!("{}:{}", self.folder.display(), std::env::var("PATH").unwrap_or_default());
        let output = Command::new("sh")
            .args(["-c", line])
            .env_clear()
            .env("PATH", path)
            .env("FENCEPOST_TARGET", TARGET)
            .env("TOKEN", SECRET)
            .output()
            .expect("a shell runs");
        assert!(output.status.success() && output.stderr.is_empty(), "{line}\n{output:?}");
        let mut words = Vec::new();
        let mut rest = output.stdout.as_slice();
        while let Some(end) = rest.windows(4).position(|window| window == b"\n--\n") {
            words.push(rest[..end].to_vec());
            rest = &rest[end + 4..];
        }
        words
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[track_caller]
fn check(shell: &Shell, request: &Request, context: &RequestContext) {
    let line = curl::line(request, context);
    let words = shell.run(&line);
    let text = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
    let after = |flag: &str| -> Vec<Vec<u8>> {
        words.windows(2).filter(|pair| pair[0] == flag.as_bytes()).map(|pair| pair[1].clone()).collect()
    };
    assert!(words.contains(&format!("{TARGET}{}", request.path).into_bytes()), "no URL in {line}");
    let headers: Vec<String> = after("-H").iter().map(|header| text(header)).collect();
    for (name, value) in &request.headers {
        let name = name.to_ascii_lowercase();
        let wanted = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        assert!(headers.contains(&wanted), "{name} is missing or not the same in {line}");
    }
    let body = match after("--data-binary").pop() {
        Some(at) if at == b"@-" => words.last().cloned(),
        other => other,
    };
    assert!(body.as_deref() == request.body.as_deref(), "the body differs: {line}");
}

#[test]
fn the_shell_sends_what_the_probe_sent() {
    let contract = Contract::shipped();
    let operation = contract.operation();
    let composer = fencepost::compose::Composer::new(operation);
    let shell = Shell::new("bytes");
    let context = RequestContext::default();
    let bodies = [
        "{}".as_bytes().to_vec(),
        br#"{"name":"it's \"quoted\" $HOME `id` \\ %s %% !"}"#.to_vec(),
        "{\"name\":\"\u{e9}\u{6f22}\u{1f600}\"}".as_bytes().to_vec(),
        format!("{{\"name\":\"{}\"}}", "x".repeat(256)).into_bytes(),
        format!("{{\"a\":\"{}'{}\"}}", "%".repeat(300), "\\".repeat(250)).into_bytes(),
        b"{\"name\":\"\xff\xfe\x00\"}".to_vec(),
    ];
    for body in bodies {
        check(&shell, &context.request(operation, Some(body), &RequestOverride::default()), &context);
    }
    for form in [Form::NotUtf8, Form::Utf16, Form::Nested(500), Form::Sized(1_048_576), Form::LineComment] {
        let body = malformed_body(&composer, form, "sample");
        check(&shell, &context.request(operation, body, &RequestOverride::default()), &context);
    }
}

#[test]
fn odd_headers_paths_and_methods_are_the_same() {
    let contract = Contract::shipped();
    let operation = contract.operation();
    let shell = Shell::new("headers");
    let context = RequestContext::default();
    let specials = [
        RequestOverride { parameter: Some((1, Some(String::new()))), ..RequestOverride::default() },
        RequestOverride {
            parameter: Some((1, Some(fencepost::compose::text_of_length(16_385)))),
            ..RequestOverride::default()
        },
        RequestOverride { parameter: Some((0, Some("a b/c?d$e".to_owned()))), ..RequestOverride::default() },
        RequestOverride { content_type: Some(Some("text/plain".to_owned())), ..RequestOverride::default() },
        RequestOverride { query: Some("fencepost=1".to_owned()), ..RequestOverride::default() },
    ];
    for special in specials {
        check(&shell, &context.request(operation, Some(b"{}".to_vec()), &special), &context);
    }
    let untyped = RequestOverride { content_type: Some(None), ..RequestOverride::default() };
    let line = curl::line(&context.request(operation, Some(b"{}".to_vec()), &untyped), &context);
    assert!(line.contains("-H 'content-type:'"), "curl would add a type of its own: {line}");
}

#[test]
fn a_given_token_stays_in_its_variable() {
    let contract = Contract::shipped();
    let operation = contract.operation();
    let shell = Shell::new("token");
    let credential = Some(Secret::new("TOKEN", SECRET));
    let context = RequestContext { credential, ..RequestContext::default() };
    let request = context.request(operation, Some(b"{}".to_vec()), &RequestOverride::default());
    assert!(!curl::line(&request, &context).contains("secret"));
    check(&shell, &request, &context);
}
