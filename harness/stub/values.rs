//! Values looked up by place, and what an array's violations say of its elements.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::validate::Violation;

/// Every value at a place of a body.
pub(super) fn values_at<'a>(body: &'a Value, place: &str) -> Vec<&'a Value> {
    let mut values = vec![body];
    for step in place.split('.').skip(1) {
        let name = step.trim_end_matches("[]");
        values = values.into_iter().filter_map(|value| value.get(name)).collect();
        for _ in 0..step.matches("[]").count() {
            values = values.into_iter().filter_map(Value::as_array).flatten().collect();
        }
    }
    values
}

/// Whether another element of the same array breaks nothing.
pub(super) fn has_sound_sibling(body: &Value, all: &[Violation], violation: &Violation, array: &str) -> bool {
    let depth = array.matches("[]").count();
    let element = |violation: &Violation| {
        let within = violation.place.strip_prefix(array).is_some_and(|rest| rest.starts_with("[]"));
        within.then(|| violation.indices.get(depth).copied()).flatten()
    };
    if element(violation).is_none() {
        return false;
    }
    let broken: BTreeSet<usize> = all.iter().filter_map(element).collect();
    let longest = values_at(body, array).into_iter().filter_map(Value::as_array).map(Vec::len).max();
    longest.is_some_and(|length| broken.len() < length)
}

/// Whether a violation lies in an element of this array after the first.
pub(super) fn is_past_first(violation: &Violation, array: &str) -> bool {
    let within = violation.place.strip_prefix(array).is_some_and(|rest| rest.starts_with("[]"));
    let depth = array.matches("[]").count();
    within && violation.indices.get(depth).is_some_and(|index| *index > 0)
}
