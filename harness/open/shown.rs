//! The answers that a document shows: its examples, and what is made up from its schemas where there are none.
//!
//! For whoever plays the service; what an answer must hold, others say.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::OperationReader;
use super::answers::NOT_DESCRIBED;
use crate::contract::{Direction, is_too_much};
use crate::document::{Document, OperationRef};
use crate::keyword::NodeJudge;
use crate::text::{media_type, pointer};

/// A documented answer of one media type.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The documented headers that have a value.
    pub(crate) headers: Vec<(String, String)>,
    /// Nothing where it has no body.
    pub(crate) media_type: Option<String>,
    /// What its body may be, the best first; never empty where it has a media type.
    pub(crate) bodies: Vec<Value>,
    /// Whether the body is JSON; otherwise a text is written as it is.
    pub(crate) is_json: bool,
    /// Nothing where no schema can be used.
    judge: Option<NodeJudge>,
}

/// Which of the answers of one status is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wanted {
    /// The media types that the caller takes, as it wrote them; nothing for any.
    pub(crate) accept: Option<String>,
    /// The name of an example.
    pub(crate) example: Option<String>,
    /// Varies what is made up.
    pub(crate) seed: u64,
}

impl Shown {
    /// Whether a body is one that the document allows.
    pub(crate) fn allows(&self, body: &Value) -> bool {
        self.judge.as_ref().is_none_or(|judge| judge.accepts(body))
    }
}

/// The answer that stands under this key (`200`, `4XX`, `default`) of an operation; nothing where it is not documented, or has no
/// example of the name that is wanted.
pub(crate) fn shown(document: &Arc<Document>, operation: &OperationRef, key: &str, wanted: &Wanted) -> Option<Shown> {
    let mut reading = OperationReader::of(document);
    reading.seed = wanted.seed;
    let responses = document.tree().pointer(&operation.pointer)?.get("responses")?.as_object()?;
    let (status, answer) = responses.iter().find(|(status, _)| status.eq_ignore_ascii_case(key))?;
    let answer = document.follow(answer)?;
    let headers = reading.shown_headers(answer);
    let content = answer.get("content").and_then(Value::as_object).filter(|content| !content.is_empty());
    let Some(content) = content else {
        let shown = Shown { headers, media_type: None, bodies: Vec::new(), is_json: false, judge: None };
        return wanted.example.is_none().then_some(shown);
    };
    let has_example = |name: &str| content.values().any(|media| named(document, media, name).is_some());
    if wanted.example.as_ref().is_some_and(|name| !has_example(name)) {
        return None;
    }
    let (name, media) = chosen(document, content, wanted)?;
    let steps = [operation.pointer.as_str(), "responses", status, "content", name, "schema"];
    let here = steps.into_iter().map(str::to_owned).reduce(|at, step| pointer::below(&at, &step)).unwrap_or_default();
    Some(reading.shown_body(headers, (name, media), &here, wanted))
}

/// The media type that is answered with, of those with the example that is wanted: one that the caller names, JSON, the first.
fn chosen<'a>(
    document: &Document,
    content: &'a Map<String, Value>,
    wanted: &Wanted,
) -> Option<(&'a String, &'a Value)> {
    let has_example =
        |media: &Value| wanted.example.as_ref().is_none_or(|example| named(document, media, example).is_some());
    let is_named = |name: &str| {
        let taken = wanted.accept.as_deref().unwrap_or_default().split(',').map(media_type::essence);
        taken.into_iter().any(|taken| taken.eq_ignore_ascii_case(media_type::essence(name)))
    };
    let fit = content.iter().filter(|(_, media)| has_example(media));
    fit.min_by_key(|(name, _)| (!is_named(name), !super::is_json(name)))
}

/// The example of this name.
fn named<'a>(document: &'a Document, media: &'a Value, name: &str) -> Option<&'a Value> {
    document.follow(media.get("examples")?.get(name)?)?.get("value")
}

