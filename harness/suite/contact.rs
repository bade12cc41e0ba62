//! First contact: is there a target that can be tested, and which legal requests does it accept?

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Run;
use super::advice::{advice, status, told};
use super::untestable::Untestable;
use super::variants::{MOST_VARIANTS, Variations};
use crate::compose::{Overrides, Slot};
use crate::contract::{Coding, Operation, Shape, Usual};
use crate::exchange::{Outcome, Request};
use crate::oracle::{Defect, Reaction, Scope};
use crate::request_context::RequestOverride;
use crate::rule::{Keyword, RESPONSE_SUCCESS};
use crate::session::{Ask, Event, Exchange, Expect, Stop, Variant, is_about_the_caller};

/// After so many refusals of credentials that can be locked no more are sent.
const LOCKING: usize = 2;
/// So often other texts are tried where a service holds those that are sent, and where it only may.
const MOST_HELD: u64 = 20;
const MOST_DOUBTED: usize = 2;
/// So many parameters that may be left out are tried each alone.
const MOST_OPTIONAL: usize = 8;
/// What no path of a service ends in.
const NOWHERE: &str = "/fencepost-no-such-thing";

/// What first contact found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Contact {
    /// Something was accepted, or may be once the target is understood.
    Open,
    /// The target fails on everything legal: that is the finding, and there is nothing more to test.
    Broken,
}

impl Contact {
    pub(super) fn may_go_on(&self) -> bool {
        *self == Self::Open
    }
}

