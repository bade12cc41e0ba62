//! A profile that is tested by a document of its own: what it says of the rules of its operations, and their snapshots.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{Ended, fencepost};

const SHOP: &str = include_str!("../../documents/shop.yaml");

/// Runs a command in a folder with the document, and these lines of the profile `shop`.
fn shop(arguments: &[&str], profile: &str) -> Ended {
    with_snapshots(arguments, profile, &[])
}

/// The same beside these files of the folder of snapshots.
fn with_snapshots(arguments: &[&str], profile: &str, snapshots: &[(PathBuf, String)]) -> Ended {
    let command = fencepost(arguments);
    let write = |path: &Path, text: &str| {
        let path = command.folder.path.join(path);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    };
    write(Path::new("shop.yaml"), SHOP);
    write(Path::new("fencepost.toml"), &format!("[profile.shop]\ncontract = \"shop.yaml\"\n{profile}"));
    for (path, text) in snapshots {
        write(&Path::new("snapshots/shop").join(path), text);
    }
    command.ended()
}

/// The files of the folders in the folder of snapshots.
fn snapshots_of(ended: &Ended) -> Vec<(PathBuf, String)> {
    let all = ended.folder.path.join("snapshots/shop");
    let inside = |folder: &Path| fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("it").path());
    let mut found: Vec<(PathBuf, String)> = inside(&all)
        .flat_map(|folder| inside(&folder).collect::<Vec<_>>())
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a text");
            (path.strip_prefix(&all).expect("it lies there").to_owned(), text)
        })
        .collect();
    found.sort();
    found
}

#[test]
fn the_document_of_a_profile_is_what_is_tested_by() {
    let ended = shop(&["run", "--profile", "shop"], "").with_code(0);
    assert!(ended.stdout.contains("5 operations of shop.yaml"), "{ended}");
    let ended = shop(&["profile", "check"], "").with_code(0);
    assert!(ended.stdout.contains("profile `shop` is sound"), "{ended}");
    let ended = shop(&["profile", "show", "shop"], "").with_code(0);
    assert!(ended.stdout.lines().any(|line| line.starts_with("contract") && line.contains("shop.yaml")), "{ended}");
    // Another one that is given counts.
    let ended = shop(&["run", "--profile", "shop", "--contract", "none.yaml"], "").with_code(2);
    ended.complains(&["none.yaml"]);
}

#[test]
fn what_a_profile_says_of_rules_counts_for_the_operations_that_have_them() {
    let profile = "
        settled = [{ place = 'body', keyword = 'duplicateKey', reading = 'refused' }]
        waivers = [
            { id = 'POST /items body.name:maxLength:outside', reason = 'known', expires = '2099-12-31' },
            { id = 'body.code:pattern:outside', reason = 'known', expires = '2099-12-31' },
        ]";
    let faults = ["POST /items body.name:maxLength:off", "PUT /items/{id} body.name:maxLength:off"];
    let run = ["run", "--profile", "shop", "--fault", faults[0], "--fault", faults[1]];
    let ended = shop(&[&run[..], &["--fault", "PUT /items/{id} body.code:pattern:off"]].concat(), profile).with_code(1);
    let told: Vec<&str> = ended.stdout.lines().filter(|line| line.starts_with(['F', 'W', 'P'])).collect();
    let starts = [
        "POST /items: 1 finding",
        "FINDING body:duplicateKey:outside",
        "WAIVED body.name:maxLength:outside",
        "POST /files: not tested",
        "PUT /items/{id}: 2 findings",
        // The first waiver names another operation.
        "FINDING body.name:maxLength:outside",
        "FINDING body:duplicateKey:outside",
        "WAIVED body.code:pattern:outside",
    ];
    assert!(starts.iter().all(|start| told.iter().any(|line| line.starts_with(start))), "{ended}");
    assert_eq!(told.len(), starts.len(), "{ended}");
}

