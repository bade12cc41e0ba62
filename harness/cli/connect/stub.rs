//! The embedded stub, sound or broken, where no other target is named.

use super::error::ConnectError;
use crate::cli::config::settings::Settings;
use crate::contract::Contract;
use crate::names::nearest;
use crate::rule::FaultId;
use crate::stub::server::{BackgroundStub, WiremockStub};
use crate::stub::{Fault, Stub, faults};

/// What the target is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Stage {
    /// A few thousand requests.
    Run,
    /// As many as fit the night, which a stub that keeps something of each would not stand.
    Night,
}

/// An embedded stub, behind the server that suits the stage.
#[expect(dead_code, reason = "held for what it does while it lives")]
pub(in crate::cli) enum Embedded {
    Wiremock(WiremockStub),
    Hyper(BackgroundStub),
}

/// The stub with its URL, where no other target is named.
pub(super) fn embedded(
    contract: &Contract,
    settings: &Settings,
    faults: &[String],
    stage: Stage,
) -> Result<Option<(Embedded, String)>, ConnectError> {
    if let Some(target) = &settings.target {
        let elsewhere = || ConnectError::FaultElsewhere(target.value.shown().to_owned(), target.origin.clone());
        return if faults.is_empty() { Ok(None) } else { Err(elsewhere()) };
    }
    let stub = Stub::new(contract, chosen(contract, faults)?);
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
    started.map(Some).map_err(|error| ConnectError::Stub(error.to_string()))
}

/// The faults with these names.
pub(in crate::cli) fn chosen(contract: &Contract, names: &[String]) -> Result<Vec<Fault>, ConnectError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let all = faults(contract);
    names
        .iter()
        .map(|name| {
            let id = FaultId::read(name, contract.operation().name()).ok();
            all.iter().find(|fault| Some(&fault.id) == id.as_ref()).cloned().ok_or_else(|| {
                let names: Vec<String> = all.iter().map(Fault::name).collect();
                ConnectError::UnknownFault(name.clone(), nearest(name, names.iter().map(String::as_str)))
            })
        })
        .collect()
}
