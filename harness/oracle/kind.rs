//! Tells an error body under a success status from a success body that is wrong.
//!
//! The status says what a target did. Only a body that can be nothing but an error speaks against it: an error schema
//! that allows nearly anything fits a broken success body, too.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::Value;

use super::body::Body;
use crate::contract::{Responses, documented_members};

/// What the contract says of the two kinds of bodies.
#[derive(Debug)]
pub(super) struct Kinds {
    /// Members that only an error is documented to have.
    of_errors: BTreeSet<String>,
    /// Members that only a success is documented to have.
    of_successes: BTreeSet<String>,
    /// Whether the error schema refuses what is no error: the contract's own success, and an empty object.
    is_strict: bool,
    /// Whether the target's successes look like errors, so that only the status tells.
    trusts_statuses: bool,
}

impl Kinds {
    pub(super) fn new(responses: &Responses, refusal: &Validator) -> Self {
        let (errors, successes) = (documented_members(&responses.refusal), documented_members(&responses.success));
        Self {
            of_errors: errors.difference(&successes).cloned().collect(),
            of_successes: successes.difference(&errors).cloned().collect(),
            is_strict: !refusal.is_valid(&responses.success_example)
                && !refusal.is_valid(&Value::Object(serde_json::Map::new())),
            trusts_statuses: false,
        }
    }

    /// Whether a body has what only errors have, or an error schema that says enough, and nothing that only successes have.
    pub(super) fn looks_like_an_error(&self, body: &Body) -> bool {
        let has_marks = || !self.trusts_statuses && has_any(body, &self.of_errors);
        (self.is_strict || has_marks()) && !has_any(body, &self.of_successes)
    }

    /// From now on a member that only errors are documented to have is none that only errors have.
    pub(super) fn trust_statuses(&mut self) {
        self.trusts_statuses = true;
    }
}

fn has_any(body: &Body, names: &BTreeSet<String>) -> bool {
    let object = body.document().and_then(|document| document.value.as_object());
    object.is_some_and(|object| object.keys().any(|name| names.contains(name)))
}
