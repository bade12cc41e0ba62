//! A target whose answers are those of a journal, as far as that goes.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use super::line::{Line, Veil, fingerprint};
use super::{JournalError, fault};
use crate::exchange::{Delivery, Hearer, Outcome, Request, Target};

/// What a journal tells of the earlier part of a run.
#[derive(Debug)]
pub struct Earlier {
    path: PathBuf,
    veil: Veil,
    /// What is to be told again, with the number of its line.
    heard: VecDeque<(usize, Line)>,
    kept: Option<Result<String, String>>,
    error: Option<JournalError>,
    asked: bool,
}

impl Earlier {
    pub(super) fn new(
        path: PathBuf,
        veil: Veil,
        heard: VecDeque<(usize, Line)>,
        kept: Option<Result<String, String>>,
    ) -> Self {
        Self { path, veil, heard, kept, error: None, asked: false }
    }

    /// The task as it was before the first probe of all, or why it could not be read; nothing where no probe was sent since
    /// it was put back, or at all.
    pub fn kept(&self) -> Option<Result<String, String>> {
        self.kept.clone()
    }

    /// How many answers are still to be told.
    pub fn left(&self) -> usize {
        self.heard.len()
    }

    /// Whether anything was asked that it did not tell.
    pub fn asked(&self) -> bool {
        self.asked
    }

    /// What is wrong with the journal after all: it tells of other requests than those that are made.
    pub fn error(&self) -> Option<&JournalError> {
        self.error.as_ref()
    }

    /// What became of a request, by the journal; nothing where it does not tell.
    fn told(&mut self, request: &Request) -> Option<Delivery> {
        let (number, line) = self.heard.pop_front()?;
        let Line::Heard { request: known, .. } = &line else { return None };
        if *known != fingerprint(&self.veil, request) {
            self.heard.clear();
            let why = "the run asks for something else here than it did then; begin another journal";
            self.error = Some(fault(&self.path, Some(number), why));
            return None;
        }
        line.delivery(&self.veil)
    }
}

/// A target behind a journal.
pub struct Retold<'a> {
    target: &'a mut dyn Target,
    earlier: &'a mut Earlier,
    /// The pauses that were made before the journal ended.
    pauses: usize,
}

impl<'a> Retold<'a> {
    /// The target, with what the journal tells before it is asked.
    pub fn new(target: &'a mut dyn Target, earlier: &'a mut Earlier) -> Self {
        Self { target, earlier, pauses: 0 }
    }

    fn is_past(&self) -> bool {
        self.earlier.left() > 0
    }
}

impl Target for Retold<'_> {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        let mut rest = requests;
        while let [request, others @ ..] = rest {
            let Some(delivery) = self.earlier.told(request) else { break };
            rest = others;
            hear(delivery)?;
        }
        if self.earlier.error().is_some() {
            // It cannot be gone on with.
            return hear(Delivery { outcome: Outcome::Interrupted, elapsed: Duration::ZERO });
        }
        if rest.is_empty() {
            return ControlFlow::Continue(());
        }
        self.earlier.asked = true;
        self.target.send(rest, hear)
    }

    fn pause(&mut self, times: usize) -> bool {
        if self.is_past() {
            self.pauses = times + 1;
            return true;
        }
        // Between then and now there was time enough.
        if times == 0 {
            self.pauses = 0;
        }
        self.target.pause(times.saturating_sub(self.pauses))
    }

    fn ease(&mut self) {
        self.target.ease();
    }

    fn renew(&mut self) -> bool {
        self.is_past() || self.target.renew()
    }

    fn held(&mut self) -> Duration {
        self.target.held()
    }
}
