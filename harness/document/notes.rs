//! What the way from another edition leaves behind: remarks, and where each thing stood before.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::lenience::weight;
use super::remark::Remark;

/// Values and characters that may be written out more than once: far more than the forms of any service.
const MOST_COPIED: usize = 3_000_000;

/// The parts of a schema that allows null beside what it allowed before.
const WITHIN: [&str; 2] = ["anyOf", "0"];

/// What is noted while a document is rewritten.
#[derive(Debug, Clone, Default)]
pub(super) struct Notes {
    pub(super) remarks: Vec<Remark>,
    /// Schemas that were put into an `anyOf` beside null, by where they stood before.
    wrapped: BTreeSet<String>,
    /// What was moved: from where it is now to where it was.
    moved: BTreeMap<String, String>,
    /// What stood beside references, and where.
    dropped: Vec<(String, Map<String, Value>)>,
    /// Values and characters that were written out where they are used.
    copied: usize,
}

/// Where that is now which was somewhere else.
pub(super) struct Moves(BTreeMap<String, String>);

impl Moves {
    /// Where that is now which stood at this pointer; nothing where it is still there.
    pub(super) fn to(&self, pointer: &str) -> Option<String> {
        longest(&self.0, pointer)
    }
}

/// The pointer with the longest beginning that was moved put at its new place.
fn longest(moved: &BTreeMap<String, String>, pointer: &str) -> Option<String> {
    let mut end = pointer.len();
    loop {
        if let Some(other) = moved.get(&pointer[..end]) {
            return Some(format!("{other}{}", &pointer[end..]));
        }
        end = pointer[..end].rfind('/')?;
    }
}

impl Notes {
    pub(super) fn remark(&mut self, pointer: &str, what: &str, cost: &str) {
        self.remarks.push(Remark::new(pointer, what, cost));
    }

    pub(super) fn wrapped(&mut self, pointer: String) {
        self.wrapped.insert(pointer);
    }

    pub(super) fn dropped(&mut self, pointer: String, members: Map<String, Value>) {
        self.dropped.push((pointer, members));
    }

    pub(super) fn take_dropped(&mut self) -> Vec<(String, Map<String, Value>)> {
        std::mem::take(&mut self.dropped)
    }

    pub(super) fn moved(&mut self, to: impl Into<String>, from: impl Into<String>) {
        self.moved.insert(to.into(), from.into());
    }

    /// Where everything is that was moved so far.
    pub(super) fn moves(&self) -> Moves {
        let mut moves = BTreeMap::new();
        for (to, from) in &self.moved {
            let known: &mut String = moves.entry(from.clone()).or_insert_with(|| to.clone());
            // A parameter, rather than the schema that came out of it.
            if to.len() < known.len() {
                known.clone_from(to);
            }
        }
        Moves(moves)
    }

    /// Whether this may be written out once more: what is shared by many could fill any memory.
    pub(super) fn may_copy(&mut self, value: &Value) -> bool {
        self.copied = self.copied.saturating_add(weight(value));
        self.copied <= MOST_COPIED
    }

    /// Whether a pointer may lead elsewhere since schemas were wrapped.
    pub(super) fn has_wrapped(&self) -> bool {
        !self.wrapped.is_empty()
    }

    /// Where that is now which stood at this pointer before schemas were wrapped.
    pub(super) fn now(&self, pointer: &str) -> String {
        let (mut before, mut now) = (String::new(), String::new());
        for step in pointer.split('/').skip(1) {
            if self.wrapped.contains(&before) {
                now.extend(WITHIN.iter().flat_map(|step| ["/", step]));
            }
            before.extend(["/", step]);
            now.extend(["/", step]);
        }
        now
    }

    /// Where that stood in the original document which is at this pointer now.
    pub(super) fn original(&self, pointer: &str) -> String {
        let mut before = String::new();
        let mut steps = pointer.split('/').skip(1).peekable();
        while let Some(step) = steps.next() {
            if self.wrapped.contains(&before) && step == WITHIN[0] && steps.peek() == Some(&WITHIN[1]) {
                steps.next();
            } else {
                before.extend(["/", step]);
            }
        }
        longest(&self.moved, &before).unwrap_or(before)
    }
}
