//! Causes: findings that are alike at nearly every place where they could be, told as one habit of the target.
//!
//! Only a grouping: each finding stays what it is. Knows what kinds of probes were sent where, and what became of them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Finding;
use crate::contract::{Operation, Place, Presence, Shape};
use crate::oracle::Reaction;
use crate::probe::Kind;
use crate::rule::{Keyword, Rule, Side};
use crate::suite::{Observation, Observations};

/// One reason for many findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Stable from run to run: `cause:type:outside:text`.
    pub id: String,
    /// In words: "integers take text, at 60 of 60 places".
    pub sentence: String,
    /// The ids of its findings.
    pub findings: Vec<String>,
}

/// Fewer findings are told one by one.
pub(super) const FEWEST: usize = 5;
/// The share of the places where it was tried, in percent, at which a habit must show.
pub(super) const LEAST_SHARE: usize = 90;
/// What the id of every cause begins with.
pub(super) const PREFIX: &str = "cause:";

/// What stands in the id of a cause in place of what was sent, where it is one of answers: they come to whatever is sent.
pub(super) const ANSWERS: &str = "answers";

/// What is wrong in one way, wherever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    keyword: Keyword,
    side: Side,
    kind: Kind,
    /// Whether the target failed, rather than took what is illegal or refused what is legal.
    crashes: bool,
}

/// The places that a habit is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Scope {
    All,
    /// Those of these types.
    Of(Vec<&'static str>),
    /// Those of members that may be absent, or may not.
    Optional(bool),
}

/// A habit: the rules at which it was tried, and those at which it shows.
struct Habit {
    way: Way,
    scope: Scope,
    tried: usize,
    shown: BTreeSet<usize>,
}

impl Habit {
    /// Whether it shows nearly wherever it was tried.
    fn is_usual(&self) -> bool {
        !self.shown.is_empty() && self.shown.len() * 100 >= self.tried * LEAST_SHARE
    }
}

/// Groups the findings, and links each to its cause.
pub(super) fn causes(
    operation: &Operation,
    rules: &[Rule],
    observations: &Observations,
    findings: &mut [Finding],
) -> Vec<Rc<Cause>> {
    let book = Book { operation, rules, observations };
    let habits = book.habits();
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, finding) in findings.iter().enumerate() {
        if let Some(habit) = book.habit_of(finding, &habits) {
            members.entry(habit).or_default().push(number);
        }
    }
    members.retain(|_, members| members.len() >= FEWEST);
    let mut causes: Vec<Rc<Cause>> = Vec::new();
    for (habit, members) in members {
        let ids = members.iter().map(|member| findings[*member].id.to_string()).collect();
        let places: BTreeSet<usize> = members.iter().flat_map(|member| book.rules_of(&findings[*member])).collect();
        let cause = Rc::new(book.cause(&habits, habit, &places, ids));
        for member in members {
            findings[member].cause = Some(cause.clone());
        }
        causes.push(cause);
    }
    causes
}

/// Whether an id has the form of a cause's.
pub(crate) fn is_cause(id: &str) -> bool {
    let mut parts = id.strip_prefix(PREFIX).into_iter().flat_map(|rest| rest.split(':'));
    parts.next().is_some_and(|keyword| keyword.parse::<Keyword>().is_ok())
        && parts.next().is_some_and(|side| [Side::Inside.as_str(), Side::Outside.as_str()].contains(&side))
        && parts.next().is_some_and(|kind| kind == ANSWERS || kind.parse::<Kind>().is_ok())
}

struct Book<'a> {
    operation: &'a Operation,
    rules: &'a [Rule],
    observations: &'a Observations,
}

