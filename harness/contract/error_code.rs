//! Which member of a refusal's body is its code: the one that the contract marks with `x-error-code: true`.

use serde_json::Value;

use super::reader::Reader;
use crate::document::error::Flaw;
use crate::document::node;
use crate::text::pointer;

const MARK: &str = "x-error-code";

/// The JSON Pointer of the code in the body of a refusal of this schema, where one is marked.
pub(super) fn error_code(schema: &Value, pointer: &str) -> Result<Option<String>, Flaw> {
    let mut marked = Vec::new();
    marked_below(&Reader::new(schema, pointer)?, "", &mut marked)?;
    let seen: Vec<&str> = marked.iter().map(|(_, pointer)| pointer.as_str()).collect();
    if let Some(hidden) = first_mark(schema, pointer, &seen) {
        return Err(Flaw::at(&hidden, "only a member of an object is found there; move it into `properties`"));
    }
    match &marked[..] {
        [] => Ok(None),
        [(code, _)] => Ok(Some(code.clone())),
        [_, (_, second), ..] => Err(Flaw::at(second, "a second error code is not modelled; mark one")),
    }
}

/// Holds that no member of another answer's body is marked.
pub(super) fn no_error_code(schema: &Value, pointer: &str) -> Result<(), Flaw> {
    match error_code(schema, pointer)? {
        None => Ok(()),
        Some(_) => Err(Flaw::at(pointer, "only a refusal has an `x-error-code`; remove it")),
    }
}

/// The first mark that is somewhere else; one that a value of the document happens to hold means nothing.
fn first_mark(schema: &Value, pointer: &str, seen: &[&str]) -> Option<String> {
    let Value::Object(members) = schema else { return None };
    let mark = pointer::below(pointer, MARK);
    let is_set = members.get(MARK).is_some_and(|value| *value != Value::Bool(false));
    if is_set && !seen.contains(&mark.as_str()) {
        return Some(mark);
    }
    node::parts(members, pointer).iter().find_map(|part| first_mark(part.schema, &part.pointer, seen))
}

/// Finds the marked members, each with its place in the body and in the document.
fn marked_below(object: &Reader<'_>, body: &str, marked: &mut Vec<(String, String)>) -> Result<(), Flaw> {
    if object.flag(MARK)? {
        let pointer = object.below(MARK);
        if body.is_empty() || object.get("type") != Some(&Value::from("string")) {
            return Err(Flaw::at(&pointer, "only a member of type `string` can be the code of an error; move it"));
        }
        marked.push((body.to_owned(), pointer));
    }
    if object.get("properties").is_none() {
        return Ok(());
    }
    let members = object.object("properties")?;
    for name in members.names() {
        marked_below(&members.object(name)?, &pointer::below(body, name), marked)?;
    }
    Ok(())
}
