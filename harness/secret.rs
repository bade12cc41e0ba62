//! Secrets: values that are sent and never shown. Found, and masked, in whatever form a target sends them back.
//!
//! The one type of the crate whose value no format shows: what is printed is the name of the place that it came from.

use std::fmt;
use std::ops::Range;

/// Shorter values turn up in answers by chance, so their coming back proves nothing.
const TELLING_LENGTH: usize = 16;
/// Shorter values stand in too many words to be told from them, so they are masked only where they stand alone, or, where
/// they are known to be a word, between characters of no word.
const MASKED_LENGTH: usize = 8;
/// Shorter words are too common.
const WORD_LENGTH: usize = 4;

/// A value that is never shown, and the name to show in its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    name: String,
    value: String,
    /// Whether it is masked as a word of its own, however short it is.
    is_word: bool,
}

/// A piece of a text: as it is, or a secret that stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text.
    Plain(&'a str),
    /// A secret.
    Secret(&'a Secret),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret(${})", self.name)
    }
}

impl Secret {
    /// A secret; `name` is that of the environment variable that it came from.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), is_word: false }
    }

    /// A secret that is masked wherever it stands as a word, also where it is short.
    pub fn word(name: impl Into<String>, value: impl Into<String>) -> Self {
        let secret = Self::new(name, value);
        Self { is_word: secret.value.len() >= WORD_LENGTH, ..secret }
    }

    /// The name to show.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value, to be sent and for nothing else.
    pub fn expose(&self) -> &str {
        &self.value
    }

    /// Whether it is long enough that its coming back in an answer is no accident.
    pub fn is_telling(&self) -> bool {
        self.value.len() >= TELLING_LENGTH
    }

    /// Whether it stands in a text, plain or escaped.
    pub fn occurs_in(&self, text: &str) -> bool {
        self.occurrence(text, 0).is_some()
    }

    /// The text with the name in the secret's place.
    pub fn mask(&self, text: &str) -> String {
        self.replaced(text, &format!("${}", self.name))
    }

    /// The text with another in the secret's place.
    pub(crate) fn replaced(&self, text: &str, other: &str) -> String {
        if text == self.value && !text.is_empty() {
            return other.to_owned();
        }
        if self.value.len() < MASKED_LENGTH && !self.is_word {
            return text.to_owned();
        }
        let mut masked = String::with_capacity(text.len());
        let mut from = 0;
        while let Some(found) = self.occurrence(text, from) {
            masked.push_str(&text[from..found.start]);
            masked.push_str(other);
            from = found.end;
        }
        masked.push_str(&text[from..]);
        masked
    }

    /// A text taken apart where the value stands as it is.
    pub(crate) fn apart<'a>(&'a self, text: &'a str) -> Vec<Piece<'a>> {
        let is_short = self.value.len() < MASKED_LENGTH && !self.is_word;
        if self.value.is_empty() || (is_short && text != self.value) {
            return vec![Piece::Plain(text)];
        }
        let mut pieces = Vec::new();
        let mut from = 0;
        for (at, _) in
            text.match_indices(&self.value).filter(|(at, _)| self.may_stand(text, *at..*at + self.value.len()))
        {
            pieces.extend([Piece::Plain(&text[from..at]), Piece::Secret(self)]);
            from = at + self.value.len();
        }
        pieces.push(Piece::Plain(&text[from..]));
        pieces.retain(|piece| *piece != Piece::Plain(""));
        pieces
    }

    /// The first place at or after `from` where the value stands.
    fn occurrence(&self, text: &str, from: usize) -> Option<Range<usize>> {
        let first = self.value.chars().next()?;
        text[from..]
            .char_indices()
            .map(|(offset, character)| (from + offset, character))
            .filter(|(_, character)| *character == first || matches!(character, '\\' | '%'))
            .filter_map(|(start, _)| Some(start..start + spelt(&text[start..], &self.value)?))
            .find(|found| self.may_stand(text, found.clone()))
    }

    /// Whether what was found there is more than a part of a word, where it is too short to be told from one.
    fn may_stand(&self, text: &str, found: Range<usize>) -> bool {
        let is_of_a_word = |character: char| character.is_alphanumeric() || character == '_';
        self.value.len() >= MASKED_LENGTH
            || !self.is_word
            || !(text[..found.start].ends_with(is_of_a_word) || text[found.end..].starts_with(is_of_a_word))
    }
}

