//! `fencepost run`: tests a target and tells what was found.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::arguments::RunArguments;
use super::error::Failure;
use super::progress::Progress;
use super::settings::Settings;
use super::{Exit, allowed, caller, output, profile, serve};
use crate::address::Address;
use crate::contract::Contract;
use crate::report::{Subject, json, terminal};
use crate::rule::rules;
use crate::snapshot::{self, Drift, SnapshotError};
use crate::stub::Stub;
use crate::stub::server::WiremockStub;
use crate::suite::{Observations, Stop, Suite, Untestable};
use crate::verdict::{Verdicts, verdicts};
use crate::whole_file;

pub(super) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let settings = Settings::new(arguments.profile.as_deref(), &arguments.target)?;
    let plain = arguments.contract.load()?;
    let contract = settings.reading(&plain)?;
    let mut address = caller::address(&contract, &settings, arguments.seed)?;
    let snapshots = caller::snapshots(&settings)?;
    let report = arguments.report_json.as_deref().map(writable).transpose()?;

    // The embedded stub lives as long as the run.
    let stub = embedded(&contract, &settings, &arguments.faults)?;
    let name = settings.target.as_ref().map_or("embedded stub", |target| &target.value).to_owned();
    let mut target = caller::target(&contract, &settings, stub.as_ref().map(WiremockStub::url))?;
    allowed::check(&contract, &settings, &target)?;
    caller::add_credentials(&mut address, &contract, &settings)?;
    interrupt_sets(target.interrupt_flag())?;

    let operation = contract.operation();
    let subject = Subject { target: name, contract: contract.name().to_owned(), seed: arguments.seed, address };
    output::print(&format!(
        "testing {}: {} {} of {}\n{}\n",
        subject.target,
        operation.method,
        operation.path,
        subject.contract,
        profile::introduction(&settings, firm_rules(&contract) - firm_rules(&plain), snapshots)
    ))?;
    let started = Instant::now();
    let gently = !arguments.invasive && !target.is_loopback();
    let mut suite = Suite::new(&contract);
    if gently {
        suite = suite.gently();
    }
    if let Some((number, count)) = arguments.shard {
        suite = suite.shard(number, count);
    }
    let mut progress = Progress::new();
    let seen = match target.log_in() {
        Ok(()) => suite.run(&subject.address, &mut target, &mut |event| progress.show(event)),
        Err(_) if target.interrupt_flag().load(Ordering::Relaxed) => Err(Untestable::Interrupted),
        Err(why) => Err(Untestable::NoToken(why)),
    };
    progress.finish();
    let (observations, untestable) = match seen {
        Ok(observations) => (observations, None),
        Err(untestable) => (Observations::default(), Some(untestable)),
    };
    let mut verdicts = verdicts(&suite, &observations);
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
    let drift = match snapshots {
        Some(folder) => snapshot::compare(folder, &verdicts, arguments.shard.is_none()).map_err(Failure::from)?,
        None => Vec::new(),
    };
    output::print(&drift.iter().map(Drift::to_string).collect::<String>())?;
    if let Some(why) = target.renewal_failure() {
        output::complain(&subject.address.masked(&format!("the token could not be renewed: {why}")));
    }
    Ok(exit(&verdicts, !drift.is_empty()))
}

/// The stub, where no other target is named.
fn embedded(contract: &Contract, settings: &Settings, faults: &[String]) -> Result<Option<WiremockStub>, Failure> {
    if let Some(target) = &settings.target {
        let elsewhere = || Failure::FaultElsewhere(target.value.clone(), target.origin.clone());
        return if faults.is_empty() { Ok(None) } else { Err(elsewhere()) };
    }
    let stub = Stub::new(contract, serve::chosen(contract, faults)?);
    WiremockStub::start(stub).map(Some).map_err(|error| Failure::Stub(error.to_string()))
}

fn firm_rules(contract: &Contract) -> usize {
    rules(contract.operation()).iter().filter(|rule| rule.standing.is_firm()).count()
}

/// The date in UTC, as waivers write it.
fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

fn exit(verdicts: &Verdicts, drift: bool) -> Exit {
    match verdicts.stop {
        Some(Stop::Interrupted) => Exit::Interrupted,
        Some(Stop::Unauthorized(_)) => Exit::Untestable,
        _ if !verdicts.findings.is_empty() || drift => Exit::Findings,
        Some(Stop::Died) => Exit::Untestable,
        None => Exit::Clean,
    }
}

/// What the target said may hold the caller's credential.
fn masked(untestable: Untestable, address: &Address) -> Untestable {
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

/// The first Ctrl-C ends the run in good order; the second ends the process.
fn interrupt_sets(flag: Arc<AtomicBool>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Interrupts(error.to_string()))?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                if flag.swap(true, Ordering::Relaxed) {
                    std::process::exit(130);
                }
            }
        });
    });
    Ok(())
}

/// Finds out before the run whether the report can be written after it.
fn writable(path: &Path) -> Result<&Path, Failure> {
    whole_file::check(path).map_err(|error| unwritten(path, &error)).map(|()| path)
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Report { path: path.to_owned(), why: error.to_string() }
}
