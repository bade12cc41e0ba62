//! How many rules must get a verdict for a run to count.

use std::fmt;
use std::str::FromStr;

/// So many rules, or such a share of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum MinRules {
    Count(usize),
    /// In hundredths, from 1 to 100.
    Percent(usize),
}

impl MinRules {
    pub(in crate::cli) fn is_met(self, judged: usize, all: usize) -> bool {
        match self {
            Self::Count(least) => judged >= least,
            Self::Percent(least) => judged * 100 >= all * least,
        }
    }
}

impl FromStr for MinRules {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let remedy = "write a number above 0, or a share from `1%` to `100%`";
        let (digits, share) = text.strip_suffix('%').map_or((text, false), |digits| (digits, true));
        match digits.parse() {
            Ok(least @ 1..=100) if share => Ok(Self::Percent(least)),
            Ok(least) if least > 0 && !share => Ok(Self::Count(least)),
            _ => Err(remedy.to_owned()),
        }
    }
}

impl fmt::Display for MinRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(least) => write!(f, "{least}"),
            Self::Percent(least) => write!(f, "{least}%"),
        }
    }
}
