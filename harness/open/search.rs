//! Legal values where none is made up straight away: drawn from what every part of a schema says, and picked by the judge.
//!
//! Parts may speak of the same value: ranges that overlap, patterns that must all be found, what one member demands of another.
//! None of them makes a value that keeps all. So candidates are drawn from each part by itself, and from the ends of all of
//! them together; their number is bounded.

use std::cell::Cell;

use serde_json::{Map, Value, json};

use super::OperationReader;
use crate::keyword::{self, Said};

/// So many parts of one value are told apart.
const MOST_PARTS: usize = 24;
/// So deep candidates of what stands in a value are drawn.
const MOST_LEVELS: usize = 3;
/// So many values, and parts of values, candidates are drawn for.
const MOST_SEARCHED: usize = 500;
/// So many candidates are tried.
const MOST_TRIES: usize = 800;
/// So many candidates of a member are put beside those of others.
const MOST_VALUES: usize = 12;
/// So many objects are made of the same members.
const MOST_MIXTURES: usize = 300;
/// Texts put together from several patterns are no longer.
const MOST_LETTERS: usize = 1_000;
/// So many texts are drawn of one part.
const MOST_TEXTS: usize = 40;
/// So many legal values are looked for.
const WANTED: usize = 2;

/// What one part says, and whether it holds of every value.
type Part = (Map<String, Value>, bool);

