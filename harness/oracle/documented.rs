//! The answers that an open contract documents, one a status: which of them an answer is, and what it must hold.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

use crate::contract::{Content, Documented};

/// Every documented answer.
#[derive(Debug)]
pub(super) struct Answers {
    documented: Vec<Documented>,
    /// One for each of them.
    answers: Vec<Answer>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Answer {
    content: Content,
    /// Compiled when it is first needed: most documented answers never come.
    validator: OnceLock<Result<Validator, String>>,
}

impl Answers {
    /// Nothing where the contract is not open.
    pub(super) fn new(documented: &[Documented]) -> Option<Self> {
        let answer =
            |documented: &Documented| Answer { content: documented.content.clone(), validator: OnceLock::new() };
        let all = || Self { documented: documented.to_vec(), answers: documented.iter().map(answer).collect() };
        (!documented.is_empty()).then(all)
    }

    /// The one of a status: by itself, by its range, by `default`.
    pub(super) fn of(&self, status: u16) -> Option<&Answer> {
        Documented::position(&self.documented, status).map(|number| &self.answers[number])
    }

    /// Whether a redirect is what is documented of a success, because nothing else is.
    pub(super) fn redirects(&self, status: u16) -> bool {
        let is_named = |answer: &&Documented| answer.status != "default";
        (300..400).contains(&status)
            && !self.documented.iter().any(Documented::is_success)
            && Documented::position(&self.documented, status).is_some_and(|number| is_named(&&self.documented[number]))
    }

    /// The documented successes, in words; nothing where none is documented but by `default`.
    pub(super) fn successes(&self) -> Option<String> {
        let successes = self.documented.iter().filter(|answer| answer.is_success());
        let all: Vec<&str> = successes.map(|answer| answer.status.as_str()).collect();
        (!all.is_empty()).then(|| all.join(" or "))
    }
}

impl Answer {
    /// The media types that it may have; nothing where it has no body, or one that nothing is said of.
    pub(super) fn media_types(&self) -> &[String] {
        self.content.media_types()
    }

    /// The schema of its body, or why there is none to judge by; nothing where it is not judged.
    pub(super) fn schema(&self) -> Option<Result<&Validator, &str>> {
        let Content::Json(_, schema) = &self.content else { return None };
        Some(self.validator.get_or_init(|| compiled(schema.schema())).as_ref().map_err(String::as_str))
    }
}

fn compiled(schema: &Value) -> Result<Validator, String> {
    jsonschema::draft202012::new(schema).map_err(|error| format!("its schema cannot be used: {error}"))
}
