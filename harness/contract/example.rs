//! Examples and defaults: each is held to the schema beside it, because a reader trusts what is shown more than what is
//! told, and so does the suite, which sends the example as it is.

use serde_json::Value;

use super::direction::Direction;
use super::reader::{Reader, shown};
use super::resolve::References;
use crate::document::error::Flaw;
use crate::document::node::{self, Node};

/// A schema without references, ready to judge values.
pub(super) fn compiled(schema: &Value, pointer: &str) -> Result<jsonschema::Validator, Flaw> {
    jsonschema::draft202012::new(schema).map_err(|error| {
        Flaw::at(pointer, format!("is no JSON Schema that can be compiled: {}; correct it", error.masked()))
    })
}

/// An example: the value, and the text that stands for it.
pub(super) struct Example {
    pub(super) value: Value,
    /// `x-text` where it stands, else the value written out.
    pub(super) text: String,
}

/// The first example of a media type; all of them must be legal.
pub(super) fn first_example(
    references: &References<'_>,
    media: &Reader<'_>,
    validator: &jsonschema::Validator,
) -> Result<Option<Example>, Flaw> {
    let mut examples = Vec::new();
    if let Some(value) = media.get("example") {
        check(media, "example", value, validator)?;
        examples.push(Example { value: value.clone(), text: value.to_string() });
    }
    if media.get("examples").is_some() {
        if !examples.is_empty() {
            return Err(media.fault("has both `example` and `examples`; drop one"));
        }
        let named = media.object("examples")?;
        for name in named.names() {
            let (example, pointer) = references.followed(named.need(name)?, Node::Example, &named.below(name))?;
            examples.push(named_example(&Reader::new(example, &pointer)?, validator)?);
        }
    }
    Ok(examples.into_iter().next())
}

fn named_example(here: &Reader<'_>, validator: &jsonschema::Validator) -> Result<Example, Flaw> {
    here.only(&["summary", "description", "value", "x-text"], "an example")?;
    let value = here.need("value")?;
    let text = match here.text("x-text")? {
        Some(text) => {
            if serde_json::from_str::<Value>(text).ok().as_ref() != Some(value) {
                return Err(here.fault_at("x-text", "is not the same JSON as `value`; make them agree"));
            }
            text.to_owned()
        }
        None => value.to_string(),
    };
    check(here, "value", value, validator)?;
    Ok(Example { value: value.clone(), text })
}

fn check(here: &Reader<'_>, name: &str, value: &Value, validator: &jsonschema::Validator) -> Result<(), Flaw> {
    validator.validate(value).map_err(|error| {
        let place = match error.instance_path().as_str() {
            "" => String::new(),
            path => format!(" at {path}"),
        };
        here.fault_at(name, format!("breaks the schema{place}: {}; correct one of them", error.masked()))
    })
}

/// Holds every default and every example within a schema to the schema that it stands in.
pub(super) fn check_annotations(references: &References<'_>, schema: &Value, pointer: &str) -> Result<(), Flaw> {
    let Value::Object(members) = schema else { return Ok(()) };
    for keyword in ["default", "example"] {
        let Some(value) = members.get(keyword) else { continue };
        let here = Direction::Unknown.of(references.resolved(schema, Node::Schema, pointer)?, pointer)?;
        if !compiled(&here, pointer)?.is_valid(value) {
            return Err(Flaw::at(pointer, format!("the {keyword} {} is not legal there; correct it", shown(value))));
        }
    }
    let parts = node::parts(members, pointer);
    parts.iter().try_for_each(|part| check_annotations(references, part.schema, &part.pointer))
}
