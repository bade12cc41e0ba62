//! Builds JSON values from YAML's events, one after the other, so that text which nests or repeats itself without end is
//! refused where it begins to, and read no further.
//!
//! What has no counterpart in JSON (tags, merge keys, keys that are no text, numbers without end) is refused by name.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, StrInput};
use serde_json::{Map, Value};

use super::error::Fault;
use super::scalar::plain;
use crate::text::pointer;

/// As deep as `serde_json` reads; a document that describes one operation needs a third of it.
const MOST_DEPTH: usize = 128;
/// Values and characters that anchors and aliases may copy: far more than anyone writes down once to save typing.
const MOST_COPIED: usize = 1_000_000;

pub(super) fn tree(text: &str) -> Result<Value, Fault> {
    let mut builder =
        Builder { events: Parser::new_from_str(text), line: 0, path: Vec::new(), anchors: BTreeMap::new(), copied: 0 };
    builder.document()
}

struct Builder<'a> {
    events: Parser<'a, StrInput<'a>>,
    /// Where the last event began.
    line: usize,
    /// The names and numbers that lead to the value that is being built.
    path: Vec<String>,
    /// What has an anchor, by the parser's number for it.
    anchors: BTreeMap<usize, Value>,
    copied: usize,
}

impl<'a> Builder<'a> {
    /// The one document of the text; null where there is none.
    fn document(&mut self) -> Result<Value, Fault> {
        let mut document = None;
        loop {
            match self.next()? {
                Event::StreamEnd => return Ok(document.unwrap_or_default()),
                Event::StreamStart | Event::DocumentEnd => {}
                Event::DocumentStart(_) if document.is_some() => {
                    return Err(Fault::unreadable(&format!("a second document begins at line {}", self.line)));
                }
                Event::DocumentStart(_) => {
                    let first = self.next()?;
                    document = Some(self.node(first)?);
                }
                _ => return Err(self.ends_early()),
            }
        }
    }

    fn next(&mut self) -> Result<Event<'a>, Fault> {
        match self.events.next_event() {
            Some(Ok((event, span))) => {
                self.line = span.start.line();
                Ok(event)
            }
            Some(Err(error)) => Err(Fault::unreadable(&told(&error))),
            None => Err(self.ends_early()),
        }
    }

    fn ends_early(&self) -> Fault {
        Fault::unreadable(&format!("it ends too early, at line {}", self.line))
    }

    /// What is wrong at the place that is being built, and what to do about it.
    fn fault(&self, problem: &str, remedy: &str) -> Fault {
        let pointer = self.path.iter().fold(String::new(), |pointer, step| pointer::below(&pointer, step));
        Fault::at(&pointer, format!("{problem} at line {}; {remedy}", self.line))
    }

    fn node(&mut self, event: Event<'a>) -> Result<Value, Fault> {
        let (anchor, tag) = match &event {
            Event::Scalar(_, _, anchor, tag) | Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
                (*anchor, tag)
            }
            Event::Alias(anchor) => return self.copy_of(*anchor),
            _ => return Err(self.ends_early()),
        };
        if let Some(tag) = tag {
            let problem = format!("the tag `{}{}` is not modelled,", tag.handle, tag.suffix);
            return Err(self.fault(&problem, "remove it"));
        }
        let value = match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => {
                plain(&text).map_err(|problem| self.fault(&problem, "write a finite number of JSON, or quote it"))?
            }
            Event::Scalar(text, ..) => Value::String(text.into_owned()),
            Event::SequenceStart(..) => self.sequence()?,
            _ => self.mapping()?,
        };
        // The parser numbers anchors from 1; 0 is none.
        if anchor != 0 {
            self.count_copy(&value)?;
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn copy_of(&mut self, anchor: usize) -> Result<Value, Fault> {
        let Some(value) = self.anchors.get(&anchor).cloned() else {
            return Err(self.fault("an alias stands within its own anchor", "write the value out"));
        };
        self.count_copy(&value)?;
        Ok(value)
    }

    fn count_copy(&mut self, value: &Value) -> Result<(), Fault> {
        self.copied += weight(value);
        if self.copied > MOST_COPIED {
            let problem = format!("anchors and aliases copy more than {MOST_COPIED} values and characters,");
            return Err(self.fault(&problem, "write a smaller document"));
        }
        Ok(())
    }

    fn check_depth(&self) -> Result<(), Fault> {
        if self.path.len() >= MOST_DEPTH {
            return Err(Fault::unreadable(&format!(
                "it nests more than {MOST_DEPTH} levels deep at line {}",
                self.line
            )));
        }
        Ok(())
    }

    fn below(&mut self, step: String, event: Event<'a>) -> Result<Value, Fault> {
        self.check_depth()?;
        self.path.push(step);
        let value = self.node(event)?;
        self.path.pop();
        Ok(value)
    }

    fn sequence(&mut self) -> Result<Value, Fault> {
        let mut elements = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(elements.into()),
                event => elements.push(self.below(elements.len().to_string(), event)?),
            }
        }
    }

    fn mapping(&mut self) -> Result<Value, Fault> {
        let mut members = Map::new();
        loop {
            let event = self.next()?;
            if event == Event::MappingEnd {
                return Ok(members.into());
            }
            let name = self.name(event)?;
            if members.contains_key(&name) {
                return Err(self.fault(&format!("duplicate key {name:?}"), "drop one"));
            }
            let first = self.next()?;
            let value = self.below(name.clone(), first)?;
            members.insert(name, value);
        }
    }

    /// A key: text, or a whole number, which is how many write a status.
    fn name(&self, event: Event<'a>) -> Result<String, Fault> {
        let Event::Scalar(text, style, 0, None) = event else {
            return Err(self.fault("a key must be text without an anchor or a tag", "write it out"));
        };
        if style != ScalarStyle::Plain {
            return Ok(text.into_owned());
        }
        if text == "<<" {
            return Err(self.fault("the merge key `<<` is not modelled", "write the members out"));
        }
        match plain(&text) {
            Ok(Value::String(_)) => Ok(text.into_owned()),
            Ok(Value::Number(number)) if !number.is_f64() => Ok(number.to_string()),
            _ => Err(self.fault(&format!("the key `{text}` is no text"), "quote it")),
        }
    }
}

fn told(error: &ScanError) -> String {
    let mark = error.marker();
    format!("{} at line {} column {}", error.info(), mark.line(), mark.col() + 1)
}

/// How much there is of a value: itself, its parts, and the characters of its texts.
fn weight(value: &Value) -> usize {
    1 + match value {
        Value::String(text) => text.len(),
        Value::Array(elements) => elements.iter().map(weight).sum(),
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + weight(value)).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_alias_is_a_copy() {
        let value = tree("a: &x {b: [1, 'two']}\nc: *x\nd: [*x]\n").expect("it can be read");
        let x = json!({"b": [1, "two"]});
        assert_eq!(value, json!({"a": x, "c": x, "d": [x]}));
    }
}
