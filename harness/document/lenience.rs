//! How exactly a text is read, and how much of anything it may have.

use serde_json::Value;

/// Values that a text may have: several times as many as the largest document that is known, and no more than memory has
/// room for.
pub(super) const MOST_VALUES: usize = 3_000_000;

/// How what has no counterpart in JSON is read, and how much there may be of anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lenience {
    /// It is refused.
    Strict,
    /// It is taken for what it most likely means.
    Lenient,
}

impl Lenience {
    /// As deep as `serde_json` reads, of which a document that describes one operation needs a third; or more than any
    /// document needs that somebody wrote, and less than a stack takes.
    pub(super) fn most_depth(self) -> usize {
        if self == Self::Strict { 128 } else { 500 }
    }

    /// Values and characters that anchors and aliases may copy: far more than anyone writes down once to save typing.
    pub(super) fn most_copied(self) -> usize {
        if self == Self::Strict { 1_000_000 } else { 3_000_000 }
    }
}

/// How much there is of a value: itself, its parts, and the characters of its texts.
pub(super) fn weight(value: &Value) -> usize {
    1 + match value {
        Value::String(text) => text.len(),
        Value::Array(elements) => elements.iter().map(weight).sum(),
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + weight(value)).sum(),
        _ => 0,
    }
}