impl Book<'_> {
    fn place(&self, rule: usize) -> Option<&Place> {
        self.rules[rule].at.map(|at| self.operation.place(at))
    }

    /// How a probe went wrong, if it did.
    fn wrong(&self, seen: &Observation) -> Option<Way> {
        let rule = &self.rules[seen.rule];
        let crashes = match (seen.reaction, seen.side) {
            (Reaction::Crashed, _) => true,
            (Reaction::Accepted, Side::Outside) | (Reaction::Refused, Side::Inside) if rule.standing.is_firm() => false,
            _ => return None,
        };
        Some(Way { keyword: rule.keyword, side: seen.side, kind: seen.kind, crashes })
    }

    fn habits(&self) -> Vec<Habit> {
        let mut tried: BTreeMap<(Keyword, Side, Kind), BTreeSet<usize>> = BTreeMap::new();
        let mut shown: BTreeMap<Way, BTreeSet<usize>> = BTreeMap::new();
        let telling = |seen: &&Observation| {
            // The body itself is read by itself, whatever becomes of the values in it.
            let is_value = self.rules[seen.rule].at.is_some_and(|at| at != Operation::ROOT);
            is_value && seen.kind.words().is_some() && seen.reaction != Reaction::Unknown
        };
        for seen in self.observations.seen.iter().filter(telling) {
            let keyword = self.rules[seen.rule].keyword;
            tried.entry((keyword, seen.side, seen.kind)).or_default().insert(seen.rule);
            if let Some(way) = self.wrong(seen) {
                shown.entry(way).or_default().insert(seen.rule);
            }
        }
        shown
            .into_iter()
            .flat_map(|(way, shown)| self.scoped(way, &tried[&(way.keyword, way.side, way.kind)], &shown))
            .collect()
    }

    /// A way to be wrong as a habit of all places, of those of some types, or of those that may or may not be absent: the
    /// plainest that holds.
    fn scoped(&self, way: Way, tried: &BTreeSet<usize>, shown: &BTreeSet<usize>) -> Vec<Habit> {
        let within = |rules: &BTreeSet<usize>, scope: &Scope| -> BTreeSet<usize> {
            rules.iter().copied().filter(|rule| self.is_in(*rule, scope)).collect()
        };
        let habit = |scope: Scope| {
            let (tried, shown) = (within(tried, &scope).len(), within(shown, &scope));
            Habit { way, scope, tried, shown }
        };
        let types = SUBJECTS.into_iter().filter(|name| habit(Scope::Of(vec![name])).is_usual()).collect();
        let divisions = [vec![Scope::All], vec![Scope::Of(types)], vec![Scope::Optional(true), Scope::Optional(false)]];
        let holding = |scopes: Vec<Scope>| -> Vec<Habit> {
            let habits = scopes.into_iter().map(habit);
            habits.filter(|habit| habit.is_usual() && habit.shown.len() >= FEWEST).collect()
        };
        divisions.into_iter().map(holding).find(|habits| !habits.is_empty()).unwrap_or_default()
    }

    fn is_in(&self, rule: usize, scope: &Scope) -> bool {
        self.place(rule).is_some_and(|place| match scope {
            Scope::All => true,
            Scope::Of(names) => names.contains(&subject(&place.shape)),
            Scope::Optional(optional) => (place.presence == Presence::Optional) == *optional,
        })
    }

    fn rules_of(&self, finding: &Finding) -> Vec<usize> {
        let of_it =
            |rule: &Rule| rule.at.is_some() && { rule.keyword == finding.id.keyword && finding.id.is_at(&rule.place) };
        self.rules.iter().enumerate().filter(|(_, rule)| of_it(rule)).map(|(number, _)| number).collect()
    }

    /// The widest habit that a finding shows, where habits explain all that is wrong there.
    fn habit_of(&self, finding: &Finding, habits: &[Habit]) -> Option<usize> {
        let rules = self.rules_of(finding);
        let here = |seen: &&Observation| seen.side == finding.id.side && rules.contains(&seen.rule);
        let mut widest: Option<usize> = None;
        for seen in self.observations.seen.iter().filter(here) {
            let Some(way) = self.wrong(seen) else { continue };
            let shows = |habit: &Habit| habit.way == way && habit.shown.contains(&seen.rule);
            let habit = habits.iter().position(shows)?;
            if widest.is_none_or(|other| habits[other].shown.len() < habits[habit].shown.len()) {
                widest = Some(habit);
            }
        }
        widest
    }

    fn cause(&self, habits: &[Habit], number: usize, rules: &BTreeSet<usize>, findings: Vec<String>) -> Cause {
        let Habit { way, scope, tried, shown } = &habits[number];
        let there: BTreeSet<&str> =
            shown.iter().filter_map(|rule| self.place(*rule)).map(|place| subject(&place.shape)).collect();
        let subjects: Vec<&str> = SUBJECTS.into_iter().filter(|subject| there.contains(subject)).collect();
        let about_members = matches!(way.keyword, Keyword::Null | Keyword::Required | Keyword::Optional);
        let names = if about_members { "members".to_owned() } else { listed(&subjects) };
        let names = match (scope, way.keyword) {
            (_, Keyword::Required) | (Scope::Optional(false), _) => format!("mandatory {names}"),
            (_, Keyword::Optional) | (Scope::Optional(true), _) => format!("optional {names}"),
            _ => names,
        };
        // What else they do at each of the places has no cause of its own.
        let also = |other: &&Habit| {
            let alike = |way: Way| (way.keyword, way.side, way.crashes);
            alike(other.way) == alike(*way) && rules.intersection(shown).all(|rule| other.shown.contains(rule))
        };
        let words: Vec<&str> = std::iter::once(&habits[number])
            .chain(habits.iter().filter(also))
            .filter_map(|habit| habit.way.kind.words())
            .fold(Vec::new(), |mut words, word| {
                if !words.contains(&word) {
                    words.push(word);
                }
                words
            });
        let what = match (way.keyword, way.side, way.crashes) {
            (_, _, true) => format!("fail at {}", listed(&words)),
            (Keyword::Required, ..) => "may be left out".to_owned(),
            (Keyword::Optional, ..) if way.kind == Kind::Absent => "are demanded".to_owned(),
            (_, Side::Outside, _) => format!("take {}", listed(&words)),
            (_, Side::Inside, _) => format!("refuse {}", listed(&words)),
        };
        let mut id = format!("{PREFIX}{}:{}:{}", way.keyword, way.side, way.kind);
        if way.crashes {
            id.push_str(":crashes");
        }
        match scope {
            Scope::All => {}
            Scope::Of(names) => id = format!("{id}:{}", names.join("+")),
            Scope::Optional(true) => id.push_str(":optional"),
            Scope::Optional(false) => id.push_str(":mandatory"),
        }
        Cause { id, sentence: format!("{names} {what}, at {} of {tried} places", shown.len()), findings }
    }
}

/// What values are called, many of them, in the order in which a sentence names them.
const SUBJECTS: [&str; 8] =
    ["integers", "numbers", "booleans", "texts", "enumerations", "arrays", "objects", "other values"];

fn subject(shape: &Shape) -> &'static str {
    let number = match shape {
        Shape::Integer { .. } => 0,
        Shape::Number { .. } => 1,
        Shape::Boolean => 2,
        Shape::Text { values: None, .. } => 3,
        Shape::Text { .. } => 4,
        Shape::Array { .. } | Shape::Tuple { .. } => 5,
        Shape::Object { .. } => 6,
        Shape::Opaque { .. } => 7,
    };
    SUBJECTS[number]
}

/// Words as a list in a sentence.
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
