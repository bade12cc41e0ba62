//! Credentials at a gateway that checks them: tokens that run out, tokens that are renewed, signatures. What the gateway
//! says of the caller is never taken for a verdict, and no secret is shown.

mod iam;
mod manners;
mod schemes;
mod secrets;
mod signing;
mod token;

use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

use crate::command::{Ended, Fencepost, fencepost};
use serde_json::Value;

/// A run with this profile, which writes a report.
fn run(profile: &str) -> Fencepost {
    let run = fencepost(&["run", "--profile", "gateway", "--report-json", "report.json"]);
    fs::write(run.folder.path.join("fencepost.toml"), profile).expect("a file can be written");
    run
}

/// A profile of a gateway with these keys.
fn profile(url: &str, keys: &str) -> String {
    format!("[profile.gateway]\nurl = \"{url}\"\n{keys}")
}

type Matrix = BTreeMap<String, [Value; 2]>;

/// The words of a report for each rule.
fn matrix(ended: &Ended) -> Matrix {
    let text = fs::read_to_string(ended.folder.path.join("report.json"));
    let report: Value =
        serde_json::from_str(&text.unwrap_or_default()).unwrap_or_else(|error| panic!("{error}\n{ended}"));
    let rules = report["rules"].as_array().unwrap_or_else(|| panic!("no rules\n{ended}"));
    rules
        .iter()
        .map(|rule| {
            let name = format!("{} {} {}", rule["place"], rule["keyword"], rule["bound"]);
            (name, [rule["inside"].clone(), rule["outside"].clone()])
        })
        .collect()
}

/// The words for a sound target that knows its callers: the header of the token is beyond what can be tested there.
fn sound() -> &'static Matrix {
    static SOUND: LazyLock<Matrix> = LazyLock::new(|| {
        let gateway = crate::gateway::Gateway::start(crate::gateway::Rules::default());
        let mut run = run(&profile(&gateway.url(), "credentials = { token_env = \"SOUND\" }\n"));
        run.command.env("SOUND", "token-1");
        matrix(&run.ended().with_code(0))
    });
    &SOUND
}

/// Holds that nothing was learnt that is not so, and that not everything was.
#[track_caller]
fn check_partial(ended: &Ended) {
    let found = matrix(ended);
    let open = |word: &Value| word == "untested" || word == "inconclusive";
    let wrong: Vec<_> = found
        .iter()
        .filter(|(name, words)| words.iter().zip(&sound()[*name]).any(|(word, sound)| !open(word) && word != sound))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{ended}");
    assert!(found != *sound(), "everything was tested\n{ended}");
}