impl Run<'_> {
    /// Makes first contact, and tells what came of it.
    pub(super) fn meet(&mut self) -> Result<Contact, Untestable> {
        let contact = self.contact();
        self.session.tell(&Event::Met { accepted: self.session.has_accepted() });
        contact
    }

    /// Sends legal and illegal requests of several kinds, one after the other.
    fn contact(&mut self) -> Result<Contact, Untestable> {
        let mut legal: Vec<Rc<Exchange>> = Vec::new();
        for request in self.legal() {
            legal.push(self.ask_first(&request, Scope::Operation));
            if legal.len() == 1 && is(&legal[0], Reaction::TimedOut) && self.is_silent() {
                return Err(Untestable::Silent);
            }
            if legal.iter().all(|seen| is(seen, Reaction::Throttled)) {
                return Err(Untestable::Throttled { accepted: false });
            }
            // A key that is locked cannot test anything for minutes, nor be used for anything else.
            if self.context.locks_out && legal.len() >= LOCKING && legal.iter().all(|seen| status(seen) == Some(401)) {
                return Err(Untestable::Authentication(401));
            }
        }
        self.while_held(&mut legal);
        let is_denied = |seen: &Rc<Exchange>| {
            is(seen, Reaction::Refused) && status(seen).is_some_and(|status| (200..300).contains(&status))
        };
        if legal.iter().all(is_denied) {
            // Were these errors, nothing legal would ever be accepted: the status tells, and the body is what is wrong.
            legal = self.session.trust_statuses(&legal);
        }
        if self.session.ended() == Some(Stop::Anew) {
            // It is met anew, as soon as that is told.
            return Ok(Contact::Open);
        }
        self.check_not_over()?;
        let is_unknown = |exchange: &Rc<Exchange>| is(exchange, Reaction::Unknown);
        if self.session.wavers() && legal.iter().all(is_unknown) {
            // Its answers do not even tell whether it accepts these.
            return Ok(Contact::Open);
        }
        if legal.iter().any(|exchange| is(exchange, Reaction::Accepted)) {
            self.find_sign();
            return match self.session.ended() {
                Some(Stop::Died) => Err(Untestable::Died),
                Some(Stop::Turned(status)) => Err(Untestable::Turned(status)),
                _ => Ok(Contact::Open),
            };
        }
        if self.others_serve(&legal) {
            return Ok(Contact::Open);
        }
        let illegal: Vec<Rc<Exchange>> =
            self.illegal().iter().map(|(request, scope)| self.ask_first(request, *scope)).collect();
        // Something that was not sent any more might have been accepted.
        self.check_not_over()?;
        if let Some(untestable) = untestable(self.operation, &legal, &illegal) {
            return Err(untestable);
        }
        let each: BTreeSet<String> = legal.iter().filter_map(status).map(|status| status.to_string()).collect();
        let statuses = format!("{} for every legal request", Vec::from_iter(each).join(" or "));
        for (reaction, check, observed) in [
            (Reaction::Crashed, Keyword::Status, statuses.as_str()),
            (Reaction::TimedOut, Keyword::Timeout, "no answer in time to any legal request"),
            (Reaction::Dropped, Keyword::Connection, "the connection closed without an answer to any legal request"),
        ] {
            if legal.iter().all(|exchange| is(exchange, reaction)) {
                let expected = "legal requests are answered with a success";
                let defect = Defect::whole(RESPONSE_SUCCESS, check, expected, observed);
                self.session.add_defect(defect, legal[0].clone());
                return Ok(Contact::Broken);
            }
        }
        Ok(Contact::Open)
    }

    /// An error where nothing more is sent.
    fn check_not_over(&self) -> Result<(), Untestable> {
        let accepted = self.session.has_accepted();
        Err(match self.session.ended() {
            None | Some(Stop::Anew) => return Ok(()),
            Some(Stop::Interrupted) => Untestable::Interrupted,
            Some(Stop::Died) => Untestable::Died,
            Some(Stop::Turned(status)) => Untestable::Turned(status),
            Some(Stop::Crashes) => Untestable::Crashes { accepted },
            Some(Stop::Throttled) => Untestable::Throttled { accepted },
            Some(Stop::OutOfTime) => Untestable::OutOfTime,
            Some(Stop::Budget) => Untestable::Budget,
            Some(Stop::Unauthorized(status)) => Untestable::Unauthorized(status),
        })
    }

    /// Asks with other texts while the service holds those of a legal body already, or may.
    fn while_held(&mut self, legal: &mut Vec<Rc<Exchange>>) {
        let mut doubted = 0;
        while self.has_fresh_texts() && self.held < MOST_HELD && self.session.ended().is_none() {
            let is_told = |seen: &Rc<Exchange>, told: &[u16]| status(seen).is_some_and(|status| told.contains(&status));
            let is_held = legal.iter().any(|seen| is_told(seen, &[409]));
            let may_be = legal.iter().any(|seen| is_told(seen, &[400, 422])) && doubted < MOST_DOUBTED;
            if legal.iter().any(|seen| is(seen, Reaction::Accepted)) || !(is_held || may_be) {
                return;
            }
            doubted += usize::from(!is_held);
            self.held += 1;
            let first = self.legal().into_iter().take(1);
            *legal = first.map(|request| self.ask_first(&request, Scope::Operation)).collect();
        }
    }

    /// Whether a target that did not answer a legal request answers nothing else either. Each request more would cost the whole
    /// time limit, and say the same.
    fn is_silent(&mut self) -> bool {
        let (other, scope) = self.illegal().swap_remove(0);
        let exchange = self.session.send_alone(&other, scope);
        is(&exchange, Reaction::TimedOut)
    }

    /// Finds a sign of life where what was accepted must not be sent again: something that is refused, or another method.
    fn find_sign(&mut self) {
        if self.session.has_sign() {
            return;
        }
        let mut heard: Vec<Rc<Exchange>> =
            self.illegal().iter().map(|(request, scope)| self.ask_first(request, *scope)).collect();
        if !self.session.has_sign() {
            let special = RequestOverride { method: Some("GET".to_owned()), ..RequestOverride::default() };
            let request = self.context.request(self.operation, None, &special);
            let exchange = self.session.send_alone(&request, Scope::Elsewhere);
            self.session.learn_safe_sign(&exchange);
            heard.push(exchange);
        }
        let answered = |exchange: &Rc<Exchange>| status(exchange).is_some_and(|status| !matches!(status, 502..=504));
        if self.session.has_sign() || heard.iter().any(answered) {
            return;
        }
        // It answered none of these. Whether it answers at all, another legal request tells.
        let another = self.marked_request("alive");
        if !answered(&self.ask_first(&another, Scope::Operation)) {
            self.session.has_died();
        }
    }

    /// The smallest body, the largest, and the contract's own example.
    fn legal(&self) -> Vec<Request> {
        if !self.operation.body.is_sent {
            return vec![self.request(&[])];
        }
        let example = self.operation.body.example.clone().map(String::into_bytes);
        let composed = |overrides: &Overrides| {
            let is_legal = self.is_legal(&self.composer, overrides);
            is_legal.then(|| self.body_of(&self.composer, overrides))
        };
        let mut bodies: Vec<Vec<u8>> = composed(&Overrides::new()).into_iter().chain(example).collect();
        bodies.extend(composed(&self.everything()));
        bodies.into_iter().map(|body| self.request_with(body)).collect()
    }

    /// Whether other legal requests than the usual are accepted: other values of parameters that nobody gave, or other
    /// bodies. What is learnt of parameters is kept; of bodies the controls will learn.
    fn others_serve(&mut self, legal: &[Rc<Exchange>]) -> bool {
        let about_the_caller = |status: u16| is_about_the_caller(status) || status == 407;
        let decided = |seen: &Rc<Exchange>| {
            let dropped = matches!(seen.outcome, Outcome::Dropped(_));
            dropped || status(seen).is_some_and(|status| !about_the_caller(status))
        };
        if !legal.iter().all(decided) {
            return false;
        }
        let given = self.context.learnt.clone();
        for learnt in self.other_parameters() {
            self.learn_parameters(learnt);
            let request = self.request(&[]);
            if is(&self.ask_first(&request, Scope::Operation), Reaction::Accepted) {
                return true;
            }
        }
        self.learn_parameters(given.clone());
        // Where there is no such thing, no body of it is better than another.
        if legal.iter().all(|seen| matches!(status(seen), Some(404 | 405 | 410))) {
            return false;
        }
        for learnt in self.optional_parameters() {
            self.learn_parameters(learnt);
            let request = self.request(&[]);
            if is(&self.ask_first(&request, Scope::Operation), Reaction::Accepted) {
                return true;
            }
        }
        self.learn_parameters(given);
        let members = self.absent_members(&[], Operation::ROOT);
        let with: Overrides = members.iter().map(|id| (*id, Slot::Ordinary)).collect();
        let arrays = self.arrays_in(&with, Operation::ROOT);
        let branches = self.branches_in(&[], Operation::ROOT);
        let room = Variations { members, values: self.values_in(&with, &[]), arrays, branches };
        self.served(&[], &room, MOST_VARIANTS).is_ok()
    }

    fn learn_parameters(&mut self, learnt: BTreeMap<usize, String>) {
        self.context.learnt = learnt;
        self.session.call_with(self.context.credentials(self.operation));
    }

    /// Other values for the parameters that nobody gave one: of all at once, then of each.
    fn other_parameters(&self) -> Vec<BTreeMap<usize, String>> {
        let open: Vec<(usize, Vec<String>)> = self
            .operation
            .parameters
            .iter()
            .enumerate()
            .filter(|(index, parameter)| {
                !self.context.is_given(self.operation, *index) && parameter.usual == Usual::Free
            })
            .map(|(index, parameter)| {
                let usual = self.context.ordinary(self.operation, index);
                let others = parameter.lengths().into_iter().map(|length| self.context.made_up_of(length));
                (index, others.filter(|value| *value != usual).collect())
            })
            .collect();
        let firsts = open.iter().filter_map(|(index, values)| Some((*index, values.first()?.clone()))).collect();
        let each = open.iter().flat_map(|(index, values)| values.iter().map(|value| [(*index, value.clone())].into()));
        std::iter::once(firsts).chain(each).filter(|learnt: &BTreeMap<usize, String>| !learnt.is_empty()).collect()
    }

    /// Parameters that may be left out, each there alone and then all at once: a service may want what its document does not
    /// demand.
    fn optional_parameters(&self) -> Vec<BTreeMap<usize, String>> {
        let given = &self.context.learnt;
        let parameters = self.operation.parameters.iter().enumerate();
        let absent: Vec<(usize, String)> = parameters
            .filter(|(index, parameter)| parameter.usual == Usual::Absent && !given.contains_key(index))
            .filter_map(|(index, parameter)| Some((index, parameter.example.clone()?)))
            .collect();
        let with = |more: &[(usize, String)]| given.clone().into_iter().chain(more.iter().cloned()).collect();
        let each = absent.iter().take(MOST_OPTIONAL).map(|one| with(std::slice::from_ref(one)));
        each.chain((absent.len() > 1).then(|| with(&absent))).collect()
    }

    /// What is refused for sure, each with what the contract says of its answer.
    fn illegal(&self) -> Vec<(Request, Scope)> {
        let operation = self.operation;
        // Whoever answers there is not this operation, and nothing may change that stands before it in the path.
        let nowhere = || {
            let plain = self.request(&[]);
            let special = RequestOverride { method: Some("GET".to_owned()), ..RequestOverride::default() };
            let mut request = if plain.is_safe() { plain } else { self.context.request(operation, None, &special) };
            let end = request.path.find('?').unwrap_or(request.path.len());
            request.path.insert_str(end, NOWHERE);
            (request, Scope::Elsewhere)
        };
        if !operation.body.is_sent {
            // Nothing else is illegal for sure than what is not there.
            return vec![nowhere()];
        }
        if operation.body.coding != Coding::Json {
            // Any text may be a form, or the whole of a body.
            let without =
                operation.body.is_required.then(|| self.context.request(operation, None, &RequestOverride::default()));
            return without.map(|request| (request, Scope::Doubtful)).into_iter().chain([nowhere()]).collect();
        }
        let bodies = [None, Some(b"[]".to_vec()), Some(b"{".to_vec())];
        let request = |body| self.context.request(operation, body, &RequestOverride::default());
        bodies.into_iter().map(|body| (request(body), Scope::Doubtful)).collect()
    }

    /// Overrides for every place that is not blocked.
    pub(super) fn everything(&self) -> Overrides {
        let leaf = |shape: &Shape| match shape {
            Shape::Object { members, .. } => members.is_empty(),
            Shape::Array { .. } | Shape::Tuple { .. } => false,
            _ => true,
        };
        let operation: &Operation = self.operation;
        operation
            .places()
            .filter(|(id, place)| leaf(&place.shape) && !self.is_blocked(*id))
            .map(|(id, _)| (id, Slot::Ordinary))
            .collect()
    }

    /// What is asked again later is judged there as it is here, or it would seem to be answered otherwise.
    fn ask_first(&mut self, request: &Request, scope: Scope) -> Rc<Exchange> {
        let ask = Ask {
            request: request.clone(),
            scope,
            expect: Expect::Decided,
            key: None,
            shared: false,
            variant: (self.session.wavers() && !request.is_repeatable()).then(|| Variant::repeated(request.clone())),
        };
        self.session.ask_one(&ask).exchange
    }
}

