//! Conducts a run: from the credentials through the probes to the task that is put back, whatever comes between.

use super::error::Failure;
use super::progress::Progress;
use super::reach::log_in;
use super::restore::{Given, Restorer};
use crate::report::Subject;
use crate::suite::{Observations, Suite, Untestable};
use crate::target::HttpTarget;

/// Sends the probes of a suite to a target. Where that has a task of somebody's, it is as it was afterwards, or as `given`
/// says.
pub(super) fn conduct(
    suite: &Suite<'_>,
    subject: &Subject,
    target: &mut HttpTarget,
    is_own: bool,
    given: Option<Given>,
) -> Result<Result<Observations, Untestable>, Failure> {
    if let Err(untestable) = log_in(target) {
        return Ok(Err(untestable));
    }
    let (contract, address) = (suite.contract(), &subject.address);
    let restorer = if is_own {
        Restorer::unneeded(contract, address)
    } else {
        Restorer::new(contract, address, target, given, None)?
    };
    let mut progress = Progress::new();
    let seen = suite.run(address, target, &mut |event| progress.show(event));
    progress.finish();
    restorer.put_back(target, seen.is_ok())?;
    Ok(seen)
}
