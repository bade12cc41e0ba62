//! Holds the shipped contract against the facts that it was written from.
//!
//! Everything else is derived from the contract, so a slip in it is a slip everywhere, and no other
//! test can see it. `facts/tables.tsv` is a second reading of the page's tables, made apart from the
//! document: where the two differ, one of them is wrong. What no table can tell (which nulls and
//! which unknown members are legal) is held against the page's example.

use std::collections::{BTreeMap, BTreeSet};

use fencepost::Contract;
use serde_json::{Map, Value, json};

const FACTS: &str = include_str!("../facts/tables.tsv");
const OPERATION: &str = "/paths/~1v3~1tasks~1{task_id}/put";
const BODY: &str = "UpdateTaskReq";
const RESPONSE_SCHEMAS: [&str; 2] = ["Error", "UpdateTaskResp"];

/// Mandatory by the Mandatory column, but not by the prose or the example.
const DISPUTED_MANDATORY: [(&str, &str); 5] = [
    ("PostSourceServerBody", "ip"),
    ("PostSourceServerBody", "os_type"),
    ("PostSourceServerBody", "agent_version"),
    ("TargetServer", "ip"),
    ("TargetServer", "os_type"),
];

#[test]
fn the_facts_are_complete() {
    let facts = facts();
    let tables: BTreeSet<&str> = facts.iter().map(|fact| fact.table).collect();
    let schemas: BTreeSet<&str> = facts.iter().filter(|fact| fact.in_body()).map(|fact| fact.schema).collect();

    assert_eq!(facts.len(), 167, "rows");
    assert_eq!(tables.len(), 16, "tables");
    assert_eq!(schemas.len(), 14, "schemas of the body");
    assert_eq!(facts.iter().filter(|fact| fact.in_body()).count(), 165, "rows of the body");
    assert_eq!(places(&facts, BODY), 186, "places of the body");
}

#[test]
fn every_parameter_agrees_with_its_fact() {
    let contract = Contract::shipped();
    let facts = facts();
    let parameters = facts.iter().filter(|fact| !fact.in_body());
    let expected: Vec<Value> = parameters.map(Fact::parameter).collect();
    let found: Vec<Value> = array_at(contract.document(), &format!("{OPERATION}/parameters"))
        .iter()
        .map(|parameter| without(parameter, &["description", "x-notes", "x-credential", "example"]))
        .collect();

    assert_eq!(found, expected);
}

#[test]
fn every_member_agrees_with_its_fact() {
    let contract = Contract::shipped();
    let schemas = request_schemas(contract.document());
    let mut mismatches = Vec::new();
    for fact in facts().iter().filter(|fact| fact.in_body()) {
        let found = schemas
            .get(fact.schema)
            .and_then(|schema| schema["properties"].get(fact.field))
            .map(|member| without(member, &["description", "x-notes", "x-disputed"]));
        let expected = Some(fact.member());
        if expected != found {
            mismatches.push(mismatch(&fact.to_string(), expected, found));
        }
    }
    assert_none(&mismatches);
}

#[test]
fn every_object_agrees_with_its_facts() {
    let contract = Contract::shipped();
    let schemas = request_schemas(contract.document());
    let facts = facts();
    let documented = facts.iter().filter(|fact| fact.in_body()).map(|fact| fact.schema);
    let names: BTreeSet<&str> = documented.chain(schemas.keys().copied()).collect();
    let mut mismatches = Vec::new();
    for name in names {
        let expected = expected_object(&facts, name);
        let found = schemas.get(name).map(|schema| outline(schema));
        if expected != found {
            mismatches.push(mismatch(name, expected, found));
        }
    }
    assert_none(&mismatches);
}

#[test]
fn disputes_stand_where_facts_and_example_put_them() {
    let contract = Contract::shipped();
    let document = contract.document();
    let facts = facts();
    let seen = Sightings::of(&facts, example(document));
    let mut mismatches = Vec::new();
    for (name, schema) in request_schemas(document) {
        let expected = expected_of_object(&facts, &seen, name);
        mismatches.extend(compare_disputes(document, name, schema, &expected));
    }
    for fact in facts.iter().filter(|fact| fact.in_body()) {
        let member = &document["components"]["schemas"][fact.schema]["properties"][fact.field];
        let expected = expected_of_member(&seen, fact);
        mismatches.extend(compare_disputes(document, &fact.to_string(), member, &expected));
    }
    let body = at(document, &format!("{OPERATION}/requestBody"));
    mismatches.extend(compare_disputes(document, "body", body, &BTreeSet::from(["size"])));
    assert_none(&mismatches);
}

