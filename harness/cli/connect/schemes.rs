//! Credentials by the document's security schemes: which go out, and what of them is never shown.

use data_encoding::BASE64;

use super::error::ConnectError;
use crate::cli::config::contracts::OpenContracts;
use crate::cli::config::settings::{Settings, variable};
use crate::contract::{Carriage, Contract, ParameterIn, SecurityScheme};
use crate::names::nearest;
use crate::request_context::RequestContext;
use crate::secret::Secret;
use crate::text::percent::{RESERVED, encoded};

/// Holds that every scheme that was given a credential is one of the document's, and that there is a credential.
fn check(known: &[SecurityScheme], settings: &Settings) -> Result<(), ConnectError> {
    for given in &settings.schemes {
        let (name, variable) = &given.value;
        let Some(scheme) = known.iter().find(|scheme| scheme.name == *name) else {
            let names: Vec<&str> = known.iter().map(|scheme| scheme.name.as_str()).collect();
            let hint = nearest(name, names.iter().copied());
            let all = if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
            return Err(ConnectError::UnknownScheme { name: name.clone(), hint, all });
        };
        if scheme.place().is_none() {
            return Err(ConnectError::SchemeOfNoRequest(name.clone()));
        }
        written(scheme, variable)?;
    }
    Ok(())
}

/// The operations as they are called: with what was given, or by a stub's caller with credentials that are made up.
pub(in crate::cli) fn called(open: OpenContracts, settings: &Settings) -> Result<OpenContracts, ConnectError> {
    check(&open.security_schemes(), settings)?;
    let mut by_hand = RequestContext::default();
    let headers = settings.headers.iter().map(|header| &header.value);
    by_hand.headers.extend(headers.map(|header| (header.name.clone(), header.value.expose().to_owned())));
    Ok(open.called_with(|scheme| {
        let is_given = || settings.schemes.iter().any(|given| given.value.0 == scheme.name);
        let is_by_hand = || scheme.place().is_some_and(|(location, name)| by_hand.own(location, name).is_some());
        let is_connected = scheme.carriage == Carriage::Connection && settings.client.is_some();
        settings.target.is_none() || is_connected || is_given() || is_by_hand()
    }))
}

/// Adds the credentials of the schemes that an operation is called with.
pub(super) fn add(context: &mut RequestContext, contract: &Contract, settings: &Settings) -> Result<(), ConnectError> {
    if !contract.operation().is_open && !settings.schemes.is_empty() {
        return Err(ConnectError::NoSchemes);
    }
    for scheme in &contract.operation().security.given {
        let given = settings.schemes.iter().find(|given| given.value.0 == scheme.name);
        let (Some(given), Some((location, _))) = (given, scheme.place()) else { continue };
        let variable = &given.value.1;
        let (value, raw) = written(scheme, variable)?;
        if location == ParameterIn::Header {
            context.secrets.push(Secret::word(variable, raw.as_str()));
        } else {
            // A service may well say it again: in a link to the next page, or as the cookie that it sets.
            let coded = encoded(raw.as_bytes(), RESERVED);
            if coded != raw {
                context.private.push(Secret::word(format!("{variable}_ENCODED"), coded));
            }
            context.private.push(Secret::word(variable, raw.as_str()));
        }
        if scheme.carriage == Carriage::Basic {
            let password = raw.split_once(':').map(|(_, password)| password).filter(|password| !password.is_empty());
            context.secrets.extend(password.map(|password| Secret::word(format!("{variable}_PASSWORD"), password)));
            context.secrets.push(Secret::word(format!("{variable}_BASE64"), value.as_str()));
        }
        context.schemes.insert(scheme.name.clone(), Secret::new(variable, value));
    }
    Ok(())
}

/// What a variable holds as a request carries it, and as it is.
fn written(scheme: &SecurityScheme, name: &str) -> Result<(String, String), ConnectError> {
    let unset = || ConnectError::UnsetCredential { variable: name.to_owned(), scheme: scheme.name.clone() };
    let wrong = |why| ConnectError::BadCredential { variable: name.to_owned(), scheme: scheme.name.clone(), why };
    let held = variable(name).ok_or_else(unset)?;
    let raw = held.trim();
    let fits = |character: char| match scheme.place() {
        Some((ParameterIn::Header, _)) => (' '..='~').contains(&character),
        Some((ParameterIn::Cookie, _)) => character.is_ascii_graphic() && !";,\"\\".contains(character),
        _ => true,
    };
    if raw.is_empty() {
        return Err(unset());
    }
    if scheme.carriage == Carriage::Basic {
        if !raw.contains(':') {
            return Err(wrong("is no user and password with a colon between them (`user:password`)"));
        }
        return Ok((BASE64.encode(raw.as_bytes()), raw.to_owned()));
    }
    if !raw.chars().all(fits) {
        return Err(wrong("has characters that its place in a request cannot carry"));
    }
    let token = match raw.split_once(' ') {
        Some((word, token)) if scheme.carriage == Carriage::Bearer && word.eq_ignore_ascii_case("bearer") => token,
        _ => raw,
    };
    Ok((token.trim().to_owned(), token.trim().to_owned()))
}
