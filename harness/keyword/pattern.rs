//! `pattern`: texts that match a regular expression, of a wanted length, and texts that nearly do.
//!
//! A pattern is a search, in the dialect of ECMA-262: `jsonschema-regex` writes it as this language has it, and what it cannot
//! read (a look-around in the middle, a reference back) makes no text here; examples of the document still do.

use std::borrow::Cow;
use std::sync::Arc;

use jsonschema::Validator;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};
use serde_json::{Value, json};

use super::{Domain, Edge, Family, Node, Proposal, Said};
use crate::contract::Standing;
use crate::identity::Keyword;
use crate::text::plain::text_of_length;

/// So many texts that nearly match are sent: one of each kind.
const MOST_OUTSIDE: usize = 6;
/// The longest text that is made, in bytes.
const LONGEST: usize = 70_000;
/// Characters that readers of every kind take as they are, the plainest first.
const PLAIN: &str = "a0A-_.bcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ123456789";

/// Makes texts that match a pattern.
#[derive(Debug, Clone)]
pub(super) struct Sampler {
    hir: Hir,
    /// Who says what matches: what is looked for ahead stands not in the other.
    judge: Arc<Validator>,
}

/// How a text is made: how often what may be repeated is, beyond the least; and which branch is taken.
struct Manner {
    /// What every repetition may add, at the most.
    each: u32,
    /// What is still to be added in all.
    extra: usize,
    branch: usize,
    /// Which of a class's plain characters is taken.
    letter: usize,
    /// Whether each character is another than the one before.
    is_mixed: bool,
}

impl Manner {
    fn next_letter(&mut self) -> usize {
        let letter = self.letter;
        // The first of them are a small letter, a digit, a capital, and signs.
        self.letter = if self.is_mixed { (letter + 1) % 5 } else { letter };
        letter
    }
}

impl Sampler {
    /// Reads a pattern; nothing where it is beyond us.
    fn of(pattern: &str) -> Option<Self> {
        let translated = jsonschema_regex::to_rust_regex(pattern).ok()?;
        // What is looked for ahead is left to the judge.
        let rest = jsonschema_regex::split_leading_lookaheads(pattern).and_then(|parts| parts.last().cloned());
        let rest = rest.and_then(|rest| jsonschema_regex::to_rust_regex(&rest).ok().map(Cow::into_owned));
        let read = |text: &str| regex_syntax::parse(text).ok();
        let hir = read(&translated).or_else(|| read(&rest?))?;
        let judge = jsonschema::draft202012::new(&json!({ "pattern": pattern })).ok()?;
        Some(Self { hir, judge: Arc::new(judge) })
    }

    fn made(&self, mut manner: Manner) -> Option<String> {
        let mut text = String::new();
        let is_made = write(&self.hir, &mut manner, &mut text);
        Some(text).filter(|text| is_made && self.judge.is_valid(&Value::from(text.as_str())))
    }

    /// Texts that match, the shortest first.
    pub(super) fn drawn(&self) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        let manners =
            [(0, 0, 0), (1, 0, 0), (3, 0, 0), (0, 1, 0), (1, 1, 1), (0, 2, 1), (2, 0, 2), (7, 0, 0), (15, 0, 0)];
        for is_mixed in [false, true] {
            for (each, branch, letter) in manners {
                let text = self.made(Manner { each, extra: usize::MAX, branch, letter, is_mixed });
                texts.extend(text.filter(|text| !texts.contains(text)));
            }
        }
        texts
    }

    /// Texts that match, each with other characters.
    pub(super) fn many(&self, count: usize) -> Vec<String> {
        let manner = |letter| Manner { each: 1, extra: usize::MAX, branch: letter, letter, is_mixed: false };
        (0..count.min(PLAIN.len())).filter_map(|letter| self.made(manner(letter))).collect()
    }

    /// Texts that match and have this length, where there are any.
    pub(super) fn of_length(&self, length: usize) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        for branch in 0..3 {
            let manner = |extra, is_mixed| Manner { each: u32::MAX, extra, branch, letter: 0, is_mixed };
            let mut least = String::new();
            if !write(&self.hir, &mut manner(0, false), &mut least) {
                continue;
            }
            let extra = length.checked_sub(least.chars().count());
            let text =
                extra.and_then(|extra| self.made(manner(extra, false)).or_else(|| self.made(manner(extra, true))));
            texts.extend(text.filter(|text| text.chars().count() == length && !texts.contains(text)));
        }
        // A search finds what it looks for in a longer text, too.
        for end in texts.is_empty().then(|| self.drawn()).into_iter().flatten() {
            if let Some(rest) = length.checked_sub(end.chars().count()) {
                texts.extend([format!("{end}{}", text_of_length(rest)), format!("{}{end}", text_of_length(rest))]);
            }
        }
        texts
    }
}

