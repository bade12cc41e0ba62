//! `enum`: every legal value inside; neighbours of a legal value outside.

use serde_json::Value;

use super::{FIRM_BATCH, Kind, Maker};
use crate::compose::text_of_length;
use crate::contract::{PlaceId, Shape};
use crate::json::Json;
use crate::rule::Side;

pub(super) fn probes(maker: &mut Maker<'_>, place: PlaceId) {
    let Some(values) = maker.shape(place).values().cloned() else { return };
    for value in &values.firm {
        maker.together(FIRM_BATCH, Kind::Listed, value.to_string(), place, Json::from(value));
    }
    let listed = |value: &Json| {
        values
            .firm
            .iter()
            .chain(values.disputed.iter().map(|(value, _)| value))
            .any(|other| Json::from(other) == *value)
    };
    let excluded = values.excluded.iter();
    let mut outside: Vec<(Kind, String, Json)> =
        excluded.map(|value| (Kind::Unlisted, format!("no legal value: {value}"), Json::from(value))).collect();
    let excluded = |value: &Json| values.excluded.iter().any(|other| Json::from(other) == *value);
    outside.extend(self::outside(&values.firm).into_iter().filter(|(.., value)| !excluded(value)));
    if let Shape::Text { max: Some(max), .. } = maker.shape(place) {
        // Refused as no legal value, whatever its length; but a server may stumble over the length first.
        outside.push((Kind::PastBound, format!("{} characters", max + 1), Json::Text(text_of_length(max + 1))));
    }
    for (kind, what, value) in outside {
        if !listed(&value) {
            maker.alone(Side::Outside, kind, what, place, value);
        }
    }
}

fn outside(values: &[Value]) -> Vec<(Kind, String, Json)> {
    let mut all: Vec<(Kind, String, Json)> = Vec::new();
    let mut add = |kind: Kind, what: &str, value: Json| {
        if all.iter().all(|(.., other)| *other != value) {
            all.push((kind, format!("{what}: {}", value.render()), value));
        }
    };
    for value in values {
        if let Some(number) = value.as_i64() {
            for neighbour in [number.saturating_sub(1), number.saturating_add(1)] {
                add(Kind::Unlisted, "no legal value", Json::number(neighbour));
            }
        }
        if let Some(text) = value.as_str() {
            add(Kind::OtherCase, "another case", Json::text(text.to_lowercase()));
            add(Kind::OtherCase, "another case", Json::text(text.to_uppercase()));
            add(Kind::Padded, "padded before", Json::text(format!(" {text}")));
            add(Kind::Padded, "padded after", Json::text(format!("{text} ")));
            let length = text.chars().count();
            add(Kind::Cut, "a prefix", Json::text(text.chars().take(length.saturating_sub(1)).collect::<String>()));
            add(Kind::Extended, "an extension", Json::text(format!("{text}X")));
        }
    }
    if values.iter().any(Value::is_string) {
        add(Kind::Unlisted, "no legal value", Json::text("NO_SUCH_VALUE"));
        add(Kind::Empty, "empty", Json::text(""));
    } else {
        add(Kind::FarPast, "far from any legal value", Json::number("99999999999999999999"));
        add(Kind::FarPast, "far from any legal value", Json::number("-99999999999999999999"));
    }
    all
}
