//! Dictionaries: the words of a contract, and what looks like them and is none, for a fuzzer to splice in.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::contract::{Contract, Shape, Step};
use crate::json::Json;
use crate::probe::LEGAL_TEXTS;

/// libFuzzer takes no longer words.
const MOST_BYTES: usize = 64;

/// JSON, and what is taken for it.
const JSON: [&[u8]; 22] = [
    b"null",
    b"true",
    b"false",
    b"{}",
    b"[]",
    b"\"\"",
    b"1.0",
    b"1e3",
    b"-0",
    b"-1",
    b"0.5",
    b"1e400",
    b"18446744073709551616",
    b"NaN",
    b"Infinity",
    b"//",
    b"/*",
    b"\\u0000",
    b"\\ud800",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xc0\xaf",
];

/// What JSON Schema and OpenAPI have, whether or not the contract or its reader does.
const SCHEMA: [&[u8]; 31] = [
    b"$ref",
    b"$defs",
    b"additionalProperties",
    b"allOf",
    b"anyOf",
    b"const",
    b"default",
    b"dependentRequired",
    b"discriminator",
    b"exclusiveMaximum",
    b"exclusiveMinimum",
    b"format",
    b"if",
    b"items",
    b"maxItems",
    b"maxProperties",
    b"minItems",
    b"minProperties",
    b"multipleOf",
    b"not",
    b"nullable",
    b"oneOf",
    b"pattern",
    b"patternProperties",
    b"prefixItems",
    b"propertyNames",
    b"readOnly",
    b"type: 'null'",
    b"unevaluatedProperties",
    b"uniqueItems",
    b"webhooks",
];

/// YAML, and what is taken for it.
const YAML: [&[u8]; 19] = [
    b"---\n",
    b"...\n",
    b"&a ",
    b"*a",
    b"<<: *a",
    b"!!str ",
    b"!!binary ",
    b"? ",
    b": ",
    b"- ",
    b"|\n",
    b">-\n",
    b"{",
    b"[",
    b".inf",
    b".nan",
    b"0x1F",
    b"1e400",
    b"~",
];

/// The words of bodies: members, values, bounds and their neighbours.
pub(super) fn payload(contract: &Contract) -> String {
    let operation = contract.operation();
    let mut words: BTreeSet<Vec<u8>> = JSON.iter().map(|word| word.to_vec()).collect();
    let mut add = |json: &Json| words.insert(json.render().into_bytes());
    for (_, place) in operation.places() {
        if let Step::Member(name) = &place.step {
            add(&Json::text(name));
        }
        if let Some(values) = place.shape.values() {
            let disputed = values.disputed.iter().map(|(value, _)| value);
            for value in values.firm.iter().chain(disputed) {
                add(&Json::from(value));
            }
        }
        match &place.shape {
            Shape::Integer { min, max, .. } => {
                for bound in [min, max].into_iter().flatten() {
                    for number in [bound.saturating_sub(1), *bound, bound.saturating_add(1)] {
                        add(&Json::number(number));
                    }
                }
            }
            Shape::Number { min, max } => {
                for bound in [min, max].into_iter().flatten() {
                    for number in [bound.next_down(), *bound, bound.next_up()] {
                        add(&Json::number(format!("{number:?}")));
                    }
                }
            }
            _ => {}
        }
    }
    for (_, text) in LEGAL_TEXTS {
        add(&Json::text(text));
    }
    written(&words)
}

/// The words of contracts: the names and the short texts of the document.
pub(super) fn contract(contract: &Contract) -> String {
    let words = SCHEMA.iter().chain(&YAML).map(|word| word.to_vec());
    let mut words: BTreeSet<Vec<u8>> = words.collect();
    let mut open = vec![contract.document()];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                words.extend(members.keys().map(|name| format!("{name}: ").into_bytes()));
                open.extend(members.values());
            }
            Value::Array(elements) => open.extend(elements),
            // Prose is no word.
            Value::String(text) if !text.contains(' ') => {
                words.insert(text.clone().into_bytes());
            }
            Value::Number(number) => {
                words.insert(number.to_string().into_bytes());
            }
            _ => {}
        }
    }
    written(&words)
}

/// In the format of libFuzzer and AFL: one word a line, in quotes.
fn written(words: &BTreeSet<Vec<u8>>) -> String {
    let mut out = String::new();
    for word in words.iter().filter(|word| !word.is_empty() && word.len() <= MOST_BYTES) {
        out.push('"');
        for byte in word {
            match byte {
                b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
                b' '..=b'~' => out.push(char::from(*byte)),
                other => {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\x{other:02X}");
                }
            }
        }
        out.push_str("\"\n");
    }
    out
}
