//! What a run says of a target, or of the stub with some faults.

use fencepost::exchange::Target;
use fencepost::request_context::RequestContext;
use fencepost::rule::Keyword;
use fencepost::stub::{Fault, InProcess, Stub};
use fencepost::suite::{Suite, Untestable};
use fencepost::verdict::{Finding, Verdicts, verdicts};

/// The verdicts on a target, where it can be tested.
pub(crate) fn tried(suite: &Suite<'_>, target: &mut dyn Target) -> Result<Verdicts, Untestable> {
    let seen = suite.run(&RequestContext::default(), target, &mut |_| {})?;
    Ok(verdicts(suite, &seen))
}

/// The verdicts on a target that can be tested.
#[track_caller]
pub(crate) fn by(suite: &Suite<'_>, target: &mut dyn Target) -> Verdicts {
    tried(suite, target).unwrap_or_else(|error| panic!("{error}"))
}

/// The stub of a suite's contract with these faults.
pub(crate) fn stub(suite: &Suite<'_>, faults: Vec<Fault>) -> InProcess {
    InProcess(Stub::new(suite.contract(), faults))
}

/// The verdicts on the stub with these faults.
#[track_caller]
pub(crate) fn with(suite: &Suite<'_>, faults: Vec<Fault>) -> Verdicts {
    by(suite, &mut stub(suite, faults))
}

/// The ids of what was found, in the order of the report.
pub(crate) fn ids(verdicts: &Verdicts) -> Vec<String> {
    verdicts.findings.iter().map(Finding::id).collect()
}

/// The bodies in which pairs of legal values are sent to the clean stub.
#[track_caller]
pub(crate) fn pair_bodies(suite: &Suite<'_>) -> Vec<Vec<u8>> {
    let seen = suite.run(&RequestContext::default(), &mut stub(suite, Vec::new()), &mut |_| {});
    let seen = seen.unwrap_or_else(|error| panic!("{error}")).seen;
    let of_pairs = seen.iter().filter(|seen| suite.rules()[seen.rule].keyword == Keyword::Interaction);
    of_pairs.filter_map(|seen| Some(seen.exchange.request.body.as_deref()?.to_vec())).collect()
}
