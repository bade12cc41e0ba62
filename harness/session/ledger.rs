//! The ledger: every exchange of a run, judged as it comes in, and which of them serve as a sign of life.
//!
//! A sign of life is a request that may be sent any number of times. Where the operation's method is safe or idempotent,
//! that is one that was accepted; otherwise one that was refused for what it is, or one with a safe method. A request that is
//! neither safe nor idempotent and may have had an effect is never sent again.
//!
//! Keeps of an answer only what a report shows: a target that sends megabytes must not fill this machine's memory.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use super::Event;
use crate::exchange::{Delivery, Outcome, Request, Unread};
use crate::fingerprint::in_memory;
use crate::oracle::{AnswerRule, Judged, Judgement, Oracle, Reaction, Scope};

/// How far back a body counts as a neighbour: more than any number of requests in flight.
const NEIGHBOURS: usize = 256;
/// Signs of life that are kept, so that one that is no neighbour can always be found.
const MOST_SIGNS: usize = 2 * NEIGHBOURS;
/// So many requests are remembered because they must not be sent again.
const MOST_SPENT: usize = 1 << 20;
/// So many in a row are not answered by a target that is gone.
const MANY_UNANSWERED: usize = 3;

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

/// A request that is answered alike for as long as the target lives, and that may be sent any number of times.
#[derive(Debug, Clone)]
pub(crate) struct Sign {
    pub(super) request: Request,
    expected: Expected,
}

#[derive(Debug, Clone, Copy)]
enum Expected {
    Accepted,
    /// A refusal, or what another method gets.
    Status(u16),
}

impl Sign {
    /// What the contract says of its answer: a refusal was judged when it was learnt, and is looked at for life alone.
    pub(super) fn scope(&self) -> Scope {
        match self.expected {
            Expected::Accepted => Scope::Operation,
            Expected::Status(_) => Scope::Elsewhere,
        }
    }

    /// Whether it was answered as it should be.
    pub(super) fn is_met(&self, exchange: &Exchange) -> bool {
        match (self.expected, &exchange.outcome) {
            (Expected::Accepted, _) => exchange.judgement.reaction == Reaction::Accepted,
            (Expected::Status(status), Outcome::Answer(answer)) => answer.status == status,
            (Expected::Status(_), _) => false,
        }
    }
}

pub(crate) struct Ledger<'a> {
    oracle: Oracle,
    observe: &'a mut dyn FnMut(&Event<'_>),
    /// How many requests were sent.
    requests: usize,
    /// How often the target answered with a 5xx, or hung up.
    crashes: usize,
    /// How many requests in a row were not answered, up to the last.
    unanswered: usize,
    /// The first of them that was sent.
    first_unanswered: Option<Request>,
    /// Whether the target was given time, and has not decided anything since.
    is_awaited: bool,
    /// How often it did not answer in time.
    silences: usize,
    signs: Vec<Sign>,
    /// What must not be sent again, by its fingerprint.
    spent: HashSet<u64>,
    /// The first request that was accepted, whatever the answer looked like.
    accepted: Option<Request>,
    recent: VecDeque<u64>,
    /// Whether what is accepted takes away what it is about.
    takes_away: bool,
    /// What the service itself has done with requests.
    reactions: BTreeSet<Reaction>,
    /// The number of the last request that was accepted.
    last_accepted: usize,
    /// Of how many answers the body was held against the contract, or could not be.
    judged: BTreeMap<Judged, usize>,
}

