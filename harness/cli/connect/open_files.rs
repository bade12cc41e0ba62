//! Whether as many files and connections can be open as a run may need: what our own limits do to it must not look like the
//! target's doing.

use super::error::ConnectError;
use crate::cli::config::settings::Settings;
use crate::cli::console::limits;

/// Files that are open besides connections: what is written, and what the runtimes need.
const OTHERS: usize = 16;

/// Finds out whether there is room for all connections: as many as may be in use, as many that wait to be used again, and with
/// the stub in this process the other ends of both.
pub(in crate::cli) fn check(settings: &Settings) -> Result<(), ConnectError> {
    let each = if settings.target.is_some() { 2 } else { 4 };
    let fits = |most: usize| match most.saturating_sub(OTHERS) / each {
        0 => String::new(),
        fewer => format!(", or give --concurrency {fewer}"),
    };
    has_room(usize::from(settings.concurrency.value) * each, fits)
}

/// The same where nobody knows how many others connect.
pub(in crate::cli) fn check_at_all() -> Result<(), ConnectError> {
    has_room(OTHERS, |_| String::new())
}

/// An error where there is no room for so many connections; `fits` says what to give for what can be open.
fn has_room(connections: usize, fits: impl Fn(usize) -> String) -> Result<(), ConnectError> {
    let needed = connections + OTHERS;
    match limits::room_for(needed) {
        most if most < needed => Err(ConnectError::OpenFiles { most, needed, fits: fits(most) }),
        _ => Ok(()),
    }
}
