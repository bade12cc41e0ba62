//! The journals of a run over the operations of a document: one for each, in a folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::super::error::Failure;
use super::super::super::file_name::file_name;
use super::super::execute::journal;
use crate::journal::{Earlier, Journal, JournalError};
use crate::report::Subject;
use crate::rule::OperationName;
use crate::suite::Suite;

/// The folder of the journals of a run.
pub(super) struct Journals {
    folder: PathBuf,
    resume: bool,
}

impl Journals {
    /// Makes the folder, or goes on with those that are there.
    pub(super) fn in_folder(folder: &Path, resume: bool) -> Result<Self, Failure> {
        let fail = |why: String| JournalError { path: folder.to_owned(), line: None, why };
        if folder.is_file() {
            let why =
                "is a file; the journals of many operations are a folder, so give the path of one, or of a new one";
            return Err(fail(why.to_owned()).into());
        }
        let is_there = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
        match (resume, is_there) {
            (true, false) => {
                return Err(
                    fail("there is no journal to go on with; leave --resume out to begin one".to_owned()).into()
                );
            }
            (false, true) => {
                let why = "holds something already; go on with the journals in it with --resume, or remove it";
                return Err(fail(why.to_owned()).into());
            }
            _ => {}
        }
        let why = |error| format!("cannot be made ({error}); give a path in a folder that you may write to");
        fs::create_dir_all(folder).map_err(|error| fail(why(error)))?;
        Ok(Self { folder: folder.to_owned(), resume })
    }

    /// The journal of one operation, where it is, and what it tells of an earlier part of the run.
    pub(super) fn of(
        &self,
        operation: &OperationName,
        suite: &Suite<'_>,
        subject: (&Subject, &str),
    ) -> Result<(Journal, Option<Earlier>, PathBuf), Failure> {
        let path = self.folder.join(format!("{}.journal", file_name(operation)));
        // The part before may have ended before it came to this operation.
        let (journal, earlier) = journal(&path, self.resume && path.exists(), suite, subject)?;
        Ok((journal, earlier, path))
    }
}
