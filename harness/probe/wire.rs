//! The wire: what concerns a request as a whole. Malformed text, media types, parameters, methods, sizes.

use super::{Kind, Maker, Send, Travel};
use crate::compose::{Composer, Slot, text_of_length};
use crate::contract::{Forgery, Operation, Parameter, ParameterIn, PlaceId, SecurityScheme, Shape, TextRule};
use crate::json::Json;
use crate::rule::{CONTENT_TYPE, Keyword, ODD_SPELLINGS, Part, RESPELLED, Rule, Side, Site};
use crate::text::media_type::fits;

/// So many places are tried for a word, or a number, with which a body is legal.
const MOST_PLACES: usize = 8;
/// The members that a form stands in.
const NESTED: &str = "fencepost_nested";
const FILLER: &str = "fencepost_filler";
const NUMBER: &str = "fencepost_number";
/// What of them a judge can read: more is no other to any schema.
const DEEPEST: usize = 100;
const MOST_DIGITS: usize = 300;

/// What is special about a request as a whole.
#[derive(Debug, Clone, PartialEq)]
pub enum Wire {
    /// No body.
    NoBody,
    /// A body with one of the forms of [`malformed_body`].
    Malformed(Form),
    /// Another media type, or none.
    ContentType(Option<String>),
    /// Another value of the parameter with this number, or none.
    Parameter(usize, Option<String>),
    /// Another method.
    Method(String),
    /// A query string.
    Query(String),
    /// Without the credential of the given scheme with this number, or with one that is nobody's.
    Forged(usize, Forgery),
    /// What was refused under its own media type, under this spelling of it.
    Respelled(String),
    /// The contract's example, byte for byte.
    Example,
    /// The same request twice in a row, alone in flight.
    Twice,
    /// Legal values of many places, in pairs.
    Pairs,
}

/// A form that a body can have, made from a legal one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The last character is missing.
    Truncated,
    /// It ends within a string.
    TruncatedText,
    /// Letters follow.
    TrailingText,
    /// A second body follows.
    SecondBody,
    /// A comma stands before the end.
    TrailingComma,
    /// A comment between asterisks.
    BlockComment,
    /// A comment to the end of the line.
    LineComment,
    /// Single quotes for double ones.
    SingleQuotes,
    /// A number that is none.
    NotANumber,
    /// A number without end.
    Infinity,
    /// A byte that starts no character.
    NotUtf8,
    /// A character in more bytes than it needs.
    OverlongUtf8,
    /// Nothing but white space.
    OnlySpaces,
    /// A byte-order mark first.
    ByteOrderMark,
    /// Two bytes a character.
    Utf16,
    /// Half a character, escaped.
    LoneSurrogate,
    /// A member twice.
    DuplicateKey,
    /// So many arrays in each other.
    Nested(usize),
    /// So many bytes in all.
    Sized(usize),
    /// A number of so many digits.
    Digits(usize),
}

/// Forms that no reader of JSON may accept.
const ILL_FORMED: [(Form, &str); 13] = [
    (Form::Truncated, "truncated"),
    (Form::TruncatedText, "truncated within a string"),
    (Form::TrailingText, "followed by text"),
    (Form::SecondBody, "followed by a second body"),
    (Form::TrailingComma, "with a trailing comma"),
    (Form::BlockComment, "with a block comment"),
    (Form::LineComment, "with a line comment"),
    (Form::SingleQuotes, "in single quotes"),
    (Form::NotANumber, "with NaN"),
    (Form::Infinity, "with Infinity"),
    (Form::NotUtf8, "with a byte that is no UTF-8"),
    (Form::OverlongUtf8, "with overlong UTF-8"),
    (Form::OnlySpaces, "nothing but spaces"),
];

