//! The way to a target: TLS by the word of a private authority, a certificate of our own, and a proxy, each met for real on
//! the loopback interface; and files that cannot be used.

mod authority;
mod proxy;
mod tls;

use std::fs;

use crate::command::{Fencepost, fencepost};

/// A run with a profile of these keys.
fn run(keys: &str) -> Fencepost {
    let run = fencepost(&["run", "--profile", "far", "--report-json", "report.json"]);
    fs::write(run.folder.path.join("fencepost.toml"), format!("[profile.far]\n{keys}")).expect("a file can be written");
    run
}