#[test]
fn the_catalogue_of_disputes_is_used_in_full_and_nothing_else_is() {
    let contract = Contract::shipped();
    let catalogue = object_at(contract.document(), "/x-disputes");
    let mut used = BTreeSet::new();
    collect_disputed(contract.document(), &mut used);
    let mut mismatches = Vec::new();
    for name in &used {
        if !catalogue.contains_key(name) {
            mismatches.push(format!("{name}: named in x-disputed, but not in x-disputes"));
        }
    }
    for (name, dispute) in catalogue {
        if !used.contains(name) {
            mismatches.push(format!("{name}: in x-disputes, but named nowhere"));
        }
        if let Err(message) = check_dispute(dispute) {
            mismatches.push(format!("{name}: {message}"));
        }
    }
    assert_none(&mismatches);
}

#[test]
fn the_example_text_and_its_value_are_the_same_json() {
    let contract = Contract::shipped();
    let text =
        at(contract.document(), &format!("{OPERATION}/requestBody/content/application~1json/examples/page/x-text"));
    let text = text.as_str().expect("the example's text is a string");
    let value: Value = serde_json::from_str(text).expect("the example's text is JSON");

    assert_eq!(&value, example(contract.document()));
    assert!(text.starts_with('{') && text.ends_with('}'), "the text runs from brace to brace");
}

#[test]
fn the_example_bears_out_the_facts() {
    let contract = Contract::shipped();
    let seen = Sightings::of(&facts(), example(contract.document()));

    assert_none(&seen.missing);
    assert_eq!(seen.nulls.len(), 11, "documented members that are null: {:?}", seen.nulls);
    assert_eq!(seen.unknown.len(), 20, "members that no table has: {:?}", seen.unknown);
}

#[test]
fn the_operation_takes_the_documented_body_and_promises_no_more_than_the_page() {
    let contract = Contract::shipped();
    let operation = at(contract.document(), OPERATION);
    let responses: Vec<&String> = object_at(operation, "/responses").keys().collect();
    let schemas = at(contract.document(), "/components/schemas");

    assert_eq!(operation["requestBody"]["required"], json!(true));
    assert_eq!(content_schema(&operation["requestBody"]), &reference(BODY));
    assert_eq!(responses, ["200", "4XX"]);
    for (status, schema, required) in
        [("200", "UpdateTaskResp", json!(["id"])), ("4XX", "Error", json!(["error_code", "error_msg"]))]
    {
        assert_eq!(content_schema(&operation["responses"][status]), &reference(schema));
        assert_eq!(schemas[schema]["required"], required, "{schema}");
    }
}

/// One row of the facts: one field of one of the page's tables.
struct Fact {
    table: &'static str,
    schema: &'static str,
    field: &'static str,
    mandatory: bool,
    kind: &'static str,
    min: &'static str,
    max: &'static str,
    default: &'static str,
    values: Vec<&'static str>,
}

impl std::fmt::Display for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.schema, self.field)
    }
}

impl Fact {
    fn parse(line: &'static str) -> Self {
        let cells: Vec<&str> = line.split('\t').collect();
        let [table, schema, field, mandatory, kind, min, max, default, values] = cells[..] else {
            panic!("a row of the facts has nine cells: {line}");
        };
        let values = values.split(',').filter(|value| !value.is_empty()).collect();
        Self { table, schema, field, mandatory: mandatory == "yes", kind, min, max, default, values }
    }

    fn in_body(&self) -> bool {
        !["path", "header"].contains(&self.schema)
    }

    /// Mandatory, and nothing on the page speaks against it.
    fn firm(&self) -> bool {
        self.mandatory && !DISPUTED_MANDATORY.contains(&(self.schema, self.field))
    }

