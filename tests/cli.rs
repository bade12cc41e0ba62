//! The command line as its users and the programs that call it see it: what is printed where, the exit codes, the
//! report file. These are interfaces; a change that breaks one of these tests breaks somebody's script.
#![cfg(feature = "cli")]

#[path = "support/command.rs"]
mod command;
#[path = "support/conforming.rs"]
mod conforming;
#[path = "cli/fuzz.rs"]
mod fuzz;
#[path = "cli/fuzz_seeds.rs"]
mod fuzz_seeds;
#[path = "cli/interrupt.rs"]
mod interrupt;
#[path = "cli/limits.rs"]
mod limits;
#[path = "cli/listing.rs"]
mod listing;
#[path = "cli/profile.rs"]
mod profile;
#[path = "cli/profile_check.rs"]
mod profile_check;
#[path = "cli/promote.rs"]
mod promote;
#[path = "cli/report.rs"]
mod report;
#[path = "cli/restore.rs"]
mod restore;
#[path = "cli/run.rs"]
mod run;
#[path = "cli/secret.rs"]
mod secret;
#[path = "cli/selection.rs"]
mod selection;
#[path = "cli/serve.rs"]
mod serve;
#[path = "support/server.rs"]
mod server;
#[path = "cli/settings.rs"]
mod settings;
#[path = "cli/usage.rs"]
mod usage;

use command::Ended;

/// The report that a command was told to write to `report.json`.
#[track_caller]
fn report_of(ended: &Ended) -> String {
    let text = std::fs::read_to_string(ended.folder.path.join("report.json"));
    text.unwrap_or_else(|error| panic!("no report: {error}\n{ended}"))
}

/// Asks a running command to end, as Ctrl-C does.
#[track_caller]
fn interrupt(process: &command::Process) {
    send("INT", process);
}

/// Sends a running command a signal.
#[track_caller]
fn send(signal: &str, process: &command::Process) {
    let pid = process.0.id();
    let killed = std::process::Command::new("sh").args(["-c", &format!("kill -{signal} {pid}")]).status();
    assert!(killed.expect("a shell can be started").success(), "{pid} cannot be told to end");
}
