//! What findings and faults are known by. As text they are told and read by the [grammar](super::grammar) alone.

use std::fmt;

use serde_json::Value;

use super::grammar::{self, Unreadable, Written};
use super::{Keyword, OperationName, Side, Site};

/// The bound of a rule, as far as it tells the rule from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bound(String);

impl Bound {
    /// As a JSON text.
    pub fn of(value: &Value) -> Self {
        Self(value.to_string())
    }

    /// The JSON text.
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

/// What a finding is known by, the same from run to run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId {
    /// Where: one site, or several whose values do not go together. All are of one operation.
    pub sites: Vec<Site>,
    /// What about.
    pub keyword: Keyword,
    /// Which of the rules that share all else: nothing for the first of them.
    pub bound: Option<Bound>,
    /// From which side.
    pub side: Side,
}

impl FindingId {
    /// A finding at one site.
    pub fn at(place: &Site, keyword: Keyword, side: Side) -> Self {
        Self { sites: vec![place.clone()], keyword, bound: None, side }
    }

    /// Reads an id as it is told, with its operation or without; `operation` is the one that there is.
    pub fn read(text: &str, operation: &OperationName) -> Result<Self, Unreadable> {
        let Written { operation: named, places, keyword, bound, end } = text.parse()?;
        let operation = named.as_ref().unwrap_or(operation);
        let sites = places.into_iter().map(|(part, node)| Site::new(operation, part, node)).collect();
        let keyword = keyword.ok_or_else(|| Unreadable::new("it names no keyword"))?;
        let side = end.ok_or_else(|| Unreadable::new("it names no side"))?.parse()?;
        Ok(Self { sites, keyword, bound: bound.as_ref().map(Bound::of), side })
    }

    /// The places, without the operation and without branches: `body.name`, or several with ` + ` between them.
    pub fn places(&self) -> String {
        self.sites.iter().map(Site::as_str).collect::<Vec<_>>().join(grammar::TOGETHER)
    }

    /// As it is told where there is one operation only: `body.name:maxLength:outside`.
    pub fn short(&self) -> String {
        grammar::id(&self.sites, self.keyword, self.bound.as_ref(), self.side.as_str())
    }

    /// Whether a finding is meant by this id: without a bound it stands for every bound.
    pub fn covers(&self, other: &Self) -> bool {
        (self.keyword, self.side) == (other.keyword, other.side)
            && (self.bound.is_none() || self.bound == other.bound)
            && self.sites == other.sites
    }

    /// Whether it is about this one site alone.
    pub fn is_at(&self, site: &Site) -> bool {
        matches!(&self.sites[..], [own] if own == site)
    }
}

impl fmt::Display for FindingId {
    /// With the operation: `PUT /v3/tasks/{task_id} body.name:maxLength:outside`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&grammar::with_operation(&self.sites, &self.short()))
    }
}

/// What a fault of the stub is known by: `body.name:maxLength:off`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId {
    /// Where.
    pub sites: Vec<Site>,
    /// The rule that it is about.
    pub keyword: Keyword,
    /// In which way the rule is broken.
    pub mode: String,
}

impl FaultId {
    /// Reads an id as it is told, with its operation or without; `operation` is the one that there is.
    pub fn read(text: &str, operation: &OperationName) -> Result<Self, Unreadable> {
        let Written { operation: named, places, keyword, bound, end } = text.parse()?;
        let operation = named.as_ref().unwrap_or(operation);
        let sites = places.into_iter().map(|(part, node)| Site::new(operation, part, node)).collect();
        match (keyword, bound, end) {
            (Some(keyword), None, Some(mode)) => Ok(Self { sites, keyword, mode }),
            _ => Err(Unreadable::new("a fault is called PLACE:KEYWORD:WAY")),
        }
    }

    /// As it is told where there is one operation only.
    pub fn short(&self) -> String {
        grammar::id(&self.sites, self.keyword, None, &self.mode)
    }
}

impl fmt::Display for FaultId {
    /// With the operation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&grammar::with_operation(&self.sites, &self.short()))
    }
}