pub(super) fn probes(maker: &mut Maker<'_>, rule: &Rule) {
    let bound = rule.bound.as_str().unwrap_or_default();
    match (rule.keyword, bound) {
        (Keyword::Required, _) if rule.place.is(Part::Body) => wire(maker, Side::Outside, "no body", Wire::NoBody),
        (Keyword::WellFormed, "byte-order mark") => malformed(maker, Side::Inside, bound, Form::ByteOrderMark),
        (Keyword::WellFormed, "UTF-16") => malformed(maker, Side::Outside, bound, Form::Utf16),
        (Keyword::WellFormed, "unpaired surrogate escape") => {
            malformed(maker, Side::Outside, bound, Form::LoneSurrogate);
        }
        (Keyword::WellFormed, _) => {
            for (form, what) in ILL_FORMED {
                malformed(maker, Side::Outside, what, form);
            }
        }
        (Keyword::DuplicateKey, _) => malformed(maker, Side::Outside, "a member twice", Form::DuplicateKey),
        (Keyword::Nesting, _) => malformed(maker, Side::Inside, "500 arrays in each other", Form::Nested(500)),
        (Keyword::Size, "400 digits") => malformed(maker, Side::Outside, bound, Form::Digits(400)),
        (Keyword::Size, _) if rule.place.is(Part::Body) => sizes(maker, rule),
        (Keyword::Example, _) => wire(maker, Side::Inside, "the example, byte for byte", Wire::Example),
        (Keyword::Idempotent, _) => wire(maker, Side::Inside, "the same request twice in a row", Wire::Twice),
        (Keyword::Interaction, _) => wire(maker, Side::Inside, "pairs of legal values", Wire::Pairs),
        (Keyword::MediaType, RESPELLED) => {
            let spelling = "application/json; charset=utf-8".to_owned();
            wire(maker, Side::Outside, format!("an illegal body, as {spelling}"), Wire::Respelled(spelling));
        }
        (Keyword::MediaType, _) if rule.place.is_named(Part::Header, CONTENT_TYPE) => media_types(maker, rule),
        (Keyword::Method, _) => methods(maker),
        (Keyword::Security, _) => forgeries(maker, rule),
        (Keyword::UnknownMember, _) if rule.place.is(Part::Query) => {
            wire(maker, Side::Inside, "a query string", Wire::Query("fencepost=1".to_owned()));
        }
        _ => parameters(maker, rule),
    }
}

fn wire(maker: &mut Maker<'_>, side: Side, what: impl Into<String>, wire: Wire) {
    maker.push(side, Kind::Wire, what, Send::Wire(wire), Travel::Alone);
}

fn malformed(maker: &mut Maker<'_>, side: Side, what: &str, form: Form) {
    // A contract without a number place, say, has nothing to write NaN into.
    if malformed_body(&maker.composer, form, "sample").is_some() {
        wire(maker, side, what, Wire::Malformed(form));
    }
}

fn sizes(maker: &mut Maker<'_>, rule: &Rule) {
    let bytes = rule.bound.as_u64().and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or_default();
    malformed(maker, Side::Inside, &format!("{bytes} bytes"), Form::Sized(bytes));
    let limit = &maker.composer.operation().body.size_limit;
    if limit.as_ref().is_some_and(|limit| limit.bytes == bytes) {
        malformed(maker, Side::Outside, &format!("{} bytes", bytes + 1), Form::Sized(bytes + 1));
    }
}

