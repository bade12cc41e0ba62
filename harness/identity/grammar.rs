//! The text of operations, sites and ids: made and read here and nowhere else.
//!
//! ```text
//! ID        = [METHOD " " PATH " "] PLACE {" + " PLACE} [":" KEYWORD ["=" BOUND] [":" END]]
//! METHOD    = capital letters
//! PATH      = text without white space, or a JSON string
//! PLACE     = PART {STEP}
//! PART      = "path" | "query" | "header" | "cookie" | "body" | "request" | "response.success" | "response.refusal"
//!           | "response." STATUS (".status" | ".header" | ".body")
//! STATUS    = three digits, a digit and "XX", or "default"
//! STEP      = "." NAME | "[" JSON string "]"     a member
//!           | "[]"                               an element
//!           | "[" digits "]"                     the element at this index
//!           | ".*"                               a value of a map
//!           | "./" (REGEX | JSON string) "/"     a value of a map under a name that fits
//!           | "{" (BARE | JSON string) "}"       a branch or a media type, in ids only
//! NAME      = one or more of A-Z a-z 0-9 _ -
//! REGEX     = one or more visible characters but "/", not first a quote
//! BOUND     = BARE that is no JSON, for a string; or any JSON text
//! BARE      = one or more of A-Z a-z 0-9 _ - + . /
//! END       = the side of a finding, or the way of a fault: all that is left
//! BREACH    = PLACE {" + " PLACE} " " WORD      what a request breaks; WORD is all that is left
//! ```
//!
//! So a name in the document may hold any character and is taken for nothing else.

use std::str::FromStr;

use serde_json::Value;

use super::id::Bound;
use super::site::{OperationName, Part, Site, StatusRange, Step, Within};
use super::{Keyword, Side};
use crate::text::visible::is_plain;

/// Between the places of one id.
pub(crate) const TOGETHER: &str = " + ";

/// The parts of a request, and of answers as a whole.
const PARTS: [(&str, Part); 8] = [
    ("path", Part::Path),
    ("query", Part::Query),
    ("header", Part::Header),
    ("cookie", Part::Cookie),
    ("body", Part::Body),
    ("request", Part::Request),
    ("response.success", Part::Success),
    ("response.refusal", Part::Refusal),
];
const WITHIN: [(&str, Within); 3] = [(".status", Within::Status), (".header", Within::Header), (".body", Within::Body)];

/// An operation's name.
pub(super) fn operation(name: &OperationName) -> String {
    let path = name.path();
    let bare = !path.is_empty() && !path.starts_with('"') && path.chars().all(|c| !c.is_whitespace() && is_plain(c));
    format!("{} {}", name.method(), if bare { path.to_owned() } else { quoted(path) })
}

/// A place as people read it: without branches.
pub(super) fn place(part: Part, node: &[Step]) -> String {
    written(part, node, false)
}

/// A place as ids have it.
pub(super) fn place_with_branches(part: Part, node: &[Step]) -> String {
    written(part, node, true)
}

fn written(part: Part, node: &[Step], with_branches: bool) -> String {
    let mut out = match part {
        Part::Answer(status, within) => {
            let status = match status {
                StatusRange::Code(code) => code.to_string(),
                StatusRange::Class(class) => format!("{class}XX"),
                StatusRange::Default => "default".to_owned(),
            };
            let within = WITHIN.iter().find(|(_, other)| *other == within).map_or("", |(text, _)| text);
            format!("response.{status}{within}")
        }
        whole => PARTS.iter().find(|(_, other)| *other == whole).map_or("", |(text, _)| text).to_owned(),
    };
    for step in node {
        let text = match step {
            Step::Member(name) if !name.is_empty() && name.chars().all(is_name) => format!(".{name}"),
            Step::Member(name) => format!("[{}]", quoted(name)),
            Step::Element => "[]".to_owned(),
            Step::Index(index) => format!("[{index}]"),
            Step::Value => ".*".to_owned(),
            Step::Pattern(pattern) if is_bare_pattern(pattern) => format!("./{pattern}/"),
            Step::Pattern(pattern) => format!("./{}/", quoted(pattern)),
            Step::Branch(branch) if with_branches && !branch.is_empty() && branch.chars().all(is_bare) => {
                format!("{{{branch}}}")
            }
            Step::Branch(branch) if with_branches => format!("{{{}}}", quoted(branch)),
            Step::Branch(_) => continue,
        };
        out.push_str(&text);
    }
    out
}

