//! Secrets: values that are sent and never shown. Found, and masked, in whatever form a target sends them back: escaped, in
//! another letter case, in a code, or cut.
//!
//! The one type of the crate whose value no format shows: what is printed is the name of the place that it came from.

mod forms;
mod view;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use forms::Forms;
use view::{View, untraced, views, windows};

/// Shorter values turn up in answers by chance, so their coming back proves nothing.
const TELLING_LENGTH: usize = 16;
/// Shorter values stand in too many words to be told from them, so they are masked only where they stand alone, or, where
/// they are known to be a word, between characters of no word.
const MASKED_LENGTH: usize = 8;
/// Shorter words are too common.
const WORD_LENGTH: usize = 4;

/// So many characters stand for one byte at the most, a few levels of escapes deep.
const LONGEST_CODE: usize = 24;

/// A value that is never shown, and the name to show in its place.
#[derive(Clone)]
pub struct Secret {
    name: String,
    value: String,
    /// What it may look like in a text.
    forms: Arc<Forms>,
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

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.value, self.is_word) == (&other.name, &other.value, other.is_word)
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret(${})", self.name)
    }
}

impl Secret {
    /// A secret; `name` is that of the environment variable that it came from.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = value.into();
        Self { name: name.into(), forms: Arc::new(Forms::of(&value)), value, is_word: false }
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

    /// Whether the whole of it stands in a text: plain, escaped, or in a code that programs write things in.
    pub fn occurs_in(&self, text: &str) -> bool {
        let is_it = |view: &View, found: &(Range<usize>, bool)| {
            found.1 || view.exact[found.0.clone()] == *self.value.as_bytes()
        };
        // No form is shorter than the value.
        let has_room = text.len() >= self.value.len();
        has_room
            && windows(text, self.longest())
                .any(|(_, text)| untraced(text).iter().any(|view| self.whole(view).any(|found| is_it(view, &found))))
    }

    /// The text with the name in the secret's place.
    pub fn mask(&self, text: &str) -> String {
        self.replaced(text, &format!("${}", self.name))
    }

    /// The text with another in the secret's place.
    pub(crate) fn replaced(&self, text: &str, other: &str) -> String {
        hidden(text, &[self], |_| other.to_owned())
    }

    /// A text taken apart where the value stands as it is.
    pub(crate) fn apart<'a>(&'a self, text: &'a str) -> Vec<Piece<'a>> {
        if self.value.is_empty() || (self.is_short() && text != self.value) {
            return vec![Piece::Plain(text)];
        }
        let mut pieces = Vec::new();
        let mut from = 0;
        let stands = |at: usize| self.may_stand(text.as_bytes(), &(at..at + self.value.len()));
        for (at, _) in text.match_indices(&self.value).filter(|(at, _)| stands(*at)) {
            pieces.extend([Piece::Plain(&text[from..at]), Piece::Secret(self)]);
            from = at + self.value.len();
        }
        pieces.push(Piece::Plain(&text[from..]));
        pieces.retain(|piece| *piece != Piece::Plain(""));
        pieces
    }

    /// More characters than it takes in any code.
    fn longest(&self) -> usize {
        self.value.len().saturating_mul(LONGEST_CODE)
    }

    /// Whether it is found only where it stands alone.
    fn is_short(&self) -> bool {
        self.value.len() < MASKED_LENGTH && !self.is_word
    }

    /// Where the whole value stands in a view, and whether that is in a code. A short one is not looked for in codes.
    fn whole<'a>(&'a self, view: &'a View) -> impl Iterator<Item = (Range<usize>, bool)> + 'a {
        let is_found = !self.is_short() || view.exact == self.value.as_bytes();
        let found = is_found.then(|| self.forms.whole(view)).into_iter().flatten();
        found.filter(|(found, is_coded)| {
            self.value.len() >= MASKED_LENGTH || (!is_coded && self.may_stand(&view.exact, found))
        })
    }

    /// Whether what was found there is more than a part of a word, where it is too short to be told from one.
    fn may_stand(&self, text: &[u8], found: &Range<usize>) -> bool {
        let is_of_a_word = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii())
        };
        self.value.len() >= MASKED_LENGTH
            || !self.is_word
            || !(is_of_a_word(text[..found.start].last()) || is_of_a_word(text.get(found.end)))
    }
}

