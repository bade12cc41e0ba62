//! The parameters of an operation of any document: what every request must carry, and the path.
//!
//! What may be left out is left out, but for its odd values. A value is an example, or made up so that its schema allows it.

use serde_json::{Value, json};

use super::view::View;
use super::{Reading, is_json};
use crate::contract::{Direction, Parameter, ParameterIn, TextRule, Usual, whole};
use crate::document::OperationRef;
use crate::identity::{self, Keyword, OperationName, Part, Site};
use crate::json::readings;

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
/// So many listed values are sent.
const MOST_LISTED: usize = 20;
/// A bound on a text in a path, or in a header, is probed up to so many characters.
const MOST_CHARACTERS: usize = 15_000;

impl Reading<'_> {
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
                described.retain(|(other, also, ..)| (other, also) != (&place, &called));
                described.push((place, called, value, pointer));
            }
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
                _ if !required => continue,
                other => return Err(format!("it wants `{called}` in {other}, which is not sent yet")),
            };
            match self.parameter(name, (location, &called), &value, &pointer) {
                Ok(parameter) if required => all.push(parameter),
                // What may be left out is sent only to see what becomes of its odd values.
                Ok(parameter) => all.push(Parameter { required: false, usual: Usual::Absent, ..parameter }),
                Err(why) if required => return Err(why),
                Err(why) => self.remark(&pointer, why, "it is left out"),
            }
        }
        Ok(all)
    }

    fn parameter(
        &mut self,
        operation: &OperationName,
        (location, called): (ParameterIn, &str),
        value: &Value,
        pointer: &str,
    ) -> Result<Parameter, String> {
        let part = match location {
            ParameterIn::Path => Part::Path,
            ParameterIn::Query => Part::Query,
            ParameterIn::Header => Part::Header,
        };
        let style = value.get("style").and_then(Value::as_str).unwrap_or_default();
        if matches!(style, "matrix" | "label") {
            return Err(format!(
                "it writes {location} parameter `{called}` in the style `{style}`, which is not sent yet"
            ));
        }
        let content = value.get("content").and_then(Value::as_object);
        let media = content.into_iter().flatten().find(|(name, _)| is_json(name)).map(|(_, media)| media);
        let empty = json!({});
        let schema = value.get("schema").or_else(|| media?.get("schema")).unwrap_or(&empty);
        let view = self.view(schema);
        let bundle = self.bundle(schema, Direction::Request, pointer);
        let validator = jsonschema::draft202012::new(&bundle).ok();
        let is_legal = |value: &Value| {
            let sendable = written(value, media.is_some()).is_some_and(|text| is_sendable(location, &text));
            sendable && validator.as_ref().is_none_or(|validator| validator.is_valid(value))
        };
        let is_legal_text = |text: &str| {
            is_sendable(location, text)
                && validator
                    .as_ref()
                    .is_some_and(|validator| readings(text).iter().any(|value| validator.is_valid(value)))
        };
        let named = value.get("examples").and_then(Value::as_object).into_iter().flatten();
        let named = named.filter_map(|(_, example)| self.document.follow(example)?.get("value").cloned());
        let own = value.get("example").cloned().into_iter().chain(named).find(|value| is_legal(value));
        let is_given = own.is_some();
        let sample = own.or_else(|| self.samples(schema, Direction::Request, &is_legal).into_iter().next());
        // Only of plain text are the lengths modelled.
        let only = ["type", "minLength", "maxLength", "description", "title", "example", "examples", "default"];
        let is_plain = view.types().as_deref() == Some(&["string"])
            && !view.is_partial
            && media.is_none()
            && view.keywords.keys().all(|keyword| only.contains(&keyword.as_str()) || keyword.starts_with("x-"));
        let lengths = |keyword: &str| view.count(keyword).filter(|length| is_plain && *length <= MOST_CHARACTERS);
        let Some(sample) = sample else {
            return Err(format!(
                "no legal value could be made up for {location} parameter `{called}`; give it an `example`"
            ));
        };
        Ok(Parameter {
            name: called.to_owned(),
            location,
            site: Site::new(operation, part, [identity::Step::member(called)]),
            required: true,
            min: lengths("minLength"),
            max: lengths("maxLength"),
            unsent: view.count("maxLength").filter(|length| is_plain && *length > MOST_CHARACTERS),
            example: written(&sample, media.is_some()),
            texts: if is_plain { Vec::new() } else { texts(&view, location, &is_legal_text) },
            schema: (!is_plain && media.is_none()).then_some(bundle),
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

/// The names that stand in braces in a path.
pub fn path_names(path: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = path;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        names.push(name.to_owned());
        rest = after;
    }
    names
}

/// The rules of a value that is one number, truth value or listed text; what the judge does not call so is left out.
fn texts(view: &View, location: ParameterIn, is_legal: &dyn Fn(&str) -> bool) -> Vec<TextRule> {
    let Some([name]) =
        view.types().as_deref().map(<[&str]>::to_vec).as_deref().and_then(|types| <[&str; 1]>::try_from(types).ok())
    else {
        return Vec::new();
    };
    let mut rules = Vec::new();
    // What names a thing may be refused because there is none.
    let names_a_thing = location == ParameterIn::Path;
    let mut add = |keyword: Keyword, bound: Value, inside: Vec<String>, outside: Vec<String>| {
        let inside = inside.into_iter().filter(|text| !names_a_thing && is_legal(text)).collect();
        let outside = outside.into_iter().filter(|text| !is_legal(text) && is_sendable(location, text)).collect();
        let rule = TextRule { keyword, bound, inside, outside };
        if !(rule.inside.is_empty() && rule.outside.is_empty()) {
            rules.push(rule);
        }
    };
    let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
    match name {
        "integer" => add(Keyword::Type, json!(name), Vec::new(), texts(&["sample", "7.5"])),
        "number" => add(Keyword::Type, json!(name), Vec::new(), texts(&["sample"])),
        "boolean" => add(Keyword::Type, json!(name), texts(&["true", "false"]), texts(&["sample"])),
        "string" => {}
        _ => return Vec::new(),
    }
    if let Some(Value::Array(listed)) = view.get("enum") {
        let inside = listed.iter().filter_map(|value| written(value, false)).take(MOST_LISTED).collect();
        add(Keyword::Enum, json!(listed), inside, texts(&["NO_SUCH_VALUE"]));
    }
    if matches!(name, "integer" | "number") {
        for (keyword, bound, step) in [(Keyword::Minimum, "minimum", -1), (Keyword::Maximum, "maximum", 1)] {
            let Some(value) = view.get(bound) else { continue };
            let Some(bound) = whole(value) else { continue };
            // What stands on the bound may name a thing that is not there, which its service may refuse.
            add(keyword, value.clone(), Vec::new(), vec![(bound + step).to_string()]);
        }
    }
    rules
}

/// A value as it stands in a path, a query or a header; nothing where the styles differ in how.
fn written(value: &Value, is_json: bool) -> Option<String> {
    if is_json {
        return Some(value.to_string());
    }
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(elements) => match &elements[..] {
            [one] if !one.is_array() => written(one, false),
            _ => None,
        },
        Value::Null | Value::Object(_) => None,
    }
}

/// Whether a text arrives as it was sent.
fn is_sendable(location: ParameterIn, text: &str) -> bool {
    match location {
        ParameterIn::Path => !matches!(text, "" | "." | ".."),
        ParameterIn::Query => true,
        ParameterIn::Header => text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && text.trim() == text,
    }
}
