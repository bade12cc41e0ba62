//! A scripted server that keeps a contract wherever the test does not meddle.

use fencepost::Contract;
use fencepost::exchange::{Request, Response};
use fencepost::stub::{Reply, Stub};

use crate::server::{Peer, Server};

/// A server that keeps the shipped contract, and answers with what `script` makes of the right answer; like any script, it may also do without one.
pub(crate) fn conforming(
    script: impl Fn(&Request, Response, &Peer) -> Option<Vec<u8>> + Send + Sync + 'static,
) -> Server {
    keeping(&Contract::shipped(), script)
}

/// The same for another contract.
pub(crate) fn keeping(
    contract: &Contract,
    script: impl Fn(&Request, Response, &Peer) -> Option<Vec<u8>> + Send + Sync + 'static,
) -> Server {
    let stub = Stub::new(contract, Vec::new());
    Server::http(move |request, peer| match stub.reply(request) {
        Reply::Answer(answer) => script(request, answer, peer),
        // Only a stub with faults does that.
        Reply::Hang | Reply::Drop => None,
    })
}
