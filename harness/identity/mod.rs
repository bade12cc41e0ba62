//! What things are known by: sites, rules' keywords and sides, findings, faults. Types, and one grammar that makes their text and
//! reads it back.
//!
//! The ground of the crate: a contract, its rules and all that follows name things by these, and they know none of it.

mod breach;
mod grammar;
mod id;
mod keyword;
mod side;
mod site;

pub use breach::{Breach, Broken};
#[cfg(feature = "cli")]
pub(crate) use grammar::place_before;
pub(crate) use grammar::{TOGETHER, unquoted, value as written_value};
pub use grammar::{Unreadable, Written};
pub use id::{Bound, FaultId, FindingId};
pub use keyword::Keyword;
pub use side::Side;
pub(crate) use site::fitting;
pub use site::{OperationName, Part, Site, StatusRange, Step, Within};
