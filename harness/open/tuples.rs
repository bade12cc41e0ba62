//! Arrays of which the first elements have schemas of their own: each is a place, and so is what may stand after them.

use serde_json::Value;

use super::places::{MOST_COPIES, OF_ARRAYS, Parent, Walk};
use super::view::View;
use crate::contract::{PlaceId, Shape, Step};
use crate::text::pointer;

/// So many elements have places of their own.
const MOST_ITEMS: usize = 20;

impl Walk<'_, '_> {
    /// The places of such an array; nothing where its schema says more, or where not all of its first elements may be there.
    pub(super) fn tuple(
        &mut self,
        view: &View,
        pointer: &str,
        id: PlaceId,
        parent: &Parent,
    ) -> Result<Option<Shape>, String> {
        let schemas = view.get("prefixItems").and_then(Value::as_array).cloned().unwrap_or_default();
        let least = view.count("minItems").unwrap_or(0).saturating_sub(schemas.len());
        let most = view.count("maxItems").unwrap_or(usize::MAX);
        let says_more = view.says("uniqueItems") || OF_ARRAYS.iter().any(|word| view.says(word.as_str()));
        let is_known = self.reading.document.edition().knows("prefixItems");
        // Of what stands after them any value will do where nothing is said of it.
        let after = view.get("items").filter(|items| items.is_object() && most > schemas.len());
        let is_made = least == 0 || (after.is_some() && least <= MOST_COPIES);
        if says_more || !is_known || !is_made || schemas.len() > MOST_ITEMS.min(most) {
            return Ok(None);
        }
        let mut items = Vec::new();
        for (index, schema) in schemas.iter().enumerate() {
            let part = parent.below(id, Step::At(index), view, true);
            let below = format!("{}/{index}", pointer::below(pointer, "prefixItems"));
            items.push(self.place(schema, &below, &part)?);
        }
        let element = match after {
            Some(schema) => {
                let part = parent.below(id, Step::Element, view, least > 0);
                self.member(schema, &pointer::below(pointer, "items"), &part)?
            }
            None => None,
        };
        self.places[id.0].least = least;
        Ok(Some(Shape::Tuple { items, element }))
    }
}
