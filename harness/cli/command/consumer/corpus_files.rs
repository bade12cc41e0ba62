//! The corpus of a search: its cases and its findings, each written as soon as it is known, or as there is room.

use super::super::error::Failure;
use super::Consumer;
use crate::cli::console::output::{self, counted};
use crate::corpus::Corpus;
use crate::event::Event;
use crate::report::{Subject, json};

pub(in crate::cli::command) struct CorpusFiles<'a> {
    corpus: Corpus,
    subject: &'a Subject,
    /// Whether everything has been written.
    is_whole: bool,
}

impl<'a> CorpusFiles<'a> {
    pub(in crate::cli::command) fn new(corpus: Corpus, subject: &'a Subject) -> Self {
        Self { corpus, subject, is_whole: true }
    }

    /// Whether everything could be written in the end.
    pub(in crate::cli::command) fn is_whole(&self) -> bool {
        self.is_whole
    }

    fn catch_up(&mut self) {
        let written = self.corpus.catch_up();
        if let (Err((_, error)), true) = (&written, self.is_whole) {
            output::complain(&format!(
                "the corpus cannot be written ({error}); make room: until then findings are only printed"
            ));
        }
        self.is_whole = written.is_ok();
    }

    fn close(&mut self) {
        let written = self.corpus.catch_up();
        if let Err((files, error)) = &written {
            let files = counted(*files, "file");
            output::complain(&format!("{files} of the corpus could not be written ({error}) and will be missing"));
        }
        self.is_whole = written.is_ok();
    }
}

impl Consumer for CorpusFiles<'_> {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Kept(entry) => self.corpus.keep_case(entry),
            Event::Found { finding, .. } => {
                self.corpus.keep_finding(&finding.id.short(), json::finding(self.subject, finding));
            }
            Event::Searched => self.catch_up(),
            Event::Finished { .. } => self.close(),
            _ => {}
        }
        Ok(())
    }
}
