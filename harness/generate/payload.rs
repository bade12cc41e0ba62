//! Payloads from choices: legal ones of every size, and ones that break stated rules and no other.

use std::sync::Arc;

use super::choices::Choices;
use crate::compose::{Slot, is_plain, ordinary_scalar, text_of_length};
use crate::contract::{Contract, Operation, PlaceId, Presence, Shape, Standing};
use crate::json::Json;
use crate::probe::{LEGAL_TEXTS, Send, Travel, probes};
use crate::rule::{Keyword, Rule, Side, rules};

/// A body, and the rules that it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The body.
    pub body: Json,
    /// The numbers of the broken rules, in the order of [`Generator::rules`]; none in a legal body.
    pub broken: Vec<usize>,
}

/// One way to break one rule.
#[derive(Debug, Clone)]
struct Violation {
    rule: usize,
    place: PlaceId,
    slot: Slot,
}

/// Builds cases for one contract.
#[derive(Debug, Clone)]
pub struct Generator {
    operation: Operation,
    rules: Vec<Rule>,
    /// The members' own names, by place.
    names: Vec<Arc<str>>,
    /// By rule, in the rules' order: the ways to break it.
    violations: Vec<Vec<Violation>>,
    /// What holds for odd text, by place.
    odd_text: Vec<Odd>,
}

/// What holds for text that servers stumble over, at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Odd {
    Accepted,
    Disputed,
    Refused,
}

/// How thickly the optional members of a body are sown: from none to all, in as many steps.
const DENSITIES: usize = 10;
/// Each member draws one of so many lots; a higher one is present at lower densities.
const LOTS: usize = 16;
/// Arrays have up to so many elements: a first, a last, and one in the middle.
const MOST_ELEMENTS: usize = 3;
/// A body with fewer bytes left than this gets no more optional members.
const TIGHT: usize = 2_240;

impl Generator {
    /// A generator for this contract.
    pub fn new(contract: &Contract) -> Self {
        let operation = contract.operation().clone();
        let rules = rules(&operation);
        let ways = probes(&operation, &rules)
            .into_iter()
            .filter(|probe| probe.side == Side::Outside && rules[probe.rule].standing.is_firm())
            .filter(|probe| !matches!(probe.travel, Travel::Trial(_)))
            .filter_map(|probe| match probe.send {
                Send::Body(overrides) => overrides.into_iter().next().map(|(place, slot)| (probe.rule, place, slot)),
                Send::Wire(_) => None,
            })
            // Nothing else can be said of a body that is no object.
            .filter(|(_, place, _)| *place != Operation::ROOT)
            .map(|(rule, place, slot)| Violation { rule, place, slot });
        let mut violations: Vec<Vec<Violation>> = Vec::new();
        for way in ways {
            match violations.last_mut().filter(|ways| ways[0].rule == way.rule) {
                Some(ways) => ways.push(way),
                None => violations.push(vec![way]),
            }
        }
        let names = operation.places().map(|(_, place)| place.member().unwrap_or_default().into()).collect();
        let odd_text = operation.places().map(|(id, _)| odd_text(&rules, id)).collect();
        Self { operation, rules, names, violations, odd_text }
    }

    /// The rules of the contract; a case names those that it breaks by their number here.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The operation that the payloads are for.
    pub fn operation(&self) -> &Operation {
        &self.operation
    }

    /// A legal body: `{}` and its like where every choice is 0.
    pub fn valid(&self, choices: &mut Choices<'_>) -> Case {
        self.case(choices, 0)
    }

    /// A body that breaks `count` rules, at places of which none stands in another; fewer where there is no room for more.
    pub fn violating(&self, choices: &mut Choices<'_>, count: usize) -> Case {
        self.case(choices, count)
    }

