//! Reads members of a JSON object by name, and remembers where it stands so that a complaint can say so.

use serde_json::{Map, Value};

use super::number::whole;
use crate::document::error::Flaw;
use crate::text::pointer;

/// Our own extensions that change what is tested: where nothing reads them, they were meant for another place.
pub(super) const MEANINGFUL: [&str; 5] = ["x-disputes", "x-disputed", "x-credential", "x-error-code", "x-text"];

/// Every body, path or header that holds a text is at least as long as the text must be, and hundreds of each are sent.
const MOST_LEAST: usize = 65_536;

/// What is shown of a value within an error, which is one line.
const MOST_SHOWN: usize = 80;

/// How long a text may be.
pub(super) struct Lengths {
    pub(super) min: Option<usize>,
    pub(super) max: Option<usize>,
    /// A greatest length that no request can reach.
    pub(super) unsent: Option<usize>,
}

/// An object of the document and its place in it.
pub(super) struct Reader<'a> {
    members: &'a Map<String, Value>,
    pub(super) pointer: String,
}

impl<'a> Reader<'a> {
    pub(super) fn new(value: &'a Value, pointer: &str) -> Result<Self, Flaw> {
        match value {
            Value::Object(members) => Ok(Self { members, pointer: pointer.to_owned() }),
            other => Err(Flaw::at(pointer, format!("must be a mapping, not {}", kind(other)))),
        }
    }

    pub(super) fn fault(&self, problem: impl Into<String>) -> Flaw {
        Flaw::at(&self.pointer, problem)
    }

    pub(super) fn fault_at(&self, name: &str, problem: impl Into<String>) -> Flaw {
        Flaw::at(&self.below(name), problem)
    }

    pub(super) fn below(&self, name: &str) -> String {
        pointer::below(&self.pointer, name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.members.keys().map(String::as_str)
    }

    pub(super) fn need(&self, name: &str) -> Result<&'a Value, Flaw> {
        self.get(name).ok_or_else(|| self.fault(format!("`{name}` is missing; add it")))
    }

    pub(super) fn object(&self, name: &str) -> Result<Reader<'a>, Flaw> {
        Reader::new(self.need(name)?, &self.below(name))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, Flaw> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.fault_at(name, format!("must be text, not {}", kind(other)))),
        }
    }

    pub(super) fn need_text(&self, name: &str) -> Result<&'a str, Flaw> {
        self.text(name)?.ok_or_else(|| self.fault(format!("`{name}` is missing; add it")))
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Flaw> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(self.fault_at(name, format!("must be true or false, not {}", kind(other)))),
        }
    }

    pub(super) fn count(&self, name: &str) -> Result<Option<usize>, Flaw> {
        self.get(name)
            .map(|value| {
                whole(value).and_then(|count| usize::try_from(count).ok()).ok_or_else(|| {
                    self.fault_at(name, format!("must be a whole number from 0 up, not {}", shown(value)))
                })
            })
            .transpose()
    }

    /// The least and the greatest number of characters, where so many can be sent.
    pub(super) fn lengths(&self, most: usize) -> Result<Lengths, Flaw> {
        let (min, max) = (self.count("minLength")?, self.count("maxLength")?);
        let least = most.min(MOST_LEAST);
        if let Some(min) = min.filter(|min| *min > least) {
            return Err(
                self.fault_at("minLength", format!("{min} is more than the {least} characters that can be sent"))
            );
        }
        ordered(self, "minLength", "maxLength", min, max)?;
        let is_sent = |max: &usize| *max <= most;
        Ok(Lengths { min, max: max.filter(is_sent), unsent: max.filter(|max| !is_sent(max)) })
    }

    pub(super) fn list(&self, name: &str) -> Result<&'a [Value], Flaw> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(elements)) => Ok(elements),
            Some(other) => Err(self.fault_at(name, format!("must be a list, not {}", kind(other)))),
        }
    }

    /// Refuses every member whose name is not in `known`, but for extensions that others made up.
    pub(super) fn only(&self, known: &[&str], what: &str) -> Result<(), Flaw> {
        let passes = |name: &&str| known.contains(name) || (name.starts_with("x-") && !MEANINGFUL.contains(name));
        match self.names().find(|name| !passes(name)) {
            None => Ok(()),
            Some(name) => Err(self.fault_at(name, format!("`{name}` is not modelled for {what}; remove it"))),
        }
    }
}

/// Refuses bounds between which nothing is left.
pub(super) fn ordered<T: PartialOrd>(
    here: &Reader<'_>,
    low: &str,
    high: &str,
    min: Option<T>,
    max: Option<T>,
) -> Result<(), Flaw> {
    match (min, max) {
        (Some(min), Some(max)) if min > max => {
            let (min, max) = (shown(here.need(low)?), shown(here.need(high)?));
            Err(here.fault(format!("`{low}` {min} is above `{high}` {max}; no value could be legal, correct one")))
        }
        _ => Ok(()),
    }
}

/// A value's JSON type, for people.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

/// A short scalar as itself, anything larger by its type.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    match value {
        Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
        _ if text.len() > MOST_SHOWN => kind(value).to_owned(),
        _ => text,
    }
}
