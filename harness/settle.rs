//! Settled disputes: the contract in the reading that holds for one target.
//!
//! A dispute is settled before rules and probes are derived, so that nothing after it knows the difference. What a schema
//! can say goes into the operation's places and schema; the rest is noted there, and turns the rules that it is about.

use serde_json::Value;

use crate::contract::{Contract, Edit, Enumeration, Operation, PlaceId, Presence, Settled, Shape, Standing};
use crate::rule::{Keyword, Rule, SiteIndex, rules};
use crate::validate::Judge;

pub use crate::contract::Reading;

/// Which reading of a disputed rule holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// The place, as it was written; `*` stands for any characters.
    pub place: String,
    /// What the rule is about.
    pub keyword: Keyword,
    /// The bound; needed only where several disputed rules share place and keyword.
    pub bound: Option<Value>,
    /// What the target does with what the rule is about.
    pub reading: Reading,
}

/// Why a dispute cannot be settled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
    /// The place is none.
    #[error("no rule stands at `{0}`")]
    Place(String),
    /// There is a place, but no such rule.
    #[error("no rule of keyword `{keyword}` stands at `{place}`")]
    Keyword {
        /// The place.
        place: String,
        /// The keyword.
        keyword: Keyword,
    },
    /// The rule is firm.
    #[error("`{keyword}` at `{place}` is firm: there is nothing to settle")]
    Firm {
        /// The place.
        place: String,
        /// The keyword.
        keyword: Keyword,
    },
    /// The rule is not tested.
    #[error("`{keyword}` at `{place}` is unprobed: there is nothing to settle")]
    Unprobed {
        /// The place.
        place: String,
        /// The keyword.
        keyword: Keyword,
    },
    /// Several rules are meant.
    #[error("several disputed rules of keyword `{keyword}` stand at `{place}`: add `bound`, one of {bounds}")]
    Ambiguous {
        /// The place.
        place: String,
        /// The keyword.
        keyword: Keyword,
        /// Their bounds.
        bounds: String,
    },
    /// No disputed rule has this bound.
    #[error("no disputed rule of keyword `{keyword}` at `{place}` has the bound {bound}: it is {bounds}")]
    Bound {
        /// The place.
        place: String,
        /// The keyword.
        keyword: Keyword,
        /// The bound.
        bound: String,
        /// Those that there are.
        bounds: String,
    },
    /// Ordinary requests may be what is to be refused, and the document says that they are legal.
    #[error("`{keyword}` at `{place}` cannot be settled so: the document allows it, and ordinary requests may have it")]
    Ordinary {
        /// The place.
        place: String,
        /// The keyword.
        keyword: Keyword,
    },
    /// The same rule is settled by two entries.
    #[error("`{keyword}` at `{place}` is settled twice")]
    Twice {
        /// The place.
        place: String,
        /// The keyword.
        keyword: Keyword,
    },
}

/// The contract with these disputes settled. An error comes with the number of the settlement that is at fault.
pub fn settle(contract: &Contract, settlements: &[Settlement]) -> Result<Contract, (usize, SettleError)> {
    let all = rules(contract.operation());
    let index = SiteIndex::of(&all);
    let mut operation = contract.operation().clone();
    let mut done: Vec<&Rule> = Vec::new();
    for (number, settlement) in settlements.iter().enumerate() {
        for rule in settlement.meant(&all, &index).map_err(|error| (number, error))? {
            if done.contains(&rule) {
                let error = SettleError::Twice { place: rule.place.to_string(), keyword: rule.keyword };
                return Err((number, error));
            }
            done.push(rule);
            if operation.is_open {
                let is_ordinary = matches!(rule.keyword, Keyword::Optional | Keyword::Null);
                if settlement.reading == Reading::Refused && is_ordinary {
                    let error = SettleError::Ordinary { place: rule.place.to_string(), keyword: rule.keyword };
                    return Err((number, error));
                }
                note(&mut operation, rule, settlement.reading);
                continue;
            }
            apply(&mut operation, rule, settlement.reading);
        }
    }
    if let Some(doubt) = example_doubt(&operation) {
        operation.body.example_doubt = Some(doubt);
    }
    Ok(contract.with(operation))
}

/// The same with those alone that are about rules of this contract: a document's other operations have other rules. Which of
/// several is meant has to be said wherever they stand.
pub fn settle_here(contract: &Contract, settlements: &[Settlement]) -> Result<Contract, (usize, SettleError)> {
    let is_here = |settlement: &Settlement| match settle(contract, std::slice::from_ref(settlement)) {
        Ok(_) | Err((_, SettleError::Ambiguous { .. } | SettleError::Ordinary { .. })) => true,
        Err(_) => false,
    };
    let numbers: Vec<usize> = (0..settlements.len()).filter(|number| is_here(&settlements[*number])).collect();
    let here: Vec<Settlement> = numbers.iter().map(|number| settlements[*number].clone()).collect();
    settle(contract, &here).map_err(|(number, error)| (numbers[number], error))
}

