//! What a run or a search learns, one event after the other: all that those who tell of it (status line, terminal, report
//! file, journal, snapshots, corpus, exit code) are told. They know nothing of each other.
//!
//! A search tells each finding as soon as it is certain. A run tells the verdicts of all rules at once, at its end: until the
//! last answer no rule's verdict is certain, because what one finding is may turn out to be part of another, a cause that
//! many share, or the doing of an outage.

use std::path::Path;
use std::time::Duration;

use crate::report::Timing;
use crate::search::Entry;
use crate::session::{self, Stop};
use crate::suite::Untestable;
use crate::verdict::{Finding, Verdicts, Waiver};

/// Something that has been learnt.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// Which of several ids stands in the path.
    Chosen {
        /// What it is the id of.
        noun: &'a str,
        /// The id.
        id: &'a str,
        /// Whether that is because it was the first that could be read; it is the first of all where none could.
        is_read: bool,
    },
    /// A run goes on with a journal, which tells what became of its first requests.
    Resumed {
        /// Of how many.
        answers: usize,
        /// The journal.
        journal: &'a Path,
    },
    /// What becomes of what the probes overwrite, in words: before the first of them what is meant to, after the last what did.
    Restoring(&'a str),
    /// What the probes are about to overwrite was read, or why it could not be.
    Read(Result<&'a str, &'a str>),
    /// Something happened in the conversation with the target.
    Conversation(&'a session::Event<'a>),
    /// A search has sent some cases, and told what it learnt of them.
    Searched,
    /// A case of a search showed something new.
    Kept(&'a Entry),
    /// A finding of a search is certain, and is told for the first time.
    Found {
        /// The finding.
        finding: &'a Finding,
        /// The waiver that covers it, and whether it still holds.
        waiver: Option<(&'a Waiver, bool)>,
    },
    /// A search waits for a target that is gone.
    Awaited(Stop),
    /// The target for which a search waited is back.
    Returned(Duration),
    /// What a search could not judge.
    Unjudged(&'a str),
    /// A search is over.
    Finished {
        /// How many requests it sent.
        requests: usize,
        /// Of how many cases it looked at the answers.
        tried: usize,
        /// How many cases went wrong of which it could not be found out any more what is to blame.
        unresolved: usize,
        /// How many findings that count were known before it.
        known: usize,
    },
    /// The last probe was answered, or the run ended before that.
    Over {
        /// Whether everything was asked.
        complete: bool,
    },
    /// What was overwritten was put back, as far as that was possible.
    PutBack {
        /// Whether it is as it was.
        as_it_was: bool,
    },
    /// What the answers of a run say of each rule.
    Concluded {
        /// The rules and the findings.
        verdicts: &'a Verdicts,
        /// When.
        timing: &'a Timing,
    },
    /// Nothing can be said of any rule.
    Untestable {
        /// Why.
        why: &'a Untestable,
        /// The rules of a run, all of them untested, and when that was.
        rules: Option<(&'a Verdicts, &'a Timing)>,
    },
    /// The matrix differs from what was accepted, told in lines.
    Drifted(&'a str),
    /// Something went wrong beside the testing.
    Remark(&'a str),
    /// Nothing more is learnt.
    Ended {
        /// Why that is before the plan was, or the time, where it is; of what is untestable that was told.
        stop: Option<Stop>,
        /// Whether the target went away and did not come back.
        is_gone: bool,
        /// What a run concluded; a search has told its findings one by one.
        verdicts: Option<&'a Verdicts>,
    },
}
