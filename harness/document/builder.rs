//! Builds JSON values from a text's events, one after the other, so that text which nests or repeats itself without end is
//! refused where it begins to, and read no further.
//!
//! What has no counterpart in JSON (tags, merge keys, keys that are no text, numbers without end) is refused by name in a
//! contract that must be exact. In any other document it is taken for what it most likely means, and remarked on.

use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, ScalarStyle, Tag};
use serde_json::{Map, Value};

use super::error::Fault;
use super::events::{Events, ends_early};
use super::lines::Lines;
use super::remark::Remark;
use super::scalar::{plain, tagged};
use crate::text::pointer;

/// How what has no counterpart in JSON is read, and how much there may be of anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lenience {
    /// It is refused.
    Strict,
    /// It is taken for what it most likely means.
    Lenient,
}

impl Lenience {
    /// As deep as `serde_json` reads, of which a document that describes one operation needs a third; or more than any
    /// document needs that somebody wrote, and less than a stack takes.
    fn most_depth(self) -> usize {
        if self == Self::Strict { 128 } else { 500 }
    }

    /// Values and characters that anchors and aliases may copy: far more than anyone writes down once to save typing.
    fn most_copied(self) -> usize {
        if self == Self::Strict { 1_000_000 } else { 3_000_000 }
    }
}

/// A text, read.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) value: Value,
    pub(super) lines: Lines,
    pub(super) remarks: Vec<Remark>,
}

pub(super) fn build(events: &mut dyn Events<'_>, lenience: Lenience) -> Result<Tree, Fault> {
    let mut builder = Builder {
        events,
        lenience,
        line: 0,
        path: Vec::new(),
        here: Lines::ROOT,
        anchors: BTreeMap::new(),
        copied: 0,
        lines: Lines::default(),
        remarks: Vec::new(),
    };
    let value = builder.document()?;
    let Builder { mut lines, remarks, .. } = builder;
    lines.sort();
    Ok(Tree { value, lines, remarks })
}

struct Builder<'e, 'a> {
    events: &'e mut dyn Events<'a>,
    lenience: Lenience,
    /// Where the last event began.
    line: usize,
    /// The names and numbers that lead to the value that is being built.
    path: Vec<String>,
    /// The same, as lines are kept by.
    here: u64,
    /// What has an anchor, by the parser's number for it.
    anchors: BTreeMap<usize, Value>,
    copied: usize,
    lines: Lines,
    remarks: Vec<Remark>,
}

/// The members of a mapping so far.
#[derive(Default)]
struct Members {
    all: Map<String, Value>,
    /// The names of those that came with a merge key, and give way to the mapping's own.
    merged: BTreeSet<String>,
}

