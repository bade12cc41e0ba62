//! What is too much: a run would never end, or no client or server would pass it on. Each limit has its own words.

use std::fmt::Write as _;

use fencepost::Contract;

use super::{BASE, check, check_text, edited};

const PARAMETERS: &str = "/paths/~1things~1{id}/post/parameters";
const PATH: &str = "minLength: 1, maxLength: 8}";
const HEADER: &str = "maxLength: 99}";

fn at(member: &str) -> String {
    format!("/components/schemas/Thing/properties/{member}")
}

/// Holds that the small contract with this edit can be used.
#[track_caller]
fn check_sound(from: &str, to: &str) {
    if let Err(error) = Contract::from_text("mine.yaml", &edited(BASE, from, to)) {
        panic!("{error}");
    }
}

#[test]
fn texts() {
    let name = "minLength: 1, maxLength: 20";
    check_sound("flag: {type: boolean}", "flag: {type: string, minLength: 65536, maxLength: 1000000}");
    check_sound(name, "maxLength: 2147483647");
    check(name, "minLength: 65537", &at("name/minLength"), &["65537 is more than the 65536 characters"]);
    let many = |count: usize| {
        let members = (0..count).fold(String::new(), |mut all, number| {
            let _ = write!(all, "m{number}: {{type: string, maxLength: 1000000}}, ");
            all
        });
        edited(BASE, "flag: {type: boolean}", &format!("flag: {{type: object, properties: {{{members}}}}}"))
    };
    Contract::from_text("mine.yaml", &many(19)).expect("so many fit");
    check_text(&many(20), &at("flag/properties/m19"), &["more than 20000000 characters", "write smaller bounds"]);
}

#[test]
fn lengths_of_parameters() {
    let at = |number: usize, keyword: &str| format!("{PARAMETERS}/{number}/schema/{keyword}");
    check_sound(PATH, "minLength: 1, maxLength: 15000}");
    check_sound(PATH, "minLength: 1, maxLength: 15001}");
    check_sound(HEADER, "maxLength: 65536}");
    check_sound(HEADER, "maxLength: 1000000}");
    check(PATH, "minLength: 15001}", &at(0, "minLength"), &["15001 is more than the 15000 characters"]);
    check(HEADER, "minLength: 65537}", &at(1, "minLength"), &["65537 is more than the 65536 characters"]);
    for (bound, number) in [(PATH, 0), (HEADER, 1)] {
        check(bound, "maxLength: 0}", &at(number, "maxLength"), &["0 leaves nothing to send", "drop the parameter"]);
    }
}

#[test]
fn headers_that_say_how_a_request_is_sent() {
    let at = format!("{PARAMETERS}/1/name");
    for name in ["Content-Type", "content-length", "HOST", "Transfer-Encoding", "Connection", "Expect", "TE", "Upgrade"]
    {
        check("X-Key", name, &at, &[&format!("`{name}` says how the request is sent"), "drop the parameter"]);
    }
    for name in ["Authorization", "Accept", "Cookie", "If-Match"] {
        check_sound("X-Key", name);
    }
    check("X-Key", &"X".repeat(257), &at, &["must be a header's name"]);
}

#[test]
fn parameters() {
    let key = "        - {name: X-Key, in: header";
    let many = |count: usize| {
        let headers = (0..count).fold(String::new(), |mut all, number| {
            let _ = writeln!(all, "        - {{name: X-{number}, in: header, schema: {{type: string}}}}");
            all
        });
        format!("{headers}{key}")
    };
    check_sound(key, &many(62));
    check(key, &many(63), PARAMETERS, &["more than 64 parameters", "drop some"]);
    let path = format!("  /{}/{{id}}:\n", "x".repeat(999));
    let error = super::refusal(&edited(BASE, "  /things/{id}:\n", &path));
    assert!(error.contains("in 1000 characters or less") && error.len() < 1_000, "{error}");
}

#[test]
fn sizes() {
    let shipped = "value: 10240";
    let sized = |bytes: &str| edited(super::SHIPPED, shipped, &format!("value: {bytes}"));
    Contract::from_text("mine.yaml", &sized("16777216")).expect("so much can be sent");
    let words = ["16777217 is more than the 16777216 bytes"];
    check_text(&sized("16777217"), "/x-disputes/body-size/value", &words);
    check_text(&sized("1e12"), "/x-disputes/body-size/value", &["1000000000000 is more than"]);
}

#[test]
fn places() {
    let many = |count: usize| {
        let members = (0..count).fold(String::new(), |mut all, number| {
            let _ = write!(all, "m{number}: {{type: boolean}}, ");
            all
        });
        edited(BASE, "flag: {type: boolean}", &format!("flag: {{type: object, properties: {{{members}}}}}"))
    };
    Contract::from_text("mine.yaml", &many(1_900)).expect("so many fit");
    check_text(&many(2_000), "", &["more than 2000 places and listed values", "describe a smaller one"]);
    let values: Vec<String> = (0..2_000).map(|number| number.to_string()).collect();
    let listed = format!("flag: {{type: integer, enum: [{}]}}", values.join(", "));
    check("flag: {type: boolean}", &listed, "", &["more than 2000 places and listed values"]);
}

#[test]
fn depth() {
    // Each object two levels further down the schema: the contract is written flat, its body is not.
    let deep = |levels: usize| {
        let schemas = (0..levels).fold(String::new(), |mut all, level| {
            let below = level + 1;
            let _ = writeln!(
                all,
                "    L{level}: {{type: object, properties: {{a: {{$ref: '#/components/schemas/L{below}'}}}}}}"
            );
            all
        });
        let text = edited(BASE, "    Part:\n", &format!("{schemas}    L{levels}: {{type: boolean}}\n    Part:\n"));
        edited(&text, "flag: {type: boolean}", "flag: {$ref: '#/components/schemas/L0'}")
    };
    Contract::from_text("mine.yaml", &deep(99)).expect("so deep may it be");
    check_text(&deep(100), "", &["the body nests more than 100 levels deep", "describe a flatter one"]);
    check_text(&deep(10_000), "", &["the references nest more than 400 nodes deep", "describe a flatter body"]);
}
