//! The profiles of `fencepost.toml`: what is written there, and what it amounts to.

mod file;
mod fill;
mod resolve;
mod rules;

pub(in crate::cli) use file::{File, FileError, NAME, STUB, is_name};
pub(in crate::cli) use fill::Filled;
pub(in crate::cli) use resolve::{Credentials, Header, Profile};
pub(in crate::cli) use rules::{hint, unknown_waiver};
