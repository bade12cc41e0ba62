//! Bodies: a value as the bytes of a request, and what those bytes may mean.

use serde_json::Value;

use super::multipart::{self, Part};
use super::read::{delimited, parts_of, product, raw_pairs};
use super::{Place, write};
use crate::contract::{Coding, Field, Holds, Operation, ParameterIn, Style, StyleName};
use crate::json::Json;
use crate::text::percent::decoded_text;

/// The bytes of a body. What has no form is left out, which whoever reads them back sees.
pub(crate) fn bytes(operation: &Operation, body: &Json) -> Vec<u8> {
    match (&operation.body.coding, body) {
        (Coding::Json, body) => body.render().into_bytes(),
        (Coding::Form(_), Json::Object(members)) => {
            let fields = members.iter().filter_map(|(name, value)| {
                let spelt = spelt(value);
                let place = place(&operation.body.coding, name, &spelt);
                let text = if place.style.holds == Holds::Json { value.render() } else { place.write(&spelt)?.text };
                Some(place.placed(&text))
            });
            fields.collect::<Vec<_>>().join("&").into_bytes()
        }
        (coding @ Coding::Multipart(_), Json::Object(members)) => {
            let parts = members.iter().flat_map(|(name, value)| parts(coding, name, value));
            multipart::write(&parts.collect::<Vec<_>>())
        }
        (Coding::Form(_) | Coding::Multipart(_), _) => Vec::new(),
        (Coding::Text, body) => write::scalar(&spelt(body)).unwrap_or_default().into_bytes(),
        (Coding::Bytes, body) => {
            multipart::file(&operation.body.media_type, &write::scalar(&spelt(body)).unwrap_or_default())
        }
    }
}

/// The parts of a member: one for each element of an array, unless all of them stand in one.
fn parts(coding: &Coding, name: &str, value: &Json) -> Vec<Part> {
    let field = coding.field(name);
    let media_type = field.and_then(|field| field.media_type.clone());
    let json = || media_type.clone().filter(|name| is_json(name)).unwrap_or_else(|| "application/json".to_owned());
    let part = |value: &Json| {
        let file = field.and_then(|field| field.file.as_ref());
        let (media_type, content) = match (write::scalar(&spelt(value)), file) {
            (Some(text), Some(_)) => {
                let media_type = media_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned());
                (Some(media_type.clone()), multipart::file(&media_type, &text))
            }
            (Some(text), None) if !coding.keeps_types(Some(name)) => (media_type.clone(), text.into_bytes()),
            (None, _) if *value == Json::Null => return None,
            _ => (Some(json()), value.render().into_bytes()),
        };
        Some(Part { name: name.to_owned(), media_type, is_file: file.is_some(), content })
    };
    match value {
        Json::Array(elements) => match field {
            Some(field) if field.style.holds == Holds::Json => part(value).into_iter().collect(),
            Some(Field { style, .. }) if !style.explode => {
                let texts: Option<Vec<String>> = elements.iter().map(|one| write::scalar(&spelt(one))).collect();
                let joined =
                    texts.filter(|texts| !texts.is_empty()).map(|texts| Json::text(texts.join(between(*style))));
                joined.and_then(|text| part(&text)).into_iter().collect()
            }
            _ => elements.iter().filter_map(part).collect(),
        },
        value => part(value).into_iter().collect(),
    }
}

/// What stands between the elements of an array in one part, where nothing is encoded.
fn between(style: Style) -> &'static str {
    match style.name {
        StyleName::SpaceDelimited => " ",
        StyleName::PipeDelimited => "|",
        StyleName::TabDelimited => "\t",
        _ => ",",
    }
}

fn is_json(media_type: &str) -> bool {
    media_type.contains("json")
}

/// The same value with every number as the text that it is spelt with: no double has all of them.
fn spelt(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(digits) => Value::from(digits.as_str()),
        Json::Text(text) => Value::from(text.as_str()),
        Json::Array(elements) => elements.iter().map(spelt).collect(),
        Json::Object(members) => members.iter().map(|(name, value)| (name.to_string(), spelt(value))).collect(),
    }
}

/// A member with every value that the bytes of its field may mean.
pub(crate) type Meant = (String, Vec<Value>);

