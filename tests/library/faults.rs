//! Every fault of the stub is found, alone, under its own name; the clean stub gives no finding.
//!
//! The stub's responder is called in process: the same suite, oracle and verdicts as over the network, without sockets. The
//! faults of the shipped contract are many, so they are tested in shares, side by side, and each tells when it is done.

mod open;
mod shipped;
mod small;

use fencepost::Contract;
use fencepost::stub::Fault;
use fencepost::suite::Suite;

use crate::tested;

/// What is wrong with what is found of each of these faults; they are planted one at a time.
pub(crate) fn missed<'a>(contract: &Contract, faults: impl Iterator<Item = &'a Fault>) -> Vec<String> {
    let suite = Suite::new(contract);
    faults
        .filter_map(|fault| {
            let wanted = fault.finding();
            let found: Vec<String> = match tested::tried(&suite, &mut tested::stub(&suite, vec![fault.clone()])) {
                Ok(verdicts) => tested::ids(&verdicts),
                Err(error) => vec![error.to_string()],
            };
            (found != [wanted]).then(|| format!("{}: found {found:?}", fault.name()))
        })
        .collect()
}
