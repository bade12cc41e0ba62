//! A schema with all that it refers to, for the judge: one value that stands by itself, without what no validator reads.
//!
//! Read for one direction: of members that belong to the other nothing is demanded.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value, json};

use super::OperationReader;
use super::discriminator::{tags, told_apart};
use crate::contract::{CALLED_ONE_OF, Direction};
use crate::document::node::{Holds, Node};
use crate::keyword::Certainty;
use crate::text::formed::is_checked;
use crate::text::pointer;

struct Bundler<'a, 'r> {
    reading: &'a mut OperationReader<'r>,
    direction: Direction,
    /// The number of each schema that is referred to, by where it stands.
    numbers: BTreeMap<String, usize>,
    open: Vec<String>,
}

impl OperationReader<'_> {
    /// The schema by itself; `pointer` is where it stands.
    pub(super) fn bundle(&mut self, schema: &Value, direction: Direction, pointer: &str) -> Value {
        self.bundle_with_sources(schema, direction, pointer).0
    }

    /// The same, and where each of the schemas that it refers to stands in the document, by its number.
    pub(super) fn bundle_with_sources(
        &mut self,
        schema: &Value,
        direction: Direction,
        pointer: &str,
    ) -> (Value, Vec<String>) {
        let mut bundler = Bundler { reading: self, direction, numbers: BTreeMap::new(), open: Vec::new() };
        let mut whole = bundler.schema(schema, pointer);
        let mut definitions = Map::new();
        while let Some(pointer) = bundler.open.pop() {
            let number = bundler.numbers[&pointer];
            let document = bundler.reading.document;
            let target = document.tree().pointer(&pointer).cloned().unwrap_or(Value::Bool(true));
            definitions.insert(number.to_string(), bundler.schema(&target, &pointer));
        }
        if let (Value::Object(whole), false) = (&mut whole, definitions.is_empty()) {
            whole.insert("$defs".to_owned(), definitions.into());
        }
        let mut sources: Vec<(usize, String)> = bundler.numbers.into_iter().map(|(at, number)| (number, at)).collect();
        sources.sort_unstable();
        (whole, sources.into_iter().map(|(_, at)| at).collect())
    }
}

impl Bundler<'_, '_> {
    fn schema(&mut self, schema: &Value, here: &str) -> Value {
        let members = match schema {
            Value::Object(members) => members,
            Value::Bool(flag) => return Value::Bool(*flag),
            _ => {
                self.reading.remark(here, "is no schema", "nothing is demanded of this value");
                return Value::Bool(true);
            }
        };
        let mut left_out = BTreeSet::new();
        self.gather(schema, &mut left_out, &mut HashSet::new());
        let mut copy = Map::new();
        let is_defined = self.reading.formats() != Certainty::Notes;
        if let (Direction::Request, true, Some(range)) = (self.direction, is_defined, integer_range(members)) {
            copy.insert("allOf".to_owned(), json!([range]));
        }
        let (has_most, has_least) = (members.contains_key("maxContains"), members.contains_key("minContains"));
        if self.direction == Direction::Request && has_most && !has_least {
            // The validator calls too few too many where nothing says how few are enough.
            copy.insert("minContains".to_owned(), json!(1));
        }
        let beyond = self.reading.beyond(members);
        for (keyword, value) in members {
            // Of an answer nothing is demanded by what its edition has not.
            let is_foreign = self.direction == Direction::Answer && !self.reading.is_native(members, keyword);
            if is_foreign || beyond.contains(&keyword.as_str()) {
                continue;
            }
            if self.direction == Direction::Answer && keyword == "format" && !self.is_part_of_the_type(value) {
                continue;
            }
            let below = pointer::below(here, keyword);
            let told = told_apart(members, keyword, self.direction, &|value| self.reading.document.follow(value));
            let told = told.map(Value::from);
            let tags =
                (self.direction == Direction::Answer && keyword == "discriminator").then(|| tags(members)).flatten();
            let value = &told.or(tags).unwrap_or_else(|| self.lenient(members, keyword, value));
            let called = keyword;
            let keyword = &self.branches(members, called);
            if keyword != called {
                copy.insert(CALLED_ONE_OF.to_owned(), Value::Bool(true));
            }
            match (self.keyword(keyword, value, &below, &left_out), copy.get_mut(keyword)) {
                (Some(Value::Array(parts)), Some(Value::Array(known))) => known.extend(parts),
                (Some(value), _) => drop(copy.insert(keyword.clone(), value)),
                (None, _) => {}
            }
        }
        Value::Object(copy)
    }

    /// Whether texts of an answer that surely have not a format break it.
    fn is_part_of_the_type(&self, format: &Value) -> bool {
        self.reading.formats() == Certainty::Asserted && format.as_str().is_some_and(is_checked)
    }

