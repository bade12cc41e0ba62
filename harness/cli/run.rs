//! `fencepost run`: tests a target and tells what was found.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::arguments::RunArguments;
use super::conduct::{Conducted, Terms, conduct, journal};
use super::error::Failure;
use super::output::counted;
use super::reach::{Reached, Stage, announce, log_in, reach};
use super::settings::Settings;
use super::{Exit, caller, output, plan, profile, restore, task};
use crate::address::Address;
use crate::contract::Contract;
use crate::report::{json, terminal};
use crate::rule::rules;
use crate::snapshot::{self, Drift, Proposal, SnapshotError};
use crate::suite::{Observations, Stop, Untestable};
use crate::verdict::{Verdicts, verdicts};
use crate::whole_file;

pub(super) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let subject = &arguments.subject;
    let settings = Settings::new(subject.profile.as_deref(), &subject.target)?;
    let plain = subject.contract.load()?;
    let contract = settings.reading(&plain)?;
    let snapshots = match caller::snapshots(&settings) {
        // They are about to be made.
        Err(Failure::NoSnapshots(_)) if arguments.update_snapshots => None,
        found => found?,
    };
    let given = restore::given(&settings)?;
    let settled = firm_rules(&contract) - firm_rules(&plain);
    let introduction = profile::introduction(&settings, settled, snapshots);
    if arguments.dry_run {
        let gently = !arguments.invasive && !caller::check(&contract, &settings)?;
        let suite = plan::suite(&contract, &settings, arguments, gently)?;
        announce("planning", &contract, &settings, &introduction)?;
        output::print(&plan::told(suite, &settings))?;
        return Ok(Exit::Clean);
    }
    let report = arguments.report_json.as_deref().map(writable).transpose()?;
    let Reached { mut subject, mut target, stub } = reach(&contract, &settings, subject, Stage::Run)?;
    let suite = plan::suite(&contract, &settings, arguments, !arguments.invasive && !target.is_loopback())?;
    announce("testing", &contract, &settings, &introduction)?;
    let started = Instant::now();
    if let Some(time) = &settings.max_time {
        target.end_in(time.value);
    }
    let Conducted { seen, interrupted } = match log_in(&mut target) {
        Ok(()) => {
            task::choose(&contract, &mut subject.address, &settings, &mut target)?;
            let begun = |path: &PathBuf| journal(path, arguments.resume, &suite, &subject);
            let journal = arguments.journal.as_ref().map(begun).transpose()?;
            let budget = settings.max_requests.as_ref().map(|most| most.value);
            conduct(&suite, &subject, &mut target, Terms { is_own: stub.is_some(), given, budget, journal })?
        }
        Err(untestable) => Conducted { seen: Err(untestable), interrupted: false },
    };
    let (observations, untestable) = match seen {
        Ok(observations) => (observations, None),
        Err(untestable) => (Observations::default(), Some(untestable)),
    };
    let mut verdicts = verdicts(&suite, &observations);
    verdicts.rules.iter_mut().for_each(|verdict| verdict.mask(&subject.address));
    verdicts.waive(&settings.waivers, &today());
    let elapsed = started.elapsed();
    let write_report = || match report {
        Some(path) => whole_file::write(path, json::render(&subject, &verdicts, elapsed).as_bytes())
            .map_err(|error| unwritten(path, &error)),
        None => Ok(()),
    };
    if let Some(untestable) = untestable {
        // The report says that nothing was tested; one of an earlier run at its place would say otherwise.
        write_report()?;
        return Err(masked(untestable, &subject.address).into());
    }

    output::print(&terminal::render(&subject, &verdicts, elapsed, arguments.full))?;
    write_report()?;
    let complete = plan::is_whole(arguments) && verdicts.stop.is_none();
    let drift = match snapshots {
        Some(folder) => snapshot::compare(folder, &verdicts, complete)?,
        None => Vec::new(),
    };
    output::print(&drift.iter().map(Drift::to_string).collect::<String>())?;
    if let (true, Some(folder)) = (arguments.update_snapshots, &settings.snapshots) {
        propose(&folder.value, &verdicts)?;
    }
    if let Some(why) = target.renewal_failure() {
        output::complain(&subject.address.masked(&format!("the token could not be renewed: {why}")));
    }
    Ok(if interrupted { Exit::Interrupted } else { exit(&verdicts, !drift.is_empty()) })
}

/// Writes what differs from the snapshots beside them, and says how to go on.
fn propose(folder: &Path, verdicts: &Verdicts) -> Result<(), Failure> {
    if verdicts.stop.is_some() {
        output::complain("the run ended early, so no snapshots were written; let it run to its end");
        return Ok(());
    }
    let Proposal { pending, past } = snapshot::propose(folder, verdicts)?;
    let shown = folder.display();
    for path in past {
        output::complain(&format!("{} is of a table that is gone; remove it", path.display()));
    }
    output::print(&match pending {
        0 => format!("the snapshots in {shown} are as they were\n"),
        _ => format!("{} in {shown} to review: cargo insta review --workspace-root .\n", counted(pending, "snapshot")),
    })
}

fn firm_rules(contract: &Contract) -> usize {
    rules(contract.operation()).iter().filter(|rule| rule.standing.is_firm()).count()
}

/// The date in UTC, as waivers write it.
pub(super) fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

fn exit(verdicts: &Verdicts, drift: bool) -> Exit {
    match verdicts.stop {
        Some(Stop::Interrupted) => Exit::Interrupted,
        Some(Stop::Unauthorized(_)) => Exit::Untestable,
        _ if !verdicts.findings.is_empty() || drift => Exit::Findings,
        Some(Stop::Died | Stop::Throttled | Stop::Crashes) => Exit::Untestable,
        Some(Stop::Budget | Stop::OutOfTime) | None => Exit::Clean,
    }
}

/// What the target said may hold the caller's credential.
pub(super) fn masked(untestable: Untestable, address: &Address) -> Untestable {
    match untestable {
        Untestable::NothingAccepted(told) => Untestable::NothingAccepted(address.masked(&told)),
        Untestable::Unreachable(told) => Untestable::Unreachable(address.masked(&told)),
        Untestable::NotHttp(told) => Untestable::NotHttp(address.masked(&told)),
        Untestable::NoToken(told) => Untestable::NoToken(address.masked(&told)),
        other => other,
    }
}

impl From<SnapshotError> for Failure {
    fn from(error: SnapshotError) -> Self {
        Self::Snapshot { path: error.path, why: error.why }
    }
}

/// Finds out before the run whether the report can be written after it.
fn writable(path: &Path) -> Result<&Path, Failure> {
    whole_file::check(path).map_err(|error| unwritten(path, &error)).map(|()| path)
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Report { path: path.to_owned(), why: error.to_string() }
}