/// A place as earlier versions wrote it: with every name as it is.
pub(crate) fn unquoted(site: &Site) -> String {
    let name = |step: &Step| match step {
        Step::Member(name) => format!(".{name}"),
        other => written(site.part(), std::slice::from_ref(other), false).split_off(place(site.part(), &[]).len()),
    };
    site.node().iter().map(name).fold(place(site.part(), &[]), |text, step| text + &step)
}

/// An id without its operation.
pub(super) fn id(sites: &[Site], keyword: Keyword, bound: Option<&Bound>, end: &str) -> String {
    let places: Vec<String> = sites.iter().map(|site| place_with_branches(site.part(), site.node())).collect();
    let bound = bound.map(|bound| format!("={}", bare(bound.as_json()))).unwrap_or_default();
    format!("{}:{keyword}{bound}:{end}", places.join(TOGETHER))
}

/// The places of what is broken, and what about.
pub(super) fn breach(sites: &[Site], word: &str) -> String {
    let places: Vec<&str> = sites.iter().map(Site::as_str).collect();
    format!("{} {word}", places.join(TOGETHER))
}

/// The sites of what is broken, never none, and the word for what about.
pub(super) fn read_breach<'a>(text: &'a str, operation: &OperationName) -> Result<(Vec<Site>, &'a str), Unreadable> {
    let mut rest = Rest(text);
    let places = rest.places()?;
    if !rest.takes(" ") || rest.0.is_empty() {
        return Err(rest.unexpected());
    }
    let sites = places.into_iter().map(|(part, node)| Site::new(operation, part, node));
    Ok((sites.collect(), rest.0))
}

/// An id with the operation of its sites.
pub(super) fn with_operation(sites: &[Site], id: &str) -> String {
    sites.first().map_or_else(|| id.to_owned(), |site| format!("{} {id}", site.operation()))
}

/// A value in one word where that can be: a plain text without its quotes, anything else as JSON.
pub(crate) fn value(value: &Value) -> String {
    bare(&value.to_string())
}

fn bare(json: &str) -> String {
    match serde_json::from_str(json) {
        Ok(Value::String(text)) if is_bare_text(&text) => text,
        Ok(Value::String(text)) => quoted(&text),
        _ => json.chars().map(escaped).collect(),
    }
}

/// Whether a text can stand without quotes: nobody could take it for another value.
fn is_bare_text(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_bare) && serde_json::from_str::<Value>(text).is_err()
}

/// A JSON string in which nothing is hidden.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().chars().map(escaped).collect()
}

/// A character of a JSON text, escaped where it cannot be seen: those are in its strings.
fn escaped(character: char) -> String {
    if is_plain(character) {
        return character.to_string();
    }
    let mut units = [0; 2];
    let units = character.encode_utf16(&mut units).iter();
    units.fold(String::new(), |text, unit| text + &format!("\\u{unit:04x}"))
}

fn is_bare_pattern(pattern: &str) -> bool {
    !pattern.is_empty() && !pattern.starts_with('"') && pattern.chars().all(is_in_pattern)
}

fn is_in_pattern(character: char) -> bool {
    character != '/' && !character.is_whitespace() && is_plain(character)
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

fn is_bare(character: char) -> bool {
    is_name(character) || matches!(character, '+' | '.' | '/')
}

/// The place that a text begins with, as [`place`] writes it, and what follows.
#[cfg(feature = "cli")]
pub(crate) fn place_before(text: &str) -> Option<(String, &str)> {
    let mut rest = Rest(text);
    let (part, node) = rest.place().ok()?;
    Some((place(part, &node), rest.0))
}

/// Text that is no id, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl Unreadable {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// What an id says, or the beginning of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The operation; nothing where the text leaves it to be understood.
    pub operation: Option<OperationName>,
    /// The places; never empty.
    pub places: Vec<(Part, Vec<Step>)>,
    /// The keyword, where one is given.
    pub keyword: Option<Keyword>,
    /// The bound, where one is given.
    pub bound: Option<Value>,
    /// What is left: the side of a finding, or the way of a fault.
    pub end: Option<String>,
}

impl FromStr for Written {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut rest = Rest(text);
        let operation = rest.operation()?;
        let places = rest.places()?;
        let mut written = Self { operation, places, keyword: None, bound: None, end: None };
        if rest.takes(":") {
            written.keyword = Some(rest.while_in(is_name).parse().map_err(Unreadable)?);
            if rest.takes("=") {
                written.bound = Some(rest.bound()?);
            }
            if rest.takes(":") {
                written.end = Some(std::mem::take(&mut rest.0).to_owned());
            }
        }
        if rest.0.is_empty() { Ok(written) } else { Err(rest.unexpected()) }
    }
}

impl FromStr for Side {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        [Self::Inside, Self::Outside]
            .into_iter()
            .find(|side| side.as_str() == text)
            .ok_or_else(|| Unreadable(format!("`{text}` is no side; it is inside or outside")))
    }
}

