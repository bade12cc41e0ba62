//! The command line as its users and the programs that call it see it: what is printed where, the exit codes, the
//! report file. These are interfaces; a change that breaks one of these tests breaks somebody's script.

mod baseline;
mod documents;
mod fuzz;
mod fuzz_seeds;
mod honest;
mod interrupt;
mod limits;
mod listing;
mod live;
mod meant;
mod odd_names;
mod other_contracts;
mod parts;
mod profile;
mod profile_check;
mod profile_of_many;
mod promote;
mod report;
mod restore;
mod run;
mod secret;
mod selection;
mod serve;
mod served;
mod settings;
mod several_files;
mod short_of;
mod silence;
mod streams;
mod unanswered;
mod usage;
mod where_it_is;
mod wrong_readings;

use crate::command::Ended;

/// The report that a command was told to write to `report.json`.
#[track_caller]
fn report_of(ended: &Ended) -> String {
    let text = std::fs::read_to_string(ended.folder.path.join("report.json"));
    text.unwrap_or_else(|error| panic!("no report: {error}\n{ended}"))
}

/// Asks a running command to end, as Ctrl-C does.
#[track_caller]
fn interrupt(process: &crate::command::Process) {
    send("INT", process);
}

/// Sends a running command a signal.
#[track_caller]
fn send(signal: &str, process: &crate::command::Process) {
    let pid = process.0.id();
    let killed = std::process::Command::new("sh").args(["-c", &format!("kill -{signal} {pid}")]).status();
    assert!(killed.expect("a shell can be started").success(), "{pid} cannot be told to end");
}
