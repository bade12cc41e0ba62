//! Objects of which a schema has several branches: each has members of its own, and stands in a body alone.

use serde_json::{Value, json};

use super::places::{Parent, Walk};
use super::view::View;
use crate::contract::{Direction, PlaceId, Shape};
use crate::identity;

/// So many branches of an object are told apart.
const MOST_BRANCHES: usize = 12;

impl Walk<'_, '_> {
    /// An object of which each branch has members of its own.
    pub(super) fn branched(
        &mut self,
        (branches, is_mixed): (Vec<(String, View)>, bool),
        pointer: &str,
        id: PlaceId,
        parent: &Parent,
    ) -> Result<Option<Shape>, String> {
        let (mut all, mut open) = (Vec::new(), None);
        for (number, (label, merged)) in branches.into_iter().enumerate() {
            let site = parent.site.below(identity::Step::Branch(label.into()));
            let first = self.places.len();
            let mut inner = parent.clone();
            inner.site = site;
            match self.object(&merged, pointer, id, &inner)? {
                Some(Shape::Object { members, unknown }) => {
                    for member in &members {
                        self.places[member.0].branch = Some(number);
                    }
                    all.extend(members);
                    open = open.or(Some(unknown));
                }
                _ if number == 0 => return Ok(None),
                _ => {
                    self.places.truncate(first);
                    self.schemas.truncate(first);
                }
            }
        }
        self.places[id.0].is_mixed = is_mixed;
        Ok(open.map(|unknown| Shape::Object { members: all, unknown }))
    }

    /// The branches under which the schema is one of objects that can be made up: the name of each, and what it says together
    /// with what stands around it.
    pub(super) fn branches(&mut self, view: &View, pointer: &str) -> (Vec<(String, View)>, bool) {
        for keyword in ["oneOf", "anyOf"] {
            let Some(Value::Array(branches)) = view.get(keyword) else { continue };
            // Branches that say only what must be there are of the object itself.
            let says_more = |branch: &Value| {
                let branch = self.reading.view(branch);
                ["properties", "type", "additionalProperties"].iter().any(|keyword| branch.says(keyword))
            };
            // Beside a branch that allows everything the others demand nothing.
            let is_free = |branch: &Value| self.reading.view(branch).says_nothing();
            if !branches.iter().any(says_more) || (keyword == "anyOf" && branches.iter().any(is_free)) {
                continue;
            }
            let mut rest = view.keywords.clone();
            rest.remove(keyword);
            let whole = Value::Object(view.keywords.clone());
            let Some(judge) = self.judge(&whole, pointer) else { continue };
            let is_legal = |value: &Value| value.is_object() && judge.accepts(value);
            let mut usable = Vec::new();
            let mut is_mixed = false;
            for (number, branch) in branches.iter().enumerate() {
                let both = json!({ "allOf": [rest, branch] });
                let mut merged = self.reading.view(&both);
                let is_object = merged.types().as_deref() == Some(&["object"]) || merged.get("properties").is_some();
                is_mixed |= !is_object;
                let is_nested = merged.says("oneOf") || merged.says("anyOf");
                let is_usable = !merged.is_partial && is_object && !is_nested && usable.len() < MOST_BRANCHES;
                if is_usable && !self.reading.samples(&both, Direction::Request, &is_legal).is_empty() {
                    merged.trail.extend(view.trail.iter().cloned());
                    usable.push((format!("{keyword}/{number}"), merged));
                }
            }
            if !usable.is_empty() {
                return (usable, is_mixed);
            }
        }
        (Vec::new(), false)
    }
}
