//! Media types: in Swagger 2.0 they are lists, and each body and answer is of all of them.

use serde_json::{Map, Value, json};

use crate::document::lenience::weight;
use crate::document::notes::Notes;
use crate::document::reference;
use crate::text::pointer;

/// More than any service speaks; what is said of one is said of each.
const MOST_TYPES: usize = 16;
/// A schema that is larger is written once, and referred to.
const SMALL: usize = 200;

/// The texts of a list.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    let listed = value.and_then(Value::as_array).into_iter().flatten();
    listed.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The media types of a list.
pub(super) fn types(listed: Option<&Value>, at: &str, notes: &mut Notes) -> Vec<String> {
    let mut types = texts(listed);
    if types.len() > MOST_TYPES {
        notes.remark(at, &format!("there are more than {MOST_TYPES} media types"), "the others are not tested");
        types.truncate(MOST_TYPES);
    }
    types
}

/// The `content` of these media types, which stands at `to`: each of this schema, which stood at `from`.
pub(super) fn content(
    types: &[String],
    schema: Option<Value>,
    from: &str,
    to: &str,
    notes: &mut Notes,
) -> Map<String, Value> {
    let mut content = Map::new();
    let mut next = schema;
    for name in types {
        let at = format!("{}/schema", pointer::below(to, name));
        notes.moved(at.as_str(), from);
        let mut media = Map::new();
        if let Some(schema) = next.take() {
            next = Some(if weight(&schema) > SMALL { json!({"$ref": reference::to(&at)}) } else { schema.clone() });
            media.insert("schema".to_owned(), schema);
        }
        content.insert(name.clone(), media.into());
    }
    content
}
