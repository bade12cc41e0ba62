//! `fencepost contract`: prints the document as it is read.

use super::error::Failure;
use crate::cli::config::arguments::ContractArguments;
use crate::cli::console::exit::Exit;
use crate::cli::console::output;

pub(super) fn run(arguments: &ContractArguments) -> Result<Exit, Failure> {
    let contract = arguments.load()?;
    output::print(contract.text());
    Ok(Exit::Clean)
}
