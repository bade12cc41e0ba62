//! What answers told of the things that a service holds: values for the parameters of a path that nobody named.
//!
//! A link of the document says which they are; where there is none, they are told by their names. What was made here may be
//! changed; what was only listed is read, and nothing else.

use serde_json::{Map, Value};

use super::super::consumer::Consumer;
use super::super::error::Failure;
use crate::contract::{Operation, Parameter, Usual};
use crate::event::Event;
use crate::exchange::{Outcome, Response};
use crate::json::readings;
use crate::oracle::Reaction;
use crate::session;

/// Things by where they are listed, or made.
#[derive(Default)]
pub(super) struct Learnt {
    things: Vec<Thing>,
    linked: Vec<Linked>,
}

/// What the link of an answer leads to.
struct Linked {
    /// The operation that was answered so.
    told_by: String,
    /// The method and the path of the operation that goes on from there.
    operation: (String, String),
    /// The values of its parameters, by what the link calls them.
    values: Vec<(String, String)>,
    /// Whether it was made here.
    is_ours: bool,
}

/// An answer that tells of a thing.
struct Thing {
    /// The operation that was answered so: `POST /items`.
    told_by: String,
    /// Its path, with the parameters in braces, and what stood in their places.
    path: String,
    values: Vec<String>,
    answer: Value,
    /// Whether it was made here.
    is_ours: bool,
}

/// Values for a path, and who told them.
pub(super) struct Known {
    pub(super) values: Vec<Option<String>>,
    pub(super) told_by: String,
}

impl Learnt {
    /// Values for every parameter of a path, or nothing; what the caller gave, or the document names, stands.
    pub(super) fn of(&self, operation: &Operation, given: &[Option<String>]) -> Option<Known> {
        let reads = matches!(operation.method.as_str(), "GET" | "HEAD");
        // What is taken away, or acted upon, would have to be made anew each time.
        if !reads && operation.method != "PUT" {
            return None;
        }
        if let Some(known) = self.linked(operation, given, reads) {
            return Some(known);
        }
        let (mut values, mut told_by): (Vec<String>, Option<String>) = (Vec::new(), None);
        for (index, parameter) in operation.path_parameters().enumerate() {
            let example = parameter.example.clone().filter(|_| parameter.usual == Usual::Named);
            if let Some(value) = given.get(index).cloned().flatten().or(example) {
                values.push(value);
                continue;
            }
            let (before, _) = operation.path.split_once(&format!("/{{{}}}", parameter.name))?;
            let is_around = |thing: &&Thing| thing.path == before && thing.values == values && (thing.is_ours || reads);
            // What was made here rather than what was there before.
            let (ours, others): (Vec<&Thing>, Vec<&Thing>) =
                self.things.iter().filter(is_around).partition(|thing| thing.is_ours);
            let mut found = ours.into_iter().chain(others);
            let (value, by) = found.find_map(|thing| {
                let value = named(&thing.answer, &parameter.name).filter(|value| fits(parameter, value))?;
                Some((value, &thing.told_by))
            })?;
            values.push(value);
            told_by = Some(by.clone());
        }
        Some(Known { values: values.into_iter().map(Some).collect(), told_by: told_by? })
    }
}

impl Learnt {
    /// Values for every parameter of a path by a link that leads there; what was made here rather than what was there before.
    fn linked(&self, operation: &Operation, given: &[Option<String>], reads: bool) -> Option<Known> {
        let is_here = |linked: &&Linked| {
            let (method, path) = &linked.operation;
            *method == operation.method && *path == operation.path && (linked.is_ours || reads)
        };
        let (ours, others): (Vec<&Linked>, Vec<&Linked>) =
            self.linked.iter().filter(is_here).partition(|one| one.is_ours);
        ours.into_iter().chain(others).find_map(|linked| {
            let value = |(index, parameter): (usize, &Parameter)| {
                let given = given.get(index).cloned().flatten();
                let example = parameter.example.clone().filter(|_| parameter.usual == Usual::Named);
                let is_it =
                    |(name, _): &&(String, String)| name.strip_prefix("path.").unwrap_or(name) == parameter.name;
                let told = linked.values.iter().find(is_it).map(|(_, value)| value.clone());
                given.or(example).or(told).filter(|value| fits(parameter, value)).map(Some)
            };
            let values: Option<Vec<Option<String>>> = operation.path_parameters().enumerate().map(value).collect();
            values.map(|values| Known { values, told_by: linked.told_by.clone() })
        })
    }
}

