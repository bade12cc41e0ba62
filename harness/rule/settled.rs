//! Disputes that were settled and that no schema can say: they turn the rules that are listed.

use super::Rule;
use crate::contract::{Reading, Settled, Standing};

/// Makes firm the rules that no schema can say, in the reading that was noted in the operation.
pub(super) fn turn(rules: &mut [Rule], settled: &[Settled]) {
    for Settled { place, keyword, bound, reading } in settled {
        let meant =
            |rule: &&mut Rule| rule.place == *place && rule.keyword.as_str() == *keyword && rule.bound == *bound;
        for rule in rules.iter_mut().filter(|rule| rule.standing.is_disputed()).filter(meant) {
            rule.standing = Standing::Firm;
            // A limit has a legal side even where it holds.
            rule.inside = *reading == Reading::Accepted || (rule.inside && rule.outside);
            rule.outside = *reading == Reading::Refused;
        }
    }
}
