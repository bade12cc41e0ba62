//! Fencepost tests an HTTP endpoint against its OpenAPI contract, rule by rule, from both sides of every fence.
pub mod address;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compose;
pub mod contract;
pub mod exchange;
pub mod json;
pub mod oracle;
pub mod probe;
pub mod report;
pub mod rule;
#[cfg(feature = "cli")]
pub mod snapshot;
pub mod stub;
pub mod suite;
#[cfg(feature = "net")]
pub mod target;
pub mod validate;
pub mod verdict;
pub use contract::{Contract, ContractError};
