//! A status line on standard error while a run goes on, where somebody is watching.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::session::Event;

/// Often enough to see that it lives, seldom enough to cost nothing.
const INTERVAL: Duration = Duration::from_millis(200);

/// Shows events as they come.
#[derive(Debug)]
pub(in crate::cli) struct Progress {
    watched: bool,
    planned: usize,
    last: Instant,
}

impl Progress {
    pub(in crate::cli) fn new() -> Self {
        Self { watched: io::stderr().is_terminal(), planned: 0, last: Instant::now() }
    }

    pub(in crate::cli) fn show(&mut self, event: &Event) {
        match event {
            Event::Planned { requests } => self.planned = *requests,
            Event::Exchanged { requests } if self.watched && self.last.elapsed() >= INTERVAL => {
                self.last = Instant::now();
                let _ = write!(io::stderr(), "\r{requests} of about {} requests", self.planned.max(*requests));
            }
            Event::Exchanged { .. } => {}
        }
    }

    /// Wipes the line.
    pub(in crate::cli) fn finish(&self) {
        if self.watched {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
