//! The wish that the process ends: the first ends what is going on in good order, the second the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::ConnectError;
use super::restore::LastWords;
use crate::cli::console::output;

/// Who is to be told.
#[derive(Clone, Default)]
struct Current {
    flag: Arc<AtomicBool>,
    last_words: LastWords,
}

/// Listens to Ctrl-C and its like for as long as the process lives.
#[derive(Clone)]
pub(in crate::cli) struct Interrupts(Arc<Mutex<Current>>);

impl Interrupts {
    /// Listens from here on, so that no signal is missed.
    pub(in crate::cli) fn begin() -> Result<Self, ConnectError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| ConnectError::Interrupts(error.to_string()))?;
        let mut signals =
            runtime.block_on(async { Signals::new() }).map_err(|error| ConnectError::Interrupts(error.to_string()))?;
        let interrupts = Self(Arc::default());
        let told = interrupts.clone();
        std::thread::spawn(move || {
            runtime.block_on(async {
                loop {
                    signals.next().await;
                    let Current { flag, last_words } = told.current();
                    if flag.swap(true, Ordering::Relaxed) {
                        if let Some(words) = last_words.now() {
                            output::complain(&words);
                        }
                        std::process::exit(130);
                    }
                }
            });
        });
        Ok(interrupts)
    }

    fn current(&self) -> Current {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on this is to be told, and what a second wish says is this; a wish that came before holds for it as well.
    pub(super) fn are_told_to(&self, flag: Arc<AtomicBool>, last_words: LastWords) {
        if self.came() {
            flag.store(true, Ordering::Relaxed);
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Current { flag, last_words };
    }

    /// Whether there was such a wish.
    pub(in crate::cli) fn came(&self) -> bool {
        self.current().flag.load(Ordering::Relaxed)
    }
}

/// The signals that the process ends, at the terminal or by `kill`. A hang-up is left to what the shell made of it.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
