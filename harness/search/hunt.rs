//! The hunt: the search's cases sent to a target, what goes wrong confirmed, shrunk and named.
//!
//! Does no I/O of its own and reads no clock: whoever drives it decides when it ends, and where what it tells is kept.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::culprit::{Culprit, crowded_array};
use super::feature::Features;
use super::plan::{Entry, Plan};
use super::shrink::{Attempt, Budget, shrink};
use crate::address::{Address, Oddity};
use crate::contract::{Presence, Step};
use crate::exchange::Target;
use crate::generate::{Case, Choices, Generator, Span, Splice};
use crate::oracle::{Reaction, Scope};
use crate::rule::{Keyword, RESPONSE_REFUSAL, Rule, Side};
use crate::suite::session::{Ask, Expect, Heard, Key, Session};
use crate::suite::{Event, Exchange, Stop, Suite, Untestable};
use crate::verdict::{Finding, observed, service, side_of};

/// How many cases are sent before their answers are learnt from: enough to keep any sensible number in flight.
const ROUND: usize = 64;
/// The most requests that shrinking one finding may take.
pub const SHRINKING: usize = 300;
/// How many of them may run into the time limit.
const SHRINKING_SILENCE: usize = 30;
/// So many failures in a row that turned out to be known before most are no longer looked into.
const PATIENCE: usize = 8;

/// Something that a hunt has to tell.
#[derive(Debug, Clone)]
pub enum News {
    /// A case whose answer showed something new.
    Kept(Entry),
    /// A finding that was not known, and the choices of the smallest case that shows it; none where no single case does.
    Found(Box<Finding>, Option<Attempt>),
}

/// A search of one target.
pub struct Hunt<'a> {
    suite: &'a Suite<'a>,
    generator: &'a Generator,
    address: &'a Address,
    session: Session<'a>,
    /// Why it is doubtful that the target can be tested: it has accepted nothing yet.
    doubt: Option<Untestable>,
    plan: Plan<'a>,
    known: BTreeSet<String>,
    culprits: Vec<Culprit>,
    /// Failures looked into since the last one that was news.
    in_vain: usize,
    /// Whether the target has refused an illegal body, and the first rule that felled it before it had.
    refuses: bool,
    felling: Option<usize>,
    news: Vec<News>,
}

impl<'a> Hunt<'a> {
    /// Makes first contact; an error where the target cannot be tested.
    pub fn start(
        suite: &'a Suite<'a>,
        generator: &'a Generator,
        address: &'a Address,
        target: &'a mut dyn Target,
        plan: Plan<'a>,
        observe: &'a mut dyn FnMut(&Event),
    ) -> Result<Self, Untestable> {
        let (session, doubt) = suite.contact(address, target, observe)?;
        Ok(Self {
            suite,
            generator,
            address,
            session,
            doubt,
            plan,
            known: BTreeSet::new(),
            culprits: Vec::new(),
            in_vain: 0,
            refuses: false,
            felling: None,
            news: Vec::new(),
        })
    }

    /// Findings that were told before are not told again.
    pub fn know(&mut self, id: String) {
        self.known.insert(id);
    }

    /// How many requests were sent.
    pub fn requests(&self) -> usize {
        self.session.ledger.requests
    }

    /// Why it cannot go on, if it cannot.
    pub fn stop(&self) -> Option<Stop> {
        self.session.stop
    }

    /// Why the target could not be tested after all, as far as is known by now.
    pub fn doubt(&self) -> Option<&Untestable> {
        self.doubt.as_ref().filter(|_| !self.session.ledger.has_known_good() && !self.plan.is_getting_on())
    }

    /// Asks a target that had died whether it is back; the hunt goes on where it is.
    pub fn revive(&mut self) -> bool {
        self.session.revive()
    }

    /// Sends some cases, looks into what went wrong, and tells what is new.
    pub fn round(&mut self) -> Vec<News> {
        let mut attempts: Vec<Attempt> = (0..ROUND).map(|_| self.plan.propose()).collect();
        attempts.retain(|attempt| !self.hangs_for_known_cause(attempt));
        let asks: Vec<Ask> = attempts.iter().map(|attempt| self.ask(&attempt.case)).collect();
        let heard = self.session.ask(&asks);
        for (attempt, heard) in attempts.into_iter().zip(heard) {
            if heard.reaction == Reaction::Unknown || self.session.stop.is_some() {
                continue;
            }
            if !heard.exchange.judgement.defects.is_empty() {
                self.tell_defects(Some(&attempt));
            }
            let features = self.features(&attempt.case, &heard.exchange);
            self.news.extend(self.plan.learn(&attempt, &features).map(News::Kept));
            self.look_into(attempt, &heard);
        }
        self.tell_defects(None);
        self.tell_flakes();
        self.session.forget();
        std::mem::take(&mut self.news)
    }

