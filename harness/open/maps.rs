//! Objects that are maps: what stands under names that fit a pattern, and under any other.

use serde_json::{Map, Value, json};

use super::OperationReader;
use super::places::{MOST_COPIES, MOST_PLACES, Parent, Walk};
use super::view::View;
use crate::contract::{PlaceId, Step};
use crate::identity;
use crate::keyword::{self, Said};
use crate::text::pointer;

/// So many names are tried that fit a pattern.
pub(super) const SEVERAL_NAMES: usize = 16;

impl OperationReader<'_> {
    /// So many names that fit a pattern, and what else is said of names.
    pub(super) fn names_fitting(&self, view: &View, pattern: &str, count: usize) -> Vec<String> {
        let mut said = view.get("propertyNames").map(|names| self.view(names).keywords).unwrap_or_default();
        let own = said.insert("pattern".to_owned(), json!(pattern));
        let fits = [Some(pattern), own.as_ref().and_then(Value::as_str)];
        let fits: Vec<_> = fits.into_iter().flatten().map(identity::fitting).collect();
        let names = keyword::drawn_many(&Said { keywords: &said, types: Some(vec!["string"]) }, count);
        let names = names.into_iter().filter_map(|name| name.as_str().map(str::to_owned));
        let names = names.filter(|name| !name.is_empty() && fits.iter().all(|fits| fits(name)));
        // The shortest that fits may be a prefix alone, which services take for no name.
        let longer = |name: String| {
            let longer = format!("{name}sample");
            let is_better = view.get("propertyNames").is_none() && fits.iter().all(|fits| fits(&longer));
            if is_better { longer } else { name }
        };
        names.map(longer).take(count).collect()
    }
}

impl Walk<'_, '_> {
    /// The places of what stands under names that fit a pattern, each under a name that fits no other.
    pub(super) fn fitting(
        &mut self,
        (properties, patterns): (&Map<String, Value>, &Map<String, Value>),
        (view, pointer): (&View, &str),
        id: PlaceId,
        parent: &Parent,
    ) -> Result<Vec<PlaceId>, String> {
        let mut members = Vec::new();
        let pointer = pointer::below(pointer, "patternProperties");
        if !patterns.is_empty() && !self.reading.document.edition().knows("patternProperties") {
            let what = "its edition of OpenAPI has no `patternProperties`; what it says is respected";
            self.reading.remark(&pointer, what, "what stands under such names is not tested");
            return Ok(members);
        }
        for (pattern, schema) in patterns {
            let names = self.reading.names_fitting(view, pattern, SEVERAL_NAMES);
            let others: Vec<_> =
                patterns.keys().filter(|other| *other != pattern).map(|p| identity::fitting(p)).collect();
            let is_own = |name: &String| !properties.contains_key(name) && !others.iter().any(|other| other(name));
            let name = names.into_iter().find(is_own).filter(|_| self.places.len() < MOST_PLACES);
            let pointer = pointer::below(&pointer, pattern);
            let Some(name) = name.filter(|_| schema.is_object()) else {
                let what = "no name was found that this pattern alone allows";
                let what = if schema.is_object() { what } else { "what is said of names alone is respected" };
                self.reading.remark(&pointer, what, "what stands under such a name is not tested");
                continue;
            };
            let part = parent.below(id, Step::Fitting { name, pattern: pattern.clone() }, view, false);
            members.extend(self.member(schema, &pointer, &part)?);
        }
        Ok(members)
    }

    /// How many values a map holds that holds any of its one kind: off the bounds of their number, where any name will do.
    pub(super) fn entries(&self, value: PlaceId, view: &View) -> usize {
        let (least, most) =
            (view.count("minProperties").unwrap_or(0), view.count("maxProperties").unwrap_or(usize::MAX));
        let any_will_do = match &self.places[value.0].step {
            Step::Fitting { name, pattern } => {
                let fits = identity::fitting(pattern);
                (1..=MOST_COPIES).all(|copy| fits(&format!("{name}{copy}")))
            }
            _ => true,
        };
        let is_off = (1..=MOST_COPIES).contains(&least) && least + 1 < most && !view.says("propertyNames");
        if is_off && any_will_do { least + 1 } else { 1 }
    }
}
