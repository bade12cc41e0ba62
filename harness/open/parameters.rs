//! The parameters of an operation of any document: what every request must carry, and the path.
//!
//! What may be left out is left out, but for its odd values. A value is an example, or made up so that its schema allows it.

use serde_json::{Value, json};

use super::parameter_rules::Whole;
use super::styles::{Judged, held_by};
use super::{OperationReader, is_json};
use crate::carrier::path_names;
use crate::contract::{Direction, Holds, Parameter, ParameterIn, Standing, Style, StyleName, Usual};
use crate::document::OperationRef;
use crate::identity::{self, OperationName, Site};
use crate::keyword::NodeJudge;

/// Headers that OpenAPI says to ignore as parameters, and those that say how a request is sent.
const NOT_SENT: [&str; 15] = [
    "accept",
    "authorization",
    "content-type",
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "accept-encoding",
];
/// A bound on a text in a path, or in a header, is probed up to so many characters.
const MOST_CHARACTERS: usize = 15_000;

impl OperationReader<'_> {
    pub(super) fn parameters(
        &mut self,
        name: &OperationName,
        reference: &OperationRef,
        item: &Value,
        operation: &Value,
    ) -> Result<Vec<Parameter>, String> {
        let mut described: Vec<(String, String, Value, String)> = Vec::new();
        let item_pointer = reference.pointer.rsplit_once('/').map_or("", |(item, _)| item);
        for (owner, pointer) in [(item, item_pointer), (operation, reference.pointer.as_str())] {
            let listed = owner.get("parameters").and_then(Value::as_array);
            for (index, entry) in listed.into_iter().flatten().enumerate() {
                let pointer = format!("{pointer}/parameters/{index}");
                let found = self.document.follow(entry).cloned();
                let text = |key: &str| found.as_ref()?.get(key)?.as_str().map(str::to_owned);
                let (Some(place), Some(called), Some(value)) = (text("in"), text("name"), found.clone()) else {
                    self.remark(
                        &pointer,
                        "the parameter has no `name` and `in`, or refers to nothing",
                        "it is never sent",
                    );
                    continue;
                };
                let mut same = described.iter().filter(|(other, also, ..)| (other, also) == (&place, &called));
                let list = |pointer: &str| pointer.rsplit_once('/').map(|(list, _)| list.to_owned());
                if same.any(|(.., other)| list(other) == list(&pointer)) {
                    let what = format!("`{called}` in {place} is described a second time");
                    self.remark(&pointer, what, "what was said of it before is not heard");
                }
                described.retain(|(other, also, ..)| (other, also) != (&place, &called));
                described.push((place, called, value, pointer));
            }
        }
        if reference.path.contains(['?', '#']) {
            let what = "a path ends before a `?` or a `#`: what follows names no other resource";
            self.remark(&reference.pointer, what, "a query is sent as it stands, and a fragment never");
        }
        let mut all = Vec::new();
        for segment in path_names(&reference.path) {
            if !described.iter().any(|(place, called, ..)| place == "path" && *called == segment) {
                let what = format!("the path's `{{{segment}}}` is not among the parameters");
                self.remark(&reference.pointer, what, "it is taken for any text");
                let value = json!({ "name": segment, "in": "path", "required": true, "schema": { "type": "string" } });
                described.push(("path".to_owned(), segment.clone(), value, reference.pointer.clone()));
            }
        }
        for (place, called, value, pointer) in described {
            let required = value.get("required") == Some(&json!(true)) || place == "path";
            let location = match place.as_str() {
                "path" if path_names(&reference.path).contains(&called) => ParameterIn::Path,
                "path" => {
                    self.remark(&pointer, format!("`{{{called}}}` does not stand in the path"), "it is never sent");
                    continue;
                }
                "query" => ParameterIn::Query,
                "header" if NOT_SENT.contains(&called.to_ascii_lowercase().as_str()) => continue,
                "header" => ParameterIn::Header,
                "cookie" => ParameterIn::Cookie,
                other => {
                    let what = format!("`{called}` is to stand in {other}, which is no part of a request");
                    self.remark(&pointer, what, "it is never sent");
                    continue;
                }
            };
            match self.parameter(name, (location, &called), &value, &pointer) {
                Ok(parameter) if required => all.push(parameter),
                // What may be left out is sent only to see what becomes of its odd values.
                Ok(parameter) => all.push(Parameter { required: false, usual: Usual::Absent, ..parameter }),
                Err(why) if required => return Err(why),
                Err(why) => self.remark(&pointer, why, "it is left out"),
            }
        }
        silence_namesakes(&mut all);
        Ok(all)
    }

    fn parameter(
        &mut self,
        operation: &OperationName,
        (location, called): (ParameterIn, &str),
        value: &Value,
        pointer: &str,
    ) -> Result<Parameter, String> {
        let part = location.part();
        let content = value.get("content").and_then(Value::as_object);
        let media = content.into_iter().flatten().find(|(name, _)| is_json(name)).map(|(_, media)| media);
        let empty = json!({});
        let schema = value.get("schema").or_else(|| media?.get("schema")).unwrap_or(&empty);
        let schema = &if media.is_some() { schema.clone() } else { self.as_written(schema) };
        let view = self.view(schema);
        let bundle = self.bundle(schema, Direction::Request, pointer);
        let judge = NodeJudge::by(&bundle);
        let is_valid = |value: &Value| judge.as_ref().is_none_or(|judge| judge.accepts(value));
        let style = self.style(value, location, pointer);
        let judged = Judged { location, name: called, style, is_json: media.is_some(), is_valid: &is_valid };
        let is_sure = |value: &Value| judged.legal(value).is_some_and(|written| written.is_sure);
        let own: Vec<Value> = self.document.examples(value).cloned().collect();
        let given = own.iter().find(|value| is_sure(value)).cloned();
        let is_given = given.is_some();
        let sample = given.or_else(|| self.samples(schema, Direction::Request, &is_sure).into_iter().next());
        // Only of plain text are the lengths modelled.
        let only = ["type", "minLength", "maxLength", "description", "title", "example", "examples", "default"];
        let is_plain = view.types().as_deref() == Some(&["string"])
            && !view.is_partial
            && media.is_none()
            && view.keywords.keys().all(|keyword| only.contains(&keyword.as_str()) || keyword.starts_with("x-"));
        // The text without a character may be legal for its own sake, whatever the schema says of it.
        let may_be_empty = value.get("allowEmptyValue") == Some(&json!(true));
        let is_told = |keyword: &str, length: usize| !(may_be_empty && keyword == "minLength" && length == 1);
        let lengths = |keyword: &str| {
            let length = view.count(keyword).filter(|length| is_plain && *length <= MOST_CHARACTERS);
            // The text without a character is what many readers take for none.
            let is_none = |length: usize| keyword == "minLength" && length == 0;
            length.filter(|length| is_told(keyword, *length) && !is_none(*length))
        };
        let is_required = value.get("required") == Some(&json!(true)) || location == ParameterIn::Path;
        let Some(sample) = sample
            .map_or_else(|| self.unsure(&judged, schema, own, is_required, pointer), |sample| Ok(Some(sample)))?
        else {
            return Err(format!(
                "no legal value could be made up for {location} parameter `{called}`; give it an `example`"
            ));
        };
        let (texts, parts) = match &judge {
            Some(judge) if !is_plain => {
                let whole = Whole { judged: &judged, judge, view: &view, sample: &sample, pointer };
                self.parameter_rules(&whole)
            }
            _ => Default::default(),
        };
        let (holds, (name, explode)) = (held_by(&sample, media.is_some()), style);
        let style = Style { name, explode, holds };
        Ok(Parameter {
            name: called.to_owned(),
            location,
            site: Site::new(operation, part, [identity::Step::member(called)]),
            required: true,
            min: lengths("minLength"),
            max: lengths("maxLength"),
            unsent: view.count("maxLength").filter(|length| is_plain && *length > MOST_CHARACTERS),
            may_be_nothing: holds == Holds::Object
                && ((name == StyleName::Form && explode) || name == StyleName::DeepObject)
                && is_valid(&json!({})),
            example: judged.legal(&sample).map(|written| written.text),
            style,
            texts,
            parts,
            schema: (!is_plain).then_some(bundle),
            usual: if is_given {
                Usual::Named
            } else if is_plain {
                Usual::Free
            } else {
                Usual::MadeUp
            },
            credential: false,
            source: "parameters".to_owned(),
        })
    }
}

