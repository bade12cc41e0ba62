//! How the value of a parameter is written, and what its elements may be: read by the table of styles.

use serde_json::{Value, json};

use super::OperationReader;
use super::view::View;
use crate::carrier::{self, Place};
use crate::contract::{Holds, ParameterIn, Standing, Style, StyleName, TextRule};
use crate::identity::Keyword;

/// So many listed values of an element are sent.
const MOST_LISTED: usize = 20;

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
    fn place(&self, value: &Value) -> Place<'_> {
        let (name, explode) = self.style;
        let style = Style { name, explode, holds: held_by(value, self.is_json) };
        Place { location: self.location, name: self.name, style }
    }

    /// The text of a legal value, and whether everybody reads it alike.
    pub(super) fn legal(&self, value: &Value) -> Option<carrier::Written> {
        let written = self.place(value).write(value)?;
        (carrier::is_sendable(self.location, &written.text) && (self.is_valid)(value)).then_some(written)
    }

    /// What can be told of the elements of an array, of which this is a legal one.
    pub(super) fn elements(&self, items: &View, sample: &Value) -> Vec<TextRule> {
        let Value::Array(all) = sample else { return Vec::new() };
        let Some((_, before)) = all.split_last() else { return Vec::new() };
        let with = |last: Value| Value::Array([before, &[last]].concat());
        let legal =
            |last: &Value| self.legal(&with(last.clone())).filter(|written| written.is_sure).map(|one| one.text);
        // What is no element under any reading of the whole.
        let illegal = |last: &str| {
            let value = with(json!(last));
            let place = self.place(&value);
            let written = place.write(&value).filter(|written| written.is_sure)?.text;
            let is_legal = place.readings(&written).iter().any(|value| (self.is_valid)(value));
            (!is_legal && carrier::is_sendable(self.location, &written)).then_some(written)
        };
        let mut rules = Vec::new();
        let mut add = |keyword, bound: Value, inside: Vec<String>, outside: &[&str]| {
            let outside: Vec<String> = outside.iter().filter_map(|text| illegal(text)).collect();
            if !(inside.is_empty() && outside.is_empty()) {
                rules.push(TextRule { keyword, bound, standing: Standing::Firm, inside, outside });
            }
        };
        match items.types().as_deref() {
            Some(["integer"]) => add(Keyword::Type, json!("integer"), Vec::new(), &["sample", "7.5"]),
            Some(["number"]) => add(Keyword::Type, json!("number"), Vec::new(), &["sample"]),
            Some(["boolean"]) => add(Keyword::Type, json!("boolean"), Vec::new(), &["sample"]),
            _ => {}
        }
        if let Some(Value::Array(listed)) = items.get("enum") {
            // What stands in a path names a thing that need not be there.
            let sent = listed.iter().filter(|_| self.location != ParameterIn::Path);
            add(Keyword::Enum, json!(listed), sent.filter_map(legal).take(MOST_LISTED).collect(), &["NO_SUCH_VALUE"]);
        }
        rules
    }
}
