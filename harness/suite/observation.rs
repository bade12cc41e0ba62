//! What a run saw, as plain data: verdicts are made of it, and of nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::reason::Reason;
use crate::contract::PlaceId;
use crate::exchange::Request;
use crate::oracle::{AnswerRule, Defect, Judged, Reaction};
use crate::probe::Kind;
use crate::rule::Side;
use crate::session::{Exchange, Stop};

/// What was seen of one probe.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The rule's number.
    pub rule: usize,
    /// The side.
    pub side: Side,
    /// What kind of thing was sent.
    pub kind: Kind,
    /// What was special about it.
    pub what: String,
    /// What the target did; unknown where its control was refused, or where nothing could be sent.
    pub reaction: Reaction,
    /// The exchange that shows it.
    pub exchange: Rc<Exchange>,
    /// The trial that it belongs to, for elements at several positions.
    pub trial: Option<usize>,
}

/// Legal values that are refused only together.
#[derive(Debug, Clone)]
pub struct Clash {
    /// The places, in the contract's order.
    pub places: Vec<PlaceId>,
    /// The request that shows it.
    pub exchange: Rc<Exchange>,
}

/// Answers that changed while the request did not.
#[derive(Debug, Clone)]
pub struct Flake {
    /// The rule that was probed; nothing where many were.
    pub rule: Option<usize>,
    /// The side that was probed.
    pub side: Side,
    /// The first answer.
    pub exchange: Rc<Exchange>,
    /// What the target did with the same request later.
    pub then: Reaction,
}

/// Everything that a run saw.
#[derive(Debug, Default)]
pub struct Observations {
    /// How many requests it took.
    pub requests: usize,
    /// How many of them were not answered in time.
    pub silences: usize,
    /// Why it ended early, if it did.
    pub stop: Option<Stop>,
    /// The first request that a target that is gone did not answer any more.
    pub unanswered: Option<Request>,
    /// How often the target was gone for a while: what it said then was asked again.
    pub outages: usize,
    /// The fewest requests that were sent at a time, because of more some were not answered; nothing where all were.
    pub eased: Option<usize>,
    /// What was seen of each probe.
    pub seen: Vec<Observation>,
    /// Legal values refused together.
    pub clashes: Vec<Clash>,
    /// Answers that changed.
    pub flakes: Vec<Flake>,
    /// How many answers were others than they should be, and of how many that is known; nothing where none was.
    pub share: Option<(u32, u32)>,
    /// Answers that break the contract of answers, one for each check.
    pub defects: Vec<(Defect, Rc<Exchange>)>,
    /// What answers have shown of the schemas that are documented of them.
    pub answer_rules: Vec<AnswerRule>,
    /// Of how many answers the body was held against the contract, or could not be.
    pub judged: BTreeMap<Judged, usize>,
    /// Whether they are of an open contract.
    pub is_open: bool,
    /// What answers there were that no probe waited for: of an open contract they are all that some operations are asked for.
    pub heard: BTreeSet<Reaction>,
    /// Why nothing is known of a side of a rule, by the rule's number.
    pub reasons: BTreeMap<(usize, Side), Reason>,
}
