//! The rules that a profile speaks of: whether its settled disputes and its waivers name any.

use crate::contract::Contract;
use crate::names::nearest;
use crate::rule::{FindingId, Keyword, Side, SiteIndex, finding_id, rules};
use crate::settle::{SettleError, Settlement};
use crate::verdict::{Waiver, is_cause};

/// Findings that a place can have without a rule of that keyword there.
const WITHOUT_RULE: [Keyword; 4] = [Keyword::Timeout, Keyword::Connection, Keyword::Flaky, Keyword::Text];

/// What may have been meant by a settlement that names no rule.
pub(in crate::cli) fn hint(contract: &Contract, settlement: &Settlement, error: &SettleError) -> String {
    let all = rules(contract.operation());
    match error {
        SettleError::Place(place) => {
            let hint = SiteIndex::of(&all).nearest(place);
            format!("{hint}; `fencepost rules` lists the places")
        }
        SettleError::Keyword { place, .. } => {
            let meant = SiteIndex::of(&all).meant(place);
            let here = all.iter().filter(|rule| meant.contains(&rule.place));
            let mut known: Vec<&str> = here.map(|rule| rule.keyword.as_str()).collect();
            known.dedup();
            if known.is_empty() { String::new() } else { format!("; those there are {}", known.join(", ")) }
        }
        SettleError::Ordinary { .. } => "; write it into the document".to_owned(),
        SettleError::Firm { .. } | SettleError::Unprobed { .. } => "; remove the entry".to_owned(),
        SettleError::Twice { .. } => format!("; remove the entry for `{}`", settlement.place),
        SettleError::Ambiguous { .. } | SettleError::Bound { .. } => String::new(),
    }
}

/// The number of the first waiver of a finding that this contract cannot have, and what is wrong with it.
pub(in crate::cli) fn unknown_waiver(contract: &Contract, waivers: &[Waiver]) -> Option<(usize, String)> {
    let all = rules(contract.operation());
    let index = SiteIndex::of(&all);
    let ids: Vec<FindingId> = (0..all.len())
        .filter(|number| !all[*number].covered)
        .flat_map(|number| {
            let sides = [(Side::Inside, all[number].inside), (Side::Outside, all[number].outside)];
            let all = &all;
            sides.into_iter().filter(|(_, there)| *there).map(move |(side, _)| finding_id(all, number, side))
        })
        .collect();
    let is_possible = |id: FindingId| match id.keyword {
        Keyword::Interaction => id.side == Side::Inside,
        keyword => WITHOUT_RULE.contains(&keyword) || ids.iter().any(|known| id.covers(known)),
    };
    let is_known = |waiver: &Waiver| is_cause(&waiver.id) || index.finding(&waiver.id).is_ok_and(is_possible);
    let (number, waiver) = waivers.iter().enumerate().find(|(_, waiver)| !is_known(waiver))?;
    let known: Vec<String> = ids.iter().map(FindingId::short).collect();
    let hint = nearest(&waiver.id, known.iter().map(String::as_str));
    let problem = format!("no finding can be called `{}`{hint}; write PLACE:KEYWORD:SIDE, as a report does", waiver.id);
    Some((number, problem))
}
