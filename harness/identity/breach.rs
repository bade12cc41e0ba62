//! What a request breaks: a rule, or a keyword of a schema that no rule is about, and where.

use std::fmt;

use super::grammar::{self, Unreadable};
use super::{Keyword, OperationName, Site};

/// What a body breaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broken {
    /// A rule about this.
    Rule(Keyword),
    /// What no rule is about: the keyword of the schema, as the validator calls it.
    Unmapped(String),
}

impl Broken {
    /// What the rule is about that is broken; nothing where it is of no rule.
    pub fn rule(&self) -> Option<Keyword> {
        match self {
            Self::Rule(keyword) => Some(*keyword),
            Self::Unmapped(_) => None,
        }
    }
}

impl From<Keyword> for Broken {
    fn from(keyword: Keyword) -> Self {
        Self::Rule(keyword)
    }
}

impl PartialEq<Keyword> for Broken {
    fn eq(&self, keyword: &Keyword) -> bool {
        self.rule() == Some(*keyword)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(keyword) => keyword.fmt(f),
            Self::Unmapped(keyword) => f.write_str(keyword),
        }
    }
}

/// A rule that a request breaks, as a file names it: `body.name maxLength`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Where: one site, or several whose values do not go together. All are of one operation.
    pub sites: Vec<Site>,
    /// What about.
    pub broken: Broken,
}

impl Breach {
    /// At one site.
    pub fn at(site: Site, broken: impl Into<Broken>) -> Self {
        Self { sites: vec![site], broken: broken.into() }
    }

    /// Reads what a file names; `operation` is the one that there is.
    pub fn read(text: &str, operation: &OperationName) -> Result<Self, Unreadable> {
        let (sites, word) = grammar::read_breach(text, operation)?;
        let broken = word.parse().map_or_else(|_| Broken::Unmapped(word.to_owned()), Broken::Rule);
        Ok(Self { sites, broken })
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&grammar::breach(&self.sites, &self.broken.to_string()))
    }
}