/// What an expression of a link stands for; nothing where it stands for nothing that is known, or for no plain value.
fn expressed(expression: &str, response: &Response, body: &Value, path: &[(&str, &str)]) -> Option<String> {
    if !expression.starts_with('$') {
        return in_path(&Value::from(expression));
    }
    if let Some(pointer) = expression.strip_prefix("$response.body#") {
        return in_path(body.pointer(pointer)?);
    }
    if let Some(name) = expression.strip_prefix("$response.header.") {
        return in_path(&Value::from(response.header(name)?));
    }
    let name = expression.strip_prefix("$request.path.")?;
    path.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
}

/// Listens to the answers of one operation.
pub(super) struct Listener<'a> {
    pub(super) learnt: &'a mut Learnt,
    pub(super) operation: &'a Operation,
    pub(super) values: Vec<String>,
}

impl Consumer for Listener<'_> {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        let Event::Conversation(session::Event::Heard { request, delivery, judgement, .. }) = event else {
            return Ok(());
        };
        let Outcome::Answer(answer) = &delivery.outcome else { return Ok(()) };
        let method = self.operation.method.as_str();
        let tells = matches!(method, "GET" | "POST") && request.method == method;
        if !tells || judgement.reaction != Reaction::Accepted {
            return Ok(());
        }
        let told_by = self.operation.name().to_string();
        if self.learnt.things.iter().any(|thing| thing.told_by == told_by) {
            return Ok(());
        }
        self.follow(answer, &told_by, method == "POST");
        if let Ok(body @ (Value::Object(_) | Value::Array(_))) = serde_json::from_slice(&answer.body) {
            let (path, values) = (self.operation.path.clone(), self.values.clone());
            self.learnt.things.push(Thing { told_by, path, values, answer: body, is_ours: method == "POST" });
        }
        Ok(())
    }
}

impl Listener<'_> {
    /// Takes up where the links of an answer lead.
    fn follow(&mut self, answer: &Response, told_by: &str, is_ours: bool) {
        let Some(documented) = self.operation.responses.of(answer.status) else { return };
        let body = serde_json::from_slice(&answer.body).unwrap_or_default();
        let names = self.operation.path_parameters().map(|parameter| parameter.name.as_str());
        let path: Vec<(&str, &str)> = names.zip(self.values.iter().map(String::as_str)).collect();
        for link in &documented.links {
            if self.learnt.linked.iter().any(|other| other.told_by == told_by && other.operation == link.operation) {
                continue;
            }
            let value = |(name, expression): (&String, &String)| {
                Some((name.clone(), expressed(expression, answer, &body, &path)?))
            };
            let values: Vec<(String, String)> = link.parameters.iter().filter_map(value).collect();
            let (told_by, operation) = (told_by.to_owned(), link.operation.clone());
            self.learnt.linked.push(Linked { told_by, operation, values, is_ours });
        }
    }
}

/// Whether a value is one that the parameter may have.
fn fits(parameter: &Parameter, value: &str) -> bool {
    let length = value.chars().count();
    let is_long_enough = parameter.min.is_none_or(|min| length >= min) && parameter.max.is_none_or(|max| length <= max);
    let validator = parameter.schema.as_ref().and_then(|schema| jsonschema::draft202012::new(schema).ok());
    is_long_enough && validator.is_none_or(|judge| readings(value).iter().any(|reading| judge.is_valid(reading)))
}

/// What an answer calls the thing that a parameter names: a member of its name, or its id; of a list, that of the first.
fn named(answer: &Value, parameter: &str) -> Option<String> {
    match answer {
        Value::Array(all) => named(all.first().filter(|first| first.is_object())?, parameter),
        Value::Object(members) => own(members, parameter).or_else(|| {
            // Lists and things often stand in an object of one sort or another.
            let inner = members.values().filter(|value| match value {
                Value::Array(all) => all.first().is_some_and(Value::is_object),
                other => other.is_object(),
            });
            let mut inner: Vec<&Value> = inner.collect();
            let only = inner.pop().filter(|_| inner.is_empty())?;
            match only {
                Value::Array(all) => own(all.first()?.as_object()?, parameter),
                other => own(other.as_object()?, parameter),
            }
        }),
        _ => None,
    }
}

fn own(members: &Map<String, Value>, parameter: &str) -> Option<String> {
    let plain = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let wanted = plain(parameter);
    let by_name = members.iter().find(|(name, _)| plain(name) == wanted).map(|(_, value)| value);
    let is_an_id = wanted.ends_with("id");
    in_path(by_name.or_else(|| members.get("id").filter(|_| is_an_id))?)
}

