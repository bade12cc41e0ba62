//! What is wrong with the text before it is a document: its form, its depth, and what YAML has and JSON has not.

use std::fmt::Write as _;

use fencepost::Contract;

use super::{BASE, check, check_text, edited, refusal};

const UNREADABLE: &str = "is not YAML or JSON that can be read";
/// Long enough that a reader which looks again at what is open for each thing that it opens needs minutes.
const LONG: usize = 1_000_000;

fn at(member: &str) -> String {
    format!("/components/schemas/Thing/properties/{member}")
}

#[test]
fn text_that_is_no_document() {
    check_text("", "", &["must be a mapping"]);
    check_text("just words", "", &["must be a mapping, not text"]);
    check_text("- a\n- b\n", "", &["must be a mapping, not a list"]);
    check_text("a: [1\nb: 2\n", "", &[UNREADABLE, "line 2", "correct it"]);
    check_text("a: \"unclosed\n", "", &[UNREADABLE]);
    check_text("a:\n\tb: indented with a tab\n", "", &[UNREADABLE]);
    check_text("a: *nowhere\n", "", &[UNREADABLE]);
    check_text("{\"openapi\": \"3.1.0\",", "", &[UNREADABLE]);
    check_text("a: 1\n---\nb: 2\n", "", &[UNREADABLE, "a second document begins at line 2"]);
    check_text("a: \u{0}\n", "", &[UNREADABLE]);
}

#[test]
fn a_key_that_is_given_twice() {
    let words = |key: &str| format!("duplicate key \"{key}\"");
    check(
        "        flag: {type: boolean}\n",
        "        name: {type: boolean}\n",
        "/components/schemas/Thing/properties",
        &[&words("name"), "line 39", "drop one"],
    );
    check(
        "      type: object\n      required: [size]\n",
        "      type: object\n      type: object\n",
        "/components/schemas/Part",
        &[&words("type")],
    );
    // A number and its text are one key in JSON.
    check(
        "        '4XX':\n",
        "        201: {}\n        '4XX':\n",
        "/paths/~1things~1{id}/post/responses",
        &[&words("201")],
    );
    check_text("{\"openapi\": \"3.1.0\", \"openapi\": \"3.1.0\"}", "", &[&words("openapi"), "column"]);
    check_text("{\"a\": [{\"b\": {\"c\": 1, \"c\": 2}}]}", "", &[&words("c")]);
}

#[test]
fn keys_that_are_no_text() {
    let flag = "        flag: {type: boolean}\n";
    let pointer = "/components/schemas/Thing/properties";
    for (key, words) in [
        ("null", "the key `null` is no text"),
        ("true", "the key `true` is no text"),
        ("1.5", "the key `1.5` is no text"),
        (".nan", "the key `.nan` is no text"),
        ("? [flag]\n        ", "a key must be text"),
        ("? {flag: 1}\n        ", "a key must be text"),
        ("&key flag", "without an anchor"),
        ("!!str flag", "or a tag"),
    ] {
        check(flag, &format!("        {key}: {{type: boolean}}\n"), pointer, &[words]);
    }
    let quoted = edited(BASE, flag, "        'true': {type: boolean}\n        12: {type: boolean}\n");
    let contract =
        Contract::from_text("mine.yaml", &quoted).expect("a key in quotes is text, and so is a whole number");
    assert!(contract.operation().find("body.true").is_some() && contract.operation().find("body.12").is_some());
}

#[test]
fn what_yaml_has_and_json_has_not() {
    let flag = "flag: {type: boolean}";
    check(flag, "flag: !mine {type: boolean}", &at("flag"), &["the tag `!mine` is not modelled", "remove it"]);
    check(flag, "flag: {type: !!str boolean}", &at("flag/type"), &["the tag `tag:yaml.org,2002:str` is not modelled"]);
    check(
        flag,
        "flag: {<<: {type: boolean}}",
        &at("flag"),
        &["the merge key `<<` is not modelled", "write the members out"],
    );
    for number in [".inf", "-.inf", ".nan", ".NaN", "1e999"] {
        for (bound, member) in [("minimum: 0, maximum: 100", "count"), ("minimum: 0, maximum: 1.5", "ratio")] {
            let to = format!("minimum: 0, maximum: {number}");
            check(bound, &to, &at(&format!("{member}/maximum")), &[&format!("`{number}` is"), "JSON"]);
        }
    }
}

