//! How much a validator has to do: branches that refer to branches may be some lines in a document, and millions of steps for
//! one value.

use serde_json::Value;

/// So many steps may be taken for a value whatever it holds, and for each value in it.
const STEPS: usize = 20_000;
const STEPS_A_VALUE: usize = 50;

/// So deep schemas may refer to each other for one value.
const MOST_LEVELS: usize = 400;

/// Whether to hold a value against a schema, with all that it refers to, takes more steps than are taken.
pub(crate) fn is_too_much(schema: &Value, value: &Value) -> bool {
    let mut count = Count { root: schema, left: STEPS.saturating_add(values(value).saturating_mul(STEPS_A_VALUE)) };
    count.step(schema, value, 0).is_none()
}

/// How many values it holds, itself among them.
fn values(value: &Value) -> usize {
    match value {
        Value::Array(elements) => 1 + elements.iter().map(values).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(values).sum::<usize>(),
        _ => 1,
    }
}

struct Count<'a> {
    root: &'a Value,
    left: usize,
}

impl Count<'_> {
    /// Takes the steps that this schema costs for this value; nothing where they are not left.
    fn step(&mut self, schema: &Value, value: &Value, level: usize) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        let Value::Object(keywords) = schema else { return Some(()) };
        if level > MOST_LEVELS {
            return None;
        }
        for (keyword, said) in keywords {
            match (keyword.as_str(), value) {
                ("$ref", _) => {
                    let target = said.as_str().and_then(|reference| reference.strip_prefix('#'));
                    if let Some(target) = target.and_then(|target| self.root.pointer(target)) {
                        self.step(target, value, level + 1)?;
                    }
                }
                ("properties", Value::Object(members)) => {
                    for (name, schema) in said.as_object().into_iter().flatten() {
                        if let Some(member) = members.get(name) {
                            self.step(schema, member, level + 1)?;
                        }
                    }
                }
                ("additionalProperties" | "unevaluatedProperties", Value::Object(members)) => {
                    for member in members.values() {
                        self.step(said, member, level + 1)?;
                    }
                }
                ("patternProperties", Value::Object(members)) => {
                    for schema in said.as_object().into_iter().flatten().map(|(_, schema)| schema) {
                        for member in members.values() {
                            self.step(schema, member, level + 1)?;
                        }
                    }
                }
                ("items" | "contains" | "unevaluatedItems", Value::Array(elements)) => {
                    for element in elements {
                        self.step(said, element, level + 1)?;
                    }
                }
                ("prefixItems", Value::Array(elements)) => {
                    for (schema, element) in said.as_array().into_iter().flatten().zip(elements) {
                        self.step(schema, element, level + 1)?;
                    }
                }
                ("allOf" | "anyOf" | "oneOf", _) => {
                    for schema in said.as_array().into_iter().flatten() {
                        self.step(schema, value, level + 1)?;
                    }
                }
                ("not" | "if" | "then" | "else", _) => self.step(said, value, level + 1)?,
                ("dependentSchemas", Value::Object(members)) => {
                    for (name, schema) in said.as_object().into_iter().flatten() {
                        if members.contains_key(name) {
                            self.step(schema, value, level + 1)?;
                        }
                    }
                }
                _ => {}
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Branches that refer to branches, so many levels deep.
    fn doubled(keyword: &str, levels: usize) -> Value {
        let two = |level: usize| json!({keyword: [{"$ref": format!("#/$defs/{level}")}, {"$ref": format!("#/$defs/{level}")}]});
        let mut definitions: serde_json::Map<String, Value> =
            (0..levels).map(|level| (level.to_string(), two(level + 1))).collect();
        definitions.insert(levels.to_string(), json!({"type": "integer"}));
        json!({"$ref": "#/$defs/0", "$defs": definitions})
    }

    #[test]
    fn branches_of_branches_are_too_much_and_long_lists_are_not() {
        for keyword in ["anyOf", "oneOf", "allOf"] {
            assert!(!is_too_much(&doubled(keyword, 8), &json!(1)), "{keyword}");
            assert!(is_too_much(&doubled(keyword, 24), &json!(1)), "{keyword}");
        }
        let list = json!({"items": {"properties": {"a": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}}});
        assert!(!is_too_much(&list, &json!(vec![json!({"a": 1}); 20_000])));
        // What refers to itself costs what the value holds.
        let tree = json!({"properties": {"next": {"$ref": "#"}}});
        assert!(!is_too_much(&tree, &json!({"next": {"next": {"next": {}}}})));
        let both = json!({"anyOf": [{"properties": {"next": {"$ref": "#"}}}, {"properties": {"next": {"$ref": "#"}}}]});
        let deep = (0..30).fold(json!({}), |inner, _| json!({"next": inner}));
        assert!(is_too_much(&both, &deep));
        assert!(is_too_much(&json!({"allOf": [{"$ref": "#"}]}), &json!(1)), "it refers to itself and to nothing else");
    }
}
