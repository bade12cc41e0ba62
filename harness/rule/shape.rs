//! The rules that the shape of a place tells: bounds, listed values, elements, members that no table names.

use serde_json::{Value, json};

use crate::contract::{Place, Shape, Standing};
use crate::identity::Keyword;

/// The bound of the rule about a number without a fraction that is written with a point.
pub(crate) const POINTED: &str = "1.0";

/// The bound of the rule about values of other types where no type is said.
pub(crate) const UNSAID: &str = "no type is said";

/// The sides on which a rule is tested.
#[derive(Clone, Copy)]
pub(super) enum Sides {
    Inside,
    Outside,
    Both,
    Neither,
}

impl Sides {
    pub(super) fn of(inside: bool, outside: bool) -> Self {
        match (inside, outside) {
            (true, true) => Self::Both,
            (true, false) => Self::Inside,
            (false, true) => Self::Outside,
            (false, false) => Self::Neither,
        }
    }
}

pub(super) fn unstated(what: &str) -> Standing {
    Standing::Disputed(format!("the contract does not say {what}"))
}

pub(super) fn too_long() -> Standing {
    Standing::Unprobed("nothing of that length can be sent".to_owned())
}

pub(super) fn shape_rules(place: &Place, add: &mut impl FnMut(Keyword, Value, Standing, Sides)) {
    let firm = || Standing::Firm;
    match &place.shape {
        Shape::Object { unknown: Some(unknown), .. } => {
            add(Keyword::UnknownMember, Value::Null, unknown.clone(), Sides::Inside);
        }
        Shape::Object { unknown: None, .. } => add(Keyword::UnknownMember, Value::Null, firm(), Sides::Outside),
        Shape::Array { .. } => add(Keyword::Items, Value::Null, firm(), Sides::Both),
        Shape::Text { min, max, unsent, values } => {
            if let Some(min) = min {
                let sides = if *min > 0 { Sides::Both } else { Sides::Inside };
                add(Keyword::MinLength, json!(min), firm(), sides);
            }
            if let Some(max) = max {
                add(Keyword::MaxLength, json!(max), firm(), Sides::Both);
            }
            if let Some(unsent) = unsent {
                add(Keyword::MaxLength, json!(unsent), too_long(), Sides::Neither);
            }
            if values.is_none() {
                let reason = "the contract allows every character; servers differ in what they store";
                add(Keyword::Text, Value::Null, Standing::Disputed(reason.to_owned()), Sides::Inside);
            }
        }
        Shape::Integer { min, max, .. } => {
            let reason = "JSON Schema takes 1.0 for an integer, many parsers do not";
            add(Keyword::Type, json!(POINTED), Standing::Disputed(reason.to_owned()), Sides::Inside);
            for (keyword, bound) in [(Keyword::Minimum, min), (Keyword::Maximum, max)] {
                if let Some(bound) = bound {
                    add(keyword, exact(*bound), firm(), Sides::Both);
                }
            }
        }
        Shape::Number { min, max } => {
            for (keyword, bound, end) in [(Keyword::Minimum, min, f64::MIN), (Keyword::Maximum, max, f64::MAX)] {
                if let Some(bound) = *bound {
                    // Past the last double there is none.
                    let sides = if bound.total_cmp(&end).is_eq() { Sides::Inside } else { Sides::Both };
                    add(keyword, plain(bound), firm(), sides);
                }
            }
        }
        Shape::Boolean | Shape::Tuple { .. } | Shape::Opaque { .. } => {}
    }
    if let Some(values) = place.shape.values() {
        add(Keyword::Enum, Value::Array(values.firm.clone()), firm(), Sides::Both);
        for (value, reason) in &values.disputed {
            add(Keyword::Enum, value.clone(), Standing::Disputed(reason.clone()), Sides::Inside);
        }
    }
}

/// A bound as a JSON number, without a fraction where it has none.
fn plain(bound: f64) -> Value {
    // Within this range every whole float is an exact integer.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within the range of exact integers")]
    let whole = (bound.fract() == 0.0 && bound.abs() <= EXACT).then_some(bound as i64);
    whole.map_or_else(|| json!(bound), |whole| json!(whole))
}

/// A bound as a JSON number; every bound that a contract can write fits one of the two.
fn exact(bound: i128) -> Value {
    i64::try_from(bound).map_or_else(|_| json!(u64::try_from(bound).unwrap_or(u64::MAX)), |bound| json!(bound))
}