/// Writes a text that matches; whether there is one.
fn write(hir: &Hir, manner: &mut Manner, text: &mut String) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).is_ok_and(|literal| {
            text.push_str(literal);
            true
        }),
        HirKind::Class(class) => character(class, manner.next_letter()).is_some_and(|found| {
            text.push(found);
            true
        }),
        HirKind::Repetition(repetition) => repeated(repetition, manner, text),
        HirKind::Capture(capture) => write(&capture.sub, manner, text),
        HirKind::Concat(parts) => parts.iter().all(|part| write(part, manner, text)),
        HirKind::Alternation(branches) => {
            let before = text.len();
            let first = manner.branch % branches.len().max(1);
            let order = branches.iter().skip(first).chain(branches.iter().take(first));
            order.into_iter().any(|branch| {
                text.truncate(before);
                write(branch, manner, text)
            })
        }
    }
}

fn repeated(repetition: &Repetition, manner: &mut Manner, text: &mut String) -> bool {
    let room = repetition.max.map_or(u32::MAX, |max| max.saturating_sub(repetition.min));
    let unit = length_of(&repetition.sub);
    let wanted = match unit {
        _ if manner.extra == usize::MAX => manner.each.min(room),
        Some(unit @ 1..) => {
            let times = u32::try_from(manner.extra / unit).unwrap_or(u32::MAX).min(room).min(manner.each);
            manner.extra -= unit * usize::try_from(times).unwrap_or_default();
            times
        }
        _ => 0,
    };
    let times = repetition.min.saturating_add(wanted);
    if let (HirKind::Class(class), false) = (repetition.sub.kind(), manner.is_mixed) {
        let found = character(class, manner.letter);
        let count = usize::try_from(times).unwrap_or(usize::MAX);
        return times == 0
            || count < LONGEST
                && found.is_some_and(|found| {
                    text.extend(std::iter::repeat_n(found, count));
                    true
                });
    }
    (0..times).all(|_| write(&repetition.sub, manner, text))
}

/// How many characters every match of it has, where they are equally many.
fn length_of(hir: &Hir) -> Option<usize> {
    match hir.kind() {
        HirKind::Class(_) => Some(1),
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(|text| text.chars().count()),
        HirKind::Capture(capture) => length_of(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(length_of).sum(),
        _ => None,
    }
}

/// A character of a class: a plain one where there is one, else the first that can be seen.
fn character(class: &Class, letter: usize) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect()
        }
    };
    let holds = |wanted: char| ranges.iter().any(|(start, end)| (*start..=*end).contains(&wanted));
    let plain: Vec<char> = PLAIN.chars().filter(|wanted| holds(*wanted)).take(letter + 1).collect();
    let visible = || (' '..='~').find(|wanted| holds(*wanted));
    plain.last().copied().or_else(visible).or_else(|| ranges.first().map(|(start, _)| *start))
}

/// `pattern`.
pub(super) struct Patterns;

