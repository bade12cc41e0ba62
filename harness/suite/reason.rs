//! Reasons: why nothing is known of a side of a rule, told by who knew it when it was left out or came to nothing.
//!
//! Plain data; knows nothing of verdicts. What is known of a side needs no reason, and gets none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Observation, Run, overrides};
use crate::contract::PlaceId;
use crate::oracle::Reaction;
use crate::probe::Probe;
use crate::rule::{Side, Site};
use crate::session::{Doubt, Stop};

/// Why nothing is known of a side of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Nothing legal is accepted at this place, which is the rule's or around it.
    Blocked(Site),
    /// What differs from it only in being legal, or usual, is not accepted either.
    Control,
    /// Its refusal came down to something that is told elsewhere.
    Hidden,
    /// No body is accepted without this member, or without another of its object.
    Demanded(Site),
    /// It was asked, and there is a doubt about the answer.
    Doubt(Doubt),
    /// The target asked to be left alone.
    Throttled,
    /// The run ended before that.
    Ended(Stop),
    /// The target fails on every legal request.
    Broken,
    /// It may harm, or weigh on others, and was not to be sent.
    Gentle,
    /// There is no request that tells.
    NoRequest,
    /// No answer of this kind came.
    NoAnswer,
    /// No answer had what it is about.
    NoValue,
    /// Answers came, and their bodies could not be judged.
    Unread,
    /// No value was accepted there, which an open contract leaves to the service.
    Open,
    /// It was refused where another thing is named, which need not be there.
    Names,
    /// It was refused where what is accepted depends on other places.
    Together,
    /// It was refused where nothing made up was accepted, but what the document shows.
    Shown,
    /// It was refused, and so is what it holds where that stands among what is accepted.
    Within,
    /// It was refused, and so was then what had been accepted.
    State,
    /// It was refused with this status, which is about what the service holds or who asks.
    Elsewhere(u16),
    /// It was refused with this status, once the thing had been taken away.
    Taken(u16),
    /// What would be sent is not what it is to be, by the whole schema.
    Withheld,
    /// What was sent came to nothing.
    Nothing,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocked(place) => write!(f, "nothing legal is accepted at {}", place.as_str()),
            Self::Control => f.write_str("the same request with a usual value is not accepted either"),
            Self::Hidden => f.write_str("the failure of another rule hides it"),
            Self::Demanded(place) => {
                write!(f, "no body is accepted without {}, or another member of its object", place.as_str())
            }
            Self::Doubt(Doubt::Changes) => f.write_str("the answers changed while the request did not"),
            Self::Doubt(Doubt::Once) => {
                f.write_str("the request may not be sent again, and the target may have been gone when it was sent")
            }
            Self::Doubt(Doubt::Gone) => f.write_str("the target could not be reached when it was sent"),
            Self::Doubt(Doubt::Wavers) => f.write_str("the answers change so often that no number of questions tells"),
            Self::Doubt(Doubt::Hung) => f.write_str("enough of its kind got no answer in time"),
            Self::Throttled => f.write_str("the target throttled what was sent"),
            Self::Ended(stop) => write!(f, "the run ended before that: {stop}"),
            Self::Broken => f.write_str("the target fails on every legal request"),
            Self::Gentle => f.write_str("it may harm, or weigh on others, and is sent only with --invasive"),
            Self::NoRequest => f.write_str("no request can be made that tells"),
            Self::NoAnswer => f.write_str("no answer of this kind came"),
            Self::NoValue => f.write_str("no answer had it"),
            Self::Unread => f.write_str("the bodies of the answers could not be judged"),
            Self::Open => {
                f.write_str("no value was accepted there, and the service may refuse more than the contract says")
            }
            Self::Names => {
                f.write_str("a legal value was refused, but it names something that the service need not have")
            }
            Self::Shown => {
                f.write_str("a legal value was refused, but only what the document shows was accepted there")
            }
            Self::Together => {
                f.write_str("a legal value was refused, but what is accepted there depends on other places")
            }
            Self::Within => f.write_str("a legal value was refused, but so is an element of it where it stands alone"),
            Self::State => {
                f.write_str("a legal value was refused, but by then so was what the service had accepted before")
            }
            Self::Elsewhere(status) => {
                write!(
                    f,
                    "it was refused with {status}, which says what the service holds, or who may ask, and no more"
                )
            }
            Self::Taken(status) => {
                write!(f, "an earlier request took away what the path names, and this one was refused with {status}")
            }
            Self::Withheld => f.write_str("no request can be made that tells: the rest of the schema does not let it"),
            Self::Nothing => f.write_str("what was sent for it told nothing"),
        }
    }
}

