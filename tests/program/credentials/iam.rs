//! Tokens from the identity service.

use std::time::Duration;

use super::{Ended, check_partial, matrix, profile, run, sound};
use crate::gateway::{DOMAIN, Gateway, PASSWORD, PROJECT, Rules, USER};
use crate::server::Server;

/// So many requests are in flight unless a profile says otherwise.
const IN_FLIGHT: usize = 16;

/// The credentials of a profile whose password is in a variable.
fn credentials(url: &str) -> String {
    format!(
        "[profile.gateway.credentials.iam]\nurl = \"{url}/\"\nuser = \"{USER}\"\npassword = \"${{IAM_PASSWORD}}\"\n\
         domain = \"{DOMAIN}\"\nproject = \"{PROJECT}\"\n"
    )
}

fn tested(gateway: &Gateway, password: &str) -> Ended {
    let mut run = run(&profile(&gateway.url(), &credentials(&gateway.url())));
    run.command.env("IAM_PASSWORD", password);
    run.ended()
}

#[test]
fn a_token_is_obtained_and_sent() {
    let gateway = Gateway::start(Rules::default());
    let ended = tested(&gateway, PASSWORD).with_code(0);
    assert_eq!(matrix(&ended), *sound(), "\n{ended}");
    let seen = gateway.seen();
    assert_eq!((seen.logins, seen.turned_away), (1, 0), "\n{ended}");
}

#[test]
fn a_token_that_is_refused_is_renewed_and_no_verdict_is_lost_or_made_twice() {
    let lasting = Gateway::start(Rules::default());
    tested(&lasting, PASSWORD).with_code(0);
    for life in [1_000, 150] {
        let gateway = Gateway::start(Rules { life, ..Rules::default() });
        let ended = tested(&gateway, PASSWORD).with_code(0);
        assert_eq!(matrix(&ended), *sound(), "\n{ended}");
        let (seen, lasting) = (gateway.seen(), lasting.seen());
        assert!(seen.logins > 2_000 / life && seen.turned_away > 0, "{} logins\n{ended}", seen.logins);
        // Beyond the requests of a run without renewals there are, for each token, at most a sign of life and what was in
        // flight with the first of the refusals that were looked into.
        let beyond = seen.all_let_in() - lasting.all_let_in();
        assert!(beyond <= IN_FLIGHT * seen.logins, "{beyond} requests with {} tokens\n{ended}", seen.logins);
    }
}

#[test]
fn a_token_that_is_about_to_expire_is_renewed_before_it_is_refused() {
    // At this rate a run takes longer than the lease of a token, so at least one renewal falls into it.
    let gateway = Gateway::start(Rules { lease: Duration::from_millis(500), ..Rules::default() });
    let mut run = run(&profile(&gateway.url(), &format!("rate = \"1500/s\"\n{}", credentials(&gateway.url()))));
    run.command.env("IAM_PASSWORD", PASSWORD);
    let ended = run.ended().with_code(0);
    let seen = gateway.seen();
    assert!(seen.logins > 1, "\n{ended}");
    assert_eq!(matrix(&ended), *sound(), "\n{ended}");
}

#[test]
fn a_service_that_fails_for_a_moment_is_asked_again() {
    let gateway = Gateway::start(Rules { failures: 2, ..Rules::default() });
    let ended = tested(&gateway, PASSWORD).with_code(0);
    assert_eq!(gateway.seen().logins, 3, "\n{ended}");
}

#[test]
fn a_service_that_is_down_for_a_while_is_waited_for() {
    let gateway = Gateway::start(Rules { failures: 4, ..Rules::default() });
    let mut run = run(&profile(&gateway.url(), &format!("patience = \"100s\"\n{}", credentials(&gateway.url()))));
    run.command.env("IAM_PASSWORD", PASSWORD);
    let ended = run.ended().with_code(0);
    assert_eq!(gateway.seen().logins, 5, "\n{ended}");
}

#[test]
fn a_service_that_throttles_is_waited_for() {
    let gateway = Gateway::start(Rules { busy: 2, ..Rules::default() });
    let ended = tested(&gateway, PASSWORD).with_code(0);
    assert_eq!((gateway.seen().logins, gateway.seen().turned_away), (3, 0), "\n{ended}");
    let gateway = Gateway::start(Rules { busy: usize::MAX, ..Rules::default() });
    let ended = tested(&gateway, PASSWORD).with_code(3);
    ended.complains(&["no token could be obtained", "throttles with 429", "patience"]);
}

#[test]
fn a_password_that_is_wrong_is_told_as_such() {
    let gateway = Gateway::start(Rules::default());
    let ended = tested(&gateway, "another password").with_code(3);
    let words = ["no token could be obtained", "answered 401", "wrong: \\\"$IAM_PASSWORD\\\"", "check user, password"];
    ended.complains(&words);
    assert_eq!((gateway.seen().all_let_in(), gateway.seen().strangers), (0, 0), "\n{ended}");
    assert!(matrix(&ended).values().flatten().all(|word| word.is_null() || word == "untested"), "\n{ended}");
}

#[test]
fn a_service_that_cannot_be_used_is_told_as_such() {
    let gateway = Gateway::start(Rules { failures: usize::MAX, ..Rules::default() });
    tested(&gateway, PASSWORD).with_code(3).complains(&["no token could be obtained", "answered 503"]);
    let check = |url: &str, code, words: &[&str]| {
        let mut run = run(&profile(&gateway.url(), &credentials(url)));
        run.command.env("IAM_PASSWORD", PASSWORD);
        run.ended().with_code(code).complains(words);
    };
    check("ftp://127.0.0.1", 2, &["`ftp://127.0.0.1/` is no URL", "neither http nor https"]);
    check(
        "http://host.invalid",
        3,
        &["the identity service at http://host.invalid", "cannot be reached", "check its URL"],
    );
    check(&format!("{}/elsewhere", gateway.url()), 3, &["answered 401", "check user, password"]);
}

#[test]
fn a_service_that_hangs_is_not_waited_for_long() {
    let silent = Server::http(|_, peer| {
        peer.hang();
        None
    });
    let keys = format!("timeout = \"100ms\"\n{}", credentials(&silent.url()));
    let mut run = run(&profile("http://127.0.0.1", &keys));
    run.command.env("IAM_PASSWORD", PASSWORD);
    run.ended().with_code(3).complains(&["no token could be obtained", "does not answer in time"]);
}

#[test]
fn a_token_that_cannot_be_renewed_ends_the_run_with_what_was_learnt() {
    let gateway = Gateway::start(Rules { life: 900, tokens: 2, ..Rules::default() });
    let ended = tested(&gateway, PASSWORD).with_code(3);
    let why = ended.stderr.lines().find(|line| line.starts_with("fencepost: the token could not be renewed"));
    assert!(why.is_some_and(|why| why.contains("answered 401") && why.contains("$IAM_PASSWORD")), "\n{ended}");
    let told = "\nthe target refuses the credentials that it had accepted before, with 401: the rest is untested\n";
    assert!(ended.stdout.contains(told), "\n{ended}");
    check_partial(&ended);
}
