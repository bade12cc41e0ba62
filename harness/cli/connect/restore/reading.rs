//! Reads the thing with GET, and asks so that a first wish for an end does not keep it from being put back.

use super::Body;
use super::likeness::{Likeness, likeness};
use crate::contract::Operation;
use crate::exchange::{Outcome, Request, Response, Target as _};
use crate::report;
use crate::request_context::{RequestContext, RequestOverride};
use crate::target::HttpTarget;

/// Longer answers are not read to their end.
const LARGE: usize = 1_000_000;
/// How often it is read anew where the target fails, or says what may be an error.
const READINGS: usize = 2;
/// Why there is no answer in a run that was halted.
pub(super) const HALTED: &str = "interrupted";

/// What was read of the thing.
pub(in crate::cli) struct Read {
    pub(super) body: Body,
    /// Why it may be something else; nothing where it is the thing.
    pub(super) doubt: Option<String>,
}

impl Read {
    /// Whether it is the thing, and nothing that only looks like it.
    pub(in crate::cli) fn is_sure(&self) -> bool {
        self.doubt.is_none()
    }
}

/// Why the thing could not be read.
pub(in crate::cli) struct Unread {
    pub(in crate::cli) why: String,
    /// Whether the target does not let the caller in.
    pub(in crate::cli) refuses_caller: bool,
    /// Whether the run was halted.
    pub(super) halted: bool,
}

/// The thing before anything is sent to it; an error that says why it cannot be read.
pub(in crate::cli) fn first_read(
    operation: &Operation,
    context: &RequestContext,
    target: &mut HttpTarget,
) -> Result<Read, Unread> {
    read(operation, context, target, &|| false)
}

/// The same at any time; `goes_on` tells whether a wish for an end is passed over.
pub(super) fn read(
    operation: &Operation,
    context: &RequestContext,
    target: &mut HttpTarget,
    goes_on: &dyn Fn() -> bool,
) -> Result<Read, Unread> {
    let special =
        RequestOverride { method: Some("GET".to_owned()), content_type: Some(None), ..RequestOverride::default() };
    let request = context.request(operation, None, &special);
    let mut readings = 0;
    loop {
        let outcome = asked(target, &request, goes_on);
        // What is not answered in time costs the whole time limit.
        readings += usize::from(outcome == Outcome::Timeout);
        let (read, may_pass) = made_of(outcome, operation, context);
        // Before anything is overwritten it is worth another try.
        if !(may_pass && readings < READINGS && target.pause(readings)) {
            return read;
        }
        readings += 1;
    }
}

/// What an answer to GET says of the thing, and whether another answer may say something else.
fn made_of(outcome: Outcome, operation: &Operation, context: &RequestContext) -> (Result<Read, Unread>, bool) {
    let response = match outcome {
        Outcome::Answer(response) => response,
        other => {
            let may_pass = other.was_sent() || matches!(other, Outcome::Unreachable(_));
            return (Err(Unread { why: silence(other), refuses_caller: false, halted: !may_pass }), may_pass);
        }
    };
    let refuses_caller = response.status == 401;
    let unread = |why: String| Err(Unread { why, refuses_caller, halted: false });
    let answered = |what: String| unread(format!("GET was answered with {what}"));
    match Body::read(&response.body) {
        _ if !(200..300).contains(&response.status) => (answered(told(&response, context)), response.status >= 500),
        Ok(body) => match likeness(&body, operation) {
            Likeness::Sure => (Ok(Read { body, doubt: None }), false),
            Likeness::Doubtful(why) => (Ok(Read { body, doubt: Some(why) }), true),
            Likeness::Nothing => (unread("what GET gives has no member of the contract's body".to_owned()), true),
        },
        _ if response.body.len() > LARGE => (answered(format!("more than {LARGE} bytes")), false),
        Err(why) => (answered(format!("{} and no JSON object: {why}", response.status)), true),
    }
}

/// What becomes of a request; a wish for an end that is passed over does not end it.
pub(super) fn asked(target: &mut HttpTarget, request: &Request, goes_on: &dyn Fn() -> bool) -> Outcome {
    loop {
        let outcome = target.send_one(request).outcome;
        if outcome != Outcome::Interrupted || !goes_on() {
            return outcome;
        }
        target.resume();
    }
}

pub(super) fn told(response: &Response, context: &RequestContext) -> String {
    format!("{} {}", response.status, report::words(response, context)).trim_end().to_owned()
}

/// Why there is no answer.
pub(super) fn silence(outcome: Outcome) -> String {
    match outcome {
        Outcome::Dropped(why) | Outcome::Gone(why) | Outcome::Unreachable(why) => why,
        Outcome::Timeout => "no answer in time".to_owned(),
        _ => HALTED.to_owned(),
    }
}
