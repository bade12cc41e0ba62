//! Whether a document's paths begin where a target has them. Where nothing but 404 is answered, a few requests that read tell
//! below which path there is something: thousands of probes would tell no more.

use crate::cli::config::contracts::OpenContracts;
use crate::cli::config::settings::Settings;
use crate::cli::connect::caller;
use crate::cli::connect::dial::log_in;
use crate::contract::{Contract, Operation};
use crate::exchange::{Outcome, Target as _};
use crate::request_context::{RequestContext, RequestOverride};
use crate::suite::Untestable;
use crate::target::HttpTarget;

/// After so many operations of which nothing is there, and no other, it is asked where they are.
const MOST_MISSING: usize = 3;
/// So many paths are asked for below each.
const MOST_PATHS: usize = 4;
/// Where services have their paths, beside where the document says.
const USUAL: [&str; 8] = ["", "/api", "/v1", "/v2", "/v3", "/api/v1", "/api/v2", "/api/v3"];
/// What is below no path.
const NOWHERE: &str = "/fencepost-no-such-thing";

/// What answers have told of where the paths of a document begin.
#[derive(Default)]
pub(super) struct BasePath {
    missing: usize,
    is_settled: bool,
}

impl BasePath {
    /// Notes what came of an operation; true where it is to be asked where the paths begin.
    pub(super) fn is_in_doubt(&mut self, operation: &Operation, untestable: Option<&Untestable>) -> bool {
        match untestable {
            // A thing that its path names need not be there.
            Some(why) if why.is_missing() && operation.path_parameters().next().is_some() => false,
            Some(why) if why.is_missing() => {
                self.missing += 1;
                !self.is_settled && self.missing >= MOST_MISSING
            }
            Some(why) if !why.is_answer() => false,
            _ => {
                self.is_settled = true;
                false
            }
        }
    }

    /// Asks below which path something is there; where that is another than the one that is tested, what to do about it.
    pub(super) fn look(
        &mut self,
        open: &OpenContracts,
        settings: &Settings,
        (contract, context): (&Contract, &RequestContext),
    ) -> Option<String> {
        self.is_settled = true;
        let (host, given) = origin(settings.url())?;
        let mut target = caller::target(contract, settings, Some(host.clone())).ok()?;
        log_in(&mut target).ok()?;
        let own = format!("{given}{}", contract.operation().base_path);
        let reads: Vec<Operation> = open
            .operations()
            .filter_map(|opened| opened.contract.ok())
            .map(|contract| contract.operation().clone())
            .filter(|operation| operation.method == "GET" && operation.path_parameters().next().is_none())
            .take(MOST_PATHS)
            .collect();
        let mut asked = Asked { target: &mut target, context, reads: &reads };
        if asked.is_below(&own) {
            return None;
        }
        let said = open.document().base_paths().iter().flat_map(|path| [format!("{given}{path}"), path.clone()]);
        let mut others: Vec<String> = said.chain(USUAL.map(str::to_owned)).collect();
        others.retain(|path| *path != own);
        let found = others.iter().find(|path| asked.is_below(path))?;
        let (to, path) = (settings.name(), if found.is_empty() { "/" } else { found });
        let shown = if own.is_empty() { "/".to_owned() } else { own };
        let remedy = if given.is_empty() {
            format!("give --base-path {path}")
        } else {
            format!("give --target {host} --base-path {path}")
        };
        Some(format!("{to} answers 404 to all that is asked below {shown}, and something else below {path}: {remedy}"))
    }
}

/// A few operations that read, asked for below one path or another.
struct Asked<'a> {
    target: &'a mut HttpTarget,
    context: &'a RequestContext,
    reads: &'a [Operation],
}

impl Asked<'_> {
    /// Whether one of them is there, where not everything is.
    fn is_below(&mut self, base_path: &str) -> bool {
        let nowhere = Operation {
            path: NOWHERE.to_owned(),
            ..match self.reads.first() {
                Some(operation) => operation.clone(),
                None => return false,
            }
        };
        (0..self.reads.len()).any(|index| self.is_there(&self.reads[index].clone(), base_path))
            && !self.is_there(&nowhere, base_path)
    }

    fn is_there(&mut self, operation: &Operation, base_path: &str) -> bool {
        let operation = Operation { base_path: base_path.to_owned(), ..operation.clone() };
        let request = self.context.request(&operation, None, &RequestOverride::default());
        match self.target.send_one(&request).outcome {
            Outcome::Answer(answer) => answer.status != 404,
            _ => false,
        }
    }
}

/// The scheme, host and port of a URL, and its path without a slash at its end.
fn origin(url: &str) -> Option<(String, String)> {
    let url = reqwest::Url::parse(url).ok()?;
    let path = url.path().trim_end_matches('/').to_owned();
    Some((url.origin().ascii_serialization(), path))
}