impl OperationReader<'_> {
    /// Legal values among those that the parts of a schema suggest, by this judge.
    pub(super) fn searched(&self, schema: &Value, is_legal: &dyn Fn(&Value) -> bool) -> Vec<Value> {
        let left = Cell::new(MOST_SEARCHED);
        let all = self.candidates(&[schema], 0, &left).into_iter().take(MOST_TRIES);
        all.filter(|value| is_legal(value)).take(WANTED).collect()
    }

    fn candidates(&self, schemas: &[&Value], level: usize, left: &Cell<usize>) -> Vec<Value> {
        let Some(rest) = left.get().checked_sub(1) else { return Vec::new() };
        left.set(rest);
        let mut parts = Vec::new();
        for schema in schemas {
            self.parts(schema, true, &mut parts, 0);
        }
        let mut all: Vec<Value> = Vec::new();
        for (part, _) in &parts {
            let list = |keyword: &str| part.get(keyword).and_then(Value::as_array).into_iter().flatten();
            let one = |keyword: &str| part.get(keyword);
            all.extend(one("const").into_iter().chain(one("example")).chain(one("default")).cloned());
            all.extend(list("examples").chain(list("enum")).cloned());
        }
        let allows = |name: &str| {
            let sure = parts.iter().filter(|(_, is_sure)| *is_sure).filter_map(|(part, _)| part.get("type"));
            sure.into_iter().all(|types| match types {
                Value::String(one) => one == name || (one == "number" && name == "integer"),
                Value::Array(many) => many.iter().any(|one| one == name),
                _ => true,
            })
        };
        if allows("string") {
            all.extend(texts(&parts).into_iter().map(Value::String));
        }
        if allows("integer") || allows("number") {
            all.extend(numbers(&parts));
        }
        if allows("boolean") {
            all.extend([json!(true), json!(false)]);
        }
        if allows("array") {
            all.extend(self.arrays(&parts, level, left));
        }
        if allows("object") {
            all.extend(self.objects(&parts, level, left));
        }
        let mut different: Vec<Value> = Vec::new();
        for value in all {
            // Of what stands in a value fewer are put together.
            let most = if level == 0 { MOST_TRIES } else { 4 * MOST_VALUES };
            if different.len() < most && !different.contains(&value) {
                different.push(value);
            }
        }
        different
    }

    /// All that speaks of the same value as a schema.
    fn parts(&self, schema: &Value, is_sure: bool, parts: &mut Vec<Part>, level: usize) {
        let Some(Value::Object(members)) = self.follow(schema) else { return };
        if level > MOST_LEVELS || parts.len() >= MOST_PARTS {
            return;
        }
        parts.push((members.clone(), is_sure));
        if schema.get("$ref").is_some()
            && let Value::Object(beside) = schema
        {
            parts.push((beside.clone(), is_sure));
        }
        for keyword in ["allOf", "oneOf", "anyOf"] {
            for part in members.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                self.parts(part, is_sure && keyword == "allOf", parts, level + 1);
            }
        }
        for keyword in ["if", "then", "else"] {
            if let Some(part) = members.get(keyword) {
                self.parts(part, false, parts, level + 1);
            }
        }
    }

    fn arrays(&self, parts: &[Part], level: usize, left: &Cell<usize>) -> Vec<Value> {
        let of = |keyword: &str| -> Vec<&Value> {
            parts.iter().filter_map(|(part, _)| part.get(keyword)).filter(|schema| schema.is_object()).collect()
        };
        let (items, contains) = (of("items"), of("contains"));
        if level >= MOST_LEVELS || (items.is_empty() && contains.is_empty()) {
            return vec![json!([]), json!(["sample"])];
        }
        let least = greatest(parts, "minItems").max(greatest(parts, "minContains")).clamp(1, MOST_VALUES);
        let both: Vec<&Value> = contains.iter().chain(&items).copied().collect();
        let held = if contains.is_empty() { Vec::new() } else { self.candidates(&both, level + 1, left) };
        let elements = self.candidates(&items, level + 1, left);
        let mut all = vec![json!([])];
        let known = || held.iter().take(MOST_VALUES).chain(elements.iter().take(MOST_VALUES));
        all.extend(known().map(|element| Value::from(vec![element.clone(); least])));
        for one in known() {
            let others = known().filter(|other| *other != one).take(least.saturating_sub(1)).cloned();
            all.push(std::iter::once(one.clone()).chain(others).collect());
        }
        // Some that are held, and others.
        for count in 1..least {
            if let (Some(one), Some(other)) = (held.first(), elements.last()) {
                let rest = vec![other.clone(); least - count];
                all.push(std::iter::repeat_n(one.clone(), count).chain(rest).collect());
            }
        }
        all
    }

    fn objects(&self, parts: &[Part], level: usize, left: &Cell<usize>) -> Vec<Value> {
        let mut all = vec![json!({})];
        let mut names: Vec<&String> = Vec::new();
        for (part, _) in parts {
            let described = part.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys);
            names.extend(described.filter(|name| !names.contains(name)).collect::<Vec<_>>());
        }
        if level >= MOST_LEVELS || names.is_empty() {
            return all;
        }
        let is_left_out = |name: &str| {
            let schemas = parts.iter().filter_map(|(part, _)| part.get("properties")?.get(name));
            schemas.filter_map(|schema| self.follow(schema)).any(|schema| self.direction.get().leaves_out(schema))
        };
        names.retain(|name| !is_left_out(name));
        let values: Vec<(&String, Vec<Value>)> = names
            .iter()
            .map(|name| {
                let own = parts.iter().filter_map(|(part, _)| part.get("properties")?.get(*name));
                let patterns = parts.iter().filter_map(|(part, _)| part.get("patternProperties")?.as_object());
                let schemas: Vec<&Value> = own.chain(patterns.flat_map(Map::values)).collect();
                (*name, self.candidates(&schemas, level + 1, left))
            })
            .filter(|(_, values)| !values.is_empty())
            .collect();
        let is_required = |name: &str, only_sure: bool| {
            let parts = parts.iter().filter(|(_, is_sure)| *is_sure || !only_sure);
            let required = parts.filter_map(|(part, _)| part.get("required")?.as_array()).flatten();
            required.into_iter().any(|required| required == name)
        };
        let set = |is_there: &dyn Fn(&str) -> bool| -> Vec<&(&String, Vec<Value>)> {
            values.iter().filter(|(name, _)| is_there(name)).collect()
        };
        let mut sets = vec![set(&|name| is_required(name, true)), set(&|name| is_required(name, false))];
        sets.extend(names.iter().map(|one| set(&|name| is_required(name, true) || name == *one)));
        sets.push(set(&|_| true));
        // Each set gets its turn: the first mixtures of all, then more.
        let mixed: Vec<Vec<Value>> = sets.iter().map(|set| mixtures(set)).collect();
        for number in 0..MOST_MIXTURES {
            all.extend(mixed.iter().filter_map(|mixed| mixed.get(number).cloned()));
        }
        all
    }
}

