//! The answers that an open contract documents, one a status: which of them an answer is, and what it must hold.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

use super::seen::Seen;
use crate::contract::{AnswerHeader, Content, Documented, LazySchema, is_too_much};
use crate::rule::{Part, Within};
use crate::text::formed::checks;

/// Every documented answer.
#[derive(Debug)]
pub(super) struct Answers {
    documented: Vec<Documented>,
    /// What judges by each of them.
    all: Vec<Answer>,
    /// What answers have shown of them.
    pub(super) seen: Seen,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Answer {
    /// Its headers, and its body as a whole.
    pub(super) headers_part: Part,
    pub(super) body_part: Part,
    /// Its statuses, as the document has them.
    pub(super) status: String,
    content: Content,
    headers: Vec<AnswerHeader>,
    validator: Compiled,
    /// One for each header.
    header_validators: Vec<Compiled>,
}

/// What judges by a schema, compiled when it is first needed: most documented answers never come.
type Compiled = OnceLock<Result<Validator, String>>;

impl Answers {
    /// Nothing where the contract is not open.
    pub(super) fn new(documented: &[Documented]) -> Option<Self> {
        let answers = || documented.iter().map(Answer::of).collect();
        let all = || Self { documented: documented.to_vec(), all: answers(), seen: Seen::default() };
        (!documented.is_empty()).then(all)
    }

    /// The one of a status: by itself, by its range, by `default`.
    pub(super) fn of(&self, status: u16) -> Option<&Answer> {
        Documented::position(&self.documented, status).map(|number| &self.all[number])
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
    fn of(documented: &Documented) -> Self {
        Self {
            headers_part: documented.part(Within::Header),
            body_part: documented.part(Within::Body),
            status: documented.status.clone(),
            content: documented.content.clone(),
            headers: documented.headers.clone(),
            validator: OnceLock::new(),
            header_validators: documented.headers.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// The media types that it may have; nothing where it has no body, or one that nothing is said of.
    pub(super) fn media_types(&self) -> &[String] {
        self.content.media_types()
    }

    /// The schema of its body, and what judges by it, or why there is nothing that does; nothing where it is not judged.
    pub(super) fn schema(&self) -> Option<(&LazySchema, Result<&Validator, &str>)> {
        let Content::Json(_, schema) = &self.content else { return None };
        Some((schema, self.validator.get_or_init(|| compiled(schema.schema())).as_ref().map_err(String::as_str)))
    }

    /// Its headers, each with its number.
    pub(super) fn headers(&self) -> impl Iterator<Item = (usize, &AnswerHeader)> {
        self.headers.iter().enumerate()
    }

    /// What judges the values of a header; nothing where the document does not say what they are.
    pub(super) fn header_validator(&self, number: usize) -> Option<&Validator> {
        let schema = self.headers[number].schema.as_ref().filter(|one| !is_too_much(one.schema(), &Value::Null))?;
        self.header_validators[number].get_or_init(|| compiled(schema.schema())).as_ref().ok()
    }
}

fn compiled(schema: &Value) -> Result<Validator, String> {
    // Formats are in a schema only where they are part of the type.
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    let options = checks().fold(options, |options, (name, may_have)| options.with_format(name, may_have));
    options.build(schema).map_err(|error| format!("its schema cannot be used: {error}"))
}
