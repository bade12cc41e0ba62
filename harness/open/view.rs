//! A schema seen as one: references followed, and the parts of `allOf` put together.

use serde_json::{Map, Value, json};

use super::OperationReader;
use super::discriminator::told_apart;
use crate::document::{FOREIGN, UNREAD};

/// So many levels of `allOf` are put together: more than anybody inherits, and no circle gets so far.
const MOST_LEVELS: usize = 50;

/// What a schema says of one value, as far as it can be put together.
#[derive(Debug, Default, Clone)]
pub(super) struct View {
    pub(super) keywords: Map<String, Value>,
    /// Where the schemas stand that were followed on the way here.
    pub(super) trail: Vec<String>,
    /// Whether parts could not be put together: then the keywords are not all that is said.
    pub(super) is_partial: bool,
}

/// What changes nothing that is legal.
const ANNOTATIONS: [&str; 17] = [
    "title",
    "description",
    "summary",
    "example",
    "examples",
    "default",
    "deprecated",
    "externalDocs",
    "xml",
    "discriminator",
    "$comment",
    "$id",
    "$schema",
    "$defs",
    "definitions",
    "$anchor",
    "contentMediaType",
];

impl OperationReader<'_> {
    /// The view of a schema.
    pub(super) fn view(&self, schema: &Value) -> View {
        let mut view = View::default();
        self.add(schema, &mut view, &mut Vec::new(), 0);
        view
    }

    /// `open` are the references that are being followed.
    fn add(&self, schema: &Value, view: &mut View, open: &mut Vec<String>, level: usize) {
        let Value::Object(members) = schema else {
            view.is_partial |= schema == &Value::Bool(false);
            return;
        };
        if level > MOST_LEVELS {
            view.is_partial = true;
            return;
        }
        if let Some(Value::String(reference)) = members.get("$ref") {
            match self.target(reference) {
                // What was put together once says nothing more.
                Some(target) if view.trail.contains(&target) => view.is_partial |= open.contains(&target),
                Some(target) => {
                    view.trail.push(target.clone());
                    match self.document.tree().pointer(&target) {
                        Some(schema) => {
                            open.push(target);
                            self.add(schema, view, open, level);
                            open.pop();
                        }
                        None => view.is_partial = true,
                    }
                }
                None => view.is_partial = true,
            }
        }
        if let Some(Value::Array(parts)) = members.get("allOf") {
            for part in parts {
                self.add(part, view, open, level + 1);
            }
        }
        for (keyword, value) in members {
            if keyword != "$ref" && keyword != "allOf" {
                let told = told_apart(members, keyword, self.direction.get(), &|value| self.document.follow(value));
                view.put(keyword, &told.map_or_else(|| value.clone(), Value::from));
            }
        }
    }
}

impl View {
    pub(super) fn get(&self, keyword: &str) -> Option<&Value> {
        self.keywords.get(keyword)
    }

    pub(super) fn count(&self, keyword: &str) -> Option<usize> {
        let count = crate::contract::whole(self.get(keyword)?)?;
        usize::try_from(count).ok()
    }

    /// Whether a keyword says something that is legal only in part.
    pub(super) fn says(&self, keyword: &str) -> bool {
        match self.get(keyword) {
            None | Some(Value::Null) => false,
            Some(value) => {
                !matches!((keyword, value), ("uniqueItems" | "minItems" | "minProperties", value) if value == &json!(false) || value == &json!(0))
            }
        }
    }

    /// Whether it allows everything.
    pub(super) fn says_nothing(&self) -> bool {
        let is_note = |keyword: &String| ANNOTATIONS.contains(&keyword.as_str()) || keyword.starts_with("x-");
        !self.is_partial && self.keywords.keys().all(is_note)
    }

    /// The names of the types, `null` apart; nothing where no type is demanded.
    pub(super) fn types(&self) -> Option<Vec<&str>> {
        match self.get("type")? {
            Value::String(name) => Some(vec![name.as_str()].into_iter().filter(|name| *name != "null").collect()),
            Value::Array(names) => {
                Some(names.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect())
            }
            _ => None,
        }
    }

    /// Whether `null` is among the types.
    pub(super) fn is_nullable(&self) -> bool {
        match self.get("type") {
            Some(Value::String(name)) => name == "null",
            Some(Value::Array(names)) => names.iter().any(|name| name == "null"),
            _ => false,
        }
    }

    fn put(&mut self, keyword: &str, value: &Value) {
        let Some(known) = self.keywords.get_mut(keyword) else {
            self.keywords.insert(keyword.to_owned(), value.clone());
            return;
        };
        if known == value {
            return;
        }
        match (keyword, &mut *known, value) {
            ("properties" | "patternProperties", Value::Object(known), Value::Object(more)) => {
                for (name, schema) in more {
                    match known.get_mut(name) {
                        Some(both) if both != schema => *both = json!({ "allOf": [both.clone(), schema] }),
                        Some(_) => {}
                        None => drop(known.insert(name.clone(), schema.clone())),
                    }
                }
            }
            ("required" | UNREAD | FOREIGN, Value::Array(known), Value::Array(more)) => {
                let new: Vec<Value> = more.iter().filter(|name| !known.contains(name)).cloned().collect();
                known.extend(new);
            }
            ("minLength" | "minimum" | "minItems", known, value) => {
                if value.as_f64() > known.as_f64() {
                    *known = value.clone();
                }
            }
            ("maxLength" | "maximum" | "maxItems", known, value) => {
                if value.as_f64() < known.as_f64() {
                    *known = value.clone();
                }
            }
            ("readOnly" | "writeOnly", known, value) => *known = json!(known == &json!(true) || value == &json!(true)),
            (keyword, known, value) if ANNOTATIONS.contains(&keyword) || keyword.starts_with("x-") => {
                *known = value.clone();
            }
            // The judge knows both; one is enough to make values by.
            ("if" | "then" | "else" | "not" | "oneOf" | "anyOf" | "pattern" | "format" | "contains", ..) => {}
            // A part forbids the members of the others, or the two say what no one keyword says.
            _ => self.is_partial = true,
        }
    }
}
