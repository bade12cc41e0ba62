//! What the way from another edition leaves behind: remarks, and where each thing stood before.

use std::collections::{BTreeMap, BTreeSet};

use super::remark::Remark;

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
}

impl Notes {
    pub(super) fn remark(&mut self, pointer: &str, what: &str, cost: &str) {
        self.remarks.push(Remark::new(pointer, what, cost));
    }

    pub(super) fn wrapped(&mut self, pointer: String) {
        self.wrapped.insert(pointer);
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
        // The longest of what was moved.
        let mut end = before.len();
        loop {
            if let Some(from) = self.moved.get(&before[..end]) {
                return format!("{from}{}", &before[end..]);
            }
            let Some(slash) = before[..end].rfind('/') else { return before };
            end = slash;
        }
    }
}