fn is(exchange: &Rc<Exchange>, reaction: Reaction) -> bool {
    exchange.judgement.reaction == reaction
}

fn untestable(operation: &Operation, legal: &[Rc<Exchange>], illegal: &[Rc<Exchange>]) -> Option<Untestable> {
    let all = || legal.iter().chain(illegal);
    let statuses: Vec<u16> = all().filter_map(status).collect();
    let Some(first) = statuses.first().copied() else {
        let unreachable = all().find_map(|exchange| match &exchange.outcome {
            Outcome::Unreachable(why) => Some(Untestable::Unreachable(why.clone())),
            _ => None,
        });
        let dropped = all().find_map(|exchange| match &exchange.outcome {
            Outcome::Dropped(why) | Outcome::Gone(why) => Some(Untestable::NotHttp(why.clone())),
            _ => None,
        });
        return Some(unreachable.or(dropped).unwrap_or(Untestable::Silent));
    };
    if statuses.iter().all(|status| *status == 407) {
        return Some(Untestable::Proxy);
    }
    let is_denied = statuses.iter().copied().all(is_about_the_caller);
    if is_denied || legal.iter().all(|seen| status(seen) == Some(401)) {
        if operation.parameters.iter().any(|parameter| parameter.credential) {
            return Some(Untestable::Authentication(first));
        }
        let told = legal.first().map(told).unwrap_or_default();
        return Some(Untestable::Denied { told, advice: advice(operation, Some(first)) });
    }
    let same = statuses.iter().all(|status| *status == first) && statuses.len() == all().count();
    let answered = all().next().filter(|_| same && first < 500)?;
    let (told, advice) = (told(answered), advice(operation, Some(first)));
    // A path that is there and one that is not tell no more than that nothing is there; nor does any body then.
    let is_missing = operation.is_open && matches!(first, 404 | 410);
    Some(if operation.body.is_sent && !is_missing {
        Untestable::SameAnswer { status: Some(first), told, advice }
    } else {
        Untestable::NothingAccepted { status: Some(first), told, advice }
    })
}
