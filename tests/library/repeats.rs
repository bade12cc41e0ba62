//! A request that is sent once more, or with a flaw, says nothing else than the legal one: what is told is the rule's.

use fencepost::exchange::Request;
use serde_json::Value;

use crate::carriers::{first, ids, served};

fn text_of(request: &Request) -> Option<&str> {
    std::str::from_utf8(request.body.as_deref()?).ok()
}

/// An operation that takes a text, or a form, and these parameters.
fn taking(parameters: &str, content: &str) -> String {
    format!(
        "
  /notes:
    post:
      parameters: [{parameters}]
      requestBody: {{required: true, content: {{{content}}}}}
      responses: {{'201': {{description: Made.}}, '400': {{description: Refused.}}}}
"
    )
}

const TEXT: &str = "text/plain: {schema: {type: string, pattern: '^[a-z]{1,5}$'}}";
const FORM: &str = "application/x-www-form-urlencoded: {schema: {type: object, required: [a], \
                    additionalProperties: false, properties: {a: {type: integer, minimum: 1, maximum: 9}}}}";
const AROUND: &str = "{name: n, in: query, required: true, schema: {type: integer, minimum: 3}}, \
                      {name: X-H, in: header, schema: {type: string, enum: [a, b]}}";

/// Whether a text has so many letters, and no other character than these.
fn is_word(request: &Request, longest: usize, others: &str) -> bool {
    let is_of = |text: &&str| text.chars().all(|one| one.is_ascii_lowercase() || others.contains(one));
    text_of(request).filter(is_of).is_some_and(|text| (1..=longest).contains(&text.len()))
}

/// Whether a form has the one field and nothing else, not even an empty one.
fn is_between(request: &Request, least: i64, most: i64) -> bool {
    let value = text_of(request).and_then(|text| text.strip_prefix("a=")?.parse::<i64>().ok());
    value.is_some_and(|value| (least..=most).contains(&value))
}

#[track_caller]
fn tells(contract: &str, is_taken: impl Fn(&Request) -> bool, wanted: &[&str]) {
    let verdicts = served(&first(contract), |request| {
        if request.path.starts_with("/notes?") || request.path == "/notes" {
            if request.method == "POST" && is_taken(request) { 201 } else { 400 }
        } else {
            404
        }
    });
    assert_eq!(ids(&verdicts), wanted);
}

#[test]
fn nothing_is_added_to_a_text_or_a_form_that_is_sent_once_more() {
    let (text, form) = (taking("", TEXT), taking("", FORM));
    tells(&text, |request| is_word(request, 5, ""), &[]);
    tells(&form, |request| is_between(request, 1, 9), &[]);
    tells(&text, |request| is_word(request, 3, ""), &["body:pattern:inside"]);
    tells(&form, |request| is_between(request, 1, 8), &["body.a:maximum:inside"]);
    tells(&text, |request| is_word(request, 5, "~!0123456789"), &["body:pattern:outside"]);
    tells(&form, |request| is_between(request, 1, 99), &["body.a:maximum:outside"]);
}

#[test]
fn a_refusal_of_what_is_added_to_a_body_is_not_taken_for_that_of_a_parameter() {
    let wanted =
        ["query.n:required:outside", "query.n:type:outside", "query.n:minimum:outside", "header.X-H:enum:outside"];
    tells(&taking(AROUND, TEXT), |request| is_word(request, 5, ""), &wanted);
    tells(&taking(AROUND, FORM), |request| is_between(request, 1, 9), &wanted);
}

/// A server of JSON that reads a comma before the end, and is strict but for that.
#[track_caller]
fn commas_are_told(schema: &str, is_legal: impl Fn(&Value) -> bool) {
    let contract = taking("", &format!("application/json: {{schema: {schema}}}"));
    let read_leniently = |request: &Request| {
        let text = text_of(request)?.replace(",}", "}");
        serde_json::from_str::<Value>(&text).ok()
    };
    let is_json =
        |request: &Request| request.header("content-type").is_some_and(|name| name.to_lowercase().contains("/json"));
    tells(
        &contract,
        |request| is_json(request) && read_leniently(request).is_some_and(|body| is_legal(&body)),
        &["body:wellFormed:outside"],
    );
}

#[test]
fn what_is_no_json_is_legal_but_for_that() {
    // The first place of a text is of a branch that is not sent.
    commas_are_told(
        "{type: object, required: [bark], properties: {bark: {type: boolean}, note: {type: string}}, \
          if: {required: [note]}, then: {required: [bark], properties: {bark: {const: false}}}}",
        |body| {
            let members = body.as_object();
            members.is_some_and(|members| members.keys().all(|name| matches!(name.as_str(), "bark" | "note")))
                && body["bark"].is_boolean()
                && body.get("note").is_none_or(|note| note.is_string() && body["bark"] == false)
        },
    );
    // What a text looks like stands elsewhere.
    let digits = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    commas_are_told(
        "{type: object, required: [kind, z], properties: {kind: {type: string, enum: [a, b]}, z: {type: string}}, \
          if: {properties: {kind: {const: a}}}, then: {properties: {z: {pattern: '^[0-9]{3}$'}}}, \
          else: {properties: {z: {pattern: '^[a-f]{3}$'}}}}",
        |body| match (body["kind"].as_str(), body["z"].as_str()) {
            (Some("a"), Some(z)) => digits(z),
            (Some("b"), Some(z)) => z.len() == 3 && z.bytes().all(|byte| (b'a'..=b'f').contains(&byte)),
            _ => false,
        },
    );
}

/// What stands in a member that no schema names is legal there, or it is not sent.
#[test]
fn what_is_large_or_deep_is_legal_where_it_stands() {
    let schema = "{type: object, required: [a], properties: {a: {type: integer}}, \
                   additionalProperties: {type: integer, maximum: 5}}";
    let contract = first(&taking("", &format!("application/json: {{schema: {schema}}}")));
    served(&contract, |request| {
        let text = text_of(request).unwrap_or_default();
        assert!(!text.contains("fencepost_nested") && !text.contains("fencepost_filler"), "{text:.200}");
        let value: Option<Value> = serde_json::from_str(text).ok();
        let is_taken = |value: &Value| {
            let members = value.as_object();
            value["a"].is_i64()
                && members.is_some_and(|all| all.iter().all(|(name, value)| name == "a" || value.as_i64() <= Some(5)))
        };
        if value.as_ref().is_some_and(is_taken) { 201 } else { 400 }
    });
}