    fn case(&self, choices: &mut Choices<'_>, count: usize) -> Case {
        // Which rules are broken is chosen first, so that simplifying the rest of the body leaves them alone.
        choices.open(Operation::ROOT);
        let mut broken: Vec<&Violation> = Vec::new();
        for _ in 0..count {
            let (from, way) = (choices.pick(self.violations.len()), choices.pick(1 << 16));
            let apart = |one: PlaceId, other: PlaceId| {
                !self.operation.is_within(one, other) && !self.operation.is_within(other, one)
            };
            let candidates = self.violations[from..].iter().chain(&self.violations[..from]);
            let free = |ways: &&Vec<Violation>| broken.iter().all(|other| apart(other.place, ways[0].place));
            broken.extend(candidates.into_iter().find(free).map(|ways| {
                let way = way % ways.len();
                choices.settle(way);
                &ways[way]
            }));
        }
        choices.close();
        let mut needed = vec![false; self.operation.body.places.len()];
        for violation in &broken {
            let from = if violation.slot == Slot::Absent {
                self.operation.place(violation.place).parent
            } else {
                Some(violation.place)
            };
            for ancestor in from.into_iter().flat_map(|from| self.operation.lineage(from)) {
                needed[ancestor.0] = true;
            }
        }
        choices.open(Operation::ROOT);
        let density = choices.pick(DENSITIES);
        // Told as the least at which every lot decides.
        choices.settle(1);
        choices.close();
        let roomy = self.operation.usual_bytes().saturating_sub(TIGHT);
        let mut build = Build { generator: self, needed, pending: broken.clone(), density, size: 0, roomy };
        let body = build.value(Operation::ROOT, choices);
        Case { body, broken: broken.iter().map(|violation| violation.rule).collect() }
    }
}

struct Build<'a> {
    generator: &'a Generator,
    /// Places that must be there for the sake of a violation.
    needed: Vec<bool>,
    /// Violations that have not found their place yet.
    pending: Vec<&'a Violation>,
    density: usize,
    /// About how many bytes there are already.
    size: usize,
    /// With fewer than this there is room for members that need not be there.
    roomy: usize,
}

