//! What a journal tells of the earlier part of a run, and how much of it is worth keeping.

use std::collections::VecDeque;
use std::path::Path;

use serde::de::IgnoredAny;

use super::line::{Head, Line, Veil};
use super::{JournalError, fault};

/// So many answers in a row that say nothing are the target's failing.
const FAILING: usize = 3;
/// So many answers before such a row may belong to it: no more requests are usually in flight.
const IN_FLIGHT: usize = 64;

/// What a journal tells.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// The task before the first probe, or why it could not be read.
    pub(super) kept: Option<Result<String, String>>,
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
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut past = Past::default();
    // Of each answer, where its line begins and whether it says something for good.
    let mut answers: Vec<(usize, bool)> = Vec::new();
    let mut has_ended = false;
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
            if let Some(form) = theirs.other_form() {
                let why = format!(
                    "the journal is of form {form}, which another version wrote; go on with that version, or begin another journal"
                );
                return Err(fault(path, None, why));
            }
            if let Some(difference) = theirs.difference(head) {
                let why = format!("the journal is of another run: {difference}; begin another journal");
                return Err(fault(path, None, why));
            }
        } else {
            match serde_json::from_str(text).map_err(|error| garbled(number, &error.to_string()))? {
                Line::Kept(Ok(text)) => {
                    let body = veil.lifted_in_json(&text);
                    serde_json::from_str::<IgnoredAny>(&body).map_err(|error| garbled(number, &error.to_string()))?;
                    past.kept = Some(Ok(body));
                }
                Line::Kept(Err(why)) => past.kept = Some(Err(veil.lifted(&why))),
                // What it was in the meantime is for the next part to find out.
                Line::Restored => past.kept = None,
                Line::Ended => has_ended = true,
                line @ Line::Heard { .. } => {
                    has_ended = false;
                    answers.push((past.length, line.is_decided()));
                    past.heard.push_back((number, line));
                }
            }
        }
        past.length += line.len();
    }
    let worth = if has_ended { answers.len() } else { worth_keeping(&answers) };
    if let Some((start, _)) = answers.get(worth) {
        past.heard.truncate(worth);
        past.length = *start;
    }
    Ok(Some(past))
}

/// How many answers are worth keeping: a run that ended because the target was gone, or knew the caller no more, would end so
/// at once again.
fn worth_keeping(answers: &[(usize, bool)]) -> usize {
    let is_decided = |answer: &(usize, bool)| answer.1;
    let decided = answers.iter().rposition(is_decided).map_or(0, |last| last + 1);
    if answers.len() - decided < FAILING {
        return decided;
    }
    // What was in flight with the first of a row may have met the same.
    let recent = decided.saturating_sub(IN_FLIGHT);
    answers[recent..decided].iter().position(|answer| !is_decided(answer)).map_or(decided, |first| recent + first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answers: &str, worth: usize) {
        let answers: Vec<_> = answers.bytes().map(|byte| (0, byte == b'+')).collect();
        assert_eq!(worth_keeping(&answers), worth);
    }

    #[test]
    fn answers_of_a_target_on_its_way_out_are_not_kept() {
        check("", 0);
        check("+++", 3);
        check("+-+", 3);
        check("+-+-", 3);
        check("+-+--", 3);
        check("---", 0);
        check("+-++---", 1);
        check(&format!("-{}---", "+".repeat(IN_FLIGHT)), IN_FLIGHT + 1);
    }
}
