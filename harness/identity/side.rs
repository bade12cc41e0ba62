//! The sides of a rule.

use std::fmt;

/// Which side of the fence a probe stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Legal: it must be accepted.
    Inside,
    /// Illegal: it must be refused.
    Outside,
}

impl Side {
    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::Outside => "outside",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
