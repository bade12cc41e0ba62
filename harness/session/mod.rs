//! The conversation with a target: sends what the phases ask for, asks again what surprises, and keeps what was said.
//!
//! Knows requests and answers; of rules only the number by which a surprise is remembered. Whatever a phase is told has
//! been confirmed, so that no phase deals with a target that is inconsistent, hangs or dies, nor with the end of the run: what
//! is asked after that is told as far as it is known, and whoever goes on from an answer inquires, which fails instead.
//! Each part owns what it remembers: the queue, the confirmation, the liveness, the login, the
//! suspicion, the votes and the ledger; others ask it, or tell it what happened.

mod apart;
mod confirmation;
mod event;
mod ledger;
mod liveness;
mod login;
mod queue;
mod suspicion;
mod variant;
mod voting;
mod wavering;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

pub use confirmation::Doubt;
pub(crate) use confirmation::Inconsistency;
pub use event::Event;
pub use ledger::Exchange;
pub(crate) use login::is_about_the_caller;
pub(crate) use variant::Variant;

use crate::contract::Credential;
use crate::exchange::{Request, Target};
use crate::oracle::{AnswerRule, Defect, Judged, Oracle, Reaction, Scope};
use crate::rule::{Keyword, Side};
use confirmation::Confirmation;
use ledger::Ledger;
use liveness::Liveness;
use login::Login;
use queue::Queue;
use suspicion::Suspicion;
use voting::Voting;

/// What a probe is about, for remembering surprises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) rule: usize,
    pub(crate) keyword: Keyword,
    pub(crate) side: Side,
}

/// What would be no surprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    Accepted,
    Refused,
    /// Either; only a failure is a surprise.
    Decided,
}

/// Something to ask.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) request: Request,
    pub(crate) scope: Scope,
    pub(crate) expect: Expect,
    /// Nothing where no single rule is asked about.
    pub(crate) key: Option<Key>,
    /// Whether it is a body that many probes share, who can be asked about one by one.
    pub(crate) shared: bool,
    /// Other requests that ask the same, for where the first must not be sent again: the effect of each is another thing's.
    pub(crate) variant: Option<Variant>,
}

impl Ask {
    pub(crate) fn shared(self) -> Self {
        Self { shared: true, ..self }
    }
}

/// What was heard.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) reaction: Reaction,
    pub(crate) exchange: Rc<Exchange>,
}

/// Why a run ended before its plan did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// The user interrupted it.
    Interrupted,
    /// The target stopped answering requests that it had accepted before.
    Died,
    /// The target answers all that it had accepted before with this status.
    Turned(u16),
    /// As many requests were sent as were allowed.
    Budget,
    /// The time allowed was over.
    OutOfTime,
    /// The target crashed as often as was allowed.
    Crashes,
    /// The target throttles everything, also what it had accepted before.
    Throttled,
    /// The target refuses the caller whom it had accepted before, with this status, and new credentials cannot be had.
    Unauthorized(u16),
    /// The answers change while the request does not, so all is asked anew. No run ends so.
    Anew,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupted => "it was interrupted",
            Self::Died => "the target stopped answering requests that it had accepted before",
            Self::Budget => "the budget of requests is spent",
            Self::OutOfTime => "the time for the run is over",
            Self::Crashes => "the target crashed as often as is allowed",
            Self::Throttled => "the target throttles even what it had accepted before",
            Self::Turned(status) => {
                return write!(f, "the target answers all that it had accepted before with {status}");
            }
            Self::Unauthorized(403) => {
                "the target refuses what it had accepted before, with 403: the caller may not any more, or the state that \
                 things are in forbids it"
            }
            Self::Unauthorized(status) => {
                return write!(f, "the target refuses the credentials that it had accepted before, with {status}");
            }
            Self::Anew => "the answers change, so it began anew",
        })
    }
}

/// Nothing more is sent, and what was inquired is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Over(pub(crate) Stop);