impl<'a> Ledger<'a> {
    pub(crate) fn new(oracle: Oracle, observe: &'a mut dyn FnMut(&Event<'_>)) -> Self {
        Self {
            oracle,
            observe,
            requests: 0,
            crashes: 0,
            unanswered: 0,
            first_unanswered: None,
            is_awaited: false,
            silences: 0,
            last_accepted: 0,
            takes_away: false,
            reactions: BTreeSet::new(),
            signs: Vec::new(),
            spent: HashSet::new(),
            accepted: None,
            recent: VecDeque::new(),
            judged: BTreeMap::new(),
        }
    }

    /// What is accepted may take away what it is about.
    pub(super) fn take_away(&mut self, takes_away: bool) {
        self.takes_away = takes_away;
    }

    /// Tells whoever watches.
    pub(super) fn tell(&mut self, event: &Event<'_>) {
        (self.observe)(event);
    }

    /// How many requests were sent.
    pub(super) fn requests(&self) -> usize {
        self.requests
    }

    /// How often the target answered with a 5xx, or hung up.
    pub(super) fn crashes(&self) -> usize {
        self.crashes
    }

    /// How often it did not answer in time.
    pub(super) fn silences(&self) -> usize {
        self.silences
    }

    /// What the service itself has done with requests.
    pub(super) fn reactions(&self) -> &BTreeSet<Reaction> {
        &self.reactions
    }

    /// Of how many answers the body was held against the contract, or could not be.
    pub(super) fn judged(&self) -> &BTreeMap<Judged, usize> {
        &self.judged
    }

    /// The same, which is forgotten then.
    pub(super) fn take_judged(&mut self) -> BTreeMap<Judged, usize> {
        std::mem::take(&mut self.judged)
    }

    /// The target is given time.
    pub(super) fn await_target(&mut self) {
        self.is_awaited = true;
    }

    /// Judges an outcome and remembers it.
    pub(crate) fn entered(&mut self, request: &Request, delivery: Delivery, scope: Scope) -> Rc<Exchange> {
        self.requests += usize::from(delivery.outcome.was_sent());
        let judgement = self.oracle.judge(request, &delivery.outcome, scope);
        let requests = self.requests;
        (self.observe)(&Event::Heard { request, delivery: &delivery, judgement: &judgement, requests });
        let Delivery { outcome, elapsed } = delivery;
        if let Some(judged) = &judgement.body {
            *self.judged.entry(judged.clone()).or_default() += 1;
        }
        self.crashes += usize::from(matches!(judgement.reaction, Reaction::Crashed | Reaction::Dropped));
        self.silences += usize::from(outcome == Outcome::Timeout);
        match outcome {
            Outcome::Answer(_) => self.unanswered = 0,
            Outcome::Unreachable(_) => self.unanswered += 1,
            _ => self.unanswered += usize::from(outcome.was_sent()),
        }
        if self.unanswered == 0 {
            self.first_unanswered = None;
        } else if outcome.was_sent() {
            self.first_unanswered.get_or_insert_with(|| request.clone());
        }
        self.is_awaited &= !matches!(judgement.reaction, Reaction::Accepted | Reaction::Refused);
        if outcome.was_sent() {
            self.recent.push_back(in_memory(&request.body));
            if self.recent.len() > NEIGHBOURS {
                self.recent.pop_front();
            }
        }
        if self.accepted.is_none() && scope.is_of_the_service() && judgement.reaction == Reaction::Accepted {
            self.accepted = Some(request.clone());
        }
        if scope.is_of_the_service() {
            self.reactions.insert(judgement.reaction);
        }
        if judgement.reaction == Reaction::Accepted {
            self.last_accepted = self.requests;
        }
        if !request.is_repeatable() && may_have_worked(&outcome) {
            // So many that the first ones are forgotten are only sent in a search, which makes no request twice but by chance.
            if self.spent.len() >= MOST_SPENT {
                self.spent.clear();
            }
            self.spent.insert(in_memory(request));
        }
        if scope.is_of_the_service() && judgement.defects.is_empty() {
            self.learn_sign(request, &outcome, judgement.reaction);
        }
        Rc::new(Exchange {
            request: request.clone(),
            outcome: kept(outcome),
            elapsed,
            judgement,
            number: self.requests,
        })
    }

    /// The first request that was sent and not answered, of those up to the last.
    pub(super) fn first_unanswered(&self) -> Option<Request> {
        self.first_unanswered.clone()
    }

    /// What the answers so far have shown of the schemas that are documented of them.
    pub(super) fn answer_rules(&self) -> Vec<AnswerRule> {
        self.oracle.seen()
    }

    /// How many requests in a row were not answered, up to the last.
    pub(super) fn unanswered_in_a_row(&self) -> usize {
        self.unanswered
    }

    /// Takes a success status for a success from now on, and judges these answers anew, which were no successes so far.
    pub(super) fn trust_statuses(&mut self, exchanges: &[Rc<Exchange>]) -> Vec<Rc<Exchange>> {
        self.oracle.trust_statuses();
        let again = |exchange: &Rc<Exchange>| {
            let judgement = self.oracle.judge(&exchange.request, &exchange.outcome, Scope::Operation);
            Rc::new(Exchange { judgement, ..Exchange::clone(exchange) })
        };
        let exchanges: Vec<Rc<Exchange>> = exchanges.iter().map(again).collect();
        for exchange in exchanges.iter().filter(|exchange| exchange.judgement.reaction == Reaction::Accepted) {
            self.accepted.get_or_insert_with(|| exchange.request.clone());
            self.last_accepted = self.last_accepted.max(exchange.number);
        }
        exchanges
    }

    /// Whether this was answered with a success by which what it was about is not there any more.
    pub(super) fn has_taken_away(&self, exchange: &Exchange) -> bool {
        let is_success = |status: u16| (200..300).contains(&status);
        self.takes_away && matches!(&exchange.outcome, Outcome::Answer(answer) if is_success(answer.status))
    }

    /// Whether what was accepted is accepted again when it is sent again: what was taken away is not there any more.
    pub(super) fn is_answered_alike(&self, request: &Request) -> bool {
        request.is_repeatable() && !self.takes_away
    }

    /// Remembers a request by whose answer the target can be seen to live.
    fn learn_sign(&mut self, request: &Request, outcome: &Outcome, reaction: Reaction) {
        let expected = match (reaction, outcome) {
            (Reaction::Accepted, _) if self.is_answered_alike(request) => Expected::Accepted,
            (Reaction::Refused, Outcome::Answer(answer))
                if !self.is_answered_alike(request) && is_about_the_request(answer.status) =>
            {
                Expected::Status(answer.status)
            }
            _ => return,
        };
        if self.signs.len() < MOST_SIGNS {
            self.signs.push(Sign { request: request.clone(), expected });
        }
    }

    /// Remembers a request of another method, that changes nothing, with the status that it was answered with.
    pub(super) fn learn_safe_sign(&mut self, exchange: &Exchange) {
        if let Outcome::Answer(answer) = &exchange.outcome
            && answer.status < 500
            && !matches!(answer.status, 401 | 403 | 407 | 429)
        {
            self.signs.push(Sign { request: exchange.request.clone(), expected: Expected::Status(answer.status) });
        }
    }

    /// Whether it must not be sent again: it is neither safe nor idempotent, and may have had its effect.
    pub(super) fn is_spent(&self, request: &Request) -> bool {
        !request.is_repeatable() && self.spent.contains(&in_memory(request))
    }

    /// Whether a target that had been there is not there now, as far as can be seen.
    pub(super) fn is_missing(&self) -> bool {
        self.has_accepted() && (self.is_awaited || self.unanswered >= MANY_UNANSWERED)
    }

    /// Whether there is a request by which the target can be seen to live.
    pub(crate) fn has_sign(&self) -> bool {
        !self.signs.is_empty()
    }

    /// Whether this target has accepted anything, whatever the answer looked like.
    pub(crate) fn has_accepted(&self) -> bool {
        self.accepted.is_some()
    }

    /// The first request that was accepted.
    pub(super) fn accepted(&self) -> Option<&Request> {
        self.accepted.as_ref()
    }

    /// The number of the last request that was accepted: until then the target was there.
    pub(super) fn last_accepted(&self) -> usize {
        self.last_accepted
    }

    /// A sign of life.
    pub(crate) fn any_sign(&self) -> Option<Sign> {
        self.signs.first().cloned()
    }

    /// A request that this target answers only as long as it knows the caller.
    pub(super) fn sign_of_the_caller(&self, other: &Request) -> Option<Sign> {
        let accepted = self.accepted.clone().filter(|request| self.is_answered_alike(request));
        let accepted = || accepted.map(|request| Sign { request, expected: Expected::Accepted });
        self.sign(other).or_else(accepted)
    }

    /// A sign of life that resembles neither the neighbours nor `other`; where there is none, one that is not what was sent
    /// last: a target may mind repetition, which must not be taken for its end. What was accepted last is sign enough.
    pub(crate) fn sign(&self, other: &Request) -> Option<Sign> {
        let is_other = |sign: &&Sign| sign.request.body != other.body;
        let others = || self.signs.iter().filter(is_other);
        let distant = others().find(|sign| !self.recent.contains(&in_memory(&sign.request.body)));
        let is_new = |sign: &&Sign| self.recent.back() != Some(&in_memory(&sign.request.body));
        let is_alive = self.requests > 0 && self.last_accepted == self.requests;
        let any = || others().next().filter(|_| !is_alive);
        distant.or_else(|| others().find(is_new)).or_else(any).cloned()
    }
}

