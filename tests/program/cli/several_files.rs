//! Documents of several files, as they lie in folders; and what is said of formats from outside a document.

use std::fs;

use crate::command::{Ended, fencepost};

const MAIN: &str = "openapi: 3.1.0
info: { title: a, version: '1' }
paths:
  /pets: { $ref: 'paths/pets.yaml' }
";
const PETS: &str = "post:
  requestBody: { required: true, content: { application/json: { schema: { $ref: '../../common/pet.json#/Pet' } } } }
  responses: { '201': { description: made }, '400': { description: refused } }
";
const PET: &str =
    r#"{"Pet": {"type": "object", "properties": {"mail": {"type": "string", "format": "email", "maxLength": 99}}}}"#;

/// Calls the command in a folder whose document has others beside it.
fn called(arguments: &[&str], files: &[(&str, &str)]) -> Ended {
    let command = fencepost(arguments);
    for (name, text) in files {
        let path = command.folder.path.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }
    command.ended()
}

#[test]
fn what_stands_in_other_files_is_tested() {
    let files = [("api/main.yaml", MAIN), ("api/paths/pets.yaml", PETS), ("common/pet.json", PET)];
    let ended = called(&["check", "api/main.yaml"], &files).with_code(0);
    assert!(ended.stdout.starts_with("1 of 1 operation can be tested"), "{ended}");
    let ended = called(&["run", "--contract", "api/main.yaml"], &files).with_code(0);
    assert!(ended.stdout.contains("POST /pets: no finding"), "{ended}");
    let ended = called(&["rules", "--contract", "api/main.yaml"], &files).with_code(0);
    assert!(ended.stdout.contains("body.mail"), "{ended}");
    // A folder is no file, and what is missing is told with the file that wants it.
    let files = [("api/main.yaml", MAIN), ("api/paths/pets.yaml", PETS), ("common/pet.json/a", "")];
    let ended = called(&["check", "api/main.yaml"], &files).with_code(0);
    let line = "paths/pets.yaml line 2 (/post/requestBody/content/application~1json/schema): ";
    assert!(ended.stdout.starts_with(line) && ended.stdout.contains("(it is no file)"), "{ended}");
    let ended = called(&["check", "api/main.yaml"], &files[..1]);
    ended.with_code(2).complains(&["api/main.yaml", "has no operation"]);
}

#[cfg(unix)]
#[test]
fn what_lies_elsewhere_is_left_unread() {
    let elsewhere = fencepost::<&str>(&[]).folder;
    fs::write(elsewhere.path.join("pet.json"), PET).expect("a file can be written");
    let command = fencepost(&["check", "api/main.yaml"]);
    for (name, text) in [("api/main.yaml", MAIN), ("api/paths/pets.yaml", PETS), ("common/README", "")] {
        let path = command.folder.path.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }
    let link = command.folder.path.join("common/pet.json");
    std::os::unix::fs::symlink(elsewhere.path.join("pet.json"), link).expect("a link can be made");
    let ended = command.ended().with_code(0);
    assert!(ended.stdout.contains("common/pet.json cannot be read (it lies outside"), "{ended}");
    // From deeper below, the same file is of the folder that the command is called in.
    let pets = PETS.replace("../../common", "../../../common");
    let files = [("deep/api/main.yaml", MAIN), ("deep/api/paths/pets.yaml", &pets), ("common/pet.json", PET)];
    let ended = called(&["check", "deep/api/main.yaml"], &files).with_code(0);
    assert!(ended.stdout.starts_with("1 of 1 operation can be tested"), "{ended}");
}

#[test]
fn formats_are_firm_where_a_flag_or_a_profile_says_so() {
    let files = [("api/main.yaml", MAIN), ("api/paths/pets.yaml", PETS), ("common/pet.json", PET)];
    let firm = |arguments: &[&str]| -> bool {
        let ended = called(
            &[&["rules", "--contract", "api/main.yaml", "--keyword", "format", "--json"], arguments].concat(),
            &files,
        );
        let rules: serde_json::Value =
            serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}\n{ended}"));
        rules[0]["standing"] == "firm"
    };
    assert!(!firm(&[]) && firm(&["--assert-formats"]));
    let counted = |profile: &str| {
        let more = [&files[..], &[("fencepost.toml", profile), ("snapshots/mine/a", "")]].concat();
        let ended = called(&["run", "--contract", "api/main.yaml", "--profile", "mine"], &more).with_code(0);
        let line = ended.stdout.lines().find(|line| line.starts_with("POST /pets")).map(str::to_owned);
        line.unwrap_or_else(|| panic!("{ended}"))
    };
    assert_ne!(counted("[profile.mine]\n"), counted("[profile.mine]\nassert_formats = true\n"));
    let ended = called(&["run", "--assert-formats"], &[]);
    ended.with_code(2).complains(&["--assert-formats", "give one with --contract"]);
}