/// Objects of these members, with the first candidates of each.
fn mixtures(members: &[&(&String, Vec<Value>)]) -> Vec<Value> {
    let mut each = MOST_VALUES;
    while each > 2 && u32::try_from(members.len()).is_ok_and(|count| each.saturating_pow(count) > MOST_MIXTURES) {
        each -= 1;
    }
    let mut all = vec![Map::new()];
    for (name, values) in members {
        let with = |value: &Value| {
            let with_it = |object: &Map<String, Value>| {
                let mut object = object.clone();
                object.insert((*name).clone(), value.clone());
                object
            };
            all.iter().map(with_it).collect::<Vec<_>>()
        };
        let mixed: Vec<Map<String, Value>> = values.iter().take(each).flat_map(with).take(MOST_MIXTURES).collect();
        all = mixed;
    }
    all.into_iter().map(Value::Object).collect()
}

/// The greatest of what the parts say under a keyword that counts.
fn greatest(parts: &[Part], keyword: &str) -> usize {
    let counts = parts.iter().filter_map(|(part, _)| crate::contract::whole(part.get(keyword)?));
    counts.filter_map(|count| usize::try_from(count).ok()).max().unwrap_or(0)
}

/// Texts of each part, of lengths around what all say, and those of every pattern one after the other.
fn texts(parts: &[Part]) -> Vec<String> {
    let least = greatest(parts, "minLength");
    let drawn = |part: &Map<String, Value>| {
        let mut part = part.clone();
        part.remove("enum");
        part.remove("const");
        let many = keyword::drawn_many(&Said { keywords: &part, types: Some(vec!["string"]) }, MOST_TEXTS);
        many.into_iter().filter_map(|text| text.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let of_parts: Vec<Vec<String>> = parts
        .iter()
        .filter(|(part, _)| ["pattern", "format", "minLength", "maxLength"].iter().any(|word| part.contains_key(*word)))
        .map(|(part, _)| {
            let mut part = part.clone();
            if least > 0 {
                part.insert("minLength".to_owned(), json!(least));
            }
            drawn(&part)
        })
        .collect();
    let mut all: Vec<String> = of_parts.iter().flat_map(|texts| texts.iter().take(3).cloned()).collect();
    let shortest = parts.iter().filter(|(part, _)| part.contains_key("pattern")).filter_map(|(part, _)| {
        let mut alone = Map::new();
        alone.insert("pattern".to_owned(), part.get("pattern")?.clone());
        drawn(&alone).into_iter().next()
    });
    let joined: String = shortest.collect();
    if !joined.is_empty() {
        let length = joined.chars().count().max(least.min(MOST_LETTERS));
        all.push(joined.chars().cycle().take(length).collect());
    }
    all.extend(drawn(&Map::new()).into_iter().take(3));
    for (part, _) in parts {
        for keyword in ["minLength", "maxLength"] {
            let length = part.get(keyword).and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok());
            let lengths = length.filter(|length| *length < MOST_LETTERS).into_iter();
            let near = lengths.flat_map(|length| [length, length + 1, length.saturating_sub(1)]);
            all.extend(near.map(crate::text::plain::text_of_length));
        }
    }
    all.extend(of_parts.into_iter().flat_map(|texts| texts.into_iter().skip(3)));
    all
}

/// Numbers between and around the ends of all parts, and multiples of their steps.
fn numbers(parts: &[Part]) -> Vec<Value> {
    const BOUNDS: [&str; 4] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
    let of = |keyword: &str| parts.iter().filter_map(|(part, _)| part.get(keyword)?.as_f64()).collect::<Vec<_>>();
    let mut ends: Vec<f64> = BOUNDS.iter().flat_map(|keyword| of(keyword)).collect();
    ends.sort_by(f64::total_cmp);
    let mut all = vec![7.0, 1.0];
    all.extend(ends.windows(2).map(|ends| f64::midpoint(ends[0], ends[1])));
    all.extend(ends.iter().flat_map(|end| [end + 1.0, end - 1.0, *end, end + 0.5, end - 0.5]));
    all.extend([0.5, 0.0, -1.0]);
    let rounded: Vec<f64> = all.iter().map(|number| number.round()).collect();
    all.extend(rounded);
    for step in of("multipleOf") {
        let from = ends.first().map_or(0.0, |end| (end / step).ceil());
        all.extend((0..MOST_TEXTS).scan(from, |count, _| {
            *count += 1.0;
            Some((*count - 1.0) * step)
        }));
    }
    all.into_iter().filter_map(|number| serde_json::from_str(&number.to_string()).ok()).collect()
}
