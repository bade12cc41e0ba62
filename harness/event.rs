//! What a run learns, one event after the other: all that those who tell of it (status line, terminal, report file,
//! snapshots, exit code) are told. They know nothing of each other.

use crate::report::Timing;
use crate::session;
use crate::suite::Untestable;
use crate::verdict::Verdicts;

/// Something that a run has learnt.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// Requests were planned, or one was sent.
    Sent(&'a session::Event),
    /// The last probe was answered, or the run ended before that.
    Over,
    /// What the answers say of each rule.
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
        /// The rules, all of them untested.
        verdicts: &'a Verdicts,
        /// When.
        timing: &'a Timing,
    },
    /// The matrix differs from what was accepted, told in lines.
    Drifted(&'a str),
    /// Something went wrong beside the testing.
    Remark(&'a str),
    /// Nothing more is learnt.
    Ended(&'a Verdicts),
}
