//! The documented answers of an operation of any document.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{OperationReader, json_of};
use crate::contract::{Content, Direction, Documented, LazySchema, Responses};
use crate::document::Document;
use crate::text::pointer;

impl OperationReader<'_> {
    pub(super) fn responses(&mut self, operation: &Value, pointer: &str) -> Responses {
        let mut documented: Vec<Documented> = Vec::new();
        let given = operation.get("responses").and_then(Value::as_object);
        for (status, answer) in given.into_iter().flatten().filter(|(status, _)| !status.starts_with("x-")) {
            let here = pointer::below(pointer, status);
            if !is_status(status) {
                self.remark(&here, "is no status, range or `default`", "this answer is not known");
                continue;
            }
            match self.document.follow(answer).cloned() {
                Some(answer) => documented.push(self.answer(status, &answer, &here)),
                None => self.remark(&here, "the answer refers to nothing", "nothing is demanded of it"),
            }
        }
        if documented.is_empty() {
            self.remark(pointer, "no answer is documented", "of the answers only crashes and time-outs are findings");
            documented.push(Documented { status: "default".to_owned(), content: Content::None });
        }
        let success = documented.iter().find(|answer| answer.is_success());
        let status = success.and_then(|answer| answer.status.parse().ok()).unwrap_or(200);
        Responses {
            success_status: status,
            success: json!({}),
            success_example: Value::Null,
            success_source: "responses".to_owned(),
            refusal: json!({}),
            refusal_example: Value::Null,
            refusal_source: "responses".to_owned(),
            error_code: None,
            documented,
        }
    }

    fn answer(&mut self, status: &str, answer: &Value, pointer: &str) -> Documented {
        let content = answer.get("content").and_then(Value::as_object).filter(|content| !content.is_empty());
        let Some(content) = content else {
            return Documented { status: status.to_owned(), content: Content::None };
        };
        let types: Vec<String> = content.keys().cloned().collect();
        let schema = json_of(content).and_then(|(name, media)| Some((name, media, media.get("schema")?)));
        let Some((name, media, schema)) = schema else {
            return Documented { status: status.to_owned(), content: Content::Other(types) };
        };
        // The one whose schema this is comes first.
        let others = types.into_iter().filter(|other| other != name);
        let types: Vec<String> = std::iter::once(name.clone()).chain(others).collect();
        let below = pointer::below(&pointer::below(&pointer::below(pointer, "content"), name), "schema");
        let (document, schema, media) = (self.document.clone(), schema.clone(), media.clone());
        let made = LazySchema::new(move || answered(&document, &schema, &media, &below));
        Documented { status: status.to_owned(), content: Content::Json(types, made) }
    }
}

/// The schema of an answer by itself, and an example of it.
fn answered(document: &Arc<Document>, schema: &Value, media: &Value, pointer: &str) -> (Value, Value) {
    let mut reading = OperationReader::of(document);
    let bundle = reading.bundle(schema, Direction::Answer, pointer);
    let validator = jsonschema::draft202012::new(&bundle).ok();
    let named = media.get("examples").and_then(Value::as_object).into_iter().flatten();
    let named = named.filter_map(|(_, example)| document.follow(example)?.get("value").cloned());
    let given = media.get("example").cloned().into_iter().chain(named);
    let is_legal = |value: &Value| validator.as_ref().is_some_and(|validator| validator.is_valid(value));
    let example = given.into_iter().find(|value| is_legal(value));
    let example = example.or_else(|| reading.samples(schema, Direction::Answer, &is_legal).into_iter().next());
    (bundle, example.unwrap_or_default())
}

/// Whether it is a status, a range of them, or what stands for all others.
fn is_status(text: &str) -> bool {
    let range = |text: &str| {
        text.len() == 3
            && text.starts_with(|first: char| ('1'..='5').contains(&first))
            && text[1..].eq_ignore_ascii_case("XX")
    };
    text == "default" || range(text) || text.parse().is_ok_and(|status: u16| (100..600).contains(&status))
}
