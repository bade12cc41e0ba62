//! The terminal: the matrix, the findings and the figures on standard output, and on standard error what went wrong.

use super::super::super::error::Failure;
use super::Consumer;
use crate::cli::console::output;
use crate::event::Event;
use crate::report::{Subject, terminal};

pub(in crate::cli::command::run) struct Terminal<'a> {
    pub(in crate::cli::command::run) subject: &'a Subject,
    /// Whether every rule is written out.
    pub(in crate::cli::command::run) full: bool,
}

impl Consumer for Terminal<'_> {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Concluded { verdicts, timing } => {
                output::print(&terminal::render(self.subject, verdicts, timing.elapsed, self.full))?;
            }
            Event::Drifted(lines) => output::print(lines)?,
            Event::Remark(remark) => output::complain(&self.subject.address.masked(remark)),
            _ => {}
        }
        Ok(())
    }
}
