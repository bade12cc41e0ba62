//! The documented answers of an operation of any document: what they hold, their headers, and what goes on from them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{OperationReader, json_of};
use crate::contract::{AnswerHeader, Content, Direction, Documented, LazySchema, Link, Made, Responses, is_too_much};
use crate::document::Document;
use crate::text::{percent, pointer};

/// Headers of which OpenAPI says nothing, or that are the connection's: whoever stands between may change or drop them.
pub(super) const NOT_DESCRIBED: [&str; 9] = [
    "content-type",
    "content-length",
    "content-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

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
            let range = status.to_uppercase();
            if *status != range && status != "default" {
                let is_twice = given.is_some_and(|given| given.contains_key(&range));
                let cost =
                    if is_twice { "the one that is written so counts, and this one never" } else { "it is read so" };
                self.remark(&here, format!("a range is written `{range}`"), cost);
            }
            match self.document.follow(answer).cloned() {
                Some(answer) => documented.push(self.answer(status, &answer, &here)),
                None => self.remark(&here, "the answer refers to nothing", "nothing is demanded of it"),
            }
        }
        if documented.is_empty() {
            self.remark(pointer, "no answer is documented", "of the answers only crashes and time-outs are findings");
            documented.push(Documented::bare("default", Content::None));
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
        let mut documented = Documented::bare(status, self.content(answer, pointer));
        let headers = answer.get("headers").and_then(Value::as_object).into_iter().flatten();
        for (name, header) in headers {
            let here = pointer::below(&pointer::below(pointer, "headers"), name);
            if NOT_DESCRIBED.contains(&name.to_ascii_lowercase().as_str()) {
                continue;
            }
            match self.document.follow(header).cloned() {
                Some(header) => documented.headers.push(self.header(name, &header, &here)),
                None => self.remark(&here, "the header refers to nothing", "nothing is demanded of it"),
            }
        }
        documented.links = self.links(answer, pointer);
        documented
    }

    fn content(&self, answer: &Value, pointer: &str) -> Content {
        let content = answer.get("content").and_then(Value::as_object).filter(|content| !content.is_empty());
        let Some(content) = content else { return Content::None };
        let types: Vec<String> = content.keys().cloned().collect();
        let schema = json_of(content).and_then(|(name, media)| Some((name, media, media.get("schema")?)));
        let Some((name, media, schema)) = schema else { return Content::Other(types) };
        // The one whose schema this is comes first.
        let others = types.into_iter().filter(|other| other != name);
        let types: Vec<String> = std::iter::once(name.clone()).chain(others).collect();
        let below = pointer::below(&pointer::below(&pointer::below(pointer, "content"), name), "schema");
        let (document, schema, media) = (self.document.clone(), schema.clone(), media.clone());
        Content::Json(types, LazySchema::new(move || answered(&document, &schema, &media, &below)))
    }

    fn header(&self, name: &str, header: &Value, pointer: &str) -> AnswerHeader {
        let content = header.get("content").and_then(Value::as_object);
        let media = content.and_then(json_of);
        let below = match media {
            Some((name, _)) => format!("{}/schema", pointer::below(&pointer::below(pointer, "content"), name)),
            None => pointer::below(pointer, "schema"),
        };
        let schema = header.get("schema").or_else(|| media?.1.get("schema")).cloned();
        // Of a content that is no JSON nothing is known but that it is there.
        let schema = schema.filter(|_| content.is_none() || media.is_some());
        let (document, examples) = (self.document.clone(), media.map_or(header, |(_, media)| media).clone());
        let made = |schema| LazySchema::new(move || answered(&document, &schema, &examples, &below));
        AnswerHeader {
            name: name.to_owned(),
            is_required: header.get("required") == Some(&json!(true)),
            explode: header.get("explode") == Some(&json!(true)),
            between: match header.get("style").and_then(Value::as_str) {
                Some("spaceDelimited") => Some(" "),
                Some("pipeDelimited") => Some("|"),
                Some("tabDelimited") => Some("\t"),
                _ => None,
            },
            is_json: media.is_some(),
            schema: schema.map(made),
        }
    }

    /// The operations of this document that go on from an answer.
    fn links(&mut self, answer: &Value, pointer: &str) -> Vec<Link> {
        let mut links = Vec::new();
        for (name, link) in answer.get("links").and_then(Value::as_object).into_iter().flatten() {
            let here = pointer::below(&pointer::below(pointer, "links"), name);
            let link = self.document.follow(link).cloned().unwrap_or_default();
            let Some(operation) = self.linked(&link) else {
                self.remark(&here, "the link names no operation of this document", "nothing is learnt by it");
                continue;
            };
            let parameters: BTreeMap<String, String> = link
                .get("parameters")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect();
            links.push(Link { operation, parameters });
        }
        links
    }

    /// The method and the path of the operation to which a link leads.
    fn linked(&self, link: &Value) -> Option<(String, String)> {
        let id = link.get("operationId").and_then(Value::as_str);
        let at = link.get("operationRef").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        let at = at.map(percent::decoded_text);
        let is_it = |known: &&crate::document::OperationRef| match (id, &at) {
            (Some(id), _) => known.id.as_deref() == Some(id),
            (None, Some(at)) => known.pointer == *at,
            (None, None) => false,
        };
        let found = self.document.operations().iter().find(is_it)?;
        Some((found.method.clone(), found.path.clone()))
    }
}

/// The schema of an answer, or of a part of one, by itself, and an example of it.
fn answered(document: &Arc<Document>, schema: &Value, media: &Value, pointer: &str) -> Made {
    let mut reading = OperationReader::of(document);
    let (bundle, sources) = reading.bundle_with_sources(schema, Direction::Answer, pointer);
    // Where each look at a value would take too long none is made up.
    let is_light = !is_too_much(&bundle, &Value::Object(Map::new()));
    let validator = is_light.then(|| jsonschema::draft202012::new(&bundle).ok()).flatten();
    let given = document.examples(media).cloned();
    let is_legal = |value: &Value| validator.as_ref().is_some_and(|validator| validator.is_valid(value));
    let example = given.into_iter().find(|value| is_legal(value));
    let example = example.or_else(|| reading.samples(schema, Direction::Answer, &is_legal).into_iter().next());
    Made { schema: bundle, example: example.unwrap_or_default(), source: pointer.to_owned(), sources }
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
