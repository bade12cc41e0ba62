//! The checksum of a line: over the line and all that stand before it, so that a line that is damaged, missing, doubled or out
//! of its place does not fit.

use sha2::{Digest, Sha256};

use crate::hex::hex;

/// Stands between a line and its checksum.
const MARK: &str = ",\"check\":\"";
/// What ends a line.
const END: &str = "\"}";

/// The checksum of all lines so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seal(String);

impl Seal {
    /// The checksum with another line.
    fn with(&self, text: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(&self.0);
        hash.update(text);
        Self(hex(&hash.finalize()[..8]))
    }

    /// A line with its checksum as its last member; the text is a JSON object.
    pub(super) fn sealed(&self, text: &str) -> String {
        let open = text.strip_suffix('}').unwrap_or(text);
        format!("{open}{MARK}{}{END}\n", self.with(text).0)
    }

    /// Goes on behind a line.
    pub(super) fn pass(&mut self, text: &str) {
        *self = self.with(text);
    }

    /// The text of a line, whose end is not part of it, and goes on behind it; why that is no line that stands here.
    pub(super) fn open(&mut self, line: &[u8]) -> Result<String, &'static str> {
        let line = std::str::from_utf8(line).map_err(|_| "it is no text")?;
        let (open, check) =
            line.strip_suffix(END).and_then(|line| line.rsplit_once(MARK)).ok_or("it has no checksum")?;
        let text = format!("{open}}}");
        let next = self.with(&text);
        if next.0 != check {
            return Err("its checksum does not fit: it was changed, or something before it is missing");
        }
        *self = next;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_where_it_was_written() {
        let mut writer = Seal::default();
        let mut lines = Vec::new();
        for text in [r#"{"a":1}"#, r#"{"b":{"check":"x"}}"#, r#"{"a":1}"#] {
            lines.push((text, writer.sealed(text)));
            writer.pass(text);
        }
        let mut reader = Seal::default();
        for (text, line) in &lines {
            assert_eq!(reader.open(line.trim_end().as_bytes()).as_deref(), Ok(*text));
        }
        assert_eq!(reader, writer);
        // The third line, which reads like the first, does not stand in the first one's place.
        assert!(Seal::default().open(lines[2].1.trim_end().as_bytes()).is_err());
        assert_eq!(Seal::default().open(b"{\"a\":1}"), Err("it has no checksum"));
        assert_eq!(Seal::default().open(b"\xff"), Err("it is no text"));
    }
}