fn media_types(maker: &mut Maker<'_>, rule: &Rule) {
    let all: &[(Side, Option<&str>)] = if rule.bound == ODD_SPELLINGS {
        &[
            (Side::Outside, Some("application/json; charset=utf-16")),
            (Side::Outside, Some("application/json; charset=no-such-charset")),
            (Side::Outside, Some("application/json; version=1")),
            (Side::Outside, Some("text/json")),
            (Side::Outside, Some("application/merge-patch+json")),
            (Side::Outside, Some("application/json, text/plain")),
            (Side::Outside, Some("*/*")),
            (Side::Outside, Some("nonsense")),
        ]
    } else {
        &[
            (Side::Inside, Some("application/json")),
            (Side::Inside, Some("Application/JSON")),
            (Side::Inside, Some("application/json; charset=utf-8")),
            (Side::Inside, Some("application/json;charset=UTF-8")),
            (Side::Outside, None),
            (Side::Outside, Some("text/plain")),
            (Side::Outside, Some("application/xml")),
            (Side::Outside, Some("application/x-www-form-urlencoded")),
            (Side::Outside, Some("application/octet-stream")),
        ]
    };
    let operation = maker.composer.operation();
    // What an open contract has beside JSON is no mistake, and a body without a media type may be looked at to find it out.
    let is_own = |value: &str| operation.body.media_types.iter().any(|one| fits(one, value));
    let is_sure = |side: Side, value: Option<&str>| side == Side::Inside || value.is_some_and(|value| !is_own(value));
    let is_open = operation.is_open;
    // There the two sides are two rules.
    let has_side = |side: Side| if side == Side::Inside { rule.inside } else { rule.outside };
    for (side, value) in all.iter().filter(|(side, value)| !is_open || (has_side(*side) && is_sure(*side, *value))) {
        let what = value.map_or("no Content-Type".to_owned(), |value| format!("Content-Type {value}"));
        wire(maker, *side, what, Wire::ContentType(value.map(str::to_owned)));
    }
}

fn forgeries(maker: &mut Maker<'_>, rule: &Rule) {
    let operation = maker.composer.operation();
    let is_it = |(_, scheme): &(usize, &SecurityScheme)| scheme.site(operation.name()).as_ref() == Some(&rule.place);
    let Some((number, scheme)) = operation.security.needed().find(is_it) else { return };
    for (what, forgery) in [("no credential", Forgery::Absent), ("a wrong credential", Forgery::Wrong)] {
        wire(maker, Side::Outside, format!("{what} for `{}`", scheme.name), Wire::Forged(number, forgery));
    }
}

fn methods(maker: &mut Maker<'_>) {
    let own = maker.composer.operation().method.clone();
    for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] {
        if method != own {
            wire(maker, Side::Outside, method, Wire::Method(method.to_owned()));
        }
    }
}

fn parameters(maker: &mut Maker<'_>, rule: &Rule) {
    let operation = maker.composer.operation();
    let is_about = |parameter: &Parameter| {
        parameter.site == rule.place || parameter.text_rules().any(|(site, _)| site == rule.place)
    };
    let found = operation.parameters.iter().enumerate().find(|(_, parameter)| is_about(parameter));
    let Some((index, parameter)) = found else { return };
    let least = usize::from(parameter.location == ParameterIn::Path);
    let is_it =
        |(site, of): &(Site, &TextRule)| *site == rule.place && of.keyword == rule.keyword && of.bound == rule.bound;
    let texts = parameter.text_rules().find(is_it).map(|(_, texts)| texts.clone());
    if let Some(TextRule { inside, outside, .. }) = texts {
        for (side, texts) in [(Side::Inside, inside), (Side::Outside, outside)] {
            for text in texts {
                wire(maker, side, format!("`{text}`"), Wire::Parameter(index, Some(text)));
            }
        }
        return;
    }
    let (inside, outside) = match rule.keyword {
        Keyword::Optional | Keyword::Required => {
            let side = if rule.inside { Side::Inside } else { Side::Outside };
            wire(maker, side, "absent", Wire::Parameter(index, None));
            return;
        }
        Keyword::MinLength => {
            let below = parameter.min.filter(|_| rule.outside).and_then(|min| min.checked_sub(1));
            (parameter.min.map(|min| min.max(least)), below)
        }
        Keyword::MaxLength => (parameter.max, parameter.max.map(|max| max + 1)),
        Keyword::Size => (None, parameter.max.map(|max| max * 4)),
        _ => (None, None),
    };
    for (side, length) in [(Side::Inside, inside), (Side::Outside, outside)] {
        let Some(length) = length else { continue };
        let value = Wire::Parameter(index, Some(text_of_length(length)));
        wire(maker, side, format!("{length} characters"), value);
    }
}

