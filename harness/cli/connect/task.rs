//! Which task is tested where several may be: the first that can be read.

use super::error::ConnectError;
use super::restore;
use crate::address::Address;
use crate::cli::config::settings::Settings;
use crate::cli::console::output;
use crate::contract::Contract;
use crate::target::HttpTarget;

/// Puts the first task that can be read into the address; the first of all where none can.
pub(in crate::cli) fn choose(
    contract: &Contract,
    address: &mut Address,
    settings: &Settings,
    target: &mut HttpTarget,
) -> Result<(), ConnectError> {
    if settings.task_ids.len() < 2 {
        return Ok(());
    }
    let noun = contract.operation().noun();
    for id in &settings.task_ids {
        let candidate = Address { path_values: vec![id.value.clone()], ..address.clone() };
        match restore::first_read(contract.operation(), &candidate, target) {
            Ok(_) => {
                *address = candidate;
                output::print(&format!("{noun} {}: the first that can be read\n", id.value))?;
                return Ok(());
            }
            // Whoever is not known here is not known there, and may be locked out for asking again.
            Err(unread) if unread.refuses_caller => break,
            Err(_) => {}
        }
    }
    output::print(&format!("{noun} {}: none can be read\n", settings.task_ids[0].value))?;
    Ok(())
}
