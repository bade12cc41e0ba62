//! What may be tested: this machine, and what was named.

use reqwest::Url;

use super::error::ConnectError;
use crate::cli::config::settings::Settings;
use crate::cli::config::source::is_host;
use crate::contract::{Contract, Operation, Parameter};
use crate::target::HttpTarget;

/// Holds that a target elsewhere was named on purpose, and what its path leads to as well: an accepted probe changes it.
pub(in crate::cli) fn check(contract: &Contract, settings: &Settings, target: &HttpTarget) -> Result<(), ConnectError> {
    let operation = contract.operation();
    let Some(url) = settings.target.as_ref().filter(|_| !target.is_loopback()) else { return Ok(()) };
    let host =
        Url::parse(url.value.expose()).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    // What came from a variable is told by the variable's name, which `--allow-host` takes as well.
    let is_shown = url.value.shown().to_ascii_lowercase().contains(&host);
    let told = if is_shown { host.clone() } else { url.value.shown().to_owned() };
    if !settings.allow_hosts.iter().any(|allowed| is_host(allowed.value.expose(), &host)) {
        return Err(ConnectError::HostNotAllowed(told, effect(operation)));
    }
    // What an open contract's operations may do is told apart by what they do.
    if operation.is_open {
        return Ok(());
    }
    match operation.path_parameters().next() {
        Some(parameter) if settings.task_ids.is_empty() && settings.set.is_empty() => {
            Err(ConnectError::Unnamed { host: told, effect: effect(operation), remedy: remedy(parameter) })
        }
        _ => Ok(()),
    }
}

/// What an accepted probe does.
fn effect(operation: &Operation) -> String {
    match operation.method.as_str() {
        "PUT" => format!("every accepted probe overwrites the {}", operation.noun()),
        method => format!("every accepted probe is a {method} that takes effect"),
    }
}

/// How to say which thing is meant.
fn remedy(parameter: &Parameter) -> String {
    match parameter.option().as_str() {
        "--task-id" => "--task-id, or with `task_id` in its profile".to_owned(),
        option => format!("{option}, or with `set` in its profile"),
    }
}