/// How much of the beginning of `text` spells `value`: as it is, or with any of its characters escaped.
fn spelt(text: &str, value: &str) -> Option<usize> {
    if text.starts_with(value) {
        return Some(value.len());
    }
    let mut rest = text;
    for character in value.chars() {
        rest = after_escape(rest, character).or_else(|| rest.strip_prefix(character))?;
    }
    Some(text.len() - rest.len())
}

/// What follows one character that is written as an escape: of JSON, of JSON within JSON however deep, or of a URL.
fn after_escape(text: &str, character: char) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('%') {
        return after_code(rest, 2, character);
    }
    if character == '\\' {
        return text.strip_prefix("\\\\");
    }
    let bare = text.trim_start_matches('\\');
    if bare.len() == text.len() {
        return None;
    }
    let coded = bare.strip_prefix('u').and_then(|rest| after_code(rest, 4, character));
    coded.or_else(|| bare.strip_prefix(character))
}

/// What follows so many hexadecimal digits that name the character.
fn after_code(text: &str, digits: usize, character: char) -> Option<&str> {
    let code = u32::from_str_radix(text.get(..digits)?, 16).ok()?;
    (code == u32::from(character)).then(|| &text[digits..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "MIIEsgYJ/oZI+vcN\"x=";

    fn secret() -> Secret {
        Secret::new("TOKEN", VALUE)
    }

    #[test]
    fn no_format_shows_the_value() {
        assert_eq!(format!("{:?} {:#?}", secret(), Some(secret())), "Secret($TOKEN) Some(\n    Secret($TOKEN),\n)");
    }

    #[test]
    fn however_it_is_written_it_is_found_and_masked() {
        let each = |form: fn(u32) -> String| VALUE.chars().map(|one| form(u32::from(one))).collect::<Vec<_>>().concat();
        let coded = each(|code| format!("\\u{code:04x}"));
        let upper = each(|code| format!("\\u{code:04X}"));
        let percent = each(|code| format!("%{code:02X}"));
        let quoted = VALUE.replace('"', "\\\"");
        let mixed = format!("\\u004d{}", &quoted[1..]);
        let twice = quoted.replace('\\', "\\\\").replace('"', "\\\"").replace('/', "\\\\\\/");
        for form in [VALUE.to_owned(), coded, upper, percent, quoted, mixed, twice] {
            let text = format!("{{\"a\": \"\\u00e9{form}\u{e9}{form}\\\"}}");
            assert!(secret().occurs_in(&text), "{text}");
            assert_eq!(secret().mask(&text), "{\"a\": \"\\u00e9$TOKEN\u{e9}$TOKEN\\\"}", "{text}");
        }
    }

    #[test]
    fn what_only_resembles_it_is_left_alone() {
        for text in ["", "MIIEsgYJ", "\\", "%", "%4", "\\u004", "\\u\u{e9}\u{e9}", &VALUE[1..], &VALUE.to_lowercase()] {
            assert!(!secret().occurs_in(text), "{text}");
            assert_eq!(secret().mask(text), text);
        }
    }

    #[test]
    fn backslashes_of_its_own_are_found_plain_and_escaped() {
        let secret = Secret::new("KEY", "a\\\\b\\c\\u0041d");
        for text in ["a\\\\b\\c\\u0041d", "a\\\\\\\\b\\\\c\\\\u0041d"] {
            assert_eq!(secret.mask(text), "$KEY", "{text}");
        }
    }

    #[test]
    fn a_short_one_is_masked_only_where_it_stands_alone() {
        let secret = Secret::new("PIN", "1234");
        assert_eq!((secret.mask("1234"), secret.mask("12345")), ("$PIN".to_owned(), "12345".to_owned()));
        assert!(!secret.is_telling());
        assert_eq!(Secret::new("NONE", "").mask(""), "");
        let word = Secret::word("PIN", "1234");
        assert_eq!(
            word.mask("Bearer 1234, {\"a\":\"1234\"} 12345 a1234 1_1234"),
            "Bearer $PIN, {\"a\":\"$PIN\"} 12345 a1234 1_1234"
        );
        assert_eq!(Secret::word("PIN", "1").mask("1, \"1\""), "1, \"1\"");
        let pieces = [Piece::Plain("Bearer "), Piece::Secret(&word), Piece::Plain(" 12345")];
        assert_eq!(word.apart("Bearer 1234 12345"), pieces);
    }
}
