//! What a profile amounts to: each setting with its value and its origin. Secrets are shown by name.

use std::fmt::Write as _;

use crate::cli::config::profile::{Credentials, Filled, Header};
use crate::cli::config::settings::{Origin, Settings, Sourced};
use crate::cli::connect::header::is_harmless;
use crate::settle::Reading;
use crate::target::without_user;
use crate::token;

/// What is shown of a secret that has no name of its own.
const HIDDEN: &str = "********";

pub(super) fn render(settings: &Settings) -> String {
    let file = settings.file.as_ref().map_or(Origin::Default, |file| Origin::File(file.path.clone()));
    let mut rows: Vec<(String, String, String)> = Vec::new();
    let mut row = |key: &str, value: String, origin: &Origin| rows.push((key.to_owned(), value, origin.to_string()));
    match &settings.target {
        Some(Sourced { value, origin }) => row("url", without_user(value.shown()), origin),
        None => row("url", "(the embedded stub)".to_owned(), &Origin::Default),
    }
    if settings.task_ids.is_empty() && settings.set.is_empty() {
        row("task_id", "(the contract's example)".to_owned(), &Origin::Default);
    }
    for Sourced { value, origin } in &settings.task_ids {
        row("task_id", value.shown().to_owned(), origin);
    }
    for Sourced { value: (place, value), origin } in &settings.set {
        row(&format!("set.{place}"), value.shown().to_owned(), origin);
    }
    for Sourced { value: Header { name, value, is_plain }, origin } in &settings.headers {
        let is_hidden = !(*is_plain || is_harmless(name)) && has_more_than_variables(value);
        let key = if *is_plain { "plain_headers" } else { "headers" };
        row(&format!("{key}.{name}"), if is_hidden { HIDDEN.to_owned() } else { token::masked(value.shown()) }, origin);
    }
    match &settings.credentials {
        Some(Sourced { value, origin }) => {
            for (key, value) in credentials(value) {
                row(&key, value, origin);
            }
        }
        None if settings.schemes.is_empty() => row("credentials", "(made up)".to_owned(), &Origin::Default),
        None => {}
    }
    for Sourced { value: (name, variable), origin } in &settings.schemes {
        row(&format!("credentials.schemes.{name}"), variable.clone(), origin);
    }
    row("timeout", format!("{:?}", settings.timeout.value), &settings.timeout.origin);
    row("concurrency", settings.concurrency.value.to_string(), &settings.concurrency.origin);
    if let Some(Sourced { value, origin }) = &settings.rate {
        row("rate", value.to_string(), origin);
    }
    if let Some(Sourced { value, origin }) = &settings.max_requests {
        row("max_requests", value.to_string(), origin);
    }
    if let Some(Sourced { value, origin }) = &settings.max_time {
        row("max_time", format!("{value:?}"), origin);
    }
    if let Some(Sourced { value, origin }) = &settings.max_crashes {
        row("max_crashes", value.to_string(), origin);
    }
    if let Some(Sourced { value, origin }) = &settings.patience {
        row("patience", format!("{value:?}"), origin);
    }
    if let Some(Sourced { value, origin }) = &settings.proxy {
        row("proxy", proxy(value), origin);
    }
    if let Some(Sourced { value, origin }) = &settings.ca_file {
        row("ca_file", value.display().to_string(), origin);
    }
    if let Some(Sourced { value: (certificate, key), origin }) = &settings.client {
        row("client_certificate", certificate.display().to_string(), origin);
        row("client_key", key.display().to_string(), origin);
    }
    if let Some(Sourced { value, origin }) = &settings.contract {
        row("contract", without_user(&value.display().to_string()), origin);
    }
    if let Some(Sourced { value, origin }) = &settings.base_path {
        row("base_path", if value.is_empty() { "/".to_owned() } else { value.clone() }, origin);
    }
    if let Some(Sourced { value, origin }) = &settings.restore {
        row("restore", value.display().to_string(), origin);
    }
    if let Some(Sourced { value, origin }) = &settings.snapshots {
        row("snapshots", value.display().to_string(), origin);
    }
    for Sourced { value, origin } in &settings.allow_hosts {
        row("allow_host", value.shown().to_owned(), origin);
    }
    if settings.assert_formats {
        row("assert_formats", "true".to_owned(), &file);
    }
    for settled in &settings.settled {
        let bound = settled.bound.as_ref().map(|bound| format!(" {bound}")).unwrap_or_default();
        let reading = if settled.reading == Reading::Accepted { "accepted" } else { "refused" };
        row("settled", format!("{} {}{bound}: {reading}", settled.place, settled.keyword), &file);
    }
    for waiver in &settings.waivers {
        row("waivers", format!("{} until {}: {}", waiver.id, waiver.expires, waiver.reason), &file);
    }
    let width = |column: fn(&(String, String, String)) -> &String| {
        rows.iter().map(|row| column(row).chars().count()).max().unwrap_or_default()
    };
    let (keys, values) = (width(|row| &row.0), width(|row| &row.1));
    rows.iter().fold(String::new(), |mut out, (key, value, origin)| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{key:keys$}  {value:values$}  {origin}");
        out
    })
}

fn credentials(credentials: &Credentials) -> Vec<(String, String)> {
    let row = |key: &str, value: String| (format!("credentials.{key}"), value);
    match credentials {
        Credentials::TokenVariable(name) => vec![row("token_env", name.clone())],
        Credentials::TokenFile(path) => vec![row("token_file", path.display().to_string())],
        Credentials::TokenCommand(command) => vec![row("token_command", program(command))],
        Credentials::Iam { url, user, password, domain, project } => vec![
            row("iam.url", without_user(url.shown())),
            row("iam.user", user.shown().to_owned()),
            row("iam.password", hidden(password)),
            row("iam.domain", domain.shown().to_owned()),
            row("iam.project", project.shown().to_owned()),
        ],
        Credentials::Signing { access_key, secret_key, project_id } => vec![
            row("signing.access_key", access_key.shown().to_owned()),
            row("signing.secret_key", hidden(secret_key)),
            row("signing.project_id", project_id.shown().to_owned()),
        ],
    }
}

/// The name of a secret's variable; nothing of one that stands in the file itself.
fn hidden(filled: &Filled) -> String {
    match &filled.secrets[..] {
        [secret] if secret.expose() == filled.expose() => format!("${}", secret.name()),
        _ => HIDDEN.to_owned(),
    }
}

/// Whether a value holds anything but variables and the name of a scheme.
fn has_more_than_variables(value: &Filled) -> bool {
    let names = value.secrets.iter().map(|secret| format!("${}", secret.name()));
    let rest = names.fold(value.shown().to_owned(), |rest, name| rest.replace(&name, ""));
    !matches!(rest.trim(), "" | "Bearer" | "Basic" | "Token")
}

/// A proxy's URL without its password; the names of variables may stand in its place.
fn proxy(url: &Filled) -> String {
    let shown = url.shown();
    match shown.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?))) {
        Some((scheme, (who, host))) => match who.split_once(':') {
            Some((user, password)) if !password.starts_with('$') => format!("{scheme}://{user}:{HIDDEN}@{host}"),
            _ => shown.to_owned(),
        },
        None => shown.to_owned(),
    }
}

/// What a command begins with: its arguments may hold anything.
fn program(command: &str) -> String {
    match command.split_once(char::is_whitespace) {
        Some((program, _)) => format!("{program} ..."),
        None => command.to_owned(),
    }
}
