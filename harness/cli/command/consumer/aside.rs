//! What run and search tell alike on the terminal: what was chosen, what is gone on with, and what becomes of what is overwritten.

use crate::cli::console::output::{self, counted};
use crate::event::Event;
use crate::report::Subject;

/// Tells an event where it is one of these.
pub(super) fn tell(event: &Event<'_>, subject: &Subject) {
    match event {
        Event::Chosen { noun, id, is_read: true } => {
            output::print(&format!("{noun} {id}: the first that can be read\n"));
        }
        Event::Chosen { noun, id, is_read: false } => output::print(&format!("{noun} {id}: none can be read\n")),
        Event::Resumed { answers, journal } => {
            output::print(&format!("resumed: {} taken from {}\n\n", counted(*answers, "answer"), journal.display()));
        }
        Event::Restoring(words) => output::print(words),
        Event::Remark(remark) => output::complain(&subject.context.masked(remark)),
        _ => {}
    }
}
