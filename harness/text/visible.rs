//! Which characters people can see, and tell from others.

/// Whether a character can be shown as it is: a terminal obeys control characters and bidirectional overrides.
pub(crate) fn is_visible(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character can be seen, and told from others.
pub(crate) fn is_plain(character: char) -> bool {
    let formats =
        matches!(character, '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    is_visible(character) && !formats
}
