//! Requests that are signed with an access key.

use serde_json::Value;

use super::{Ended, matrix, profile, run, sound};
use crate::gateway::{Door, Gateway, PROJECT_ID, Rules};

const ACCESS_KEY: &str = "FENCEPOSTACCESSKEY01";
const SECRET_KEY: &str = "a-secret-key-that-signs-nothing-real-0123";

fn gateway() -> Gateway {
    Gateway::start(Rules {
        door: Door::Signature { access_key: ACCESS_KEY, secret_key: SECRET_KEY },
        ..Rules::default()
    })
}

fn tested(gateway: &Gateway, secret_key: &str, task_id: &str) -> Ended {
    let keys = format!(
        "task_id = \"{task_id}\"\nheaders = {{ X-Language = \"en-us\" }}\n[profile.gateway.credentials.signing]\n\
         access_key = \"${{ACCESS_KEY}}\"\nsecret_key = \"${{SECRET_KEY}}\"\nproject_id = \"{PROJECT_ID}\"\n"
    );
    let mut run = run(&profile(&gateway.url(), &keys));
    run.command.env("ACCESS_KEY", ACCESS_KEY).env("SECRET_KEY", secret_key);
    run.ended()
}

#[test]
fn every_request_is_signed_over_what_goes_out() {
    for task_id in ["ef3b9722-07a0-40ae-89b0-889ee96dfc56", "a/b é"] {
        let gateway = gateway();
        let ended = tested(&gateway, SECRET_KEY, task_id).with_code(0);
        let seen = gateway.seen();
        assert_eq!(seen.complaints, Vec::<String>::new(), "\n{ended}");
        assert!(seen.all_let_in() > 2_000 && seen.turned_away == 0, "\n{ended}");
        assert_eq!(matrix(&ended), *sound(), "\n{ended}");
    }
}

#[test]
fn the_tokens_own_header_is_probed_without_a_signature_and_says_nothing() {
    let gateway = gateway();
    let ended = tested(&gateway, SECRET_KEY, "1").with_code(0);
    assert!(gateway.seen().strangers > 0, "\n{ended}");
    let about_token = |(name, _): &(&String, &[Value; 2])| name.starts_with("\"header.X-Auth-Token\"");
    let found = matrix(&ended);
    let words: Vec<&Value> = found.iter().filter(about_token).flat_map(|(_, words)| words).collect();
    assert!(words.len() > 5, "{words:?}\n{ended}");
    // The absence is disputed: it is recorded as it was met.
    let known = |word: &&Value| word.is_null() || *word == "inconclusive" || *word == "too strict";
    assert!(words.iter().all(known), "{words:?}\n{ended}");
}

#[test]
fn a_key_that_is_refused_is_not_tried_until_it_is_locked() {
    let gateway = gateway();
    let ended = tested(&gateway, "another key", "1").with_code(3);
    ended.complains(&["refused every legal request with 401", "credentials"]);
    let seen = gateway.seen();
    // To read the task, and twice to test; five lock the key.
    assert_eq!((seen.turned_away, seen.strangers, seen.all_let_in()), (3, 0, 0), "\n{ended}");
}
