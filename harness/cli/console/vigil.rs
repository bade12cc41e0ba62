//! Nobody waits in the dark: where nothing was said for a while, it is said what is waited for.
//!
//! On a terminal that is the status line, elsewhere a line on standard error, for as long as nothing else is said: who reads a
//! log cannot tell work that goes on from work that hangs.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::line::Line;
use super::{output, said};

/// Watches over what is said, until it is dropped.
pub(in crate::cli) struct Vigil {
    watcher: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Vigil {
    /// Begins to watch: after each `silence` without a word it says how things stand.
    pub(in crate::cli) fn begin(silence: Duration, standing: impl Fn() -> String + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        let watch = move || {
            let mut line = Line::new();
            loop {
                let left = silence.saturating_sub(said::last().elapsed());
                match receiver.recv_timeout(left.max(Duration::from_millis(1))) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
                }
                if said::last().elapsed() < silence {
                    continue;
                }
                if line.is_watched() {
                    line.show_at_once(&standing);
                } else {
                    output::complain(&standing());
                }
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
