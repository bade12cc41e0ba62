//! The command line: the only place that reads arguments, prints, and decides on exit codes.
//!
//! `config` knows what is set, `console` prints, `connect` makes a target of the settings, and `command` does what was asked
//! for: it imports the other three, `connect` the first two, and those two nothing here.

mod command;
mod config;
mod connect;
mod console;

pub use command::main;
pub use config::ProfileReading;
