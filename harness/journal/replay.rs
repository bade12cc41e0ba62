//! What a journal tells of the earlier part of a run, and how much of it is worth keeping.
//!
//! It is read line by line, and of an answer only the place is remembered: a journal may be larger than the memory.

use std::collections::BTreeSet;
use std::io::{self, BufRead};
use std::path::Path;

use serde::de::IgnoredAny;

use super::head::JournalHeader;
use super::line::Line;
use super::redactor::Redactor;
use super::seal::Seal;
use super::{JournalError, fault};

/// So many answers in a row that say nothing are the target's failing.
const FAILING: usize = 3;
/// So many answers before such a row may belong to it: no more requests are usually in flight.
const IN_FLIGHT: usize = 64;

/// What a journal tells.
#[derive(Debug, Default)]
pub(super) struct Replay {
    /// The task before the first probe, or why it could not be read.
    pub(super) kept: Option<Result<String, String>>,
    /// How many requests it tells of that are worth keeping.
    pub(super) heard: usize,
    /// What was sent, must not be sent again, and is not told of.
    pub(super) lost: BTreeSet<String>,
    /// Whether the run came to its end.
    pub(super) has_ended: bool,
    /// The bytes that are worth keeping: what follows is torn, or is about a target that was on its way out.
    pub(super) length: u64,
    /// The checksum of these.
    pub(super) seal: Seal,
}

/// What became of a request.
struct Answer {
    /// Where its line begins, and the checksum before it.
    start: (u64, Seal),
    /// Whether it says something for good.
    is_decided: bool,
    /// What must not be sent again, although it is not told of where this answer is not kept.
    spent: Option<String>,
}

/// Reads a journal; nothing where it was cut off in its first line.
pub(super) fn read(
    path: &Path,
    mut file: impl BufRead,
    head: &JournalHeader,
    redactor: &Redactor,
) -> Result<Option<Replay>, JournalError> {
    let mut replay = Replay::default();
    let mut answers: Vec<Answer> = Vec::new();
    let mut has_ended = false;
    let mut line = Vec::new();
    for number in 1.. {
        let start = (replay.length, replay.seal.clone());
        match next(&mut file, &mut line).map_err(|error| unreadable(path, &error))? {
            // What is torn is the last.
            false if number > 1 => break,
            false if line.is_empty() || head.begins_with(&line) => return Ok(None),
            false => return Err(garbled(path, number, "it does not begin like one")),
            true => {}
        }
        replay.length += line.len() as u64 + 1;
        if number == 1 {
            check_first(path, &line, head, &mut replay.seal)?;
            continue;
        }
        match opened(path, number, &line, &mut replay.seal)? {
            Line::Kept(Ok(text)) => {
                let body = redactor.lifted_in_json(&text);
                serde_json::from_str::<IgnoredAny>(&body).map_err(|error| garbled(path, number, &error.to_string()))?;
                replay.kept = Some(Ok(body));
            }
            Line::Kept(Err(why)) => replay.kept = Some(Err(redactor.lifted(&why))),
            // What it was in the meantime is for the next part to find out.
            Line::Restored {} => replay.kept = None,
            Line::Ended {} => has_ended = true,
            Line::Sent { request } => {
                replay.lost.insert(request);
            }
            line @ Line::Heard { .. } => {
                has_ended = false;
                let (is_decided, may_have_worked) = (line.is_decided(), line.may_have_worked());
                let Line::Heard { request, .. } = line else { continue };
                let spent = replay.lost.take(&request).filter(|_| may_have_worked);
                answers.push(Answer { start, is_decided, spent });
            }
        }
    }
    let decided: Vec<bool> = answers.iter().map(|answer| answer.is_decided).collect();
    replay.has_ended = has_ended;
    replay.heard = if has_ended { answers.len() } else { worth_keeping(&decided) };
    let mut rest = answers.into_iter().skip(replay.heard);
    if let Some(first) = rest.next() {
        (replay.length, replay.seal) = first.start;
        replay.lost.extend(first.spent);
    }
    replay.lost.extend(rest.filter_map(|answer| answer.spent));
    Ok(Some(replay))
}

/// The next line without its end; false where there is no other, or one that was not written whole.
pub(super) fn next(file: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    file.read_until(b'\n', line)?;
    Ok(line.pop_if(|last| *last == b'\n').is_some())
}

/// Holds a first line against that of this run.
fn check_first(path: &Path, line: &[u8], head: &JournalHeader, seal: &mut Seal) -> Result<(), JournalError> {
    // Earlier forms have no checksum, and of later ones nothing is known but where they tell which they are.
    if let Some(form) = std::str::from_utf8(line).ok().and_then(JournalHeader::other_form) {
        let why = format!(
            "the journal is of form {form}, which another version wrote; go on with that version, or begin another journal"
        );
        return Err(fault(path, None, why));
    }
    let text = seal.open(line).map_err(|why| garbled(path, 1, why))?;
    let theirs: JournalHeader = serde_json::from_str(&text).map_err(|error| garbled(path, 1, &error.to_string()))?;
    match theirs.difference(head) {
        Some(difference) => {
            Err(fault(path, None, format!("the journal is of another run: {difference}; begin another journal")))
        }
        None => Ok(()),
    }
}

/// A line, where it is one that stands here.
pub(super) fn opened(path: &Path, number: usize, line: &[u8], seal: &mut Seal) -> Result<Line, JournalError> {
    let text = seal.open(line).map_err(|why| garbled(path, number, why))?;
    serde_json::from_str(&text).map_err(|error| garbled(path, number, &error.to_string()))
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> JournalError {
    fault(path, None, format!("cannot be read ({error}); correct its permissions, or begin another journal"))
}

fn garbled(path: &Path, number: usize, why: &str) -> JournalError {
    let go_on = match number {
        1 => String::new(),
        _ => format!("go on with the lines before it (`head -n {}` tells them), or ", number - 1),
    };
    fault(path, Some(number), format!("is no line of a journal ({why}); {go_on}begin another journal"))
}

/// How many answers are worth keeping: a run that ended because the target was gone, or knew the caller no more, would end so
/// at once again.
fn worth_keeping(decided: &[bool]) -> usize {
    let last = decided.iter().rposition(|decided| *decided).map_or(0, |last| last + 1);
    if decided.len() - last < FAILING {
        return last;
    }
    // What was in flight with the first of a row may have met the same.
    let recent = last.saturating_sub(IN_FLIGHT);
    decided[recent..last].iter().position(|decided| !decided).map_or(last, |first| recent + first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answers: &str, worth: usize) {
        let decided: Vec<bool> = answers.bytes().map(|byte| byte == b'+').collect();
        assert_eq!(worth_keeping(&decided), worth);
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
