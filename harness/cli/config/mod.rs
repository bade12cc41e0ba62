//! What is set: on the command line, in the environment, in a profile. Prints nothing, and sends nothing but a request for a
//! document that is given by its URL.

pub(in crate::cli) mod arguments;
pub(in crate::cli) mod contracts;
pub(in crate::cli) mod error;
mod many;
pub(in crate::cli) mod may;
mod meant;
pub(in crate::cli) mod min_rules;
pub(in crate::cli) mod profile;
mod reading;
pub(in crate::cli) mod settings;
pub(in crate::cli) mod source;
mod values;

pub use reading::ProfileReading;
pub(in crate::cli) use reading::today;
