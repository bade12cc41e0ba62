//! Printing. A reader that went away (`fencepost rules | head`) is no error.

use std::io::{self, ErrorKind, Write};

use super::line;

/// Standard output is gone, or full.
#[derive(Debug, thiserror::Error)]
#[error("standard output cannot be written to ({0})")]
pub(in crate::cli) struct Unprinted(io::Error);

/// Prints text on standard output.
pub(in crate::cli) fn print(text: &str) -> Result<(), Unprinted> {
    line::wipe();
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Unprinted(error)),
        _ => Ok(()),
    }
}

/// Says on standard error what went wrong.
pub(in crate::cli) fn complain(problem: &str) {
    line::wipe();
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