/// What of a text is still to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn takes(&mut self, text: &str) -> bool {
        let rest = self.0.strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn while_in(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(|character| !wanted(character)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    fn unexpected(&self) -> Unreadable {
        match self.0 {
            "" => Unreadable::new("it ends too early"),
            rest => Unreadable(format!("`{rest}` was not expected")),
        }
    }

    /// The JSON text that comes next.
    fn json(&mut self) -> Result<Value, Unreadable> {
        let mut values = serde_json::Deserializer::from_str(self.0).into_iter::<Value>();
        let Some(Ok(value)) = values.next() else { return Err(self.unexpected()) };
        self.0 = &self.0[values.byte_offset()..];
        Ok(value)
    }

    fn string(&mut self) -> Result<String, Unreadable> {
        match self.json()? {
            Value::String(text) => Ok(text),
            other => Err(Unreadable(format!("{other} is no JSON string"))),
        }
    }

    fn operation(&mut self) -> Result<Option<OperationName>, Unreadable> {
        let start = self.0;
        let method = self.while_in(|character| character.is_ascii_uppercase());
        if method.is_empty() || !self.takes(" ") {
            self.0 = start;
            return Ok(None);
        }
        let path = if self.0.starts_with('"') {
            self.string()?
        } else {
            self.while_in(|character| !character.is_whitespace()).to_owned()
        };
        if self.takes(" ") { Ok(Some(OperationName::new(method, &path))) } else { Err(self.unexpected()) }
    }

    fn places(&mut self) -> Result<Vec<(Part, Vec<Step>)>, Unreadable> {
        let mut places = vec![self.place()?];
        while self.takes(TOGETHER) {
            places.push(self.place()?);
        }
        Ok(places)
    }

    fn place(&mut self) -> Result<(Part, Vec<Step>), Unreadable> {
        let part = self.part()?;
        let mut node = Vec::new();
        loop {
            let step = if self.takes("[]") {
                Step::Element
            } else if self.takes(".*") {
                Step::Value
            } else if self.takes("./") {
                let pattern =
                    if self.0.starts_with('"') { self.string()? } else { self.while_in(is_in_pattern).to_owned() };
                self.closes("/")?;
                Step::Pattern(pattern.into())
            } else if self.takes("[") {
                let digits = self.while_in(|character| character.is_ascii_digit());
                let step = match digits {
                    "" => Step::Member(self.string()?.into()),
                    digits => Step::Index(digits.parse().map_err(|_| Unreadable::new("no array is so long"))?),
                };
                self.closes("]")?;
                step
            } else if self.takes("{") {
                let branch = if self.0.starts_with('"') { self.string()? } else { self.while_in(is_bare).to_owned() };
                self.closes("}")?;
                Step::Branch(branch.into())
            } else if self.takes(".") {
                match self.while_in(is_name) {
                    "" => return Err(self.unexpected()),
                    name => Step::member(name),
                }
            } else {
                return Ok((part, node));
            };
            node.push(step);
        }
    }

    fn closes(&mut self, end: &str) -> Result<(), Unreadable> {
        if self.takes(end) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn part(&mut self) -> Result<Part, Unreadable> {
        let start = self.0;
        let ends = |rest: &str| !rest.starts_with(is_name);
        for (text, part) in PARTS {
            if self.takes(text) && ends(self.0) {
                return Ok(part);
            }
            self.0 = start;
        }
        if self.takes("response.")
            && let Some(status) = self.status()
            && let Some((_, within)) = WITHIN.into_iter().find(|(text, _)| self.takes(text))
            && ends(self.0)
        {
            return Ok(Part::Answer(status, within));
        }
        Err(Unreadable(format!("`{start}` begins with no part of a request or an answer")))
    }

    fn status(&mut self) -> Option<StatusRange> {
        let word = self.while_in(|character| character.is_ascii_alphanumeric());
        match (word, word.strip_suffix("XX")) {
            ("default", _) => Some(StatusRange::Default),
            (_, Some(class)) => class.parse().ok().filter(|class| (1..=9).contains(class)).map(StatusRange::Class),
            (code, None) => code.parse().ok().filter(|code| (100..=999).contains(code)).map(StatusRange::Code),
        }
    }

    fn bound(&mut self) -> Result<Value, Unreadable> {
        if self.0.starts_with(['"', '[', '{']) {
            return self.json();
        }
        match self.while_in(is_bare) {
            "" => Err(self.unexpected()),
            word => Ok(serde_json::from_str(word).unwrap_or_else(|_| Value::from(word))),
        }
    }
}
