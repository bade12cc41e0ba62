//! Help goes to standard output and is no error; a command that cannot be understood is one, and says nothing there.

use crate::command::fencepost;

#[track_caller]
fn check_help(arguments: &[&str], words: &[&str]) {
    let ended = fencepost(arguments).ended().with_code(0);
    assert_eq!(ended.stderr, "", "\n{ended}");
    let missing: Vec<&&str> = words.iter().filter(|word| !ended.stdout.contains(**word)).collect();
    assert!(missing.is_empty(), "not said: {missing:?}\n{ended}");
}

#[track_caller]
fn check_usage_error(arguments: &[&str], words: &[&str]) {
    let ended = fencepost(arguments).ended().with_code(2);
    assert_eq!(ended.stdout, "", "\n{ended}");
    let missing: Vec<&&str> = words.iter().filter(|word| !ended.stderr.contains(**word)).collect();
    assert!(missing.is_empty(), "not said: {missing:?}\n{ended}");
}

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let commands = [
        "run",
        "rules",
        "contract",
        "serve",
        "fuzz-seeds",
        "promote",
        "profile",
        "Exit codes",
        "0 no finding",
        "3 the target",
        "130 interrupted",
    ];
    check_help(&["--help"], &commands);
    check_help(&["-h"], &commands);
    check_help(&["help"], &commands);
}

#[test]
fn help_names_every_option() {
    let shared = [
        "--target <URL>",
        "--task-id <ID>",
        "--set <PLACE=VALUE>",
        "--header <NAME: VALUE>",
        "--token-env <VAR>",
        "--timeout <TIME>",
        "--concurrency <N>",
        "--rate <N/TIME>",
        "--max-requests <N>",
        "--max-time <TIME>",
        "--max-crashes <N>",
        "--patience <TIME>",
        "--restore <FILE>",
        "--allow-host <HOST>",
        "--config <FILE>",
        "--profile <NAME>",
        "--contract <FILE>",
        "--seed <N>",
        "--fault <FAULT>",
    ];
    let of_run = [
        "--report-json <FILE>",
        "--only <RULES>",
        "--skip <RULES>",
        "--rerun-findings <REPORT>",
        "--journal <FILE>",
        "--resume",
        "--update-snapshots",
        "--dry-run",
        "--shard <I/N>",
        "--invasive",
        "--full",
    ];
    check_help(&["run", "--help"], &[&shared[..], &of_run].concat());
    check_help(&["fuzz", "--help"], &[&shared[..], &["--for <TIME>", "--corpus <DIR>"]].concat());
    check_help(&["profile", "--help"], &["check", "show", "example"]);
    check_help(&["profile", "check", "--help"], &["[NAME]", "--config <FILE>", "--contract <FILE>"]);
    check_help(&["profile", "show", "--help"], &["<NAME>", "--target <URL>", "--token-env <VAR>", "--config <FILE>"]);
    check_help(&["rules", "--help"], &["--contract <FILE>", "--place <PLACE>", "--keyword <KEYWORD>", "--json"]);
    check_help(&["contract", "--help"], &["--contract <FILE>"]);
    check_help(&["serve", "--help"], &["--contract <FILE>", "--port <N>", "--fault <FAULT>", "--list-faults"]);
    check_help(&["fuzz-seeds", "--help"], &["<DIR>", "--contract <FILE>"]);
    check_help(&["promote", "--help"], &["<FILE>...", "--as <KIND>", "--finding <ID>", "--into <DIR>", "payload"]);
}

#[test]
fn the_version_is_the_packages() {
    check_help(&["--version"], &[concat!("fencepost ", env!("CARGO_PKG_VERSION"), "\n")]);
}

#[test]
fn a_command_that_is_none_is_an_error_on_standard_error() {
    check_usage_error(&[], &["Usage: fencepost <COMMAND>"]);
    check_usage_error(&["frobnicate"], &["frobnicate"]);
    check_usage_error(&["run", "--frobnicate"], &["--frobnicate"]);
    check_usage_error(&["run", "stray"], &["stray"]);
    check_usage_error(&["run", "--target"], &["--target <URL>"]);
    check_usage_error(&["rules", "--target", "http://127.0.0.1"], &["--target"]);
    check_usage_error(&["serve", "--port", "65536"], &["--port <N>"]);
    check_usage_error(&["contract", "--json"], &["--json"]);
    check_usage_error(&["fuzz-seeds"], &["<DIR>"]);
    check_usage_error(&["promote"], &["<FILE>..."]);
    check_usage_error(&["promote", "a", "--as", "body"], &["--as <KIND>", "contract, payload, case, finding"]);
}
