//! What answers have shown of the schemas that are documented of them: which of their rules some value was held against, and
//! which parts no answer had.
//!
//! A node of a schema is told once, at the place where it was met first. Below branches of which it does not show at a glance
//! which one is meant nothing is told but what is broken.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::cursor::Cursor;
use crate::json::is_of_type;
use crate::rule::{Keyword, Part, Side, Step, fitting};

/// So many values of one answer are looked at.
const MOST_VALUES: usize = 1_000;
/// So many rules of the answers of one operation are told.
const MOST_RULES: usize = 2_000;
/// So many references that lead to references are followed.
const MOST_HOPS: usize = 20;
/// Of so many answers it is remembered that they were looked at.
const MOST_KNOWN: usize = 512;

/// A rule of a documented answer: what the schema of a node, or of a header, says.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerRule {
    /// The part of the answer.
    pub part: Part,
    /// The steps from there to the value.
    pub node: Arc<[Step]>,
    /// What about.
    pub keyword: Keyword,
    /// How much, or which; null where the keyword says it all.
    pub bound: Value,
    /// Where the document says so.
    pub source: String,
    /// Whether it is of answers to accepted or to refused requests.
    pub side: Side,
    /// Whether some answer was held against it.
    pub is_seen: bool,
}

/// The rules of documented answers that answers have shown so far.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<Shown>);

#[derive(Debug, Default)]
struct Shown {
    rules: Vec<AnswerRule>,
    numbers: HashMap<Key, usize>,
    /// The answers that were looked at, by their fingerprints.
    known: HashSet<u64>,
}

/// What a rule is known by: where the document says it.
type Key = (Part, String, Keyword, Side);

/// What a rule is about, and what it says.
type Said<'s> = (Keyword, &'s Value);

impl Seen {
    /// All of them, in the order in which they were shown.
    pub(super) fn rules(&self) -> Vec<AnswerRule> {
        self.shown().rules.clone()
    }

    /// Takes up a body that was held against its schema.
    pub(super) fn take(&self, part: Part, side: Side, root: Cursor<'_>, body: &Value, fingerprint: u64) {
        let mut shown = self.shown();
        if shown.known.len() < MOST_KNOWN && !shown.known.insert(fingerprint) {
            return;
        }
        Look { shown: &mut shown, part, side, left: MOST_VALUES }.value(root, body);
    }

    /// Takes up a part that an answer did not have.
    pub(super) fn miss(&self, part: Part, side: Side, root: Cursor<'_>) {
        Look { shown: &mut self.shown(), part, side, left: MOST_VALUES }.absent(root);
    }

    /// Takes up one rule that an answer was held against.
    pub(super) fn note(&self, rule: AnswerRule) {
        self.shown().note(rule);
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    fn note(&mut self, rule: AnswerRule) {
        let key = (rule.part, rule.source.clone(), rule.keyword, rule.side);
        match self.numbers.get(&key) {
            Some(number) => {
                let known = &mut self.rules[*number];
                if rule.is_seen && !known.is_seen {
                    *known = rule;
                }
            }
            None if self.rules.len() < MOST_RULES => {
                self.numbers.insert(key, self.rules.len());
                self.rules.push(rule);
            }
            None => {}
        }
    }
}

/// A look at one answer.
struct Look<'a> {
    shown: &'a mut Shown,
    part: Part,
    side: Side,
    /// How many values may still be looked at.
    left: usize,
}