impl OperationReader<'_> {
    fn shown_body(
        &mut self,
        headers: Vec<(String, String)>,
        (name, media): (&str, &Value),
        pointer: &str,
        wanted: &Wanted,
    ) -> Shown {
        let document = self.document;
        let media_type = concrete(name);
        let is_json = super::is_json(&media_type);
        let any = Value::Bool(true);
        let schema = media.get("schema").unwrap_or(&any);
        // What is no JSON is a text, whatever its schema describes.
        let bundle = is_json.then(|| self.bundle(schema, Direction::Answer, pointer));
        // Where each look at a value would take too long none is judged.
        let judge = bundle.filter(|bundle| !is_too_much(bundle, &Value::Object(Map::new())));
        let judge = judge.as_ref().and_then(NodeJudge::by);
        let is_legal = |value: &Value| judge.as_ref().is_none_or(|judge| judge.accepts(value));
        let asked = wanted.example.as_ref().and_then(|example| named(document, media, example)).cloned();
        let given: Vec<Value> = document.examples(media).cloned().collect();
        let mut bodies: Vec<Value> = given.iter().filter(|value| is_legal(value)).cloned().collect();
        if is_json {
            bodies.extend(self.full_samples(schema, Direction::Answer, &is_legal));
        } else {
            bodies.retain(Value::is_string);
        }
        // What the document itself shows is better than nothing.
        bodies.extend(given);
        if bodies.is_empty() {
            bodies.push(if is_json { Value::Null } else { Value::from(blank(&media_type)) });
        }
        bodies.splice(0..0, asked);
        Shown { headers, media_type: Some(media_type), bodies, is_json, judge }
    }

    /// The headers that an answer must have, or of which there is an example.
    fn shown_headers(&self, answer: &Value) -> Vec<(String, String)> {
        let headers = answer.get("headers").and_then(Value::as_object);
        let shown = |(name, header): (&String, &Value)| {
            let header = self.follow(header)?;
            let is_required = header.get("required") == Some(&Value::Bool(true));
            let schema = header.get("schema").and_then(|schema| self.follow(schema)).cloned().unwrap_or_default();
            let shows = |value: &Value| value.get("example").is_some() || value.get("examples").is_some();
            // Whoever sends an answer sets these.
            let lower = name.to_ascii_lowercase();
            if NOT_DESCRIBED.contains(&lower.as_str())
                || lower == "date"
                || !(is_required || shows(header) || shows(&schema))
            {
                return None;
            }
            let judge = NodeJudge::by(&schema);
            let is_legal = |value: &Value| judge.as_ref().is_none_or(|judge| judge.accepts(value));
            let given = self.document.examples(header).find(|value| is_legal(value)).cloned();
            let value = given.or_else(|| self.samples(&schema, Direction::Answer, &is_legal).into_iter().next())?;
            let text = match value {
                Value::String(text) => text,
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                _ => return None,
            };
            text.bytes().all(|byte| (b' '..=b'~').contains(&byte)).then(|| (name.clone(), text))
        };
        headers.into_iter().flatten().filter_map(shown).collect()
    }
}

/// A media type of this range.
fn concrete(range: &str) -> String {
    match media_type::essence(range) {
        "*/*" | "application/*" => "application/json".to_owned(),
        "text/*" => "text/plain".to_owned(),
        "image/*" => "image/png".to_owned(),
        main if main.ends_with("/*") => "application/octet-stream".to_owned(),
        _ => range.to_owned(),
    }
}

/// A text that is a small body of a media type.
fn blank(media_type: &str) -> &'static str {
    let essence = media_type::essence(media_type).to_ascii_lowercase();
    match essence.as_str() {
        "text/html" => "<!DOCTYPE html><title>sample</title>",
        name if name.ends_with("/xml") || name.ends_with("+xml") => "<sample/>",
        _ => "sample",
    }
}
