//! Bounds: `minLength`, `maxLength`, `minimum`, `maximum`. Both bounds inside; one step past, one past and far past
//! outside.

use super::{FIRM_COMPANY, Maker};
use crate::compose::text_of_length;
use crate::contract::{PlaceId, Shape};
use crate::json::Json;
use crate::rule::{Keyword, Side};

/// Far past a length, yet within a body of 10,240 bytes, which some gateways take for the most.
const FARTHEST_LENGTH: usize = 9_000;
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
        outside.extend([max + 1, max.saturating_mul(4).clamp(max + 2, FARTHEST_LENGTH.max(max + 2))]);
        max
    };
    maker.together(FIRM_COMPANY, characters(bound), place, Json::Text(text_of_length(bound)));
    for length in outside {
        maker.alone(Side::Outside, characters(length), place, Json::Text(text_of_length(length)));
    }
}

fn characters(count: usize) -> String {
    if count == 1 { "1 character".to_owned() } else { format!("{count} characters") }
}

pub(super) fn range(maker: &mut Maker<'_>, keyword: Keyword, place: PlaceId) {
    let upward = keyword == Keyword::Maximum;
    let (inside, outside) = match *maker.shape(place) {
        Shape::Integer { min, max, .. } => {
            let bound = if upward { max } else { min }.unwrap_or_default();
            (bound.to_string(), vec![(bound + if upward { 1 } else { -1 }).to_string()])
        }
        Shape::Number { min, max } => {
            let bound = if upward { max } else { min }.unwrap_or_default();
            let (step, sign) = if upward { (bound.next_up(), 1.0) } else { (bound.next_down(), -1.0) };
            (decimal(bound), vec![decimal(step), decimal(bound + sign * 0.01), decimal(bound + sign)])
        }
        _ => return,
    };
    maker.together(FIRM_COMPANY, inside.clone(), place, Json::Number(inside));
    let far = if upward { FAR_PAST.to_owned() } else { format!("-{FAR_PAST}") };
    for digits in outside.into_iter().chain([far]) {
        maker.alone(Side::Outside, digits.clone(), place, Json::Number(digits));
    }
}

/// Digits for a float: plain where that is short.
fn decimal(value: f64) -> String {
    let plain = value.to_string();
    if plain.len() <= 24 { plain } else { format!("{value:e}") }
}
