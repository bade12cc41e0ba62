//! Bounds: `minLength`, `maxLength`, `minimum`, `maximum`. Both bounds inside; one step past, one past and far past
//! outside.

use super::types::FRACTIONS_END;
use super::{FIRM_BATCH, Kind, Maker};
use crate::compose::text_of_length;
use crate::contract::{PlaceId, Shape};
use crate::json::Json;
use crate::rule::{Keyword, Side};

/// What is left of a body for all but the one text that is far too long.
const REST: usize = 1_240;
/// Twenty digits: beyond 64 bits, whether signed or not.
const FAR_PAST: &str = "99999999999999999999";

pub(super) fn length(maker: &mut Maker<'_>, keyword: Keyword, place: PlaceId) {
    let Shape::Text { min, max, .. } = *maker.shape(place) else { return };
    let mut outside = Vec::new();
    let bound = if keyword == Keyword::MinLength {
        let min = min.unwrap_or_default();
        outside.extend(min.checked_sub(1));
        if min > 1 {
            outside.push(0);
        }
        min
    } else {
        let max = max.unwrap_or_default();
        let farthest = maker.composer.operation().usual_bytes().saturating_sub(REST);
        outside.extend([max + 1, max.saturating_mul(4).clamp(max + 2, farthest.max(max + 2))]);
        max
    };
    maker.together(FIRM_BATCH, Kind::Bound, characters(bound), place, Json::Text(text_of_length(bound)));
    for (number, length) in outside.into_iter().enumerate() {
        let kind = match number {
            _ if length == 0 => Kind::Empty,
            0 => Kind::PastBound,
            _ => Kind::FarPast,
        };
        maker.alone(Side::Outside, kind, characters(length), place, Json::Text(text_of_length(length)));
    }
}

fn characters(count: usize) -> String {
    if count == 1 { "1 character".to_owned() } else { format!("{count} characters") }
}

pub(super) fn range(maker: &mut Maker<'_>, keyword: Keyword, place: PlaceId) {
    let upward = keyword == Keyword::Maximum;
    let wide = |bound: i128| bound.abs() >= 2 * FRACTIONS_END;
    let far = Json::Number(if upward { FAR_PAST.to_owned() } else { format!("-{FAR_PAST}") });
    let (inside, outside, near) = match *maker.shape(place) {
        Shape::Integer { min, max, .. } => {
            let bound = if upward { max } else { min }.unwrap_or_default();
            let near = if wide(bound) { Kind::PastExact } else { Kind::PastBound };
            (Json::number(bound), vec![Json::number(one_past(bound, upward)), far], near)
        }
        Shape::Number { min, max } => {
            let bound = if upward { max } else { min }.unwrap_or_default();
            (Json::float(bound), floats_past(bound, upward, far), Kind::PastBound)
        }
        _ => return,
    };
    let far = outside.len().saturating_sub(1);
    maker.together(FIRM_BATCH, Kind::Bound, inside.render(), place, inside);
    for (number, value) in outside.into_iter().enumerate() {
        let kind = match number {
            0 => near,
            number if number == far => Kind::FarPast,
            _ => Kind::PastBound,
        };
        maker.alone(Side::Outside, kind, value.render(), place, value);
    }
}

fn one_past(bound: i128, upward: bool) -> i128 {
    /// The first integer below 64 bits that is not the least one again to whoever reads it as a double.
    const BELOW_ALL: i128 = -9_223_372_036_854_777_856;
    match bound {
        _ if upward => bound + 1,
        bound if bound == i128::from(i64::MIN) => BELOW_ALL,
        _ => bound - 1,
    }
}

/// Doubles past a bound, the nearest first. Where they lie far apart some of these are the bound again, or no number.
fn floats_past(bound: f64, upward: bool, far: Json) -> Vec<Json> {
    let (step, sign) = if upward { (bound.next_up(), 1.0) } else { (bound.next_down(), -1.0) };
    let is_past = |value: f64| value.is_finite() && if upward { value > bound } else { value < bound };
    let mut past: Vec<Json> = Vec::new();
    for value in [step, bound + sign * 0.01, bound + sign].into_iter().filter(|value| is_past(*value)) {
        let value = Json::float(value);
        if !past.contains(&value) {
            past.push(value);
        }
    }
    past.extend(far.render().parse().is_ok_and(is_past).then_some(far));
    past
}
