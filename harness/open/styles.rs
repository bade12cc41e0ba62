//! How the value of a parameter is written: read by the table of styles.

use serde_json::Value;

use super::OperationReader;
use crate::carrier::{self, Place};
use crate::contract::{Holds, ParameterIn, Style, StyleName};

impl OperationReader<'_> {
    /// How the values of a parameter are written; what holds them is told by a value.
    pub(super) fn style(&mut self, parameter: &Value, location: ParameterIn, pointer: &str) -> (StyleName, bool) {
        let usual = carrier::usual(location);
        let given = parameter.get("style").and_then(Value::as_str);
        let name = given.map_or(Some(usual), StyleName::named).filter(|name| carrier::fits(location, *name));
        if let (Some(given), None) = (given, name) {
            let what = format!("`{given}` is no style of a {location} parameter");
            self.remark(pointer, what, format!("its value is written in the style `{usual}`"));
        }
        let name = name.unwrap_or(usual);
        let explode = parameter.get("explode").and_then(Value::as_bool).unwrap_or(name == StyleName::Form);
        (name, explode)
    }
}

/// What of a value is written.
pub(super) fn held_by(value: &Value, is_json: bool) -> Holds {
    match value {
        _ if is_json => Holds::Json,
        Value::Array(_) => Holds::Array,
        Value::Object(_) => Holds::Object,
        _ => Holds::One,
    }
}

/// A parameter by what writes it and what judges it.
pub(super) struct Judged<'a> {
    pub(super) location: ParameterIn,
    pub(super) name: &'a str,
    pub(super) style: (StyleName, bool),
    pub(super) is_json: bool,
    pub(super) is_valid: &'a dyn Fn(&Value) -> bool,
}

impl Judged<'_> {
    /// Where a value stands, and how it is written there.
    pub(super) fn place(&self, value: &Value) -> Place<'_> {
        let (name, explode) = self.style;
        let style = Style { name, explode, holds: held_by(value, self.is_json) };
        Place { location: self.location, name: self.name, style }
    }

    /// The text of a legal value, and whether everybody reads it alike.
    pub(super) fn legal(&self, value: &Value) -> Option<carrier::Written> {
        let written = self.place(value).write(value)?;
        (carrier::is_sendable(self.location, &written.text) && (self.is_valid)(value)).then_some(written)
    }
}
