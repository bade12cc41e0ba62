//! Patterns that a service reads otherwise than they stand: each such reading is one finding.

use serde_json::Value;

use crate::open::{body, ids, served, with_body};

/// What a service takes for a match.
type Reading<'a> = &'a dyn Fn(&str) -> bool;

fn letters(text: &str) -> usize {
    text.chars().filter(char::is_ascii_uppercase).count()
}

/// What is told of a service that takes what it takes for a match of this pattern.
fn found(pattern: &str, takes: Reading<'_>) -> Vec<String> {
    let schema = format!("{{type: object, properties: {{code: {{type: string, pattern: '{pattern}'}}}}}}");
    let contract = with_body(&schema).expect("it can be tested");
    let run = served(&contract, |request| {
        let Some(Value::Object(members)) = body(request) else { return (400, Value::Null) };
        let takes = |code: &Value| code.as_str().is_some_and(takes);
        (if members.get("code").is_none_or(takes) { 201 } else { 400 }, Value::Null)
    });
    ids(&run.expect("it answers"))
}

#[test]
fn one_that_wants_the_whole_text_to_match_where_a_part_does_is_found() {
    let is_number = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let holds_one = |text: &str| text.as_bytes().windows(3).any(|three| three.iter().all(u8::is_ascii_digit));
    assert_eq!(found("[0-9]{3}", &holds_one), [""; 0]);
    assert_eq!(found("[0-9]{3}", &is_number), ["body.code:pattern:inside"]);
}

#[test]
fn one_that_looks_at_a_part_of_a_text_is_found() {
    const PATTERN: &str = "^[A-Z]{2}$";
    let holds = |text: &str| text.len() == 2 && letters(text) == 2;
    assert_eq!(found(PATTERN, &holds), [""; 0]);
    let readings: [(&str, Reading<'_>); 7] = [
        ("all", &|_| true),
        ("the beginning", &|text| text.get(..2).is_some_and(holds)),
        ("the end", &|text| text.get(text.len().saturating_sub(2)..).is_some_and(holds)),
        ("somewhere", &|text| text.as_bytes().windows(2).any(|two| two.iter().all(u8::is_ascii_uppercase))),
        ("in any case", &|text| holds(&text.to_uppercase())),
        ("at least", &|text| text.len() >= 2 && letters(text) == text.len()),
        ("at most", &|text| text.len() <= 2 && letters(text) == text.len()),
    ];
    for (reading, takes) in readings {
        assert_eq!(found(PATTERN, takes), ["body.code:pattern:outside"], "{reading}");
    }
}
