//! A text as a reader would read it: what it says once its escapes are undone, and where in the text each byte of that stands.
//!
//! Knows nothing of secrets. What it takes for an escape may be none: whoever looks for something looks at all views.

use std::ops::Range;

/// So often escapes within escapes are undone.
const MOST_LEVELS: usize = 4;
/// So many bytes are looked at at a time, unless what is looked for is longer: a view takes many times the room of its text.
const WINDOW: usize = 1 << 16;
/// What is longer is found only where no two windows meet.
const LONGEST_OVERLAP: usize = 1 << 20;
/// No escape of one character is longer.
const LONGEST_ESCAPE: usize = 12;

/// What a text says, byte by byte.
#[derive(Debug, Clone, Default)]
pub(super) struct View {
    pub(super) exact: Vec<u8>,
    /// The same with ASCII letters in lower case.
    pub(super) bytes: Vec<u8>,
    /// Where each byte comes from, its start and its end; nothing where nobody asks.
    from: Vec<(u32, u32)>,
}

/// A text in pieces of a bounded size, with where each begins: each overlaps the next by as much as something that is looked
/// for takes at the most.
pub(super) fn windows(text: &str, longest: usize) -> impl Iterator<Item = (usize, &str)> {
    let (longest, size) = (longest.min(LONGEST_OVERLAP), WINDOW.max(4 * longest.min(LONGEST_OVERLAP)));
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let end = (start + size..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        let overlap = || (start + 1..=end - longest).rfind(|at| text.is_char_boundary(*at));
        next = if end < text.len() { overlap() } else { None };
        Some((start, &text[start..end]))
    })
}

/// The text as it is, without each level of its escapes, and without what breaks up long codes.
pub(super) fn views(text: &str) -> Vec<View> {
    all(View { from: origins(text), ..View::of(text) })
}

/// The same for whoever does not ask where in the text something stands.
pub(super) fn untraced(text: &str) -> Vec<View> {
    all(View::of(text))
}

fn all(first: View) -> Vec<View> {
    let mut views = vec![first];
    while views.len() <= MOST_LEVELS {
        let Some(next) = views.last().and_then(View::unescaped) else { break };
        views.push(next);
    }
    let read = views.len();
    for is_break in [breaks_lines, breaks_groups] {
        let squeezed: Vec<View> = views[..read].iter().filter_map(|view| view.without(is_break)).collect();
        views.extend(squeezed);
    }
    views
}

/// Whether a byte breaks a long code up into lines, or into characters of two bytes.
fn breaks_lines(byte: u8) -> bool {
    matches!(byte, b'\0' | b' ' | b'\t' | b'\r' | b'\n')
}

/// Whether it breaks one up into groups as well.
fn breaks_groups(byte: u8) -> bool {
    breaks_lines(byte) || matches!(byte, b':' | b'-' | b',')
}

impl View {
    fn of(text: &str) -> Self {
        Self { exact: text.into(), bytes: text.to_ascii_lowercase().into_bytes(), from: Vec::new() }
    }

    /// Where in the text a part of the view comes from.
    pub(super) fn origin(&self, part: &Range<usize>) -> Range<usize> {
        self.from[part.start].0 as usize..self.from[part.end - 1].1 as usize
    }

    /// The view without one level of escapes; nothing where it has none.
    fn unescaped(&self) -> Option<Self> {
        if !self.bytes.iter().any(|byte| b"\\%&=".contains(byte)) {
            return None;
        }
        let mut plain = Self::default();
        let (mut at, mut is_changed) = (0, false);
        while at < self.bytes.len() {
            let rest = &self.bytes[at..self.bytes.len().min(at + LONGEST_ESCAPE)];
            let (character, length) = match escape(rest) {
                Some(found) => {
                    is_changed = true;
                    found
                }
                None => (Meant::Byte(self.exact[at]), 1),
            };
            let origin = self.from.get(at).map(|(start, _)| (*start, self.from[at + length - 1].1));
            match character {
                Meant::Byte(byte) => plain.push(byte, origin),
                Meant::Character(character) => {
                    let mut room = [0; 4];
                    let spelt = character.encode_utf8(&mut room);
                    spelt.bytes().for_each(|byte| plain.push(byte, origin));
                }
            }
            at += length;
        }
        is_changed.then_some(plain)
    }

