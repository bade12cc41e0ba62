//! Which member of a refusal's body is its code: the one that the contract marks with `x-error-code: true`.

use serde_json::Value;

use super::error::Fault;
use super::reader::Reader;

const MARK: &str = "x-error-code";

/// The JSON Pointer of the code in the body of a refusal of this schema, where one is marked.
pub(super) fn error_code(schema: &Value, pointer: &str) -> Result<Option<String>, Fault> {
    let mut marked = Vec::new();
    marked_below(&Reader::new(schema, pointer)?, "", &mut marked)?;
    let seen: Vec<&str> = marked.iter().map(|(_, pointer)| pointer.as_str()).collect();
    if let Some(hidden) = first_mark(schema, pointer, &seen) {
        return Err(Fault::at(&hidden, "only a member of an object is found there; move it into `properties`"));
    }
    match &marked[..] {
        [] => Ok(None),
        [(code, _)] => Ok(Some(code.clone())),
        [_, (_, second), ..] => Err(Fault::at(second, "a second error code is not modelled; mark one")),
    }
}

/// Holds that no member of another answer's body is marked.
pub(super) fn no_error_code(schema: &Value, pointer: &str) -> Result<(), Fault> {
    match error_code(schema, pointer)? {
        None => Ok(()),
        Some(_) => Err(Fault::at(pointer, "only a refusal has an `x-error-code`; remove it")),
    }
}

/// The first mark that is somewhere else.
fn first_mark(value: &Value, pointer: &str, seen: &[&str]) -> Option<String> {
    let below = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            let pointer = below(name);
            let is_mark = name == MARK && *value != Value::Bool(false) && !seen.contains(&pointer.as_str());
            if is_mark { Some(pointer) } else { first_mark(value, &pointer, seen) }
        }),
        Value::Array(elements) => {
            elements.iter().enumerate().find_map(|(number, value)| first_mark(value, &below(&number.to_string()), seen))
        }
        _ => None,
    }
}

/// Finds the marked members, each with its place in the body and in the document.
fn marked_below(object: &Reader<'_>, body: &str, marked: &mut Vec<(String, String)>) -> Result<(), Fault> {
    if object.flag(MARK)? {
        let pointer = object.below(MARK);
        if body.is_empty() || object.get("type") != Some(&Value::from("string")) {
            return Err(Fault::at(&pointer, "only a member of type `string` can be the code of an error; move it"));
        }
        marked.push((body.to_owned(), pointer));
    }
    if object.get("properties").is_none() {
        return Ok(());
    }
    let members = object.object("properties")?;
    for name in members.names() {
        let place = format!("{body}/{}", name.replace('~', "~0").replace('/', "~1"));
        marked_below(&members.object(name)?, &place, marked)?;
    }
    Ok(())
}