#[test]
fn nesting_without_end_is_refused_where_it_begins() {
    // What nests as a key is refused as one.
    let words = ["nests more than 128 levels", "recursion limit exceeded", "a key must be text"];
    for part in
        ["[", "{", "[\n", "[? ", "{? ", "{a: ", "[a: ", "[[a: ", "- ", "? ", "&a [", "{\"a\":", "[{\"a\":[1],\"b\":"]
    {
        for count in [200, LONG / part.len()] {
            let error = refusal(&part.repeat(count));
            assert!(words.iter().any(|words| error.contains(words)), "{part:?}: {error}");
            assert!(error.len() < 200 && !error.contains(char::is_control), "{part:?}: {error}");
        }
    }
    let within = |inner: &str| edited(BASE, "title: Small", &format!("title: {inner}"));
    check_text(&within(&format!("{}1{}", "[".repeat(200), "]".repeat(200))), "", &[UNREADABLE]);
    check_text(&format!("{BASE}    deep: {}", "- ".repeat(LONG / 2)), "", &[UNREADABLE]);
}

#[test]
fn long_text_that_does_not_nest_is_read() {
    let prose = "the range [0, 100) or {a, b or \"c ".repeat(LONG / 30);
    let folded = edited(BASE, "title: Small", &format!("title: Small, description: '{prose}'"));
    let block = edited(BASE, "title: Small", "title: Small").replace(
        "info: {title: Small, version: \"1\"}",
        &format!("info:\n  title: Small\n  version: \"1\"\n  description: |\n    {prose}\n    [ {{ - ? \" '\n"),
    );
    let comment = format!("# {}\n{BASE}", "[".repeat(LONG));
    let contract = Contract::from_text("mine.yaml", BASE).expect("it is sound");
    let mut document = contract.document().clone();
    document["x-long"] = (0..LONG / 16).map(|number| serde_json::json!({"number": [number]})).collect();
    document["x-key"] = serde_json::json!({"k".repeat(LONG): 1});
    let json = document.to_string();
    let yaml = format!("{BASE}x-long: {}\n", document["x-long"]);
    for text in [&folded, &block, &comment, &json, &yaml, &serde_json::to_string_pretty(&document).expect("JSON")] {
        assert!(text.len() >= LONG);
        if let Err(error) = Contract::from_text("mine.yaml", text) {
            panic!("{error}");
        }
    }
}

#[test]
fn anchors_that_multiply() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..40 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        let _ = writeln!(laughs, "a{level}: &a{level} [{below}]");
    }
    let lists = format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(LONG / 6), "*a, ".repeat(LONG / 8));
    let texts = format!("a: &a {}\nb: [{}]\n", "x".repeat(LONG / 2), "*a, ".repeat(LONG / 8));
    let nested = format!("a: {}{}{}\n", "&a [".repeat(100), "x, ".repeat(LONG / 3), "]".repeat(100));
    for text in [&laughs, &lists, &texts, &nested] {
        let error = refusal(text);
        assert!(error.contains("anchors and aliases copy more than 1000000"), "{error}");
    }
    check_text("a: &a [1, *a]\n", "/a/1", &["an alias stands within its own anchor", "write the value out"]);
    let twice =
        edited(BASE, "name: {type: string, minLength: 1, maxLength: 20}", "name: &text {type: string, maxLength: 20}");
    let twice = edited(&twice, "tags: {type: array, items: {type: string}}", "tags: {type: array, items: *text}");
    let contract = Contract::from_text("mine.yaml", &twice).expect("an alias is a copy");
    let shape = |name: &str| contract.operation().find(name).map(|id| contract.operation().place(id).shape.clone());
    assert_eq!(shape("body.tags[]"), shape("body.name"));
}
