//! Bodies: the example, the smallest, the fullest, and one of each kind of probe.

use std::collections::BTreeSet;

use crate::compose::{Composer, Slot};
use crate::contract::{Contract, PlaceId};
use crate::probe::{Send, Wire, malformed_body, probes};
use crate::rule::rules;

/// A larger seed slows a fuzzer down more than it shows.
const MOST_BYTES: usize = 4_096;

pub(super) fn seeds(contract: &Contract) -> Vec<(String, Vec<u8>)> {
    let operation = contract.operation();
    let composer = Composer::new(operation);
    let everywhere: Vec<(PlaceId, Slot)> = operation.places().map(|(place, _)| (place, Slot::Ordinary)).collect();
    let mut seeds = vec![
        ("smallest.json".to_owned(), composer.body(&[]).render().into_bytes()),
        ("fullest.json".to_owned(), composer.body(&everywhere).render().into_bytes()),
    ];
    let example = operation.body.example.iter();
    seeds.extend(example.map(|example| ("example.json".to_owned(), example.clone().into_bytes())));

    let rules = rules(operation);
    // Probes of one kind differ only in their place, which a fuzzer moves about by itself.
    let mut kinds = BTreeSet::new();
    for probe in probes(operation, &rules) {
        let body = match &probe.send {
            Send::Body(overrides) => Some(composer.body(overrides).render().into_bytes()),
            Send::Wire(Wire::Malformed(form)) => malformed_body(&composer, *form, "sample"),
            Send::Wire(_) => None,
        };
        let Some(body) = body.filter(|body| body.len() <= MOST_BYTES) else { continue };
        let words = [&[probe.side.as_str(), rules[probe.rule].keyword.as_str()][..], &kind(&probe.what)].concat();
        let kind = words.join("-");
        if kinds.insert(kind.clone()) && seeds.iter().all(|(_, other)| *other != body) {
            seeds.push((format!("{kind}.json"), body));
        }
    }
    seeds
}

/// The plain words of a description: without numbers, values and places, which are one probe's own.
fn kind(what: &str) -> Vec<&str> {
    let plain = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    what.split([' ', ',', ':']).filter(plain).collect()
}
