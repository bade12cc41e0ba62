//! Seeds: what a fuzzer starts from, and the words that it may use, derived from a contract like everything else.
//!
//! Pure: the same contract gives the same files. One folder a fuzz target, and beside it the target's dictionary where
//! words help; what decodes to choices has none.

mod choices;
mod contract;
mod dictionary;
mod payload;

use crate::contract::{Contract, ContractError};

/// A file for a fuzzer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedFile {
    /// Where, from the folder of all seeds on: `payload/example.json`, `payload.dict`.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// The targets that read choices.
const OF_CHOICES: [&str; 2] = ["case", "endpoint"];

/// The seeds of every fuzz target, and the dictionaries. An error is one of the contract, which has a part that cannot
/// stand alone.
pub fn seeds(contract: &Contract) -> Result<Vec<SeedFile>, ContractError> {
    let mut files = Vec::new();
    let mut add = |folder: &str, seeds: Vec<(String, Vec<u8>)>| {
        files.extend(seeds.into_iter().map(|(name, bytes)| SeedFile { path: format!("{folder}/{name}"), bytes }));
    };
    add("contract", contract::seeds(contract)?);
    add("payload", payload::seeds(contract));
    for target in OF_CHOICES {
        add(target, choices::seeds(contract));
    }
    for (target, words) in [("contract", dictionary::contract(contract)), ("payload", dictionary::payload(contract))] {
        files.push(SeedFile { path: format!("{target}.dict"), bytes: words.into_bytes() });
    }
    Ok(files)
}
