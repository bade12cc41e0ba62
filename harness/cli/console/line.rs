//! A line on standard error that shows how far things are, where somebody is watching. Whatever else is printed wipes it.

use std::io::{self, IsTerminal, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::said;

/// Often enough to see that it lives, seldom enough to cost nothing.
const INTERVAL: Duration = Duration::from_millis(200);

/// Whether there is a line to be wiped: the terminal is one for the whole process.
static IS_SHOWN: AtomicBool = AtomicBool::new(false);

/// Draws the line.
#[derive(Debug)]
pub(in crate::cli) struct Line {
    watched: bool,
    last: Instant,
}

impl Line {
    pub(in crate::cli) fn new() -> Self {
        Self { watched: io::stderr().is_terminal(), last: Instant::now() }
    }

    /// Whether somebody is watching.
    pub(in crate::cli) fn is_watched(&self) -> bool {
        self.watched
    }

    /// Shows a text, unless one was shown a moment ago.
    pub(in crate::cli) fn show(&mut self, text: impl FnOnce() -> String) {
        if self.last.elapsed() >= INTERVAL {
            self.show_at_once(text);
        }
    }

    /// Shows a text that stays for a while.
    pub(in crate::cli) fn show_at_once(&mut self, text: impl FnOnce() -> String) {
        if self.watched {
            self.last = Instant::now();
            said::now();
            IS_SHOWN.store(true, Ordering::Relaxed);
            // Nobody is left to tell where even this cannot be printed.
            let _ = write!(io::stderr(), "\r{}\x1b[K", text());
        }
    }
}

/// Wipes the line, where there is one.
pub(in crate::cli) fn wipe() {
    if IS_SHOWN.swap(false, Ordering::Relaxed) {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
}