impl Settlement {
    /// The disputed rules that it is about.
    fn meant<'a>(&self, all: &'a [Rule], index: &SiteIndex) -> Result<Vec<&'a Rule>, SettleError> {
        let (place, keyword) = (self.place.clone(), self.keyword);
        let meant = index.meant(&self.place);
        let here: Vec<&Rule> = all.iter().filter(|rule| meant.contains(&rule.place)).collect();
        if here.is_empty() {
            return Err(SettleError::Place(place));
        }
        let alike: Vec<&Rule> = here.into_iter().filter(|rule| rule.keyword == keyword).collect();
        if alike.is_empty() {
            return Err(SettleError::Keyword { place, keyword });
        }
        let unprobed = alike.iter().all(|rule| rule.standing.is_unprobed());
        let disputed: Vec<&Rule> = alike.into_iter().filter(|rule| rule.standing.is_disputed()).collect();
        if unprobed {
            return Err(SettleError::Unprobed { place, keyword });
        }
        if disputed.is_empty() {
            return Err(SettleError::Firm { place, keyword });
        }
        let bounds = || disputed.iter().map(|rule| rule.bound.to_string()).collect::<Vec<_>>().join(", ");
        match &self.bound {
            Some(bound) => {
                let meant: Vec<&Rule> = disputed.iter().copied().filter(|rule| rule.bound == *bound).collect();
                if meant.is_empty() {
                    return Err(SettleError::Bound { place, keyword, bound: bound.to_string(), bounds: bounds() });
                }
                Ok(meant)
            }
            None if disputed
                .iter()
                .any(|rule| disputed.iter().filter(|other| other.place == rule.place).count() > 1) =>
            {
                Err(SettleError::Ambiguous { place, keyword, bounds: bounds() })
            }
            None => Ok(disputed),
        }
    }
}

fn apply(operation: &mut Operation, rule: &Rule, reading: Reading) {
    let accepted = reading == Reading::Accepted;
    let pointer = rule.at.map(|id| operation.schema_pointer(id)).unwrap_or_default();
    let edit = match (rule.keyword, rule.at) {
        (Keyword::Required, Some(id)) => {
            operation.place_mut(id).presence =
                if accepted { Presence::Optional } else { Presence::Mandatory(Standing::Firm) };
            Edit::mandatory(operation, id, !accepted)
        }
        (Keyword::Null, Some(id)) => {
            operation.place_mut(id).null = accepted.then_some(Standing::Firm);
            (!accepted).then_some(Edit::RefuseNull { pointer })
        }
        (Keyword::Enum, Some(id)) => {
            decide(operation, id, &rule.bound, accepted);
            (!accepted).then(|| Edit::List { pointer, value: rule.bound.clone(), listed: false })
        }
        (Keyword::UnknownMember, Some(id)) => {
            if let Shape::Object { unknown, .. } = &mut operation.place_mut(id).shape {
                *unknown = accepted.then_some(Standing::Firm);
            }
            (!accepted).then(|| Edit::unknown_members(pointer, Some(Value::Bool(false))))
        }
        _ => {
            note(operation, rule, reading);
            None
        }
    };
    if let Some(edit) = edit {
        edit.apply(&mut operation.body.schema);
    }
}

/// Notes what neither a place nor a schema says. In an operation of any document a schema may be a part of others, and hold
/// elsewhere too, so all of it is noted.
fn note(operation: &mut Operation, rule: &Rule, reading: Reading) {
    let (place, keyword, bound) = (rule.place.clone(), rule.keyword.as_str(), rule.bound.clone());
    operation.settled.push(Settled { place, keyword, bound, reading });
}

/// Counts a doubtful value among the legal or the illegal ones.
fn decide(operation: &mut Operation, id: PlaceId, value: &Value, accepted: bool) {
    if let Shape::Text { values, .. } | Shape::Integer { values, .. } = &mut operation.place_mut(id).shape
        && let Some(Enumeration { firm, disputed, excluded }) = values
    {
        disputed.retain(|(other, _)| other != value);
        if accepted { firm } else { excluded }.push(value.clone());
    }
}

/// Why the contract's example may be refused now, if it may.
fn example_doubt(operation: &Operation) -> Option<String> {
    let example: Value = serde_json::from_str(operation.body.example.as_deref()?).ok()?;
    let violation = Judge::new(operation).violations(&example).into_iter().next()?;
    Some(format!("the settled `{}` at {} makes the example illegal", violation.broken, violation.place))
}
