//! The campaign: the search's cases sent to a target, what goes wrong confirmed, shrunk and named.
//!
//! Does no I/O of its own and reads no clock: whoever drives it decides when it ends, and where what it tells is kept.

mod sound;
mod telling;

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::contract::{Presence, Step};
use crate::exchange::Target;
use crate::generate::{Case, Choices, Generator, Span, Splice};
use crate::oracle::{Reaction, Scope};
use crate::request_context::{RequestContext, RequestOverride};
use crate::rule::{FindingId, Keyword, Rule, Side, SiteIndex};
use crate::search::culprit::Culprit;
use crate::search::evidence::Evidence;
use crate::search::feature::Features;
use crate::search::plan::{Entry, Plan};
use crate::search::shrink::{Attempt, Budget, shrink};
use crate::session::{Ask, Event, Exchange, Expect, Heard, Key, Over, Stop};
use crate::suite::{Run, Suite, Untestable};
use crate::validate::Judge;
use crate::verdict::{Finding, unjudged};

/// How many cases are sent before their answers are learnt from: enough to keep any sensible number in flight.
const ROUND: usize = 64;
/// The most requests that shrinking one finding may take.
pub const SHRINKING: usize = 300;
/// How many of them may run into the time limit.
const SHRINKING_SILENCE: usize = 30;
/// So many failures in a row that turned out to be known before most are no longer looked into.
const PATIENCE: usize = 8;

/// So many rounds in a row of which the judge leaves nothing are the last.
const BARREN: usize = 50;

/// Something that a campaign has to tell.
#[derive(Debug, Clone)]
pub enum News {
    /// A case whose answer showed something new.
    Kept(Entry),
    /// A finding that was not known, and the choices of the smallest case that shows it; none where no single case does.
    Found(Box<Finding>, Option<Attempt>),
}

/// A search of one target.
pub struct FuzzCampaign<'a> {
    suite: &'a Suite<'a>,
    generator: &'a Generator,
    run: Run<'a>,
    /// Says of an open contract what the cases are: its schema says more than its places tell.
    judge: Option<Judge>,
    /// Rounds in a row in which there was nothing to send.
    barren: usize,
    /// Why it is doubtful that the target can be tested: it has accepted nothing yet.
    doubt: Option<Untestable>,
    plan: Plan<'a>,
    known: BTreeSet<FindingId>,
    evidence: Evidence<'a>,
    /// Whether the suite's own probes have been sent, because something was wrong.
    consulted: bool,
    /// Failures looked into since the last one that was news.
    in_vain: usize,
    /// Cases whose answers were looked at.
    tried: usize,
    /// Legal cases that went wrong when nothing more could be sent to find out what for.
    unresolved: usize,
    news: Vec<News>,
}

