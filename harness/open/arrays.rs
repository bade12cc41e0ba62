//! Arrays of which all elements have one schema: an element is a place, and as many copies of it are sent as the array needs.

use serde_json::json;

use super::places::{MOST_COPIES, OF_ARRAYS, Parent, Walk};
use super::view::View;
use crate::contract::{PlaceId, Shape, Step};
use crate::identity::Keyword;
use crate::text::pointer;

impl Walk<'_, '_> {
    /// The places of such an array; nothing where its schema says more.
    pub(super) fn array(
        &mut self,
        view: &View,
        pointer: &str,
        id: PlaceId,
        parent: &Parent,
    ) -> Result<Option<Shape>, String> {
        let (least, most) = (view.count("minItems").unwrap_or(0), view.count("maxItems").unwrap_or(usize::MAX));
        let may_be_alike = view.get("uniqueItems") != Some(&json!(true));
        // Beside one element that is not what must be held somewhere, there are copies that are.
        let held = if view.says("contains") { view.count("minContains").unwrap_or(1) } else { 0 };
        let needed = if held > 0 { least.max(held + 1) } else { least };
        let is_made = needed <= 1 || (needed <= MOST_COPIES && may_be_alike);
        let says_more = OF_ARRAYS.iter().any(|word| match word {
            Keyword::Contains => view.says("contains") && (held == 0 || view.says("maxContains")),
            word => view.says(word.as_str()),
        });
        let is_plain = is_made && most >= needed.max(1) && !says_more;
        let Some(items) = view.get("items").cloned().filter(|items| items.is_object() && is_plain) else {
            return Ok(None);
        };
        let part = parent.below(id, Step::Element, view, false);
        let element = self.place(&items, &pointer::below(pointer, "items"), &part)?;
        // On no bound, where that may be: a target that is wrong about it shall be wrong about nothing else.
        let is_off = least > 0 && needed <= least && may_be_alike && least + 1 < most;
        self.places[id.0].least = needed.max(1) + usize::from(is_off);
        Ok(Some(Shape::Array { element }))
    }
}
