//! Profiles in `fencepost.toml`: what is read, from where, what overrides it, and what is wrong with one.

use std::fs;

use super::report_of;
use crate::command::{Ended, Fencepost, LIMIT, fencepost};
use crate::conforming::conforming;
use crate::server::{Server, bytes_of, json};

/// A command in a folder with this file of profiles.
pub(crate) fn with_profiles(arguments: &[&str], text: &str) -> Fencepost {
    let command = fencepost(arguments);
    fs::write(command.folder.path.join("fencepost.toml"), text).expect("a file can be written");
    command
}

/// The rows of `profile show`, each without the space between its columns.
fn rows(ended: &Ended) -> Vec<String> {
    ended
        .stdout
        .lines()
        .map(|line| line.split("  ").filter(|word| !word.is_empty()).map(str::trim).collect::<Vec<_>>().join(" | "))
        .collect()
}

#[test]
fn the_printed_example_and_the_readmes_are_sound() {
    let example = fencepost(&["profile", "example"]).ended().with_code(0).stdout;
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("there is a README");
    let in_readme =
        readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("it has an example");
    for text in [&example, in_readme] {
        let mut check = with_profiles(&["profile", "check"], text);
        check.command.env("STAGING_TOKEN", "a token");
        let ended = check.ended().with_code(0);
        assert_eq!(ended.stdout, "profile `staging` is sound\n", "\n{ended}");
    }
}

#[test]
fn what_is_commented_out_in_the_example_is_sound() {
    let example = fencepost(&["profile", "example"]).ended().with_code(0).stdout;
    // Keys and tables are opened; sentences are not.
    let opened = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if rest.contains(" = ") || rest.starts_with('[') => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    // What is about a document of one's own has nothing to say of the shipped one.
    let is_elsewhere = |line: &String| ["contract = ", "assert_formats = "].iter().any(|key| line.starts_with(key));
    let opened: String = example.lines().map(opened).filter(|line| !is_elsewhere(line)).collect();
    let (before, credentials) = opened.split_once("[profile.staging.credentials]\n").expect("there are credentials");
    let (credentials, after) = credentials.split_once("\n\n").expect("something follows");
    let (tokens, tables) = credentials.split_at(credentials.find('[').expect("there are tables"));
    let tokens = tokens.lines().filter(|line| line.contains(" = "));
    let tokens = tokens.map(|line| format!("[profile.staging.credentials]\n{line}\n"));
    let tables = tables.split("[profile").skip(1).map(|table| format!("[profile{table}\n"));
    let ways: Vec<String> = tokens.chain(tables).collect();
    assert_eq!(ways.len(), 5, "{ways:#?}");
    for way in ways {
        let mut check = with_profiles(&["profile", "check"], &format!("{before}{way}{after}"));
        fs::write(check.folder.path.join("token"), "token").expect("a file can be written");
        for name in ["TOKEN", "PASSWORD", "ACCESS_KEY", "SECRET_KEY"] {
            check.command.env(format!("STAGING_{name}"), "a-secret-of-the-caller");
        }
        check.command.env("PROXY_USER", "user").env("PROXY_PASSWORD", "password");
        let ended = check.ended().with_code(2);
        // All that is wrong is that the files are not there.
        let files = "fencepost: profile `staging`: `ca_file`: certificates/authorities.pem: cannot be read";
        assert!(ended.stderr.starts_with(files), "{way}\n{ended}");
    }
}