/// The members of a body that is no JSON, as its bytes have them; nothing where they cannot be read.
pub(crate) fn members(operation: &Operation, media_type: &str, bytes: &[u8]) -> Option<Vec<Meant>> {
    match &operation.body.coding {
        Coding::Json | Coding::Text | Coding::Bytes => None,
        Coding::Form(fields) => Some(form(fields, std::str::from_utf8(bytes).ok()?)),
        coding @ Coding::Multipart(_) => taken_apart(coding, multipart::read(media_type, bytes)?),
    }
}

/// What a body that is one text may mean; nothing where it is none.
pub(crate) fn whole(operation: &Operation, bytes: &[u8]) -> Option<Vec<Value>> {
    match operation.body.coding {
        Coding::Text => std::str::from_utf8(bytes).ok().map(parts_of),
        _ => None,
    }
}

/// The members that parts stand for: parts of one name are the elements of one.
fn taken_apart(coding: &Coding, parts: Vec<Part>) -> Option<Vec<Meant>> {
    let mut members: Vec<(String, Vec<Vec<Value>>)> = Vec::new();
    for part in parts {
        let field = coding.field(&part.name);
        let is_json = part.media_type.as_deref().is_some_and(is_json) && !part.is_file;
        let readings = match field.and_then(|field| field.file.clone()) {
            Some(file) => vec![Value::from(file)],
            None if is_json || coding.keeps_types(Some(&part.name)) => {
                vec![serde_json::from_slice(&part.content).ok()?]
            }
            None => {
                let text = String::from_utf8(part.content).ok()?;
                match field.map(|field| field.style) {
                    Some(style) if style.holds == Holds::Array && !style.explode => {
                        members.push((part.name, vec![delimited(&text, between(style))]));
                        continue;
                    }
                    _ => parts_of(&text),
                }
            }
        };
        match members.iter_mut().find(|(name, _)| *name == part.name) {
            Some((_, all)) => all.push(readings),
            None => members.push((part.name, vec![readings])),
        }
    }
    let one = |(name, mut all): (String, Vec<Vec<Value>>)| {
        let is_array =
            coding.field(&name).is_some_and(|field| field.style.holds == Holds::Array && field.style.explode);
        let values = match all.len() {
            1 if !is_array => all.remove(0),
            _ => product(&all).into_iter().map(Value::from).collect(),
        };
        (name, values)
    };
    Some(members.into_iter().map(one).collect())
}

/// What else lenient readers may take a member's text for; nothing where they may take it for absent.
pub(crate) fn lenient(value: &Value) -> Vec<Option<Value>> {
    const TRUE: [&str; 5] = ["1", "on", "yes", "y", "t"];
    const FALSE: [&str; 5] = ["0", "off", "no", "n", "f"];
    let Value::String(text) = value else { return Vec::new() };
    let trimmed = text.trim();
    let lower = trimmed.to_ascii_lowercase();
    let mut all: Vec<Option<Value>> = Vec::new();
    if trimmed.is_empty() {
        all.push(None);
    }
    if trimmed != text {
        all.extend(parts_of(trimmed).into_iter().map(Some));
    }
    if lower != trimmed || TRUE.contains(&lower.as_str()) || FALSE.contains(&lower.as_str()) {
        let flag = match lower.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            other if TRUE.contains(&other) => Some(true),
            other if FALSE.contains(&other) => Some(false),
            _ => None,
        };
        all.extend(flag.map(|flag| Some(Value::Bool(flag))));
    }
    // `+1`, `01`, `.5` and `1.` are numbers to some.
    let number = trimmed.parse::<f64>().ok().filter(|number| number.is_finite());
    all.extend(number.and_then(serde_json::Number::from_f64).map(|number| Some(Value::Number(number))));
    all.extend(trimmed.parse::<i64>().ok().map(|number| Some(Value::from(number))));
    all
}

/// Where a member stands in a form. What is not described is written as it comes.
fn place<'a>(coding: &'a Coding, name: &'a str, value: &Value) -> Place<'a> {
    let holds = match value {
        Value::Array(_) => Holds::Array,
        Value::Object(_) => Holds::Json,
        _ => Holds::One,
    };
    let usual = Style { name: StyleName::Form, explode: true, holds };
    let style = coding.field(name).map_or(usual, |field| field.style);
    Place { location: ParameterIn::Query, name, style }
}

