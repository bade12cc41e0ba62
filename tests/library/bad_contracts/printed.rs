//! The same refusals as the command prints them: one line on standard error, and the exit code of a usage error.

use std::fs;

use super::{BASE, edited};
use crate::command::fencepost;

/// Every command that takes a contract refuses this one.
#[track_caller]
fn check(prepare: impl Fn(&std::path::Path), file: &str, words: &[&str]) {
    for command in ["rules", "contract", "run", "serve"] {
        let run = fencepost(&[command, "--contract", file]);
        prepare(&run.folder.path);
        let ended = run.ended().with_code(2);
        assert_eq!(ended.stdout, "", "\n{ended}");
        assert!(ended.stderr.starts_with(&format!("fencepost: {file}: ")), "\n{ended}");
        ended.complains(words);
    }
}

#[test]
fn a_file_that_is_not_there_or_cannot_be_read() {
    check(|_| (), "none.yaml", &["cannot be read", "give the path of an OpenAPI document"]);
    check(|folder| fs::create_dir(folder.join("folder")).expect("a folder can be made"), "folder", &["cannot be read"]);
    check(
        |folder| fs::write(folder.join("latin.yaml"), b"a: \xe9\n").expect("a file can be written"),
        "latin.yaml",
        &["cannot be read", "UTF-8"],
    );
}

#[test]
fn a_contract_that_cannot_be_used() {
    let write = |text: String| {
        move |folder: &std::path::Path| fs::write(folder.join("mine.yaml"), &text).expect("a file can be written")
    };
    check(write("- a list\n".to_owned()), "mine.yaml", &["must be a mapping, not a list"]);
    check(write("a: [1\n".to_owned()), "mine.yaml", &["is not YAML or JSON that can be read"]);
    check(
        write(edited(BASE, "minLength: 1, maxLength: 20", "minLength: 21, maxLength: 20")),
        "mine.yaml",
        &["at /components/schemas/Thing/properties/name: `minLength` 21 is above `maxLength` 20"],
    );
    check(
        write(edited(BASE, "flag: {type: boolean}", "flag: {allOf: []}")),
        "mine.yaml",
        &["at /components/schemas/Thing/properties/flag"],
    );
    check(write(format!("a: {}", "[".repeat(10_000))), "mine.yaml", &["is not YAML or JSON that can be read"]);
}

#[test]
fn a_sound_contract_of_the_users_own_is_used() {
    let run = fencepost(&["run", "--contract", "mine.yaml"]);
    fs::write(run.folder.path.join("mine.yaml"), BASE).expect("a file can be written");
    let ended = run.ended().with_code(0);
    assert!(ended.stdout.starts_with("testing embedded stub: POST /things/{id} of mine.yaml\n"), "\n{ended}");
}
