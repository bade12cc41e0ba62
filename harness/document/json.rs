//! The events of a JSON text: of any depth, with members that repeat and characters that should have been escaped.

use std::borrow::Cow;

use memchr::{memchr_iter, memchr2};
use saphyr_parser::{Event, ScalarStyle};

use super::error::Flaw;
use super::events::Events;

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    /// A value or the end of a list that has just begun.
    FirstElement,
    /// A name or the end of an object that has just begun.
    FirstName,
    /// A comma or the end of what is open.
    Rest,
    End,
}

/// The events of JSON; an error where the text is none.
pub(super) struct Json<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    next: Next,
    /// What is open; whether that is an object.
    open: Vec<bool>,
    begun: bool,
}

impl<'a> Json<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1, next: Next::Value, open: Vec::new(), begun: false }
    }

    fn fault(&self, problem: &str) -> Flaw {
        let column = self.at - self.text[..self.at].rfind('\n').map_or(0, |end| end + 1) + 1;
        Flaw::unreadable(&format!("{problem} at line {} column {column}", self.line))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek() {
            self.line += usize::from(byte == b'\n');
            self.at += 1;
        }
    }

    fn open(&mut self, is_object: bool) -> Event<'a> {
        self.at += 1;
        self.open.push(is_object);
        if is_object {
            self.next = Next::FirstName;
            Event::MappingStart(0, None)
        } else {
            self.next = Next::FirstElement;
            Event::SequenceStart(0, None)
        }
    }

    fn close(&mut self) -> Event<'a> {
        self.at += 1;
        let was_object = self.open.pop() == Some(true);
        self.next = if self.open.is_empty() { Next::End } else { Next::Rest };
        if was_object { Event::MappingEnd } else { Event::SequenceEnd }
    }

    fn value(&mut self) -> Result<Event<'a>, Flaw> {
        match self.peek() {
            Some(b'{') => return Ok(self.open(true)),
            Some(b'[') => return Ok(self.open(false)),
            _ => {}
        }
        self.next = if self.open.is_empty() { Next::End } else { Next::Rest };
        match self.peek() {
            Some(b'"') => Ok(Event::Scalar(self.quoted()?, ScalarStyle::DoubleQuoted, 0, None)),
            Some(b'-' | b'0'..=b'9' | b'a'..=b'z') => {
                let rest = &self.text[self.at..];
                let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
                let word = &rest[..rest.bytes().take_while(is_part).count()];
                if !is_literal(word) {
                    return Err(self.fault("a value was expected"));
                }
                self.at += word.len();
                Ok(Event::Scalar(Cow::Borrowed(word), ScalarStyle::Plain, 0, None))
            }
            _ => Err(self.fault("a value was expected")),
        }
    }

    fn name(&mut self) -> Result<Event<'a>, Flaw> {
        self.skip_blanks();
        if self.peek() != Some(b'"') {
            return Err(self.fault("a name in quotes was expected"));
        }
        let name = self.quoted()?;
        self.skip_blanks();
        if self.peek() != Some(b':') {
            return Err(self.fault("a colon was expected"));
        }
        self.at += 1;
        self.next = Next::Value;
        Ok(Event::Scalar(name, ScalarStyle::DoubleQuoted, 0, None))
    }

    /// The text in quotes that begins here.
    fn quoted(&mut self) -> Result<Cow<'a, str>, Flaw> {
        let from = self.at + 1;
        let mut to = from;
        let mut is_escaped = false;
        loop {
            let Some(found) = memchr2(b'"', b'\\', &self.text.as_bytes()[to..]) else {
                return Err(self.fault("a text has no closing quote"));
            };
            to += found;
            if self.text.as_bytes()[to] == b'"' {
                break;
            }
            is_escaped = true;
            // What is escaped may be a quote; a character of more bytes is no matter.
            to = (to + 2).min(self.text.len());
        }
        let written = &self.text[from..to];
        let text = if is_escaped { Cow::Owned(self.unescaped(written)?) } else { Cow::Borrowed(written) };
        self.at = to + 1;
        self.line += memchr_iter(b'\n', written.as_bytes()).count();
        Ok(text)
    }

    fn unescaped(&self, written: &str) -> Result<String, Flaw> {
        let mut text = String::with_capacity(written.len());
        let mut units = Vec::new();
        let mut rest = written;
        while let Some(at) = rest.find('\\') {
            let unit = rest[at + 1..].strip_prefix('u').and_then(|digits| digits.get(..4));
            if let Some(unit) = unit.and_then(|unit| u16::from_str_radix(unit, 16).ok()) {
                if at > 0 {
                    flush(&mut units, &mut text);
                    text.push_str(&rest[..at]);
                }
                units.push(unit);
                rest = &rest[at + 6..];
                continue;
            }
            flush(&mut units, &mut text);
            text.push_str(&rest[..at]);
            text.push(match rest.as_bytes().get(at + 1) {
                Some(b'n') => '\n',
                Some(b't') => '\t',
                Some(b'r') => '\r',
                Some(b'b') => '\u{8}',
                Some(b'f') => '\u{c}',
                Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
                _ => return Err(self.fault("an escape is none of JSON's")),
            });
            rest = &rest[at + 2..];
        }
        flush(&mut units, &mut text);
        text.push_str(rest);
        Ok(text)
    }
}

/// Adds what units of UTF-16 stand for; a half of a pair is a character of its own.
fn flush(units: &mut Vec<u16>, text: &mut String) {
    text.extend(char::decode_utf16(units.drain(..)).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
}

fn is_literal(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let is_number = digits.starts_with(|first: char| first.is_ascii_digit())
        && (!digits.starts_with('0') || !digits[1..].starts_with(|second: char| second.is_ascii_digit()))
        && word.parse::<f64>().is_ok();
    is_number || matches!(word, "null" | "true" | "false")
}

impl<'a> Events<'a> for Json<'a> {
    fn next(&mut self) -> Result<(Event<'a>, usize), Flaw> {
        if !self.begun {
            self.begun = true;
            return Ok((Event::DocumentStart(false), 1));
        }
        self.skip_blanks();
        let line = self.line;
        let event = match (self.next, self.peek()) {
            (Next::End, None) => Event::StreamEnd,
            (Next::End, Some(_)) => return Err(self.fault("something follows")),
            (Next::FirstElement, Some(b']')) | (Next::FirstName, Some(b'}')) => self.close(),
            (Next::Value | Next::FirstElement, _) => self.value()?,
            (Next::FirstName, _) => self.name()?,
            (Next::Rest, Some(byte @ (b']' | b'}'))) if self.open.last() == Some(&(byte == b'}')) => self.close(),
            (Next::Rest, Some(b',')) => {
                self.at += 1;
                self.skip_blanks();
                let line = self.line;
                let event = if self.open.last() == Some(&true) { self.name()? } else { self.value()? };
                return Ok((event, line));
            }
            (Next::Rest, _) => return Err(self.fault("a comma or the end of what is open was expected")),
        };
        Ok((event, line))
    }
}