/// What vouches for a body that is to be legal but for its form.
pub(crate) struct Voucher<'a> {
    /// Whether any text will do at a place.
    pub(crate) is_free: &'a dyn Fn(PlaceId) -> bool,
    /// Whether a body is legal.
    pub(crate) is_legal: &'a dyn Fn(&Json) -> bool,
}

/// A body in some form, made from a small legal one in which `mark` stands as text where the contract has any; nothing
/// where the contract has no place for the form.
pub fn malformed_body(composer: &Composer<'_>, form: Form, mark: &str) -> Option<Vec<u8>> {
    malformed_but_legal(composer, form, mark, &Voucher { is_free: &|_| true, is_legal: &|_| true })
}

/// The same of a body that is legal but for its form, or it would be refused for something else.
pub(crate) fn malformed_but_legal(
    composer: &Composer<'_>,
    form: Form,
    mark: &str,
    voucher: &Voucher<'_>,
) -> Option<Vec<u8>> {
    let operation = composer.operation();
    let is_legal = |overrides: &[(PlaceId, Slot)]| (voucher.is_legal)(&composer.body(overrides));
    let mut words = words(operation, mark, voucher.is_free).into_iter().take(MOST_PLACES);
    let word = words.find(|word| is_legal(word)).or_else(|| is_legal(&[]).then(Vec::new))?;
    let sound = composer.body(&word);
    let legal = sound.render();
    let within_braces = |open: char, close: char| legal.strip_prefix(open)?.strip_suffix(close);
    let (open, inner, close) = match within_braces('{', '}') {
        Some(inner) => ('{', inner, '}'),
        None => ('[', within_braces('[', ']')?, ']'),
    };
    let quoted = format!("\"{mark}\"");
    let within = |replacement: &str| legal.contains(&quoted).then(|| legal.replacen(&quoted, replacement, 1));
    let numeric = |token: &str| {
        let is_numeric = |_, shape: &Shape| matches!(shape, Shape::Number { .. } | Shape::Integer { .. });
        let mut places = leaves(operation, is_numeric).into_iter().take(MOST_PLACES);
        let place = places.find(|place| is_legal(&[(*place, Slot::Ordinary)]))?;
        Some(composer.body(&[(place, Slot::Value(Json::number(token)))]).render())
    };
    let separator = if inner.is_empty() { "" } else { "," };
    // These forms stand in a member that no table names, which would be to blame where none may be, or not such a one.
    if let Some((name, value)) = lodger(form, inner.len() + separator.len()) {
        let Json::Object(members) = &sound else { return None };
        let with: Vec<_> = members.iter().cloned().chain([(name.into(), value)]).collect();
        let is_closed = matches!(operation.place(Operation::ROOT).shape, Shape::Object { unknown: None, .. });
        if is_closed || !(voucher.is_legal)(&Json::Object(with)) {
            return None;
        }
    }
    let text = match form {
        Form::Truncated => format!("{open}{inner}"),
        Form::TruncatedText => within(&quoted[..quoted.len() - 1])?.split_inclusive(mark).next()?.to_owned(),
        Form::TrailingText => format!("{legal} trailing"),
        Form::SecondBody => format!("{legal}{{}}"),
        Form::TrailingComma | Form::SingleQuotes if inner.is_empty() => return None,
        Form::TrailingComma => format!("{open}{inner},{close}"),
        Form::BlockComment => format!("{open}/* a comment */{inner}{close}"),
        Form::LineComment => format!("{open}// a comment\n{inner}{close}"),
        // Numbers have none.
        Form::SingleQuotes if !legal.contains('"') => return None,
        Form::SingleQuotes => legal.replace('"', "'"),
        Form::NotANumber => numeric("NaN")?,
        Form::Infinity => numeric("Infinity")?,
        Form::OnlySpaces => "  ".to_owned(),
        Form::ByteOrderMark => format!("\u{feff}{legal}"),
        Form::LoneSurrogate => within("\"\\ud800\"")?,
        Form::DuplicateKey => {
            let Json::Object(mut members) = sound else { return None };
            members.insert(0, members.first()?.clone());
            Json::Object(members).render()
        }
        Form::Nested(depth) => {
            format!("{{{inner}{separator}\"{NESTED}\":{}{}}}", "[".repeat(depth), "]".repeat(depth))
        }
        Form::Sized(bytes) => {
            let frame = format!("{{{inner}{separator}\"{FILLER}\":\"\"}}").len();
            let filler = "x".repeat(bytes.checked_sub(frame)?);
            format!("{{{inner}{separator}\"{FILLER}\":\"{filler}\"}}")
        }
        // As a member that no table names: a documented number would be out of its bounds as well.
        Form::Digits(count) => format!("{{{inner}{separator}\"{NUMBER}\":{}}}", "9".repeat(count)),
        Form::NotUtf8 => return with_bytes(&within("\"\u{1}\"")?, &[0xff]),
        Form::OverlongUtf8 => return with_bytes(&within("\"\u{1}\"")?, &[0xc0, 0xaf]),
        Form::Utf16 => {
            return Some([0xfe, 0xff].into_iter().chain(legal.encode_utf16().flat_map(u16::to_be_bytes)).collect());
        }
    };
    Some(text.into_bytes())
}