/// What ends a run before its plan does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The most requests that may be sent.
    pub(crate) requests: Option<usize>,
    /// The most crashes that the target may have.
    pub(crate) crashes: Option<usize>,
}

/// One conversation with one target.
pub(crate) struct Session<'a> {
    target: &'a mut dyn Target,
    limits: Limits,
    /// Why nothing more is sent.
    stop: Option<Stop>,
    ledger: Ledger<'a>,
    queue: Queue,
    confirmation: Confirmation,
    liveness: Liveness,
    login: Login,
    suspicion: Suspicion,
    voting: Voting,
}

impl<'a> Session<'a> {
    /// `credentials` say who calls, as they are in ordinary requests.
    pub(crate) fn new(
        target: &'a mut dyn Target,
        credentials: Vec<Credential>,
        oracle: Oracle,
        observe: &'a mut dyn FnMut(&Event<'_>),
        limits: Limits,
    ) -> Self {
        Self {
            target,
            limits,
            stop: None,
            ledger: Ledger::new(oracle, observe),
            queue: Queue::default(),
            confirmation: Confirmation::default(),
            liveness: Liveness::default(),
            login: Login::new(credentials),
            suspicion: Suspicion::default(),
            voting: Voting::default(),
        }
    }

    /// The same where what is accepted may take away what it is about.
    pub(crate) fn taking_away(mut self, takes_away: bool) -> Self {
        self.ledger.take_away(takes_away);
        self
    }

    /// Asks everything, each request once in the whole run, and tells what the target made of each.
    pub(crate) fn ask(&mut self, asks: &[Ask]) -> Vec<Heard> {
        if self.wavers() {
            return self.vote(asks);
        }
        let exchanges = self.deliver(asks);
        asks.iter().zip(exchanges).map(|(ask, exchange)| self.settled(ask, exchange)).collect()
    }

    pub(crate) fn ask_one(&mut self, ask: &Ask) -> Heard {
        let unheard = || Heard { reaction: Reaction::Unknown, exchange: Exchange::unsent(&ask.request) };
        self.ask(std::slice::from_ref(ask)).pop().unwrap_or_else(unheard)
    }

    /// Asks everything, for whoever goes on from the answers: fails where one is not known because nothing more is sent.
    pub(crate) fn inquire(&mut self, asks: &[Ask]) -> Result<Vec<Heard>, Over> {
        let heard = self.ask(asks);
        match self.stop {
            Some(stop) if heard.iter().any(|heard| heard.reaction == Reaction::Unknown) => Err(Over(stop)),
            _ => Ok(heard),
        }
    }

    pub(crate) fn inquire_one(&mut self, ask: &Ask) -> Result<Heard, Over> {
        let heard = self.ask_one(ask);
        self.known(heard)
    }

    /// Asks again, whatever was heard, for whoever goes on from it.
    pub(crate) fn insist(&mut self, ask: &Ask, heard: Heard) -> Result<Heard, Over> {
        let heard = self.confirm(ask, heard.exchange);
        self.known(heard)
    }

    fn known(&self, heard: Heard) -> Result<Heard, Over> {
        match self.stop {
            Some(stop) if heard.reaction == Reaction::Unknown => Err(Over(stop)),
            _ => Ok(heard),
        }
    }

    /// Takes a success status for a success from now on, whatever its body looks like; these answers were none so far.
    pub(crate) fn trust_statuses(&mut self, exchanges: &[Rc<Exchange>]) -> Vec<Rc<Exchange>> {
        let exchanges = self.ledger.trust_statuses(exchanges);
        self.begin_anew();
        for exchange in &exchanges {
            self.queue.keep(&exchange.request, exchange);
        }
        exchanges
    }

    /// Calls with these credentials from now on: other ordinary values of them turned out to be taken.
    pub(crate) fn call_with(&mut self, credentials: Vec<Credential>) {
        self.login.call_with(credentials);
    }

    /// Tells what happened.
    pub(crate) fn tell(&mut self, event: &Event<'_>) {
        self.ledger.tell(event);
    }

    /// Sends nothing more.
    fn end(&mut self, stop: Stop) {
        self.stop = Some(stop);
        self.tell(&Event::Stopped(stop));
    }

    /// Sends nothing more because that was enough; but a target that is not there by then was not tested enough.
    fn end_in_time(&mut self, stop: Stop) {
        let is_missing = stop != Stop::Interrupted && self.ledger.is_missing();
        self.end(if is_missing { Stop::Died } else { stop });
    }

    /// Gives the target time, longer after each of so many times before; false where that was enough.
    fn pause(&mut self, times: usize) -> bool {
        self.tell(&Event::Waiting { times });
        self.ledger.await_target();
        self.target.pause(times)
    }

    /// Why nothing more is sent, where that is so.
    pub(crate) fn ended(&self) -> Option<Stop> {
        self.stop
    }

    /// Why nothing was made of what was asked about a side of a rule.
    pub(crate) fn doubt_about(&self, key: (usize, Side)) -> Option<Doubt> {
        self.confirmation.doubt_about(key)
    }

    /// How many requests may still be sent; nothing where as many as one likes.
    pub(crate) fn requests_left(&self) -> Option<usize> {
        self.limits.requests.map(|most| most.saturating_sub(self.ledger.requests()))
    }

    /// How many requests were sent.
    pub(crate) fn requests(&self) -> usize {
        self.ledger.requests()
    }

    /// How many requests had been sent when the last was accepted.
    pub(crate) fn last_accepted(&self) -> usize {
        self.ledger.last_accepted()
    }

    /// How many of them were not answered in time.
    pub(crate) fn silences(&self) -> usize {
        self.ledger.silences()
    }

    /// The first request that a target left without an answer that has not answered since, where that ended the conversation.
    pub(crate) fn first_unanswered(&self) -> Option<Request> {
        let is_gone = self.stop == Some(Stop::Died);
        // Of several at a time one that was not even sent may come before the one that was not answered.
        is_gone.then(|| self.ledger.first_unanswered().or_else(|| self.target.unanswered())).flatten()
    }

    /// Whether this target has accepted anything.
    pub(crate) fn has_accepted(&self) -> bool {
        self.ledger.has_accepted()
    }

    /// What the service itself has done with requests.
    pub(crate) fn reactions(&self) -> &BTreeSet<Reaction> {
        self.ledger.reactions()
    }

    /// How often the target was gone for a while.
    pub(crate) fn outages(&self) -> usize {
        self.liveness.outages().count()
    }

    /// How the bodies of answers were judged.
    pub(crate) fn judged(&self) -> &BTreeMap<Judged, usize> {
        self.ledger.judged()
    }

    /// The same, which is forgotten then.
    pub(crate) fn take_judged(&mut self) -> BTreeMap<Judged, usize> {
        self.ledger.take_judged()
    }

    /// The ways in which answers broke the contract, each with the exchange that showed it first.
    pub(crate) fn defects(&self) -> Vec<(Defect, Rc<Exchange>)> {
        self.confirmation.defects()
    }

    /// What the answers so far have shown of the schemas that are documented of them.
    pub(crate) fn answer_rules(&self) -> Vec<AnswerRule> {
        self.ledger.answer_rules()
    }

    /// Remembers a defect of which there is no need to ask again.
    pub(crate) fn add_defect(&mut self, defect: Defect, exchange: Rc<Exchange>) {
        self.confirmation.add_defect(defect, exchange);
    }

    /// Whether there is a request by which the target can be seen to live.
    pub(crate) fn has_sign(&self) -> bool {
        self.ledger.has_sign()
    }

    /// Remembers a request of another method, that changes nothing, as a sign of life.
    pub(crate) fn learn_safe_sign(&mut self, exchange: &Exchange) {
        self.ledger.learn_safe_sign(exchange);
    }
}
