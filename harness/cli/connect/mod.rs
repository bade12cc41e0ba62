//! From settings to a target that can be sent requests: who calls, what the path names, what is put back. Knows no command.

mod allowed;
pub(in crate::cli) mod caller;
pub(in crate::cli) mod dial;
pub(in crate::cli) mod error;
pub(in crate::cli) mod faults;
pub(in crate::cli) mod header;
pub(in crate::cli) mod interrupts;
pub(in crate::cli) mod open_files;
pub(in crate::cli) mod path;
pub(in crate::cli) mod restore;
pub(in crate::cli) mod schemes;
pub(in crate::cli) mod stub;
mod token;