impl<'a> Builder<'_, 'a> {
    /// The one document of the text; null where there is none.
    fn document(&mut self) -> Result<Value, Fault> {
        let mut document = None;
        loop {
            match self.next()? {
                Event::StreamEnd => return Ok(document.unwrap_or_default()),
                Event::StreamStart | Event::DocumentEnd => {}
                Event::DocumentStart(_) if document.is_some() => {
                    let problem = format!("a second document begins at line {}", self.line);
                    if self.lenience == Lenience::Strict {
                        return Err(Fault::unreadable(&problem));
                    }
                    self.remark(&problem, "it is not read");
                    return Ok(document.unwrap_or_default());
                }
                Event::DocumentStart(_) => {
                    let first = self.next()?;
                    document = Some(self.node(first)?);
                }
                _ => return Err(ends_early(self.line)),
            }
        }
    }

    fn next(&mut self) -> Result<Event<'a>, Fault> {
        let (event, line) = self.events.next()?;
        self.line = line;
        Ok(event)
    }

    fn pointer(&self) -> String {
        self.path.iter().fold(String::new(), |pointer, step| pointer::below(&pointer, step))
    }

    /// What is wrong at the place that is being built, and what to do about it.
    fn fault(&self, problem: &str, remedy: &str) -> Fault {
        Fault::at(&self.pointer(), format!("{problem} at line {}; {remedy}", self.line))
    }

    fn remark(&mut self, what: &str, cost: &str) {
        let remark = Remark { line: Some(self.line), ..Remark::new(self.pointer(), what, cost) };
        self.remarks.push(remark);
    }

    /// What cannot be taken as it stands: an error with a remedy, or a remark with what it costs.
    fn flaw(&mut self, problem: &str, remedy: &str, cost: &str) -> Result<(), Fault> {
        if self.lenience == Lenience::Strict {
            return Err(self.fault(problem, remedy));
        }
        self.remark(problem.trim_end_matches(','), cost);
        Ok(())
    }

    fn node(&mut self, event: Event<'a>) -> Result<Value, Fault> {
        self.lines.add(self.here, self.line);
        let (anchor, tag) = match &event {
            Event::Scalar(_, _, anchor, tag) | Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
                (*anchor, tag.clone())
            }
            Event::Alias(anchor) => return self.copy_of(*anchor),
            _ => return Err(ends_early(self.line)),
        };
        if let Some(tag) = &tag
            && (self.lenience == Lenience::Strict || !is_known(tag))
        {
            let problem = format!("the tag `{}{}` is not modelled,", tag.handle, tag.suffix);
            self.flaw(&problem, "remove it", "it is ignored")?;
        }
        let value = match event {
            Event::Scalar(text, style, ..) => self.scalar(&text, style, tag.as_deref())?,
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

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, Fault> {
        let read = match tag {
            Some(tag) if is_known(tag) => tagged(text, &tag.suffix),
            _ if style == ScalarStyle::Plain => plain(text),
            _ => return Ok(text.into()),
        };
        match read {
            Ok(value) => Ok(value),
            Err(problem) => {
                self.flaw(&problem, "write a finite number of JSON, or quote it", "it is read as text")?;
                Ok(text.into())
            }
        }
    }

    fn copy_of(&mut self, anchor: usize) -> Result<Value, Fault> {
        let Some(value) = self.anchors.get(&anchor).cloned() else {
            let problem = "an alias stands within its own anchor";
            self.flaw(problem, "write the value out", "it is read as null")?;
            return Ok(Value::Null);
        };
        self.count_copy(&value)?;
        Ok(value)
    }

    fn count_copy(&mut self, value: &Value) -> Result<(), Fault> {
        let most = self.lenience.most_copied();
        self.copied += weight(value);
        if self.copied > most {
            let problem = format!("anchors and aliases copy more than {most} values and characters,");
            return Err(self.fault(&problem, "write a smaller document"));
        }
        Ok(())
    }

    fn check_depth(&self) -> Result<(), Fault> {
        let most = self.lenience.most_depth();
        if self.path.len() >= most {
            return Err(Fault::unreadable(&format!("it nests more than {most} levels deep at line {}", self.line)));
        }
        Ok(())
    }

    fn below(&mut self, step: String, event: Event<'a>) -> Result<Value, Fault> {
        self.check_depth()?;
        let here = self.here;
        self.here = Lines::below(here, &step);
        self.path.push(step);
        let value = self.node(event)?;
        self.path.pop();
        self.here = here;
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
        let mut members = Members::default();
        loop {
            let event = self.next()?;
            if event == Event::MappingEnd {
                return Ok(members.all.into());
            }
            if is_merge(&event) {
                self.flaw_of_merge()?;
                let first = self.next()?;
                let merged = self.below("<<".to_owned(), first)?;
                self.merge(&mut members, merged);
                continue;
            }
            let Some(name) = self.name(event)? else {
                let first = self.next()?;
                self.below("?".to_owned(), first)?;
                continue;
            };
            if members.all.contains_key(&name) && !members.merged.remove(&name) {
                self.flaw(&format!("duplicate key {name:?}"), "drop one", "the last one counts")?;
            }
            let first = self.next()?;
            let value = self.below(name.clone(), first)?;
            members.all.insert(name, value);
        }
    }

    fn flaw_of_merge(&self) -> Result<(), Fault> {
        match self.lenience {
            Lenience::Strict => Err(self.fault("the merge key `<<` is not modelled", "write the members out")),
            Lenience::Lenient => Ok(()),
        }
    }

    /// Adds what a merge key stands for: a mapping, or a list of them of which the first counts.
    fn merge(&mut self, members: &mut Members, merged: Value) {
        match merged {
            Value::Object(merged) => {
                for (name, value) in merged {
                    if !members.all.contains_key(&name) {
                        members.merged.insert(name.clone());
                        members.all.insert(name, value);
                    }
                }
            }
            Value::Array(several) => several.into_iter().for_each(|merged| self.merge(members, merged)),
            _ => self.remark("the merge key `<<` holds no mapping", "it is ignored"),
        }
    }

    /// A key: text, or what its text is; nothing where it has none.
    fn name(&mut self, event: Event<'a>) -> Result<Option<String>, Fault> {
        let (text, style) = match (event, self.lenience) {
            (Event::Scalar(text, style, 0, None), _) => (text, style),
            (Event::Scalar(text, style, anchor, _), Lenience::Lenient) => {
                if anchor != 0 {
                    let value = Value::from(&*text);
                    self.count_copy(&value)?;
                    self.anchors.insert(anchor, value);
                }
                (text, style)
            }
            (event, _) => {
                let remedy = "write it out";
                let problem = "a key must be text without an anchor or a tag";
                if self.lenience == Lenience::Strict {
                    return Err(self.fault(problem, remedy));
                }
                if let Value::String(name) = self.below("?".to_owned(), event)? {
                    return Ok(Some(name));
                }
                self.remark("a key is no text", "it and its value are ignored");
                return Ok(None);
            }
        };
        if style != ScalarStyle::Plain {
            return Ok(Some(text.into_owned()));
        }
        match plain(&text) {
            Ok(Value::Number(number)) if !number.is_f64() => Ok(Some(number.to_string())),
            Ok(Value::String(_)) => Ok(Some(text.into_owned())),
            _ if self.lenience == Lenience::Lenient => Ok(Some(text.into_owned())),
            _ => Err(self.fault(&format!("the key `{text}` is no text"), "quote it")),
        }
    }
}

fn is_merge(event: &Event<'_>) -> bool {
    matches!(event, Event::Scalar(text, ScalarStyle::Plain, 0, None) if text == "<<")
}

/// Whether a tag is one of the core schema.
fn is_known(tag: &Tag) -> bool {
    tag.is_yaml_core_schema() && matches!(&*tag.suffix, "str" | "int" | "float" | "bool" | "null" | "seq" | "map")
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
