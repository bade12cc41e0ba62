//! What stands in the path of every request: the values that were given for its parameters, and which of several ids.

use std::collections::BTreeSet;

use super::error::ConnectError;
use super::restore;
use crate::cli::config::profile::Filled;
use crate::cli::config::settings::Settings;
use crate::contract::{Contract, Operation, Parameter};
use crate::event::Event;
use crate::identity::place_before;
use crate::names::nearest;
use crate::request_context::RequestContext;
use crate::target::HttpTarget;

/// The option that gives the value of the first parameter, whatever it is called.
const TASK_ID: &str = "--task-id";

/// The values for the parameters of the path, as far as any were given, in the order of the contract; nothing where the
/// contract's own will do.
pub(in crate::cli) fn values(operation: &Operation, settings: &Settings) -> Result<Vec<Option<String>>, ConnectError> {
    let parameters: Vec<&Parameter> = operation.path_parameters().collect();
    let mut values = vec![None; parameters.len()];
    for id in &settings.task_ids {
        check(TASK_ID, id.value.expose())?;
        let first = values.first_mut().ok_or_else(|| ConnectError::NoPathParameter(TASK_ID.to_owned()))?;
        first.get_or_insert_with(|| id.value.expose().to_owned());
    }
    for given in &settings.set {
        let (place, value) = &given.value;
        let option = format!("--set {place}");
        if parameters.is_empty() && !operation.is_open {
            return Err(ConnectError::NoPathParameter(option));
        }
        let written = place_before(place).filter(|(_, rest)| rest.is_empty()).map(|(written, _)| written);
        let is_meant = |parameter: &&Parameter| {
            written.as_deref() == Some(parameter.site.as_str()) || place.strip_prefix("path.") == Some(&parameter.name)
        };
        let Some(number) = parameters.iter().position(is_meant) else {
            // Of many operations another one has it.
            if operation.is_open {
                continue;
            }
            let known: Vec<&str> = parameters.iter().map(|parameter| parameter.site.as_str()).collect();
            let hint = nearest(place, known.iter().copied());
            return Err(ConnectError::UnknownParameter { place: place.clone(), hint, known: known.join(", ") });
        };
        check(&option, value.expose())?;
        if number == 0 && !settings.task_ids.is_empty() {
            return Err(ConnectError::GivenTwice(place.clone()));
        }
        values[number] = Some(value.expose().to_owned());
    }
    Ok(values)
}

/// Holds that each value that was given is of one of these places.
pub(in crate::cli) fn check_known(known: &BTreeSet<String>, settings: &Settings) -> Result<(), ConnectError> {
    for given in &settings.set {
        let place = &given.value.0;
        let written = place_before(place).filter(|(_, rest)| rest.is_empty()).map(|(written, _)| written);
        let is_known = |known: &String| written.as_ref() == Some(known) || place == known;
        if !known.iter().any(is_known) {
            let hint = nearest(place, known.iter().map(String::as_str));
            let known = known.iter().cloned().collect::<Vec<_>>().join(", ");
            return Err(ConnectError::UnknownParameter { place: place.clone(), hint, known });
        }
    }
    Ok(())
}

fn check(option: &str, value: &str) -> Result<(), ConnectError> {
    match value {
        "" => Err(ConnectError::EmptyPathValue(option.to_owned())),
        "." | ".." => Err(ConnectError::DotPathValue(option.to_owned(), value.to_owned())),
        _ => Ok(()),
    }
}

/// The id that was chosen among several.
pub(in crate::cli) struct Choice {
    noun: String,
    /// As it may be shown.
    id: String,
    is_read: bool,
}

impl Choice {
    pub(in crate::cli) fn event(&self) -> Event<'_> {
        Event::Chosen { noun: &self.noun, id: &self.id, is_read: self.is_read }
    }
}

/// Puts the first id that can be read into the address; the first of all where none can. Nothing where there is no choice.
pub(in crate::cli) fn choose(
    contract: &Contract,
    context: &mut RequestContext,
    settings: &Settings,
    target: &mut HttpTarget,
) -> Option<Choice> {
    if settings.task_ids.len() < 2 {
        return None;
    }
    let chosen =
        |id: &Filled, is_read| Some(Choice { noun: contract.operation().noun(), id: id.shown().to_owned(), is_read });
    for id in &settings.task_ids {
        let mut candidate = context.clone();
        id.value.expose().clone_into(&mut candidate.path_values[0]);
        match restore::first_read(contract.operation(), &candidate, target) {
            Ok(read) if read.is_sure() => {
                *context = candidate;
                return chosen(&id.value, true);
            }
            // Whoever is not known here is not known there, and may be locked out for asking again.
            Err(unread) if unread.refuses_caller => break,
            Ok(_) | Err(_) => {}
        }
    }
    chosen(&settings.task_ids[0].value, false)
}
