//! The embedded stub, sound or broken, where no other target is named.

use super::error::ConnectError;
use crate::cli::config::settings::Settings;
use crate::contract::Contract;
use crate::request_context::RequestContext;
use crate::stub::server::{BackgroundStub, WiremockStub};
use crate::stub::{Fault, Stub};

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
    context: &RequestContext,
    faults: Vec<Fault>,
    stage: Stage,
) -> Result<Option<(Embedded, String)>, ConnectError> {
    if settings.target.is_some() {
        return Ok(None);
    }
    let stub = Stub::new(contract, faults).knowing(context);
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
