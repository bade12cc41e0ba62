//! The search: random cases sent to a target, steered by what its answers show.
//!
//! A case whose answer shows something new is kept and varied further, so that the search goes deeper into the server than
//! chance alone would.

mod campaign;
mod culprit;
mod evidence;
mod feature;
mod plan;
mod shrink;

pub use campaign::{FuzzCampaign, News, SHRINKING};
pub use feature::{Feature, Features};
pub use plan::{Entry, Plan};
pub use shrink::{Attempt, Budget, shrink};
