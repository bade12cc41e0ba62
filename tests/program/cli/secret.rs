//! The user's token is sent to the target and shown to nobody: not on the terminal, not in the report, whole or in
//! part, whatever the target does with it.

use std::sync::atomic::{AtomicUsize, Ordering};

use fencepost::exchange::{Request, Response};

use crate::command::{Ended, fencepost};
use crate::conforming::conforming;
use crate::server::{Server, bytes_of, json};

const TOKEN: &str = "MIIEsgYJKoZIhvcNAQcC/oIIEozCCBJ8CAQEx+KQ==";
/// So much of a token is no accident.
const PIECE: usize = 8;

/// Runs with the token, and holds that no piece of it is shown.
#[track_caller]
fn run(server: &Server, code: i32) -> Ended {
    let arguments = ["--token-env", "SERVICE_TOKEN", "--report-json", "report.json"];
    let mut run = fencepost(&[&["run", "--target", &server.url()], &arguments[..]].concat());
    run.command.env("SERVICE_TOKEN", TOKEN);
    let ended = run.ended().with_code(code);
    let report = std::fs::read_to_string(ended.folder.path.join("report.json")).unwrap_or_default();
    let pieces: Vec<String> =
        TOKEN.as_bytes().windows(PIECE).map(|piece| String::from_utf8_lossy(piece).into()).collect();
    for (name, text) in [("standard output", &ended.stdout), ("standard error", &ended.stderr), ("the report", &report)]
    {
        let leak = text.lines().find(|line| pieces.iter().any(|piece| line.contains(piece)));
        assert_eq!(leak, None, "{name} shows a piece of the token\n{ended}");
    }
    ended
}

fn token(request: &Request) -> String {
    request.header("X-Auth-Token").unwrap_or_default().to_owned()
}

/// A target whose answers to accepted requests are changed with the token in hand: the run finds at least that.
#[track_caller]
fn check_echo(change: impl Fn(&mut Response, &str) + Send + Sync + 'static) {
    let server = conforming(move |request, mut answer, _| {
        if answer.status == 200 && token(request) == TOKEN {
            change(&mut answer, TOKEN);
        }
        Some(bytes_of(request, &answer))
    });
    let ended = run(&server, 1);
    assert!(ended.stdout.contains("\nFINDING response.success:secret:inside "), "\n{ended}");
    assert!(ended.stdout.contains("-H \"x-auth-token: ${SERVICE_TOKEN}\""), "no curl line names the variable\n{ended}");
}

