//! What a fuzzer draws: the first choice says how many rules are broken, the rest is the generator's.

use super::choices::Choices;
use super::payload::{Case, Generator};

/// Enough to see that one broken rule does not hide another.
const MOST_BROKEN: usize = 3;

impl Generator {
    /// A legal body, or one that breaks up to three rules.
    pub fn drawn(&self, choices: &mut Choices<'_>) -> Case {
        let count = choices.pick(MOST_BROKEN + 1);
        self.violating(choices, count)
    }
}
