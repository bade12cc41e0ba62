//! The command line: the only place that reads arguments, prints, and decides on exit codes.

mod allowed;
mod arguments;
mod caller;
mod conduct;
mod error;
mod fuzz;
mod fuzz_seeds;
mod output;
mod plan;
mod profile;
mod progress;
mod promote;
mod reach;
mod restore;
mod rules;
mod run;
mod serve;
mod settings;
mod task;
mod token;

use std::process::ExitCode;

use clap::Parser;

use crate::contract::{Contract, ContractError};
use arguments::{Arguments, Command, ContractArguments};
use error::Failure;

/// How a command ends; the numbers are an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// No finding.
    Clean,
    /// Findings, or drift from the profile's snapshots.
    Findings,
    /// Usage, configuration or contract error.
    Usage,
    /// The target could not be tested.
    Untestable,
    /// Interrupted by the user.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Untestable => 3,
            Exit::Interrupted => 130,
        })
    }
}

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return explained(&error).into(),
    };
    let outcome = match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Contract(arguments) => print_contract(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::FuzzSeeds(arguments) => fuzz_seeds::run(&arguments),
        Command::Promote(arguments) => promote::run(&arguments),
        Command::Profile(command) => profile::run(&command),
    };
    match outcome {
        Ok(exit) => exit,
        Err(failure) => {
            output::complain(&failure.to_string());
            failure.exit()
        }
    }
    .into()
}

/// Help and version go to standard output and are no errors; everything else is one.
fn explained(error: &clap::Error) -> Exit {
    // Nobody is left to tell where even this cannot be printed.
    let _ = error.print();
    if error.use_stderr() { Exit::Usage } else { Exit::Clean }
}

fn print_contract(arguments: &ContractArguments) -> Result<Exit, Failure> {
    let contract = arguments.load()?;
    output::print(contract.text())?;
    Ok(Exit::Clean)
}

impl ContractArguments {
    fn load(&self) -> Result<Contract, ContractError> {
        match &self.contract {
            Some(path) => Contract::from_file(path),
            None => Ok(Contract::shipped()),
        }
    }
}
