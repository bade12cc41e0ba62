//! How the document's example of a whole body differs from the least: a service may take nothing else.

use serde_json::Value;

use super::Run;
use super::variants::{Change, taught};
use crate::compose::Composer;
use crate::contract::{Operation, PlaceId, Presence, Shape, shown_body};
use crate::json::Json;
use crate::oracle::Reaction;
use crate::session::Over;

impl Run<'_> {
    /// Takes over from the document's example of the body what the service does not do without; whether there is anything.
    pub(super) fn learns_from_example(&mut self) -> Result<bool, Over> {
        let Some(example) = shown_body(self.operation).filter(|_| self.operation.is_open) else { return Ok(false) };
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
            (Shape::Tuple { items, .. }, Value::Array(elements)) => {
                for (item, value) in items.iter().zip(elements) {
                    self.differences(*item, value, changes);
                }
            }
            (Shape::Object { .. } | Shape::Array { .. } | Shape::Tuple { .. }, _) => {}
            _ => {
                let value = Json::from(value);
                if value != self.composer.ordinary(place) {
                    changes.push(Change::Value(place, value));
                }
            }
        }
    }
}
