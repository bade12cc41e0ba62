//! The `fencepost` command: parses its arguments, runs, and exits with a documented code.

use std::process::ExitCode;

fn main() -> ExitCode {
    fencepost::cli::main()
}
