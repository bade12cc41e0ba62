//! Makes up the value of an answer that the document gives no example of: the stub has to answer with something.
//!
//! A guess from the plainest keywords; whether it is legal is for the validator to say.

use serde_json::{Map, Value, json};

use super::number::whole;

/// A longer text is for the document to show.
const MOST_CHARACTERS: usize = 10_000;

/// A value that the schema probably allows.
pub(super) fn sample(schema: &Value) -> Value {
    for given in ["example", "default", "const"] {
        if let Some(value) = schema.get(given) {
            return value.clone();
        }
    }
    if let Some(first) = schema.get("enum").and_then(Value::as_array).and_then(|values| values.first()) {
        return first.clone();
    }
    let named = match schema.get("type") {
        Some(Value::Array(names)) => names.first().and_then(Value::as_str),
        other => other.and_then(Value::as_str),
    };
    match named {
        Some("array") => json!([]),
        Some("string") => text(schema).into(),
        Some("integer" | "number") => schema.get("minimum").or(schema.get("maximum")).cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        _ => members(schema),
    }
}

fn text(schema: &Value) -> String {
    let bound = |name: &str| schema.get(name).and_then(whole).and_then(|length| usize::try_from(length).ok());
    // Nothing is known of these bounds, not even that one is below the other.
    let length = "sample".len().min(bound("maxLength").unwrap_or(usize::MAX)).max(bound("minLength").unwrap_or(0));
    "sample".chars().cycle().take(length.min(MOST_CHARACTERS)).collect()
}

/// The members that must be there.
fn members(schema: &Value) -> Value {
    let names = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let part =
        |name: &str| schema.get("properties").and_then(|properties| properties.get(name)).map_or(json!({}), sample);
    names.map(|name| (name.to_owned(), part(name))).collect::<Map<_, _>>().into()
}
