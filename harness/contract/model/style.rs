//! How a value is written where there is no JSON: the styles of OpenAPI, as one place of one document has them.

use std::fmt;

/// The name of a style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StyleName {
    /// `a,b` in a path or a header.
    Simple,
    /// `.a.b` in a path.
    Label,
    /// `;name=a,b` in a path.
    Matrix,
    /// `name=a,b` or `name=a&name=b` in a query, a form or a cookie.
    Form,
    /// `name=a%20b` in a query or a form.
    SpaceDelimited,
    /// `name=a%7Cb` in a query or a form.
    PipeDelimited,
    /// `name=a%09b` in a query or a form, of Swagger 2.0.
    TabDelimited,
    /// `name[member]=a` in a query or a form.
    DeepObject,
}

/// Every style with its name in a document.
const NAMES: [(&str, StyleName); 8] = [
    ("simple", StyleName::Simple),
    ("label", StyleName::Label),
    ("matrix", StyleName::Matrix),
    ("form", StyleName::Form),
    ("spaceDelimited", StyleName::SpaceDelimited),
    ("pipeDelimited", StyleName::PipeDelimited),
    ("tabDelimited", StyleName::TabDelimited),
    ("deepObject", StyleName::DeepObject),
];

impl StyleName {
    /// The style of this name.
    pub fn named(text: &str) -> Option<Self> {
        NAMES.iter().find(|(name, _)| *name == text).map(|(_, style)| *style)
    }
}

impl fmt::Display for StyleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES.iter().find(|(_, style)| style == self).map_or("", |(name, _)| name))
    }
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// One text, number or truth value.
    One,
    /// JSON, as text.
    Json,
    /// The elements of an array.
    Array,
    /// The members of an object.
    Object,
}

/// How the value of a place is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// The name of the style.
    pub name: StyleName,
    /// Whether each element, or member, stands by itself.
    pub explode: bool,
    /// What is written so.
    pub holds: Holds,
}

impl Style {
    /// One plain text in this style.
    pub const fn plain(name: StyleName) -> Self {
        Self { name, explode: false, holds: Holds::One }
    }

    /// Whether there are parts: then a text of the place is all that stands in the request for it, in its own coding.
    pub fn has_parts(self) -> bool {
        matches!(self.holds, Holds::Array | Holds::Object)
    }
}
