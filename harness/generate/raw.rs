//! The driver for fuzzers: bytes decode to choices, two for each, the lower one first.

use std::fmt;

use super::MOST_CHOICES;

/// Choices out of a fuzzer's bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct RawChoices(pub Vec<u16>);

impl RawChoices {
    /// The choices that these bytes stand for: no more than a body can use, and nothing for an odd last byte.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let pairs = bytes.chunks_exact(2).take(MOST_CHOICES);
        Self(pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect())
    }

    /// Bytes that stand for these choices.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|number| number.to_le_bytes()).collect()
    }
}

impl fmt::Debug for RawChoices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} choices", self.0.len())
    }
}

#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for RawChoices {
    fn arbitrary(bytes: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let rest = bytes.bytes(bytes.len())?;
        Ok(Self::from_bytes(rest))
    }

    fn size_hint(_depth: usize) -> (usize, Option<usize>) {
        (0, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_choices_stand_for_each_other() {
        let choices = RawChoices(vec![0, 1, 256, 65_535]);
        assert_eq!(choices.to_bytes(), [0, 0, 1, 0, 0, 1, 255, 255]);
        assert_eq!(RawChoices::from_bytes(&choices.to_bytes()), choices);
        assert_eq!(RawChoices::from_bytes(&[7, 0, 9]), RawChoices(vec![7]));
    }

    #[test]
    fn there_are_never_more_choices_than_a_body_can_use() {
        assert_eq!(RawChoices::from_bytes(&[1; 10_000]).0.len(), MOST_CHOICES);
    }
}
