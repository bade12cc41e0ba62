//! `--profile`: a run is compared with the snapshots that were accepted for a target, and changes nothing in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use fencepost::Contract;
use fencepost::rule::rules;

use crate::command::{Ended, fencepost};

/// The snapshots of a sound stub, by the names of their files, in insta's format: the full matrix, a file a table.
fn accepted() -> BTreeMap<String, String> {
    static FULL: LazyLock<String> = LazyLock::new(|| fencepost(&["run", "--full"]).ended().with_code(0).stdout);
    let contract = Contract::shipped();
    let tables: BTreeSet<String> = rules(contract.operation()).into_iter().map(|rule| rule.source).collect();
    let mut snapshots: BTreeMap<String, String> = BTreeMap::new();
    let mut file = String::new();
    for line in FULL.lines().skip(2).take_while(|line| !line.starts_with("table ")) {
        if tables.contains(line) {
            let name = line.to_lowercase().replace(' ', "-");
            let number = name.strip_prefix("table-").map(|number| format!("table-{number:0>2}"));
            file = format!("{}.snap", number.unwrap_or(name));
            snapshots.insert(file.clone(), "---\nsource: by hand\n---\n".to_owned());
        }
        let text = snapshots.get_mut(&file).expect("the matrix begins with a table");
        text.push_str(line);
        text.push('\n');
    }
    assert_eq!(snapshots.len(), tables.len(), "{:?}", snapshots.keys());
    snapshots
}

fn read(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    entries
        .map(|entry| {
            let entry = entry.expect("the folder can be read");
            let text = fs::read_to_string(entry.path()).expect("the snapshot can be read");
            (entry.file_name().to_string_lossy().into_owned(), text)
        })
        .collect()
}

/// Runs with these snapshots and arguments; the snapshots are as they were afterwards.
#[track_caller]
fn run(snapshots: &BTreeMap<String, String>, code: i32, arguments: &[&str]) -> Ended {
    let run = fencepost(&[&["run", "--profile", "mine"][..], arguments].concat());
    let folder = run.folder.path.join("snapshots/mine");
    fs::create_dir_all(&folder).expect("a folder can be made");
    for (name, text) in snapshots {
        fs::write(folder.join(name), text).expect("a file can be written");
    }
    let ended = run.ended().with_code(code);
    assert!(read(&folder) == *snapshots, "the snapshots were touched\n{ended}");
    assert_eq!(ended.folder.files(), ["snapshots"], "\n{ended}");
    ended
}

fn drift(ended: &Ended) -> Vec<&str> {
    ended.stdout.lines().filter(|line| line.starts_with("drift in ")).collect()
}

/// Changes one of the snapshots in one way.
#[track_caller]
fn edited(name: &str, from: &str, to: &str) -> BTreeMap<String, String> {
    let mut snapshots = accepted();
    let text = snapshots.get_mut(name).unwrap_or_else(|| panic!("there is no {name}"));
    assert_eq!(text.matches(from).count(), 1, "{from:?} in {text}");
    *text = text.replace(from, to);
    snapshots
}

#[test]
fn a_target_that_is_as_it_was_does_not_drift() {
    let ended = run(&accepted(), 0, &[]);
    assert_eq!(drift(&ended), Vec::<&str>::new(), "\n{ended}");
}

#[test]
fn a_rule_that_changed_is_told_with_what_it_was_and_is() {
    let check = |from: &str, to: &str, told: &str| {
        let ended = run(&edited("table-01.snap", from, to), 1, &[]);
        assert_eq!(
            drift(&ended),
            [format!("drift in Table 1: `path.task_id` maxLength 255, outside: {told}")],
            "\n{ended}"
        );
    };
    let from = "(accepted 200), outside enforced (refused 400 STUB.maxLength)";
    check(
        from,
        "(accepted 200), outside not enforced (accepted 200)",
        "was accepted 200, now refused 400 STUB.maxLength",
    );
    // No finding, and yet not what it was.
    let told = "was refused 422 STUB.maxLength, now refused 400 STUB.maxLength";
    check(from, "(accepted 200), outside enforced (refused 422 STUB.maxLength)", told);
    let told = "was refused 400 STUB.type or refused 400 STUB.maxLength, now refused 400 STUB.maxLength";
    check(from, "(accepted 200), outside enforced (refused 400 STUB.type or refused 400 STUB.maxLength)", told);
    // As an earlier version wrote it.
    check(from, "(accepted 200), outside enforced", "was enforced, now refused 400 STUB.maxLength");
}

