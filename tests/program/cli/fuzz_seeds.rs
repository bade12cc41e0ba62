//! `fencepost fuzz-seeds`: the files that a fuzzer starts from, for the shipped contract or another.

use std::fs;

use fencepost::Contract;
use fencepost::seeds::seeds;

use crate::command::fencepost;

#[test]
fn every_seed_is_written_where_it_belongs() {
    let ended = fencepost(&["fuzz-seeds", "new/seeds"]).ended().with_code(0);
    let seeds = seeds(&Contract::shipped()).expect("every schema can stand alone");
    assert_eq!(ended.stdout, format!("{} files written to new/seeds\n", seeds.len()), "\n{ended}");
    for seed in seeds {
        let written = fs::read(ended.folder.path.join("new/seeds").join(&seed.path));
        assert!(written.is_ok_and(|bytes| bytes == seed.bytes), "{}\n{ended}", seed.path);
    }
}

#[test]
fn another_contract_has_seeds_of_its_own() {
    let text = include_str!("../../../fuzz/seeds/contract/SubTask.yaml");
    let command = fencepost(&["fuzz-seeds", "seeds", "--contract", "mine.yaml"]);
    fs::write(command.folder.path.join("mine.yaml"), text).expect("a file can be written");
    let ended = command.ended().with_code(0);
    let fullest = fs::read_to_string(ended.folder.path.join("seeds/payload/fullest.json")).expect("it is written");
    assert!(fullest.starts_with(r#"{"name":"sample","progress":7,"#), "{fullest}");
}

#[test]
fn what_cannot_be_written_is_one_line() {
    let command = fencepost(&["fuzz-seeds", "taken"]);
    fs::write(command.folder.path.join("taken"), "").expect("a file can be written");
    let ended = command.ended().with_code(2);
    assert_eq!((ended.stdout.as_str(), ended.stderr.lines().count()), ("", 1), "\n{ended}");
    assert!(
        ended.stderr.starts_with("fencepost: taken/contract/whole.yaml: the seed cannot be written ("),
        "\n{ended}"
    );
}
