//! The terminal: the matrix, the findings and the figures on standard output, and on standard error what went wrong.

use std::time::Duration;

use super::super::error::Failure;
use super::{Consumer, aside};
use crate::cli::console::output;
use crate::event::Event;
use crate::report::{Subject, terminal};
use crate::session;

pub(in crate::cli::command) struct Terminal<'a> {
    subject: &'a Subject,
    /// Whether every rule is written out.
    full: bool,
    /// For how long the target was left alone because it had asked for that.
    waited: Duration,
}

impl<'a> Terminal<'a> {
    pub(in crate::cli::command) fn new(subject: &'a Subject, full: bool) -> Self {
        Self { subject, full, waited: Duration::ZERO }
    }
}

impl Consumer for Terminal<'_> {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Concluded { verdicts, timing } => {
                output::print(&terminal::render(self.subject, verdicts, timing.elapsed, self.full));
            }
            Event::Conversation(session::Event::Throttled { waited }) => self.waited += *waited,
            Event::Over { .. } if self.waited.as_secs() > 0 => {
                let seconds = self.waited.as_secs();
                output::print(&format!("the target throttled requests: it was left alone for {seconds} s\n\n"));
            }
            Event::Drifted(lines) => output::print(lines),
            other => aside::tell(other, self.subject),
        }
        Ok(())
    }
}
