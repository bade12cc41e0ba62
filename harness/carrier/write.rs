//! The writer: a value as it stands at a parameter, and a parameter's text as it stands in a request.

use serde_json::Value;

use super::table::{self, Layout, Piece, Start, Sure};
use crate::contract::{Holds, ParameterIn, Style};
use crate::text::percent::{RESERVED, encoded};

/// A value at a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// The parameter's text: of what has parts all that stands in the request for it, else the value before any coding.
    pub(crate) text: String,
    /// Whether everybody reads it alike.
    pub(crate) is_sure: bool,
}

/// Where a value stands, and what it is called there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The part of the request.
    pub(crate) location: ParameterIn,
    /// The name of the parameter.
    pub(crate) name: &'a str,
    /// How it is written.
    pub(crate) style: Style,
}

impl Place<'_> {
    /// The text of a value; nothing where the style has none for it.
    pub(crate) fn write(&self, value: &Value) -> Option<Written> {
        match self.style.holds {
            Holds::Json => Some(Written { text: value.to_string(), is_sure: true }),
            Holds::One => scalar(value).map(|text| Written { text, is_sure: true }),
            Holds::Array | Holds::Object => self.parts(value),
        }
    }

    /// All that stands in the request for a text of this parameter.
    pub(crate) fn placed(&self, text: &str) -> String {
        if self.style.has_parts() {
            return text.to_owned();
        }
        let start = table::layout(self.location, self.style).map_or(Start::Nothing, |layout| layout.start);
        format!("{}{}", self.start(start), self.coded(text))
    }

    fn parts(&self, value: &Value) -> Option<Written> {
        let layout = table::layout(self.location, self.style)?;
        let mut named: Vec<(String, String)> = Vec::new();
        let mut is_sure = true;
        match value {
            Value::Array(elements) => {
                for (number, element) in elements.iter().enumerate() {
                    flat(&number.to_string(), element, layout.piece, &mut named)?;
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    is_sure &= !matches!(value, Value::Array(_) | Value::Object(_));
                    flat(name, value, layout.piece, &mut named)?;
                }
            }
            _ => return None,
        }
        if named.is_empty() {
            // Nothing written is nothing sent.
            return None;
        }
        is_sure &= match layout.sure {
            Sure::All => true,
            Sure::Single => named.len() == 1,
            Sure::Never => false,
        };
        is_sure &= named.iter().all(|(name, value)| self.survives(layout, name) && self.survives(layout, value));
        is_sure &= named.iter().all(|(_, value)| !value.is_empty());
        let pieces: Vec<String> = named.iter().map(|(name, value)| self.piece(layout.piece, name, value)).collect();
        Some(Written { text: format!("{}{}", self.start(layout.start), pieces.join(layout.separator)), is_sure })
    }

    fn piece(&self, piece: Piece, name: &str, value: &str) -> String {
        let value = self.coded(value);
        match piece {
            Piece::Bare => value,
            Piece::Named => format!("{}={value}", self.coded(self.name)),
            Piece::Alternating => {
                let separator = table::layout(self.location, self.style).map_or(",", |layout| layout.separator);
                format!("{}{separator}{value}", self.coded(name))
            }
            Piece::Keyed => format!("{}={value}", self.coded(name)),
            Piece::Bracketed => {
                // Brackets within a name part it from the ones further in.
                let name = format!("[{}]", name.replace('\n', "]["));
                format!("{}={value}", self.coded(&format!("{}{name}", self.name)))
            }
        }
    }

    fn start(&self, start: Start) -> String {
        let name = self.coded(self.name);
        match start {
            Start::Nothing => String::new(),
            Start::Dot => ".".to_owned(),
            Start::Semicolon => ";".to_owned(),
            Start::Matrix => format!(";{name}="),
            Start::Name => format!("{name}="),
        }
    }

    /// A text in the coding of its part of the request. What a cookie or a header holds has none.
    fn coded(&self, text: &str) -> String {
        match self.location {
            ParameterIn::Path | ParameterIn::Query => encoded(text.as_bytes(), RESERVED),
            ParameterIn::Header | ParameterIn::Cookie => text.to_owned(),
        }
    }

    /// Whether a text is told from what stands around it, whether that is taken apart before or after it is decoded.
    fn survives(&self, layout: Layout, text: &str) -> bool {
        let delimiters = match (layout.separator, layout.piece) {
            // The one thing that everybody takes apart first.
            ("&", Piece::Bracketed) => "[]",
            ("&", _) => "",
            ("%20", _) => " +",
            ("%7C", _) => "|",
            ("%09", _) => "\t",
            (".", _) => ".=",
            (";", _) => ";=",
            (_, Piece::Keyed) => ",=",
            _ => ",",
        };
        let is_in_header = self.location == ParameterIn::Header;
        !text.contains(|character| delimiters.contains(character))
            && !(is_in_header && (text.trim() != text || text.contains('"')))
    }
}

/// A member, and what stands in it where brackets say so: names of steps further in stand on lines of their own.
fn flat(name: &str, value: &Value, piece: Piece, out: &mut Vec<(String, String)>) -> Option<()> {
    match value {
        Value::Object(members) if piece == Piece::Bracketed => {
            members.iter().try_for_each(|(inner, value)| flat(&format!("{name}\n{inner}"), value, piece, out))
        }
        Value::Array(elements) if piece == Piece::Bracketed => elements
            .iter()
            .enumerate()
            .try_for_each(|(number, value)| flat(&format!("{name}\n{number}"), value, piece, out)),
        other => {
            out.push((name.to_owned(), scalar(other)?));
            Some(())
        }
    }
}

/// The text of a value without parts; null has none.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a text arrives as it was sent.
pub(crate) fn is_sendable(location: ParameterIn, text: &str) -> bool {
    let is_visible = || text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && text.trim() == text;
    match location {
        ParameterIn::Path => !matches!(text, "" | "." | ".."),
        ParameterIn::Query => true,
        ParameterIn::Header => is_visible(),
        // What may stand in a cookie, and is no escape to anybody (RFC 6265).
        ParameterIn::Cookie => is_visible() && !text.is_empty() && !text.contains([' ', '"', ',', ';', '\\', '%']),
    }
}