    /// The view without what breaks up long codes into lines, pairs and groups; nothing where it has none of that.
    fn without(&self, is_break: impl Fn(u8) -> bool) -> Option<Self> {
        let exact: Vec<u8> = self.exact.iter().copied().filter(|byte| !is_break(*byte)).collect();
        let origins = self.from.iter().zip(&self.exact).filter(|(_, byte)| !is_break(**byte));
        let from = origins.map(|(origin, _)| *origin).collect();
        (exact.len() < self.exact.len()).then(|| Self { bytes: exact.to_ascii_lowercase(), exact, from })
    }

    fn push(&mut self, byte: u8, origin: Option<(u32, u32)>) {
        self.exact.push(byte);
        self.bytes.push(byte.to_ascii_lowercase());
        self.from.extend(origin);
    }
}

/// Where each byte of a text stands: with the other bytes of its character.
fn origins(text: &str) -> Vec<(u32, u32)> {
    let origin = |(at, character): (usize, char)| {
        std::iter::repeat_n((position(at), position(at + character.len_utf8())), character.len_utf8())
    };
    text.char_indices().flat_map(origin).collect()
}

/// A window of a text is shorter than what this can count.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// What an escape means.
enum Meant {
    Byte(u8),
    Character(char),
}

/// The escape that a text in lower case begins with, and its length.
fn escape(text: &[u8]) -> Option<(Meant, usize)> {
    match text {
        [b'%' | b'=', rest @ ..] => Some((Meant::Byte(u8::try_from(number(rest, 16, 2..=2)?.0).ok()?), 3)),
        [b'&', rest @ ..] => entity(rest).map(|(meant, length)| (meant, length + 1)),
        [b'\\', b'u', b'{', rest @ ..] => {
            let (code, digits) = number(rest, 16, 1..=6)?;
            (rest.get(digits) == Some(&b'}')).then_some((Meant::Character(char::from_u32(code)?), digits + 4))
        }
        [b'\\', b'u', rest @ ..] => Some((Meant::Character(char::from_u32(number(rest, 16, 4..=4)?.0)?), 6)),
        [b'\\', b'x', rest @ ..] => Some((Meant::Byte(u8::try_from(number(rest, 16, 2..=2)?.0).ok()?), 4)),
        [b'\\', b'0'..=b'7', ..] => {
            let (code, digits) = number(&text[1..], 8, 3..=3)?;
            Some((Meant::Byte(u8::try_from(code).ok()?), digits + 1))
        }
        [b'\\', next, ..] if next.is_ascii_punctuation() => Some((Meant::Byte(*next), 2)),
        _ => None,
    }
}

/// A character reference of HTML, without its `&`.
fn entity(text: &[u8]) -> Option<(Meant, usize)> {
    let coded = |rest: &[u8], before: usize, radix: u32, most: usize| {
        let (code, digits) = number(rest, radix, 1..=most)?;
        let ends = usize::from(rest.get(digits) == Some(&b';'));
        Some((Meant::Character(char::from_u32(code)?), before + digits + ends))
    };
    match text {
        [b'#', b'x', rest @ ..] => coded(rest, 2, 16, 6),
        [b'#', rest @ ..] => coded(rest, 1, 10, 7),
        _ => NAMED.iter().find(|(name, _)| text.starts_with(name)).map(|(name, byte)| (Meant::Byte(*byte), name.len())),
    }
}

/// The named references that a secret is likely to be written with.
const NAMED: [(&[u8], u8); 14] = [
    (b"amp;", b'&'),
    (b"lt;", b'<'),
    (b"gt;", b'>'),
    (b"quot;", b'"'),
    (b"apos;", b'\''),
    (b"sol;", b'/'),
    (b"bsol;", b'\\'),
    (b"plus;", b'+'),
    (b"equals;", b'='),
    (b"lowbar;", b'_'),
    (b"hyphen;", b'-'),
    (b"period;", b'.'),
    (b"colon;", b':'),
    (b"percnt;", b'%'),
];

/// The number that a text begins with, of so many digits, and how many they are.
fn number(text: &[u8], radix: u32, digits: std::ops::RangeInclusive<usize>) -> Option<(u32, usize)> {
    let count = text.iter().take(*digits.end()).take_while(|byte| char::from(**byte).is_digit(radix)).count();
    if !digits.contains(&count) {
        return None;
    }
    let number = std::str::from_utf8(&text[..count]).ok()?;
    Some((u32::from_str_radix(number, radix).ok()?, count))
}
