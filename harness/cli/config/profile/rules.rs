//! The rules that a profile speaks of: whether its settled disputes and its waivers name any.

use crate::contract::Contract;
use crate::names::nearest;
use crate::rule::{Keyword, Rule, Side, rules};
use crate::settle::{SettleError, Settlement};
use crate::verdict::{Waiver, is_cause};

/// Findings that a place can have without a rule of that keyword there.
const WITHOUT_RULE: [Keyword; 4] = [Keyword::Timeout, Keyword::Connection, Keyword::Flaky, Keyword::Text];

/// What may have been meant by a settlement that names no rule.
pub(in crate::cli) fn hint(contract: &Contract, settlement: &Settlement, error: &SettleError) -> String {
    let all = rules(contract.operation());
    match error {
        SettleError::Place(place) => {
            let hint = nearest(place, all.iter().map(|rule| rule.place.as_str()));
            format!("{hint}; `fencepost rules` lists the places")
        }
        SettleError::Keyword { place, .. } => {
            let here = all.iter().filter(|rule| rule.place == *place);
            let mut known: Vec<&str> = here.map(|rule| rule.keyword.as_str()).collect();
            known.dedup();
            if known.is_empty() { String::new() } else { format!("; those there are {}", known.join(", ")) }
        }
        SettleError::Firm { .. } => "; remove the entry".to_owned(),
        SettleError::Twice { .. } => format!("; remove the entry for `{}`", settlement.place),
        SettleError::Ambiguous { .. } | SettleError::Bound { .. } => String::new(),
    }
}

/// The number of the first waiver of a finding that this contract cannot have, and what is wrong with it.
pub(in crate::cli) fn unknown_waiver(contract: &Contract, waivers: &[Waiver]) -> Option<(usize, String)> {
    let all = rules(contract.operation());
    let (number, waiver) = waivers.iter().enumerate().find(|(_, waiver)| !is_possible(&all, &waiver.id))?;
    let known: Vec<String> = all.iter().filter(|rule| !rule.covered).flat_map(ids).collect();
    let hint = nearest(&waiver.id, known.iter().map(String::as_str));
    let problem = format!("no finding can be called `{}`{hint}; write PLACE:KEYWORD:SIDE, as a report does", waiver.id);
    Some((number, problem))
}

fn ids(rule: &Rule) -> Vec<String> {
    let sides = [(Side::Inside, rule.inside), (Side::Outside, rule.outside)];
    let there = sides.into_iter().filter(|(_, there)| *there);
    there.map(|(side, _)| format!("{}:{}:{side}", rule.place, rule.keyword)).collect()
}

fn is_possible(all: &[Rule], id: &str) -> bool {
    if is_cause(id) {
        return true;
    }
    let mut parts = id.rsplitn(3, ':');
    let (Some(side), Some(keyword), Some(place)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let (Ok(keyword), true) = (keyword.parse::<Keyword>(), ["inside", "outside"].contains(&side)) else { return false };
    let known = |place: &str| all.iter().any(|rule| rule.place == place);
    if keyword == Keyword::Interaction {
        return side == "inside" && place.split(" + ").all(known);
    }
    let rule = all.iter().any(|rule| ids(rule).iter().any(|known| known == id));
    rule || (WITHOUT_RULE.contains(&keyword) && known(place))
}
