//! Who tells of a run or a search, and keeps what is to be kept: each takes every event, and none knows of another.

mod aside;
mod corpus_files;
mod ending;
mod figures;
mod journal;
mod progress;
mod report_file;
mod search_terminal;
mod snapshots;
mod terminal;

use std::cell::RefCell;

pub(super) use corpus_files::CorpusFiles;
pub(super) use ending::Ending;
pub(super) use figures::Figures;
pub(super) use progress::Progress;
pub(super) use report_file::ReportFile;
pub(super) use search_terminal::SearchTerminal;
pub(super) use snapshots::Snapshots;
pub(super) use terminal::Terminal;

use super::error::Failure;
use crate::event::Event;

/// Takes the events of a run or a search.
pub(super) trait Consumer {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure>;
}

/// The stream of events: whatever happens is told to all consumers, in their order.
pub(super) struct Stream<'a> {
    consumers: RefCell<Vec<&'a mut dyn Consumer>>,
    /// What went wrong first with one of them.
    failure: RefCell<Option<Failure>>,
}

impl<'a> Stream<'a> {
    pub(super) fn new(consumers: Vec<&'a mut dyn Consumer>) -> Self {
        Self { consumers: RefCell::new(consumers), failure: RefCell::new(None) }
    }

    /// Tells an event to all of them. Where one fails the others go on: the journal is written whatever becomes of the terminal.
    pub(super) fn tell(&self, event: &Event<'_>) {
        for consumer in self.consumers.borrow_mut().iter_mut() {
            if let Err(failure) = consumer.take(event) {
                self.failure.borrow_mut().get_or_insert(failure);
            }
        }
    }

    /// An error where one of them has failed.
    pub(super) fn check(&self) -> Result<(), Failure> {
        self.failure.borrow_mut().take().map_or(Ok(()), Err)
    }
}
