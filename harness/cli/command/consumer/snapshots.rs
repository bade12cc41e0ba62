//! Snapshots that are to be brought up to date: what differs is written beside them, for review.

use std::path::Path;

use super::super::error::Failure;
use super::Consumer;
use crate::cli::console::output::{self, counted};
use crate::event::Event;
use crate::snapshot::{self, Proposal};
use crate::verdict::Verdicts;

pub(in crate::cli::command) struct Snapshots<'a> {
    pub(in crate::cli::command) folder: &'a Path,
}

impl Consumer for Snapshots<'_> {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Ended { verdicts: Some(verdicts), .. } => propose(self.folder, verdicts),
            _ => Ok(()),
        }
    }
}

/// Writes what differs from the snapshots beside them, and says how to go on.
fn propose(folder: &Path, verdicts: &Verdicts) -> Result<(), Failure> {
    if verdicts.stop.is_some() {
        output::complain("the run ended early, so no snapshots were written; let it run to its end");
        return Ok(());
    }
    let Proposal { pending, past } = snapshot::propose(folder, verdicts)?;
    let shown = folder.display();
    for path in past {
        output::complain(&format!("{} is of a table that is gone; remove it", path.display()));
    }
    output::print(&match pending {
        0 => format!("the snapshots in {shown} are as they were\n"),
        _ => format!("{} in {shown} to review: cargo insta review --workspace-root .\n", counted(pending, "snapshot")),
    });
    Ok(())
}
