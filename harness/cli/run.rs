//! `fencepost run`: tests a target and tells what was found.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::arguments::RunArguments;
use super::error::Failure;
use super::progress::Progress;
use super::reach::{Reached, Stage, announce, reach};
use super::{Exit, output, plan};
use crate::address::Address;
use crate::report::{json, terminal};
use crate::snapshot::{self, Drift, SnapshotError};
use crate::suite::{Observations, Stop, Untestable};
use crate::verdict::{Verdicts, verdicts};
use crate::whole_file;

pub(super) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let contract = arguments.target.contract.load()?;
    let snapshots = arguments.profile.as_deref().map(profile_folder).transpose()?;
    let report = arguments.report_json.as_deref().map(writable).transpose()?;
    let Reached { subject, mut target, stub: _stub } = reach(&contract, &arguments.target, Stage::Run)?;
    let suite = plan::suite(&contract, arguments, !arguments.invasive && !target.is_loopback())?;
    if arguments.dry_run {
        announce("planning", &contract, &subject)?;
        output::print(&plan::told(&suite, arguments))?;
        return Ok(Exit::Clean);
    }
    announce("testing", &contract, &subject)?;
    let started = Instant::now();
    let mut progress = Progress::new();
    let seen = suite.run(&subject.address, &mut target, &mut |event| progress.show(event));
    progress.finish();
    let (observations, untestable) = match seen {
        Ok(observations) => (observations, None),
        Err(untestable) => (Observations::default(), Some(untestable)),
    };
    let verdicts = verdicts(&suite, &observations);
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
    let drift = match &snapshots {
        Some(folder) => snapshot::compare(folder, &verdicts, plan::is_whole(arguments)).map_err(Failure::from)?,
        None => Vec::new(),
    };
    output::print(&drift.iter().map(Drift::to_string).collect::<String>())?;
    Ok(exit(&verdicts, !drift.is_empty()))
}

fn exit(verdicts: &Verdicts, drift: bool) -> Exit {
    match verdicts.stop {
        Some(Stop::Interrupted) => Exit::Interrupted,
        _ if !verdicts.findings.is_empty() || drift => Exit::Findings,
        Some(Stop::Died) => Exit::Untestable,
        Some(Stop::Budget) | None => Exit::Clean,
    }
}

/// What the target said may hold the caller's credential.
pub(super) fn masked(untestable: Untestable, address: &Address) -> Untestable {
    match untestable {
        Untestable::NothingAccepted(told) => Untestable::NothingAccepted(address.masked(&told)),
        other => other,
    }
}

fn profile_folder(name: &str) -> Result<PathBuf, Failure> {
    let path = Path::new("snapshots").join(name);
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if plain && path.is_dir() { Ok(path) } else { Err(Failure::UnknownProfile { name: name.to_owned(), path }) }
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