#[test]
fn flags_override_the_environment_and_that_the_profile() {
    let text = "[profile.mine]\nurl = \"http://127.0.0.1:1\"\ntask_id = \"of-the-file\"\ntimeout = \"3s\"\nconcurrency = 3\n\
                headers = { X-One = \"1\", X-Two = \"${TWO}\", Authorization = \"Bearer abc\", Accept = \"a/b\" }\n\
                plain_headers = { X-Three = \"3\", X-Four = \"4\" }\n\
                credentials = { token_env = \"MINE\" }\nsnapshots = \"there\"\nallow_host = [\"one.example\"]\n";
    let mut show = with_profiles(
        &[
            "profile",
            "show",
            "mine",
            "--task-id",
            "of-a-flag",
            "--header",
            "x-one: 2",
            "--header",
            "x-four: 5",
            "--plain-header",
            "x-five: 6",
            "--allow-host",
            "two.example",
        ],
        text,
    );
    show.command.env("FENCEPOST_TASK_ID", "of-the-environment").env("FENCEPOST_TIMEOUT", "500ms").env("TWO", "a value");
    show.command.env("FENCEPOST_CONCURRENCY", "");
    assert_eq!(
        rows(&show.ended().with_code(0)),
        [
            "url | http://127.0.0.1:1 | fencepost.toml",
            "task_id | of-a-flag | flag",
            "headers.Accept | a/b | fencepost.toml",
            "headers.Authorization | ******** | fencepost.toml",
            "headers.X-Two | $TWO | fencepost.toml",
            "plain_headers.X-Three | 3 | fencepost.toml",
            "headers.x-one | ******** | flag",
            "headers.x-four | ******** | flag",
            "plain_headers.x-five | 6 | flag",
            "credentials.token_env | MINE | fencepost.toml",
            "timeout | 500ms | environment (FENCEPOST_TIMEOUT)",
            "concurrency | 3 | fencepost.toml",
            "snapshots | there | fencepost.toml",
            "allow_host | two.example | flag",
            "allow_host | one.example | fencepost.toml",
        ]
    );
    let show = with_profiles(&["profile", "show", "empty"], "[profile.empty]\n");
    assert_eq!(
        rows(&show.ended().with_code(0)),
        [
            "url | (the embedded stub) | default",
            "task_id | (the contract's example) | default",
            "credentials | (made up) | default",
            "timeout | 10s | default",
            "concurrency | 16 | default",
            "snapshots | snapshots/empty | default",
        ]
    );
}

#[test]
fn secrets_are_shown_by_name_or_not_at_all() {
    let text = "[profile.mine]\nproxy = \"http://user:pass-in-the-file@127.0.0.1:1\"\n[profile.mine.credentials.iam]\n\
                url = \"https://iam.example\"\nuser = \"u\"\npassword = \"${PASSWORD}\"\ndomain = \"d\"\nproject = \"p\"\n\
                [profile.other]\nproxy = \"http://${USER}:${PASSWORD}@127.0.0.1:1\"\n[profile.other.credentials.signing]\n\
                access_key = \"AK\"\nsecret_key = \"key-in-the-file\"\nproject_id = \"p\"\n\
                [profile.third]\nurl = \"https://u:in-the-file@127.0.0.1\"\n\
                credentials = { token_command = \"vault -token=in-the-file\" }\n\
                headers = { Cookie = \"session=in-the-file; csrf=${PASSWORD}\" }\n\
                [profile.fourth]\nallow_host = [\"${USER}.example\"]\n[profile.fourth.credentials.iam]\n\
                url = \"https://${PASSWORD}.example\"\nuser = \"${USER}\"\npassword = \"${PASSWORD}\"\n\
                domain = \"d-${USER}\"\nproject = \"${PASSWORD}\"\n";
    let shown = |name: &str| {
        let mut show = with_profiles(&["profile", "show", name], text);
        show.command.env("PASSWORD", "a password").env("USER", "a user");
        show.ended().with_code(0)
    };
    for (name, wanted) in [
        ("mine", "proxy | http://user:********@127.0.0.1:1 | fencepost.toml"),
        ("mine", "credentials.iam.password | $PASSWORD | fencepost.toml"),
        ("other", "proxy | http://$USER:$PASSWORD@127.0.0.1:1 | fencepost.toml"),
        ("other", "credentials.signing.secret_key | ******** | fencepost.toml"),
        ("third", "url | https://********@127.0.0.1 | fencepost.toml"),
        ("third", "headers.Cookie | ******** | fencepost.toml"),
        ("fourth", "allow_host | $USER.example | fencepost.toml"),
        ("fourth", "credentials.iam.url | https://$PASSWORD.example | fencepost.toml"),
        ("fourth", "credentials.iam.user | $USER | fencepost.toml"),
        ("fourth", "credentials.iam.domain | d-$USER | fencepost.toml"),
        ("fourth", "credentials.iam.project | $PASSWORD | fencepost.toml"),
        ("third", "credentials.token_command | vault ... | fencepost.toml"),
    ] {
        let ended = shown(name);
        assert!(rows(&ended).iter().any(|row| row == wanted), "no {wanted}\n{ended}");
        assert!(
            !["in-the-file", "a password", "a user"].iter().any(|secret| ended.stdout.contains(secret)),
            "\n{ended}"
        );
    }
}

