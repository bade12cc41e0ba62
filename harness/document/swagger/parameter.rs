//! A parameter of Swagger 2.0: what it says of its values becomes a schema.

use serde_json::{Map, Value, json};

use crate::document::notes::Notes;
use crate::text::pointer;

/// A parameter as it was written, and where.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) parameter: Value,
    pub(super) from: String,
}

impl Written {
    pub(super) fn text(&self, name: &str) -> &str {
        self.parameter.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn is_of_body(&self) -> bool {
        matches!(self.text("in"), "body" | "formData")
    }

    pub(super) fn is_required(&self) -> bool {
        self.parameter.get("required") == Some(&Value::Bool(true))
    }

    /// Whether an operation's own parameter takes the place of the path's.
    pub(super) fn stands_for(&self, other: &Self) -> bool {
        self.text("in") == other.text("in") && (self.text("in") == "body" || self.text("name") == other.text("name"))
    }
}

/// What of a parameter is no part of its schema.
const OWN: [&str; 8] =
    ["name", "in", "description", "required", "allowEmptyValue", "deprecated", "example", "examples"];

/// The parameters of a path or an operation, which stands at `at`.
pub(super) fn all(parameters: Vec<Written>, at: &str, notes: &mut Notes) -> Value {
    let at = pointer::below(at, "parameters");
    let all = parameters.into_iter().enumerate();
    all.map(|(index, written)| rewrite(written, &format!("{at}/{index}"), notes)).collect()
}

/// A parameter of a path, a query or a header.
pub(super) fn rewrite(written: Written, at: &str, notes: &mut Notes) -> Value {
    let Written { parameter, from } = written;
    let Value::Object(members) = parameter else { return parameter };
    notes.moved(at, &from);
    if members.contains_key("$ref") || members.contains_key("schema") {
        return members.into();
    }
    notes.moved(format!("{at}/schema"), &from);
    let is_query = members.get("in").is_some_and(|part| part == "query");
    let (mut new, style, schema) = split(members, at, notes);
    if let Some((style, explode)) = style {
        let style = if is_query || style != "form" { style } else { "simple" };
        new.insert("style".to_owned(), style.into());
        new.insert("explode".to_owned(), explode.into());
    }
    new.insert("schema".to_owned(), schema.into());
    new.into()
}

/// How the elements of an array stand in a text: a style, and whether each stands by itself.
pub(super) type Style = Option<(&'static str, bool)>;

/// Takes apart what is said of a parameter, and of its values; and how an array is written.
pub(super) fn split(
    members: Map<String, Value>,
    at: &str,
    notes: &mut Notes,
) -> (Map<String, Value>, Style, Map<String, Value>) {
    let is_array = members.get("type").is_some_and(|name| name == "array");
    let mut style = is_array.then_some(("form", false));
    let (mut own, mut schema) = (Map::new(), Map::new());
    for (name, value) in members {
        match name.as_str() {
            "collectionFormat" if is_array => style = Some(style_of(&value, at, notes)),
            "collectionFormat" => {}
            "x-nullable" => {
                schema.insert(name, value);
            }
            "x-example" => {
                own.entry("example").or_insert(value);
            }
            _ if OWN.contains(&name.as_str()) || name.starts_with("x-") => {
                own.insert(name, value);
            }
            "items" => {
                schema.insert(name, flat(value, at, notes));
            }
            _ => {
                schema.insert(name, value);
            }
        }
    }
    (own, style, schema)
}

fn style_of(format: &Value, at: &str, notes: &mut Notes) -> (&'static str, bool) {
    match format.as_str() {
        Some("csv") => ("form", false),
        Some("ssv") => ("spaceDelimited", false),
        Some("pipes") => ("pipeDelimited", false),
        Some("multi") => ("form", true),
        // No later edition has this style.
        Some("tsv") => ("tabDelimited", false),
        _ => {
            notes.remark(at, &format!("the `collectionFormat` {format} is not known"), "it is read as csv");
            ("form", false)
        }
    }
}

/// The elements of an array, without how those of theirs would be written.
fn flat(mut items: Value, at: &str, notes: &mut Notes) -> Value {
    if let Value::Object(members) = &mut items
        && members.get("type").is_some_and(|name| name == "array")
    {
        notes.remark(at, "an array within an array has no form in OpenAPI 3.1", "it cannot be tested");
    }
    if let Value::Object(members) = &mut items {
        members.shift_remove("collectionFormat");
    }
    items
}

/// A header of an answer.
pub(super) fn header(header: Value, at: &str, notes: &mut Notes) -> Value {
    let Value::Object(members) = header else { return header };
    if members.contains_key("$ref") || members.contains_key("schema") {
        return members.into();
    }
    notes.moved(at, at);
    notes.moved(format!("{at}/schema"), at);
    let (mut new, style, schema) = split(members, at, notes);
    if let Some((style, explode)) = style {
        new.insert("style".to_owned(), if style == "form" { "simple" } else { style }.into());
        new.insert("explode".to_owned(), explode.into());
    }
    new.insert("schema".to_owned(), json!(schema));
    new.into()
}
