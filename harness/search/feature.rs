//! What an answer shows of the server behind it, as numbers that can be counted: the search's only eyes.
//!
//! Two answers with the same features took, for all that can be seen, the same way through the server. Ids, counts and
//! quoted values are no way of their own, so they are taken out of messages before these are told apart.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::exchange::{Outcome, Response};
use crate::fingerprint::of_texts;
use crate::rule::Rule;

/// One trait of an answer, as a number that is the same in every run: a corpus keeps it.
pub type Feature = u64;

/// What an answer shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Features {
    /// The answer's own traits: status with error code first, then its message and its members. Never empty.
    pub own: Vec<Feature>,
    /// How long it took, coarsely; nothing where there was no answer.
    pub latency: Option<Feature>,
    /// The same answer together with the rule that was probed: one for each broken rule, and one for a legal request.
    pub by_rule: Vec<Feature>,
}

impl Features {
    /// The features of what came back, and after how long, for a request that broke these rules.
    pub fn of(outcome: &Outcome, elapsed: Duration, broken: &[&Rule]) -> Self {
        let own = match outcome {
            Outcome::Answer(response) => of_response(response),
            Outcome::Timeout => vec![of_texts(&["timeout"])],
            Outcome::Dropped(_) | Outcome::Gone(_) => vec![of_texts(&["dropped"])],
            Outcome::Unreachable(_)
            | Outcome::Lost
            | Outcome::NotSent
            | Outcome::Interrupted
            | Outcome::OutOfTime
            | Outcome::OutOfBudget => {
                vec![of_texts(&["unsent"])]
            }
        };
        let gist = own[0].to_string();
        let by_rule = match broken {
            [] => vec![of_texts(&[&gist, "legal"])],
            broken => {
                broken.iter().map(|rule| of_texts(&[&gist, rule.place.as_str(), rule.keyword.as_str()])).collect()
            }
        };
        let latency = match outcome {
            Outcome::Answer(response) => {
                Some(of_texts(&[&response.status.to_string(), "latency", &latency_class(elapsed).to_string()]))
            }
            _ => None,
        };
        Self { own, latency, by_rule }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Feature> {
        self.own.iter().chain(&self.latency).chain(&self.by_rule).copied()
    }
}

/// The gist first: status and error code; then the rest.
fn of_response(response: &Response) -> Vec<Feature> {
    let body: Option<Value> = serde_json::from_slice(&response.body).ok();
    let code = body.as_ref().and_then(error_code).unwrap_or_default();
    let status = response.status.to_string();
    let gist = of_texts(&[&status, &code]);
    let told = gist.to_string();
    let skeleton = match &body {
        Some(body) => strings(body).into_iter().map(skeleton).collect::<Vec<_>>().join("\n"),
        None => skeleton(&String::from_utf8_lossy(&response.body)),
    };
    let mut members = BTreeSet::new();
    if let Some(body) = &body {
        collect_members(body, "", &mut members);
    }
    vec![
        gist,
        of_texts(&[&told, "message", &skeleton]),
        of_texts(&[&told, "members", &members.into_iter().collect::<Vec<_>>().join("\n")]),
    ]
}

/// The first member whose name ends in `code`, wherever the services of this world put it.
fn error_code(body: &Value) -> Option<String> {
    let members = body.as_object()?;
    let own = members.iter().find(|(name, value)| name.to_ascii_lowercase().ends_with("code") && !value.is_object());
    own.map(|(_, value)| value.to_string()).or_else(|| members.values().find_map(error_code))
}

fn strings(body: &Value) -> Vec<&str> {
    match body {
        Value::String(text) => vec![text],
        Value::Array(elements) => elements.iter().flat_map(strings).collect(),
        Value::Object(members) => members.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

fn collect_members(body: &Value, above: &str, members: &mut BTreeSet<String>) {
    match body {
        Value::Object(object) => {
            for (name, value) in object {
                let path = format!("{above}.{name}");
                collect_members(value, &path, members);
                members.insert(path);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                collect_members(element, &format!("{above}[]"), members);
            }
        }
        _ => {}
    }
}

/// A message without what changes from request to request: quoted parts, and words with a digit in them.
fn skeleton(message: &str) -> String {
    let mut kept = String::new();
    for (number, part) in message.split(['"', '\'', '`']).enumerate() {
        // Every second part stood between quotes.
        if number % 2 == 1 {
            kept.push('_');
            continue;
        }
        for word in part.split_inclusive(|character: char| !character.is_alphanumeric()) {
            kept.push_str(if word.bytes().any(|byte| byte.is_ascii_digit()) { "#" } else { word });
        }
    }
    kept
}

/// So coarse that noise seldom crosses a border: each class is four times as slow as the one before.
fn latency_class(elapsed: Duration) -> u32 {
    u32::try_from(elapsed.as_millis()).unwrap_or(u32::MAX).checked_ilog(4).map_or(0, |class| class + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(status: u16, body: &str, millis: u64) -> Vec<Feature> {
        let response = Response { status, headers: Vec::new(), body: body.as_bytes().to_vec(), unread: None };
        Features::of(&Outcome::Answer(response), Duration::from_millis(millis), &[]).iter().collect()
    }

    /// Whether two answers are told apart.
    #[track_caller]
    fn check(one: (u16, &str, u64), other: (u16, &str, u64), apart: bool) {
        let differ = features(one.0, one.1, one.2) != features(other.0, other.1, other.2);
        assert_eq!(differ, apart, "{one:?} {other:?}");
    }

    #[test]
    fn status_code_message_members_and_latency_are_told_apart() {
        let base = (400, r#"{"error_code": "SMS.1", "error_msg": "name is too long"}"#, 3);
        check(base, base, false);
        check(base, (409, base.1, 3), true);
        check(base, (400, r#"{"error_code": "SMS.2", "error_msg": "name is too long"}"#, 3), true);
        check(base, (400, r#"{"error_code": "SMS.1", "error_msg": "name is too short"}"#, 3), true);
        check(base, (400, r#"{"error_code": "SMS.1", "error_msg": "name is too long", "id": 1}"#, 3), true);
        check(base, (400, base.1, 300), true);
    }

    #[test]
    fn what_changes_from_request_to_request_is_no_trait() {
        let told = |words: &str| (400, format!(r#"{{"error_code": "SMS.1", "error_msg": "{words}"}}"#), 3);
        for (one, other) in [
            ("request 7f3a failed after 12 ms", "request 01bc failed after 9 ms"),
            ("'abc' is not allowed", "'x y z' is not allowed"),
            ("at 2024-01-01T00:00:00Z", "at 2025-12-31T10:11:12Z"),
        ] {
            let (one, other) = (told(one), told(other));
            check((one.0, &one.1, one.2), (other.0, &other.1, other.2), false);
        }
    }

    #[test]
    fn a_code_deep_in_the_body_is_found() {
        let nested = |code: &str| format!(r#"{{"error": {{"code": {code}, "message": "no"}}}}"#);
        check((401, &nested("1"), 0), (401, &nested("2"), 0), true);
    }

    #[test]
    fn the_features_of_an_answer_are_the_same_in_every_run() {
        assert_eq!(Features::of(&Outcome::Timeout, Duration::ZERO, &[]).own, [16_433_952_559_932_212_789]);
    }
}
