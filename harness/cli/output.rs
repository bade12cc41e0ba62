//! Printing. A reader that went away (`fencepost rules | head`) is no error.

use std::io::{self, ErrorKind, Write};

use super::error::Failure;

/// Prints text on standard output.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}

/// Says on standard error what went wrong.
pub(super) fn complain(problem: &str) {
    // Nobody is left to tell where even this cannot be printed.
    let _ = writeln!(io::stderr(), "fencepost: {problem}");
}

/// A number with its noun: `no finding`, `1 finding`, `2 findings`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    match count {
        0 => format!("no {noun}"),
        1 => format!("1 {noun}"),
        several => format!("{several} {noun}s"),
    }
}
