//! From arguments to a target that can be sent requests: the URL or an embedded stub, the address, the interrupts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::arguments::TargetArguments;
use super::error::Failure;
use super::{output, serve};
use crate::address::Address;
use crate::contract::{Contract, ParameterIn};
use crate::report::Subject;
use crate::secret::Secret;
use crate::stub::Stub;
use crate::stub::server::{BackgroundStub, WiremockStub};
use crate::target::{HttpTarget, TargetSettings};

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
pub(super) fn reach(contract: &Contract, arguments: &TargetArguments, stage: Stage) -> Result<Reached, Failure> {
    let address = address(contract, arguments)?;
    let (stub, base_url) = if let Some(url) = &arguments.target {
        (None, url.clone())
    } else {
        let (stub, url) = embedded(contract, &arguments.faults, stage)?;
        (Some(stub), url)
    };
    let target = HttpTarget::new(&TargetSettings {
        base_url,
        timeout: arguments.timeout,
        concurrency: usize::from(arguments.concurrency),
        rate: arguments.rate,
    })?;
    interrupt_sets(target.interrupt_flag())?;
    let name = arguments.target.clone().unwrap_or_else(|| "embedded stub".to_owned());
    let subject = Subject { target: name, contract: contract.name().to_owned(), seed: arguments.seed, address };
    Ok(Reached { subject, target, stub })
}

/// Says what is about to be done to which target.
pub(super) fn announce(doing: &str, contract: &Contract, subject: &Subject) -> Result<(), Failure> {
    let operation = contract.operation();
    let Subject { target, contract, .. } = subject;
    output::print(&format!("{doing} {target}: {} {} of {contract}\n\n", operation.method, operation.path))
}

fn embedded(contract: &Contract, faults: &[String], stage: Stage) -> Result<(Embedded, String), Failure> {
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
    started.map_err(|error| Failure::Stub(error.to_string()))
}

fn address(contract: &Contract, arguments: &TargetArguments) -> Result<Address, Failure> {
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
        seed: arguments.seed,
    })
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
