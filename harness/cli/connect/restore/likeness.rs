//! Whether what GET gave is the thing: a service may answer with an error's body under a success status, and that must not
//! be put where the thing was.
//!
//! What an error looks like is known from the contract's refusal, and from what the common frameworks send. A thing may have
//! such members too (`"last_error": null`, `"message": "hello"`), so they only speak where the rest of the body does not look
//! like the thing either; and what is in doubt is kept, not thrown away.

use serde_json::Value;

use super::Body;
use crate::contract::{Operation, Shape, documented_members};

/// What GET gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// The thing.
    Sure,
    /// The thing, or an error, for this reason.
    Doubtful(String),
    /// A list, an envelope, an error: it has nothing of the contract's body.
    Nothing,
}

/// What errors are made of, without regard to case, `_` and `-`.
const OF_ERRORS: [&str; 14] = [
    "code",
    "detail",
    "error",
    "errorcode",
    "errordescription",
    "errormessage",
    "errormsg",
    "errors",
    "exception",
    "fault",
    "message",
    "stack",
    "statuscode",
    "trace",
];

/// Whether a body is a representation of what the operation's body describes.
pub(super) fn likeness(body: &Body, operation: &Operation) -> Likeness {
    let Shape::Object { members, .. } = &operation.place(Operation::ROOT).shape else { return Likeness::Nothing };
    let Some(object) = body.members() else { return Likeness::Nothing };
    if object.is_empty() || members.is_empty() {
        return Likeness::Sure;
    }
    let names: Vec<&str> = members.iter().filter_map(|member| operation.place(*member).member()).collect();
    let (known, foreign): (Vec<_>, Vec<_>) = object.iter().partition(|(name, _)| names.contains(&name.as_str()));
    if known.is_empty() {
        return Likeness::Nothing;
    }
    let says = |member: &&(&String, &Value)| !is_empty(member.1);
    let of_an_error = foreign.iter().filter(says).find(|(name, _)| is_of_errors(name, operation));
    match of_an_error {
        Some((name, _)) if known.iter().filter(says).count() <= foreign.iter().filter(says).count() => {
            Likeness::Doubtful(format!("`{name}`"))
        }
        _ => Likeness::Sure,
    }
}

/// Whether the contract's refusal has a member of this name, or errors often have one.
fn is_of_errors(name: &str, operation: &Operation) -> bool {
    let documented = documented_members(&operation.responses.refusal).contains(name);
    let plain: String = name.chars().filter(|character| !"_-".contains(*character)).collect();
    documented || OF_ERRORS.contains(&plain.to_ascii_lowercase().as_str())
}

/// Whether a value says nothing: an error that there was none.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Contract;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let contract = Contract::shipped();
        let body = Body::read(text.as_bytes()).expect("it is an object");
        let likeness = match likeness(&body, contract.operation()) {
            Likeness::Sure => "sure".to_owned(),
            Likeness::Doubtful(why) => why,
            Likeness::Nothing => "nothing".to_owned(),
        };
        assert_eq!(likeness, expected, "{text}");
    }

    #[test]
    fn a_list_or_an_envelope_is_nothing_of_the_thing() {
        check(r#"{"tasks":[{"name":"a"}],"count":1}"#, "nothing");
        check(r#"{"task":{"name":"a"}}"#, "nothing");
        check(r#"{"error_code":"SMS.1","error_msg":"no"}"#, "nothing");
    }

    #[test]
    fn an_error_that_has_a_member_of_the_thing_is_in_doubt() {
        check(r#"{"name":"NotFoundError","message":"no such task"}"#, "`message`");
        check(r#"{"name":"NotFound","code":404,"className":"not-found","errors":{}}"#, "`code`");
        check(r#"{"state":"failed","Error-Code":"SMS.1","request_id":"1"}"#, "`Error-Code`");
        check(r#"{"name":"a","error_param":["task_id"]}"#, "`error_param`");
    }

    #[test]
    fn a_thing_that_tells_of_errors_is_the_thing() {
        check("{}", "sure");
        check(r#"{"name":1}"#, "sure");
        check(r#"{"mine":1,"float_ip":null}"#, "sure");
        check(r#"{"name":"a","error":null,"errors":[],"message":""}"#, "sure");
        check(r#"{"name":"a","state":"b","error":"the disk was full"}"#, "sure");
        check(r#"{"name":"a","id":"1","created_at":"today","owner":"me"}"#, "sure");
    }
}
