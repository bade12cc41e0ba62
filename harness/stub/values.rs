//! What an array's violations say of its elements.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::rule::{Site, Step};
use crate::validate::Violation;

/// Whether another element of the same array breaks nothing.
pub(super) fn has_sound_sibling(body: &Value, all: &[Violation], violation: &Violation, array: &Site) -> bool {
    let element = |violation: &Violation| index_in(array, violation);
    if element(violation).is_none() {
        return false;
    }
    let broken: BTreeSet<usize> = all.iter().filter_map(element).collect();
    let longest = array.values_in(body).into_iter().filter_map(Value::as_array).map(Vec::len).max();
    longest.is_some_and(|length| broken.len() < length)
}

/// Whether a violation lies in an element of this array after the first.
pub(super) fn is_past_first(violation: &Violation, array: &Site) -> bool {
    index_in(array, violation).is_some_and(|index| index > 0)
}

/// The number of the element of this array in which a violation lies.
fn index_in(array: &Site, violation: &Violation) -> Option<usize> {
    let rest = violation.place.node().strip_prefix(array.node())?;
    let outer = array.node().iter().filter(|step| **step == Step::Element).count();
    (rest.first() == Some(&Step::Element)).then(|| violation.indices.get(outer).copied()).flatten()
}
