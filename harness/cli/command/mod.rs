//! The commands, one file each, and which of them was called for.

mod consumer;
mod contract;
mod error;
mod fuzz;
mod fuzz_seeds;
mod profile;
mod promote;
mod rules;
mod run;
mod serve;

use std::process::ExitCode;

use clap::Parser as _;

use super::config::arguments::{Arguments, Command};
use super::console::exit::Exit;
use super::console::output;

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
        Command::Contract(arguments) => contract::run(&arguments),
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

/// The time in UTC, to the millisecond, as reports write it.
fn now() -> String {
    format!("{:.3}", jiff::Timestamp::now())
}

/// The date in UTC, as waivers write it.
fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}
