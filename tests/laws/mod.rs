//! The laws that hold for every input: one file a kind of input. The fuzz targets hunt for an input that breaks one; `cargo
//! test` holds them for the seeds and for what was found before.

pub(crate) mod case;
pub(crate) mod contract;
pub(crate) mod payload;
