//! The suite: every probe of a contract sent to one target, in phases, and what was observed.
//!
//! Each phase learns what the next may rely on. First contact finds requests that the target accepts; the controls find,
//! for every place, a body that is accepted with a legal value there; inside probes then travel together, outside probes
//! alone; pairs, the wire and repetition come last. Nothing here does I/O or reads a clock: that is the target's.

mod advice;
mod asks;
mod contact;
mod contrast;
mod controls;
mod examples;
mod inside;
mod nearer;
mod observation;
mod outside;
mod pairs;
mod read_back;
mod reason;
mod reduce;
mod select;
mod untestable;
mod variants;
mod vetting;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

pub use observation::{Clash, Flake, Observation, Observations};
pub use reason::Reason;
pub use select::{Selection, SelectionError};
pub use untestable::Untestable;

use crate::compose::{Composer, Overrides, Slot};
use crate::contract::{Contract, Operation, PlaceId, shown};
use crate::exchange::{Outcome, Target};
use crate::json::Json;
use crate::oracle::{Oracle, Reaction, Scope};
use crate::probe::{self, Probe, Send};
use crate::request_context::RequestContext;
use crate::rule::{self, Keyword, Rule, Side};
use crate::session::{Event, Exchange, Expect, Inconsistency, Key, Limits, Session, Stop};
use crate::validate::Judge;
use controls::Uncontrolled;
use pairs::Rows;
use reason::Reasons;

/// The probes of a contract, made once and sent to any number of targets.
#[derive(Debug)]
pub struct Suite<'a> {
    contract: &'a Contract,
    rules: Vec<Rule>,
    probes: Vec<Probe>,
    rows: Rows,
    /// For each rule, whether a run reports on it.
    reported: Vec<bool>,
    /// For each place of the body, whether what is sent depends on it.
    concerned: Vec<bool>,
    /// Whether findings about other rules than the reported ones are told.
    tells_all: bool,
    /// Sides of rules of which something is not sent, because it may harm others.
    spared: BTreeSet<(usize, Side)>,
    /// Sides of rules of which something is not sent, because the judge does not call it what it is to be.
    withheld: BTreeMap<(usize, Side), usize>,
    /// Who says what is legal where the places do not tell all of it.
    judge: Option<Judge>,
    limits: Limits,
}

impl<'a> Suite<'a> {
    /// Derives rules and probes.
    pub fn new(contract: &'a Contract) -> Self {
        let rules = rule::rules(contract.operation());
        let mut probes = probe::probes(contract.operation(), &rules);
        let judge = contract.operation().is_open.then(|| Judge::new(contract.operation()));
        let withheld = judge.as_ref().map(|judge| vetting::vet(contract.operation(), &rules, &mut probes, judge));
        let withheld = withheld.unwrap_or_default();
        // An open contract does not say what goes together.
        let rows = if contract.operation().is_open {
            Rows::default()
        } else {
            Rows::covering(&Composer::new(contract.operation()), &BTreeSet::new())
        };
        let reported = vec![true; rules.len()];
        let concerned = vec![true; contract.operation().body.places.len()];
        let (spared, limits) = (BTreeSet::new(), Limits::default());
        Self { contract, rules, probes, rows, reported, concerned, tells_all: true, spared, withheld, judge, limits }
    }

    /// The same within a budget: a run ends after so many requests, whatever is still untested.
    #[must_use]
    pub fn within(mut self, budget: Option<u64>) -> Self {
        self.limits.requests = budget.map(saturated);
        self
    }

    /// The same for a target that is to be spared: a run ends after so many of its crashes.
    #[must_use]
    pub fn sparing(mut self, crashes: Option<u64>) -> Self {
        self.limits.crashes = crashes.map(saturated);
        self
    }

    /// For each rule, whether a run reports on it: always, but for the rules of other shards.
    pub fn reported(&self) -> &[bool] {
        &self.reported
    }

    /// How many probes are not sent, because the judge does not call them what they are to be.
    pub fn withheld(&self) -> usize {
        self.withheld.values().sum()
    }