#[test]
fn a_disputed_rule_that_changed_is_told() {
    let from = "  unknownMember (disputed): inside enforced (accepted 200)\n";
    let to = "  unknownMember (disputed): inside too strict (refused 400 SMS.1)\n    a query: refused\n";
    let ended = run(&edited("request.snap", from, to), 1, &[]);
    let told = "drift in Request: `query` unknownMember (disputed), inside: was refused 400 SMS.1, now accepted 200";
    assert_eq!(drift(&ended), [told], "\n{ended}");
}

#[test]
fn what_was_not_tested_does_not_drift() {
    for flags in [&["--max-requests", "500"][..], &["--only", "body.name"], &["--skip", "body.*"]] {
        let ended = run(&accepted(), 0, flags);
        assert_eq!(drift(&ended), Vec::<&str>::new(), "\n{ended}");
    }
    let from = "(accepted 200), outside enforced (refused 400 STUB.maxLength)";
    let changed = edited("table-01.snap", from, "(accepted 200), outside enforced (refused 422)");
    let ended = run(&changed, 1, &["--only", "path.task_id"]);
    assert_eq!(drift(&ended).len(), 1, "\n{ended}");
}

#[test]
fn a_rule_that_came_or_went_is_told() {
    let line = "  minLength 0: inside enforced (accepted 200)\n";
    let came = run(&edited("table-01.snap", line, ""), 1, &[]);
    assert_eq!(
        drift(&came),
        ["drift in Table 1: `path.task_id` minLength 0: a new rule, now inside accepted 200"],
        "\n{came}"
    );
    let went = run(&edited("table-01.snap", line, &format!("{line}  pattern: inside enforced\n")), 1, &[]);
    let told = "drift in Table 1: `path.task_id` pattern: was inside enforced, and is no rule any more";
    assert_eq!(drift(&went), [told], "\n{went}");
}

#[test]
fn a_finding_drifts_too() {
    let ended = run(&accepted(), 1, &["--fault", "path.task_id:maxLength:off"]);
    assert!(ended.stdout.contains("\nFINDING path.task_id:maxLength:outside "), "\n{ended}");
    assert!(
        drift(&ended).iter().any(|line| line.starts_with("drift in Table 1: `path.task_id` maxLength 255, outside: ")),
        "\n{ended}"
    );
    assert!(drift(&ended).iter().all(|line| line.starts_with("drift in Table 1: `path.task_id` ")), "\n{ended}");
}

#[test]
fn a_table_without_a_snapshot_drifts_as_a_whole() {
    let mut snapshots = accepted();
    let text = snapshots.remove("table-16.snap").expect("there is a table 16");
    let rules = text.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")).count();
    let ended = run(&snapshots, 1, &[]);
    let lines = drift(&ended);
    assert!(
        lines.iter().all(|line| line.starts_with("drift in Table 16: ") && line.contains(": a new rule, now ")),
        "\n{ended}"
    );
    assert_eq!(lines.len(), rules, "\n{ended}");
}

#[test]
fn a_snapshot_that_cannot_be_read_is_named() {
    let mut snapshots = accepted();
    snapshots.insert("table-03.snap".to_owned(), "---\nsource: [\n---\n".to_owned());
    let ended = run(&snapshots, 2, &[]);
    assert!(ended.stderr.starts_with("fencepost: snapshots/mine/table-03.snap: "), "\n{ended}");
    assert_eq!(ended.stderr.lines().count(), 1, "\n{ended}");
}

#[test]
fn a_profile_that_is_none_is_an_error() {
    for name in ["nobody", "file", ".", "..", "../snapshots/mine", "mine/", "", "/"] {
        let run = fencepost(&["run", "--profile", name]);
        fs::create_dir_all(run.folder.path.join("snapshots/mine")).expect("a folder can be made");
        fs::write(run.folder.path.join("snapshots/file"), "").expect("a file can be written");
        let ended = run.ended().with_code(2);
        assert!(ended.stderr.starts_with(&format!("fencepost: there is no profile `{name}`: ")), "\n{ended}");
        assert_eq!(ended.stdout, "", "\n{ended}");
    }
}

#[test]
fn a_table_that_is_gone_is_drift() {
    let mut snapshots = accepted();
    let gone = "---\nsource: by hand\n---\nTable 99\n\nbody.gone\n  type \"string\": inside enforced\n";
    snapshots.insert("table-99.snap".to_owned(), gone.to_owned());
    let ended = run(&snapshots, 1, &[]);
    let line = "drift in Table 99: `body.gone` type \"string\": was inside enforced, and is no rule any more";
    assert_eq!(drift(&ended), [line], "\n{ended}");
}

