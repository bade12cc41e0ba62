//! Every secret of a run with a word of its own in it, at a gateway that repeats all that it is told: none of these words
//! is ever written, to the terminal, to the report or to a snapshot, whatever happens.

use std::fs;
use std::path::Path;

use super::{Ended, Fencepost, fencepost, profile, run};
use crate::conforming::conforming;
use crate::gateway::{DOMAIN, Door, Gateway, PASSWORD, PROJECT, PROJECT_ID, Rules, USER};
use crate::server::{Server, bytes_of};

/// Whatever holds this word is a secret.
const CANARY: &str = "canary";

const HEADERS: &str = "headers = { X-Private = \"${PRIVATE}\", Proxy-Authorization = \"Bearer ${AUTH}\", \
                       X-Short = \"1.${SHORT}\", X-Basic-Auth = \"Basic canary-in-the-file\", \
                       Cookie = \"theme=dark; session=canary-cookie\" }\n";

fn with_secrets(mut command: Fencepost, text: &str) -> Fencepost {
    for (name, value) in [
        ("PRIVATE", "canary-of-a-header"),
        ("AUTH", "canary-of-authorization"),
        ("SHORT", "canary"),
        ("TOKEN", "canary-in-a-variable-1"),
        ("PASSWORD", PASSWORD),
        ("WRONG", "canary-of-another-password"),
        ("SECRET_KEY", "canary-of-a-secret-key"),
        ("PATH", &std::env::var("PATH").unwrap_or_default()),
    ] {
        command.command.env(name, value);
    }
    let folder = &command.folder.path;
    fs::write(folder.join("fencepost.toml"), text).expect("a file can be written");
    fs::write(folder.join("token"), "canary-in-a-file-1").expect("a file can be written");
    fs::create_dir_all(folder.join("snapshots/gateway")).expect("a folder can be made");
    command
}

/// Looks at all that was written.
#[track_caller]
fn check_written(ended: &Ended) {
    let files = written(&ended.folder.path).into_iter().filter(|(name, _)| name != "fencepost.toml" && name != "token");
    let said = [("standard output", &ended.stdout), ("standard error", &ended.stderr)];
    let said = said.map(|(name, text)| (name.to_owned(), text.clone()));
    for (name, text) in said.into_iter().chain(files) {
        let leak = text.lines().find(|line| line.contains(CANARY));
        assert_eq!(leak, None, "{name}\n{ended}");
    }
}

/// Runs with these keys, and shows the profile.
#[track_caller]
fn check(rules: Rules, keys: &str, code: i32) -> Ended {
    let gateway = Gateway::start(rules);
    let host = gateway.context().ip().to_string();
    let text =
        profile(&gateway.url(), &format!("{HEADERS}{}", keys.replace("URL", &gateway.url()).replace("HOST", &host)));
    let mut command = with_secrets(run(""), &text);
    command.command.args(["--journal", "run.journal", "--update-snapshots", "--full"]);
    let ended = command.ended().with_code(code);
    check_written(&ended);
    if code != 2 {
        let search = ["fuzz", "--profile", "gateway", "--max-requests", "300", "--for", "10m", "--corpus", "corpus"];
        check_written(&with_secrets(fencepost(&search), &text).ended());
    }
    let show = fencepost(&["profile", "show", "gateway", "--header", "X-Token: canary-in-a-flag"]);
    check_written(&with_secrets(show, &text).ended());
    check_written(&with_secrets(fencepost(&["profile", "check"]), &text).ended());
    ended
}

/// Every file below a folder, by its name.
fn written(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            files.extend(written(&path));
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned()));
        }
    }
    files
}

fn echoing(word: &'static str) -> Rules {
    Rules { door: Door::Token(word), echoes: true, ..Rules::default() }
}

fn iam(password: &str) -> String {
    format!(
        "[profile.gateway.credentials.iam]\nurl = \"URL\"\nuser = \"{USER}\"\npassword = \"{password}\"\n\
         domain = \"{DOMAIN}\"\nproject = \"{PROJECT}\"\n"
    )
}

fn signing(secret_key: &str) -> String {
    format!(
        "[profile.gateway.credentials.signing]\naccess_key = \"FENCEPOSTACCESSKEY01\"\n\
         secret_key = \"{secret_key}\"\nproject_id = \"{PROJECT_ID}\"\n"
    )
}

fn signed(secret_key: &'static str) -> Rules {
    let door = Door::Signature { access_key: "FENCEPOSTACCESSKEY01", secret_key };
    Rules { door, echoes: true, ..Rules::default() }
}

#[test]
fn a_token_is_never_written() {
    let ended = check(echoing("canary-in-a-variable"), "credentials = { token_env = \"TOKEN\" }\n", 1);
    assert!(ended.stdout.contains("\nFINDING response.success:secret:inside "), "\n{ended}");
    for named in ["x-auth-token: ${TOKEN}", "Bearer ${AUTH}", "x-private: ${PRIVATE}", "${FENCEPOST_HEADER_X_SHORT}"] {
        assert!(ended.stdout.contains(named), "no curl line names {named}\n{ended}");
    }
    for named in ["Basic ${FENCEPOST_HEADER_X_BASIC_AUTH}", "session=${FENCEPOST_HEADER_COOKIE}"] {
        assert!(ended.stdout.contains(named), "no curl line names {named}\n{ended}");
    }
    check(echoing("canary-in-a-file"), "credentials = { token_file = \"token\" }\n", 1);
    check(echoing("canary-in-a-file"), "credentials = { token_command = \"cat token\" }\n", 1);
}

