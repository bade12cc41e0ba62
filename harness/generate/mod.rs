//! Generators: from choices to cases. A case is a body and the rules that it breaks, most often none or one.
//!
//! Pure and total: every sequence of choices gives a case, the same one each time. Two drivers draw the choices: proptest
//! (`valid` and `violating`, with the feature `proptest`) and libFuzzer (`RawChoices`, which the feature `arbitrary` makes one
//! of its inputs). Nothing here asks the validator what is legal; tests hold the two against each other.

mod choices;
mod drawn;
mod payload;
mod raw;
#[cfg(feature = "proptest")]
mod strategy;

pub use choices::{Choices, Span, Splice, Trace};
pub use payload::{Case, Generator};
pub use raw::RawChoices;
#[cfg(feature = "proptest")]
pub use strategy::{valid, violating};

/// Enough choices for a body with every place filled.
const MOST_CHOICES: usize = 1_500;