#[test]
fn a_sound_target_is_sent_the_token() {
    let server = conforming(|request, answer, _| {
        // Refused unless it is the token, or one of the probes of the header itself.
        let sound = token(request) == TOKEN || token(request).len() != TOKEN.len();
        let refusal = json(401, r#"{"error_code":"APIG.0301","error_msg":"who?"}"#);
        Some(bytes_of(request, if sound { &answer } else { &refusal }))
    });
    run(&server, 0);
}

#[test]
fn a_token_that_comes_back_in_a_body_is_masked() {
    check_echo(|answer, token| answer.body = format!(r#"{{"id":"{token}"}}"#).into_bytes());
    check_echo(|answer, token| {
        answer.body = format!(r#"{{"id":"1","{token}":{{"{token}":["{token}{token}"]}}}}"#).into_bytes();
    });
    check_echo(|answer, token| answer.body = format!("who is {token}?").into_bytes());
}

#[test]
fn a_token_in_a_body_that_breaks_its_schema_is_masked() {
    check_echo(|answer, token| answer.body = format!(r#"{{"id":["{token}"]}}"#).into_bytes());
    check_echo(|answer, token| answer.body = format!(r#""{token}""#).into_bytes());
}

#[test]
fn a_token_in_a_header_is_masked() {
    check_echo(|answer, token| answer.headers.push(("X-Debug".to_owned(), format!("token={token}"))));
    check_echo(|answer, token| {
        answer.headers = vec![("Content-Type".to_owned(), format!("text/plain; token={token}"))];
    });
}

#[test]
fn no_piece_of_a_token_is_left_where_a_long_body_is_cut() {
    // Bodies are cut for people at several hundred characters: the token is moved across wherever that is.
    for before in (360..=410).step_by(6) {
        check_echo(move |answer, token| {
            answer.body = format!("{}{token}{}", "-".repeat(before), "-".repeat(900)).into_bytes();
        });
    }
    for after in (160..=210).step_by(6) {
        check_echo(move |answer, token| {
            answer.body = format!("{}{token}{}", "-".repeat(900), "-".repeat(after)).into_bytes();
        });
    }
}

#[test]
fn a_token_in_a_refusal_is_masked() {
    let server = conforming(|request, mut answer, _| {
        if answer.status == 400 {
            answer = json(400, &format!(r#"{{"error_code":"{0}","error_msg":"not for {0}"}}"#, token(request)));
        }
        Some(bytes_of(request, &answer))
    });
    let ended = run(&server, 1);
    assert!(ended.stdout.contains("\nFINDING response.refusal:secret:outside "), "\n{ended}");
}

#[test]
fn a_token_in_the_answer_of_a_target_that_cannot_be_tested_is_masked() {
    let server = Server::http(|request, _| {
        let status = if request.body.as_ref().is_some_and(|body| body.len() > 1) { 409 } else { 400 };
        let refusal = json(status, &format!(r#"{{"error_code":"SMS.1","error_msg":"not for {}"}}"#, token(request)));
        Some(bytes_of(request, &refusal))
    });
    let ended = run(&server, 3);
    assert!(ended.stderr.contains("SMS.1"), "\n{ended}");
}

#[test]
fn a_token_in_what_is_no_http_is_masked() {
    let server = Server::http(|request, _| Some(format!("HTTP/1.1 {} \r\n\r\n", token(request)).into_bytes()));
    run(&server, 3);
}

#[test]
fn a_token_that_comes_back_escaped_is_masked() {
    let coded = |text: &str| text.bytes().map(|byte| format!("\\u{byte:04x}")).collect::<Vec<_>>().concat();
    for escaped in [TOKEN.replace('/', "\\/"), TOKEN.replace('/', "\\u002F"), coded(TOKEN), coded("M") + &TOKEN[1..]] {
        check_echo(move |answer, _| answer.body = format!(r#"{{"id":"{escaped}"}}"#).into_bytes());
    }
}

/// The token as programs write it into other text.
fn written() -> Vec<String> {
    let each = |form: &dyn Fn(u8) -> String| TOKEN.bytes().map(form).collect::<String>();
    let base64 = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
    vec![
        TOKEN.to_owned(),
        TOKEN.to_uppercase(),
        TOKEN.replace('/', "\\/"),
        TOKEN.replace('/', "%2F").replace('+', "%2b").replace('=', "%3D"),
        TOKEN.replace('+', "&plus;").replace('/', "&#47;"),
        each(&|byte| format!("&#x{byte:x};")),
        each(&|byte| format!("%{byte:02x}")),
        each(&|byte| format!("{byte:02X}")),
        base64(TOKEN),
        base64(&format!("user:{TOKEN}")),
        data_encoding::BASE64URL_NOPAD.encode(format!("12{TOKEN}").as_bytes()),
    ]
}

#[test]
fn in_whatever_code_and_however_cut_it_comes_back_nothing_that_is_written_holds_it() {
    let (forms, asked) = (written(), AtomicUsize::new(0));
    let server = conforming(move |request, mut answer, _| {
        if answer.status == 400 && token(request) == TOKEN {
            // Another code for each, and each time another end of it.
            let turn = asked.fetch_add(1, Ordering::Relaxed);
            let form = &forms[turn % forms.len()];
            let cut = form.len() - turn / forms.len() % form.len();
            let part = if turn % 2 == 0 { &form[..cut] } else { &form[form.len() - cut..] };
            answer.body =
                format!(r#"{{"error_code":"SMS.1","error_msg":"{}"}}"#, part.replace('\\', "\\\\")).into_bytes();
        }
        Some(bytes_of(request, &answer))
    });
    let url = server.url();
    let settings = ["--token-env", "SERVICE_TOKEN", "--target", &url];
    let run = [&["run", "--full", "--report-json", "report.json", "--journal", "run.journal"], &settings[..]].concat();
    let fuzz = [&["fuzz", "--for", "1m", "--max-requests", "400", "--corpus", "corpus"], &settings[..]].concat();
    let forms = written();
    for arguments in [run, fuzz] {
        let mut run = fencepost(&arguments);
        run.command.env("SERVICE_TOKEN", TOKEN);
        let ended = run.ended().with_code(1);
        let mut texts = vec![ended.stdout.clone(), ended.stderr.clone()];
        let mut folders = vec![ended.folder.path.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("the folder can be read") {
                let path = entry.expect("the folder can be read").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    texts.push(String::from_utf8_lossy(&std::fs::read(path).expect("the file can be read")).into());
                }
            }
        }
        for (text, form) in texts.iter().flat_map(|text| forms.iter().map(move |form| (text, form))) {
            // As many characters of the code as eight of the token take.
            let clue = 8 * form.len().div_ceil(TOKEN.len()) + 8;
            let leak = form.as_bytes().windows(clue).map(String::from_utf8_lossy).find(|part| text.contains(&**part));
            assert_eq!(leak, None, "of {form}\n{ended}");
        }
    }
}

#[test]
fn an_option_that_is_refused_does_not_show_its_value() {
    for arguments in [
        &["--header", "Authorization Bearer abcdef0123456789"][..],
        &["--header", ": abcdef0123456789"],
        &["--plain-header", "X Y: abcdef0123456789"],
        &["--header", "Authorization:", "Bearer", "abcdef0123456789"],
        &["--header", "X-A: abcdef0123456789\u{1}"],
    ] {
        let ended = fencepost(&[&["run", "--target", "http://127.0.0.1:1"], arguments].concat()).ended().with_code(2);
        assert!(!ended.stderr.contains("abcdef"), "{ended}");
        assert!(ended.stderr.contains("(not shown)"), "{ended}");
    }
}