#[test]
fn a_token_that_is_refused_is_never_written() {
    let rules = Rules { life: 500, ..echoing("canary-in-a-variable") };
    check(rules, "credentials = { token_env = \"TOKEN\" }\n", 3);
    check(echoing("canary-of-another"), "credentials = { token_env = \"TOKEN\" }\n", 3);
}

#[test]
fn a_password_and_the_tokens_that_it_gets_are_never_written() {
    let rules = Rules { life: 700, ..echoing("canary-from-the-identity-service") };
    let ended = check(rules.clone(), &iam("${PASSWORD}"), 1);
    assert!(ended.stdout.contains("\nFINDING response.success:secret:inside "), "\n{ended}");
    assert!(ended.stdout.contains("x-auth-token: ${FENCEPOST_TOKEN}"), "\n{ended}");
    check(rules.clone(), &iam(PASSWORD), 1);
    check(Rules { tokens: 2, ..rules.clone() }, &iam("${PASSWORD}"), 3);
    check(rules.clone(), &iam("${WRONG}"), 3);
    check(rules, &iam("canary-that-stands-in-the-file"), 3);
}

#[test]
fn a_secret_key_is_never_written() {
    check(signed("canary-of-a-secret-key"), &signing("${SECRET_KEY}"), 1);
    check(signed("canary-in-the-file"), &signing("canary-in-the-file"), 1);
    check(signed("another"), &signing("${SECRET_KEY}"), 3);
}

#[test]
fn a_proxys_password_is_never_written() {
    for proxy in
        ["http://user:${PASSWORD}@host.invalid:1", "http://user:canary-in-the-file@host.invalid:1", "http://${PRIVATE}"]
    {
        check(Rules::default(), &format!("proxy = \"{proxy}\"\nallow_host = [\"HOST\"]\ntask_id = \"1\"\n"), 3);
    }
    for proxy in ["ftp://user:${PASSWORD}@127.0.0.1", "${PASSWORD}", "http://user:${PASSWORD}@"] {
        check(Rules::default(), &format!("proxy = \"{proxy}\"\n"), 2);
    }
}

#[test]
fn mistakes_in_a_profile_do_not_write_what_was_filled_in() {
    for keys in [
        "timeout = \"${PASSWORD}\"\n",
        "ca_file = \"token\"\n",
        "credentials = { token_command = \"echo canary; exit 1\" }\n",
    ] {
        check(Rules::default(), keys, 2);
    }
    let text = "[profile.gateway]\nurl = \"https://user:${PASSWORD}@127.0.0.1\"\n";
    check_written(&with_secrets(run(""), text).ended().with_code(2));
}

/// What a run and a search write with these keys of a profile, and what `profile show` tells of it.
fn all_of(server: &Server, keys: &str) -> (Ended, String) {
    let text = format!("[profile.gateway]\nurl = \"http://${{HOST}}\"\n{keys}");
    let host = server.url().replace("http://", "");
    let begun = |arguments: &[&str]| {
        let mut command = fencepost(arguments);
        fs::write(command.folder.path.join("fencepost.toml"), &text).expect("a file can be written");
        command.command.env("HOST", &host).env("TASK", "canary-task").env("ODD", "canary odd/task");
        command
    };
    let files = ["--journal", "run.journal", "--report-json", "report.json", "--full"];
    let selection = ["--only", "body.name:*", "--only", "response.success:*"];
    let run = begun(&[&["run", "--profile", "gateway"][..], &files, &selection].concat()).ended().with_code(1);
    let fuzz = ["fuzz", "--profile", "gateway", "--max-requests", "100", "--for", "10m", "--corpus", "corpus"];
    let fuzz = begun(&fuzz).ended();
    let show = begun(&["profile", "show", "gateway"]).ended().with_code(0);
    let of_files = [&run, &fuzz].into_iter().flat_map(|ended| written(&ended.folder.path));
    let of_files = of_files.filter(|(name, _)| name != "fencepost.toml").map(|(_, text)| text);
    let said = [&run, &fuzz, &show].into_iter().flat_map(|ended| [ended.stdout.clone(), ended.stderr.clone()]);
    let all = said.chain(of_files).collect::<Vec<_>>().join("\n");
    (run, all)
}

#[test]
fn a_variable_in_the_url_or_in_the_path_is_never_written() {
    let server = conforming(|request, mut answer, _| {
        // Such a body breaks its schema, and holds the path.
        if answer.status == 200 {
            answer.body = format!(r#"{{"path":"{}"}}"#, request.path).into_bytes();
        }
        Some(bytes_of(request, &answer))
    });
    for (keys, url) in [
        ("task_id = \"${TASK}\"\n", "/v3/tasks/${TASK}\""),
        ("task_id = [\"${TASK}\", \"2\"]\n", "/v3/tasks/${TASK}\""),
        ("set = { \"path.task_id\" = \"a-${TASK}\" }\n", "/v3/tasks/a-${TASK}\""),
        ("task_id = \"${ODD}\"\n", "/v3/tasks/${ODD_ENCODED}\""),
    ] {
        let (ended, all) = all_of(&server, keys);
        let host = server.url().replace("http://", "");
        let leak = all.lines().find(|line| line.contains(CANARY) || line.contains(&host));
        assert_eq!(leak, None, "{keys}\n{ended}");
        assert!(ended.stdout.contains("testing http://$HOST: "), "{ended}");
        assert!(ended.stdout.contains(url), "no curl line names the variable of {keys}\n{ended}");
    }
    let harmless = "plain_variables = [\"TASK\", \"HOST\"]\ntask_id = \"${TASK}\"\n";
    let (ended, all) = all_of(&server, harmless);
    assert!(
        ended.stdout.contains("/v3/tasks/canary-task\"") && !all.contains("$TASK") && !all.contains("$HOST"),
        "{ended}"
    );
}