impl Look<'_> {
    fn note(&mut self, cursor: &Cursor<'_>, keyword: Keyword, bound: &Value, is_seen: bool) {
        let keyword = cursor.called(keyword.as_str()).parse().unwrap_or(keyword);
        let bound = super::broken::shown(keyword, bound.clone());
        let (part, side, source) = (self.part, self.side, cursor.source.clone());
        let rule = AnswerRule { part, node: cursor.node.clone().into(), keyword, bound, source, side, is_seen };
        self.shown.note(rule);
    }

    fn value(&mut self, mut cursor: Cursor<'_>, value: &Value) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        let mut entered = 0;
        while cursor.says("$ref").is_some() {
            // Beside a reference others say more of the same value.
            self.here(&cursor, value);
            if entered == MOST_HOPS || !cursor.follow() {
                return;
            }
            entered += 1;
        }
        self.here(&cursor, value);
    }

    fn here(&mut self, cursor: &Cursor<'_>, value: &Value) {
        let Value::Object(schema) = cursor.here else { return };
        let is_mistyped = !has_type(schema, value);
        for (keyword, bound) in said(schema).filter(|(keyword, _)| concerns(*keyword, value)) {
            // Of a value of another type nothing else is known.
            if !is_mistyped || keyword == Keyword::Type {
                self.note(cursor, keyword, bound, true);
            }
        }
        if is_mistyped {
            return;
        }
        for number in 0..listed(schema, "allOf") {
            if let Some(inner) = cursor.below("allOf", Some(&number.to_string()), None) {
                self.value(inner, value);
            }
        }
        for keyword in ["oneOf", "anyOf"] {
            if let Some(inner) = meant(cursor, keyword, value) {
                self.value(inner, value);
            }
        }
        match value {
            Value::Object(members) => self.members(cursor, schema, members),
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate().take(listed(schema, "prefixItems")) {
                    let step = Some(Step::Index(index));
                    if let Some(inner) = cursor.below("prefixItems", Some(&index.to_string()), step) {
                        self.value(inner, element);
                    }
                }
                let Some(inner) = cursor.below("items", None, Some(Step::Element)) else { return };
                if elements.is_empty() {
                    self.absent(inner);
                    return;
                }
                let first = listed(schema, "prefixItems");
                for element in elements.iter().skip(first) {
                    self.value(inner.clone(), element);
                }
            }
            _ => {}
        }
    }

    fn members(&mut self, cursor: &Cursor<'_>, schema: &Map<String, Value>, members: &Map<String, Value>) {
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        for name in required.filter_map(Value::as_str) {
            let mut inner = cursor.clone();
            inner.node.push(Step::member(name));
            let (part, side) = (self.part, self.side);
            let source = format!("{} {name}", inner.source);
            let node = inner.node.into();
            let (keyword, bound) = (Keyword::Required, Value::Bool(true));
            let rule = AnswerRule { part, node, keyword, bound, source, side, is_seen: true };
            self.shown.note(rule);
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for name in properties.into_iter().flat_map(Map::keys) {
            let Some(inner) = cursor.below("properties", Some(name), Some(Step::member(name))) else { continue };
            match members.get(name) {
                Some(value) => self.value(inner, value),
                None => self.absent(inner),
            }
        }
        let mut known = Vec::new();
        for pattern in schema.get("patternProperties").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
            let step = Step::Pattern(pattern.as_str().into());
            let Some(inner) = cursor.below("patternProperties", Some(pattern), Some(step)) else { continue };
            let is_one = fitting(pattern);
            for name in members.keys().filter(|name| is_one(name)) {
                known.push(name);
                self.value(inner.clone(), &members[name]);
            }
        }
        if let Some(inner) = cursor.below("additionalProperties", None, Some(Step::Value)) {
            let is_known = |name: &str| properties.is_some_and(|properties| properties.contains_key(name));
            let is_other = |name: &&String| !is_known(name) && !known.contains(name);
            for name in members.keys().filter(is_other) {
                self.value(inner.clone(), &members[name]);
            }
        }
    }

    /// A part that this answer has not: it is told by the first thing that is said of it.
    fn absent(&mut self, mut cursor: Cursor<'_>) {
        let mut entered = 0;
        while cursor.says("$ref").is_some() && entered < MOST_HOPS && cursor.follow() {
            entered += 1;
        }
        let Value::Object(schema) = cursor.here else { return };
        let first = said(schema).next();
        let inner = || cursor.below("allOf", Some("0"), None);
        match first {
            Some((keyword, bound)) => self.note(&cursor, keyword, bound, false),
            None if entered < MOST_HOPS => {
                if let Some(inner) = inner().filter(|_| self.left > 0) {
                    self.left -= 1;
                    self.absent(inner);
                }
            }
            None => {}
        }
    }
}