/// A value as it may stand in a path.
fn in_path(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !matches!(text.as_str(), "" | "." | "..") => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::document::Document;
    use crate::open::open;

    #[test]
    fn what_the_caller_gave_stands() {
        let text = "{openapi: 3.0.0, info: {title: a, version: '1'}, paths: {'/a/{aId}/b/{id}': {get: {responses: {'200': {description: a}}}}}}";
        let document = Arc::new(Document::read("a.yaml", text).expect("it can be read"));
        let contract = open(&document, &document.operations()[0]).contract.expect("it can be tested");
        let thing = |path: &str, values: &[&str], answer: Value| Thing {
            told_by: format!("GET {path}"),
            path: path.to_owned(),
            values: values.iter().map(ToString::to_string).collect(),
            answer,
            is_ours: false,
        };
        let listed = thing("/a", &[], json!([{"id": 1}]));
        let below = thing("/a/{aId}/b", &["7"], json!([{"id": 9}]));
        let learnt = Learnt { things: vec![listed, below], linked: Vec::new() };
        let known = learnt.of(contract.operation(), &[Some("7".to_owned())]).expect("it is known");
        assert_eq!(
            (known.values, known.told_by),
            (vec![Some("7".to_owned()), Some("9".to_owned())], "GET /a/{aId}/b".to_owned())
        );
        // Below the one that is listed nothing is known.
        assert!(learnt.of(contract.operation(), &[]).is_none());
    }

    #[test]
    fn a_link_leads_before_names_do() {
        let text = "{openapi: 3.0.0, info: {title: a, version: '1'}, paths: {
            /a: {post: {responses: {'201': {description: a, links: {own: {operationId: read, parameters: {slug: '$response.body#/key'}},
                named: {operationRef: '#/paths/~1a~1{slug}/put', parameters: {path.slug: $response.header.X-Key}},
                none: {operationId: gone}}}}}},
            '/a/{slug}': {get: {operationId: read, responses: {'200': {description: a}}}, put: {responses: {'200': {description: a}}}}}}";
        let document = Arc::new(Document::read("a.yaml", text).expect("it can be read"));
        let opened: Vec<_> = document.operations().iter().map(|operation| open(&document, operation)).collect();
        assert!(
            opened[0].remarks.iter().any(|remark| remark.pointer.ends_with("/links/none")),
            "{:?}",
            opened[0].remarks
        );
        let [made, read, changed] =
            [0, 1, 2].map(|number| opened[number].contract.clone().expect("it can be tested").operation().clone());
        let answer = |headers: &[(&str, &str)], body: Value| Response {
            status: 201,
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.to_string().into_bytes(),
            unread: None,
        };
        let told = |response: &Response, operation: &Operation| {
            let mut learnt = Learnt::default();
            let mut listener = Listener { learnt: &mut learnt, operation: &made, values: Vec::new() };
            listener.follow(response, "POST /a", true);
            learnt.of(operation, &[]).map(|known| (known.values, known.told_by))
        };
        let by = |value: &str| Some((vec![Some(value.to_owned())], "POST /a".to_owned()));
        let whole = answer(&[("x-key", "h")], json!({"slug": "wrong", "key": 7}));
        assert_eq!(told(&whole, &read), by("7"));
        assert_eq!(told(&whole, &changed), by("h"));
        // What the link names need not be there, and need be no plain value.
        for body in [json!({"slug": "s"}), json!({"key": {"of": 1}}), json!("text")] {
            assert_eq!(told(&answer(&[], body), &read), None);
        }
    }

    #[test]
    fn an_answer_names_a_thing_by_the_parameter_or_by_its_id() {
        for (answer, parameter, value) in [
            (json!({"id": 7}), "id", Some("7")),
            (json!({"id": 7}), "itemId", Some("7")),
            (json!({"id": 7, "item_id": "a"}), "itemId", Some("a")),
            (json!({"id": 7}), "slug", None),
            (json!({"slug": "a-b"}), "slug", Some("a-b")),
            (json!([{"id": "x"}, {"id": "y"}]), "id", Some("x")),
            (json!([]), "id", None),
            (json!({"total": 1, "items": [{"id": "x"}]}), "id", Some("x")),
            (json!({"data": {"id": "x"}}), "id", Some("x")),
            (json!({"a": {"id": "x"}, "b": {"id": "y"}}), "id", None),
            (json!({"id": {"of": 1}}), "id", None),
            (json!({"id": ""}), "id", None),
        ] {
            assert_eq!(named(&answer, parameter).as_deref(), value, "{answer} {parameter}");
        }
    }
}
