//! Plain text: one ordinary word, cut or repeated, which no rule but those of length minds.

/// Long enough to be off a bound of one or two, short enough for any field.
pub(crate) const WORD: &str = "sample";

/// Plain text of so many characters, which are as many bytes: the ordinary word, cut or repeated.
pub fn text_of_length(length: usize) -> String {
    let mut text = WORD.repeat(length.div_ceil(WORD.len()));
    text.truncate(length);
    text
}

/// Whether a text is such plain text, of whatever length.
pub fn is_plain(text: &str) -> bool {
    text == text_of_length(text.len())
}
