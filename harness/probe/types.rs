//! `type`: a value of every other JSON type, and the look-alikes that lenient parsers convert.

use super::{FIRM_BATCH, FRACTION, Kind, Maker, ORDINARY, Send, Travel};
use crate::compose::Slot;
use crate::contract::{Operation, PlaceId, Presence, Shape};
use crate::json::Json;
use crate::rule::Side;

pub(super) fn probes(maker: &mut Maker<'_>, place: PlaceId) {
    legal(maker, place);
    others(maker, place);
}

/// Values of the type.
pub(super) fn legal(maker: &mut Maker<'_>, place: PlaceId) {
    let ordinary = vec![(place, Slot::Ordinary)];
    maker.push(Side::Inside, Kind::Ordinary, ORDINARY, Send::Body(ordinary), Travel::Alone);
    let legal = match maker.shape(place) {
        Shape::Boolean => Some((Kind::False, "false", Json::Bool(false))),
        Shape::Number { min, max } => fraction(*min, *max).map(|fraction| (Kind::LegalFraction, FRACTION, fraction)),
        _ => None,
    };
    if let Some((kind, what, value)) = legal {
        maker.together(FIRM_BATCH, kind, what, place, value);
    }
}

/// Values of every other type.
pub(super) fn others(maker: &mut Maker<'_>, place: PlaceId) {
    let shape = maker.shape(place).clone();
    let here = maker.composer.operation().place(place);
    // A member's null is a rule of its own; an element's, or the body's, is of the wrong type.
    let null = here.presence == Presence::Inherent && here.null.is_none();
    let ordinary = maker.composer.ordinary(place);
    for (kind, what, value) in wrong(&shape, &ordinary) {
        maker.alone(Side::Outside, kind, what, place, value);
    }
    if null {
        maker.alone(Side::Outside, Kind::Null, "null", place, Json::Null);
    }
}

/// An integer with a point and a zero: a number without a fraction, in another spelling.
pub(super) fn written_with_a_point(maker: &mut Maker<'_>, place: PlaceId) {
    if let Json::Number(digits) = maker.composer.ordinary(place)
        // Any other becomes its neighbour in a reader of doubles.
        && digits.parse::<i128>().is_ok_and(|number| number.abs() < FRACTIONS_END)
    {
        let what = format!("{digits}.0");
        maker.alone(Side::Inside, Kind::Pointed, what.clone(), place, Json::Number(what));
    }
}

/// From here on a reader of doubles sees no halves, and soon not every whole number.
pub(super) const FRACTIONS_END: i128 = 1 << 52;

/// Values of every other JSON type, the likeliest to be let through first.
pub(super) fn wrong(shape: &Shape, ordinary: &Json) -> Vec<(Kind, String, Json)> {
    let number = || (Kind::Number, "a number".to_owned(), Json::number(7));
    let boolean = || (Kind::True, "true".to_owned(), Json::Bool(true));
    let text = || (Kind::Text, "text".to_owned(), Json::text("sample"));
    let object = || (Kind::EmptyObject, "an empty object".to_owned(), Json::Object(Vec::new()));
    let array = || (Kind::EmptyArray, "an empty array".to_owned(), Json::Array(Vec::new()));
    let wrapped = || (Kind::Wrapped, "the value in an array".to_owned(), Json::Array(vec![ordinary.clone()]));
    let quoted = |value: &str| (Kind::Quoted, format!("\"{value}\", as text"), Json::text(value));
    match shape {
        Shape::Text { .. } => vec![number(), boolean(), wrapped(), array(), object()],
        Shape::Integer { min, max, .. } => {
            let digits = ordinary.render();
            let mut all = vec![quoted(&digits), boolean(), text(), wrapped(), array(), object()];
            if let Some(fraction) = fraction_beside(*min, *max, &digits) {
                all.insert(1, (Kind::Fraction, FRACTION.to_owned(), Json::Number(fraction)));
            }
            all
        }
        Shape::Number { .. } => vec![quoted(&ordinary.render()), boolean(), text(), wrapped(), array(), object()],
        Shape::Boolean => {
            let zero = (Kind::Zero, "0".to_owned(), Json::number(0));
            let one = (Kind::One, "1".to_owned(), Json::number(1));
            vec![quoted("true"), one, zero, quoted("false"), text(), wrapped(), array(), object()]
        }
        Shape::Array { .. } | Shape::Tuple { .. } => {
            let mut all = vec![
                object(),
                text(),
                (Kind::Empty, "an empty string".to_owned(), Json::text("")),
                number(),
                boolean(),
            ];
            if let Json::Array(elements) = ordinary
                && let Some(element) = elements.first().filter(|element| !matches!(element, Json::Array(_)))
            {
                all.insert(1, (Kind::Bare, "an element without its array".to_owned(), element.clone()));
            }
            all
        }
        Shape::Object { .. } => vec![array(), wrapped(), text(), number(), boolean()],
        Shape::Opaque { type_name, .. } => match type_name {
            Some("string") => vec![number(), boolean(), wrapped(), array(), object()],
            Some("array") => vec![object(), text(), number(), boolean()],
            Some("object") => vec![array(), wrapped(), text(), number(), boolean()],
            Some("boolean") => vec![quoted("true"), text(), wrapped(), array(), object()],
            Some("integer" | "number") => {
                vec![quoted(&ordinary.render()), boolean(), text(), wrapped(), array(), object()]
            }
            _ => Vec::new(),
        },
    }
}

/// Half of the way from a whole number within the bounds to the next.
fn fraction_beside(min: Option<i128>, max: Option<i128>, digits: &str) -> Option<String> {
    let fits = |whole: &i128| {
        min.is_none_or(|min| *whole >= min) && max.is_none_or(|max| *whole < max) && whole.abs() < FRACTIONS_END
    };
    let near = [digits.parse().ok(), max.map(|max| max - 1), min];
    near.into_iter().flatten().find(fits).map(|whole| match whole {
        0.. => format!("{whole}.5"),
        -1 => "-0.5".to_owned(),
        _ => format!("{}.5", whole + 1),
    })
}

/// Whether a number with a fraction breaks nothing at an integer's place but its type.
pub(crate) fn has_fraction(shape: &Shape, ordinary: &Json) -> bool {
    wrong(shape, ordinary).iter().any(|(kind, ..)| *kind == Kind::Fraction)
}

/// A number with a fraction, inside the bounds, where there is one.
pub(crate) fn fraction(min: Option<f64>, max: Option<f64>) -> Option<Json> {
    let low = min.unwrap_or_else(|| max.map_or(0.0, |max| (max - 1.0).min(0.0))).floor();
    let between = f64::midpoint(min.unwrap_or(low), max.unwrap_or(low));
    let is_inside = |value: &f64| {
        value.fract() != 0.0 && min.is_none_or(|min| *value >= min) && max.is_none_or(|max| *value <= max)
    };
    let is_bound = |value: &f64| [min, max].into_iter().flatten().any(|bound| bound.total_cmp(value).is_eq());
    // Where doubles lie far apart, those near a bound have no fraction.
    let all = || [low + 0.5, low + 1.5, between, between + 0.5].into_iter().filter(is_inside);
    // A bound has a probe of its own.
    all().find(|value| !is_bound(value)).or(all().next()).map(Json::float)
}

/// One value of the wrong type for a place, whatever it is; nothing where every type is right.
pub(super) fn any_wrong(operation: &Operation, place: PlaceId, ordinary: &Json) -> Option<Json> {
    wrong(&operation.place(place).shape, ordinary).into_iter().next().map(|(_, _, value)| value)
}
