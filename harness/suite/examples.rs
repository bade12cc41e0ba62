//! What a document shows of its bodies: the examples and defaults of members, and how its example of a whole body differs from
//! the least. A service may take nothing else.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Run;
use super::variants::{Change, taught};
use crate::compose::Composer;
use crate::contract::{Operation, PlaceId, Presence, Shape, Step};
use crate::json::Json;
use crate::oracle::Reaction;
use crate::session::Over;

/// So many references, and parts of parts, are followed.
const MOST_LEVELS: usize = 8;

/// The values that a document shows of places, those of its example of the body first.
pub(super) fn shown(operation: &Operation) -> BTreeMap<PlaceId, Vec<Json>> {
    let mut shown: BTreeMap<PlaceId, Vec<Json>> = BTreeMap::new();
    if !operation.is_open || !operation.body.is_sent {
        return shown;
    }
    let mut add = |place: PlaceId, value: &Value| {
        let is_container = matches!(operation.place(place).shape, Shape::Object { .. } | Shape::Array { .. });
        let (known, value) = (shown.entry(place).or_default(), Json::from(value));
        if !is_container && !known.contains(&value) {
            known.push(value);
        }
    };
    if let Some(example) = example(operation) {
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

fn example(operation: &Operation) -> Option<Value> {
    serde_json::from_str(operation.body.example.as_ref()?).ok()
}

impl Run<'_> {
    /// Takes over from the document's example of the body what the service does not do without; whether there is anything.
    pub(super) fn learns_from_example(&mut self) -> Result<bool, Over> {
        let Some(example) = example(self.operation).filter(|_| self.operation.is_open) else { return Ok(false) };
        let mut changes = Vec::new();
        self.differences(Operation::ROOT, &example, &mut changes);
        let adaptations = taught(&self.composer.adaptations, &changes);
        if changes.is_empty() || !self.is_legal(&Composer::taught(self.operation, adaptations), &[]) {
            return Ok(false);
        }
        let heard = self.tried(&[], &changes)?;
        if heard.reaction != Reaction::Accepted {
            return Ok(false);
        }
        let needed = self.least(&[], changes, heard.exchange)?.changes;
        self.composer.adaptations = taught(&self.composer.adaptations, &needed);
        Ok(!needed.is_empty())
    }

    /// How a value differs from the ordinary one of its place.
    fn differences(&self, place: PlaceId, value: &Value, changes: &mut Vec<Change>) {
        match (&self.operation.place(place).shape, value) {
            (Shape::Object { members, .. }, Value::Object(object)) => {
                for member in members {
                    let here = self.operation.place(*member);
                    let Some(value) = here.member().and_then(|name| object.get(name)) else { continue };
                    if here.presence == Presence::Optional {
                        changes.push(Change::Carried(*member));
                    }
                    self.differences(*member, value, changes);
                }
            }
            (Shape::Array { .. }, Value::Array(elements)) if elements.is_empty() => {
                changes.push(Change::Emptied(place));
            }
            (Shape::Array { element }, Value::Array(elements)) => self.differences(*element, &elements[0], changes),
            (Shape::Object { .. } | Shape::Array { .. }, _) => {}
            _ => {
                let value = Json::from(value);
                if value != self.composer.ordinary(place) {
                    changes.push(Change::Value(place, value));
                }
            }
        }
    }
}