/// The text with something written in the place of each secret, and a note where a part of one stands that is a clue to it:
/// a target may cut what it repeats anywhere. The longest secret comes first: one may stand in another.
pub(crate) fn hidden(text: &str, secrets: &[&Secret], written: impl Fn(&Secret) -> String) -> String {
    if secrets.is_empty() || text.is_empty() {
        return text.to_owned();
    }
    let longest = secrets.iter().map(|secret| secret.longest()).max().unwrap_or_default();
    let mut found = Found::default();
    for (start, text) in windows(text, longest) {
        let views = views(text);
        for (secret, view) in secrets.iter().flat_map(|secret| views.iter().map(move |view| (secret, view))) {
            for (range, _) in secret.whole(view) {
                found.add_whole(start, view.origin(&range), || written(secret));
            }
        }
    }
    let long = secrets.iter().filter(|secret| secret.value.len() >= MASKED_LENGTH);
    for (start, text) in windows(text, longest) {
        let views = views(text);
        for (secret, view) in long.clone().flat_map(|secret| views.iter().map(move |view| (secret, view))) {
            for range in secret.forms.parts(view) {
                found.add_part(start, view.origin(&range), || format!("[part of ${}]", secret.name));
            }
        }
    }
    found.replaced(text)
}

/// What was found in a text, and what is written in its place: by its start, none overlapping another.
#[derive(Debug, Default)]
struct Found(BTreeMap<usize, (usize, String)>);

impl Found {
    /// The first that overlaps a range.
    fn overlapping(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let before = self.0.range(..=range.start).next_back().filter(|(_, (end, _))| *end > range.start);
        let (start, (end, _)) = before.or_else(|| self.0.range(range.clone()).next())?;
        Some(*start..*end)
    }

    fn add_whole(&mut self, offset: usize, range: Range<usize>, written: impl Fn() -> String) {
        let range = offset + range.start..offset + range.end;
        if self.overlapping(&range).is_none() {
            self.0.insert(range.start, (range.end, written()));
        }
    }

    /// Adds what is left of a range beside the others.
    fn add_part(&mut self, offset: usize, range: Range<usize>, written: impl Fn() -> String) {
        let mut left = offset + range.start..offset + range.end;
        while left.start < left.end {
            let other = self.overlapping(&left).unwrap_or(left.end..left.end);
            if left.start < other.start {
                self.0.insert(left.start, (other.start, written()));
            }
            left.start = other.end;
        }
    }

