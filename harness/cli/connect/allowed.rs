//! What may be tested: this machine, and what was named.

use reqwest::Url;

use super::error::ConnectError;
use crate::cli::config::settings::Settings;
use crate::contract::{Contract, ParameterIn};
use crate::target::HttpTarget;

/// Holds that a target elsewhere was named on purpose, and the task with it: an accepted probe overwrites it.
pub(in crate::cli) fn check(contract: &Contract, settings: &Settings, target: &HttpTarget) -> Result<(), ConnectError> {
    let Some(url) = settings.target.as_ref().filter(|_| !target.is_loopback()) else { return Ok(()) };
    let host = Url::parse(&url.value).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    // A host may be written as the URL that it is from.
    let named = |text: &str| Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
    let is_meant = |text: &str| text.eq_ignore_ascii_case(&host) || named(text).is_some_and(|name| name == host);
    if !settings.allow_hosts.iter().any(|allowed| is_meant(&allowed.value)) {
        return Err(ConnectError::HostNotAllowed(host));
    }
    let addressed = contract.operation().parameters.iter().any(|parameter| parameter.location == ParameterIn::Path);
    if addressed && settings.task_ids.is_empty() { Err(ConnectError::NoTaskId(host)) } else { Ok(()) }
}
