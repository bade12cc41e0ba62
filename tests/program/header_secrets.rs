//! Headers that are given on the command line, at a target that repeats each of them: what may be a secret is written
//! nowhere, whatever its header is called, and what is said to be none is shown.

use fencepost::exchange::Request;

use crate::command::{Ended, fencepost};
use crate::conforming::conforming;
use crate::server::{Server, bytes_of};

/// Keeps the contract but for its answers, which lack what they must have and hold every header of the request.
fn echoing() -> Server {
    conforming(|request: &Request, mut answer, _| {
        let headers: serde_json::Map<String, serde_json::Value> = request
            .headers
            .iter()
            .filter(|(name, _)| name != "x-auth-token")
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        if answer.status == 200 {
            answer.body = serde_json::json!({"echo": headers}).to_string().into_bytes();
        }
        Some(bytes_of(request, &answer))
    })
}

/// Everything that a run with this header writes.
fn written(server: &Server, option: &str, header: &str) -> (Ended, String) {
    let files = ["--report-json", "report.json", "--journal", "run.journal"];
    let run = ["run", "--target", &server.url(), "--task-id", "1", "--only", "response.success:*", option, header];
    let ended = fencepost(&[&run[..], &files].concat()).ended();
    let read = |name: &str| std::fs::read_to_string(ended.folder.path.join(name)).unwrap_or_default();
    let all = [ended.stdout.clone(), ended.stderr.clone(), read("report.json"), read("run.journal")].concat();
    assert!(ended.stdout.contains("FINDING response.success:responseBody"), "{ended}");
    (ended, all)
}

#[test]
fn what_a_header_holds_is_hidden_whatever_it_is_called() {
    let server = echoing();
    for (header, secret, is_finding) in [
        ("Authorization: Bearer abcdef0123456789-tok", "abcdef0123456789-tok", true),
        ("Authorization: Basic dXNlcjpodW50ZXIyaHVudGVyMg==", "dXNlcjpodW50ZXIyaHVudGVyMg", true),
        ("Authorization: Bearer short1", "short1", false),
        ("X-Api-Key: k3y-0123456789abcdef", "k3y-0123456789abcdef", true),
        ("Cookie: sid=0123456789abcdefgh; theme=dark", "0123456789abcdefgh", true),
        ("X-JWT: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "eyJhbGciOiJIUzI1NiJ9", true),
        ("X-Odd: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "eyJhbGciOiJIUzI1NiJ9", true),
        ("User-Agent: me/1 ghp_0123456789abcdefABCDEF", "ghp_0123456789abcdefABCDEF", true),
        ("X-Access: opaque-0123456789abcdef", "opaque-0123456789abcdef", false),
        ("X-User: somebody-of-ours", "somebody-of-ours", false),
        ("X-Pin: pin:90210", "pin:90210", false),
    ] {
        let (ended, all) = written(&server, "--header", header);
        assert!(!all.contains(secret), "{header}\n{ended}");
        assert!(ended.stdout.contains("${FENCEPOST_HEADER_"), "no curl line names a variable for {header}\n{ended}");
        let found = ended.stdout.contains("FINDING response.success:secret:inside");
        assert_eq!(found, is_finding, "{header}\n{ended}");
    }
}

#[test]
fn what_is_harmless_or_said_to_be_is_shown() {
    let server = echoing();
    for (option, header, shown) in [
        ("--header", "Accept-Language: en-us, en;q=0.5", "-H 'accept-language: en-us, en;q=0.5'"),
        ("--header", "User-Agent: somebody-of-ours/1", "-H 'user-agent: somebody-of-ours/1'"),
        ("--plain-header", "X-Tenant: a-tenant-of-ours", "-H 'x-tenant: a-tenant-of-ours'"),
        ("--plain-header", "X-Key-Format: a-format-of-ours", "-H 'x-key-format: a-format-of-ours'"),
    ] {
        let (ended, _) = written(&server, option, header);
        assert!(ended.stdout.contains(shown), "{header}\n{ended}");
        assert!(!ended.stdout.contains("FINDING response.success:secret:inside"), "{header}\n{ended}");
    }
    // Nobody means a token by that.
    let (ended, all) = written(&server, "--plain-header", "X-Odd: Bearer abcdef0123456789-tok");
    assert!(!all.contains("abcdef0123456789-tok"), "{ended}");
}

#[test]
fn the_password_of_basic_credentials_is_looked_for_and_hidden_by_itself() {
    const PASSWORD: &str = "correct-horse-battery";
    let server = conforming(|request: &Request, mut answer, _| {
        if answer.status == 200 {
            answer.body = format!(r#"{{"hello":"{PASSWORD}"}}"#).into_bytes();
        }
        Some(bytes_of(request, &answer))
    });
    // `user:` and the password.
    let header = "Authorization: Basic dXNlcjpjb3JyZWN0LWhvcnNlLWJhdHRlcnk=";
    let (ended, all) = written(&server, "--header", header);
    assert!(!all.contains(PASSWORD), "{ended}");
    assert!(ended.stdout.contains("FINDING response.success:secret:inside"), "{ended}");
    // To whoever did not send it, it is a word like any other.
    let (ended, all) = written(&server, "--header", "Authorization: Basic dXNlcg==");
    assert!(all.contains(PASSWORD) && !ended.stdout.contains("FINDING response.success:secret"), "{ended}");
}