impl<'a> FuzzCampaign<'a> {
    /// Makes first contact; an error where the target cannot be tested.
    pub fn start(
        suite: &'a Suite<'a>,
        generator: &'a Generator,
        context: &RequestContext,
        target: &'a mut dyn Target,
        plan: Plan<'a>,
        observe: &'a mut dyn FnMut(&Event<'_>),
    ) -> Result<Self, Untestable> {
        let (run, doubt) = suite.contact(context, target, observe)?;
        Ok(Self {
            suite,
            generator,
            run,
            judge: Some(generator.operation()).filter(|operation| operation.is_open).map(Judge::new),
            barren: 0,
            doubt,
            plan,
            known: BTreeSet::new(),
            evidence: Evidence::new(suite.contract().operation(), suite.rules()),
            consulted: false,
            in_vain: 0,
            tried: 0,
            unresolved: 0,
            news: Vec::new(),
        })
    }

    /// Findings that were told before are not told again. An id of another contract says nothing here.
    pub fn know(&mut self, id: &str) {
        self.known.extend(SiteIndex::of(self.generator.rules()).finding(id));
    }

    /// How many requests were sent.
    pub fn requests(&self) -> usize {
        self.run.session.requests()
    }

    /// Of how many cases the answers were looked at: those of a round that the end cuts off are not.
    pub fn tried(&self) -> usize {
        self.tried
    }

    /// How many cases went wrong of which it could not be found out any more what is to blame.
    pub fn unresolved(&self) -> usize {
        self.unresolved
    }

    /// Why it cannot go on, if it cannot.
    pub fn stop(&self) -> Option<Stop> {
        self.run.session.ended()
    }

    /// Why the target could not be tested after all, as far as is known by now.
    pub fn doubt(&self) -> Option<&Untestable> {
        self.doubt.as_ref().filter(|_| !self.run.session.has_accepted() && !self.plan.is_getting_on())
    }

    /// What could not be judged so far, a sentence each.
    pub fn unjudged(&self) -> Vec<String> {
        unjudged(self.run.session.judged())
    }

    /// Asks a target that had died whether it is back; the campaign goes on where it is.
    pub fn revive(&mut self) -> bool {
        self.run.session.revive()
    }

    /// Sends some cases, looks into what went wrong, and tells what is new.
    pub fn round(&mut self) -> Vec<News> {
        // Of the last requests some are kept, so that what goes wrong in this round can be looked into.
        let size = self.run.session.requests_left().map_or(ROUND, |left| ROUND.min(left.div_ceil(2).max(1)));
        let mut attempts: Vec<Attempt> = (0..size).map(|_| self.plan.propose()).collect();
        attempts.retain(|attempt| self.is_sound(&attempt.case) && !self.hangs_for_known_cause(attempt));
        self.barren = if attempts.is_empty() { self.barren + 1 } else { 0 };
        let asks: Vec<Ask> = attempts.iter().map(|attempt| self.ask(&attempt.case)).collect();
        let heard = self.run.session.ask(&asks);
        if self.begins_anew() {
            return Vec::new();
        }
        for (attempt, heard) in attempts.into_iter().zip(heard) {
            if heard.reaction == Reaction::Unknown {
                continue;
            }
            self.tried += usize::from(heard.reaction != Reaction::Throttled);
            if !heard.exchange.judgement.defects.is_empty() {
                self.tell_defects(Some(&attempt));
            }
            let features = self.features(&attempt.case, &heard.exchange);
            self.news.extend(self.plan.learn(&attempt, &features).map(News::Kept));
            self.look_into(attempt, &heard);
        }
        self.tell_defects(None);
        self.tell_flakes();
        self.begins_anew();
        self.run.session.forget();
        std::mem::take(&mut self.news)
    }

    /// Whether there is nothing more to send: what is drawn is not what it was to be.
    pub fn is_barren(&self) -> bool {
        self.barren >= BARREN
    }

    /// Whether answers change, so that nothing that was made of them holds.
    fn begins_anew(&mut self) -> bool {
        let begins = self.run.begins_anew();
        if begins {
            self.evidence.begin_anew();
            self.consulted = false;
            self.in_vain = 0;
        }
        begins
    }

    fn features(&self, case: &Case, exchange: &Exchange) -> Features {
        let broken: Vec<&Rule> = case.broken.iter().map(|rule| &self.generator.rules()[*rule]).collect();
        Features::of(&exchange.outcome, exchange.elapsed, &broken)
    }

    fn ask(&self, case: &Case) -> Ask {
        let body = case.body.render().into_bytes();
        let request =
            self.run.context.request(self.suite.contract().operation(), Some(body), &RequestOverride::default());
        let key = case.broken.first().map(|rule| Key {
            rule: *rule,
            keyword: self.generator.rules()[*rule].keyword,
            side: Side::Outside,
        });
        let (expect, scope) = match key {
            Some(_) => (Expect::Refused, Scope::Doubtful),
            None => (Expect::Accepted, Scope::Operation),
        };
        Ask { request, scope, expect, key, shared: false, variant: None }
    }

    /// Whether a legal case holds what is known to hang: each such request would cost the whole time limit.
    fn hangs_for_known_cause(&self, attempt: &Attempt) -> bool {
        attempt.case.broken.is_empty() && self.evidence.explains_legal(&attempt.case.body, Reaction::TimedOut)
    }

    /// Sends the suite's own probes once something is wrong: each is about one rule and as small as can be, so that what they
    /// show needs no search, and has the name that it has in any other run.
    fn consult(&mut self) {
        if self.consulted || !self.run.session.has_accepted() {
            return;
        }
        // The suite has smaller requests to show them.
        self.run.session.begin_anew();
        // A target that accepts nothing with these is searched without them.
        let _ = self.run.bodies();
        let seen = self.run.observations();
        self.consulted = seen.stop.is_none();
        self.evidence.add(seen);
        self.tell(None);
    }

    fn look_into(&mut self, attempt: Attempt, heard: &Heard) {
        if self.is_fine(&attempt.case, heard.reaction) {
            return;
        }
        match attempt.case.broken.first().copied() {
            Some(rule) => self.look_into_illegal(attempt, rule, heard),
            None => self.look_into_legal(attempt, heard.reaction),
        }
    }

    /// An illegal case that was accepted, or that felled the target.
    fn look_into_illegal(&mut self, attempt: Attempt, rule: usize, heard: &Heard) {
        let reaction = heard.reaction;
        self.consult();
        if self.evidence.explains_illegal(rule, &attempt, reaction) {
            return;
        }
        if reaction.is_failure() {
            // What fells the target may be something legal beside the violation.
            let legal = self.legal_version(&attempt);
            if !self.is_sound(&legal.case) {
                return;
            }
            let beside = match self.reaction(&legal.case) {
                Ok(beside) => beside,
                Err(over) => return self.give_up(over),
            };
            if beside == reaction {
                self.look_into_legal(legal, reaction);
                return;
            }
        }
        let shrunk = self.shrunk(attempt.clone(), reaction);
        let (shown, exchange) = match self.confirmed(&shrunk, reaction) {
            Ok(Some(exchange)) => (shrunk, exchange),
            // It was confirmed as it is, and there is no smaller one.
            Err(_) => (attempt, heard.exchange.clone()),
            Ok(None) => return,
        };
        self.evidence.add_illegal(rule, &shown, exchange);
        self.tell(Some(&shown));
    }

    /// The same case with a legal value where it breaks a rule.
    fn legal_version(&self, attempt: &Attempt) -> Attempt {
        let trace = &attempt.trace;
        let there: &[u16] = &[u16::MAX];
        let mut splices: Vec<Splice<'_>> = trace.broken.iter().map(|span| (*span, there)).collect();
        // No rule to break is chosen.
        splices.insert(0, (0, &[]));
        Attempt::new(self.generator, 0, Choices::spliced(trace, &splices))
    }

    /// A legal case that was refused, or that felled the target.
    fn look_into_legal(&mut self, attempt: Attempt, reaction: Reaction) {
        let Some(attempt) = self.without_doubt(attempt, reaction) else { return };
        self.consult();
        let explained = self.evidence.explains_legal(&attempt.case.body, reaction);
        if explained || (self.in_vain > PATIENCE && !self.in_vain.is_power_of_two()) {
            self.in_vain += usize::from(!explained);
            return;
        }
        let (exchange, shrunk) = match self.shown(attempt, reaction) {
            Ok(Some(shown)) => shown,
            Ok(None) => return,
            Err(over) => return self.give_up(over),
        };
        let culprit = self.refined(Culprit::of(self.generator.operation(), &shrunk), &shrunk);
        self.in_vain += 1;
        self.evidence.add_legal(culprit, exchange);
        self.tell(Some(&shrunk));
    }

    /// A case went wrong, and why is not found out any more where nothing more may be sent. What went wrong as the target went
    /// away is not the case's doing.
    fn give_up(&mut self, Over(stop): Over) {
        self.unresolved += usize::from(matches!(stop, Stop::Budget | Stop::OutOfTime));
    }

    /// The simplest case that shows what a legal one met, confirmed; nothing where the target has changed its mind.
    fn shown(&mut self, attempt: Attempt, reaction: Reaction) -> Result<Option<(Rc<Exchange>, Attempt)>, Over> {
        if self.confirmed(&attempt, reaction)?.is_none() {
            return Ok(None);
        }
        let shrunk = self.shrunk(attempt, reaction);
        Ok(self.confirmed(&shrunk, reaction)?.map(|exchange| (exchange, shrunk)))
    }

    /// A refused case with ordinary values in place of those that may be refused; nothing where it is accepted with them,
    /// because then it was one of those. A failure counts whatever stands in the case.
    fn without_doubt(&mut self, attempt: Attempt, reaction: Reaction) -> Option<Attempt> {
        let trace = &attempt.trace;
        if reaction != Reaction::Refused || trace.doubtful.is_empty() {
            return Some(attempt);
        }
        let operation = self.generator.operation();
        let there: &[u16] = &[u16::MAX];
        let ordinary = |span: &usize| match operation.place(trace.spans[*span].place).presence {
            Presence::Optional => (*span, there),
            _ => (*span, &[][..]),
        };
        let splices: Vec<Splice<'_>> = trace.doubtful.iter().map(ordinary).collect();
        let sure = Attempt::new(self.generator, 0, Choices::spliced(trace, &splices));
        (self.reaction(&sure.case) == Ok(reaction)).then_some(sure)
    }

    /// An object that is refused as it is may lack a member that the target demands, or hold a mandatory one whose ordinary
    /// value it does not like: the only one whose change helps is to blame.
    fn refined(&mut self, culprit: Culprit, shrunk: &Attempt) -> Culprit {
        let operation = self.generator.operation();
        let [(place, Keyword::Type)] = culprit.parts[..] else { return culprit };
        let spans: Vec<(usize, Span)> = shrunk.trace.spans.iter().copied().enumerate().skip(2).collect();
        let mut helpful = Vec::new();
        for (number, span) in spans {
            let within = span.place != place && operation.is_within(span.place, place);
            if !within || operation.place(span.place).step == Step::Element {
                continue;
            }
            let splices: &[Splice<'_>] = &[(number, &[u16::MAX])];
            let changed = Attempt::new(self.generator, 0, Choices::spliced(&shrunk.trace, splices));
            if changed.case != shrunk.case
                && self.is_sound(&changed.case)
                && self.reaction(&changed.case) == Ok(Reaction::Accepted)
            {
                helpful.push(span.place);
            }
        }
        match helpful[..] {
            [member] if operation.place(member).presence == Presence::Optional => {
                Culprit { parts: vec![(member, Keyword::Optional)] }
            }
            [member] => Culprit::at(operation, &shrunk.case, member),
            _ => culprit,
        }
    }

    /// The simplest case that meets with the same reaction.
    fn shrunk(&mut self, attempt: Attempt, reaction: Reaction) -> Attempt {
        let failures = if reaction == Reaction::TimedOut { SHRINKING_SILENCE } else { SHRINKING };
        let budget = Budget { questions: SHRINKING, failures };
        let generator = self.generator;
        shrink(generator, attempt, budget, &mut |attempt| {
            // A refusal must not become one of what may be refused.
            let sure = reaction != Reaction::Refused || attempt.trace.doubtful.is_empty();
            sure && self.is_sound(&attempt.case) && self.reaction(&attempt.case) == Ok(reaction)
        })
    }

    /// The exchange that shows this reaction once more; nothing where the target has changed its mind.
    fn confirmed(&mut self, attempt: &Attempt, reaction: Reaction) -> Result<Option<Rc<Exchange>>, Over> {
        let ask = Ask { key: None, ..self.ask(&attempt.case) };
        let heard = self.run.session.ask_one(&ask);
        let again = self.run.session.insist(&ask, heard)?;
        Ok((again.reaction == reaction).then_some(again.exchange))
    }

    fn reaction(&mut self, case: &Case) -> Result<Reaction, Over> {
        // Without a key: a suppressed rule must still be sent where it is being shrunk.
        let ask = Ask { key: None, expect: Expect::Decided, ..self.ask(case) };
        Ok(self.run.session.inquire_one(&ask)?.reaction)
    }
}
