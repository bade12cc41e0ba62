//! What users and other programs meet: the command as a process, over real connections, against servers of every temper.
//!
//! One binary, so that it is built and linked once, and tests that wait do so beside tests that work.
#![cfg(feature = "cli")]

#[path = "../support/command.rs"]
mod command;
#[path = "../support/conforming.rs"]
mod conforming;
#[path = "../support/gateway.rs"]
mod gateway;
#[path = "../support/server.rs"]
mod server;

mod bad_targets;
mod cli;
mod coded_answers;
mod credentials;
mod curl;
mod header_secrets;
mod hostile;
mod journal;
mod journal_once;
mod over_the_wire;
mod readme;
mod transport;
