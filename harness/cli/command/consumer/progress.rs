//! The status line: how far a run or a search is.

use super::super::error::Failure;
use super::{Consumer, Figures};
use crate::cli::console::line::{self, Line};
use crate::event::Event;
use crate::session;

pub(in crate::cli::command) struct Progress {
    line: Line,
    figures: Figures,
}

impl Progress {
    /// A line with these figures, and so many cases, which a search has known before.
    pub(in crate::cli::command) fn new(figures: Figures, cases: usize) -> Self {
        figures.now().cases = cases;
        Self { line: Line::new(), figures }
    }

    fn hear(&mut self, said: &session::Event<'_>) {
        let Self { line, figures } = self;
        match said {
            session::Event::Planned { requests } => figures.now().planned = Some(*requests),
            session::Event::Heard { requests, .. } => {
                figures.now().requests = *requests;
                line.show(|| figures.now().told());
            }
            session::Event::Waiting { .. } => {
                line.show_at_once(|| figures.now().told() + ": waiting for the target");
            }
            session::Event::Wavers { .. } => {
                line.show_at_once(|| figures.now().told() + ": the answers change, so it begins anew");
            }
            _ => {}
        }
    }
}

impl Consumer for Progress {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Conversation(said) => self.hear(said),
            Event::Kept(_) => self.figures.now().cases += 1,
            Event::Found { waiver: None | Some((_, false)), .. } => self.figures.now().findings += 1,
            Event::Awaited(_) => self.figures.now().is_awaited = true,
            Event::Returned(_) => self.figures.now().is_awaited = false,
            Event::Over { .. } | Event::Finished { .. } => line::wipe(),
            _ => {}
        }
        Ok(())
    }
}
