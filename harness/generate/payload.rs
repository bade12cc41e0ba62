//! Payloads from choices: legal ones of every size, and ones that break stated rules and no other.

use super::choices::Choices;
use crate::compose::{Composer, Slot, text_of_length};
use crate::contract::{Contract, Operation, PlaceId, Presence, Shape, Standing, Step};
use crate::json::Json;
use crate::probe::{LEGAL_TEXTS, Send, Travel, probes};
use crate::rule::{Rule, Side, rules};

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
    violations: Vec<Violation>,
}

/// How thickly the optional members of a body are sown: from none to all, in as many steps.
const DENSITIES: usize = 10;
/// Arrays have up to so many elements: a first, a last, and one in the middle.
const MOST_ELEMENTS: usize = 3;
/// A body of more bytes than this gets no more optional members: gateways refuse 10,240.
const ROOMY: usize = 8_000;

impl Generator {
    /// A generator for this contract.
    pub fn new(contract: &Contract) -> Self {
        let operation = contract.operation().clone();
        let rules = rules(&operation);
        let violations = probes(&operation, &rules)
            .into_iter()
            .filter(|probe| probe.side == Side::Outside && rules[probe.rule].standing.is_firm())
            .filter(|probe| !matches!(probe.travel, Travel::Trial(_)))
            .filter_map(|probe| match probe.send {
                Send::Body(wishes) => wishes.into_iter().next().map(|(place, slot)| (probe.rule, place, slot)),
                Send::Wire(_) => None,
            })
            // Nothing else can be said of a body that is no object.
            .filter(|(_, place, _)| *place != Operation::ROOT)
            .map(|(rule, place, slot)| Violation { rule, place, slot })
            .collect();
        Self { operation, rules, violations }
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
        let mut broken: Vec<&Violation> = Vec::new();
        for _ in 0..count {
            let from = choices.pick(self.violations.len());
            let apart = |one: PlaceId, other: PlaceId| {
                !self.operation.is_within(one, other) && !self.operation.is_within(other, one)
            };
            let candidates = self.violations[from..].iter().chain(&self.violations[..from]);
            let free = |violation: &&Violation| broken.iter().all(|other| apart(other.place, violation.place));
            broken.extend(candidates.into_iter().find(free));
        }
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
        let density = choices.pick(DENSITIES);
        let mut build = Build { generator: self, needed, pending: broken.clone(), density, size: 0 };
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
}

impl Build<'_> {
    fn value(&mut self, id: PlaceId, choices: &mut Choices<'_>) -> Json {
        let mut extra = None;
        if let Some(at) = self.pending.iter().position(|violation| violation.place == id) {
            match &self.pending.swap_remove(at).slot {
                Slot::Value(value) => return value.clone(),
                Slot::Extra(name, value) => extra = Some((name.clone(), value.clone())),
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
                let mut built = Vec::new();
                for member in members {
                    if self.is_present(*member, choices) {
                        let Step::Member(name) = &operation.place(*member).step else { continue };
                        self.size += name.len() + 4;
                        built.push((name.clone(), self.value(*member, choices)));
                    }
                }
                if unknown.as_ref().is_some_and(Standing::is_firm) && choices.pick(16) == 15 {
                    built.push(("fencepost_unknown_member".to_owned(), Json::Bool(true)));
                }
                built.extend(extra);
                Json::Object(built)
            }
            Shape::Array { element } => {
                let least = usize::from(self.needed[id.0] && self.needed[element.0]);
                let count = least.max(choices.pick(MOST_ELEMENTS + 1));
                let crowded = self.size > ROOMY && count > least;
                let count = if crowded { least } else { count };
                Json::Array((0..count).map(|_| self.value(*element, choices)).collect())
            }
            shape => {
                let value = scalar(&self.generator.operation, id, shape, choices);
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
            return false;
        }
        match self.generator.operation.place(member).presence {
            Presence::Optional => {
                // The choice is made even where it does not matter, so that a need elsewhere shifts nothing.
                let chosen = choices.pick(DENSITIES - 2);
                let wanted = self.needed[member.0] && self.is_pending_within(member);
                wanted || (self.is_sown(chosen) && self.size < ROOMY)
            }
            Presence::Mandatory(_) | Presence::Inherent => true,
        }
    }

    fn is_sown(&self, chosen: usize) -> bool {
        match self.density {
            0 => false,
            density if density == DENSITIES - 1 => true,
            density => chosen != 0 && chosen >= DENSITIES - 1 - density,
        }
    }

    fn is_pending_within(&self, place: PlaceId) -> bool {
        self.pending.iter().any(|violation| self.generator.operation.is_within(violation.place, place))
    }
}

/// A legal value: ordinary where the choice is 0, then the boundaries, then anything in between.
fn scalar(operation: &Operation, id: PlaceId, shape: &Shape, choices: &mut Choices<'_>) -> Json {
    if let Some(values) = shape.values() {
        return Json::from(&values.firm[choices.pick(values.firm.len())]);
    }
    match shape {
        Shape::Boolean => Json::Bool(choices.pick(2) == 1),
        Shape::Text { min, max, .. } => Json::Text(text(min.unwrap_or(0), max.unwrap_or(64), choices)),
        Shape::Integer { min, max, .. } => {
            let (min, max) = (min.unwrap_or(i128::from(i64::MIN)), max.unwrap_or(i128::from(i64::MAX)));
            let span = u128::try_from(max - min).unwrap_or_default() + 1;
            let offset = match choices.pick(6) {
                0 => return Composer::new(operation).ordinary(id),
                1 => 0,
                2 => span - 1,
                3 => 1 % span,
                4 => (span - 1).saturating_sub(1),
                _ => u128::from(choices.wide()) % span,
            };
            Json::number(min + i128::try_from(offset).unwrap_or_default())
        }
        Shape::Number { min, max } => {
            let (min, max) = (min.unwrap_or(-1e9), max.unwrap_or(1e9));
            let value = match choices.pick(6) {
                0 => return Composer::new(operation).ordinary(id),
                1 => min,
                2 => max,
                3 => min.next_up().min(max),
                4 => max.next_down().max(min),
                _ => {
                    min + (max - min) * (f64::from(u32::try_from(choices.pick(1 << 16)).unwrap_or_default()) / 65_536.0)
                }
            };
            Json::Number(decimal(value))
        }
        _ => Json::Null,
    }
}

fn decimal(value: f64) -> String {
    let plain = value.to_string();
    if plain.len() <= 24 { plain } else { format!("{value:e}") }
}

/// Letters of one, two, three and four bytes.
const ALPHABET: [char; 8] = ['a', 'Z', '0', ' ', '-', '\u{e9}', '\u{6f22}', '\u{1f600}'];

fn text(min: usize, max: usize, choices: &mut Choices<'_>) -> String {
    let ordinary = || text_of_length("sample".len().clamp(min, max));
    match choices.pick(12) {
        1 => text_of_length(min),
        2 => text_of_length(max),
        3 => text_of_length((min + 1).min(max)),
        4 => text_of_length(max.saturating_sub(1).max(min)),
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
