//! A status line on standard error while a search goes on, where somebody is watching.

use std::io::{self, IsTerminal, Write as _};
use std::time::{Duration, Instant};

/// How often the status line is drawn.
const INTERVAL: Duration = Duration::from_millis(200);

/// A line on standard error that shows how far it is, where somebody is watching.
pub(in crate::cli) struct Status {
    watched: bool,
    pub(in crate::cli) started: Instant,
    last: Instant,
}

impl Status {
    pub(in crate::cli) fn new() -> Self {
        let now = Instant::now();
        Self { watched: io::stderr().is_terminal(), started: now, last: now }
    }

    pub(in crate::cli) fn show(&mut self, requests: usize, cases: usize, findings: usize) {
        if !self.watched || self.last.elapsed() < INTERVAL {
            return;
        }
        self.last = Instant::now();
        let seconds = self.started.elapsed().as_secs();
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        // Nobody is left to tell where even this cannot be printed.
        let _ = write!(
            io::stderr(),
            "\r{hours}:{minutes:02}:{seconds:02}  {requests} requests  {cases} cases  {findings} new findings\x1b[K"
        );
    }

    pub(in crate::cli) fn wipe(&self) {
        if self.watched {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