    /// The schema that the field's type names, of its own or of its elements.
    fn refers_to(&self) -> Option<&'static str> {
        let name = self.kind.strip_prefix("Array of ").unwrap_or(self.kind);
        name.strip_suffix(" objects").or_else(|| name.strip_suffix(" object"))
    }

    fn is_object(&self) -> bool {
        self.kind.ends_with(" object")
    }

    /// Whether the field names its legal values and allows a length of 0 as well.
    fn may_be_empty(&self) -> bool {
        !self.values.is_empty() && self.kind == "String" && self.min == "0"
    }

    fn parameter(&self) -> Value {
        json!({
            "name": self.field,
            "in": self.schema,
            "required": self.mandatory,
            "x-source": self.table,
            "schema": self.keywords(false),
        })
    }

    fn member(&self) -> Value {
        match self.refers_to() {
            Some(name) if self.is_object() => reference(name),
            _ => self.keywords(!self.firm()),
        }
    }

    fn keywords(&self, nullable: bool) -> Value {
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

    fn json_type(&self) -> (&'static str, Option<&'static str>, [&'static str; 2]) {
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

    fn legal_values(&self, nullable: bool) -> Value {
        let stated = self.values.iter().map(|text| literal(text));
        let empty = self.may_be_empty().then(|| json!(""));
        stated.chain(empty).chain(nullable.then_some(Value::Null)).collect()
    }
}

/// What the example shows, object by object.
#[derive(Default)]
struct Sightings {
    /// Documented members that are null, as (schema, field).
    nulls: BTreeSet<(&'static str, &'static str)>,
    /// Members that no table has, as (schema, member), once for each time.
    unknown: Vec<(&'static str, String)>,
    /// Firmly mandatory members that are absent or null.
    missing: Vec<String>,
}

impl Sightings {
    fn of(facts: &[Fact], body: &Value) -> Self {
        let mut seen = Self::default();
        seen.visit(facts, BODY, body);
        seen
    }

    fn visit(&mut self, facts: &[Fact], schema: &'static str, value: &Value) {
        let Some(members) = value.as_object() else {
            return;
        };
        let documented: Vec<&Fact> = facts.iter().filter(|fact| fact.schema == schema).collect();
        for member in members.keys() {
            if !documented.iter().any(|fact| fact.field == member) {
                self.unknown.push((schema, member.clone()));
            }
        }
        for fact in documented {
            self.visit_member(facts, fact, members.get(fact.field));
        }
    }

    fn visit_member(&mut self, facts: &[Fact], fact: &Fact, value: Option<&Value>) {
        if fact.firm() && value.is_none_or(Value::is_null) {
            self.missing.push(format!("{fact}: firmly mandatory, but the example has none"));
        }
        let Some(value) = value else { return };
        if value.is_null() {
            self.nulls.insert((fact.schema, fact.field));
        }
        let Some(schema) = fact.refers_to() else {
            return;
        };
        for element in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
            self.visit(facts, schema, element);
        }
    }
}

fn expected_of_member(seen: &Sightings, fact: &Fact) -> BTreeSet<&'static str> {
    // An object's null is disputed in the schema that it refers to: a `$ref` stands alone.
    let null = !fact.is_object() && !fact.firm() && !seen.nulls.contains(&(fact.schema, fact.field));
    let expected = [("required", fact.mandatory && !fact.firm()), ("enum", fact.may_be_empty()), ("null", null)];
    expected.into_iter().filter_map(|(keyword, holds)| holds.then_some(keyword)).collect()
}

fn expected_of_object(facts: &[Fact], seen: &Sightings, schema: &str) -> BTreeSet<&'static str> {
    let mut expected = BTreeSet::new();
    if seen.unknown.iter().all(|(owner, _)| *owner != schema) {
        expected.insert("unknownMember");
    }
    let mut members = facts.iter().filter(|fact| fact.is_object() && fact.refers_to() == Some(schema));
    if members.any(|fact| !seen.nulls.contains(&(fact.schema, fact.field))) {
        expected.insert("null");
    }
    expected
}

/// The keywords that are disputed at a place must be the expected ones, each disputed once.
fn compare_disputes(document: &Value, place: &str, disputed: &Value, expected: &BTreeSet<&str>) -> Option<String> {
    let names = disputed["x-disputed"].as_array().map_or(&[][..], Vec::as_slice);
    let dispute = |name: &Value| &document["x-disputes"][name.as_str().unwrap_or_default()];
    let mut found: Vec<&str> = names.iter().map(dispute).map(disputed_keyword).collect();
    found.sort_unstable();
    (!found.iter().eq(expected)).then(|| format!("{place}: the facts dispute {expected:?}, the document {found:?}"))
}

fn disputed_keyword(dispute: &Value) -> &str {
    dispute["keyword"].as_str().unwrap_or("(no keyword)")
}

