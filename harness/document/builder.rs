//! Builds JSON values from a text's events, one after the other, so that text which nests or repeats itself without end is
//! refused where it begins to, and read no further.
//!
//! What has no counterpart in JSON (tags, merge keys, keys that are no text, numbers without end) is refused by name in a
//! contract that must be exact. In any other document it is taken for what it most likely means, and remarked on.

use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, ScalarStyle, Tag};
use serde_json::{Map, Value};

use super::error::Flaw;
use super::events::{Events, ends_early};
use super::lenience::{Lenience, MOST_VALUES, weight};
use super::lines::Lines;
use super::remark::Remark;
use super::scalar::{plain, tagged};
use crate::text::pointer;

/// A text, read.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) value: Value,
    pub(super) lines: Lines,
    pub(super) remarks: Vec<Remark>,
}

pub(super) fn build(events: &mut dyn Events<'_>, lenience: Lenience) -> Result<Tree, Flaw> {
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
    /// The names and numbers that lead to the value that is being built, and what lines are kept by above each.
    path: Vec<(String, u64)>,
    /// The whole path, as lines are kept by.
    here: u64,
    /// What has an anchor, by the parser's number for it.
    anchors: BTreeMap<usize, Value>,
    copied: usize,
    lines: Lines,
    remarks: Vec<Remark>,
}

/// What has begun, and not ended yet. It is kept here, not on the stack, which has no room for what nests without end.
struct Open {
    /// The parser's number for its anchor; 0 where it has none.
    anchor: usize,
    parts: Parts,
}

enum Parts {
    Elements(Vec<Value>),
    Members(Members),
}

/// The members of a mapping so far.
#[derive(Default)]
struct Members {
    all: Map<String, Value>,
    /// The names of those that came with a merge key, and give way to the mapping's own.
    merged: BTreeSet<String>,
    /// What the next value is.
    next: Next,
}

#[derive(Default)]
enum Next {
    /// A key, or nothing any more.
    #[default]
    Name,
    /// A key that is more than text.
    Key,
    Member(String),
    Merged,
    /// The value of a key that is no name.
    Ignored,
}

