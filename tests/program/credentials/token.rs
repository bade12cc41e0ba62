//! A token that somebody else obtained: in a variable, in a file, or printed by a command.

use std::fs;

use super::{check_partial, matrix, profile, run, sound};
use crate::gateway::{Gateway, Rules};

/// A run at a gateway that knows `token-1`, with these credentials.
#[track_caller]
fn check_accepted(credentials: &str, prepare: impl Fn(&mut super::Fencepost)) {
    let gateway = Gateway::start(Rules::default());
    let mut run = run(&profile(&gateway.url(), &format!("credentials = {credentials}\n")));
    prepare(&mut run);
    let ended = run.ended().with_code(0);
    assert_eq!(matrix(&ended), *sound(), "\n{ended}");
    assert_eq!((gateway.seen().turned_away, gateway.seen().logins), (0, 0), "\n{ended}");
}

#[test]
fn a_token_in_a_file_is_sent_without_the_space_around_it() {
    check_accepted("{ token_file = \"secrets/token\" }", |run| {
        fs::create_dir(run.folder.path.join("secrets")).expect("a folder can be made");
        fs::write(run.folder.path.join("secrets/token"), "\n token-1 \n").expect("a file can be written");
    });
}

#[test]
fn a_command_that_prints_a_token_is_run_once() {
    let gateway = Gateway::start(Rules::default());
    let command = "credentials = { token_command = \"echo run >> runs; echo; echo ' token-1 '\" }\n";
    let mut run = run(&profile(&gateway.url(), command));
    run.command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let ended = run.ended().with_code(0);
    assert_eq!(fs::read_to_string(ended.folder.path.join("runs")).unwrap_or_default(), "run\n", "\n{ended}");
    assert_eq!(matrix(&ended), *sound(), "\n{ended}");
}

#[test]
fn the_environment_overrides_the_profile_and_a_flag_the_environment() {
    check_accepted("{ token_env = \"OLD\" }", |run| {
        run.command.env("OLD", "none").env("FENCEPOST_TOKEN", "token-1");
    });
    check_accepted("{ token_env = \"OLD\" }", |run| {
        run.command.env("OLD", "none").env("FENCEPOST_TOKEN", "none").env("NEW", "token-1");
        run.command.args(["--token-env", "NEW"]);
    });
}

#[test]
fn a_token_that_runs_out_ends_the_run_with_what_was_learnt() {
    for life in [30, 900, 2_200] {
        let gateway = Gateway::start(Rules { life, ..Rules::default() });
        let mut run = run(&profile(&gateway.url(), "credentials = { token_env = \"TOKEN\" }\n"));
        run.command.env("TOKEN", "token-1");
        let ended = run.ended().with_code(3);
        let told = "\nthe target refuses the credentials that it had accepted before, with 401: the rest is untested\n";
        assert!(ended.stdout.contains(told), "\n{ended}");
        assert!(ended.stdout.contains("\nno finding; "), "\n{ended}");
        check_partial(&ended);
    }
}

#[test]
fn a_token_that_nobody_knows_is_told_as_such() {
    let gateway = Gateway::start(Rules::default());
    let mut run = run(&profile(&gateway.url(), "credentials = { token_env = \"TOKEN\" }\n"));
    run.command.env("TOKEN", "token-2");
    let ended = run.ended().with_code(3);
    ended.complains(&["refused every legal request with 401", "credentials", "--token-env"]);
    assert_eq!(gateway.seen().all_let_in(), 0, "\n{ended}");
}

#[track_caller]
fn check_error(credentials: &str, words: &[&str]) {
    let gateway = Gateway::start(Rules::default());
    let mut run = run(&profile(&gateway.url(), &format!("credentials = {credentials}\n")));
    run.command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    fs::write(run.folder.path.join("empty"), " \n").expect("a file can be written");
    fs::write(run.folder.path.join("lines"), "one\ntwo").expect("a file can be written");
    let ended = run.ended().with_code(2);
    ended.complains(words);
    assert_eq!((gateway.seen().all_let_in(), gateway.seen().strangers), (0, 0), "\n{ended}");
}

#[test]
fn a_token_that_cannot_be_had_is_told_before_anything_is_sent() {
    check_error("{ token_env = \"UNSET\" }", &["`UNSET` is not set or empty"]);
    check_error("{ token_file = \"none\" }", &["`token_file`: none cannot be read", "write the bare token into it"]);
    check_error("{ token_file = \"empty\" }", &["`token_file`: empty is empty"]);
    check_error("{ token_file = \"lines\" }", &["the file lines holds characters that no header can carry"]);
    check_error("{ token_command = \"exit 7\" }", &["`token_command` failed (exit status: 7)", "run it by hand"]);
    check_error("{ token_command = \"true\" }", &["`token_command` prints nothing"]);
    check_error("{ token_command = \"printf 'a\\\\nb'\" }", &["`token_command` prints holds characters"]);
    check_error("{ token_command = \"printf '\\\\377'\" }", &["`token_command` prints what is no text"]);
}
