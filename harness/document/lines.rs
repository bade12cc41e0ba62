//! On which line of the text each part of a document begins.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::text::pointer;

/// The lines of a document's parts. A large document has a million of them: of each pointer its hash alone is kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines {
    /// Pointers and their lines, in the order of the pointers once all are known.
    lines: Vec<(u64, u32)>,
}

impl Lines {
    /// The pointer of the whole document, as it is kept here.
    pub(super) const ROOT: u64 = 0;

    /// What stands for a pointer that is one step further down.
    pub(super) fn below(pointer: u64, step: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        (pointer, step).hash(&mut hasher);
        hasher.finish()
    }

    pub(super) fn add(&mut self, pointer: u64, line: usize) {
        self.lines.push((pointer, u32::try_from(line).unwrap_or(u32::MAX)));
    }

    pub(super) fn count(&self) -> usize {
        self.lines.len()
    }

    /// To be called once all lines are there.
    pub(super) fn sort(&mut self) {
        // Stable: of what was given twice, the last one counts.
        self.lines.sort_by_key(|(pointer, _)| *pointer);
        self.lines.shrink_to_fit();
    }

    /// The line of what stands at this pointer, or of the nearest thing around it.
    pub(super) fn of(&self, pointer: &str) -> Option<usize> {
        let mut at = Self::ROOT;
        let mut line = self.exact(at);
        for step in pointer.split('/').skip(1) {
            at = Self::below(at, &pointer::unescaped(step));
            let Some(found) = self.exact(at) else { break };
            line = Some(found);
        }
        line
    }

    fn exact(&self, pointer: u64) -> Option<usize> {
        let behind = self.lines.partition_point(|(other, _)| *other <= pointer);
        let (found, line) = self.lines.get(behind.checked_sub(1)?)?;
        (*found == pointer).then_some(*line as usize)
    }
}
