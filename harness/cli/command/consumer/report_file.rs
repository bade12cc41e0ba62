//! The report file, written once everything is known: also where nothing could be tested, because one of an earlier run at
//! its place would say otherwise.

use std::path::Path;

use super::super::error::Failure;
use super::Consumer;
use crate::event::Event;
use crate::report::{Subject, json};
use crate::whole_file;

pub(in crate::cli::command) struct ReportFile<'a> {
    path: &'a Path,
    subject: &'a Subject,
}

impl<'a> ReportFile<'a> {
    pub(in crate::cli::command) fn new(path: &'a Path, subject: &'a Subject) -> Self {
        Self { path, subject }
    }

    /// Finds out before a run whether the report can be written after it.
    pub(in crate::cli::command) fn check(path: &Path) -> Result<(), Failure> {
        whole_file::check(path).map_err(|error| unwritten(path, &error))
    }

    /// Writes a report that is made already.
    pub(in crate::cli::command) fn put(path: &Path, text: &str) -> Result<(), Failure> {
        whole_file::write(path, text.as_bytes()).map_err(|error| unwritten(path, &error))
    }

    fn write(&self, text: &str) -> Result<(), Failure> {
        Self::put(self.path, text)
    }
}

impl Consumer for ReportFile<'_> {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Concluded { verdicts, timing } => self.write(&json::render(self.subject, verdicts, timing, None)),
            Event::Untestable { why, rules: Some((verdicts, timing)) } => {
                self.write(&json::render(self.subject, verdicts, timing, Some(&why.to_string())))
            }
            _ => Ok(()),
        }
    }
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Report { path: path.to_owned(), why: error.to_string() }
}
