//! The body of a request: in Swagger 2.0 it is a parameter, or a parameter for each field of a form.

use serde_json::{Map, Value, json};

use super::media;
use super::parameter::{Written, split};
use crate::document::notes::Notes;
use crate::text::pointer;

const URLENCODED: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// The media types that a body is sent as.
pub(super) fn of_consumes(consumes: &[String]) -> Vec<String> {
    // An operation whose body is no form may be said to take forms, among others, by all of the document.
    let others: Vec<String> = consumes.iter().filter(|media| !is_form(media)).cloned().collect();
    match (others.is_empty(), consumes.is_empty()) {
        (false, _) => others,
        (true, false) => consumes.to_vec(),
        (true, true) => vec!["application/json".to_owned()],
    }
}

fn is_form(media: &str) -> bool {
    let name = media.split(';').next().unwrap_or_default().trim();
    name.eq_ignore_ascii_case(URLENCODED) || name.eq_ignore_ascii_case(MULTIPART)
}

/// The body that these parameters stand for, which are parts of one.
pub(super) fn of_parameters(
    parameters: Vec<Written>,
    consumes: &[String],
    at: &str,
    notes: &mut Notes,
) -> Option<Value> {
    let (whole, fields): (Vec<_>, Vec<_>) = parameters.into_iter().partition(|written| written.text("in") == "body");
    let Some(first) = whole.first() else {
        return (!fields.is_empty()).then(|| of_fields(fields, consumes, at, notes));
    };
    for other in whole[1..].iter().chain(&fields) {
        let what = format!("an operation has one body, and `{}` is of a second", other.text("name"));
        notes.remark(at, &what, "it is ignored");
    }
    Some(of_schema(first, consumes, at, notes))
}

/// The body that a parameter with a schema stands for.
pub(super) fn of_schema(written: &Written, consumes: &[String], at: &str, notes: &mut Notes) -> Value {
    notes.moved(at, &written.from);
    let schema = written.parameter.get("schema").cloned();
    let from = format!("{}/schema", written.from);
    let mut content = media::content(&of_consumes(consumes), schema, &from, &format!("{at}/content"), notes);
    if let Some(example) = written.parameter.get("x-example") {
        content.values_mut().for_each(|media| media["example"] = example.clone());
    }
    let mut body = Map::new();
    if let Some(description) = written.parameter.get("description") {
        body.insert("description".to_owned(), description.clone());
    }
    body.insert("required".to_owned(), written.is_required().into());
    body.insert("content".to_owned(), content.into());
    body.into()
}

/// The form whose fields these parameters are.
fn of_fields(fields: Vec<Written>, consumes: &[String], at: &str, notes: &mut Notes) -> Value {
    let has_file = fields.iter().any(|field| field.text("type") == "file");
    let mut types: Vec<String> = consumes.iter().filter(|media| is_form(media)).cloned().collect();
    if has_file {
        types.retain(|media| !media.to_ascii_lowercase().starts_with(URLENCODED));
    }
    if types.is_empty() {
        types.push(if has_file { MULTIPART } else { URLENCODED }.to_owned());
    }
    if let Some(first) = fields.first() {
        notes.moved(at, &first.from);
    }
    let first = types.first().map(|name| pointer::below(&format!("{at}/content"), name)).unwrap_or_default();
    let is_required = fields.iter().any(Written::is_required);
    let (mut properties, mut required, mut encoding) = (Map::new(), Vec::new(), Map::new());
    for field in fields {
        let name = field.text("name").to_owned();
        for media in &types {
            let schema = pointer::below(&format!("{at}/content"), media);
            notes.moved(pointer::below(&format!("{schema}/schema/properties"), &name), &field.from);
        }
        if field.is_required() {
            required.push(Value::from(name.as_str()));
        }
        let Value::Object(members) = field.parameter else { continue };
        let property = pointer::below(&format!("{first}/schema/properties"), &name);
        let (own, style, mut schema) = split(members, &property, notes);
        if let Some((style, explode)) = style {
            let mut encoded = json!({"style": style, "explode": explode});
            if !explode {
                // In a later edition no style is said of a part.
                encoded["x-joined"] = true.into();
            }
            encoding.insert(name.clone(), encoded);
        }
        let describes = |(name, _): &(String, Value)| name == "description" || name == "example";
        schema.extend(own.into_iter().filter(describes));
        properties.insert(name, schema.into());
    }
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    let mut media = json!({"schema": schema});
    if !encoding.is_empty() {
        media["encoding"] = encoding.into();
    }
    let content: Map<String, Value> = types.into_iter().map(|name| (name, media.clone())).collect();
    json!({"required": is_required, "content": content})
}
