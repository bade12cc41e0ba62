//! A target whose answers are those of a journal, as far as that goes.

use std::ops::ControlFlow;
use std::time::Duration;

use super::Journal;
use crate::exchange::{Delivery, Hearer, Outcome, Request, Target};

/// A target behind a journal.
pub struct Journalled<'a> {
    target: &'a mut dyn Target,
    journal: &'a mut Journal,
    /// The pauses that were made before the journal ended.
    pauses: usize,
}

impl<'a> Journalled<'a> {
    /// The target, with what the journal tells before it is asked, and what it answers written down.
    pub fn new(target: &'a mut dyn Target, journal: &'a mut Journal) -> Self {
        Self { target, journal, pauses: 0 }
    }

    fn is_past(&self) -> bool {
        self.journal.left() > 0
    }
}

impl Target for Journalled<'_> {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        let mut rest = requests;
        while let [request, others @ ..] = rest {
            let Some(delivery) = self.journal.told(request) else { break };
            rest = others;
            hear(delivery)?;
        }
        if self.journal.error().is_some() {
            // It cannot be gone on with.
            return hear(Delivery { outcome: Outcome::Interrupted, elapsed: Duration::ZERO });
        }
        if rest.is_empty() {
            return ControlFlow::Continue(());
        }
        let journal = &mut *self.journal;
        let mut asked = rest.iter();
        self.target.send(rest, &mut |delivery| {
            if let Some(request) = asked.next() {
                journal.heard(request, &delivery);
            }
            hear(delivery)
        })
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
}
