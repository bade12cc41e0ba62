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
    let from = "path.task_id\n  minLength 0: inside enforced\n  maxLength 255: inside enforced, outside enforced\n";
    let to = from.replace("outside enforced", "outside not enforced");
    let ended = run(&edited("table-01.snap", from, &to), 1, &[]);
    assert_eq!(
        drift(&ended),
        ["drift in Table 1: path.task_id maxLength 255: \
          was inside enforced, outside not enforced, is inside enforced, outside enforced"],
        "\n{ended}"
    );
}

#[test]
fn a_rule_that_came_or_went_is_told() {
    let line = "  minLength 0: inside enforced\n";
    let came = run(&edited("table-01.snap", line, ""), 1, &[]);
    assert_eq!(
        drift(&came),
        ["drift in Table 1: path.task_id minLength 0: was nothing, is inside enforced"],
        "\n{came}"
    );
    let went = run(&edited("table-01.snap", line, &format!("{line}  pattern: inside enforced\n")), 1, &[]);
    assert_eq!(drift(&went), ["drift in Table 1: path.task_id pattern: was inside enforced, is nothing"], "\n{went}");
}

#[test]
fn a_finding_drifts_too() {
    let ended = run(&accepted(), 1, &["--fault", "path.task_id:maxLength:off"]);
    assert!(ended.stdout.contains("\nFINDING path.task_id:maxLength:outside "), "\n{ended}");
    assert!(
        drift(&ended).iter().any(|line| line.starts_with("drift in Table 1: path.task_id maxLength 255: ")),
        "\n{ended}"
    );
    assert!(drift(&ended).iter().all(|line| line.starts_with("drift in Table 1: path.task_id ")), "\n{ended}");
}

#[test]
fn a_table_without_a_snapshot_drifts_as_a_whole() {
    let mut snapshots = accepted();
    let text = snapshots.remove("table-16.snap").expect("there is a table 16");
    let rules = text.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")).count();
    let ended = run(&snapshots, 1, &[]);
    let lines = drift(&ended);
    assert!(
        lines.iter().all(|line| line.starts_with("drift in Table 16: ") && line.contains(": was nothing, is ")),
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
    let line = "drift in Table 99: body.gone type \"string\": was inside enforced, is nothing";
    assert_eq!(drift(&ended), [line], "\n{ended}");
}

#[test]
fn a_share_of_the_rules_is_compared_with_its_share_of_the_snapshots() {
    for shard in ["1/3", "2/3", "3/3"] {
        let ended = run(&accepted(), 0, &["--shard", shard]);
        assert_eq!(drift(&ended), Vec::<&str>::new(), "\n{ended}");
    }
}
