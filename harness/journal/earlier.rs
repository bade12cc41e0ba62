//! A target whose answers are those of a journal, as far as that goes.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use super::line::{Line, fingerprint};
use super::redactor::Redactor;
use super::seal::Seal;
use super::{JournalError, fault, replay};
use crate::exchange::{Delivery, Hearer, Outcome, Request, Target};

/// What a journal tells of the earlier part of a run.
#[derive(Debug)]
pub struct Earlier {
    path: PathBuf,
    redactor: Redactor,
    /// Where it is read on.
    lines: Lines,
    /// How many answers are still to be told.
    left: usize,
    /// What was sent, must not be sent again, and is not told of.
    lost: BTreeSet<String>,
    kept: Option<Result<String, String>>,
    error: Option<JournalError>,
    asked: bool,
    has_ended: bool,
}

/// The lines of a journal, which have been looked through once already.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) file: Option<BufReader<File>>,
    seal: Seal,
    number: usize,
    line: Vec<u8>,
}

impl Lines {
    /// All of them.
    pub(super) fn of(file: File) -> Self {
        Self { file: Some(BufReader::new(file)), seal: Seal::default(), number: 0, line: Vec::new() }
    }

    /// None.
    pub(super) fn none() -> Self {
        Self { file: None, seal: Seal::default(), number: 0, line: Vec::new() }
    }

    /// The next that tells what became of a request.
    fn heard(&mut self, path: &std::path::Path) -> Result<Option<Line>, JournalError> {
        let Some(file) = &mut self.file else { return Ok(None) };
        while replay::next(file, &mut self.line).map_err(|error| replay::unreadable(path, &error))? {
            self.number += 1;
            if self.number == 1 {
                // It has been read.
                let _ = self.seal.open(&self.line);
                continue;
            }
            let line = replay::opened(path, self.number, &self.line, &mut self.seal)?;
            if matches!(line, Line::Heard { .. }) {
                return Ok(Some(line));
            }
        }
        Ok(None)
    }
}

impl Earlier {
    pub(super) fn new(
        path: PathBuf,
        redactor: Redactor,
        lines: Lines,
        (left, lost): (usize, BTreeSet<String>),
        kept: Option<Result<String, String>>,
    ) -> Self {
        Self { path, redactor, lines, left, lost, kept, error: None, asked: false, has_ended: false }
    }

    /// The task as it was before the first probe of all, or why it could not be read; nothing where no probe was sent since
    /// it was put back, or at all.
    pub fn kept(&self) -> Option<Result<String, String>> {
        self.kept.clone()
    }

    /// The same of a run that came to its end, or did not.
    pub(super) fn of_ended(self, has_ended: bool) -> Self {
        Self { has_ended, ..self }
    }

    /// Whether it came to its end, so that there is nothing to ask any more.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// How many answers are still to be told.
    pub fn left(&self) -> usize {
        self.left
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
        self.left = self.left.checked_sub(1)?;
        let line = match self.lines.heard(&self.path) {
            Ok(Some(line)) => line,
            Ok(None) => return self.fails(fault(&self.path, None, "is shorter than it was; begin another journal")),
            Err(error) => return self.fails(error),
        };
        if !matches!(&line, Line::Heard { request: known, .. } if *known == fingerprint(&self.redactor, request)) {
            let why = "the run asks for something else here than it did then; begin another journal";
            return self.fails(fault(&self.path, Some(self.lines.number), why));
        }
        line.delivery(&self.redactor)
    }

    fn fails(&mut self, error: JournalError) -> Option<Delivery> {
        self.left = 0;
        self.error = Some(error);
        None
    }

    /// Whether a request was sent, must not be sent again, and is not told of.
    fn is_lost(&self, request: &Request) -> bool {
        !self.lost.is_empty() && !request.is_repeatable() && self.lost.contains(&fingerprint(&self.redactor, request))
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
        while !rest.is_empty() {
            self.earlier.asked = true;
            let next = rest.iter().position(|request| self.earlier.is_lost(request)).unwrap_or(rest.len());
            let (open, others) = rest.split_at(next);
            if !open.is_empty() {
                self.target.send(open, hear)?;
            }
            rest = others;
            if let [_, others @ ..] = rest {
                hear(Delivery { outcome: Outcome::Lost, elapsed: Duration::ZERO })?;
                rest = others;
            }
        }
        ControlFlow::Continue(())
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

    fn ease(&mut self) -> Option<usize> {
        self.target.ease()
    }

    fn unanswered(&self) -> Option<Request> {
        self.target.unanswered()
    }

    fn at_a_time(&self) -> usize {
        self.target.at_a_time()
    }

    fn renew(&mut self) -> bool {
        self.is_past() || self.target.renew()
    }

    fn held(&mut self) -> Duration {
        self.target.held()
    }
}
