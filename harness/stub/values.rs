//! What an array's violations say of its elements, and where a value stands, seen from a bound.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::rule::{Keyword, Site, Step};
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

/// Whether a keyword bounds what can be counted or measured.
pub(super) fn has_bound(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::MinLength
            | Keyword::MaxLength
            | Keyword::Minimum
            | Keyword::Maximum
            | Keyword::MinItems
            | Keyword::MaxItems
            | Keyword::MinProperties
            | Keyword::MaxProperties
    )
}

/// What such a keyword counts or measures.
fn measure(keyword: Keyword, value: &Value) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "nothing that is counted has more than 2^52 parts")]
    let count = |count: usize| count as f64;
    match (keyword, value) {
        (Keyword::MinLength | Keyword::MaxLength, Value::String(text)) => Some(count(text.chars().count())),
        (Keyword::Minimum | Keyword::Maximum, Value::Number(number)) => number.as_f64(),
        (Keyword::MinItems | Keyword::MaxItems, Value::Array(elements)) => Some(count(elements.len())),
        (Keyword::MinProperties | Keyword::MaxProperties, Value::Object(members)) => Some(count(members.len())),
        _ => None,
    }
}

/// Whether a value stands on the bound of a keyword.
pub(super) fn stands_on(keyword: Keyword, bound: &Value, value: &Value) -> bool {
    is_away(keyword, bound, value, 0.0)
}

/// Whether a value is one step past the bound of a keyword, or less.
pub(super) fn is_one_past(keyword: Keyword, bound: &Value, value: &Value) -> bool {
    is_away(keyword, bound, value, 1.0)
}

fn is_away(keyword: Keyword, bound: &Value, value: &Value, most: f64) -> bool {
    measure(keyword, value).zip(bound.as_f64()).is_some_and(|(measure, bound)| (measure - bound).abs() <= most)
}

/// Whether a value is past the bound of a keyword.
pub(super) fn is_past(keyword: Keyword, bound: &Value, value: &Value) -> bool {
    let is_least =
        matches!(keyword, Keyword::MinLength | Keyword::Minimum | Keyword::MinItems | Keyword::MinProperties);
    measure(keyword, value).zip(bound.as_f64()).is_some_and(
        |(measure, bound)| {
            if is_least { measure < bound } else { measure > bound }
        },
    )
}
