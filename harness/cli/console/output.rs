//! Printing. Whatever becomes of standard output, the command goes on: a file that it was told to write, what it has to put
//! back and its exit code do not depend on who reads along. A reader that went away (`fencepost rules | head`) is no error.

use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use super::{line, said};

/// Whether something could not be printed: there is one standard output for the whole process.
static IS_LOST: AtomicBool = AtomicBool::new(false);

/// Prints text on standard output; what cannot be printed is lost, and that is said once.
pub(in crate::cli) fn print(text: &str) {
    line::wipe();
    said::now();
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
        && !IS_LOST.swap(true, Ordering::Relaxed)
    {
        complain(&format!("standard output cannot be written to ({error}); make room, or print it elsewhere"));
    }
}

/// Whether something could not be printed.
pub(in crate::cli) fn is_lost() -> bool {
    IS_LOST.load(Ordering::Relaxed)
}

/// Says on standard error what went wrong, or takes long.
pub(in crate::cli) fn complain(problem: &str) {
    line::wipe();
    said::now();
    // Nobody is left to tell where even this cannot be printed.
    let _ = writeln!(io::stderr(), "fencepost: {problem}");
}

/// A number with its noun: `no finding`, `1 finding`, `2 findings`.
pub(in crate::cli) fn counted(count: usize, noun: &str) -> String {
    match count {
        0 => format!("no {noun}"),
        1 => format!("1 {noun}"),
        several => format!("{several} {noun}s"),
    }
}
