//! Who tells of a run: each takes every event, and none knows of another.

mod ending;
mod report_file;
mod snapshots;
mod terminal;

pub(super) use ending::Ending;
pub(super) use report_file::ReportFile;
pub(super) use snapshots::Snapshots;
pub(super) use terminal::Terminal;

use super::super::error::Failure;
use crate::cli::console::progress::Progress;
use crate::event::Event;

/// Takes the events of a run.
pub(super) trait Consumer {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure>;
}

impl Consumer for Progress {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Sent(sent) => self.show(sent),
            Event::Over => self.finish(),
            _ => {}
        }
        Ok(())
    }
}

/// All that take the events of one run, in the order in which they are told.
pub(super) struct Consumers<'a> {
    pub(super) progress: Progress,
    pub(super) terminal: Terminal<'a>,
    pub(super) report_file: Option<ReportFile<'a>>,
    pub(super) snapshots: Option<Snapshots<'a>>,
    pub(super) ending: Ending<'a>,
}

impl Consumers<'_> {
    pub(super) fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        let first: [&mut dyn Consumer; 2] = [&mut self.progress, &mut self.terminal];
        let files = self.report_file.iter_mut().map(|file| file as &mut dyn Consumer);
        let snapshots = self.snapshots.iter_mut().map(|snapshots| snapshots as &mut dyn Consumer);
        let mut all = first.into_iter().chain(files).chain(snapshots).chain([&mut self.ending as &mut dyn Consumer]);
        all.try_for_each(|consumer| consumer.take(event))
    }
}