/// Sides of rules, and why nothing is known of them.
pub(super) type Reasons = BTreeMap<(usize, Side), Reason>;

impl Run<'_> {
    /// Notes why a probe tells nothing.
    pub(super) fn note(&mut self, probe: &Probe, reason: Reason) {
        self.note_of((probe.rule, probe.side), reason);
    }

    /// Notes why nothing is known of a side of a rule; the first reason is kept.
    pub(super) fn note_of(&mut self, key: (usize, Side), reason: Reason) {
        self.noted.entry(key).or_insert(reason);
    }

    /// Why nothing is known of each side of a reported rule of which none of these tells.
    pub(super) fn reasons(&self, seen: &[Observation]) -> Reasons {
        let tells = |seen: &&Observation| !matches!(seen.reaction, Reaction::Unknown | Reaction::Throttled);
        let known: BTreeSet<(usize, Side)> = seen.iter().filter(tells).map(|seen| (seen.rule, seen.side)).collect();
        let throttled = seen.iter().filter(|seen| seen.reaction == Reaction::Throttled);
        let throttled: BTreeSet<(usize, Side)> = throttled.map(|seen| (seen.rule, seen.side)).collect();
        let mut probed: BTreeSet<(usize, Side)> = BTreeSet::new();
        let mut blocked: Reasons = BTreeMap::new();
        for probe in &self.suite.probes {
            let key = (probe.rule, probe.side);
            probed.insert(key);
            let block = |(place, _): &(PlaceId, _)| self.block_around(*place);
            if let Some(place) = overrides(probe).and_then(|overrides| overrides.iter().find_map(block)) {
                blocked.entry(key).or_insert_with(|| self.blocked_at(place));
            }
        }
        let reason = |key: (usize, Side)| {
            let rule = &self.suite.rules[key.0];
            let ended = || self.session.ended().map(Reason::Ended);
            let broken = || self.is_broken.then_some(Reason::Broken);
            if rule.place.is_of_answers() {
                return broken().or_else(ended).unwrap_or(Reason::NoAnswer);
            }
            if !probed.contains(&key) {
                return match key {
                    key if self.suite.spared.contains(&key) => Reason::Gentle,
                    key if self.suite.withheld.contains_key(&key) => Reason::Withheld,
                    _ => Reason::NoRequest,
                };
            }
            broken()
                .or_else(|| blocked.get(&key).cloned())
                .or_else(|| self.session.doubt_about(key).map(Reason::Doubt))
                .or_else(|| self.noted.get(&key).cloned())
                .or_else(ended)
                .or_else(|| throttled.contains(&key).then_some(Reason::Throttled))
                .unwrap_or(Reason::Nothing)
        };
        let sides = |rule: usize| [Side::Inside, Side::Outside].map(|side| (rule, side));
        let all = (0..self.suite.rules.len()).flat_map(sides);
        all.filter(|key| !known.contains(key)).map(|key| (key, reason(key))).collect()
    }

    /// The blocked place that is this one or around it.
    fn block_around(&self, place: PlaceId) -> Option<PlaceId> {
        self.operation.lineage(place).find(|place| self.blocked.contains(place))
    }

    pub(super) fn blocked_at(&self, place: PlaceId) -> Reason {
        Reason::Blocked(self.operation.place(place).site.clone())
    }
}
