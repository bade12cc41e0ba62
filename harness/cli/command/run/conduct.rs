//! Conducts a run: from the credentials through the probes to what is put back, whatever comes between.

use std::path::Path;

use super::super::error::Failure;
use super::consumer::Consumers;
use crate::cli::connect::restore::{Body, Given, Restored, Restorer};
use crate::cli::console::output::{self, counted};
use crate::event::Event;
use crate::journal::{Head, Journal, Journalled};
use crate::report::Subject;
use crate::suite::{Observations, Suite, Untestable};
use crate::target::HttpTarget;

/// On what terms a run is made.
pub(super) struct Terms {
    /// Whether the target is our own, with nothing in it that anybody needs.
    pub(super) is_own: bool,
    /// What is sent at the end in place of what was there.
    pub(super) given: Option<Given>,
    /// How many requests may be sent, those of the journal included.
    pub(super) budget: Option<u64>,
    /// Where the run is written down.
    pub(super) journal: Option<Journal>,
}

/// What came of a run.
pub(super) struct Conducted {
    pub(super) seen: Result<Observations, Untestable>,
    /// Whether the user wanted an end after the last probe.
    pub(super) interrupted: bool,
}

/// The journal of a run, new or of an earlier part of it.
pub(super) fn journal(path: &Path, resume: bool, suite: &Suite<'_>, subject: &Subject) -> Result<Journal, Failure> {
    let head = Head::new(suite, &subject.address, &subject.target);
    if !resume {
        return Ok(Journal::begin(path, &head, &subject.address)?);
    }
    let journal = Journal::resume(path, &head, &subject.address)?;
    output::print(&format!("resumed: {} taken from {}\n\n", counted(journal.left(), "answer"), path.display()))?;
    Ok(journal)
}

/// Sends the probes of a suite to a target.
pub(super) fn conduct(
    suite: &Suite<'_>,
    subject: &Subject,
    target: &mut HttpTarget,
    terms: Terms,
    consumers: &mut Consumers<'_>,
) -> Result<Conducted, Failure> {
    let Terms { is_own, given, budget, mut journal } = terms;
    let (contract, address) = (suite.contract(), &subject.address);
    let mut owed = given.is_some();
    let earlier = journal.as_ref().and_then(Journal::kept);
    owed |= earlier.is_some();
    let is_first = earlier.is_none();
    let earlier = earlier.map(|kept| kept.and_then(|text| Body::read(text.as_bytes())));
    let restorer = Restorer::new(is_own, contract, address, target, given, earlier)?;
    if let (Some(journal), true, Some(thing)) = (&mut journal, is_first, restorer.thing()) {
        journal.keep(thing.map(Body::text));
    }
    if let Some(most) = budget {
        let told = journal.as_ref().map_or(0, Journal::left);
        target.allow(most.saturating_sub(told as u64));
    }
    let mut untold = Ok(());
    let mut observe = |event: &_| {
        if untold.is_ok() {
            untold = consumers.take(&Event::Sent(event));
        }
    };
    let seen = match &mut journal {
        Some(journal) => suite.run(address, &mut Journalled::new(target, journal), &mut observe),
        None => suite.run(address, target, &mut observe),
    };
    let untold = untold.and_then(|()| consumers.take(&Event::Over));
    if let (Some(journal), Ok(Observations { stop: None, .. })) = (&mut journal, &seen) {
        journal.ended();
    }
    // A run that was only told again has nothing to put back, unless that is wanted or the part before did not come to it.
    let touched = owed || journal.as_ref().is_none_or(Journal::asked);
    let end = if touched {
        restorer.put_back(target, touched_by(&seen))?
    } else {
        restorer.forget();
        Restored { is_as_it_was: true, interrupted: false }
    };
    if let Some(journal) = journal.as_mut().filter(|_| end.is_as_it_was) {
        journal.restored();
    }
    if let Some(journal) = journal {
        if let Some(error) = journal.error() {
            return Err(error.clone().into());
        }
        if let Some(why) = journal.unwritten() {
            output::complain(&format!(
                "the journal could not be written to its end ({why}): a run that is resumed asks again from there"
            ));
        }
    }
    // Whatever could not be told, what was tested is put back first.
    untold.map(|()| Conducted { seen, interrupted: end.interrupted })
}

/// Whether the target may have accepted something.
fn touched_by(seen: &Result<Observations, Untestable>) -> bool {
    seen.as_ref().map_or_else(Untestable::may_have_touched, |_| true)
}
