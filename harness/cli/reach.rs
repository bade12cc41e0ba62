//! From settings to a target that can be sent requests: the URL or an embedded stub, the address, the interrupts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::arguments::SubjectArguments;
use super::error::Failure;
use super::settings::Settings;
use super::{allowed, caller, output, serve};
use crate::contract::Contract;
use crate::report::Subject;
use crate::stub::Stub;
use crate::stub::server::{BackgroundStub, WiremockStub};
use crate::suite::Untestable;
use crate::target::HttpTarget;

/// A target, and what it is called.
pub(super) struct Reached {
    pub(super) subject: Subject,
    pub(super) target: HttpTarget,
    /// The embedded stub lives as long as this.
    pub(super) stub: Option<Embedded>,
}

/// What the target is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// A few thousand requests.
    Run,
    /// As many as fit the night, which a stub that keeps something of each would not stand.
    Night,
}

/// An embedded stub, behind the server that suits the stage.
#[expect(dead_code, reason = "held for what it does while it lives")]
pub(super) enum Embedded {
    Wiremock(WiremockStub),
    Hyper(BackgroundStub),
}

/// Finds the target, and lets Ctrl-C stop what is sent to it.
pub(super) fn reach(
    contract: &Contract,
    settings: &Settings,
    arguments: &SubjectArguments,
    stage: Stage,
) -> Result<Reached, Failure> {
    let mut address = caller::address(contract, settings, arguments.seed)?;
    if settings.target.is_some() {
        // Before its URL is told in an error it must be one that can be told.
        caller::target(contract, settings, None)?;
    }
    let (stub, url) = embedded(contract, settings, &arguments.faults, stage)?.unzip();
    let target = caller::target(contract, settings, url)?;
    allowed::check(contract, settings, &target)?;
    caller::add_credentials(&mut address, contract, settings)?;
    interrupt_sets(target.interrupt_flag())?;
    let subject =
        Subject { target: settings.name(), contract: contract.name().to_owned(), seed: arguments.seed, address };
    Ok(Reached { subject, target, stub })
}

/// Gets the credentials that have to be had before the first request.
pub(super) fn log_in(target: &mut HttpTarget) -> Result<(), Untestable> {
    target.log_in().map_err(|why| {
        let interrupted = target.interrupt_flag().load(Ordering::Relaxed);
        if interrupted { Untestable::Interrupted } else { Untestable::NoToken(why) }
    })
}

/// Says what is about to be done to which target.
pub(super) fn announce(doing: &str, contract: &Contract, settings: &Settings, more: &str) -> Result<(), Failure> {
    let operation = contract.operation();
    let (target, name) = (settings.name(), contract.name());
    output::print(&format!("{doing} {target}: {} {} of {name}\n{more}\n", operation.method, operation.path))
}

/// The stub with its URL, where no other target is named.
fn embedded(
    contract: &Contract,
    settings: &Settings,
    faults: &[String],
    stage: Stage,
) -> Result<Option<(Embedded, String)>, Failure> {
    if let Some(target) = &settings.target {
        let elsewhere = || Failure::FaultElsewhere(target.value.clone(), target.origin.clone());
        return if faults.is_empty() { Ok(None) } else { Err(elsewhere()) };
    }
    let stub = Stub::new(contract, serve::chosen(contract, faults)?);
    let started = match stage {
        Stage::Run => WiremockStub::start(stub).map(|stub| {
            let url = stub.url();
            (Embedded::Wiremock(stub), url)
        }),
        Stage::Night => BackgroundStub::start(stub).map(|stub| {
            let url = stub.url();
            (Embedded::Hyper(stub), url)
        }),
    };
    started.map(Some).map_err(|error| Failure::Stub(error.to_string()))
}

/// The first Ctrl-C, or another wish that the process ends, ends the run in good order; the second ends the process.
fn interrupt_sets(flag: Arc<AtomicBool>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Interrupts(error.to_string()))?;
    // From here on, so that no signal is missed.
    let mut wishes =
        runtime.block_on(async { Wishes::new() }).map_err(|error| Failure::Interrupts(error.to_string()))?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            loop {
                wishes.next().await;
                if flag.swap(true, Ordering::Relaxed) {
                    std::process::exit(130);
                }
            }
        });
    });
    Ok(())
}

/// The wishes that the process ends, at the terminal or by `kill`. A hang-up is left to what the shell made of it.
#[cfg(unix)]
struct Wishes {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Wishes {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Wishes(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Wishes {
    fn new() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
