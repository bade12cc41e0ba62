//! The status line: how far a run or a search is.

use std::time::Instant;

use super::super::error::Failure;
use super::Consumer;
use crate::cli::console::line::{self, Line};
use crate::event::Event;
use crate::session;

pub(in crate::cli::command) struct Progress {
    line: Line,
    figures: Figures,
}

/// What the line shows.
struct Figures {
    started: Instant,
    /// About how many requests there will be; nothing in a search, which has no plan.
    planned: Option<usize>,
    requests: usize,
    cases: usize,
    findings: usize,
}

impl Progress {
    /// A line that begins with so many cases, which a search has known before.
    pub(in crate::cli::command) fn new(cases: usize) -> Self {
        let figures = Figures { started: Instant::now(), planned: None, requests: 0, cases, findings: 0 };
        Self { line: Line::new(), figures }
    }

    fn hear(&mut self, said: &session::Event<'_>) {
        let Self { line, figures } = self;
        match said {
            session::Event::Planned { requests } => figures.planned = Some(*requests),
            session::Event::Heard { requests, .. } => {
                figures.requests = *requests;
                line.show(|| figures.told());
            }
            session::Event::Waiting { .. } => line.show_at_once(|| figures.told() + ": waiting for the target"),
            _ => {}
        }
    }
}

impl Consumer for Progress {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Conversation(said) => self.hear(said),
            Event::Kept(_) => self.figures.cases += 1,
            Event::Found { waiver: None | Some((_, false)), .. } => self.figures.findings += 1,
            Event::Over { .. } | Event::Finished { .. } => line::wipe(),
            _ => {}
        }
        Ok(())
    }
}

impl Figures {
    fn told(&self) -> String {
        let Self { started, planned, requests, cases, findings } = self;
        if let Some(planned) = planned {
            return format!("{requests} of about {} requests", planned.max(requests));
        }
        let seconds = started.elapsed().as_secs();
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        format!("{hours}:{minutes:02}:{seconds:02}  {requests} requests  {cases} cases  {findings} new findings")
    }
}
