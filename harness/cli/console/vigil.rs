//! Nobody waits in the dark: where nothing was said for a while, it is said what is waited for.
//!
//! On a terminal that is the status line, elsewhere a line on standard error. Where things go on, the lines come ever more
//! seldom; where they do not, as often as at first.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::line::Line;
use super::{output, said};

/// How much longer than at first the silence may become while things go on.
const MOST: u32 = 6;

/// Watches over what is said, until it is dropped.
pub(in crate::cli) struct Vigil {
    watcher: Option<(Sender<()>, JoinHandle<()>)>,
}

/// How things stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Standing {
    /// In words, what is waited for and how long at most.
    pub(in crate::cli) told: String,
    /// A number that changes where something goes on.
    pub(in crate::cli) progress: usize,
}

impl Vigil {
    /// Begins to watch: after `silence` without a word it says how things stand.
    pub(in crate::cli) fn begin(silence: Duration, standing: impl Fn() -> Standing + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        let watch = move || {
            let mut line = Line::new();
            let mut patience = Patience::new(silence);
            loop {
                let left = patience.current.saturating_sub(said::last().elapsed());
                match receiver.recv_timeout(left.max(Duration::from_millis(1))) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
                }
                if said::last().elapsed() < patience.current {
                    continue;
                }
                let Standing { told, progress } = standing();
                if line.is_watched() {
                    line.show_at_once(|| told);
                } else {
                    output::complain(&told);
                }
                patience.spoke(progress);
            }
        };
        let started = std::thread::Builder::new().spawn(watch);
        // Without a watcher it is quiet, and all else goes on.
        Self { watcher: started.ok().map(|watcher| (sender, watcher)) }
    }
}

impl Drop for Vigil {
    fn drop(&mut self) {
        if let Some((sender, watcher)) = self.watcher.take() {
            drop(sender);
            // It says nothing more once this has ended.
            let _ = watcher.join();
        }
    }
}

/// How long a silence may be.
#[derive(Debug)]
struct Patience {
    first: Duration,
    current: Duration,
    progress: Option<usize>,
}

impl Patience {
    fn new(first: Duration) -> Self {
        Self { first, current: first, progress: None }
    }

    /// Something was said, of this progress.
    fn spoke(&mut self, progress: usize) {
        let goes_on = self.progress.is_none_or(|last| last != progress);
        self.current = if goes_on { (self.current * 2).min(self.first * MOST) } else { self.first };
        self.progress = Some(progress);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_silence_grows_only_while_things_go_on() {
        let mut patience = Patience::new(Duration::from_secs(10));
        let mut seconds = Vec::new();
        for progress in [1, 2, 3, 4, 4, 4, 5] {
            patience.spoke(progress);
            seconds.push(patience.current.as_secs());
        }
        assert_eq!(seconds, [20, 40, 60, 60, 10, 10, 20]);
    }
}
