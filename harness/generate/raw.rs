//! The driver for fuzzers: bytes decode to choices, two for each.

use std::fmt;

use arbitrary::{Arbitrary, Unstructured};

use super::MOST_CHOICES;

/// Choices out of a fuzzer's bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct RawChoices(pub Vec<u16>);

impl fmt::Debug for RawChoices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} choices", self.0.len())
    }
}

impl<'a> Arbitrary<'a> for RawChoices {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut numbers = Vec::with_capacity((bytes.len() / 2).min(MOST_CHOICES));
        while bytes.len() >= 2 && numbers.len() < MOST_CHOICES {
            numbers.push(bytes.arbitrary()?);
        }
        Ok(Self(numbers))
    }

    fn size_hint(_depth: usize) -> (usize, Option<usize>) {
        (0, None)
    }
}