    /// The contract.
    pub fn contract(&self) -> &'a Contract {
        self.contract
    }

    /// The rules, in the contract's order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The probes, in the rules' order.
    pub fn probes(&self) -> &[Probe] {
        &self.probes
    }

    /// Tests a target, and tells what was seen; an error where it could not be tested.
    pub fn run(
        &self,
        context: &RequestContext,
        target: &mut dyn Target,
        observe: &mut dyn FnMut(&Event<'_>),
    ) -> Result<Observations, Untestable> {
        observe(&Event::Planned { requests: self.planned() });
        let mut run = Run::new(self, context, target, observe);
        let mut result = run.everything_planned();
        while run.begins_anew() {
            result = run.everything_planned();
        }
        result?;
        let seen = run.observations();
        Ok(Observations { reasons: run.reasons(&seen.seen), ..seen })
    }

    /// Whether legal values of many places are sent together.
    fn has_pairs(&self) -> bool {
        self.probes.iter().any(|probe| probe.send == Send::Wire(probe::Wire::Pairs))
    }

    /// Makes first contact, for whoever goes on with other requests than the suite's. A target that accepts none of the
    /// first requests may accept others; why that is doubtful is told.
    pub(crate) fn contact<'b>(
        &'b self,
        context: &RequestContext,
        target: &'b mut dyn Target,
        observe: &'b mut dyn FnMut(&Event<'_>),
    ) -> Result<(Run<'b>, Option<Untestable>), Untestable> {
        let mut run = Run::new(self, context, target, observe);
        let mut met = run.meet();
        while run.begins_anew() {
            met = run.meet();
        }
        match met {
            Ok(_) => Ok((run, None)),
            Err(doubt @ (Untestable::SameAnswer { .. } | Untestable::NothingAccepted { .. })) => Ok((run, Some(doubt))),
            Err(untestable) => Err(untestable),
        }
    }

    /// About how many requests a target without faults takes.
    fn planned(&self) -> usize {
        let alone = self.probes.iter().filter(|probe| !matches!(probe.travel, probe::Travel::Together(_))).count();
        alone + self.rows.len() + self.probes.len() / 20
    }
}

/// One run against one target.
pub(crate) struct Run<'a> {
    suite: &'a Suite<'a>,
    operation: &'a Operation,
    /// What every request carries, as it was given.
    given: RequestContext,
    /// The same with what was learnt.
    pub(crate) context: RequestContext,
    composer: Composer<'a>,
    pub(crate) session: Session<'a>,
    /// Places at which nothing legal is accepted, and all that stands in them: nothing there can be tested.
    blocked: BTreeSet<PlaceId>,
    /// Legal values refused together: what the places hold, and the finding.
    clashes: Vec<(Vec<Json>, Clash)>,
    seen: Vec<Observation>,
    /// Rules of parameters on whose bound a value was refused, and the one next to it accepted.
    taken: BTreeSet<usize>,
    /// Why probes told nothing.
    noted: Reasons,
    /// Whether the target fails on everything legal.
    is_broken: bool,
    /// What the document shows of places.
    shown: BTreeMap<PlaceId, Vec<Json>>,
    /// How often the service held the texts of a body already: each time they are others from then on.
    held: u64,
}

impl<'a> Run<'a> {
    fn new(
        suite: &'a Suite<'a>,
        context: &RequestContext,
        target: &'a mut dyn Target,
        observe: &'a mut dyn FnMut(&Event<'_>),
    ) -> Self {
        let operation = suite.contract.operation();
        let oracle = Oracle::new(&operation.responses, context.secrets(operation));
        Self {
            suite,
            operation,
            given: context.clone(),
            context: context.clone(),
            composer: Composer::new(operation),
            session: Session::new(target, context.credentials(operation), oracle, observe, suite.limits)
                .taking_away(operation.is_open && operation.method == "DELETE"),
            blocked: BTreeSet::new(),
            clashes: Vec::new(),
            seen: Vec::new(),
            taken: BTreeSet::new(),
            noted: Reasons::new(),
            is_broken: false,
            shown: shown(operation),
            held: 0,
        }
    }
}