    fn keyword(&mut self, keyword: &str, value: &Value, here: &str, left_out: &BTreeSet<String>) -> Option<Value> {
        match (keyword, value) {
            ("$ref", Value::String(reference)) => return self.reference(reference, here),
            // They name places that are others in a schema by itself.
            ("$id" | "$schema" | "$anchor" | "$dynamicAnchor" | "$dynamicRef" | "$recursiveRef" | "$vocabulary", _) => {
                return None;
            }
            ("required", Value::Array(names)) => {
                let names: BTreeSet<&str> = names.iter().filter_map(Value::as_str).collect();
                let demanded: Vec<&str> = names.into_iter().filter(|name| !left_out.contains(*name)).collect();
                return Some(json!(demanded));
            }
            _ => {}
        }
        Some(match (Node::Schema.part(keyword), value) {
            (Holds::One(Node::Schema), schema) => self.schema(schema, here),
            (Holds::Named(Node::Schema), Value::Object(named)) => {
                let is_property = keyword == "properties";
                let part = |(name, schema): (&String, &Value)| {
                    let foreign = is_property && left_out.contains(name);
                    let part = if foreign { json!({}) } else { self.schema(schema, &pointer::below(here, name)) };
                    (name.clone(), part)
                };
                named.iter().map(part).collect::<Map<_, _>>().into()
            }
            (Holds::Listed(Node::Schema), Value::Array(listed)) => {
                let part = |(index, schema)| self.schema(schema, &format!("{here}/{index}"));
                listed.iter().enumerate().map(part).collect::<Vec<_>>().into()
            }
            (_, value) => value.clone(),
        })
    }

    /// Of answers no more is demanded than is certain: null may stand among listed values where null is allowed at all.
    fn lenient(&self, members: &Map<String, Value>, keyword: &str, value: &Value) -> Value {
        let is_null = |name: &Value| name == "null";
        let types = members.get("type").and_then(Value::as_array);
        match value {
            Value::Array(listed)
                if self.direction == Direction::Answer
                    && keyword == "enum"
                    && types.is_some_and(|types| types.iter().any(is_null))
                    && !listed.contains(&Value::Null) =>
            {
                listed.iter().cloned().chain([Value::Null]).collect()
            }
            value => value.clone(),
        }
    }

    /// Where a member tells which branch is meant, that others hold as well is no mistake of an answer.
    fn branches(&self, members: &Map<String, Value>, keyword: &str) -> String {
        let has_format =
            |branch: &Value| self.reading.follow(branch).is_some_and(|branch| branch.get("format").is_some());
        let is_formed = members.get(keyword).and_then(Value::as_array).is_some_and(|all| all.iter().any(has_format));
        // A format may be all that tells two branches apart, and is no demand of an answer.
        let is_told = self.direction == Direction::Answer && (members.contains_key("discriminator") || is_formed);
        let is_free = is_told && keyword == "oneOf" && !members.contains_key("anyOf");
        if is_free { "anyOf".to_owned() } else { keyword.to_owned() }
    }

    fn reference(&mut self, reference: &str, here: &str) -> Option<Value> {
        let Some(target) = self.reading.target(reference) else {
            // Of what leads to other files that is told where they are read.
            if reference.starts_with('#') {
                let what = format!("`$ref` {reference} leads nowhere");
                self.reading.remark(here, what, "nothing is demanded of this value");
            }
            return None;
        };
        let next = self.numbers.len();
        let number = *self.numbers.entry(target.clone()).or_insert_with(|| {
            self.open.push(target);
            next
        });
        Some(json!(format!("#/$defs/{number}")))
    }

    /// The members that a schema marks as belonging to the other direction.
    fn gather(&self, schema: &Value, left_out: &mut BTreeSet<String>, seen: &mut HashSet<*const Value>) {
        let Some(followed) = self.reading.follow(schema) else { return };
        let Value::Object(members) = followed else { return };
        // One that several parts name says it once, and a circle says nothing more.
        if !seen.insert(std::ptr::from_ref(followed)) {
            return;
        }
        if let Some(Value::Object(properties)) = members.get("properties") {
            for (name, property) in properties {
                let marks = [Some(property), self.reading.follow(property)];
                if marks.into_iter().flatten().any(|schema| self.direction.leaves_out(schema)) {
                    left_out.insert(name.clone());
                }
            }
        }
        let branches = members.get("allOf").and_then(Value::as_array);
        branches.into_iter().flatten().for_each(|branch| self.gather(branch, left_out, seen));
    }
}

/// What the format of an integer says of its size.
fn integer_range(members: &Map<String, Value>) -> Option<Value> {
    let (min, max) = crate::keyword::integers_of(members.get("format")?.as_str()?)?;
    let is_number = |name: &Value| matches!(name.as_str(), Some("integer" | "number"));
    let is_integer = match members.get("type") {
        Some(Value::Array(names)) => names.iter().any(is_number),
        name => name.is_some_and(is_number),
    };
    is_integer.then(|| json!({ "minimum": min, "maximum": max }))
}
