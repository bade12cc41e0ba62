//! The caller, made from the settings: the address of every request, its secrets, and how it logs in.

use std::time::Duration;

use reqwest::Url;

use super::error::ConnectError;
use super::header::{Headers, basic_password};
use super::token::{self, token};
use super::{allowed, path, restore, schemes};
use crate::cli::config::profile::{Credentials, Header};
use crate::cli::config::settings::{Settings, Sourced};
use crate::cli::console::vigil::Vigil;
use crate::contract::{Contract, Parameter};
use crate::request_context::RequestContext;
use crate::secret::Secret;
use crate::target::{
    AccessKey, HttpTarget, Iam, IamSettings, Login, STAND_IN, TargetError, TargetSettings, Transport, TransportError,
    without_user,
};
use crate::text::percent::{RESERVED, encoded};

/// How long to wait for a target that is gone: elsewhere, where it may be restarted by others, and on this machine.
const PATIENCE: Duration = Duration::from_secs(60);
const SHORT_PATIENCE: Duration = Duration::from_secs(3);

/// What every request of the run carries.
pub(in crate::cli) fn context(
    contract: &Contract,
    settings: &Settings,
    seed: u64,
) -> Result<RequestContext, ConnectError> {
    let operation = contract.operation();
    let mut context = RequestContext { seed, ..RequestContext::default() };
    context.set_path(operation, path::values(operation, settings)?);
    context.private.extend(in_urls(settings));
    let mut headers = Headers::default();
    for header in &settings.headers {
        let Header { name, value, is_plain } = &header.value;
        let credential = |parameter: &Parameter| parameter.credential && parameter.name.eq_ignore_ascii_case(name);
        if operation.parameters.iter().any(credential) {
            return Err(ConnectError::CredentialInHeader(name.clone()));
        }
        headers.add(&mut context, name, value, *is_plain);
    }
    schemes::add(&mut context, contract, settings)?;
    if let Some(proxy) = &settings.proxy {
        context.private.extend(proxy.value.secrets.iter().cloned());
        let url = Url::parse(proxy.value.expose()).ok();
        let password = url.as_ref().and_then(Url::password);
        context.secrets.extend(password.map(|password| Secret::new("FENCEPOST_PROXY_PASSWORD", password)));
    }
    Ok(context)
}

/// The variables in the target's URL and in the values of the path, and these as a path has them.
fn in_urls(settings: &Settings) -> Vec<Secret> {
    let ids = settings.task_ids.iter().map(|id| &id.value);
    let in_path = ids.chain(settings.set.iter().map(|given| &given.value.1));
    let filled = settings.target.iter().map(|target| &target.value).chain(in_path);
    let mut secrets = Vec::new();
    for secret in filled.flat_map(|filled| &filled.secrets) {
        let coded = encoded(secret.expose().as_bytes(), RESERVED);
        if coded != secret.expose() {
            secrets.push(Secret::word(format!("{}_ENCODED", secret.name()), coded));
        }
        secrets.push(Secret::word(secret.name(), secret.expose()));
    }
    secrets
}

/// Finds out all that can be found out about the caller without a request or a command; tells whether the target is on this
/// machine.
pub(in crate::cli) fn check(contract: &Contract, settings: &Settings) -> Result<bool, ConnectError> {
    let mut context = context(contract, settings, 0)?;
    if !matches!(&settings.credentials, Some(Sourced { value: Credentials::TokenCommand(_), .. })) {
        add_credentials(&mut context, contract, settings)?;
    }
    let target = target(contract, settings, None)?;
    restore::given(settings)?;
    allowed::check(contract, settings, &target)?;
    Ok(target.is_loopback())
}

