//! The limits that a process is under. One on the size of files (`ulimit -f`) is an error of the one write that meets it: by
//! itself it would end the process, whatever is still to be put back or told.

use std::fs::File;
use std::path::Path;

/// Something that can always be opened.
const ANYTHING: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };
/// So many files are open for a moment where signals are listened to.
#[cfg(unix)]
const FOR_SIGNALS: usize = 16;

/// How many more files and connections can be open, of so many that may be needed.
pub(in crate::cli) fn room_for(needed: usize) -> usize {
    let open: Vec<File> = (0..needed).map_while(|_| File::open(ANYTHING).ok()).collect();
    // Where there is no such thing, nothing is found out.
    if open.is_empty() && !Path::new(ANYTHING).exists() { needed } else { open.len() }
}

/// From now on such a limit is told as an error.
#[cfg(unix)]
pub(in crate::cli) fn are_errors() {
    use tokio::signal::unix::{SignalKind, signal};

    // Where that cannot be done the process ends as it would have. With less room it would end at once.
    if room_for(FOR_SIGNALS) < FOR_SIGNALS {
        return;
    }
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
    // Once somebody has listened to a signal it does nothing else any more.
    let _ = runtime.block_on(async { signal(SignalKind::from_raw(libc::SIGXFSZ)) });
}

/// There is no such limit.
#[cfg(not(unix))]
pub(in crate::cli) fn are_errors() {}