    fn features(&self, case: &Case, exchange: &Exchange) -> Features {
        let broken: Vec<&Rule> = case.broken.iter().map(|rule| &self.generator.rules()[*rule]).collect();
        Features::of(&exchange.outcome, exchange.elapsed, &broken)
    }

    fn ask(&self, case: &Case) -> Ask {
        let body = case.body.render().into_bytes();
        let request = self.address.request(self.suite.contract().operation(), Some(body), &Oddity::default());
        let key = case.broken.first().map(|rule| Key {
            rule: *rule,
            keyword: self.generator.rules()[*rule].keyword,
            side: Side::Outside,
        });
        let expect = if key.is_some() { Expect::Refused } else { Expect::Accepted };
        Ask { request, scope: Scope::Operation, expect, key, shared: false }
    }

    /// Whether a legal case holds what is known to hang: each such request would cost the whole time limit.
    fn hangs_for_known_cause(&self, attempt: &Attempt) -> bool {
        let operation = self.generator.operation();
        attempt.case.broken.is_empty()
            && self.culprits.iter().any(|culprit| {
                let id = id(&culprit.place(operation), Keyword::Timeout, Side::Inside);
                self.known.contains(&id) && culprit.is_in(operation, &attempt.case.body)
            })
    }

    fn look_into(&mut self, attempt: Attempt, heard: &Heard) {
        match attempt.case.broken.first().copied() {
            Some(rule) => self.look_into_illegal(attempt, rule, heard),
            None if !is_fine(&attempt.case, heard.reaction) => self.look_into_legal(attempt),
            None => {}
        }
    }

