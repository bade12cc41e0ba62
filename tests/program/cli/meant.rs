//! Nothing is green because nothing was tested: the stub stands in for a target only where that is meant, and a run that met
//! few rules says so with its exit code.

use super::settings::with_profiles;
use crate::command::fencepost;

/// Options that speak of a target, where none is named.
#[track_caller]
fn check(arguments: &[&str], words: &[&str]) {
    for command in ["run", "fuzz"] {
        let ended = fencepost(&[&[command][..], arguments].concat()).ended().with_code(2);
        ended.complains(words);
        assert_eq!(ended.stdout, "", "\n{ended}");
    }
}

#[test]
fn options_about_a_target_want_one() {
    let words = |option| [option, "is about a target, and none is named", "--target URL", "leave it out"];
    check(&["--task-id", "1", "--token-env", "TOKEN", "--allow-host", "far.example"], &words("--task-id"));
    check(&["--set", "path.task_id=1"], &words("--set"));
    check(&["--token-env", "TOKEN"], &words("--token-env"));
    check(&["--allow-host", "far.example"], &words("--allow-host"));
    check(&["--header", "X-One: 1"], &words("--header"));
    check(&["--plain-header", "X-One: 1"], &words("--plain-header"));
    check(&["--restore", "body.json"], &words("--restore"));
    // The stub is named by its faults, and by its name.
    let arguments = ["run", "--task-id", "1", "--only", "body.name:type"];
    fencepost(&[&arguments[..], &["--fault", "body.name:type:off"]].concat()).ended().with_code(1);
    fencepost(&[&arguments[..], &["--profile", "stub"]].concat()).ended().with_code(0);
}

#[test]
fn variables_about_a_target_want_one() {
    for variable in ["FENCEPOST_TASK_ID", "FENCEPOST_TOKEN", "FENCEPOST_RESTORE"] {
        let mut run = fencepost(&["run"]);
        run.command.env(variable, "some-value");
        run.ended().with_code(2).complains(&[variable, "is about a target, and none is named", "--target URL"]);
    }
    let mut run = fencepost(&["run"]);
    run.command.env("FENCEPOST_TARGET", "");
    run.ended().with_code(2).complains(&["`FENCEPOST_TARGET` is empty", "unset it to test the embedded stub"]);
}

#[test]
fn a_file_of_profiles_wants_one_of_them_named() {
    let text = "[profile.near]\nurl = \"http://127.0.0.1:1\"\n[profile.far]\nurl = \"http://127.0.0.1:2\"\n";
    for command in ["run", "fuzz"] {
        let ended = with_profiles(&[command], text).ended().with_code(2);
        ended.complains(&["fencepost.toml", "--profile (far, near)", "--target", "--profile stub"]);
        let ended = with_profiles(&[command, "--task-id", "1"], text).ended().with_code(2);
        ended.complains(&["--task-id is about a target", "--profile (far, near)"]);
    }
    with_profiles(&["run", "--profile", "stub", "--only", "body.name:type"], text).ended().with_code(0);
    with_profiles(&["run", "--only", "body.name:type"], "# none yet\n").ended().with_code(0);
}

#[test]
fn a_profile_that_speaks_of_a_target_has_its_url() {
    let check = |key: &str, line: &str| {
        let text = format!("[profile.mine]\nconcurrency = 2\n{line}\n");
        for command in [&["run", "--profile", "mine"][..], &["profile", "check"]] {
            let mut checked = with_profiles(command, &text);
            checked.command.env("TOKEN", "a-token");
            let ended = checked.ended().with_code(2);
            ended.complains(&["fencepost.toml:3: ", key, "the profile names no `url`", "add it, or remove this"]);
        }
    };
    check("profile.mine.task_id", "task_id = \"1\"");
    check("profile.mine.allow_host", "allow_host = [\"far.example\"]");
    check("profile.mine.credentials", "credentials = { token_env = \"TOKEN\" }");
    check("profile.mine.headers", "headers = { X-One = \"1\" }");
}

#[test]
fn too_few_rules_are_exit_code_3() {
    let check = |arguments: &[&str], code: i32, words: &[&str]| {
        let ended = fencepost(&[&["run"][..], arguments].concat()).ended().with_code(code);
        if words.is_empty() {
            assert_eq!(ended.stderr, "", "\n{ended}");
        } else {
            ended.complains(words);
        }
    };
    check(&["--min-rules", "100%"], 0, &[]);
    check(&["--min-rules", "803"], 0, &[]);
    check(&["--min-rules", "804"], 3, &["803 of 803 firm rules have a verdict, fewer than --min-rules 804"]);
    let early = ["firm rules have a verdict, fewer than --min-rules 95%", "ended early (max_requests)"];
    check(&["--min-rules", "95%", "--max-requests", "500"], 3, &early);
    let few = ["4 of 803 firm rules have a verdict, fewer than --min-rules 95%", "the selection is about 4 of them"];
    check(&["--min-rules", "95%", "--only", "body.name"], 3, &few);
    check(&["--min-rules", "4", "--only", "body.name"], 0, &[]);
    let nothing = ["nothing was tested", "ended early (max_requests)"];
    check(&["--max-requests", "3", "--only", "body.name:maxLength"], 3, &nothing);
    // A share is measured by what it has to test.
    check(&["--min-rules", "100%", "--shard", "2/5"], 0, &[]);
    // What was found counts more.
    let arguments = ["--min-rules", "95%", "--only", "body.name", "--fault", "body.name:maxLength:off"];
    check(&arguments, 1, &["4 of 803 firm rules"]);
    for least in ["0", "0%", "101%", "-1", "many", "%", "9.5%"] {
        let least = format!("--min-rules={least}");
        let ended = fencepost(&["run", &least]).ended().with_code(2);
        assert!(ended.stderr.contains("write a number above 0, or a share from `1%` to `100%`"), "\n{ended}");
    }
}

#[test]
fn a_selection_that_meets_nothing_is_an_error() {
    let check = |arguments: &[&str], code: i32, words: &[&str]| {
        fencepost(&[&["run"][..], arguments].concat()).ended().with_code(code).complains(words);
    };
    check(&["--only", "body.name", "--skip", "body.name"], 2, &["the selection leaves no rule to test"]);
    check(&["--only", "body.name", "--shard", "1/2"], 2, &["the share 1/2 has no rule to test"]);
    check(&["--shard", "900/900"], 2, &["the share 900/900 has no rule to test"]);
}