/// What a schema says of one value, by the keywords of which there are rules.
fn said(schema: &Map<String, Value>) -> impl Iterator<Item = Said<'_>> {
    let is_ours = |keyword: &Keyword| {
        matches!(
            keyword,
            Keyword::Type
                | Keyword::Enum
                | Keyword::Const
                | Keyword::MinLength
                | Keyword::MaxLength
                | Keyword::Pattern
                | Keyword::Format
                | Keyword::Minimum
                | Keyword::Maximum
                | Keyword::ExclusiveMinimum
                | Keyword::ExclusiveMaximum
                | Keyword::MultipleOf
                | Keyword::MinItems
                | Keyword::MaxItems
                | Keyword::UniqueItems
                | Keyword::Contains
                | Keyword::PrefixItems
                | Keyword::MinProperties
                | Keyword::MaxProperties
                | Keyword::PropertyNames
                | Keyword::DependentRequired
                | Keyword::OneOf
                | Keyword::AnyOf
                | Keyword::Not
        )
    };
    let closed = schema.get("additionalProperties").filter(|value| *value == &Value::Bool(false));
    let ours = Keyword::ALL.iter().copied().filter(is_ours);
    let said = ours.filter_map(|keyword| Some((keyword, schema.get(keyword.as_str())?)));
    said.chain(closed.map(|closed| (Keyword::UnknownMember, closed)))
}

/// Whether a keyword says anything of a value of this type.
fn concerns(keyword: Keyword, value: &Value) -> bool {
    match keyword {
        Keyword::MinLength | Keyword::MaxLength | Keyword::Pattern | Keyword::Format => value.is_string(),
        Keyword::Minimum
        | Keyword::Maximum
        | Keyword::ExclusiveMinimum
        | Keyword::ExclusiveMaximum
        | Keyword::MultipleOf => value.is_number(),
        Keyword::MinItems | Keyword::MaxItems | Keyword::UniqueItems | Keyword::Contains | Keyword::PrefixItems => {
            value.is_array()
        }
        Keyword::MinProperties
        | Keyword::MaxProperties
        | Keyword::PropertyNames
        | Keyword::DependentRequired
        | Keyword::UnknownMember => value.is_object(),
        _ => true,
    }
}

fn listed(schema: &Map<String, Value>, keyword: &str) -> usize {
    schema.get(keyword).and_then(Value::as_array).map_or(0, Vec::len)
}

/// The one branch that a value can be at a glance: by the member that is there for it, else by its type, by what it must hold and
/// by values that are there to tell branches apart.
fn meant<'s>(cursor: &Cursor<'s>, keyword: &str, value: &Value) -> Option<Cursor<'s>> {
    let count = cursor.says(keyword).and_then(Value::as_array).map_or(0, Vec::len);
    let branch = |number: usize| {
        let number = number.to_string();
        cursor.below(keyword, Some(&number), Some(cursor.branch(keyword, &number)))
    };
    if let Some(number) = super::broken::tagged(cursor.here, value) {
        return branch(number);
    }
    let mut possible = (0..count).filter_map(branch).filter(|branch| may_be(branch.clone(), value, 0));
    possible.next().filter(|_| possible.next().is_none())
}

/// Whether nothing at a glance speaks against it that a value is of a schema.
fn may_be(mut cursor: Cursor<'_>, value: &Value, level: usize) -> bool {
    if level > 3 {
        return true;
    }
    if cursor.says("$ref").is_some() && (!cursor.follow() || cursor.says("$ref").is_some()) {
        return true;
    }
    let Value::Object(schema) = cursor.here else { return cursor.here != &Value::Bool(false) };
    let is_listed = |schema: &Map<String, Value>, value: &Value| {
        let is_in = |listed: &Value| listed.as_array().is_none_or(|listed| listed.contains(value));
        schema.get("enum").is_none_or(is_in) && schema.get("const").is_none_or(|one| one == value)
    };
    let has_members = value.as_object().is_none_or(|members| {
        let mut required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let mut properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        required.all(|name| name.as_str().is_none_or(|name| members.contains_key(name)))
            && properties.all(|(name, property)| match (members.get(name), property) {
                (Some(value), Value::Object(property)) => is_listed(property, value),
                _ => true,
            })
    });
    let parts = (0..listed(schema, "allOf")).filter_map(|at| cursor.below("allOf", Some(&at.to_string()), None));
    has_type(schema, value)
        && is_listed(schema, value)
        && has_members
        && parts.into_iter().all(|part| may_be(part, value, level + 1))
}

/// Whether a value is of a type that a schema allows.
fn has_type(schema: &Map<String, Value>, value: &Value) -> bool {
    let is_of = |name: &Value| name.as_str().is_none_or(|name| is_of_type(value, name));
    match schema.get("type") {
        Some(Value::Array(names)) => names.iter().any(is_of),
        Some(name) => is_of(name),
        None => true,
    }
}