#[test]
fn a_run_is_told_by_its_profile_where_and_how() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let server = Server::http(move |request, _| {
        // Only the first is waited for.
        let _ = sender.send(request.clone());
        Some(bytes_of(request, &json(401, r#"{"error_code":"APIG.0301","error_msg":"no"}"#)))
    });
    let text = format!(
        "[profile.mine]\nurl = \"{}/${{BASE}}/\"\ntask_id = \"from-${{ID}}\"\nheaders = {{ X-One = \"${{ONE}}\" }}\n",
        server.url()
    );
    for (arguments, path) in [(&[][..], "/base/v3/tasks/from-here"), (&["--task-id", "2"], "/base/v3/tasks/2")] {
        let mut run = with_profiles(&[&["run", "--profile", "mine"][..], arguments].concat(), &text);
        run.command.env("BASE", "base").env("ID", "here").env("ONE", "a value");
        let ended = run.ended().with_code(3);
        let request = receiver.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("nothing was sent\n{ended}"));
        assert_eq!((request.path.as_str(), request.header("x-one")), (path, Some("a value")), "\n{ended}");
        while receiver.try_recv().is_ok() {}
    }
}

#[test]
fn variables_of_the_environment_work_without_a_profile() {
    let server = conforming(|request, answer, _| Some(bytes_of(request, &answer)));
    let mut run = fencepost(&["run"]);
    run.command.env("FENCEPOST_TARGET", server.url()).env("FENCEPOST_TASK_ID", "from-the-environment");
    let ended = run.ended().with_code(0);
    assert!(ended.stdout.starts_with(&format!("testing {}: ", server.url())), "\n{ended}");
    let mut run = fencepost(&["run", "--fault", "body.name:maxLength:off"]);
    run.command.env("FENCEPOST_TARGET", server.url());
    let ended = run.ended().with_code(2);
    assert!(
        ended.stderr.contains("--fault breaks the embedded stub") && ended.stderr.contains("(FENCEPOST_TARGET)"),
        "\n{ended}"
    );
    for (name, value) in [("FENCEPOST_TIMEOUT", "soon"), ("FENCEPOST_CONCURRENCY", "257")] {
        let mut run = fencepost(&["run"]);
        run.command.env(name, value);
        let ended = run.ended().with_code(2);
        assert!(ended.stderr.starts_with(&format!("fencepost: the variable `{name}` holds `{value}`: ")), "\n{ended}");
    }
}

#[test]
fn settled_disputes_and_waivers_count_in_a_run() {
    let text = "[profile.mine]\n\
                settled = [{ place = \"body\", keyword = \"duplicateKey\", reading = \"refused\" }]\n\
                waivers = [{ id = \"body.name:maxLength:outside\", reason = \"mended soon\", expires = \"2999-12-31\" }]\n";
    let arguments = ["run", "--profile", "mine", "--report-json", "report.json", "--fault", "body.name:maxLength:off"];
    let ended = with_profiles(&arguments, text).ended().with_code(1);
    let introduction =
        "\nprofile mine (1 settled, 1 waived): compared with nothing: there are no snapshots in snapshots/mine\n";
    assert!(ended.stdout.contains(introduction), "\n{ended}");
    assert!(ended.stdout.contains("\nFINDING body:duplicateKey:outside   Request: duplicateKey\n"), "\n{ended}");
    assert!(
        ended.stdout.contains(
            "\nWAIVED body.name:maxLength:outside   Table 3: maxLength 255\n  until     2999-12-31: mended soon\n"
        ),
        "\n{ended}"
    );
    assert!(ended.stdout.contains("\n1 finding, 1 waived; "), "\n{ended}");
    let report: serde_json::Value = serde_json::from_str(&report_of(&ended)).expect("a report is JSON");
    assert_eq!(report["waived"][0]["id"], "PUT /v3/tasks/{task_id} body.name:maxLength:outside", "\n{ended}");
    assert_eq!(report["waived"][0]["waiver"]["expires"], "2999-12-31", "\n{ended}");

    let waived = text.replace("refused", "accepted");
    with_profiles(&arguments, &waived).ended().with_code(0);
    let expired = waived.replace("\"2999-12-31\"", "2020-01-31");
    let ended = with_profiles(&arguments, &expired).ended().with_code(1);
    assert!(ended.stdout.contains("the waiver of body.name:maxLength:outside expired on 2020-01-31"), "\n{ended}");
    let ended = with_profiles(&arguments[..5], &waived).ended().with_code(0);
    assert!(ended.stdout.contains("\nthe waiver of body.name:maxLength:outside is no longer needed: "), "\n{ended}");
}

#[test]
fn a_profile_is_compared_with_the_snapshots_that_it_names() {
    let snapshot = "---\nsource: by hand\n---\nTable 99\n\nbody.gone\n  type \"string\": inside enforced\n";
    let run = |keys: &str, folder: &str| {
        let run = with_profiles(&["run", "--profile", "mine"], &format!("[profile.mine]\n{keys}"));
        fs::create_dir_all(run.folder.path.join(folder)).expect("a folder can be made");
        fs::write(run.folder.path.join(folder).join("table-99.snap"), snapshot).expect("a file can be written");
        run.ended()
    };
    for (keys, folder) in [("", "snapshots/mine"), ("snapshots = \"here/and/there\"\n", "here/and/there")] {
        let ended = run(keys, folder).with_code(1);
        assert!(ended.stdout.contains(&format!("): compared with {folder}\n")), "\n{ended}");
        assert!(ended.stdout.contains("\ndrift in Table 99: `body.gone`"), "\n{ended}");
    }
    let ended = run("snapshots = \"elsewhere\"\n", "snapshots/mine").with_code(2);
    assert_eq!(
        ended.stderr,
        "fencepost: elsewhere is no folder with snapshots; let --update-snapshots make it, or correct `snapshots`\n"
    );
    let ended = run("", "snapshots/another").with_code(0);
    assert!(ended.stdout.contains("there are no snapshots in snapshots/mine\n"), "\n{ended}");
}

#[test]
fn a_file_elsewhere_is_read_and_its_paths_are_its_own() {
    let show = fencepost(&["profile", "show", "mine", "--config", "etc/targets.toml"]);
    fs::create_dir(show.folder.path.join("etc")).expect("a folder can be made");
    let text = "[profile.mine]\nca_file = \"ca.pem\"\ncredentials = { token_file = \"/run/token\" }\n";
    fs::write(show.folder.path.join("etc/targets.toml"), text).expect("a file can be written");
    let rows = rows(&show.ended().with_code(0));
    assert!(rows.contains(&"ca_file | etc/ca.pem | etc/targets.toml".to_owned()), "{rows:#?}");
    assert!(rows.contains(&"credentials.token_file | /run/token | etc/targets.toml".to_owned()), "{rows:#?}");
}

#[test]
fn a_host_that_is_not_this_machine_has_to_be_named() {
    let text = "[profile.a]\nurl = \"http://HOST.invalid:81/base\"\ntimeout = \"1s\"\n";
    let named = "allow_host = [\"other.example\", \"host.Invalid\"]\n";
    let run = |text: &str, arguments: &[&str]| {
        with_profiles(&[&["run", "--profile", "a"][..], arguments].concat(), text).ended()
    };
    for (text, arguments) in
        [(text.to_owned(), &["--task-id", "1"][..]), (text.to_owned(), &["--task-id", "1", "--allow-host", "invalid"])]
    {
        let ended = run(&text, arguments).with_code(2);
        assert!(
            ended.stderr.contains("`host.invalid` is not this machine")
                && ended.stderr.contains("--allow-host host.invalid"),
            "\n{ended}"
        );
    }
    for (text, arguments) in [(format!("{text}{named}"), &[][..]), (text.to_owned(), &["--allow-host", "host.invalid"])]
    {
        let ended = run(&text, arguments).with_code(2);
        assert!(ended.stderr.contains("name one that nobody needs with --task-id"), "\n{ended}");
    }
    let ended = run(&format!("{text}{named}task_id = \"1\"\n"), &[]).with_code(3);
    assert!(ended.stderr.contains("cannot be reached"), "\n{ended}");
}
