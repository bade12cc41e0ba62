//! The facts: each row of the page's tables, and what a schema of the document says that has it.

use serde_json::{Map, Value, json};

use super::reference;

const FACTS: &str = include_str!("../../facts/tables.tsv");

/// Mandatory by the Mandatory column, but not by the prose or the example.
const DISPUTED_MANDATORY: [(&str, &str); 5] = [
    ("PostSourceServerBody", "ip"),
    ("PostSourceServerBody", "os_type"),
    ("PostSourceServerBody", "agent_version"),
    ("TargetServer", "ip"),
    ("TargetServer", "os_type"),
];

/// One row of the facts: one field of one of the page's tables.
pub(super) struct Fact {
    pub(super) table: &'static str,
    pub(super) schema: &'static str,
    pub(super) field: &'static str,
    pub(super) mandatory: bool,
    pub(super) kind: &'static str,
    pub(super) min: &'static str,
    pub(super) max: &'static str,
    pub(super) default: &'static str,
    pub(super) values: Vec<&'static str>,
}

impl std::fmt::Display for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.schema, self.field)
    }
}

impl Fact {
    pub(super) fn parse(line: &'static str) -> Self {
        let cells: Vec<&str> = line.split('\t').collect();
        let [table, schema, field, mandatory, kind, min, max, default, values] = cells[..] else {
            panic!("a row of the facts has nine cells: {line}");
        };
        let values = values.split(',').filter(|value| !value.is_empty()).collect();
        Self { table, schema, field, mandatory: mandatory == "yes", kind, min, max, default, values }
    }

    pub(super) fn in_body(&self) -> bool {
        !["path", "header"].contains(&self.schema)
    }

    /// Mandatory, and nothing on the page speaks against it.
    pub(super) fn firm(&self) -> bool {
        self.mandatory && !DISPUTED_MANDATORY.contains(&(self.schema, self.field))
    }

    /// The schema that the field's type names, of its own or of its elements.
    pub(super) fn refers_to(&self) -> Option<&'static str> {
        let name = self.kind.strip_prefix("Array of ").unwrap_or(self.kind);
        name.strip_suffix(" objects").or_else(|| name.strip_suffix(" object"))
    }

    pub(super) fn is_object(&self) -> bool {
        self.kind.ends_with(" object")
    }

    /// Whether the field names its legal values and allows a length of 0 as well.
    pub(super) fn may_be_empty(&self) -> bool {
        !self.values.is_empty() && self.kind == "String" && self.min == "0"
    }

    pub(super) fn parameter(&self) -> Value {
        json!({
            "name": self.field,
            "in": self.schema,
            "required": self.mandatory,
            "x-source": self.table,
            "schema": self.keywords(false),
        })
    }

    pub(super) fn member(&self) -> Value {
        match self.refers_to() {
            Some(name) if self.is_object() => reference(name),
            _ => self.keywords(!self.firm()),
        }
    }

    pub(super) fn keywords(&self, nullable: bool) -> Value {
        let (name, format, bounds) = self.json_type();
        let mut keywords = Map::new();
        let mut put = |key: &str, value: Value| keywords.insert(key.to_owned(), value);
        put("type", if nullable { json!([name, "null"]) } else { json!(name) });
        if let Some(format) = format {
            put("format", json!(format));
        }
        if name == "array" {
            put("items", self.refers_to().map_or_else(|| json!({"type": "string"}), reference));
        }
        for (key, text) in [(bounds[0], self.min), (bounds[1], self.max), ("default", self.default)] {
            if !text.is_empty() {
                put(key, literal(text));
            }
        }
        if !self.values.is_empty() {
            put("enum", self.legal_values(nullable));
        }
        Value::Object(keywords)
    }

    pub(super) fn json_type(&self) -> (&'static str, Option<&'static str>, [&'static str; 2]) {
        const LENGTHS: [&str; 2] = ["minLength", "maxLength"];
        const VALUES: [&str; 2] = ["minimum", "maximum"];
        match self.kind {
            "String" => ("string", None, LENGTHS),
            "Boolean" => ("boolean", None, VALUES),
            "Integer" => ("integer", None, VALUES),
            "Long" => ("integer", Some("int64"), VALUES),
            "Double" => ("number", Some("double"), VALUES),
            array if array.starts_with("Array of ") => ("array", None, VALUES),
            other => panic!("{self}: a type that this test does not know: {other}"),
        }
    }

    pub(super) fn legal_values(&self, nullable: bool) -> Value {
        let stated = self.values.iter().map(|text| literal(text));
        let empty = self.may_be_empty().then(|| json!(""));
        stated.chain(empty).chain(nullable.then_some(Value::Null)).collect()
    }
}

/// A cell as JSON: `true`, `false` and numbers are what they look like, other words are strings.
pub(super) fn literal(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

pub(super) fn facts() -> Vec<Fact> {
    let facts: Vec<Fact> = FACTS.lines().skip(1).map(Fact::parse).collect();
    assert!(!facts.is_empty(), "the facts have rows below their header");
    facts
}
