//! The stub: a server that keeps the contract, and can be told to break it in one way at a time.
//!
//! It answers by the contract alone, through the same document and the `jsonschema` crate; of probes and rules under test
//! it knows nothing. This part is pure but for a little memory of earlier requests; sockets are the servers' business.

mod catalogue;
mod document;
mod fault;
mod objection;
mod parse;
mod repertoire;
#[cfg(feature = "net")]
pub mod server;
mod values;

use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};

pub use catalogue::faults;
pub use document::DocumentStub;
pub use fault::Fault;

use crate::contract::{Contract, Credential, Operation, Parameter};
use crate::exchange::{Body, Delivery, Hearer, Outcome, Request, Response, Target};
use crate::keyword::NodeJudge;
use crate::request_context::RequestContext;
use crate::rule::{Part, RESPONSE_REFUSAL, RESPONSE_SUCCESS};
use crate::validate::Judge;
use fault::{AnswerFault, Effect, Fumble, WireFault};
use objection::Objection;
use repertoire::{Preference, Repertoire};

/// What the stub does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It answers.
    Answer(Response),
    /// It never answers.
    Hang,
    /// It closes the connection.
    Drop,
}

/// What answers requests.
pub trait Answers: Send + Sync + 'static {
    /// What is done with a request.
    fn reply(&self, request: &Request) -> Reply;

    /// Whether the reply to a request would be a closed connection; asking leaves no trace.
    fn drops(&self, request: &Request) -> bool;
}

/// A server that enforces a contract, but for its faults.
#[derive(Debug)]
pub struct Stub {
    operation: Operation,
    /// Judges by the contract.
    clean: Judge,
    /// Judges by the contract as the faults have it.
    bent: Option<Judge>,
    /// Judges its own refusals.
    refusal: Judge,
    faults: Vec<Fault>,
    /// What says who calls, for the given security schemes.
    callers: Vec<Option<Credential>>,
    /// Judges of the parameters that are no plain text, by their numbers.
    parameters: Vec<Option<NodeJudge>>,
    memory: Mutex<Memory>,
    /// What an operation of any document answers.
    repertoire: Option<Repertoire>,
    /// Whether a caller may choose among the answers.
    lets_choose: bool,
}

/// What the stub remembers: some faults need more than one request.
#[derive(Debug, Default)]
struct Memory {
    requests: usize,
    previous_body: Option<Body>,
}

/// One request in `FLAKINESS` is answered wrongly by a flaky stub.
const FLAKINESS: usize = 31;

impl Stub {
    /// A stub of this contract with these faults, most often none.
    pub fn new(contract: &Contract, faults: Vec<Fault>) -> Self {
        let operation = contract.operation().clone();
        let mut schema = operation.body.schema.clone();
        let edits = faults.iter().filter_map(|fault| match &fault.effect {
            Effect::Schema(edits) => Some(edits),
            _ => None,
        });
        let mut bent = false;
        for edit in edits.flatten() {
            edit.apply(&mut schema);
            bent = true;
        }
        Self {
            clean: Judge::new(&operation),
            bent: bent.then(|| Judge::by(operation.name(), &schema)),
            refusal: Judge::by(operation.name(), &operation.responses.refusal),
            callers: RequestContext::default().callers(&operation),
            parameters: operation.parameters.iter().map(judge_of).collect(),
            operation,
            faults,
            memory: Mutex::new(Memory::default()),
            repertoire: Repertoire::of(contract, 0),
            lets_choose: false,
        }
    }

    /// The same for a caller with these credentials; one with those that are made up for want of others is known without.
    #[must_use]
    pub fn knowing(mut self, context: &RequestContext) -> Self {
        self.callers = context.callers(&self.operation);
        self
    }

    /// The same for callers who may choose among its answers (`Prefer: code=422`); `seed` varies what is made up.
    fn for_callers(mut self, seed: u64) -> Self {
        if let Some(repertoire) = &mut self.repertoire {
            repertoire.vary(seed);
        }
        self.lets_choose = true;
        self
    }

    /// What the stub does with a request.
    pub fn reply(&self, request: &Request) -> Reply {
        let repeated = self.remember(request);
        let objection = self.objection(request, repeated);
        match objection.as_ref().and_then(|objection| objection.fumble) {
            Some(Fumble::Hang) => return Reply::Hang,
            Some(Fumble::Drop) => return Reply::Drop,
            Some(Fumble::Crash) | None => {}
        }
        let place = answered(objection.as_ref());
        let mut response = self.response(objection.as_ref(), request);
        for fault in &self.faults {
            if let Effect::Answer(other, answer) = &fault.effect
                && Some(*other) == place
            {
                match answer {
                    AnswerFault::Hang => return Reply::Hang,
                    AnswerFault::Drop => return Reply::Drop,
                    AnswerFault::Change(change) => change(&mut response, request, &self.operation),
                }
            }
        }
        Reply::Answer(response)
    }