    fn replaced(self, text: &str) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut from = 0;
        for (start, (end, other)) in self.0 {
            masked.push_str(&text[from..start]);
            masked.push_str(&other);
            from = end;
        }
        masked.push_str(&text[from..]);
        masked
    }
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

    /// The ways in which programs write a text into another.
    fn written(value: &str) -> Vec<(&'static str, String)> {
        let bytes = value.as_bytes();
        let each = |form: &dyn Fn(u8) -> String| bytes.iter().map(|byte| form(*byte)).collect::<String>();
        let hex = each(&|byte| format!("{byte:02x}"));
        let percent = each(&|byte| format!("%{byte:02X}"));
        let quoted = serde_json::Value::from(value).to_string();
        let twice = serde_json::Value::from(quoted.as_str()).to_string();
        let base64 = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
        let wrapped = base64(&format!("user:{value}"))
            .as_bytes()
            .chunks(16)
            .map(String::from_utf8_lossy)
            .collect::<Vec<_>>()
            .join("\r\n");
        vec![
            ("plain", value.to_owned()),
            ("upper case", value.to_uppercase()),
            ("lower case", value.to_lowercase()),
            ("JSON", quoted),
            ("JSON in JSON", twice),
            ("JSON codes", each(&|byte| format!("\\u{byte:04x}"))),
            ("JSON codes in capitals", each(&|byte| format!("\\u{byte:04X}"))),
            ("slashes escaped", value.replace('/', "\\/")),
            ("percent", percent.clone()),
            ("percent in small letters", percent.to_lowercase()),
            ("percent of percent", percent.replace('%', "%25")),
            (
                "percent of what is reserved",
                value.replace('/', "%2F").replace('+', "%2B").replace('"', "%22").replace('=', "%3D"),
            ),
            ("HTML", value.replace('&', "&amp;").replace('"', "&quot;")),
            ("HTML decimal", each(&|byte| format!("&#{byte};"))),
            ("HTML hexadecimal", each(&|byte| format!("&#x{byte:x};"))),
            ("HTML hexadecimal in capitals", each(&|byte| format!("&#X{byte:04X};"))),
            ("hexadecimal", hex.clone()),
            ("hexadecimal in capitals", hex.to_uppercase()),
            ("hexadecimal with colons", each(&|byte| format!("{byte:02x}:"))),
            ("hexadecimal with spaces", each(&|byte| format!("{byte:02x} "))),
            ("\\x codes", each(&|byte| format!("\\x{byte:02x}"))),
            ("octal codes", each(&|byte| format!("\\{byte:03o}"))),
            ("code points in braces", each(&|byte| format!("\\u{{{byte:x}}}"))),
            ("quoted-printable", each(&|byte| format!("={byte:02X}"))),
            ("base 64", base64(value)),
            ("base 64 after one byte", base64(&format!("x{value}"))),
            ("base 64 after two bytes", base64(&format!("xy{value}y"))),
            ("base 64 for URLs", data_encoding::BASE64URL_NOPAD.encode(format!("id {value}").as_bytes())),
            ("base 64 in lines", wrapped),
            ("base 64 in JSON in percent", base64(value).replace('=', "%3D").replace('/', "%2F").replace('+', "%2B")),
            ("base 32", data_encoding::BASE32.encode(format!("ab{value}").as_bytes())),
            ("UTF-16", each(&|byte| format!("{}\0", char::from(byte)))),
        ]
    }

    /// Whether a text holds a part of the value, of so many characters, in any letter case.
    fn holds_part(text: &str, value: &str, length: usize) -> bool {
        let text = text.to_lowercase();
        let value = value.to_lowercase();
        value.as_bytes().windows(length).any(|part| text.contains(&*String::from_utf8_lossy(part)))
    }

    #[test]
    fn in_whatever_code_it_is_written_it_is_masked() {
        for (code, form) in written(VALUE) {
            let masked = secret().mask(&format!("<{form}>"));
            assert!(masked.contains("$TOKEN") && !masked.contains("[part of"), "{code}: {form} {masked}");
            assert!(!holds_part(&masked, &form, 8), "{code}: {form} {masked}");
            let other_case = matches!(code, "upper case" | "lower case");
            assert_eq!(secret().occurs_in(&form), !other_case, "{code}: {form}");
        }
    }

    #[test]
    fn wherever_it_is_cut_no_clue_is_left() {
        for (code, form) in written(VALUE) {
            let ends: Vec<usize> = form.char_indices().map(|(at, _)| at).chain([form.len()]).collect();
            for cut in ends {
                for part in [&form[..cut], &form[cut..]] {
                    let masked = secret().mask(part);
                    // What stands for one byte in that code, times what is no clue.
                    let clue = 8 * form.len().div_ceil(VALUE.len());
                    assert!(!holds_part(&masked, &form, clue + 8), "{code} cut at {cut}: {part} {masked}");
                }
            }
        }
    }

    #[test]
    fn it_is_found_wherever_it_stands_in_a_long_text() {
        for before in (65_400..65_600).step_by(7) {
            let text = "\u{e9}".repeat(before / 2) + VALUE + &"-".repeat(70_000) + &VALUE[..19];
            let masked = secret().mask(&text);
            assert!(
                secret().occurs_in(&text) && masked.contains("\u{e9}$TOKEN-") && !masked.contains("IEsg"),
                "{before}"
            );
        }
        let many = VALUE.repeat(10_000);
        assert_eq!(secret().mask(&many), "$TOKEN".repeat(10_000));
    }

    #[test]
    fn what_only_resembles_it_is_left_alone() {
        for text in
            ["", "MIIEs", "\\", "%", "%4", "\\u004", "\\u\u{e9}\u{e9}", "&", "&#", "&#x;", "=", "a=b&c", "TOKEN"]
        {
            assert!(!secret().occurs_in(text), "{text}");
            assert_eq!(secret().mask(text), text);
        }
        let words = Secret::new("PASSWORD", "migration-service-password-7");
        assert_eq!(words.mask("the migration service wants a password"), "the migration service wants a password");
        assert_eq!(words.mask("Migration-Service"), "[part of $PASSWORD]");
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