/// Takes what it says from an object whose members are parameters of the query by themselves, and one of them is called like another
/// parameter: a reader may take it for that one.
fn silence_namesakes(all: &mut [Parameter]) {
    let is_query = |parameter: &&Parameter| parameter.location == ParameterIn::Query;
    let names: Vec<String> = all.iter().filter(is_query).map(|parameter| parameter.name.clone()).collect();
    let is_spread = |parameter: &Parameter| {
        let Style { name, explode, holds } = parameter.style;
        parameter.location == ParameterIn::Query && (name, explode, holds) == (StyleName::Form, true, Holds::Object)
    };
    let is_namesake = |step: &identity::Step| matches!(step, identity::Step::Member(name) if names.iter().any(|other| **other == **name));
    for parameter in all.iter_mut().filter(|parameter| is_spread(parameter)) {
        if !parameter.parts.iter().any(|part| is_namesake(&part.step)) {
            continue;
        }
        for rule in parameter.texts.iter_mut().chain(parameter.parts.iter_mut().map(|part| &mut part.rule)) {
            rule.standing = Standing::Unprobed("a member is called like another parameter".to_owned());
            (rule.inside, rule.outside) = (Vec::new(), Vec::new());
        }
    }
}

impl OperationReader<'_> {
    /// A legal value that not everybody reads alike: better than none where there must be one.
    fn unsure(
        &mut self,
        judged: &Judged<'_>,
        schema: &Value,
        given: Vec<Value>,
        is_required: bool,
        pointer: &str,
    ) -> Result<Option<Value>, String> {
        let is_legal = |value: &Value| judged.legal(value).is_some();
        let given = given.into_iter().find(|value| is_legal(value));
        let sample = given.or_else(|| self.samples(schema, Direction::Request, &is_legal).into_iter().next());
        let what = format!("how `{}` is written is not the same to everybody", judged.name);
        match sample {
            Some(_) if !is_required => Err(what),
            Some(sample) => {
                self.remark(pointer, what, "a service that reads it otherwise refuses what is legal");
                Ok(Some(sample))
            }
            None => Ok(None),
        }
    }
}
