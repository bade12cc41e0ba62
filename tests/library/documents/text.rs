//! Texts: JSON and YAML with all that one finds in them, and what is none of the two.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{part, read, refusal, remark};

/// A document of which one member is `text`, given at the place of a value at the end of a line of YAML.
fn with(text: &str) -> String {
    format!("openapi: 3.1.0\npaths: {{/a: {{get: {{}}}}}}\nx-it: {text}\n")
}

#[test]
fn what_yaml_has_and_json_has_not_is_taken_for_what_it_means() {
    for (text, value) in [
        ("!!str 12", json!("12")),
        ("!!int '12'", json!(12)),
        ("!!float 1", json!(1)),
        ("!!bool 'true'", json!(true)),
        ("!!null ''", Value::Null),
        ("!!map {a: 1}", json!({"a": 1})),
        (
            "{1: a, 2.50: b, true: c, null: d, 2020-01-02: e}",
            json!({"1": "a", "2.50": "b", "true": "c", "null": "d", "2020-01-02": "e"}),
        ),
        ("{a: &a {b: 1, c: 2}, d: {<<: *a, c: 3}}", json!({"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}})),
        ("{a: &a {b: 1}, d: {b: 2, <<: *a}}", json!({"a": {"b": 1}, "d": {"b": 2}})),
        (
            "{a: &a {b: 1}, c: &c {b: 2, d: 3}, e: {<<: [*a, *c]}}",
            json!({"a": {"b": 1}, "c": {"b": 2, "d": 3}, "e": {"b": 1, "d": 3}}),
        ),
        ("[&a x, *a]", json!(["x", "x"])),
        ("{&k key: 1, other: *k}", json!({"key": 1, "other": "key"})),
        ("{a: &a key, *a : 1}", json!({"a": "key", "key": 1})),
    ] {
        let document = read(&with(text));
        assert_eq!(part(&document, "/x-it"), &value, "{text}");
        assert!(document.remarks().is_empty(), "{text}: {:#?}", document.remarks());
    }
}

#[test]
fn what_is_odd_in_a_text_is_remarked_on_where_it_stands() {
    for (text, value, pointer, words) in [
        ("!mine {a: 1}", json!({"a": 1}), "/x-it", "the tag `!mine`"),
        ("!!int many", json!("many"), "/x-it", "`many` is no int"),
        ("[.inf]", json!([".inf"]), "/x-it/0", "`.inf` is no JSON number"),
        ("1e999", json!("1e999"), "/x-it", "`1e999` is too large"),
        ("{a: 1, b: 2, a: 3}", json!({"a": 3, "b": 2}), "/x-it", "duplicate key \"a\""),
        ("{[a]: 1, b: 2}", json!({"b": 2}), "/x-it", "a key is no text"),
        ("{<<: 1, b: 2}", json!({"b": 2}), "/x-it", "the merge key `<<` holds no mapping"),
        ("&a [*a]", json!([null]), "/x-it/0", "an alias stands within its own anchor"),
    ] {
        let document = read(&with(text));
        assert_eq!(part(&document, "/x-it"), &value, "{text}");
        let remark = remark(&document, words);
        assert_eq!((remark.pointer.as_str(), remark.line), (pointer, Some(3)), "{text}");
        assert_eq!(document.remarks().len(), 1, "{text}: {:#?}", document.remarks());
    }
    let document = read(&format!("{}---\nopenapi: 3.0.0\n", with("1")));
    assert_eq!(remark(&document, "a second document begins at line 4").line, Some(4));
}

#[test]
fn json_is_read_as_programs_write_it() {
    let text = r#"{"openapi": "3.1.0", "paths": {"/a": {"get": {}}}, "x-it": "#;
    for (json, value) in [
        (r#""a\"\\\/\n\t\r\b\f\u00e9\ud83d\ude00\ud800x""#, json!("a\"\\/\n\t\r\u{8}\u{c}\u{e9}\u{1f600}\u{fffd}x")),
        ("\"a\tb\u{0}c\"", json!("a\tb\u{0}c")),
        (
            "[-0.5, 1e3, 18446744073709551615, null, true, false, {}, []]",
            json!([-0.5, 1e3, u64::MAX, null, true, false, {}, []]),
        ),
        (r#"{"a": 1, "a": 2}"#, json!({"a": 2})),
        // What is no JSON may be YAML.
        ("[1, 2,]", json!([1, 2])),
        ("{a: 1}", json!({"a": 1})),
    ] {
        for mark in ["", "\u{feff}", "\n \r\n"] {
            let document = read(&format!("{mark}{text}{json}}}"));
            assert_eq!(part(&document, "/x-it"), &value, "{json}");
        }
    }
    for (broken, words) in [
        (r#"{"a": 1"#, "a comma or the end of what is open was expected at line 1 column 8"),
        ("{\"a\":\n [}", "a value was expected at line 2 column 3"),
        ("{\"a\": \"b", "a text has no closing quote"),
    ] {
        assert!(refusal(broken).contains(words), "{}", refusal(broken));
    }
}

#[test]
fn text_that_is_no_document_is_refused_in_one_line() {
    for (text, words) in [
        ("", "is empty"),
        ("\u{feff} \n", "is empty"),
        ("[]", "must be a mapping"),
        ("just words", "must be a mapping"),
        ("<!doctype html><html></html>", "is HTML"),
        ("\u{0}", "is not YAML or JSON"),
        ("a: [1\nb: 2\n", "is not YAML or JSON"),
        ("{}", "neither `openapi` nor `swagger`"),
        ("name: package\nversion: 1\n", "neither `openapi` nor `swagger`"),
        ("openapi: 3.1.0\n", "has no operation"),
        ("openapi: 3.1.0\npaths: {/a: {}, x-b: {get: {}}}\n", "has no operation"),
    ] {
        let error = refusal(text);
        assert!(error.starts_with("mine.yaml: ") && error.contains(words), "{text:?}: {error}");
        assert!(!error.contains(char::is_control), "{error}");
    }
}

#[test]
fn braces_and_quoted_text_may_be_indented_at_will() {
    for (text, value) in [
        ("{\n  a: [\n 1\n],\nb: 2\n}", json!({"a": [1], "b": 2})),
        ("\"one\ntwo\\\nthree\n\nfour\"", json!("one twothree\nfour")),
        ("'it''s\none'", json!("it's one")),
        ("[\n'a\nb',\nc d\ne\n]", json!(["a b", "c d e"])),
    ] {
        let document = read(&format!(
            "openapi: 3.1.0\npaths: {{/a: {{get: {{}}}}}}\nx-in:\n  it: {text}\n  then: |\n    {{\n    }}\n"
        ));
        assert_eq!(part(&document, "/x-in/it"), &value, "{text}");
        assert_eq!(part(&document, "/x-in/then"), &json!("{\n}\n"), "{text}");
        assert_eq!(document.line("/x-in/then"), Some(6 + text.matches('\n').count()), "{text}");
        assert!(document.remarks().is_empty());
    }
    let often = "  - it: {\n      a: {\n    },\n  }\n    then: |-\n      {\n      }\n    #\n".repeat(2_000);
    let document = read(&format!("openapi: 3.1.0\npaths: {{/a: {{get: {{}}}}}}\nx-in:\n{often}"));
    let expected = json!({"it": {"a": {}}, "then": "{\n}"});
    assert!(
        part(&document, "/x-in")
            .as_array()
            .is_some_and(|all| all.len() == 2_000 && all.iter().all(|it| *it == expected))
    );
    for broken in ["a:\n  b: \"unclosed\nc: 1\n", "a:\n  b: {c: 1\nd: 2\n", "a:\n  b: {\n]\n"] {
        assert!(refusal(broken).contains("is not YAML or JSON"), "{}", refusal(broken));
    }
}

#[test]
fn a_line_is_that_of_the_nearest_thing_around() {
    let yaml = "openapi: 3.1.0\npaths:\n  /a/{b}:\n    get:\n      tags:\n      - one\n      - two\n";
    let json = serde_json::to_string_pretty(read(yaml).tree()).expect("it is JSON");
    for (pointer, in_yaml, in_json) in [
        ("", 1, 1),
        ("/openapi", 1, 2),
        ("/paths/~1a~1{b}", 4, 4),
        ("/paths/~1a~1{b}/get/tags/1", 7, 8),
        ("/paths/~1a~1{b}/get/tags/9/x", 6, 6),
        ("/nowhere", 1, 1),
    ] {
        assert_eq!(read(yaml).line(pointer), Some(in_yaml), "{pointer}");
        assert_eq!(read(&json).line(pointer), Some(in_json), "{pointer} of {json}");
    }
}

#[test]
fn text_without_end_is_refused_where_it_begins_to_be() {
    for part in ["[", "{", "[? ", "{a: ", "- ", "? ", "&a [", "{\"a\":", "[{\"a\":[1],\"b\":"] {
        for count in [600, 10_000] {
            let error = refusal(&part.repeat(count));
            let words = ["nests more than 500 levels", "recursion limit exceeded", "neither", "must be a mapping"];
            assert!(words.iter().any(|words| error.contains(words)), "{part:?}: {error}");
        }
    }
    let within =
        |inner: &str| format!(r#"{{"openapi": "3.1.0", "paths": {{"/a": {{"get": {{}}}}}}, "x-it": {inner}}}"#);
    let deep = within(&format!("{}{}", "[".repeat(400), "]".repeat(400)));
    assert!(read(&deep).remarks().is_empty());
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..40 {
        let _ = writeln!(laughs, "a{level}: &a{level} [{}]", format!("*a{}, ", level - 1).repeat(10));
    }
    assert!(refusal(&laughs).contains("anchors and aliases copy more than"));
    let many = within(&format!("[{}1]", "[],".repeat(3_000_000)));
    assert!(refusal(&many).contains("has more than 3000000 values"));
    let wide: Value =
        (0..1_000_000).map(|number| (number.to_string(), json!(1))).collect::<serde_json::Map<_, _>>().into();
    let document = read(&within(&wide.to_string()));
    assert_eq!(part(&document, "/x-it/999999"), &json!(1));
}
