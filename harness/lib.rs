//! Fencepost tests an HTTP endpoint against its OpenAPI contract, rule by rule, from both sides of every fence.
//!
//! # The idea
//!
//! A [`Contract`] is data; everything else is derived from it. It yields [rules](rule): one constraint at one place, such as
//! `maxLength 255` at `body.name`. Each rule yields [probes](probe): requests that stand just inside the fence and must be
//! accepted, and just outside and must be refused. A [suite] sends them to a [target](exchange::Target), asks again whatever
//! surprises, and hands what it saw to the [verdicts](verdict): one word for each rule, one finding for each cause.
//!
//! Any OpenAPI [`Document`](document::Document) can be [opened](open::open), operation by operation; each is a contract.
//!
//! ```
//! use fencepost::request_context::RequestContext;
//! use fencepost::stub::{InProcess, Stub};
//! use fencepost::suite::Suite;
//! use fencepost::Contract;
//! use fencepost::verdict::verdicts;
//!
//! let contract = Contract::shipped();
//! let suite = Suite::new(&contract);
//! let mut target = InProcess(Stub::new(&contract, Vec::new()));
//! let seen = suite.run(&RequestContext::default(), &mut target, &mut |_| {}).expect("the stub answers");
//! let verdicts = verdicts(&suite, &seen);
//! assert!(verdicts.findings.is_empty());
//! ```
//!
//! # What knows what
//!
//! Data goes one way, and a later stage never reaches back. What judges bodies ([`validate`]) is not what makes them
//! ([`compose`], [`probe`]): tests hold the two against each other. No code knows a field of any particular API. Nothing does
//! I/O or reads a clock but `target`, the stub's servers, `snapshot`, `journal`, `corpus` and `cli`, which the features `net`
//! and `cli` switch on; without them the core is left. A module imports only from those above it; a test holds both.

mod carrier;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compose;
pub mod contract;
#[cfg(feature = "cli")]
pub mod corpus;
pub mod document;
pub mod event;
pub mod exchange;
mod fingerprint;
pub mod generate;
#[cfg(feature = "net")]
mod hex;
mod identity;
#[cfg(feature = "cli")]
pub mod journal;
pub mod json;
mod keyword;
mod names;
pub mod open;
pub mod oracle;
pub mod probe;
#[cfg(feature = "cli")]
pub mod regression;
pub mod report;
pub mod request_context;
pub mod rule;
pub mod search;
pub mod secret;
pub mod seeds;
pub mod session;
pub mod settle;
#[cfg(feature = "cli")]
pub mod snapshot;
pub mod stub;
pub mod suite;
#[cfg(feature = "net")]
pub mod target;
mod text;
mod token;
pub mod validate;
pub mod verdict;
#[cfg(feature = "cli")]
mod whole_file;

pub use contract::{Contract, ContractError};