impl<'a> Builder<'_, 'a> {
    /// The one document of the text; null where there is none.
    fn document(&mut self) -> Result<Value, Flaw> {
        let mut document = None;
        loop {
            match self.next()? {
                Event::StreamEnd => return Ok(document.unwrap_or_default()),
                Event::StreamStart | Event::DocumentEnd => {}
                Event::DocumentStart(_) if document.is_some() => {
                    let problem = format!("a second document begins at line {}", self.line);
                    if self.lenience == Lenience::Strict {
                        return Err(Flaw::unreadable(&problem));
                    }
                    self.remark(&problem, "it is not read");
                    return Ok(document.unwrap_or_default());
                }
                Event::DocumentStart(_) => {
                    let first = self.next()?;
                    document = Some(self.value(first)?);
                }
                _ => return Err(ends_early(self.line)),
            }
        }
    }

    fn next(&mut self) -> Result<Event<'a>, Flaw> {
        let (event, line) = self.events.next()?;
        self.line = line;
        Ok(event)
    }

    fn pointer(&self) -> String {
        self.path.iter().fold(String::new(), |pointer, (step, _)| pointer::below(&pointer, step))
    }

    /// What is wrong at the place that is being built, and what to do about it.
    fn fault(&self, problem: &str, remedy: &str) -> Flaw {
        Flaw::at(&self.pointer(), format!("{problem} at line {}; {remedy}", self.line))
    }

    fn remark(&mut self, what: &str, cost: &str) {
        let remark = Remark { line: Some(self.line), ..Remark::new(self.pointer(), what, cost) };
        self.remarks.push(remark);
    }

    /// What cannot be taken as it stands: an error with a remedy, or a remark with what it costs.
    fn flaw(&mut self, problem: &str, remedy: &str, cost: &str) -> Result<(), Flaw> {
        if self.lenience == Lenience::Strict {
            return Err(self.fault(problem, remedy));
        }
        self.remark(problem.trim_end_matches(','), cost);
        Ok(())
    }

    /// The value that begins with this event.
    fn value(&mut self, first: Event<'a>) -> Result<Value, Flaw> {
        let mut open = Vec::new();
        let mut whole = self.begin(first, &mut open)?;
        loop {
            let Some(Open { anchor, parts }) = open.last_mut() else { return Ok(whole.unwrap_or_default()) };
            if let Some(value) = whole.take() {
                self.leave();
                self.add(parts, value)?;
            }
            let event = self.next()?;
            match parts {
                Parts::Elements(elements) if event == Event::SequenceEnd => {
                    whole = Some(self.anchored(*anchor, std::mem::take(elements).into())?);
                    open.pop();
                }
                Parts::Members(members) if event == Event::MappingEnd => {
                    whole = Some(self.anchored(*anchor, std::mem::take(&mut members.all).into())?);
                    open.pop();
                }
                Parts::Elements(elements) => {
                    self.enter(elements.len().to_string())?;
                    whole = self.begin(event, &mut open)?;
                }
                Parts::Members(members) => {
                    let step = match &members.next {
                        Next::Name => match self.key(event, members)? {
                            Some(event) => {
                                self.enter("?".to_owned())?;
                                whole = self.begin(event, &mut open)?;
                                continue;
                            }
                            None => continue,
                        },
                        Next::Member(name) => name.clone(),
                        Next::Merged => "<<".to_owned(),
                        Next::Key | Next::Ignored => "?".to_owned(),
                    };
                    self.enter(step)?;
                    whole = self.begin(event, &mut open)?;
                }
            }
        }
    }

    /// The value that this event is, or nothing where one begins with it that has parts.
    fn begin(&mut self, event: Event<'a>, open: &mut Vec<Open>) -> Result<Option<Value>, Flaw> {
        self.lines.add(self.here, self.line);
        if self.lines.count() > MOST_VALUES {
            let problem =
                format!("has more than {MOST_VALUES} values; give a document of the part that is to be tested");
            return Err(Flaw::at("", problem));
        }
        let (anchor, tag) = match &event {
            Event::Scalar(_, _, anchor, tag) | Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
                (*anchor, tag.clone())
            }
            Event::Alias(anchor) => return self.copy_of(*anchor).map(Some),
            _ => return Err(ends_early(self.line)),
        };
        if let Some(tag) = &tag
            && (self.lenience == Lenience::Strict || !is_known(tag))
        {
            let problem = format!("the tag `{}{}` is not modelled,", tag.handle, tag.suffix);
            self.flaw(&problem, "remove it", "it is ignored")?;
        }
        let parts = match event {
            Event::Scalar(text, style, ..) => {
                let value = self.scalar(&text, style, tag.as_deref())?;
                return self.anchored(anchor, value).map(Some);
            }
            Event::SequenceStart(..) => Parts::Elements(Vec::new()),
            _ => Parts::Members(Members::default()),
        };
        open.push(Open { anchor, parts });
        Ok(None)
    }

    /// The value, kept where it has an anchor.
    fn anchored(&mut self, anchor: usize, value: Value) -> Result<Value, Flaw> {
        // The parser numbers anchors from 1; 0 is none.
        if anchor != 0 {
            self.count_copy(&value)?;
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn enter(&mut self, step: String) -> Result<(), Flaw> {
        self.check_depth()?;
        let below = Lines::below(self.here, &step);
        let above = std::mem::replace(&mut self.here, below);
        self.path.push((step, above));
        Ok(())
    }

    fn leave(&mut self) {
        if let Some((_, above)) = self.path.pop() {
            self.here = above;
        }
    }

    /// Adds a value to what it is part of.
    fn add(&mut self, parts: &mut Parts, value: Value) -> Result<(), Flaw> {
        let members = match parts {
            Parts::Elements(elements) => {
                elements.push(value);
                return Ok(());
            }
            Parts::Members(members) => members,
        };
        match (std::mem::take(&mut members.next), value) {
            (Next::Member(name), value) => {
                members.all.insert(name, value);
            }
            (Next::Merged, value) => self.merge(members, value),
            (Next::Key, Value::String(name)) => self.named(members, name)?,
            (Next::Key, _) => {
                self.remark("a key is no text", "it and its value are ignored");
                members.next = Next::Ignored;
            }
            (Next::Name | Next::Ignored, _) => {}
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, Flaw> {
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

    fn copy_of(&mut self, anchor: usize) -> Result<Value, Flaw> {
        let Some(value) = self.anchors.get(&anchor).cloned() else {
            let problem = "an alias stands within its own anchor";
            self.flaw(problem, "write the value out", "it is read as null")?;
            return Ok(Value::Null);
        };
        self.count_copy(&value)?;
        Ok(value)
    }

    fn count_copy(&mut self, value: &Value) -> Result<(), Flaw> {
        let most = self.lenience.most_copied();
        self.copied += weight(value);
        if self.copied > most {
            let problem = format!("anchors and aliases copy more than {most} values and characters,");
            return Err(self.fault(&problem, "write a smaller document"));
        }
        Ok(())
    }

    fn check_depth(&self) -> Result<(), Flaw> {
        let most = self.lenience.most_depth();
        if self.path.len() >= most {
            return Err(Flaw::unreadable(&format!("it nests more than {most} levels deep at line {}", self.line)));
        }
        Ok(())
    }

    /// Takes a key, or gives it back where it is more than text.
    fn key(&mut self, event: Event<'a>, members: &mut Members) -> Result<Option<Event<'a>>, Flaw> {
        if is_merge(&event) {
            self.flaw_of_merge()?;
            members.next = Next::Merged;
            return Ok(None);
        }
        match (event, self.lenience) {
            (Event::Scalar(text, style, 0, None), _) => {
                let name = self.name(&text, style)?;
                self.named(members, name)?;
            }
            (Event::Scalar(text, style, anchor, _), Lenience::Lenient) => {
                let name = self.name(&text, style)?;
                self.anchored(anchor, name.as_str().into())?;
                self.named(members, name)?;
            }
            (_, Lenience::Strict) => {
                return Err(self.fault("a key must be text without an anchor or a tag", "write it out"));
            }
            (event, Lenience::Lenient) => {
                members.next = Next::Key;
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// Notes the name of the next member.
    fn named(&mut self, members: &mut Members, name: String) -> Result<(), Flaw> {
        if members.all.contains_key(&name) && !members.merged.remove(&name) {
            self.flaw(&format!("duplicate key {name:?}"), "drop one", "the last one counts")?;
        }
        members.next = Next::Member(name);
        Ok(())
    }

    fn flaw_of_merge(&self) -> Result<(), Flaw> {
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

    /// The name that a key's text is.
    fn name(&self, text: &str, style: ScalarStyle) -> Result<String, Flaw> {
        if style != ScalarStyle::Plain {
            return Ok(text.to_owned());
        }
        match plain(text) {
            Ok(Value::Number(number)) if !number.is_f64() => Ok(number.to_string()),
            Ok(Value::String(_)) => Ok(text.to_owned()),
            _ if self.lenience == Lenience::Lenient => Ok(text.to_owned()),
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
