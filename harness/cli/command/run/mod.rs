//! `fencepost run`: tests a target and tells what was found.

mod conduct;
mod enough;
mod plan;

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::error::Failure;
use super::{now, today};
use crate::cli::config::arguments::RunArguments;
use crate::cli::config::error::ConfigError;
use crate::cli::config::settings::Settings;
use crate::cli::connect::reach::{Reached, announce, log_in, masked, reach};
use crate::cli::connect::stub::Stage;
use crate::cli::connect::{caller, path, restore};
use crate::cli::console::exit::Exit;
use crate::cli::console::output::{self, counted};
use crate::contract::Contract;
use crate::report::{Timing, json, terminal};
use crate::rule::rules;
use crate::snapshot::{self, Drift, Proposal, SnapshotError};
use crate::suite::{Observations, Stop, Untestable};
use crate::verdict::{Verdicts, verdicts};
use crate::whole_file;
use conduct::{Conducted, Terms, conduct, journal};

pub(super) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let subject = &arguments.subject;
    let settings = Settings::new(subject.profile.as_deref(), &subject.target)?;
    settings.check_meant(&subject.faults)?;
    let plain = subject.contract.load()?;
    let contract = settings.reading(&plain)?;
    let snapshots = match settings.accepted_snapshots() {
        // They are about to be made.
        Err(ConfigError::NoSnapshots(_)) if arguments.update_snapshots => None,
        found => found?,
    };
    let given = restore::given(&settings)?;
    let settled = firm_rules(&contract) - firm_rules(&plain);
    let introduction = introduction(&settings, settled, snapshots);
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
    let (start, started) = (now(), Instant::now());
    if let Some(time) = &settings.max_time {
        target.end_in(time.value);
    }
    let Conducted { seen, interrupted } = match log_in(&mut target) {
        Ok(()) => {
            path::choose(&contract, &mut subject.address, &settings, &mut target)?;
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
    let timing = Timing { start, end: now(), elapsed: started.elapsed() };
    let untestable = untestable.map(|untestable| masked(untestable, &subject.address));
    let write_report = || match report {
        Some(path) => {
            let why = untestable.as_ref().map(Untestable::to_string);
            let text = json::render(&subject, &verdicts, &timing, why.as_deref());
            whole_file::write(path, text.as_bytes()).map_err(|error| unwritten(path, &error))
        }
        None => Ok(()),
    };
    if let Some(untestable) = &untestable {
        // The report says that nothing was tested; one of an earlier run at its place would say otherwise.
        write_report()?;
        return Err(untestable.clone().into());
    }

    output::print(&terminal::render(&subject, &verdicts, timing.elapsed, arguments.full))?;
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
    let shortfall = enough::shortfall(arguments, &contract, &verdicts);
    if let Some(shortfall) = &shortfall {
        output::complain(shortfall);
    }
    Ok(if interrupted { Exit::Interrupted } else { exit(&verdicts, !drift.is_empty(), shortfall.is_some()) })
}

/// What a run says of its profile before it begins.
fn introduction(settings: &Settings, settled: usize, snapshots: Option<&Path>) -> String {
    let (Some(name), Some(_)) = (&settings.profile, &settings.file) else { return String::new() };
    let compared = match (snapshots, &settings.snapshots) {
        (Some(folder), _) => format!("compared with {}", folder.display()),
        (None, Some(folder)) => format!("compared with nothing: there are no snapshots in {}", folder.value.display()),
        (None, None) => "compared with nothing".to_owned(),
    };
    format!("profile {name} ({settled} settled, {} waived): {compared}\n", settings.waivers.len())
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
    })?;
    Ok(())
}

fn firm_rules(contract: &Contract) -> usize {
    rules(contract.operation()).iter().filter(|rule| rule.standing.is_firm()).count()
}

fn exit(verdicts: &Verdicts, drift: bool, too_little: bool) -> Exit {
    match verdicts.stop {
        Some(Stop::Interrupted) => Exit::Interrupted,
        Some(Stop::Unauthorized(_)) => Exit::Untestable,
        _ if !verdicts.findings.is_empty() || drift => Exit::Findings,
        Some(Stop::Died | Stop::Throttled | Stop::Crashes) => Exit::Untestable,
        _ if too_little => Exit::Untestable,
        Some(Stop::Budget | Stop::OutOfTime) | None => Exit::Clean,
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
