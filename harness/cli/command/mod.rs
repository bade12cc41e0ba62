//! The commands, one file each, and which of them was called for.

mod check;
mod consumer;
mod contract;
mod error;
mod file_name;
mod fuzz;
mod fuzz_seeds;
mod profile;
mod promote;
mod rules;
mod run;
mod serve;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::config::arguments::{Arguments, Command};
use super::console::exit::Exit;
use super::console::{limits, output};

/// The options whose values may be credentials.
const TELLING: [&str; 5] = ["--credential", "--header", "--plain-header", "--set", "--task-id"];

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return explained(&without_values(error)).into(),
    };
    limits::are_errors();
    let outcome = match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Contract(arguments) => contract::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::FuzzSeeds(arguments) => fuzz_seeds::run(&arguments),
        Command::Promote(arguments) => promote::run(&arguments),
        Command::Profile(command) => profile::run(&command),
    };
    let exit = match outcome {
        Ok(exit) => exit,
        Err(failure) => {
            output::complain(&failure.to_string());
            failure.exit()
        }
    };
    // What nobody could read is not clean.
    if exit == Exit::Clean && output::is_lost() { Exit::Usage } else { exit }.into()
}

/// Help and version go to standard output and are no errors; everything else is one.
fn explained(error: &clap::Error) -> Exit {
    // Nobody is left to tell where even this cannot be printed.
    let _ = error.print();
    if error.use_stderr() { Exit::Usage } else { Exit::Clean }
}

/// The error without what may be a credential: the value of an option that takes some, and, where a header was given without
/// quotes, the words of it.
fn without_values(mut error: clap::Error) -> clap::Error {
    let hidden = || ContextValue::String("(not shown)".to_owned());
    let option = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    let has_header = || std::env::args().any(|argument| argument.contains("-header"));
    match error.kind() {
        ErrorKind::ValueValidation if TELLING.iter().any(|telling| option.starts_with(telling)) => {
            error.insert(ContextKind::InvalidValue, hidden());
        }
        ErrorKind::UnknownArgument if !option.starts_with('-') && has_header() => {
            error.insert(ContextKind::InvalidArg, hidden());
        }
        _ => {}
    }
    error
}

/// The time in UTC, to the millisecond, as reports write it.
fn now() -> String {
    format!("{:.3}", jiff::Timestamp::now())
}
