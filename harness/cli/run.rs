//! `fencepost run`: tests a target and tells what was found.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::arguments::RunArguments;
use super::error::Failure;
use super::progress::Progress;
use super::{Exit, output, serve};
use crate::address::Address;
use crate::contract::{Contract, ParameterIn};
use crate::report::{Subject, json, terminal};
use crate::secret::Secret;
use crate::snapshot::{self, Drift, SnapshotError};
use crate::stub::Stub;
use crate::stub::server::WiremockStub;
use crate::suite::{Observations, Stop, Suite, Untestable};
use crate::target::{HttpTarget, TargetSettings};
use crate::verdict::{Verdicts, verdicts};
use crate::whole_file;

pub(super) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let contract = arguments.contract.load()?;
    let address = address(&contract, arguments)?;
    let snapshots = arguments.profile.as_deref().map(profile_folder).transpose()?;
    let report = arguments.report_json.as_deref().map(writable).transpose()?;

    // The embedded stub lives as long as the run.
    let stub = if arguments.target.is_none() { Some(embedded(&contract, &arguments.faults)?) } else { None };
    let name = arguments.target.clone().unwrap_or_else(|| "embedded stub".to_owned());
    let base_url = stub.as_ref().map_or_else(|| name.clone(), WiremockStub::url);
    let concurrency = usize::from(arguments.concurrency);
    let mut target = HttpTarget::new(&TargetSettings { base_url, timeout: arguments.timeout, concurrency })?;
    interrupt_sets(target.interrupt_flag())?;

    let operation = contract.operation();
    let subject = Subject { target: name, contract: contract.name().to_owned(), seed: arguments.seed, address };
    output::print(&format!(
        "testing {}: {} {} of {}\n\n",
        subject.target, operation.method, operation.path, subject.contract
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
        Some(folder) => snapshot::compare(folder, &verdicts, arguments.shard.is_none()).map_err(Failure::from)?,
        None => Vec::new(),
    };
    output::print(&drift.iter().map(Drift::to_string).collect::<String>())?;
    Ok(exit(&verdicts, !drift.is_empty()))
}

fn embedded(contract: &Contract, faults: &[String]) -> Result<WiremockStub, Failure> {
    let stub = Stub::new(contract, serve::chosen(contract, faults)?);
    WiremockStub::start(stub).map_err(|error| Failure::Stub(error.to_string()))
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
        other => other,
    }
}

fn address(contract: &Contract, arguments: &RunArguments) -> Result<Address, Failure> {
    let parameters = &contract.operation().parameters;
    for (name, _) in &arguments.headers {
        let credential =
            parameters.iter().any(|parameter| parameter.credential && parameter.name.eq_ignore_ascii_case(name));
        if credential {
            return Err(Failure::CredentialInHeader(name.clone()));
        }
    }
    if let Some(id) = &arguments.task_id {
        if id == "." || id == ".." {
            return Err(Failure::DotTaskId(id.clone()));
        }
        if id.is_empty() {
            return Err(Failure::EmptyTaskId);
        }
        if !parameters.iter().any(|parameter| parameter.location == ParameterIn::Path) {
            return Err(Failure::NoPathParameter);
        }
    }
    let credential = arguments.token_env.as_ref().map(|variable| {
        if !parameters.iter().any(|parameter| parameter.credential) {
            return Err(Failure::NoCredentialHeader);
        }
        let value = std::env::var(variable).ok().filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| Failure::NoToken(variable.clone()))?;
        if value.bytes().any(|byte| byte.is_ascii_control() || !byte.is_ascii()) {
            return Err(Failure::BadToken(variable.clone()));
        }
        Ok(Secret::new(variable, value))
    });
    Ok(Address {
        path_values: arguments.task_id.iter().cloned().collect(),
        headers: arguments.headers.clone(),
        credential: credential.transpose()?,
        secrets: Vec::new(),
        private: Vec::new(),
        locks_out: false,
        seed: arguments.seed,
    })
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
