//! What one keyword says of a value, told by examples: values that keep it, and values that break it and nothing else.

use serde_json::Value;

use super::Standing;
use crate::identity::Keyword;

/// Where a value stands, seen from what a keyword demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Edge {
    /// On its bound.
    Bound,
    /// Just past its bound.
    PastBound,
    /// Far past its bound.
    FarPast,
    /// Inside, where there is no bound to stand on.
    Fitting,
    /// Outside, where there is no bound to be past.
    Unfitting,
    /// Outside, and without a character.
    Empty,
}

/// A value on one side of a keyword.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Where it stands.
    pub edge: Edge,
    /// What is special about it, for people: `256 characters`.
    pub what: String,
    /// The value.
    pub value: Value,
}

/// What one keyword says of a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Assertion {
    /// The keyword.
    pub keyword: Keyword,
    /// What it says.
    pub bound: Value,
    /// Whether a target may be blamed.
    pub standing: Standing,
    /// Values that must be accepted.
    pub inside: Vec<Sample>,
    /// Values that must be refused: each breaks this keyword alone.
    pub outside: Vec<Sample>,
}