    /// Whether the reply to a request would be a closed connection; asking leaves no trace in the stub's memory.
    fn drops(&self, request: &Request) -> bool {
        let may = |fault: &Fault| {
            matches!(
                fault.effect,
                Effect::Answer(_, AnswerFault::Drop) | Effect::Fumble(Fumble::Drop) | Effect::Value(_, Fumble::Drop)
            )
        };
        // Most stubs never drop a connection, and need not judge each request twice.
        if !self.faults.iter().any(may) {
            return false;
        }
        let objection = self.objection(request, false);
        let place = answered(objection.as_ref());
        let told = self
            .faults
            .iter()
            .any(|fault| matches!(fault.effect, Effect::Answer(other, AnswerFault::Drop) if Some(other) == place));
        told || objection.is_some_and(|objection| objection.fumble == Some(Fumble::Drop))
    }

    /// Whether the body is the one of the request before.
    fn remember(&self, request: &Request) -> bool {
        let mut memory = self.memory();
        memory.requests += 1;
        let repeated = request.body.is_some() && memory.previous_body == request.body;
        memory.previous_body.clone_from(&request.body);
        repeated
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, wire: WireFault) -> bool {
        self.faults.iter().any(|fault| fault.effect == Effect::Wire(wire))
    }

    fn response(&self, objection: Option<&Objection>, request: &Request) -> Response {
        let responses = &self.operation.responses;
        let Some(repertoire) = &self.repertoire else {
            return match objection {
                Some(objection) => self.refusal(objection),
                None => answer(responses.success_status, &responses.success_example),
            };
        };
        let preference = if self.lets_choose { Preference::of(request) } else { Preference::default() };
        let preferred = |usual| repertoire.preferred(&preference, usual, request);
        let mut response = if let Some(objection) = objection {
            // What is refused is not answered with a success, whatever the caller likes.
            let refused = repertoire.refusal(objection, request);
            let is_refusal = preference.code.is_some_and(|code| code >= 400);
            preferred(refused.status).filter(|_| is_refusal).unwrap_or(refused)
        } else {
            let usual = repertoire.success(responses);
            let undocumented = || answer(usual, &responses.success_example);
            let unasked = || repertoire.answer(usual, request, &Preference::default());
            preferred(usual).or_else(unasked).unwrap_or_else(undocumented)
        };
        let allow = objection.and_then(|objection| objection.allow.clone());
        response.headers.extend(allow.map(|allow| ("Allow".to_owned(), allow)));
        response
    }

    /// The contract's example of a refusal, and in it what is wrong where its texts may be any.
    fn refusal(&self, objection: &Objection) -> Response {
        let example = &self.operation.responses.refusal_example;
        let mut told = example.clone();
        let mut texts: Vec<&mut Value> =
            told.as_object_mut().into_iter().flat_map(Map::values_mut).filter(|value| value.is_string()).collect();
        if let Some(first) = texts.first_mut() {
            **first = json!(format!("STUB.{}", objection.broken));
        }
        if let Some(last) = texts.last_mut() {
            **last = json!(format!("{}: {}", objection.place, objection.message));
        }
        let body = if self.refusal.accepts(&told) { &told } else { example };
        let mut response = answer(objection.status, body);
        response.headers.extend(objection.allow.iter().map(|allow| ("Allow".to_owned(), allow.clone())));
        response
    }
}

impl Answers for Stub {
    fn reply(&self, request: &Request) -> Reply {
        Self::reply(self, request)
    }

    fn drops(&self, request: &Request) -> bool {
        Self::drops(self, request)
    }
}

/// A judge of the values of a parameter that is no plain text.
fn judge_of(parameter: &Parameter) -> Option<NodeJudge> {
    NodeJudge::by(parameter.schema.as_ref()?)
}

/// Whether a request is answered with a success or with a refusal; to fail is neither.
fn answered(objection: Option<&Objection>) -> Option<Part> {
    match objection {
        None => Some(RESPONSE_SUCCESS),
        Some(objection) => (objection.status < 500).then_some(RESPONSE_REFUSAL),
    }
}

fn answer(status: u16, body: &Value) -> Response {
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    Response { status, headers, body: body.to_string().into_bytes(), unread: None }
}

/// The stub as a target, in process: no socket, no waiting.
#[derive(Debug)]
pub struct InProcess<S = Stub>(pub S);

impl<S: Answers> Target for InProcess<S> {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            let outcome = match self.0.reply(request) {
                Reply::Answer(mut response) => {
                    if request.method == "HEAD" {
                        response.body.clear();
                    }
                    Outcome::Answer(response)
                }
                Reply::Hang => Outcome::Timeout,
                Reply::Drop => Outcome::Dropped("the stub was told to".to_owned()),
            };
            hear(Delivery { outcome, elapsed: Duration::ZERO })?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 10
    }
}