fn form(fields: &[Field], text: &str) -> Vec<Meant> {
    let pairs = raw_pairs(&text.replace('+', "%20"));
    let mut members: Vec<Meant> = Vec::new();
    for (raw, value) in &pairs {
        let name = decoded_text(raw);
        let field = fields.iter().find(|field| is_of(field, &name));
        let called = field.map_or(name.as_str(), |field| field.name.as_str());
        if members.iter().any(|(other, _)| other == called) {
            continue;
        }
        let readings = match field {
            None => parts_of(&decoded_text(value)),
            Some(field) => {
                let own = pairs.iter().filter(|(name, _)| is_of(field, &decoded_text(name)));
                let own: Vec<String> = own.map(|(name, value)| format!("{name}={value}")).collect();
                let place = Place { location: ParameterIn::Query, name: &field.name, style: field.style };
                match field.style.holds {
                    Holds::One => parts_of(&decoded_text(value)),
                    Holds::Json => serde_json::from_str(&decoded_text(value)).into_iter().collect(),
                    Holds::Array | Holds::Object => place.readings(&own.join("&")),
                }
            }
        };
        members.push((called.to_owned(), readings));
    }
    members
}

/// Whether a name in a form is that of a field, or of something in it.
fn is_of(field: &Field, name: &str) -> bool {
    let is_deep = field.style.name == StyleName::DeepObject && field.style.has_parts();
    name == field.name || (is_deep && name.strip_prefix(&field.name).is_some_and(|rest| rest.starts_with('[')))
}

/// Whether everybody reads a member as it is written.
pub(crate) fn is_sure(operation: &Operation, name: &str, value: &Value) -> bool {
    let coding = &operation.body.coding;
    let place = place(coding, name, value);
    let is_told = place.style.holds != Holds::Json || coding.keeps_types(Some(name));
    let is_plain = |value: &Value| !value.is_array() && !value.is_object();
    match coding {
        Coding::Multipart(_) => match value {
            _ if place.style.holds == Holds::Json && coding.keeps_types(Some(name)) => true,
            Value::Array(elements) if coding.keeps_types(Some(name)) => !elements.is_empty(),
            Value::Array(elements) if !place.style.explode => {
                let text = |one: &Value| write::scalar(one).unwrap_or_default();
                let is_whole = |text: String| !text.is_empty() && !text.contains(between(place.style));
                !elements.is_empty() && elements.iter().map(text).all(is_whole)
            }
            Value::Array(elements) => !elements.is_empty() && elements.iter().all(is_plain),
            value => is_plain(value) && !value.is_null(),
        },
        _ => is_told && place.write(value).is_some_and(|written| written.is_sure),
    }
}

/// Whether every member of a value can be written.
pub(crate) fn has_form(coding: &Coding, value: &Value) -> bool {
    let is_part = matches!(coding, Coding::Multipart(_));
    let is_written = |(name, value): (&String, &Value)| {
        if is_part {
            !value.is_null() && value != &Value::Array(Vec::new())
        } else {
            place(coding, name, value).write(value).is_some()
        }
    };
    value.as_object().is_some_and(|members| members.iter().all(is_written))
}

/// Whether the bytes of a body mean what they are to mean, among other things, and nothing more.
pub(crate) fn reads_back(operation: &Operation, body: &Json) -> bool {
    let Ok(intended) = serde_json::from_str::<Value>(&body.render()) else { return false };
    let bytes = bytes(operation, body);
    match (&operation.body.coding, &intended) {
        (Coding::Json, _) => true,
        (Coding::Bytes, intended) => intended.is_string(),
        (Coding::Text, intended) => {
            !bytes.is_empty() && whole(operation, &bytes).is_some_and(|readings| readings.contains(intended))
        }
        // A form without a field is no body at all, and whether parts may be none nobody says.
        (coding, Value::Object(intended)) if intended.is_empty() => {
            matches!(coding, Coding::Form(_)) && !operation.body.is_required
        }
        (_, Value::Object(intended)) => {
            let Some(meant) = members(operation, &operation.body.media_type, &bytes) else { return false };
            let is_meant = |(name, values): &Meant| intended.get(name).is_some_and(|value| values.contains(value));
            meant.len() == intended.len() && meant.iter().all(is_meant)
        }
        _ => false,
    }
}
