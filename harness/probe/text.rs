//! `text`: legal strings that servers stumble over. A refusal is recorded; a crash, a hang or a drop is a finding.

use super::{Kind, Maker};
use crate::compose::text_of_length;
use crate::contract::{PlaceId, Shape};
use crate::json::Json;

/// Each of these has felled some server: in a log line, a query, a template, a path, a terminal, a database column.
pub(crate) const STUMBLING_BLOCKS: [(&str, &str); 26] = [
    ("a double quote", "say \"hi\""),
    ("a single quote", "it's"),
    ("an SQL fragment", "' OR '1'='1' --"),
    ("backslashes", "C:\\new\\table\\"),
    ("a percent sign", "100% %zz %00"),
    ("format directives", "%s%n%x%d{0}"),
    ("template syntax", "${7*7}{{7*7}}#{7*7}"),
    ("a lookup expression", "${jndi:dns://localhost/a}"),
    ("path syntax", "../../etc/passwd"),
    ("markup", "<b a=\"1\">&amp;</b><!--"),
    ("a shell fragment", "$(id) `id` ; | &"),
    ("a carriage return and line feed", "one\r\ntwo"),
    ("a line feed", "one\ntwo"),
    ("a tab", "one\ttwo"),
    ("a line separator", "one\u{2028}two"),
    ("NUL", "one\u{0}two"),
    ("control characters", "\u{1}\u{7}\u{8}\u{b}\u{1b}[31m\u{7f}\u{85}"),
    ("a byte-order mark", "\u{feff}sample"),
    ("bidirectional overrides", "\u{202e}elpmas\u{202c}\u{2066}"),
    ("combining marks", "e\u{301}\u{327}a\u{30a}\u{489}"),
    ("two-byte characters", "\u{e9}\u{df}\u{3a9}"),
    ("three-byte characters", "\u{6f22}\u{5b57}\u{20ac}"),
    ("four-byte characters", "\u{1f600}\u{20000}"),
    ("a joined emoji", "\u{1f469}\u{200d}\u{1f680}"),
    ("a noncharacter", "\u{ffff}\u{fffe}"),
    ("nothing but spaces", "   "),
];

/// Characters of 2, 3 and 4 bytes in UTF-8; the last is two units in UTF-16.
const WIDE: [(&str, char); 3] =
    [("two-byte characters", '\u{e9}'), ("three-byte characters", '\u{6f22}'), ("four-byte characters", '\u{1f600}')];

pub(super) fn probes(maker: &mut Maker<'_>, place: PlaceId) {
    let Shape::Text { min, max, .. } = *maker.shape(place) else { return };
    // What is too short is made longer by ordinary characters.
    let padded = |text: &str| {
        let missing = min.unwrap_or(0).saturating_sub(text.chars().count());
        format!("{text}{}", text_of_length(missing))
    };
    let fits = |text: &str| max.is_none_or(|max| text.chars().count() <= max);
    let most = maker.composer.operation().usual_bytes() / SHARE;
    if min.is_some_and(|min| min > most) {
        return;
    }
    // The batches of disputed text come after the firm one: each kind travels with its own.
    for (number, (what, text)) in STUMBLING_BLOCKS.into_iter().enumerate() {
        let text = padded(text);
        if fits(&text) {
            maker.together(number + 1, Kind::Odd(number), what, place, Json::Text(text));
        }
    }
    let Some(max) = max.filter(|max| *max <= most) else { return };
    for (number, (what, character)) in (STUMBLING_BLOCKS.len()..).zip(WIDE) {
        let text: String = std::iter::repeat_n(character, max).collect();
        maker.together(number + 1, Kind::Odd(number), format!("{max} {what}"), place, Json::Text(text));
    }
}

/// One byte in so many of a body: each of these characters has four, and the rest of the body has to fit as well.
const SHARE: usize = 5;
