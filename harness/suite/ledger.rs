//! The ledger: every exchange of a run, judged as it comes in, and which of them serve as a sign of life.
//!
//! Keeps of an answer only what a report shows: a target that sends megabytes must not fill this machine's memory.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::time::Duration;

use super::Event;
use crate::exchange::{Delivery, Outcome, Request};
use crate::oracle::{Judged, Judgement, Oracle, Reaction, Scope};

/// How far back a body counts as a neighbour: more than any number of requests in flight.
const NEIGHBOURS: usize = 256;
/// Known-good requests that are kept, so that one that is no neighbour can always be found.
const KNOWN_GOOD: usize = 2 * NEIGHBOURS;
/// Bytes of an answer that are kept once it has been judged.
const MOST_KEPT: usize = 16_384;

/// A request with what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What was sent.
    pub request: Request,
    /// What became of it.
    pub outcome: Outcome,
    /// How long that took.
    pub elapsed: Duration,
    /// What that says.
    pub judgement: Judgement,
    /// How many requests had been sent with it.
    pub number: usize,
}

impl Exchange {
    /// What is known of a request that was never sent.
    pub(crate) fn unsent(request: &Request) -> Rc<Self> {
        let judgement = Judgement::without_answer(Reaction::Unknown);
        Rc::new(Self {
            request: request.clone(),
            outcome: Outcome::NotSent,
            elapsed: Duration::ZERO,
            judgement,
            number: 0,
        })
    }
}

pub(crate) struct Ledger<'a> {
    oracle: Oracle,
    observe: &'a mut dyn FnMut(&Event),
    /// How many requests were sent.
    pub(crate) requests: usize,
    /// How often the target answered with a 5xx, or hung up.
    pub(crate) crashes: usize,
    known_good: Vec<Request>,
    /// The first request that was accepted, whatever the answer looked like.
    accepted: Option<Request>,
    recent: VecDeque<u64>,
    /// The number of the last request that was accepted.
    last_accepted: usize,
    /// Of how many answers the body was held against the contract, or could not be.
    pub(crate) judged: BTreeMap<Judged, usize>,
}

impl<'a> Ledger<'a> {
    pub(crate) fn new(oracle: Oracle, observe: &'a mut dyn FnMut(&Event)) -> Self {
        Self {
            oracle,
            observe,
            requests: 0,
            crashes: 0,
            last_accepted: 0,
            known_good: Vec::new(),
            accepted: None,
            recent: VecDeque::new(),
            judged: BTreeMap::new(),
        }
    }

    /// Judges an outcome and remembers it.
    pub(crate) fn entered(&mut self, request: &Request, delivery: Delivery, scope: Scope) -> Rc<Exchange> {
        let Delivery { outcome, elapsed } = delivery;
        let judgement = self.oracle.judge(request, &outcome, scope);
        if let Some(judged) = &judgement.body {
            *self.judged.entry(judged.clone()).or_default() += 1;
        }
        self.crashes += usize::from(matches!(judgement.reaction, Reaction::Crashed | Reaction::Dropped));
        if outcome.was_sent() {
            self.requests += 1;
            (self.observe)(&Event::Exchanged { requests: self.requests });
            self.recent.push_back(fingerprint(request.body.as_deref()));
            if self.recent.len() > NEIGHBOURS {
                self.recent.pop_front();
            }
        }
        if self.accepted.is_none() && scope.is_of_the_service() && judgement.reaction == Reaction::Accepted {
            self.accepted = Some(request.clone());
        }
        if judgement.reaction == Reaction::Accepted {
            self.last_accepted = self.requests;
        }
        let ordinary = scope.is_of_the_service() && judgement.defects.is_empty();
        if ordinary && judgement.reaction == Reaction::Accepted && self.known_good.len() < KNOWN_GOOD {
            self.known_good.push(request.clone());
        }
        Rc::new(Exchange {
            request: request.clone(),
            outcome: kept(outcome),
            elapsed,
            judgement,
            number: self.requests,
        })
    }

    /// Whether this target has accepted anything.
    pub(crate) fn has_known_good(&self) -> bool {
        !self.known_good.is_empty()
    }

    /// Whether this target has accepted anything, whatever the answer looked like.
    pub(super) fn has_accepted(&self) -> bool {
        self.accepted.is_some() || self.has_known_good()
    }

    /// The number of the last request that was accepted: until then the target was there.
    pub(super) fn last_accepted(&self) -> usize {
        self.last_accepted
    }

    /// A request that this target has accepted.
    pub(crate) fn any_known_good(&self) -> Option<Request> {
        self.known_good.first().cloned()
    }

    /// A request that this target has accepted, known-good if there is one.
    pub(super) fn accepted(&self, other: &Request) -> Option<Request> {
        self.known_good(other).or_else(|| self.accepted.clone())
    }

    /// A request that this target has accepted, and that resembles neither its neighbours nor `other`.
    pub(crate) fn known_good(&self, other: &Request) -> Option<Request> {
        let distant = |request: &&Request| {
            request.body != other.body && !self.recent.contains(&fingerprint(request.body.as_deref()))
        };
        let any = || self.known_good.iter().find(|request| request.body != other.body);
        self.known_good.iter().find(distant).or_else(any).cloned()
    }
}

/// The outcome with no more of the answer's body than a report shows.
fn kept(mut outcome: Outcome) -> Outcome {
    if let Outcome::Answer(response) = &mut outcome
        && let Some(beginning) = response.body.get(..MOST_KEPT)
    {
        // A copy: a large block that shrinks where it is leaves the heap full of holes.
        response.body = beginning.to_vec();
    }
    outcome
}

fn fingerprint(body: Option<&[u8]>) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}
