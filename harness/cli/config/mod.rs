//! What is set: on the command line, in the environment, in a profile. Sends nothing and prints nothing.

pub(in crate::cli) mod arguments;
pub(in crate::cli) mod error;
pub(in crate::cli) mod profile;
pub(in crate::cli) mod settings;