/// Whether a request may have had an effect: it was not refused, and may have arrived.
fn may_have_worked(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Answer(answer) => !(400..500).contains(&answer.status),
        other => other.was_sent(),
    }
}

/// Whether a refusal with this status is repeated whenever the request is: it is about nothing else.
fn is_about_the_request(status: u16) -> bool {
    matches!(status, 400 | 405 | 406 | 411 | 413..=415 | 422)
}

/// The outcome with no more of the answer than a report shows.
fn kept(mut outcome: Outcome) -> Outcome {
    if let Outcome::Answer(response) = &mut outcome {
        if let Some(beginning) = response.beginning() {
            *response = beginning;
        }
        // It has been judged now, like all that is kept.
        response.unread.take_if(|unread| matches!(unread, Unread::Judged(_)));
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{MOST_KEPT, Response};

    #[test]
    fn of_many_headers_the_type_and_the_first_few_are_kept() {
        let many = (0..100).map(|number| (format!("x-{number:02}"), "y".repeat(1_000)));
        let headers = many.chain([("Content-Type".to_owned(), "text/html".to_owned())]).collect();
        let body = vec![b'x'; MOST_KEPT + 1];
        let Outcome::Answer(answer) = kept(Outcome::Answer(Response { status: 200, headers, body, unread: None }))
        else {
            panic!("it is an answer")
        };
        let names: Vec<&str> = answer.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            (names.as_slice(), answer.body.len()),
            (&["Content-Type", "x-00", "x-01", "x-02", "x-03"][..], MOST_KEPT)
        );
    }
}