impl Build<'_> {
    fn value(&mut self, id: PlaceId, choices: &mut Choices<'_>) -> Json {
        let mut extra = None;
        if let Some(at) = self.pending.iter().position(|violation| violation.place == id) {
            choices.note_broken();
            match &self.pending.swap_remove(at).slot {
                Slot::Value(value) => return value.clone(),
                Slot::Extra(name, value) => extra = Some((name.as_str().into(), value.clone())),
                slot => debug_assert!(matches!(slot, Slot::Absent | Slot::Ordinary), "{slot:?}"),
            }
        }
        let operation = &self.generator.operation;
        let place = operation.place(id);
        let nullable = place.null.as_ref().is_some_and(Standing::is_firm);
        if nullable && !self.needed[id.0] && choices.pick(8) == 7 {
            return Json::Null;
        }
        match &place.shape {
            Shape::Object { members, unknown } => {
                let mut built = Vec::with_capacity(members.len());
                for member in members {
                    choices.open(*member);
                    if self.is_present(*member, choices) {
                        let name = self.generator.names[member.0].clone();
                        self.size += name.len() + 4;
                        built.push((name, self.value(*member, choices)));
                    }
                    choices.close();
                }
                if unknown.as_ref().is_some_and(Standing::is_firm) && choices.pick(16) == 15 {
                    built.push(("fencepost_unknown_member".into(), Json::Bool(true)));
                }
                built.extend(extra);
                Json::Object(built)
            }
            Shape::Tuple { items, element } => {
                let after = element.filter(|element| place.least > 0 || self.needed[element.0]);
                let after = after.into_iter().flat_map(|element| std::iter::repeat_n(element, place.least.max(1)));
                let mut elements = Vec::with_capacity(items.len());
                for id in items.iter().copied().chain(after) {
                    choices.open(id);
                    elements.push(self.value(id, choices));
                    choices.close();
                }
                Json::Array(elements)
            }
            Shape::Array { element } => {
                let least = usize::from(self.needed[id.0] && self.needed[element.0]);
                let count = least.max(choices.pick(MOST_ELEMENTS + 1));
                let crowded = self.size > self.roomy && count > least;
                let count = if crowded { least } else { count };
                choices.settle(count);
                // What is broken in an element is broken in one of them, whichever is chosen: servers check some and not others.
                let broken = choices.pick(count);
                let element = |number| {
                    choices.open(*element);
                    let value = if number == broken {
                        self.value(*element, choices)
                    } else {
                        let pending = std::mem::take(&mut self.pending);
                        let value = self.value(*element, choices);
                        self.pending = pending;
                        value
                    };
                    choices.close();
                    value
                };
                Json::Array((0..count).map(element).collect())
            }
            shape => {
                let odd = self.generator.odd_text[id.0];
                let value = scalar(shape, odd, choices);
                if odd == Odd::Disputed && is_odd(&value) || is_unbounded(shape, &value) {
                    choices.note_doubtful();
                }
                self.size += match &value {
                    Json::Text(text) => text.len() + 2,
                    _ => 8,
                };
                value
            }
        }
    }

    fn is_present(&mut self, member: PlaceId, choices: &mut Choices<'_>) -> bool {
        if let Some(at) =
            self.pending.iter().position(|violation| violation.place == member && violation.slot == Slot::Absent)
        {
            self.pending.swap_remove(at);
            choices.note_broken();
            return false;
        }
        // Of several branches the first is kept.
        if self.generator.operation.place(member).branch.is_some_and(|branch| branch > 0) {
            return false;
        }
        match self.generator.operation.place(member).presence {
            Presence::Optional => {
                // The choice is made even where it does not matter, so that a need elsewhere shifts nothing.
                let lot = choices.pick(LOTS);
                let wanted = self.needed[member.0] && self.is_pending_within(member);
                let present = wanted || (self.is_sown(lot) && self.size < self.roomy);
                // Told as a lot that decides at every density but the extremes: a driver can then change one member alone.
                choices.settle(if present { LOTS - 1 } else { 0 });
                present
            }
            Presence::Mandatory(_) | Presence::Inherent => true,
        }
    }

    /// None at density 0, all at the highest; in between the lot decides, and lot 0 is never present.
    fn is_sown(&self, lot: usize) -> bool {
        match self.density {
            0 => false,
            density if density == DENSITIES - 1 => true,
            density => lot + density * (LOTS - 1) / (DENSITIES - 1) >= LOTS && lot > 0,
        }
    }

    fn is_pending_within(&self, place: PlaceId) -> bool {
        self.pending.iter().any(|violation| self.generator.operation.is_within(violation.place, place))
    }
}

fn odd_text(rules: &[Rule], place: PlaceId) -> Odd {
    let rule = rules.iter().find(|rule| rule.at == Some(place) && rule.keyword == Keyword::Text);
    match rule {
        Some(rule) if rule.standing.is_firm() && rule.outside => Odd::Refused,
        Some(rule) if !rule.standing.is_firm() => Odd::Disputed,
        _ => Odd::Accepted,
    }
}

/// Whether a value is text other than the plainest.
fn is_odd(value: &Json) -> bool {
    matches!(value, Json::Text(text) if !is_plain(text))
}

