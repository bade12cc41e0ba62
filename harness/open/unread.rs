//! What is left unsaid where a part of a schema cannot be read: a keyword that demands the more the less its parts say is not
//! held against anybody then.

use serde_json::{Map, Value};

use super::OperationReader;
use super::view::View;
use crate::contract::{Assertion, Standing};
use crate::document::node::{IN_PLACE, parts};
use crate::document::{FOREIGN, UNREAD};
use crate::keyword::is_format;

/// Formats that say nothing of what a text looks like.
const NOTES: [&str; 5] = ["", "password", "string", "text", "binary"];
/// Keywords that demand more of a value where what they hold allows more.
const TURNED: [&str; 3] = ["oneOf", "not", "if"];

impl OperationReader<'_> {
    /// The keywords of a schema of which nobody can say what they demand.
    pub(super) fn beyond(&self, members: &Map<String, Value>) -> Vec<&'static str> {
        let mut beyond: Vec<&str> = TURNED.into_iter().filter(|keyword| self.holds_unread(members, keyword)).collect();
        if members.contains_key("maxContains") && self.holds_unread(members, "contains") {
            beyond.push("maxContains");
        }
        let unread = members.get(UNREAD).and_then(Value::as_array);
        let is_unread = |name: &str| unread.is_some_and(|all| all.iter().any(|one| one == name));
        if is_unread("patternProperties") || is_unread("properties") {
            beyond.push("additionalProperties");
        }
        if is_unread("prefixItems") {
            beyond.push("items");
        }
        for keyword in ["unevaluatedProperties", "unevaluatedItems"] {
            // What a part that is lost would have known is not known to be too much.
            let in_place = || IN_PLACE.iter().any(|part| self.holds_unread(members, part));
            let is_lost = |reference: &Value| reference.as_str().is_none_or(|text| self.target(text).is_none());
            let is_short = || unread.is_some() || members.get("$ref").is_some_and(is_lost) || in_place();
            if members.contains_key(keyword) && is_short() {
                beyond.push(keyword);
            }
        }
        beyond
    }

    /// Whether a keyword of a schema holds what cannot be read.
    pub(super) fn holds_unread(&self, members: &Map<String, Value>, keyword: &str) -> bool {
        let Some(value) = members.get(keyword).filter(|_| self.document.has_unread()) else { return false };
        let one = Map::from_iter([(keyword.to_owned(), value.clone())]);
        parts(&one, "").into_iter().any(|part| self.is_unread(part.schema))
    }

    /// Whether more is said of a value than can be read: by a keyword that was taken out, or by a format that is not known.
    pub(super) fn is_loose(&self, view: &View) -> bool {
        let format = view.get("format").and_then(Value::as_str).unwrap_or_default();
        let is_text = view.types().is_none_or(|types| types.contains(&"string"));
        let is_note = NOTES.contains(&format) || is_format(format);
        view.get(UNREAD).is_some()
            || (is_text && !is_note)
            || TURNED.into_iter().any(|keyword| self.holds_unread(&view.keywords, keyword))
    }

    /// Takes out of what keywords say what nobody can know where they, or others beside them, are not read.
    pub(super) fn loosen(&self, view: &View, assertions: &mut [Assertion]) {
        let is_loose = self.is_loose(view);
        for assertion in assertions {
            let keyword = assertion.keyword.as_str();
            let reason = if self.holds_unread(&view.keywords, keyword) {
                "a part of it cannot be read"
            } else if !self.is_native(&view.keywords, keyword) {
                "its edition of OpenAPI has no such keyword; what it says is respected"
            } else {
                if is_loose {
                    assertion.inside.clear();
                }
                continue;
            };
            assertion.standing = Standing::Unprobed(reason.to_owned());
            assertion.inside.clear();
            assertion.outside.clear();
        }
    }

    fn is_unread(&self, schema: &Value) -> bool {
        let members = match schema {
            Value::Object(members) => members,
            Value::Bool(_) => return false,
            _ => return true,
        };
        let is_lost = |reference: &str| self.target(reference).is_none_or(|target| self.document.is_lost(&target));
        members.contains_key(UNREAD)
            || members.get("$ref").and_then(Value::as_str).is_some_and(is_lost)
            || parts(members, "").into_iter().any(|part| self.is_unread(part.schema))
    }

    /// Whether a keyword is one of the document's edition, as it is written in this schema.
    pub(super) fn is_native(&self, members: &Map<String, Value>, keyword: &str) -> bool {
        let foreign = members.get(FOREIGN).and_then(Value::as_array);
        self.document.edition().knows(keyword) && foreign.is_none_or(|all| all.iter().all(|one| one != keyword))
    }
}
