//! How the stub reads a request: strictly, or with one of the leniences that real parsers have.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::validate::Judge;

/// A way to read more than JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LenientParse {
    /// Whatever cannot be read is taken for nothing.
    Anything,
    /// What follows the first value is ignored.
    FirstValue,
    /// A missing end is added.
    Unfinished,
    /// Comments are skipped.
    Comments,
    /// A comma before an end is skipped.
    TrailingCommas,
    /// Single quotes do for double ones.
    SingleQuotes,
    /// NaN and Infinity are numbers.
    NotNumbers,
    /// Bytes that are no UTF-8 are replaced.
    AnyBytes,
    /// An array or a scalar does for an object, unread.
    NoObject,
}

/// The body; nothing where a lenience takes it unread.
pub(super) fn body(bytes: &[u8], lenience: Option<LenientParse>) -> Result<Option<Value>, String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) if matches!(lenience, Some(LenientParse::AnyBytes)) => String::from_utf8_lossy(bytes),
        Err(_) if matches!(lenience, Some(LenientParse::Anything)) => return Ok(None),
        Err(error) => return Err(format!("is no UTF-8: {error}")),
    };
    let parsed = serde_json::from_str::<Value>(&text);
    match (parsed, lenience) {
        (Ok(value), Some(LenientParse::NoObject)) if !value.is_object() => Ok(None),
        (Ok(value), _) => Ok(Some(value)),
        (Err(_), Some(LenientParse::Anything)) => Ok(None),
        (Err(error), Some(reading)) => tolerant(&text, reading).map(Some).ok_or_else(|| format!("is no JSON: {error}")),
        (Err(error), None) => Err(format!("is no JSON: {error}")),
    }
}

fn tolerant(text: &str, reading: LenientParse) -> Option<Value> {
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    match reading {
        LenientParse::FirstValue => serde_json::Deserializer::from_str(text).into_iter::<Value>().next()?.ok(),
        LenientParse::Unfinished => ["}", "\"}", "]}"].iter().find_map(|end| parse(&format!("{text}{end}"))),
        LenientParse::Comments => {
            let without = |open: &str, close: &str| {
                let (before, rest) = text.split_once(open)?;
                parse(&format!("{before}{}", rest.split_once(close)?.1))
            };
            without("/*", "*/").or_else(|| without("//", "\n"))
        }
        LenientParse::TrailingCommas => parse(&text.replace(",}", "}")),
        LenientParse::SingleQuotes => parse(&text.replace('\'', "\"")),
        LenientParse::NotNumbers => parse(&text.replace("NaN", "1").replace("Infinity", "1")),
        LenientParse::Anything | LenientParse::AnyBytes | LenientParse::NoObject => None,
    }
}

/// A body of what its members may mean: of each the first reading of which the judge says least.
pub(super) fn likeliest(members: Vec<(String, Vec<Value>)>, judge: &Judge) -> Value {
    let first = |(name, values): &(String, Vec<Value>)| Some((name.clone(), values.first()?.clone()));
    let mut body: Map<String, Value> = members.iter().filter_map(first).collect();
    for (name, values) in members.into_iter().filter(|(_, values)| values.len() > 1) {
        let with = |value: &Value| {
            let mut body = body.clone();
            body.insert(name.clone(), value.clone());
            Value::Object(body)
        };
        if let Some(best) = values.into_iter().min_by_key(|value| judge.violations(&with(value)).len()) {
            body.insert(name, best);
        }
    }
    body.into()
}

/// More digits than any documented number.
pub(super) fn has_many_digits(bytes: &[u8]) -> bool {
    bytes.split(|byte| !byte.is_ascii_digit()).any(|run| run.len() > 300)
}

/// Deeper than any documented body.
pub(super) fn is_deep(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'[').nth(100).is_some()
}

/// Whether the text holds more members than are left when it has been read.
pub(super) fn has_duplicate(bytes: &[u8]) -> bool {
    fn members(value: &Value) -> usize {
        match value {
            Value::Object(object) => object.len() + object.values().map(members).sum::<usize>(),
            Value::Array(elements) => elements.iter().map(members).sum(),
            _ => 0,
        }
    }
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return false };
    let text = String::from_utf8_lossy(bytes);
    // A colon outside a string follows every member's name.
    let mut outside = true;
    let mut escaped = false;
    let mut colons = 0;
    for character in text.chars() {
        match character {
            '"' if !escaped => outside = !outside,
            ':' if outside => colons += 1,
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    colons > members(&value)
}

/// Whether a media type is JSON in UTF-8.
pub(super) fn is_json_in_utf8(value: Option<&str>) -> bool {
    let Some(value) = value else { return false };
    let mut parts = value.split(';').map(str::trim);
    parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
        && parts.all(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
}
