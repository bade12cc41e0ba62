//! `fencepost run`: tests a target and tells what was found.

mod conduct;
mod consumer;
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
use crate::cli::console::output;
use crate::cli::console::progress::Progress;
use crate::contract::Contract;
use crate::event::Event;
use crate::report::Timing;
use crate::rule::rules;
use crate::snapshot::{self, SnapshotError};
use crate::suite::Observations;
use crate::verdict::verdicts;
use conduct::{Conducted, Terms, conduct, journal};
use consumer::{Consumers, Ending, ReportFile, Snapshots, Terminal};

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
    if let Some(path) = &arguments.report_json {
        ReportFile::check(path)?;
    }
    let Reached { mut subject, mut target, stub } = reach(&contract, &settings, subject, Stage::Run)?;
    let suite = plan::suite(&contract, &settings, arguments, !arguments.invasive && !target.is_loopback())?;
    announce("testing", &contract, &settings, &introduction)?;
    let (start, started) = (now(), Instant::now());
    if let Some(time) = &settings.max_time {
        target.end_in(time.value);
    }
    let logged_in = log_in(&mut target);
    if logged_in.is_ok() {
        path::choose(&contract, &mut subject.address, &settings, &mut target)?;
    }
    let proposed = settings.snapshots.as_ref().filter(|_| arguments.update_snapshots);
    let mut consumers = Consumers {
        progress: Progress::new(),
        terminal: Terminal { subject: &subject, full: arguments.full },
        report_file: arguments.report_json.as_deref().map(|path| ReportFile::new(path, &subject)),
        snapshots: proposed.map(|folder| Snapshots { folder: &folder.value }),
        ending: Ending::new(arguments, &contract),
    };
    let Conducted { seen, interrupted } = match logged_in {
        Ok(()) => {
            let begun = |path: &PathBuf| journal(path, arguments.resume, &suite, &subject);
            let journal = arguments.journal.as_ref().map(begun).transpose()?;
            let budget = settings.max_requests.as_ref().map(|most| most.value);
            let terms = Terms { is_own: stub.is_some(), given, budget, journal };
            conduct(&suite, &subject, &mut target, terms, &mut consumers)?
        }
        Err(untestable) => Conducted { seen: Err(untestable), interrupted: false },
    };
    let (observations, untestable) = match seen {
        Ok(observations) => (observations, None),
        Err(untestable) => (Observations::default(), Some(masked(untestable, &subject.address))),
    };
    let mut verdicts = verdicts(&suite, &observations);
    verdicts.rules.iter_mut().for_each(|verdict| verdict.mask(&subject.address));
    verdicts.waive(&settings.waivers, &today());
    let timing = Timing { start, end: now(), elapsed: started.elapsed() };
    if let Some(why) = untestable {
        consumers.take(&Event::Untestable { why: &why, verdicts: &verdicts, timing: &timing })?;
        return Err(why.into());
    }
    consumers.take(&Event::Concluded { verdicts: &verdicts, timing: &timing })?;
    let complete = plan::is_whole(arguments) && verdicts.stop.is_none();
    for drift in snapshots.map(|folder| snapshot::compare(folder, &verdicts, complete)).transpose()?.unwrap_or_default()
    {
        consumers.take(&Event::Drifted(&drift.to_string()))?;
    }
    if let Some(why) = target.renewal_failure() {
        consumers.take(&Event::Remark(&format!("the token could not be renewed: {why}")))?;
    }
    consumers.take(&Event::Ended(&verdicts))?;
    Ok(if interrupted { Exit::Interrupted } else { consumers.ending.exit() })
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

fn firm_rules(contract: &Contract) -> usize {
    rules(contract.operation()).iter().filter(|rule| rule.standing.is_firm()).count()
}

impl From<SnapshotError> for Failure {
    fn from(error: SnapshotError) -> Self {
        Self::Snapshot { path: error.path, why: error.why }
    }
}
