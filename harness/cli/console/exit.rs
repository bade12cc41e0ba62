//! How a command ends; the numbers are an interface.

use std::process::ExitCode;

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Exit {
    /// No finding.
    Clean,
    /// Findings, or drift from the profile's snapshots.
    Findings,
    /// Usage, configuration or contract error.
    Usage,
    /// The target could not be tested.
    Untestable,
    /// Interrupted by the user.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Untestable => 3,
            Exit::Interrupted => 130,
        })
    }
}