fn check_dispute(dispute: &Value) -> Result<(), String> {
    let keyword = dispute["keyword"].as_str().unwrap_or_default();
    let value_fits = match keyword {
        "required" | "null" | "unknownMember" => dispute.get("value").is_none(),
        "enum" => dispute["value"] == json!(""),
        "size" => dispute["value"] == json!(10_240),
        other => return Err(format!("no keyword that can be disputed: {other}")),
    };
    if !value_fits {
        return Err(format!("not the value that belongs to {keyword}"));
    }
    match dispute["reason"].as_str() {
        Some(reason) if !reason.is_empty() => Ok(()),
        _ => Err("no reason".to_owned()),
    }
}

/// Every name in every `x-disputed` list, wherever it stands.
fn collect_disputed(value: &Value, names: &mut BTreeSet<String>) {
    if let Some(disputed) = value.get("x-disputed").and_then(Value::as_array) {
        names.extend(disputed.iter().map(|name| name.as_str().unwrap_or("(no string)").to_owned()));
    }
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| collect_disputed(element, names)),
        Value::Object(members) => members.values().for_each(|member| collect_disputed(member, names)),
        _ => {}
    }
}

/// A cell as JSON: `true`, `false` and numbers are what they look like, other words are strings.
fn literal(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

fn facts() -> Vec<Fact> {
    let facts: Vec<Fact> = FACTS.lines().skip(1).map(Fact::parse).collect();
    assert!(!facts.is_empty(), "the facts have rows below their header");
    facts
}

/// How many places there are below a schema, the members of elements included.
fn places(facts: &[Fact], schema: &str) -> usize {
    let members = facts.iter().filter(|fact| fact.schema == schema);
    members.map(|fact| 1 + fact.refers_to().map_or(0, |inner| places(facts, inner))).sum()
}

/// What `outline` gives for a schema that has its facts and nothing else.
fn expected_object(facts: &[Fact], schema: &str) -> Option<Value> {
    let of_schema: Vec<&Fact> = facts.iter().filter(|fact| fact.schema == schema).collect();
    let table = of_schema.first()?.table;
    // Only an object that is itself a member may be null; the body and elements may not.
    let nullable = facts.iter().any(|fact| fact.is_object() && fact.refers_to() == Some(schema));
    let members: Vec<&str> = of_schema.iter().map(|fact| fact.field).collect();
    let firm = of_schema.iter().filter(|fact| fact.firm());
    let required: Vec<&str> = firm.map(|fact| fact.field).collect();
    let mut outline = json!({
        "type": if nullable { json!(["object", "null"]) } else { json!("object") },
        "x-source": table,
        "properties": members,
    });
    if !required.is_empty() {
        outline["required"] = json!(required);
    }
    Some(outline)
}

/// An object's schema with the names of its members, in their order, in place of the members.
fn outline(schema: &Value) -> Value {
    let mut outline = without(schema, &["description", "x-notes", "x-disputed"]);
    let members: Vec<&String> = object_at(schema, "/properties").keys().collect();
    outline["properties"] = json!(members);
    outline
}

fn mismatch(place: &str, expected: Option<Value>, found: Option<Value>) -> String {
    let [expected, found] = [expected, found].map(|side| side.map_or("nothing".to_owned(), |value| value.to_string()));
    format!("{place}:\n  the facts     {expected}\n  the document  {found}")
}

fn request_schemas(document: &Value) -> BTreeMap<&str, &Value> {
    let schemas = object_at(document, "/components/schemas").iter();
    schemas.map(|(name, schema)| (name.as_str(), schema)).filter(|(name, _)| !RESPONSE_SCHEMAS.contains(name)).collect()
}

fn example(document: &Value) -> &Value {
    at(document, &format!("{OPERATION}/requestBody/content/application~1json/examples/page/value"))
}

fn content_schema(message: &Value) -> &Value {
    at(message, "/content/application~1json/schema")
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn without(value: &Value, keys: &[&str]) -> Value {
    let mut value = value.clone();
    if let Some(members) = value.as_object_mut() {
        members.retain(|key, _| !keys.contains(&key.as_str()));
    }
    value
}

#[track_caller]
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or_else(|| panic!("the document has nothing at {pointer}"))
}

#[track_caller]
fn object_at<'a>(value: &'a Value, pointer: &str) -> &'a Map<String, Value> {
    at(value, pointer).as_object().unwrap_or_else(|| panic!("no object at {pointer}"))
}

#[track_caller]
fn array_at<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    at(value, pointer).as_array().unwrap_or_else(|| panic!("no array at {pointer}"))
}

#[track_caller]
fn assert_none(mismatches: &[String]) {
    assert!(mismatches.is_empty(), "{} mismatches:\n{}", mismatches.len(), mismatches.join("\n"));
}