#[test]
fn what_is_about_no_operation_is_told_with_line_key_and_remedy() {
    for (profile, words) in [
        (
            "settled = [{ place = 'body.cude', keyword = 'text', reading = 'refused' }]",
            "shop.settled[0]: no rule stands at `body.cude` (did you mean `body.code`?)",
        ),
        (
            "settled = [{ place = 'body.code', keyword = 'size', reading = 'refused' }]",
            "shop.settled[0]: no rule of keyword `size` stands at `body.code`; those there are",
        ),
        (
            "settled = [{ place = 'body.name', keyword = 'maxLength', reading = 'refused' }]",
            "shop.settled[0]: `maxLength` at `body.name` is firm",
        ),
        (
            "settled = [{ place = 'body.code', keyword = 'optional', reading = 'refused' }]",
            "shop.settled[0]: `optional` at `body.code` cannot be settled so: the document allows it, and ordinary \
             requests may have it; write it into the document",
        ),
        (
            "waivers = [{ id = 'GET /items body.name:maxLength:outside', reason = 'known', expires = '2099-12-31' }]",
            "shop.waivers[0].id: no finding can be called `GET /items body.name:maxLength:outside`",
        ),
    ] {
        for command in [&["run", "--profile", "shop"][..], &["profile", "check"]] {
            let ended = shop(command, profile).with_code(2);
            ended.complains(&["fencepost.toml:3: profile.", words]);
            assert_eq!(ended.stderr.lines().count(), 1, "{ended}");
        }
    }
}

#[test]
fn each_operation_is_compared_with_its_own_snapshots() {
    let run = ["run", "--profile", "shop"];
    let update = [&run[..], &["--update-snapshots"]].concat();
    let ended = shop(&update, "").with_code(0);
    let proposed = snapshots_of(&ended);
    let told = format!("\n{} snapshots in snapshots/shop to review: cargo insta review", proposed.len());
    assert!(ended.stdout.contains(&told), "{ended}");
    let folders = ["DELETE.items.{id}", "GET.items", "POST.items", "PUT.items.{id}"];
    let is_whole = |folder: &&str| proposed.iter().any(|(path, _)| path.starts_with(folder));
    assert!(folders.iter().all(is_whole) && proposed.len() > 8, "{ended}");
    // As they are called once they were accepted.
    let accepted: Vec<(PathBuf, String)> =
        proposed.into_iter().map(|(path, text)| (path.with_extension(""), text)).collect();
    let ended = with_snapshots(&update, "", &accepted).with_code(0);
    assert!(ended.stdout.contains("\nthe snapshots in snapshots/shop are as they were\n"), "{ended}");
    assert_eq!(snapshots_of(&ended), accepted, "{ended}");

    let broken = [&run[..], &["--fault", "POST /items body.name:maxLength:off"]].concat();
    let ended = with_snapshots(&broken, "", &accepted).with_code(1);
    let drift = "drift in Item: `body.name` maxLength 20, outside: was refused 400, now accepted 201\n";
    assert!(ended.stdout.contains(drift) && ended.stdout.contains("1 finding; 1 table drifted"), "{ended}");
    // What was not asked does not drift.
    let part = [&run[..], &["--only", "body.code*"]].concat();
    let ended = with_snapshots(&part, "", &accepted).with_code(0);
    assert!(!ended.stdout.contains("drift"), "{ended}");

    let moved: Vec<(PathBuf, String)> = accepted
        .into_iter()
        .map(|(path, text)| match path.strip_prefix("POST.items") {
            Ok(file) => (Path::new("POST.gone").join(file), text),
            Err(_) => (path, text),
        })
        .collect();
    let ended = with_snapshots(&run, "", &moved).with_code(1);
    ended.complains(&["snapshots/shop/POST.gone is of an operation that the document has no more; remove it"]);
    assert!(ended.stdout.contains("`body.name` maxLength 20: a new rule"), "{ended}");
}