    /// An illegal case that was accepted, or that felled the target.
    fn look_into_illegal(&mut self, attempt: Attempt, rule: usize, heard: &Heard) {
        let reaction = heard.reaction;
        if reaction == Reaction::Refused {
            self.refuses = true;
        }
        let rules = self.generator.rules();
        let keyword = keyword_of(reaction, rules[rule].keyword);
        if is_fine(&attempt.case, reaction) || self.known.contains(&id(&rules[rule].place, keyword, Side::Outside)) {
            return;
        }
        if reaction.is_failure() {
            // What fells the target may be something legal beside the violation.
            let legal = self.legal_version(&attempt);
            if self.reaction(&legal.case) == reaction {
                self.look_into_legal(legal);
                return;
            }
            if !self.refuses {
                self.felled(attempt, rule, reaction);
                return;
            }
        }
        let shrunk = self.shrunk(attempt, reaction);
        let Some(exchange) = self.confirmed(&shrunk, reaction) else { return };
        // Accepted only beside a sound element, it is the array that checks some of its elements and not others.
        let operation = self.generator.operation();
        let array = rules[rule].at.and_then(|place| crowded_array(operation, &shrunk.case.body, place));
        let (place, keyword) = match array {
            Some(array) if reaction == Reaction::Accepted => (operation.place(array).name.clone(), Keyword::Items),
            _ => (rules[rule].place.clone(), keyword),
        };
        let finding = Finding {
            place,
            keyword,
            side: Side::Outside,
            expected: format!("{} {} broken: refused with a 4xx", rules[rule].keyword, rules[rule].bound),
            observed: observed(&exchange, reaction),
            exchange,
            disputed: false,
        };
        self.tell(finding, Some(shrunk));
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

    /// A target that has refused nothing yet fails where it should: with a second rule it is clear that it fails at every
    /// refusal, which is one fault and not one for each rule.
    fn felled(&mut self, attempt: Attempt, rule: usize, reaction: Reaction) {
        let keyword = keyword_of(reaction, Keyword::Status);
        let told = self.known.contains(&id(RESPONSE_REFUSAL, keyword, Side::Outside));
        if told || *self.felling.get_or_insert(rule) == rule {
            return;
        }
        let shrunk = self.shrunk(attempt, reaction);
        let Some(exchange) = self.confirmed(&shrunk, reaction) else { return };
        let finding = Finding {
            place: RESPONSE_REFUSAL.to_owned(),
            keyword,
            side: Side::Outside,
            expected: "a refusal has a 4xx status".to_owned(),
            observed: format!("{}, and so for every refusal", observed(&exchange, reaction)),
            exchange,
            disputed: false,
        };
        self.tell(finding, Some(shrunk));
    }

    /// A legal case that was refused, or that felled the target.
    fn look_into_legal(&mut self, attempt: Attempt) {
        let operation = self.generator.operation();
        let explained = self.culprits.iter().any(|culprit| culprit.is_in(operation, &attempt.case.body));
        if explained || (self.in_vain > PATIENCE && !self.in_vain.is_power_of_two()) {
            self.in_vain += usize::from(!explained);
            return;
        }
        let reaction = self.reaction(&attempt.case);
        if is_fine(&attempt.case, reaction) || self.confirmed(&attempt, reaction).is_none() {
            return;
        }
        let shrunk = self.shrunk(attempt, reaction);
        let Some(exchange) = self.confirmed(&shrunk, reaction) else { return };
        let culprit = self.refined(Culprit::of(operation, &shrunk), &shrunk);
        let (place, keyword) = (culprit.place(operation), keyword_of(reaction, culprit.keyword()));
        self.in_vain += 1;
        if !self.culprits.contains(&culprit) {
            self.culprits.push(culprit);
        }
        let finding = Finding {
            place,
            keyword,
            side: Side::Inside,
            expected: "accepted: every value is legal".to_owned(),
            observed: observed(&exchange, reaction),
            exchange,
            disputed: false,
        };
        self.tell(finding, Some(shrunk));
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
            if changed.case != shrunk.case && self.reaction(&changed.case) == Reaction::Accepted {
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
        shrink(generator, attempt, budget, &mut |case| self.reaction(case) == reaction)
    }

    /// The exchange that shows this reaction once more; nothing where the target has changed its mind.
    fn confirmed(&mut self, attempt: &Attempt, reaction: Reaction) -> Option<Rc<Exchange>> {
        let ask = Ask { key: None, ..self.ask(&attempt.case) };
        let heard = self.session.ask_one(&ask);
        let again = self.session.confirm(&ask, heard.exchange);
        (again.reaction == reaction && self.session.stop.is_none()).then_some(again.exchange)
    }

    fn reaction(&mut self, case: &Case) -> Reaction {
        // Without a key: a silenced rule must still be sent where it is being shrunk.
        let ask = Ask { key: None, expect: Expect::Decided, ..self.ask(case) };
        self.session.ask_one(&ask).reaction
    }

    fn tell(&mut self, finding: Finding, attempt: Option<Attempt>) {
        // A run that was cut off blames nobody.
        if self.session.stop.is_none() && self.known.insert(finding.id()) {
            self.in_vain = 0;
            self.news.push(News::Found(Box::new(finding), attempt));
        }
    }

    /// What is wrong with answers, shown by the smallest case that gets such an answer where `attempt` got one.
    fn tell_defects(&mut self, attempt: Option<&Attempt>) {
        let defects: Vec<_> = self.session.defects.values().cloned().collect();
        for (defect, exchange) in defects {
            if self.known.contains(&id(defect.place, defect.check, side_of(defect.place))) {
                continue;
            }
            let has = |exchange: &Exchange| {
                exchange
                    .judgement
                    .defects
                    .iter()
                    .any(|other| (other.place, other.check) == (defect.place, defect.check))
            };
            let meets = |hunt: &mut Self, case: &Case| {
                let ask = Ask { key: None, expect: Expect::Decided, ..hunt.ask(case) };
                hunt.session.ask_one(&ask).exchange
            };
            let shown = attempt.filter(|attempt| has(&meets(self, &attempt.case))).cloned();
            let shrunk = shown.map(|attempt| {
                let budget = Budget { questions: SHRINKING, failures: SHRINKING };
                shrink(self.generator, attempt, budget, &mut |case| has(&meets(self, case)))
            });
            let exchange = match &shrunk {
                Some(shrunk) => meets(self, &shrunk.case),
                None => exchange,
            };
            let finding = Finding {
                place: defect.place.to_owned(),
                keyword: defect.check,
                side: side_of(defect.place),
                expected: defect.expected,
                observed: defect.observed,
                exchange,
                disputed: false,
            };
            self.tell(finding, shrunk);
        }
    }

    fn tell_flakes(&mut self) {
        // Whatever wavers, it is one cause, and once is enough to know of it.
        let told = self.known.iter().any(|id| id.contains(":flaky:"));
        let wavering = std::mem::take(&mut self.session.waverings).into_iter().next();
        if let Some(wavering) = wavering.filter(|_| !told) {
            let side = wavering.key.map_or(Side::Inside, |key| key.side);
            let exchange: Rc<Exchange> = wavering.exchange;
            let finding = Finding {
                place: service(side).to_owned(),
                keyword: Keyword::Flaky,
                side,
                expected: "the same answer whenever the same request is sent".to_owned(),
                observed: format!("{}, then another answer", observed(&exchange, exchange.judgement.reaction)),
                exchange,
                disputed: false,
            };
            self.tell(finding, None);
        }
    }
}

/// Whether a reaction is what the contract wants for a case, or says nothing of it.
fn is_fine(case: &Case, reaction: Reaction) -> bool {
    match reaction {
        Reaction::Unknown | Reaction::Throttled => true,
        Reaction::Accepted => case.broken.is_empty(),
        Reaction::Refused => !case.broken.is_empty(),
        Reaction::Crashed | Reaction::TimedOut | Reaction::Dropped => false,
    }
}

/// Time-outs and drops are told as what they are; the rule says where.
fn keyword_of(reaction: Reaction, rule: Keyword) -> Keyword {
    match reaction {
        Reaction::TimedOut => Keyword::Timeout,
        Reaction::Dropped => Keyword::Connection,
        _ => rule,
    }
}

fn id(place: &str, keyword: Keyword, side: Side) -> String {
    format!("{place}:{keyword}:{side}")
}
