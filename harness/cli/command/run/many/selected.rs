//! Which rules of which operations a run is about: a pattern need not match in every operation, but in some.

use std::collections::BTreeMap;
use std::fs;

use super::super::super::error::Failure;
use crate::cli::config::arguments::RunArguments;
use crate::cli::config::contracts::OpenContracts;
use crate::report::earlier::found;
use crate::rule::{FindingId, SiteIndex, rules};
use crate::suite::{Selection, SelectionError, Suite};

/// What a run is about.
pub(super) enum Selected {
    /// Every rule.
    All,
    /// Of each operation, by its number in the document, what all of these select; of others nothing.
    Some(BTreeMap<usize, Vec<Selection>>),
}

impl Selected {
    /// Whether it is about every rule of every operation.
    pub(super) fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }

    /// What the arguments ask for; an error where a part of it is about no operation.
    pub(super) fn of(open: &OpenContracts, arguments: &RunArguments) -> Result<Self, Failure> {
        let RunArguments { only, skip, rerun_findings, .. } = arguments;
        if only.is_empty() && skip.is_empty() && rerun_findings.is_none() {
            return Ok(Self::All);
        }
        let rerun = |why: String| Failure::EarlierReport { path: rerun_findings.clone().unwrap_or_default(), why };
        let ids = match rerun_findings {
            Some(path) => found(&fs::read_to_string(path).map_err(|error| rerun(error.to_string()))?).map_err(rerun)?,
            None => Vec::new(),
        };
        let mut unmatched: Vec<(&String, Option<SelectionError>)> =
            only.iter().chain(skip).map(|pattern| (pattern, None)).collect();
        let mut lost: Vec<&String> = ids.iter().collect();
        let mut all = BTreeMap::new();
        for (number, opened) in open.operations().enumerate() {
            let Ok(contract) = opened.contract else { continue };
            let rules = rules(contract.operation());
            let index = SiteIndex::of(&rules);
            let again: Vec<FindingId> = ids.iter().filter_map(|id| index.finding(id).ok()).collect();
            lost.retain(|id| index.finding(id).is_err());
            let here = |patterns: &[String]| -> Vec<String> {
                let matches = |pattern: &&String| Selection::new(std::slice::from_ref(*pattern), &[], &rules).is_ok();
                patterns.iter().filter(matches).cloned().collect()
            };
            let (only_here, skip_here) = (here(only), here(skip));
            unmatched.retain_mut(|(pattern, why)| {
                let is_matched = only_here.contains(pattern) || skip_here.contains(pattern);
                let error = Selection::new(std::slice::from_ref(*pattern), &[], &rules).err();
                let has_hint =
                    |why: &SelectionError| !matches!(why, SelectionError::Unmatched { hint, .. } if hint.is_empty());
                if why.as_ref().is_none_or(|why| !has_hint(why)) {
                    *why = error;
                }
                !is_matched
            });
            let is_about = (only.is_empty() || !only_here.is_empty()) && (ids.is_empty() || !again.is_empty());
            if !is_about {
                continue;
            }
            let mut selections = Vec::new();
            if !again.is_empty() {
                selections.push(Selection::of_findings(&again, &rules));
            }
            if !only_here.is_empty() || !skip_here.is_empty() {
                selections.push(Selection::new(&only_here, &skip_here, &rules)?);
            }
            all.insert(number, selections);
        }
        if let Some(id) = lost.first() {
            return Err(rerun(format!("its finding `{id}` is of none of these operations")));
        }
        match unmatched.into_iter().find_map(|(_, why)| why) {
            Some(why) => Err(why.into()),
            None => Ok(Self::Some(all)),
        }
    }

    /// The suite of the operation with this number, about what is selected, and of that the share that is asked for; nothing
    /// where that is no rule.
    pub(super) fn applied<'a>(
        &self,
        number: usize,
        mut suite: Suite<'a>,
        shard: Option<(usize, usize)>,
    ) -> Option<Suite<'a>> {
        if let Self::Some(all) = self {
            for selection in all.get(&number)? {
                suite = suite.select(selection).ok()?;
            }
        }
        if let Some(shard) = shard {
            suite = shared(suite, number, shard);
        }
        suite.reported().contains(&true).then_some(suite)
    }
}

/// The share of an operation's rules. Most operations have few places: each begins with another share, so that none is of all
/// the first places.
pub(super) fn shared(suite: Suite<'_>, number: usize, (share, count): (usize, usize)) -> Suite<'_> {
    suite.shard((share - 1 + number) % count + 1, count)
}
