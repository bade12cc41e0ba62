//! `fencepost run`: tests a target and tells what was found.

mod enough;
mod execute;
mod learnt;
mod many;
pub(super) mod may;
mod plan;

use std::path::Path;
use std::time::Instant;

use super::consumer::{Consumer, Ending, Figures, Progress, ReportFile, Snapshots, Stream, Terminal};
use super::error::Failure;
use super::now;
use crate::cli::config::arguments::RunArguments;
use crate::cli::config::contracts::Contracts;
use crate::cli::config::error::ConfigError;
use crate::cli::config::settings::Settings;
use crate::cli::connect::dial::{Connected, announce, connect, log_in};
use crate::cli::connect::faults::Planted;
use crate::cli::connect::interrupts::Interrupts;
use crate::cli::connect::stub::Stage;
use crate::cli::connect::{caller, open_files, path, restore, schemes};
use crate::cli::console::exit::Exit;
use crate::cli::console::output;
use crate::cli::console::vigil::Vigil;
use crate::contract::Contract;
use crate::event::Event;
use crate::journal::Earlier;
use crate::report::Timing;
use crate::rule::rules;
use crate::snapshot::{self, SnapshotError};
use execute::{Conducted, Terms, concluded, execute, journal};

pub(super) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let subject = &arguments.subject;
    let settings = Settings::new(subject.profile.as_deref(), &subject.target)?;
    settings.check_meant(&subject.faults)?;
    let plain = match settings.meant(&subject.contract).load_all()? {
        Contracts::One(contract) => *contract,
        Contracts::Open(open) => {
            let open = settings.reading_of_all(schemes::called(open, &settings)?)?;
            return many::run(arguments, &settings, &open);
        }
    };
    let contract = settings.reading(&plain)?;
    let planted = Planted::of_one(&contract, &subject.faults)?;
    let snapshots = accepted(&settings, arguments)?;
    let given = restore::given(&settings)?;
    let settled = firm_rules(&contract) - firm_rules(&plain);
    let introduction = introduction(&settings, settled, snapshots);
    if arguments.dry_run {
        let gently = !arguments.invasive && !caller::check(&contract, &settings)?;
        let suite = plan::suite(&contract, &settings, arguments, gently)?;
        announce("planning", &contract, &settings, &introduction);
        output::print(&plan::told(suite, &settings));
        return Ok(Exit::Clean);
    }
    if let Some(path) = &arguments.report_json {
        ReportFile::check(path)?;
    }
    open_files::check(&settings)?;
    let Connected { mut subject, mut target, stub, last_words } =
        connect(&contract, &settings, subject, &planted, Stage::Run, &Interrupts::begin()?)?;
    let suite = plan::suite(&contract, &settings, arguments, !arguments.invasive && !target.is_loopback())?;
    announce("testing", &contract, &settings, &introduction);
    let (start, started) = (now(), Instant::now());
    if let Some(time) = &settings.max_time {
        target.end_in(time.value);
    }
    let figures = Figures::of_a_run();
    let _vigil = Vigil::begin(settings.silence, {
        let (figures, waits) = (figures.clone(), target.waits());
        move || figures.standing(&waits)
    });
    let logged_in = log_in(&mut target);
    let choice = match logged_in {
        Ok(()) => path::choose(&contract, &mut subject.context, &settings, &mut target),
        Err(_) => None,
    };
    let proposed = settings.snapshots.as_ref().filter(|_| arguments.update_snapshots);
    let (mut journal, earlier) = match &arguments.journal {
        Some(path) if logged_in.is_ok() => {
            let (journal, earlier) = journal(path, arguments.resume, &suite, (&subject, settings.url()))?;
            (Some(journal), earlier)
        }
        _ => (None, None),
    };
    if let Some(journal) = &journal {
        let witness = journal.witness();
        target.tell_before(move |request| witness.sees(request));
    }
    let mut progress = Progress::new(figures, 0);
    let mut terminal = Terminal::new(&subject, arguments.full);
    let mut report_file = arguments.report_json.as_deref().map(|path| ReportFile::new(path, &subject));
    let mut proposals = proposed.map(|folder| Snapshots { folder: &folder.value });
    let mut ending = Ending::new(|verdicts| enough::shortfall(arguments, &contract, verdicts));
    let mut consumers: Vec<&mut dyn Consumer> = vec![&mut progress, &mut terminal];
    consumers.extend(journal.iter_mut().map(|journal| journal as &mut dyn Consumer));
    consumers.extend(report_file.iter_mut().map(|file| file as &mut dyn Consumer));
    consumers.extend(proposals.iter_mut().map(|proposals| proposals as &mut dyn Consumer));
    consumers.push(&mut ending);
    let stream = Stream::new(consumers);
    tell_first(&stream, choice.as_ref(), earlier.as_ref().zip(arguments.journal.as_deref()));
    let Conducted { seen, interrupted } = match logged_in {
        Ok(()) => {
            let budget = settings.max_requests.as_ref().map(|most| most.value);
            let terms = Terms { is_own: stub.is_some(), given, budget, earlier, last_words };
            execute(&suite, &subject, &mut target, terms, &stream)?
        }
        Err(untestable) => Conducted { seen: Err(untestable), interrupted: false },
    };
    let (verdicts, untestable) = concluded(&suite, seen, &subject, &settings);
    let timing = Timing { start, end: now(), elapsed: started.elapsed() };
    if let Some(why) = untestable {
        stream.tell(&Event::Untestable { why: &why, rules: Some((&verdicts, &timing)) });
        stream.tell(&Event::Ended { stop: None, is_gone: false, verdicts: None });
        // A report that is missing is not all that there is to say.
        stream.check().inspect_err(|_| output::complain(&why.to_string()))?;
        return Err(why.into());
    }
    stream.tell(&Event::Concluded { verdicts: &verdicts, timing: &timing });
    let complete = plan::is_whole(arguments) && verdicts.stop.is_none();
    for drift in snapshots.map(|folder| snapshot::compare(folder, &verdicts, complete)).transpose()?.unwrap_or_default()
    {
        stream.tell(&Event::Drifted(&drift.to_string()));
    }
    if let Some(why) = target.renewal_failure() {
        stream.tell(&Event::Remark(&format!("the token could not be renewed: {why}")));
    }
    stream.tell(&Event::Ended { stop: verdicts.stop, is_gone: false, verdicts: Some(&verdicts) });
    stream.check()?;
    drop(stream);
    Ok(if interrupted { Exit::Interrupted } else { ending.exit() })
}

/// Tells what a run begins with: the id that was chosen, and what an earlier part of it heard.
fn tell_first(stream: &Stream<'_>, choice: Option<&path::Choice>, earlier: Option<(&Earlier, &Path)>) {
    if let Some(choice) = choice {
        stream.tell(&choice.event());
    }
    if let Some((earlier, journal)) = earlier {
        stream.tell(&Event::Resumed { answers: earlier.left(), journal });
    }
}

/// The folder of snapshots that a run is compared with.
fn accepted<'a>(settings: &'a Settings, arguments: &RunArguments) -> Result<Option<&'a Path>, ConfigError> {
    match settings.accepted_snapshots() {
        // They are about to be made.
        Err(ConfigError::NoSnapshots(_)) if arguments.update_snapshots => Ok(None),
        found => found,
    }
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
