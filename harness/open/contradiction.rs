//! Why a schema allows nothing: a member that one part demands, and another forbids.

use serde_json::{Map, Value};

use super::OperationReader;
use crate::names::nearest_spelling;
use crate::text::pointer;

/// So many levels of references and `allOf` are looked through.
const MOST_LEVELS: usize = 12;

/// A part of a schema, and where it stands.
type Part<'v> = (String, &'v Map<String, Value>);

impl OperationReader<'_> {
    /// The member that must be there and may not be, and both places that say so; nothing where there is none.
    pub(super) fn contradiction(&self, schema: &Value, pointer: &str) -> Option<String> {
        let mut parts = Vec::new();
        self.gather_parts(schema, pointer, &mut parts, 0);
        let demands = parts.iter().flat_map(|(at, part)| {
            let names = part.get("required").and_then(Value::as_array).into_iter().flatten();
            names.filter_map(Value::as_str).map(move |name| (at, name))
        });
        demands.into_iter().find_map(|(demanded, name)| {
            let (forbidden, closed) = parts.iter().find(|(_, part)| forbids(part, name))?;
            let known =
                closed.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| &**name);
            let hint = nearest_spelling(name, known.map(|known| (known, known)));
            Some(format!(
                "no value can be legal: {} demands `{name}`, and `additionalProperties: false` at {} forbids it{hint}",
                self.told(demanded),
                self.told(forbidden)
            ))
        })
    }

    fn told(&self, pointer: &str) -> String {
        match self.document.line(pointer) {
            Some(line) => format!("line {line} ({pointer})"),
            None => pointer.to_owned(),
        }
    }

    fn gather_parts<'v>(&'v self, schema: &'v Value, here: &str, parts: &mut Vec<Part<'v>>, level: usize) {
        let Value::Object(members) = schema else { return };
        if level > MOST_LEVELS {
            return;
        }
        let target = members.get("$ref").and_then(Value::as_str).and_then(|reference| self.target(reference));
        if let Some(target) = target
            && let Some(schema) = self.document.tree().pointer(&target)
        {
            self.gather_parts(schema, &target, parts, level + 1);
        }
        for (number, part) in members.get("allOf").and_then(Value::as_array).into_iter().flatten().enumerate() {
            let below = pointer::below(&pointer::below(here, "allOf"), &number.to_string());
            self.gather_parts(part, &below, parts, level + 1);
        }
        parts.push((here.to_owned(), members));
    }
}

/// Whether a part knows no member of this name, and allows only those that it knows.
fn forbids(part: &Map<String, Value>, name: &str) -> bool {
    part.get("additionalProperties") == Some(&Value::Bool(false))
        && part.get("patternProperties").is_none()
        && part.get("properties").and_then(Value::as_object).is_none_or(|known| !known.contains_key(name))
}
