//! Every fault of the stub is found, alone, under its own name; the clean stub gives no finding.
//!
//! The stub's responder is called in process: the same suite, oracle and verdicts as over the network, without sockets. The
//! faults of the shipped contract are many, so they are tested in shares, side by side, and each tells when it is done.

mod shipped;
mod small;

use fencepost::Contract;
use fencepost::address::Address;
use fencepost::stub::{Fault, InProcess, Stub};
use fencepost::suite::Suite;
use fencepost::verdict::{Verdicts, verdicts};

fn tested(suite: &Suite<'_>, faults: Vec<Fault>) -> Result<Verdicts, String> {
    let mut target = InProcess(Stub::new(suite.contract(), faults));
    let seen = suite.run(&Address::default(), &mut target, &mut |_| {}).map_err(|error| error.to_string())?;
    Ok(verdicts(suite, &seen))
}

/// What is wrong with what is found of each of these faults; they are planted one at a time.
fn missed<'a>(contract: &Contract, faults: impl Iterator<Item = &'a Fault>) -> Vec<String> {
    let suite = Suite::new(contract);
    faults
        .filter_map(|fault| {
            let wanted = fault.finding();
            let found: Vec<String> = match tested(&suite, vec![fault.clone()]) {
                Ok(verdicts) => verdicts.findings.iter().map(|finding| finding.id.short()).collect(),
                Err(error) => vec![error],
            };
            (found != [wanted]).then(|| format!("{}: found {found:?}", fault.name()))
        })
        .collect()
}
