//! Conducts a run: from the first probe to what is put back, whatever comes between.

use std::path::Path;

use super::super::consumer::Stream;
use super::super::error::Failure;
use crate::cli::config::settings::Settings;
use crate::cli::config::today;
use crate::cli::connect::dial::masked;
use crate::cli::connect::restore::{Body, Given, LastWords, Restored, Restorer};
use crate::event::Event;
use crate::journal::{Earlier, Journal, JournalHeader, Retold};
use crate::report::Subject;
use crate::session;
use crate::suite::{Observations, Suite, Untestable};
use crate::target::HttpTarget;
use crate::verdict::{Verdicts, verdicts};

/// On what terms a run is made.
pub(super) struct Terms {
    /// Whether the target is our own, with nothing in it that anybody needs.
    pub(super) is_own: bool,
    /// What is sent at the end in place of what was there.
    pub(super) given: Option<Given>,
    /// How many requests may be sent, those of the earlier part of the run included.
    pub(super) budget: Option<u64>,
    /// What the journal of an earlier part of the run tells.
    pub(super) earlier: Option<Earlier>,
    /// What a second interruption says.
    pub(super) last_words: LastWords,
}

/// What came of a run.
pub(super) struct Conducted {
    pub(super) seen: Result<Observations, Untestable>,
    /// Whether the user wanted an end after the last probe.
    pub(super) interrupted: bool,
}

/// The journal of a run, and what it tells of an earlier part of it.
pub(super) fn journal(
    path: &Path,
    resume: bool,
    suite: &Suite<'_>,
    (subject, url): (&Subject, &str),
) -> Result<(Journal, Option<Earlier>), Failure> {
    let head = JournalHeader::new(suite, &subject.context, url);
    if !resume {
        return Ok((Journal::begin(path, &head, &subject.context)?, None));
    }
    let (journal, earlier) = Journal::resume(path, &head, &subject.context)?;
    Ok((journal, Some(earlier)))
}

/// Sends the probes of a suite to a target.
pub(super) fn execute(
    suite: &Suite<'_>,
    subject: &Subject,
    target: &mut HttpTarget,
    terms: Terms,
    stream: &Stream<'_>,
) -> Result<Conducted, Failure> {
    let Terms { is_own, given, budget, mut earlier, last_words } = terms;
    let (contract, context) = (suite.contract(), &subject.context);
    let kept = earlier.as_ref().and_then(Earlier::kept);
    let owed = given.is_some() || kept.is_some();
    let is_first = kept.is_none();
    let kept = kept.map(|kept| kept.and_then(|text| Body::read(text.as_bytes())));
    let tell = |event: &Event<'_>| stream.tell(event);
    let restorer = Restorer::new(is_own, contract, context, target, (given, kept), last_words, &tell);
    // Nothing is overwritten where all is only told again.
    // Of many operations the end says what is left behind.
    let is_told_later = contract.operation().is_open && contract.operation().method != "PUT";
    if owed || !(is_told_later || earlier.as_ref().is_some_and(Earlier::has_ended)) {
        restorer.introduce();
    }
    if let (true, Some(thing)) = (is_first, restorer.thing()) {
        stream.tell(&Event::Read(thing.map(Body::text)));
    }
    if let Some(most) = budget {
        let told = earlier.as_ref().map_or(0, Earlier::left);
        target.allow(most.saturating_sub(told as u64));
    }
    let mut observe = |said: &session::Event<'_>| stream.tell(&Event::Conversation(said));
    let seen = match &mut earlier {
        Some(earlier) => suite.run(context, &mut Retold::new(target, earlier), &mut observe),
        None => suite.run(context, target, &mut observe),
    };
    stream.tell(&Event::Over { complete: matches!(&seen, Ok(Observations { stop: None, .. })) });
    // A run that was only told again has nothing to put back, unless that is wanted or the part before did not come to it.
    let touched = owed || earlier.as_ref().is_none_or(Earlier::asked);
    let end = if touched {
        restorer.put_back(target, touched_by(&seen))
    } else {
        restorer.forget();
        Restored { is_as_it_was: true, interrupted: false }
    };
    if let Some(error) = earlier.as_ref().and_then(Earlier::error) {
        return Err(error.clone().into());
    }
    stream.tell(&Event::PutBack { as_it_was: end.is_as_it_was });
    Ok(Conducted { seen, interrupted: end.interrupted })
}

/// Whether the target may have accepted something.
fn touched_by(seen: &Result<Observations, Untestable>) -> bool {
    seen.as_ref().map_or_else(Untestable::may_have_touched, |_| true)
}

/// What a run says of its target; where that could not be tested, why, and nothing of any rule.
pub(super) fn concluded(
    suite: &Suite<'_>,
    seen: Result<Observations, Untestable>,
    subject: &Subject,
    settings: &Settings,
) -> (Verdicts, Option<Untestable>) {
    let (observations, untestable) = match seen {
        Ok(observations) => (observations, None),
        Err(untestable) => (Observations::default(), Some(masked(untestable, &subject.context))),
    };
    let mut verdicts = verdicts(suite, &observations);
    verdicts.rules.iter_mut().for_each(|verdict| verdict.mask(&subject.context));
    verdicts.waive(&settings.waivers, &today());
    (verdicts, untestable)
}