impl Run<'_> {
    /// First contact, and every probe.
    fn everything_planned(&mut self) -> Result<(), Untestable> {
        self.is_broken = !self.meet()?.may_go_on();
        if !self.is_broken {
            self.bodies()?;
            self.wire();
            self.hold_against_others();
        }
        Ok(())
    }

    /// Whether the conversation begins anew, because answers change; then all is forgotten that was made of it.
    pub(crate) fn begins_anew(&mut self) -> bool {
        let begins = self.session.begins_anew();
        if begins {
            self.context = self.given.clone();
            self.session.call_with(self.context.credentials(self.operation));
            self.composer = Composer::new(self.operation);
            self.blocked.clear();
            self.clashes.clear();
            self.seen.clear();
            self.noted.clear();
        }
        begins
    }

    /// Sends every probe of the body; an error where nothing legal is accepted.
    pub(crate) fn bodies(&mut self) -> Result<(), Untestable> {
        match self.controls() {
            Ok(()) => {}
            // What was refused until then may be refused for what the controls had not found yet.
            Err(Uncontrolled::Over) => return Ok(()),
            Err(Uncontrolled::Untestable(untestable)) => return Err(untestable),
        }
        self.inside();
        self.outside();
        if self.suite.has_pairs() {
            self.pairs();
        }
        Ok(())
    }

    fn key(&self, rule: usize, side: Side) -> Key {
        Key { rule, keyword: self.suite.rules[rule].keyword, side }
    }

    fn is_firm(&self, probe: &Probe) -> bool {
        self.suite.rules[probe.rule].standing.is_firm()
    }

    /// What would be no surprise: the side decides where the rule is firm.
    fn expect(&self, probe: &Probe) -> Expect {
        match probe.side {
            _ if !self.is_firm(probe) => Expect::Decided,
            Side::Inside => Expect::Accepted,
            Side::Outside => Expect::Refused,
        }
    }

    /// The number of the rule of this keyword at a place.
    fn rule_at(&self, place: PlaceId, keyword: Keyword) -> Option<usize> {
        let rules = &self.suite.rules;
        rules.iter().position(|rule| rule.is_about(place) && rule.keyword == keyword)
    }

    fn saw(&mut self, probe: &Probe, reaction: Reaction, exchange: Rc<Exchange>) {
        let elsewhere = self.is_about_what_is_there(probe, reaction, &exchange);
        if let Some(status) = elsewhere {
            // What was taken away is not there to be asked about.
            let is_taken = self.operation.method == "DELETE" && self.session.has_accepted();
            self.note(probe, if is_taken { Reason::Taken(status) } else { Reason::Elsewhere(status) });
        }
        let reaction = if elsewhere.is_some() { Reaction::Unknown } else { reaction };
        let trial = match probe.travel {
            probe::Travel::Trial(trial) => Some(trial),
            _ => None,
        };
        self.seen.push(Observation {
            rule: probe.rule,
            side: probe.side,
            kind: probe.kind,
            what: probe.what.clone(),
            reaction,
            exchange,
            trial,
        });
    }

    /// Notes that values at several places, in order, are refused only together.
    fn note_clash(&mut self, parts: Vec<(PlaceId, Json)>, exchange: Rc<Exchange>) {
        let (places, values): (Vec<PlaceId>, Vec<Json>) = parts.into_iter().unzip();
        // An open contract does not say what goes together.
        if !self.operation.is_open && !self.clashes.iter().any(|(_, clash)| clash.places == places) {
            self.clashes.push((values, Clash { places, exchange }));
        }
    }

    fn is_blocked(&self, place: PlaceId) -> bool {
        self.operation.lineage(place).any(|place| self.blocked.contains(&place))
    }

    /// The places that a probe's overrides concern.
    fn touches_blocked(&self, overrides: &[(PlaceId, Slot)]) -> bool {
        overrides.iter().any(|(place, _)| self.is_blocked(*place))
    }

    /// What was seen since this was asked last.
    pub(crate) fn observations(&mut self) -> Observations {
        let mut seen = std::mem::take(&mut self.seen);
        if self.session.ended().is_some() {
            // What a run that ended early never sent is untested, not undecided.
            seen.retain(|seen| seen.exchange.outcome != Outcome::NotSent);
        }
        if matches!(self.session.ended(), Some(Stop::Turned(_) | Stop::Unauthorized(_))) {
            // What was refused when all was refused tells nothing.
            let until = self.session.last_accepted();
            seen.retain(|seen| seen.exchange.number <= until);
        }
        let flake = |inconsistency: Inconsistency| Flake {
            rule: inconsistency.key.map(|key| key.rule),
            side: inconsistency.key.map_or(Side::Inside, |key| key.side),
            exchange: inconsistency.exchange,
            then: inconsistency.then,
        };
        Observations {
            requests: self.session.requests(),
            judged: self.session.take_judged(),
            stop: self.session.ended(),
            unanswered: self.session.first_unanswered(),
            outages: self.session.outages(),
            eased: self.session.eased(),
            seen,
            clashes: std::mem::take(&mut self.clashes).into_iter().map(|(_, clash)| clash).collect(),
            silences: self.session.silences(),
            share: self.session.share_of_others(),
            flakes: self.session.take_inconsistencies().into_iter().map(flake).collect(),
            defects: self.session.defects(),
            answer_rules: self.session.answer_rules(),
            is_open: self.operation.is_open,
            heard: if self.operation.is_open { self.session.reactions().clone() } else { BTreeSet::new() },
            reasons: BTreeMap::new(),
        }
    }
}

/// How much of the contract of answers applies where this would be no surprise.
fn scope(expect: Expect) -> Scope {
    if expect == Expect::Accepted { Scope::Operation } else { Scope::Doubtful }
}

fn saturated(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The overrides of a probe that is about the body's content.
fn overrides(probe: &Probe) -> Option<&Overrides> {
    match &probe.send {
        Send::Body(overrides) => Some(overrides),
        Send::Wire(_) => None,
    }
}
