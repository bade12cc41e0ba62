//! JSON as it will stand on the wire: numbers are digits, members may repeat, nothing is rounded.
//!
//! `serde_json::Value` turns an integer beyond 64 bits into a float, so a body that must carry one exactly is built here.

mod read;

use std::fmt::Write as _;
use std::sync::Arc;

pub use read::{Document, Gap, GapKind, has_more_values_than, is_json, read};
use serde_json::Value;

/// Whether a value is of a type of JSON Schema; of what is none nothing is said.
pub(crate) fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "string" => value.is_string(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "null" => value.is_null(),
        _ => true,
    }
}

/// A JSON text to be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, digit by digit as it will be sent.
    Number(String),
    /// A string, before escaping.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object; members stay in this order. Their names are shared: there are far more members than names.
    Object(Vec<(Arc<str>, Json)>),
}

/// Room for most bodies, so that a text need not move while it grows.
const USUAL_BYTES: usize = 1_024;

impl Json {
    /// A string.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A number.
    pub fn number(number: impl std::fmt::Display) -> Self {
        Self::Number(number.to_string())
    }

    /// A double, in plain digits where they are few.
    pub fn float(number: f64) -> Self {
        let plain = number.to_string();
        Self::Number(if plain.len() <= 24 { plain } else { format!("{number:e}") })
    }

    /// The value written out, without spaces.
    pub fn render(&self) -> String {
        let mut out = String::with_capacity(USUAL_BYTES);
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => escape(text, out),
            Self::Array(elements) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    element.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    escape(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(elements) => Self::Array(elements.iter().map(Self::from).collect()),
            Value::Object(members) => {
                Self::Object(members.iter().map(|(name, value)| (name.as_str().into(), Self::from(value))).collect())
            }
        }
    }
}

/// What a text outside a body may be read as: itself, and the number or the truth value that it spells, alone or as the one
/// element of a list.
pub(crate) fn readings(text: &str) -> Vec<Value> {
    let spelt = serde_json::from_str::<Value>(text).ok().filter(|value| value.is_number() || value.is_boolean());
    let mut all: Vec<Value> = std::iter::once(Value::from(text)).chain(spelt).collect();
    all.extend(all.clone().into_iter().map(|one| Value::Array(vec![one])));
    all
}

/// Only what JSON demands is escaped, so that other characters reach the target as themselves.
fn escape(text: &str, out: &mut String) {
    out.push('"');
    // Most text needs no escape, and to see so is many times faster than to look at each byte in turn.
    let is_plain = |byte: u8| !matches!(byte, ..b' ' | b'"' | b'\\');
    if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
        out.push_str(text);
        out.push('"');
        return;
    }
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if is_plain(byte) {
            continue;
        }
        out.push_str(&text[plain..at]);
        plain = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{control:04x}");
            }
        }
    }
    out.push_str(&text[plain..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_as_the_same_value() {
        let value =
            serde_json::json!({"a": ["x\u{0}\u{1f}\"\\\n\r\t\u{feff}\u{1f600}/", 1, -0.5, null, true, {}], "": []});
        assert_eq!(serde_json::from_str::<Value>(&Json::from(&value).render()).expect("JSON"), value);
    }

    #[test]
    fn doubles_are_read_as_they_were_written() {
        // A plain generator of bits: what is tried must not change from run to run.
        let mut state = 1u64;
        for _ in 0..10_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let number = f64::from_bits(state);
            if number.is_finite() {
                let text = Json::float(number).render();
                let read = serde_json::from_str::<f64>(&text).expect("a number");
                assert_eq!(read.to_bits(), number.to_bits(), "{text}");
            }
        }
    }

    #[test]
    fn numbers_keep_every_digit() {
        assert_eq!(Json::number("9223372036854775808000").render(), "9223372036854775808000");
    }
}