#[test]
fn a_share_of_the_rules_is_compared_with_its_share_of_the_snapshots() {
    for shard in ["1/3", "2/3", "3/3"] {
        let ended = run(&accepted(), 0, &["--shard", shard]);
        assert_eq!(drift(&ended), Vec::<&str>::new(), "\n{ended}");
    }
}

/// Runs with this profile, lets snapshots be written, and hands the folder on.
fn updated(snapshots: &BTreeMap<String, String>, code: i32, flags: &[&str]) -> Ended {
    let run = fencepost(&[&["run", "--profile", "mine", "--update-snapshots"][..], flags].concat());
    let text = "[profile.mine]\nsnapshots = \"kept\"\n";
    fs::write(run.folder.path.join("fencepost.toml"), text).expect("a file can be written");
    if !snapshots.is_empty() {
        fs::create_dir(run.folder.path.join("kept")).expect("a folder can be made");
    }
    for (name, text) in snapshots {
        fs::write(run.folder.path.join("kept").join(name), text).expect("a file can be written");
    }
    run.ended().with_code(code)
}

#[test]
fn the_first_snapshots_are_written_for_review_and_then_compared_with() {
    let ended = updated(&BTreeMap::new(), 0, &[]);
    let folder = ended.folder.path.join("kept");
    let proposed = read(&folder);
    let accepted = accepted();
    assert_eq!(proposed.len(), accepted.len(), "\n{ended}");
    let told = format!("\n{} snapshots in kept to review: cargo insta review", accepted.len());
    assert!(ended.stdout.contains(&told), "\n{ended}");
    for name in proposed.keys() {
        // What the reviewing tool does on acceptance.
        let snapshot = insta::Snapshot::from_file(&folder.join(name)).expect("it is a snapshot");
        let path = folder.join(name.strip_suffix(".new").expect("it is pending"));
        snapshot.save(&path).expect("a file can be written");
        fs::remove_file(folder.join(name)).expect("a file can be removed");
    }
    let again = updated(&read(&folder), 0, &[]);
    assert!(again.stdout.contains("\nthe snapshots in kept are as they were\n"), "\n{again}");
    assert_eq!(read(&again.folder.path.join("kept")), read(&folder), "\n{again}");
}

#[test]
fn only_tables_that_differ_are_to_be_reviewed() {
    let mut snapshots = edited(
        "table-01.snap",
        "(accepted 200), outside enforced (refused 400 STUB.maxLength)",
        "(accepted 200), outside enforced (refused 422)",
    );
    snapshots.insert("table-02.snap.new".to_owned(), "of an earlier run".to_owned());
    snapshots.insert("table-99.snap".to_owned(), "---\nsource: by hand\n---\nTable 99\n".to_owned());
    let ended = updated(&snapshots, 1, &[]);
    let kept = read(&ended.folder.path.join("kept"));
    let names = || kept.keys().filter(|name| !snapshots.contains_key(*name));
    assert_eq!(names().collect::<Vec<_>>(), ["table-01.snap.new"], "\n{ended}");
    assert!(!kept.contains_key("table-02.snap.new"), "\n{ended}");
    assert!(
        kept["table-01.snap.new"].contains("(accepted 200), outside enforced (refused 400 STUB.maxLength)"),
        "\n{ended}"
    );
    assert_eq!(kept["table-01.snap"], snapshots["table-01.snap"], "\n{ended}");
    assert!(ended.stdout.contains("\n1 snapshot in kept to review: "), "\n{ended}");
    ended.complains(&["kept/table-99.snap is of a table that is gone", "remove it"]);
}

#[test]
fn a_run_that_did_not_test_everything_writes_no_snapshots() {
    let ended = updated(&BTreeMap::new(), 0, &["--max-requests", "500"]);
    assert_eq!(ended.folder.files(), ["fencepost.toml"], "\n{ended}");
    ended.complains(&["the run ended early, so no snapshots were written"]);
    for flags in [["--only", "firm"], ["--skip", "firm"], ["--shard", "1/2"], ["--rerun-findings", "x"]] {
        let ended = updated(&BTreeMap::new(), 2, &flags);
        assert!(ended.stderr.contains("--update-snapshots"), "\n{ended}");
    }
    let ended = fencepost(&["run", "--update-snapshots"]).ended().with_code(2);
    assert!(ended.stderr.contains("--profile"), "\n{ended}");
}
