//! What a journal tells of the earlier part of a run, and how much of it is worth keeping.

use std::collections::VecDeque;
use std::path::Path;

use serde_json::Value;

use super::line::{Head, Line, Veil};
use super::{JournalError, fault};

/// What a journal tells.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// The task before the first probe, or why it could not be read.
    pub(super) kept: Option<Result<Value, String>>,
    /// What became of the requests, with the numbers of the lines.
    pub(super) heard: VecDeque<(usize, Line)>,
    /// The bytes that are worth keeping: what follows is torn, or is about a target that was on its way out.
    pub(super) length: usize,
}

/// Reads the bytes of a journal; nothing where it was cut off in its first line.
pub(super) fn read(path: &Path, bytes: &[u8], head: &Head, veil: &Veil) -> Result<Option<Past>, JournalError> {
    let garbled = |number, why: &str| {
        fault(path, Some(number), format!("is no line of a journal ({why}); begin another journal"))
    };
    let mut past = Past::default();
    // Where the lines begin that say nothing for good.
    let mut undecided: Option<(usize, usize)> = None;
    for (number, line) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
        let Some(written) = line.strip_suffix(b"\n") else {
            if number == 1 {
                return if head.begins_with(line) { Ok(None) } else { Err(garbled(1, "it does not begin like one")) };
            }
            break;
        };
        let text = std::str::from_utf8(written).map_err(|_| garbled(number, "it is no text"))?;
        if number == 1 {
            let theirs: Head = serde_json::from_str(text).map_err(|error| garbled(1, &error.to_string()))?;
            if let Some(difference) = theirs.difference(head) {
                let why = format!("the journal is of another run: {difference}; begin another journal");
                return Err(fault(path, None, why));
            }
        } else {
            match serde_json::from_str(text).map_err(|error| garbled(number, &error.to_string()))? {
                Line::Kept(Ok(text)) => {
                    let body = serde_json::from_str(&veil.lifted_in_json(&text));
                    past.kept = Some(Ok(body.map_err(|error| garbled(number, &error.to_string()))?));
                }
                Line::Kept(Err(why)) => past.kept = Some(Err(veil.lifted(&why))),
                // What it was in the meantime is for the next part to find out.
                Line::Restored => past.kept = None,
                line @ Line::Heard { .. } => {
                    undecided =
                        if line.is_decided() { None } else { undecided.or(Some((past.heard.len(), past.length))) };
                    past.heard.push_back((number, line));
                }
            }
        }
        past.length += line.len();
    }
    // A run that ended because the target was gone, or knew the caller no more, would end so at once again.
    if let Some((heard, length)) = undecided {
        past.heard.truncate(heard);
        past.length = length;
    }
    Ok(Some(past))
}
