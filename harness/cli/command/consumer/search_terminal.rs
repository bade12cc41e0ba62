//! The terminal of a search: each finding as soon as it is certain, the target's absences, and a line of figures.

use std::collections::BTreeSet;
use std::time::Instant;

use super::super::error::Failure;
use super::{Consumer, aside};
use crate::cli::console::output::{self, counted};
use crate::event::Event;
use crate::report::{Subject, terminal};
use crate::rule::Rule;
use crate::verdict::{Finding, Lapsed, Waived, Waiver};

pub(in crate::cli::command) struct SearchTerminal<'a> {
    subject: &'a Subject,
    rules: &'a [Rule],
    started: Instant,
    cases: usize,
    findings: usize,
    waived: usize,
    /// The causes that were told.
    causes: BTreeSet<String>,
}

impl<'a> SearchTerminal<'a> {
    /// One that begins with so many cases that are known already.
    pub(in crate::cli::command) fn new(subject: &'a Subject, rules: &'a [Rule], cases: usize) -> Self {
        Self { subject, rules, started: Instant::now(), cases, findings: 0, waived: 0, causes: BTreeSet::new() }
    }

    /// A finding in words, and counted: as waived where a waiver covers it. What many have in common is told with the first.
    fn told(&mut self, finding: &Finding, waiver: Option<(&Waiver, bool)>) -> String {
        let cause = finding.cause.as_ref();
        let id = cause.map(|cause| cause.id.as_str());
        let is_news = id.is_none_or(|id| self.causes.insert(id.to_owned()));
        if let Some((waiver, true)) = waiver {
            self.waived += 1;
            if id == Some(waiver.id.as_str()) && !is_news {
                return String::new();
            }
            let covered = Waived { finding: finding.clone(), waiver: waiver.clone() };
            return terminal::waived(self.subject, self.rules.iter(), &covered) + "\n";
        }
        self.findings += 1;
        let expired = waiver.map(|(waiver, _)| terminal::lapsed(&Lapsed::Expired(waiver.clone()))).unwrap_or_default();
        match cause {
            Some(cause) if !is_news => format!("FINDING {}   of {}\n{expired}", finding.id(), cause.id),
            _ => {
                let cause = cause.map(|cause| format!("CAUSE {}   {}\n", cause.id, cause.sentence));
                let told = terminal::finding(self.subject, self.rules.iter(), finding);
                format!("{}{told}{expired}\n", cause.unwrap_or_default())
            }
        }
    }

    /// The line of figures at the end.
    fn closing(&self, requests: usize, known: usize) -> String {
        let seconds = self.started.elapsed().as_secs_f64();
        let waived = if self.waived == 0 { String::new() } else { format!(", {} waived", self.waived) };
        format!(
            "{}, {known} known before{waived}; {} in the corpus; {requests} requests in {seconds:.1} s\n",
            counted(self.findings, "new finding"),
            counted(self.cases, "case"),
        )
    }
}

impl Consumer for SearchTerminal<'_> {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        let told = match event {
            Event::Kept(_) => {
                self.cases += 1;
                return Ok(());
            }
            Event::Found { finding, waiver } => self.told(finding, *waiver),
            Event::Awaited(stop) => format!("{stop}: the search waits for it\n"),
            Event::Returned(after) => format!("the target answers again, after {} s\n", after.as_secs()),
            Event::Unjudged(sentence) => terminal::unjudged(self.subject, sentence) + "\n",
            Event::Finished { requests, known, .. } => self.closing(*requests, *known),
            other => {
                aside::tell(other, self.subject);
                return Ok(());
            }
        };
        output::print(&told);
        Ok(())
    }
}
