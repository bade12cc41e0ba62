//! The request body of an operation of any document: JSON of any shape, or none.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value};

use super::forms::{Form, named, sent_of};
use super::places::Walk;
use super::{BodyAs, OperationReader, no_body};
use crate::contract::{Body, Direction, Shape, is_too_much};
use crate::document::Edition;
use crate::identity::Site;
use crate::keyword::NodeJudge;
use crate::text::pointer;

impl OperationReader<'_> {
    /// The schema of the body of an operation.
    pub(super) fn body_schema<'v>(&'v self, operation: &'v Value) -> Option<&'v Value> {
        let body = self.follow(operation.get("requestBody")?)?;
        self.read_of(body.get("content")?.as_object()?)?.1.get("schema")
    }

    /// The media type of a body that is read, and what is said of it.
    fn read_of<'v>(&self, content: &'v Map<String, Value>) -> Option<(&'v String, &'v Value)> {
        match self.body {
            BodyAs::Usual => sent_of(content),
            BodyAs::Only(name) => content.get_key_value(name),
            BodyAs::Unread => None,
        }
    }

    /// The body and the schema of each of its places; of the places in `whole` only whole values are sent.
    pub(super) fn body(
        &mut self,
        site: &Site,
        operation: &Value,
        pointer: &str,
        whole: &HashSet<Site>,
    ) -> Result<(Body, Vec<Value>), String> {
        let Some(given) = operation.get("requestBody") else { return Ok((no_body(site, pointer), Vec::new())) };
        let method = site.operation().method();
        let is_old = self.document.edition() != Edition::V31;
        if is_old && matches!(method, "GET" | "HEAD") {
            let what = format!("what the body of a {method} means is not defined in this edition of OpenAPI");
            self.remark(pointer, what, "no body is sent");
            return Ok((no_body(site, pointer), Vec::new()));
        }
        let document = self.document;
        let Some(body) = document.follow(given) else {
            self.remark(pointer, "the request body refers to nothing", "no body is sent");
            return Ok((no_body(site, pointer), Vec::new()));
        };
        let is_required = body.get("required") == Some(&Value::Bool(true)) && self.body != BodyAs::Unread;
        let content = body.get("content").and_then(Value::as_object);
        let media = content.and_then(|content| self.read_of(content));
        let Some((name, media)) = media else {
            let names: Vec<&String> = content.into_iter().flatten().map(|(name, _)| name).collect();
            if is_required && !names.is_empty() {
                let names = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
                return Err(format!("its body is {names}; only JSON, forms, text and bytes are sent yet"));
            }
            if !names.is_empty() {
                self.remark(
                    pointer,
                    "bodies of its media types are not sent yet",
                    "the operation is tested without its body",
                );
            }
            return Ok((no_body(site, pointer), Vec::new()));
        };
        let media_type = named(name);
        let pointer = pointer::below(&pointer::below(&pointer::below(pointer, "content"), name), "schema");
        let empty = Value::Object(Map::new());
        let schema = media.get("schema").unwrap_or(&empty);
        let bundle = self.bundle(schema, Direction::Request, &pointer);
        if is_too_much(&bundle, &Value::Object(Map::new())) {
            return Err("its body has too many branches within branches".to_owned());
        }
        let body_doubt = match method {
            "DELETE" if is_old => {
                Some(format!("what the body of a {method} means is not defined in this edition of OpenAPI"))
            }
            "GET" | "HEAD" | "DELETE" => {
                Some(format!("whatever stands before a service may drop the body of a {method}"))
            }
            _ => None,
        };
        if let Some(doubt) = &body_doubt {
            self.remark(&pointer, doubt.clone(), "what its schema says is recorded, and fails nothing");
        }
        let judge = NodeJudge::by(&bundle).ok_or("its schema cannot be used")?;
        let (places, schemas) = Walk::places(self, site, (schema, &pointer), whole)?;
        let Form { coding, places, schemas } = self.coded((name, media), schema, (places, schemas), &pointer)?;
        let example = self.example(media, &pointer, &judge);
        let doubt = "an open contract does not say that what its example names is there";
        let body = Body {
            is_sent: true,
            is_required,
            media_type,
            coding,
            media_types: content.into_iter().flatten().map(|(name, _)| name.clone()).collect(),
            doubt: body_doubt,
            places,
            schema: bundle,
            example_doubt: example.as_ref().map(|_| doubt.to_owned()),
            example,
            present: BTreeSet::new(),
            beside: BTreeMap::new(),
            ordinary: BTreeMap::new(),
            size_limit: None,
        };
        Ok((body, schemas))
    }

    /// The first example of a media type that keeps its schema.
    fn example(&mut self, media: &Value, pointer: &str, judge: &NodeJudge) -> Option<String> {
        let document = self.document;
        let all: Vec<&Value> = document.examples(media).collect();
        let legal = all.iter().find(|value| judge.accepts(value)).map(ToString::to_string);
        if legal.is_none() && !all.is_empty() {
            self.remark(pointer, "no example of the body keeps its schema", "none is sent");
        }
        legal
    }
}

/// What stands for a whole body of which the places alone make nothing that is legal; an error where nothing is.
pub(super) fn whole(reading: &OperationReader<'_>, body: &mut Body, schema: &Value) -> Result<(), String> {
    let judge = NodeJudge::by(&body.schema).ok_or("its schema cannot be used")?;
    let samples = reading.samples(schema, Direction::Request, &|value| judge.accepts(value));
    let none = || {
        let clash = reading.contradiction(schema, &body.places[0].source);
        clash.unwrap_or_else(|| "no legal body could be made up; give it an `example`".to_owned())
    };
    let first = samples.first().ok_or_else(none)?;
    let type_name = Some("object").filter(|_| first.is_object());
    body.places.truncate(1);
    body.places[0].shape = Shape::Opaque { type_name, samples };
    Ok(())
}
