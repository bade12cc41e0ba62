//! What a profile says of the rules of a document's operations: its settled disputes, and its waivers.
//!
//! An entry need not be about every operation, but it is about one, or it is a slip of the pen.

use super::contracts::OpenContracts;
use super::error::ConfigError;
use super::profile::{hint, unknown_waiver};
use super::settings::Settings;
use crate::settle::{SettleError, settle, settle_here};

/// How it begins where not even the place is there.
const NO_PLACE: &str = "no rule stands at";

impl Settings {
    /// The operations in the reading of the profile; an error where an entry of it is about none of them.
    pub(in crate::cli) fn reading_of_all(&self, open: OpenContracts) -> Result<OpenContracts, ConfigError> {
        let all = |count: usize| (0..count).map(|number| (number, None)).collect::<Vec<(usize, Option<String>)>>();
        let (mut settled, mut waivers) = (all(self.settled.len()), all(self.waivers.len()));
        if settled.is_empty() && waivers.is_empty() {
            return Ok(open);
        }
        for opened in open.operations() {
            let Ok(contract) = opened.contract else { continue };
            settled.retain_mut(|(number, why)| {
                let settlement = &self.settled[*number];
                let told = |error: &SettleError| format!("{error}{}", hint(&contract, settlement, error));
                let error = settle(&contract, std::slice::from_ref(settlement)).err();
                is_elsewhere(why, error.map(|(_, error)| told(&error)))
            });
            let contract = settle_here(&contract, &self.settled).map_err(|(number, error)| {
                let hint = hint(&contract, &self.settled[number], &error);
                self.error(&["settled", &number.to_string()], format!("{error}{hint}"))
            })?;
            waivers.retain_mut(|(number, why)| {
                let unknown = unknown_waiver(&contract, std::slice::from_ref(&self.waivers[*number]));
                is_elsewhere(why, unknown.map(|(_, problem)| problem))
            });
        }
        let error = |keys: &[&str], why: Option<String>| {
            Err(self.error(keys, why.unwrap_or_else(|| "no operation of the document can be tested".to_owned())))
        };
        if let Some((number, why)) = settled.into_iter().next() {
            return error(&["settled", &number.to_string()], why);
        }
        match waivers.into_iter().next() {
            Some((number, why)) => error(&["waivers", &number.to_string(), "id"], why),
            None => Ok(open.settled(self.settled.clone())),
        }
    }
}

/// Whether an entry is not about an operation; then why is kept, best of the operation that it comes nearest to.
fn is_elsewhere(why: &mut Option<String>, problem: Option<String>) -> bool {
    let Some(problem) = problem else { return false };
    let nearness = |why: &String| (!why.starts_with(NO_PLACE), why.contains("did you mean"));
    if why.as_ref().is_none_or(|why| nearness(why) < nearness(&problem)) {
        *why = Some(problem);
    }
    true
}
