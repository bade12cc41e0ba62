//! Contracts that cannot be used: each is refused, by one line that names the file, the place in it, and what to do.
//! What is not modelled is refused by name; a contract that is half read would be tested half, and look whole.

mod body;
mod document;
mod half_read;
mod limits;
#[cfg(feature = "cli")]
mod printed;
mod text;

use fencepost::Contract;

/// The contract that is edited: as small as one can be that has a place of every type.
const BASE: &str = include_str!("../contracts/small.yaml");
const SHIPPED: &str = include_str!("../../harness/contract/update-migration-task.yaml");

/// The text with one part of it replaced.
#[track_caller]
fn edited(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from:?} must stand in the contract once");
    text.replace(from, to)
}

/// Why a contract with this text is refused.
#[track_caller]
fn refusal(text: &str) -> String {
    match Contract::from_text("mine.yaml", text) {
        Ok(_) => panic!("it is taken:\n{text}"),
        Err(error) => error.to_string(),
    }
}

/// Holds that a contract with this text is refused, for what stands at `pointer`, in these words.
#[track_caller]
fn check_text(text: &str, pointer: &str, words: &[&str]) {
    let error = refusal(text);
    let place = if pointer.is_empty() { "mine.yaml: ".to_owned() } else { format!("mine.yaml: at {pointer}: ") };
    assert!(error.starts_with(&place), "wanted `{place}`, found\n{error}");
    assert!(!error.contains(char::is_control), "more than one line: {error}");
    let missing: Vec<&&str> = words.iter().filter(|word| !error.contains(**word)).collect();
    assert!(missing.is_empty(), "not said: {missing:?}\n{error}");
    let remedy = error.rsplit_once([';', ',']).is_some_and(|(_, remedy)| !remedy.trim().is_empty())
        || ["must be", "write", "only", "needs", "is more than"].iter().any(|word| error.contains(word));
    assert!(remedy, "it does not say what to do: {error}");
}

/// Edits the small contract in one place.
#[track_caller]
fn check(from: &str, to: &str, pointer: &str, words: &[&str]) {
    check_text(&edited(BASE, from, to), pointer, words);
}

/// Edits the shipped contract in one place.
#[track_caller]
fn check_shipped(from: &str, to: &str, pointer: &str, words: &[&str]) {
    check_text(&edited(SHIPPED, from, to), pointer, words);
}

#[test]
fn the_contracts_that_are_edited_are_sound() {
    for text in [BASE, SHIPPED] {
        if let Err(error) = Contract::from_text("mine.yaml", text) {
            panic!("{error}");
        }
    }
}

#[test]
fn a_contract_in_json_is_a_contract() {
    let contract = Contract::from_text("mine.yaml", BASE).expect("the contract is sound");
    let json = Contract::from_text("mine.json", &contract.document().to_string()).expect("JSON is read as YAML is");
    assert_eq!(json.operation().places().count(), contract.operation().places().count());
}
