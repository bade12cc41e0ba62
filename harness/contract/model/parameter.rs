//! The parameters outside the body: what each is, and what may be sent for it.

use std::fmt;

use serde_json::Value;

use super::Standing;
use super::style::Style;
use crate::identity::{Keyword, Part, Site, Step};

/// Where a parameter travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterIn {
    /// In the path of the URL.
    Path,
    /// In the query of the URL.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

impl ParameterIn {
    /// The part of a request that it is.
    pub(crate) fn part(self) -> Part {
        match self {
            Self::Path => Part::Path,
            Self::Query => Part::Query,
            Self::Header => Part::Header,
            Self::Cookie => Part::Cookie,
        }
    }
}

impl fmt::Display for ParameterIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        })
    }
}

/// What may be sent for a parameter that nobody gave a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usual {
    /// Its example, or any text of a legal length.
    Free,
    /// Its example alone, which was made up: its schema says more than is modelled.
    MadeUp,
    /// Its example alone, which the document names.
    Named,
    /// Nothing: it may be left out.
    Absent,
}

/// A rule of a parameter that is no plain text: texts that keep it, and texts that break it however they are read.
#[derive(Debug, Clone, PartialEq)]
pub struct TextRule {
    /// What it is about.
    pub keyword: Keyword,
    /// Its bound.
    pub bound: Value,
    /// Whether a target may be blamed.
    pub standing: Standing,
    /// Texts on its inside.
    pub inside: Vec<String>,
    /// Texts on its outside.
    pub outside: Vec<String>,
}

/// A rule of a part of a parameter: of its elements, or of a member.
#[derive(Debug, Clone, PartialEq)]
pub struct PartRule {
    /// The way to it.
    pub step: Step,
    /// What it says; the texts are of the whole parameter.
    pub rule: TextRule,
}

/// A parameter outside the body: text with a length.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name in the path template or among the headers.
    pub name: String,
    /// Where it travels.
    pub location: ParameterIn,
    /// Where it is.
    pub site: Site,
    /// Whether a request must carry it.
    pub required: bool,
    /// The least number of characters.
    pub min: Option<usize>,
    /// The greatest number of characters.
    pub max: Option<usize>,
    /// A greatest number of characters that no request can reach.
    pub unsent: Option<usize>,
    /// Whether an empty value of it is written as nothing at all: then none can be missed.
    pub may_be_nothing: bool,
    /// The contract's example value.
    pub example: Option<String>,
    /// What may be sent where nobody gave a value.
    pub usual: Usual,
    /// How its value is written.
    pub style: Style,
    /// The rules of a value that is no plain text.
    pub texts: Vec<TextRule>,
    /// The rules of its elements, or of its members: the texts are of the whole.
    pub parts: Vec<PartRule>,
    /// The schema of such a value.
    pub schema: Option<Value>,
    /// Whether its value is a secret that identifies the caller (`x-credential`).
    pub credential: bool,
    /// The table of the contract that says so.
    pub source: String,
}

impl Parameter {
    /// The rules of its value and its parts, each with its place.
    pub fn text_rules(&self) -> impl Iterator<Item = (Site, &TextRule)> {
        let own = self.texts.iter().map(|rule| (self.site.clone(), rule));
        own.chain(self.parts.iter().map(|part| (self.site.below(part.step.clone()), &part.rule)))
    }

    /// Lengths that an ordinary value may have, each once: one that is on no bound where there is any, then the bounds.
    pub(crate) fn lengths(&self) -> Vec<usize> {
        /// Off the bounds of most parameters.
        const USUAL: usize = 30;
        // An empty path parameter names another resource.
        let least = self.min.unwrap_or(0).max(usize::from(self.location == ParameterIn::Path));
        let most = self.max.unwrap_or(usize::MAX);
        let (low, high) = (least.saturating_add(1), most.saturating_sub(1));
        let inner = (low <= high).then(|| USUAL.clamp(low, high));
        let mut lengths: Vec<usize> = inner.into_iter().chain(self.max).chain([least]).collect();
        lengths.dedup();
        lengths
    }
}