impl Family for Patterns {
    fn keywords(&self) -> &'static [Keyword] {
        &[Keyword::Pattern]
    }

    fn narrow(&self, said: &Said<'_>, domain: &mut Domain) {
        domain.texts.pattern = said.get(Keyword::Pattern).and_then(Value::as_str).and_then(Sampler::of);
    }

    fn propose(&self, node: &Node<'_>) -> Vec<Proposal> {
        let Some(pattern) = node.get(Keyword::Pattern).filter(|_| node.allows("string")) else { return Vec::new() };
        let mut proposal = Proposal::of(Keyword::Pattern, pattern);
        let texts = &node.domain.texts;
        let matching: Vec<String> =
            texts.drawn().into_iter().filter(|text| node.judge.accepts(&Value::from(text.as_str()))).take(3).collect();
        if matching.is_empty() {
            proposal.standing = Standing::Unprobed("no text that matches it could be made up".to_owned());
            return vec![proposal];
        }
        // A search finds what it looks for within a longer text, too.
        let within = matching.iter().map(|text| format!("a{text}a"));
        let within = within.filter(|text| node.judge.accepts(&Value::from(text.as_str()))).take(1);
        for text in matching.iter().cloned().chain(within) {
            proposal.inside(Edge::Fitting, format!("{text:?}"), text);
        }
        proposal.most = MOST_OUTSIDE;
        // A service that looks at the beginning alone takes what another text shows it to take wrongly.
        let breaks = |text: &String| node.judge.breaks_only(&Value::from(text.as_str()), &[Keyword::Pattern.as_str()]);
        let of_a_kind = |change: &fn(&str) -> String| matching.iter().map(|text| change(text)).find(&breaks);
        let first = CHANGES.iter().filter_map(of_a_kind);
        let others: Vec<String> =
            matching.iter().flat_map(|text| neighbours(text)).chain(of_lengths(texts.min, texts.max)).collect();
        let enough = first.clone().count().max(super::MOST_SAMPLES);
        for text in first.chain(others.into_iter().filter(breaks)).take(enough) {
            let edge = if text.is_empty() { Edge::Empty } else { Edge::Unfitting };
            proposal.outside(edge, format!("{text:?}"), text);
        }
        vec![proposal]
    }
}

/// The ways in which a text that nearly matches differs from one that does: something is wrong at its end, after it, before it; a
/// character is too many, too few, or of the other case.
const CHANGES: [fn(&str) -> String; 6] = [
    |text| format!("{}!", without_last(text)),
    |text| format!("{text}!"),
    |text| format!("!{text}"),
    |text| format!("{text}{}", text.chars().last().unwrap_or('a')),
    |text| without_last(text).to_owned(),
    |text| {
        let upper = text.to_uppercase();
        if upper == text { text.to_lowercase() } else { upper }
    },
];

fn without_last(text: &str) -> &str {
    &text[..text.char_indices().next_back().map_or(0, |(at, _)| at)]
}

/// Texts that differ from one in a character: at the end, at the beginning, in between.
fn neighbours(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut all = Vec::new();
    let mut with = |at: usize, other: char| {
        let mut changed = characters.clone();
        if let Some(place) = changed.get_mut(at) {
            *place = other;
            all.push(changed.into_iter().collect::<String>());
        }
    };
    let last = characters.len().saturating_sub(1);
    for other in ['!', '~', 'z', '9', ' '] {
        for at in [last, 0, characters.len() / 2] {
            with(at, other);
        }
    }
    all.push(format!("{text}{text}"));
    all
}

/// Texts that look like nothing in particular, of every length that may be legal.
fn of_lengths(min: usize, max: Option<usize>) -> Vec<String> {
    let lengths = [min, min + 1, max.unwrap_or(7).min(60)].into_iter();
    lengths.flat_map(|length| [text_of_length(length), "!".repeat(length), "0".repeat(length)]).collect()
}