/// The member that a form stands in, beside members of so many bytes, as far as a judge can read it.
fn lodger(form: Form, beside: usize) -> Option<(&'static str, Json)> {
    match form {
        Form::Nested(depth) => {
            Some((NESTED, (1..depth.min(DEEPEST)).fold(Json::Array(Vec::new()), |inner, _| Json::Array(vec![inner]))))
        }
        Form::Sized(bytes) => {
            let frame = FILLER.len() + beside + "{\"\":\"\"}".len();
            Some((FILLER, Json::text("x".repeat(bytes.saturating_sub(frame)))))
        }
        Form::Digits(count) => Some((NUMBER, Json::number("9".repeat(count.min(MOST_DIGITS))))),
        _ => None,
    }
}

/// The text with its one control character replaced by raw bytes.
fn with_bytes(text: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let (before, after) = text.split_once('\u{1}')?;
    Some([before.as_bytes(), bytes, after.as_bytes()].concat())
}

/// Overrides for a body that differs from its like by a word of text, where the contract has a place for one.
pub(crate) fn marked(operation: &Operation, mark: &str, is_free: impl Fn(PlaceId) -> bool) -> Vec<(PlaceId, Slot)> {
    words(operation, mark, is_free).into_iter().next().unwrap_or_default()
}

/// The same for each place that there is. The word stands on no bound: whoever refuses that would seem to refuse what the body
/// is sent for.
fn words(operation: &Operation, mark: &str, is_free: impl Fn(PlaceId) -> bool) -> Vec<Vec<(PlaceId, Slot)>> {
    let room = mark.chars().count();
    let places = leaves(operation, |place, shape| {
        matches!(shape, Shape::Text { min, max, values: None, .. }
            if min.is_none_or(|min| min < room) && max.is_none_or(|max| max > room))
            && is_free(place)
    });
    places.into_iter().map(|place| vec![(place, Slot::Value(Json::text(mark)))]).collect()
}

/// The places of some shape, the shallowest first.
fn leaves(operation: &Operation, wanted: impl Fn(PlaceId, &Shape) -> bool) -> Vec<PlaceId> {
    let found = operation.places().filter(|(id, place)| wanted(*id, &place.shape));
    let mut found: Vec<PlaceId> = found.map(|(id, _)| id).collect();
    found.sort_by_key(|id| (operation.lineage(*id).count(), id.0));
    found
}
