//! The seeds of the fuzz targets: what is committed is what the command writes, and the laws hold for each of them.

use crate::laws;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fencepost::Contract;
use fencepost::generate::RawChoices;
use fencepost::seeds::{SeedFile, seeds};

fn shipped() -> Vec<SeedFile> {
    seeds(&Contract::shipped()).expect("every schema of the shipped contract can stand alone")
}

fn of(target: &str) -> Vec<SeedFile> {
    let folder = format!("{target}/");
    let seeds: Vec<SeedFile> = shipped().into_iter().filter(|seed| seed.path.starts_with(&folder)).collect();
    assert!(seeds.len() > 10, "{target} has only {} seeds", seeds.len());
    seeds
}

/// Every file below a folder, by its path from there.
fn committed(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("the folder can be read");
            open.extend(entries.map(|entry| entry.expect("the folder can be read").path()));
        } else {
            let name = path.strip_prefix(folder).expect("it is below").to_string_lossy().replace('\\', "/");
            files.insert(name, std::fs::read(&path).expect("the file can be read"));
        }
    }
    files
}

#[test]
fn what_is_committed_is_what_the_command_writes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut committed = committed(&folder);
    let mut stale = Vec::new();
    for seed in shipped() {
        if committed.remove(&seed.path) != Some(seed.bytes) {
            stale.push(seed.path);
        }
    }
    let strays: Vec<&String> = committed.keys().collect();
    assert!(
        stale.is_empty() && strays.is_empty(),
        "run `cargo run -- fuzz-seeds fuzz/seeds` for {stale:?}, and remove what it no longer writes: {strays:?}"
    );
}

#[test]
fn the_laws_hold_for_every_contract() {
    for seed in of("contract") {
        let text = String::from_utf8(seed.bytes).expect("a contract is text");
        assert!(laws::contract::hold(&text), "{} is refused", seed.path);
    }
}

#[test]
fn the_laws_hold_for_every_body() {
    let bench = laws::payload::Bench::new();
    for seed in of("payload") {
        laws::payload::hold(&bench, &seed.bytes);
    }
}

#[test]
fn the_laws_hold_for_all_choices() {
    let bench = laws::case::Bench::new();
    for seed in of("case") {
        laws::case::hold(&bench, &RawChoices::from_bytes(&seed.bytes).0);
    }
}

#[test]
fn a_dictionary_has_one_word_a_line_in_quotes() {
    let dictionaries: Vec<SeedFile> = shipped().into_iter().filter(|seed| !seed.path.contains('/')).collect();
    assert_eq!(dictionaries.len(), 2);
    for dictionary in dictionaries {
        let text = String::from_utf8(dictionary.bytes).expect("a dictionary is text");
        assert!(text.is_ascii() && text.lines().count() > 100, "{}", dictionary.path);
        for line in text.lines() {
            let word = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let word = word.unwrap_or_else(|| panic!("{}: not in quotes: {line}", dictionary.path));
            // Every quote and every backslash is the second of an escape, or begins one.
            let mut rest = word.as_bytes();
            let mut bytes = 0;
            while let [first, tail @ ..] = rest {
                rest = match (first, tail) {
                    (b'\\', [b'\\' | b'"', tail @ ..]) => tail,
                    (b'\\', [b'x', high, low, tail @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                        tail
                    }
                    (b'\\' | b'"', _) => panic!("{}: no escape: {line}", dictionary.path),
                    _ => tail,
                };
                bytes += 1;
            }
            assert!((1..=64).contains(&bytes), "{}: {bytes} bytes: {line}", dictionary.path);
        }
    }
}