/// Adds what says who calls: a token, or what stands for the credentials that are put in later.
pub(in crate::cli) fn add_credentials(
    context: &mut RequestContext,
    contract: &Contract,
    settings: &Settings,
) -> Result<(), ConnectError> {
    let Some(Sourced { value: credentials, .. }) = &settings.credentials else { return Ok(()) };
    let marked = contract.operation().parameters.iter().any(|parameter| parameter.credential);
    if !marked && !matches!(credentials, Credentials::Signing { .. }) {
        return Err(ConnectError::NoCredentialHeader);
    }
    let stand_in = || Some(Secret::new(token::NAME, STAND_IN));
    match credentials {
        Credentials::Iam { url, user, password, domain, project } => {
            context.secrets.push(password.secret("FENCEPOST_PASSWORD"));
            context.secrets.extend(password.secrets.iter().cloned());
            context.private.extend([url, user, domain, project].into_iter().flat_map(|part| part.secrets.clone()));
            context.credential = stand_in();
        }
        Credentials::Signing { access_key, secret_key, project_id } => {
            context.secrets.push(secret_key.secret("FENCEPOST_SECRET_KEY"));
            context.secrets.extend(secret_key.secrets.iter().cloned());
            context.private.extend([access_key, project_id].into_iter().flat_map(|part| part.secrets.clone()));
            context.locks_out = true;
            context.credential = stand_in();
        }
        of_a_token => {
            let most = token::PATIENCE.as_secs();
            let told = format!("waiting for what `token_command` prints, for at most {most} s");
            let _vigil = Vigil::begin(settings.silence, move || told.clone());
            context.credential = token(of_a_token)?;
            let password = context.credential.as_ref().and_then(|token| basic_password(token.expose()));
            context.secrets.extend(password.map(|password| Secret::word("FENCEPOST_BASIC_PASSWORD", password)));
        }
    }
    Ok(())
}

/// The target that is meant: the settings' own, or at this URL.
pub(in crate::cli) fn target(
    contract: &Contract,
    settings: &Settings,
    stub_url: Option<String>,
) -> Result<HttpTarget, ConnectError> {
    let base_url = match (&settings.target, stub_url) {
        (_, Some(url)) => url,
        (Some(target), None) => target.value.expose().to_owned(),
        // Nothing is sent there: it stands for the stub that a check does not start.
        (None, None) => "http://127.0.0.1".to_owned(),
    };
    let transport = transport(settings)?;
    let near = transport.is_loopback(&base_url);
    let target = TargetSettings {
        base_url,
        timeout: settings.timeout.value,
        concurrency: usize::from(settings.concurrency.value),
        rate: settings.rate.as_ref().map(|rate| rate.value),
        patience: settings.patience.as_ref().map_or(if near { SHORT_PATIENCE } else { PATIENCE }, |told| told.value),
    };
    let login = login(contract, settings, &transport, &target)?;
    HttpTarget::over(&target, &transport, login).map_err(|error| match error {
        TargetError::Url { why, .. } => {
            let url = settings.target.as_ref().map(|target| without_user(target.value.shown()));
            TargetError::Url { url: url.unwrap_or_default(), why }.into()
        }
        other @ TargetError::Client(_) => other.into(),
    })
}

/// How requests get credentials that are not known beforehand.
fn login(
    contract: &Contract,
    settings: &Settings,
    transport: &Transport,
    target: &TargetSettings,
) -> Result<Option<Login>, ConnectError> {
    Ok(match settings.credentials.as_ref().map(|credentials| &credentials.value) {
        Some(Credentials::Iam { url, user, password, domain, project }) => {
            let settings = IamSettings {
                url: url.expose().to_owned(),
                user: user.expose().to_owned(),
                password: password.secret("FENCEPOST_PASSWORD"),
                domain: domain.expose().to_owned(),
                project: project.expose().to_owned(),
            };
            Some(Login::Iam(Box::new(Iam::new(settings, transport, target.timeout, target.patience)?)))
        }
        Some(Credentials::Signing { access_key, secret_key, project_id }) => Some(Login::Key(AccessKey {
            access_key: access_key.expose().to_owned(),
            secret_key: secret_key.secret("FENCEPOST_SECRET_KEY"),
            project_id: project_id.expose().to_owned(),
            signs_all: !contract.operation().parameters.iter().any(|parameter| parameter.credential),
        })),
        _ => None,
    })
}

/// How connections are made.
fn transport(settings: &Settings) -> Result<Transport, ConnectError> {
    let mut transport = Transport::default();
    let wrong = |key| move |error: TransportError| ConnectError::Transport { key, error };
    if let Some(proxy) = &settings.proxy {
        transport = transport.with_proxy(proxy.value.expose()).map_err(wrong("proxy"))?;
    }
    if let Some(path) = &settings.ca_file {
        transport = transport.with_authorities(&path.value).map_err(wrong("ca_file"))?;
    }
    if let Some(client) = &settings.client {
        let (certificate, key) = &client.value;
        let wrong = wrong("client_certificate` and `client_key");
        transport = transport.with_identity(certificate, key).map_err(wrong)?;
    }
    Ok(transport)
}
