//! What answers told of the things that a service holds: values for the parameters of a path that nobody named.
//!
//! What was made here may be changed; what was only listed is read, and nothing else.

use serde_json::{Map, Value};

use super::super::consumer::Consumer;
use super::super::error::Failure;
use crate::contract::{Operation, Parameter, Usual};
use crate::event::Event;
use crate::exchange::Outcome;
use crate::json::readings;
use crate::oracle::Reaction;
use crate::session;

/// Things by where they are listed, or made.
#[derive(Default)]
pub(super) struct Learnt(Vec<Thing>);

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
                self.0.iter().filter(is_around).partition(|thing| thing.is_ours);
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
        if self.learnt.0.iter().any(|thing| thing.told_by == told_by) {
            return Ok(());
        }
        if let Ok(body @ (Value::Object(_) | Value::Array(_))) = serde_json::from_slice(&answer.body) {
            let (path, values) = (self.operation.path.clone(), self.values.clone());
            self.learnt.0.push(Thing { told_by, path, values, answer: body, is_ours: method == "POST" });
        }
        Ok(())
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
    let value = by_name.or_else(|| members.get("id").filter(|_| is_an_id))?;
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
        let learnt = Learnt(vec![listed, below]);
        let known = learnt.of(contract.operation(), &[Some("7".to_owned())]).expect("it is known");
        assert_eq!(
            (known.values, known.told_by),
            (vec![Some("7".to_owned()), Some("9".to_owned())], "GET /a/{aId}/b".to_owned())
        );
        // Below the one that is listed nothing is known.
        assert!(learnt.of(contract.operation(), &[]).is_none());
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