/// Whether a value lies on a side of the ordinary one on which there is no bound: no rule says how far it may go there.
fn is_unbounded(shape: &Shape, value: &Json) -> bool {
    let beyond = |value: f64, ordinary: f64, has_min: bool, has_max: bool| {
        (value < ordinary && !has_min) || (value > ordinary && !has_max)
    };
    #[expect(clippy::cast_precision_loss, reason = "texts are far shorter than 2^52 characters")]
    let measure = |value: &Json| match value {
        Json::Text(text) => Some(text.chars().count() as f64),
        Json::Number(digits) => digits.parse().ok(),
        _ => None,
    };
    let (has_min, has_max) = match shape {
        shape if shape.values().is_some() => return false,
        Shape::Text { min, max, unsent, .. } => (min.is_some(), max.or(*unsent).is_some()),
        Shape::Integer { min, max, .. } => (min.is_some(), max.is_some()),
        Shape::Number { min, max } => (min.is_some(), max.is_some()),
        _ => return false,
    };
    let (value, ordinary) = (measure(value), measure(&ordinary_scalar(shape)));
    value.zip(ordinary).is_some_and(|(value, ordinary)| beyond(value, ordinary, has_min, has_max))
}

/// A legal value: ordinary where the choice is 0, then the boundaries, then anything in between.
fn scalar(shape: &Shape, odd: Odd, choices: &mut Choices<'_>) -> Json {
    if let Some(values) = shape.values() {
        return Json::from(&values.firm[choices.pick(values.firm.len())]);
    }
    match shape {
        Shape::Boolean => Json::Bool(choices.pick(2) == 1),
        Shape::Opaque { samples, .. } => samples.get(choices.pick(samples.len().max(1))).map_or(Json::Null, Json::from),
        Shape::Text { min, max, .. } => {
            let min = min.unwrap_or(0);
            Json::Text(text(min, max.unwrap_or(min + 64), odd, choices))
        }
        Shape::Integer { min, max, .. } => {
            let (low, high) = (i128::from(i64::MIN), i128::from(i64::MAX));
            let (min, max) = (min.unwrap_or(low), max.unwrap_or_else(|| high.max(min.unwrap_or(low))));
            let span = u128::try_from(max - min).unwrap_or_default() + 1;
            let offset = match choices.pick(6) {
                0 => return ordinary_scalar(shape),
                1 => 0,
                2 => span - 1,
                3 => 1 % span,
                4 => (span - 1).saturating_sub(1),
                _ => u128::from(choices.wide()) % span,
            };
            Json::number(min + i128::try_from(offset).unwrap_or_default())
        }
        Shape::Number { min, max } => {
            let (low, high) = (min.unwrap_or(-1e9), max.unwrap_or(1e9));
            let (min, max) = (min.unwrap_or(low.min(high)), max.unwrap_or(high.max(low)));
            let value = match choices.pick(6) {
                0 => return ordinary_scalar(shape),
                1 => min,
                2 => max,
                3 => min.next_up().min(max),
                4 => max.next_down().max(min),
                _ => {
                    let part = f64::from(u32::try_from(choices.pick(1 << 16)).unwrap_or_default()) / 65_536.0;
                    (min * (1.0 - part) + max * part).clamp(min, max)
                }
            };
            Json::float(value)
        }
        _ => Json::Null,
    }
}

/// Letters of one, two, three and four bytes.
const ALPHABET: [char; 8] = ['a', 'Z', '0', ' ', '-', '\u{e9}', '\u{6f22}', '\u{1f600}'];

fn text(min: usize, max: usize, odd: Odd, choices: &mut Choices<'_>) -> String {
    let ordinary = || text_of_length("sample".len().clamp(min, max));
    match choices.pick(12) {
        1 => text_of_length(min),
        2 => text_of_length(max),
        3 => text_of_length((min + 1).min(max)),
        4 => text_of_length(max.saturating_sub(1).max(min)),
        _ if odd == Odd::Refused => ordinary(),
        5 | 6 => {
            let (_, text) = LEGAL_TEXTS[choices.pick(LEGAL_TEXTS.len())];
            let length = text.chars().count();
            if (min..=max).contains(&length) { text.to_owned() } else { ordinary() }
        }
        7 => {
            let length = min + choices.pick((max - min).min(24) + 1);
            (0..length).map(|_| ALPHABET[choices.pick(ALPHABET.len())]).collect()
        }
        _ => ordinary(),
    }
}
