//! The snapshots of a run over the operations of a document: a folder for each operation, in the folder of the profile.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::super::error::Failure;
use super::super::super::file_name::file_name;
use super::super::plan;
use crate::cli::config::arguments::RunArguments;
use crate::cli::config::contracts::OpenContracts;
use crate::cli::config::error::ConfigError;
use crate::cli::config::settings::{Origin, Settings, has_accepted};
use crate::cli::console::output::{self, counted};
use crate::rule::OperationName;
use crate::snapshot::{self, Proposal, SnapshotError};
use crate::verdict::Verdicts;

/// What a run is compared with, and what it proposes.
pub(super) struct Snapshots {
    folder: PathBuf,
    /// Whether any operation has snapshots that were accepted: then one without any is new.
    is_compared: bool,
    /// Whether every rule is asked about, so that what is missing is gone.
    is_whole: bool,
    is_updated: bool,
    pending: usize,
    past: Vec<PathBuf>,
}

impl Snapshots {
    /// Those of a profile; nothing where it has none, and none are to be made.
    pub(super) fn of(arguments: &RunArguments, settings: &Settings) -> Result<Option<Self>, Failure> {
        let Some(folder) = &settings.snapshots else { return Ok(None) };
        let is_updated = arguments.update_snapshots;
        if !folder.value.is_dir() && matches!(folder.origin, Origin::File(_)) && !is_updated {
            return Err(ConfigError::NoSnapshots(folder.value.clone()).into());
        }
        let is_compared = folders_in(&folder.value)?.iter().any(|folder| has_accepted(folder));
        let (folder, is_whole) = (folder.value.clone(), plan::is_whole(arguments));
        let (pending, past) = (0, Vec::new());
        Ok((is_compared || is_updated).then_some(Self { folder, is_compared, is_whole, is_updated, pending, past }))
    }

    /// Tells what of an operation is not as it was accepted, and writes that beside it where it is to be brought up to date.
    /// Tells how many tables that are.
    pub(super) fn look(&mut self, operation: &OperationName, verdicts: &Verdicts) -> Result<usize, Failure> {
        let folder = self.folder.join(file_name(operation));
        let is_complete = self.is_whole && verdicts.stop.is_none();
        let drifts = if self.is_compared { snapshot::compare(&folder, verdicts, is_complete)? } else { Vec::new() };
        for drift in &drifts {
            output::print(&drift.to_string());
        }
        if self.is_updated && !is_complete {
            output::complain("it was not tested to its end, so no snapshots of it were written");
        } else if self.is_updated {
            let Proposal { pending, past } = snapshot::propose(&folder, verdicts)?;
            self.pending += pending;
            self.past.extend(past);
        }
        Ok(drifts.len())
    }

    /// Tells what is to be reviewed, and what is of operations that the document has no more, and how many these are.
    pub(super) fn conclude(self, open: &OpenContracts) -> Result<usize, Failure> {
        let all = open.document().operations().iter();
        let names: BTreeSet<String> =
            all.map(|operation| file_name(&OperationName::new(&operation.method, &operation.path))).collect();
        let is_gone = |folder: &PathBuf| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            has_accepted(folder) && !names.contains(name.as_ref())
        };
        let gone: Vec<PathBuf> = folders_in(&self.folder)?.into_iter().filter(is_gone).collect();
        for path in &gone {
            output::complain(&format!(
                "{} is of an operation that the document has no more; remove it",
                path.display()
            ));
        }
        for path in &self.past {
            output::complain(&format!("{} is of a table that is gone; remove it", path.display()));
        }
        let shown = self.folder.display();
        match self.pending {
            _ if !self.is_updated => {}
            0 => output::print(&format!("\nthe snapshots in {shown} are as they were\n")),
            pending => output::print(&format!(
                "\n{} in {shown} to review: cargo insta review --workspace-root .\n",
                counted(pending, "snapshot")
            )),
        }
        Ok(gone.len())
    }
}

/// The folders in a folder, which need not be there.
fn folders_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let error = |cause: std::io::Error| SnapshotError { path: folder.to_owned(), why: cause.to_string() };
    let entries = fs::read_dir(folder).map_err(error)?.collect::<Result<Vec<_>, _>>().map_err(error)?;
    let mut folders: Vec<PathBuf> =
        entries.into_iter().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    Ok(folders)
}
