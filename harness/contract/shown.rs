//! What a document says of bodies beside their rules: the values that it shows, and the members that it names. A service may
//! take nothing else than what is shown.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::model::{Operation, PlaceId, Shape, Step};
use crate::json::Json;

/// So many references, and parts of parts, are followed.
const MOST_LEVELS: usize = 8;

/// The values that a document shows of places, those of its example of the body first.
pub(crate) fn shown(operation: &Operation) -> BTreeMap<PlaceId, Vec<Json>> {
    let mut shown: BTreeMap<PlaceId, Vec<Json>> = BTreeMap::new();
    if !operation.is_open || !operation.body.is_sent {
        return shown;
    }
    let mut add = |place: PlaceId, value: &Value| {
        let is_container =
            matches!(operation.place(place).shape, Shape::Object { .. } | Shape::Array { .. } | Shape::Tuple { .. });
        let (known, value) = (shown.entry(place).or_default(), Json::from(value));
        if !is_container && !known.contains(&value) {
            known.push(value);
        }
    };
    if let Some(example) = shown_body(operation) {
        for (id, place) in operation.places() {
            for value in place.site.values_in(&example) {
                add(id, value);
            }
        }
    }
    let root = &operation.body.schema;
    let mut schemas: Vec<Vec<&Value>> = Vec::new();
    for (id, place) in operation.places() {
        let above = || place.parent.map(|parent| schemas[parent.0].as_slice()).unwrap_or_default().iter();
        let here: Vec<&Value> = match &place.step {
            Step::Root => vec![root],
            Step::Member(name) => above().filter_map(|schema| schema.get("properties")?.get(name)).collect(),
            // What an object holds by a name that it does not know.
            Step::Value(_) => above().filter_map(|schema| schema.get("additionalProperties")).collect(),
            Step::Fitting { pattern, .. } => {
                above().filter_map(|schema| schema.get("patternProperties")?.get(pattern)).collect()
            }
            Step::At(index) => above().filter_map(|schema| schema.get("prefixItems")?.get(index)).collect(),
            Step::Element => above().filter_map(|schema| schema.get("items")).collect(),
        };
        let mut all = Vec::new();
        for schema in here {
            parts(root, schema, &mut all, 0);
        }
        for schema in &all {
            let several = schema.get("examples").and_then(Value::as_array).into_iter().flatten();
            let values = schema.get("example").into_iter().chain(several).chain(schema.get("default"));
            for value in values {
                add(id, value);
            }
        }
        schemas.push(all);
    }
    shown
}

/// A schema with what it refers to, and with its parts.
fn parts<'v>(root: &'v Value, schema: &'v Value, all: &mut Vec<&'v Value>, level: usize) {
    if level > MOST_LEVELS {
        return;
    }
    all.push(schema);
    let reference = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    let of_all = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    for part in reference.and_then(|pointer| root.pointer(pointer)).into_iter().chain(of_all) {
        parts(root, part, all, level + 1);
    }
}

/// The document's example of a body.
pub(crate) fn shown_body(operation: &Operation) -> Option<Value> {
    serde_json::from_str(operation.body.example.as_ref()?).ok()
}

/// The members that a schema documents for the value itself.
pub(crate) fn documented_members(schema: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut open = vec![schema];
    let mut followed = BTreeSet::new();
    while let Some(here) = open.pop() {
        if let Some(properties) = here.get("properties").and_then(Value::as_object) {
            names.extend(properties.keys().cloned());
        }
        let branches = ["allOf", "anyOf", "oneOf"].iter().filter_map(|keyword| here.get(keyword)?.as_array());
        open.extend(branches.flatten());
        open.extend(["then", "else"].iter().filter_map(|keyword| here.get(keyword)));
        let target = here.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
        open.extend(target.filter(|target| followed.insert(*target)).and_then(|target| schema.pointer(target)));
    }
    names
}
