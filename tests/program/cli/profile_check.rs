//! `fencepost profile check`: what is wrong with a file of profiles is told in one line, with the line in the file, the key
//! and the remedy.

use super::settings::with_profiles;
use crate::command::fencepost;

/// What `profile check` says of a file: one line.
#[track_caller]
fn check_file(text: &str, words: &str) {
    let ended = with_profiles(&["profile", "check"], text).ended().with_code(2);
    assert_eq!(ended.stderr, format!("fencepost: {words}\n"), "{text}");
    assert_eq!(ended.stdout, "", "\n{ended}");
}

#[test]
fn a_file_that_cannot_be_read_is_told_with_line_key_and_remedy() {
    check_file("[profile.a\n", "fencepost.toml:1: is no TOML: unclosed table, expected `]`; correct it");
    check_file("a = 1\na = 2\n", "fencepost.toml:2: is no TOML: duplicate key; correct it");
    check_file(
        "\n[profile.a]\nurl = 5\n",
        "fencepost.toml:3: profile.a.url: invalid type: integer `5`, expected a string; correct it",
    );
    let known = "url, contract, base_path, task_id, set, headers, plain_headers, plain_variables, credentials, timeout, concurrency, rate, max_requests, max_time, max_crashes, patience, proxy, ca_file, client_certificate, client_key, \
                 restore, snapshots, allow_host, assert_formats, settled, waivers";
    check_file(
        "[profile.a]\nurl = \"x\"\ntiemout = \"3s\"\n",
        &format!(
            "fencepost.toml:3: profile.a.tiemout: is no key that is known here (did you mean `timeout`?); write one of {known}"
        ),
    );
    check_file(
        "[profiles.a]\n",
        "fencepost.toml:1: profiles: is no key that is known here (did you mean `profile`?); write one of profile",
    );
    check_file(
        "[profile.a.credentials]\npassword = 1\n",
        "fencepost.toml:2: profile.a.credentials.password: is no key that is known here; write one of token_env, token_file, token_command, iam, signing, schemes",
    );
    check_file(
        "[profile.a.credentials.iam]\nurl = \"\"\n",
        "fencepost.toml:1: profile.a.credentials.iam: `user` is missing; add it",
    );
    check_file(
        "[profile.stub]\n",
        "fencepost.toml:1: profile.stub: the profile `stub` is built in; give this one another name",
    );
    check_file(
        "[profile.\"a b\"]\n",
        "fencepost.toml:1: profile.a b: a profile's name is made of letters, digits, `-` and `_`; give it another",
    );
    check_file(
        "[[profile.a.settled]]\nplace = \"body\"\nkeyword = \"null\"\nreading = \"enforced\"\n",
        "fencepost.toml:4: profile.a.settled[0].reading: unknown variant `enforced`, expected `accepted` or `refused`; correct it",
    );
}

#[test]
fn a_value_without_sense_is_told_with_line_key_and_remedy() {
    let check = |keys: &str, words: &str| {
        check_file(&format!("[profile.a]\n\n{keys}\n"), &format!("fencepost.toml:3: profile.a.{words}"));
    };
    check(
        "timeout = \"soon\"",
        "timeout: `soon` is no such value: write a time above 0, in ms, s, m, h or d, such as `10`, `10s`, `500ms` or `8h`",
    );
    check(
        "url = \"${NOPE}\"",
        "url: the variable `NOPE` is not set or empty; export it, or write `$${` for a plain `${`",
    );
    check(
        "headers = { A = \"${NOPE}\" }",
        "headers.A: the variable `NOPE` is not set or empty; export it, or write `$${` for a plain `${`",
    );
    check(
        "plain_headers = { \"a b\" = \"x\" }",
        "plain_headers.a b: `a b` is no header name; write it as `Name: value`",
    );
    check("headers = { \"a b\" = \"x\" }", "headers.a b: `a b` is no header name; write it as `Name: value`");
    check("task_id = 7", "task_id: is neither a text nor a list of texts; correct it");
    check("task_id = []", "task_id: names none; name one that nobody needs, or leave it out");
    check("concurrency = 300", "concurrency: 300 is not from 1 to 256; correct it");
    check("client_key = \"x\"", "client_key: is of no use without `client_certificate`; add it");
    check("client_certificate = \"x\"", "client_certificate: is of no use without `client_key`; add it");
    check("ca_file = \"\"", "ca_file: is empty; give a path, relative to this file");
    check(
        "credentials = {}",
        "credentials: names none; add one of token_env, token_file, token_command, iam, signing, schemes",
    );
    check(
        "credentials = { token_env = \"A\", token_file = \"b\" }",
        "credentials: are several; leave one of token_env, token_file, token_command, iam, signing, schemes",
    );
}

