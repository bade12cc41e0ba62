//! What a run is to do, before it does anything: which rules, and about how many requests.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::super::error::Failure;
use crate::cli::config::arguments::RunArguments;
use crate::cli::config::settings::{Settings, Sourced};
use crate::cli::console::output::counted;
use crate::contract::Contract;
use crate::report::earlier::found;
use crate::report::matrix::tables;
use crate::request_context::RequestContext;
use crate::rule::{FindingId, SiteIndex};
use crate::stub::{InProcess, Stub};
use crate::suite::{Observations, Selection, Suite};
use crate::verdict::verdicts;

/// What an answer may take: nothing is known of the target yet.
const ANSWER_SECONDS: f64 = 0.05;

/// The suite that the arguments ask for.
pub(super) fn suite<'a>(
    contract: &'a Contract,
    settings: &Settings,
    arguments: &RunArguments,
    gently: bool,
) -> Result<Suite<'a>, Failure> {
    let mut suite = settings.limited(Suite::new(contract));
    if gently {
        suite = suite.gently();
    }
    if let Some(report) = &arguments.rerun_findings {
        let selection = failed_before(report, &suite)?;
        suite = suite.select(&selection).map_err(|_| Failure::EarlierReport {
            path: report.clone(),
            why: "none of its findings is about a rule of this contract".to_owned(),
        })?;
    }
    if !arguments.only.is_empty() || !arguments.skip.is_empty() {
        let selection = Selection::new(&arguments.only, &arguments.skip, suite.rules())?;
        suite = suite.select(&selection)?;
    }
    if let Some((number, count)) = arguments.shard {
        suite = suite.shard(number, count);
        if !suite.reported().contains(&true) {
            return Err(Failure::EmptyShard(number, count));
        }
    }
    Ok(suite)
}

/// Whether a run is about every rule of the contract.
pub(super) fn is_whole(arguments: &RunArguments) -> bool {
    arguments.shard.is_none()
        && arguments.only.is_empty()
        && arguments.skip.is_empty()
        && arguments.rerun_findings.is_none()
}

fn failed_before(path: &Path, suite: &Suite<'_>) -> Result<Selection, Failure> {
    let fail = |why: String| Failure::EarlierReport { path: path.to_owned(), why };
    let text = fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
    let ids = found(&text).map_err(fail)?;
    let index = SiteIndex::of(suite.rules());
    let read = |id: &String| {
        index.finding(id).map_err(|why| fail(format!("its finding `{id}` is none of this contract: {why}")))
    };
    let found: Vec<FindingId> = ids.iter().map(read).collect::<Result<_, Failure>>()?;
    Ok(Selection::of_findings(&found, suite.rules()))
}

/// The plan in words: the rules by table, what a target without faults would be sent, and what would end that earlier.
pub(super) fn told(suite: Suite<'_>, settings: &Settings) -> String {
    let suite = &suite.within(None).sparing(None);
    let seen = rehearsed(suite);
    let verdicts = verdicts(suite, &seen);
    let mut out = String::new();
    for table in tables(&verdicts.rules) {
        let rules = counted(table.rules.len(), "rule");
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{:16}  {rules}", table.source);
    }
    out.push('\n');
    out.push_str(&in_all(verdicts.rules.len(), seen.requests, settings));
    out
}

/// How much a run would test and send in all, how long that would take, and what would end it earlier.
pub(super) fn in_all(rules: usize, requests: usize, settings: &Settings) -> String {
    let mut out = String::new();
    let count = f64::from(u32::try_from(requests).unwrap_or(u32::MAX));
    let (seconds, pace) = if let Some(Sourced { value: rate, .. }) = &settings.rate {
        (count * rate.per.as_secs_f64() / f64::from(rate.requests), "at the given rate")
    } else {
        (count * ANSWER_SECONDS / f64::from(settings.concurrency.value), "where an answer takes 50 ms")
    };
    let time = format!("about {} {pace}", shown(seconds));
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "{} would be tested with {}, {time}; each finding takes some more. Nothing was sent.",
        counted(rules, "rule"),
        counted(requests, "request")
    );
    if let Some(most) = settings.max_requests.as_ref().filter(|most| most.value < requests as u64) {
        let _ = writeln!(out, "It would end after {} of them (max_requests).", most.value);
    }
    if let Some(most) = settings.max_time.as_ref().filter(|most| most.value.as_secs_f64() < seconds) {
        let _ = writeln!(out, "It would end after {} (max_time).", shown(most.value.as_secs_f64()));
    }
    out
}

/// What a target without faults would be sent, and would answer.
pub(super) fn rehearsed(suite: &Suite<'_>) -> Observations {
    // The stub in process stands for it; it costs a few milliseconds and is exact.
    let mut target = InProcess(Stub::new(suite.contract(), Vec::new()));
    suite.run(&RequestContext::default(), &mut target, &mut |_| {}).unwrap_or_default()
}

fn shown(seconds: f64) -> String {
    match seconds {
        few if few < 90.0 => format!("{few:.0} s"),
        some if some < 5_400.0 => format!("{:.0} min", some / 60.0),
        many => format!("{:.1} h", many / 3_600.0),
    }
}