#[test]
fn rules_and_findings_that_are_none_are_told_with_the_nearest() {
    let check = |keys: &str, words: &str| {
        check_file(&format!("[profile.a]\n{keys}\n"), &format!("fencepost.toml:2: profile.a.{words}"));
    };
    let settled = |place: &str, keyword: &str| {
        format!("settled = [{{ place = \"{place}\", keyword = \"{keyword}\", reading = \"refused\" }}]")
    };
    check(
        &settled("body.nmae", "null"),
        "settled[0]: no rule stands at `body.nmae` (did you mean `body.name`?); `fencepost rules` lists the places",
    );
    check(
        &settled("body.name", "nul"),
        "settled[0].keyword: no keyword is called `nul` (did you mean `null`?); `fencepost rules` lists them",
    );
    check(
        &settled("body.name", "enum"),
        "settled[0]: no rule of keyword `enum` stands at `body.name`; those there are type, optional, null, minLength, maxLength, text",
    );
    check(
        &settled("body.name", "maxLength"),
        "settled[0]: `maxLength` at `body.name` is firm: there is nothing to settle; remove the entry",
    );
    check(
        &settled("body", "size"),
        "settled[0]: several disputed rules of keyword `size` stand at `body`: add `bound`, one of 1048576, \"400 digits\", 10240",
    );
    let waiver =
        |id: &str, expires: &str| format!("waivers = [{{ id = \"{id}\", reason = \"known\", expires = {expires} }}]");
    let form = "; write PLACE:KEYWORD:SIDE, as a report does";
    check(
        &waiver("body.name:maxLenght:outside", "2030-01-02"),
        &format!(
            "waivers[0].id: no finding can be called `body.name:maxLenght:outside` (did you mean `body.name:maxLength:outside`?){form}"
        ),
    );
    check(&waiver("nonsense", "2030-01-02"), &format!("waivers[0].id: no finding can be called `nonsense`{form}"));
    check(
        &waiver("body.name:maxLength:both", "2030-01-02"),
        &format!(
            "waivers[0].id: no finding can be called `body.name:maxLength:both` (did you mean `body.name:maxLength:outside`?){form}"
        ),
    );
    for date in ["\"2030-1-2\"", "\"02.01.2030\"", "2030-01-02T00:00:00Z", "\"2030-02-30\"", "\"\""] {
        let text = date.trim_matches('"');
        check(
            &waiver("body.name:maxLength:outside", date),
            &format!("waivers[0].expires: `{text}` is no date; write it as YYYY-MM-DD, such as 2030-12-31"),
        );
    }
    check(
        "waivers = [{ id = \"body.name:maxLength:outside\", reason = \" \", expires = 2030-01-02 }]",
        "waivers[0].reason: is empty; say why the finding is tolerated",
    );
    for id in [
        "body.name:timeout:outside",
        "body.name + body.type:interaction:inside",
        "response.success:secret:inside",
        "body.target_server.ip:required:outside",
    ] {
        let ended =
            with_profiles(&["profile", "check"], &format!("[profile.a]\n{}\n", waiver(id, "2030-01-02"))).ended();
        ended.with_code(0);
    }
}

#[test]
fn every_profile_is_checked_and_one_if_that_is_asked() {
    let text = "[profile.good]\nurl = \"http://127.0.0.1\"\n[profile.bad]\ntimeout = \"${NOPE}\"\n[profile.worse]\nca_file = \"none\"\n";
    let ended = with_profiles(&["profile", "check"], text).ended().with_code(2);
    assert_eq!(ended.stdout, "profile `good` is sound\n", "\n{ended}");
    assert_eq!(ended.stderr.lines().count(), 2, "\n{ended}");
    with_profiles(&["profile", "check", "good"], text).ended().with_code(0);
    let ended = with_profiles(&["profile", "check", "goood"], text).ended().with_code(2);
    assert!(ended.stderr.contains("there is no profile `goood` (did you mean `good`?)"), "\n{ended}");
    let ended = fencepost(&["profile", "check"]).ended().with_code(2);
    assert!(ended.stderr.starts_with("fencepost: there is no fencepost.toml in this folder; "), "\n{ended}");
    let ended = fencepost(&["run", "--profile", "x", "--config", "none.toml"]).ended().with_code(2);
    assert!(ended.stderr.starts_with("fencepost: none.toml: cannot be read ("), "\n{ended}");
    fencepost(&["run", "--config", "none.toml"]).ended().with_code(2).complains(&["name one of them with --profile"]);
}
