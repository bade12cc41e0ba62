//! Finds what in a shared body was refused: the smallest set of its parts that fails when everything else is left out.

use std::rc::Rc;

use super::Run;
use crate::compose::{Overrides, Slot};
use crate::contract::PlaceId;
use crate::oracle::Reaction;
use crate::session::{Exchange, Expect, Over};

/// One part of a shared body.
pub(super) type Part = (PlaceId, Slot);

/// Parts that fail only together, by their numbers, with the request that shows it.
type Together = (Vec<usize>, Rc<Exchange>);
/// A group of parts, and which of them were to blame.
type Blamed = (Vec<usize>, Vec<usize>);

/// What a refused body came down to.
#[derive(Debug, Default)]
pub(super) struct Culprits {
    /// Parts that fail alone, by their numbers.
    pub(super) single: Vec<usize>,
    /// The smallest sets that fail only together.
    pub(super) together: Vec<Together>,
}

/// When a body counts as failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fails {
    /// When it is not accepted.
    Unaccepted,
    /// When the target crashes, hangs or drops the connection.
    Failure,
}

impl Run<'_> {
    /// Reduces bodies that failed, all at once: `groups` hold numbers of `parts`. Where the run ends before that is done, of
    /// what was found only that counts which fails alone: it is asked about once more.
    pub(super) fn reduce(&mut self, parts: &[Part], groups: Vec<Vec<usize>>, fails: Fails) -> Culprits {
        let mut culprits = Culprits::default();
        if self.reduce_all(parts, groups, fails, &mut culprits).is_err() {
            culprits.together.clear();
        }
        culprits
    }

    fn reduce_all(
        &mut self,
        parts: &[Part],
        groups: Vec<Vec<usize>>,
        fails: Fails,
        culprits: &mut Culprits,
    ) -> Result<(), Over> {
        let mut pending = groups;
        while !pending.is_empty() {
            let mut rest = Vec::new();
            for (group, found) in self.split(parts, pending, fails, culprits)? {
                // What is left once the culprits are out may hide another pair.
                let left: Vec<usize> = group.into_iter().filter(|part| !found.contains(part)).collect();
                let anew = !found.is_empty() && left.len() > 1;
                if anew && self.any_fails(parts, std::slice::from_ref(&left), fails)?[0] {
                    rest.push(left);
                }
            }
            pending = rest;
        }
        Ok(())
    }

    /// Halves the groups until single parts are left; tells for each group which of its parts were to blame.
    fn split(
        &mut self,
        parts: &[Part],
        groups: Vec<Vec<usize>>,
        fails: Fails,
        culprits: &mut Culprits,
    ) -> Result<Vec<Blamed>, Over> {
        let mut blamed: Vec<Blamed> = groups.iter().map(|group| (group.clone(), Vec::new())).collect();
        let mut frontier: Vec<(usize, Vec<usize>)> = groups.into_iter().enumerate().collect();
        while !frontier.is_empty() {
            let (single, several): (Vec<_>, Vec<_>) = frontier.into_iter().partition(|(_, group)| group.len() == 1);
            for (origin, group) in single {
                culprits.single.push(group[0]);
                blamed[origin].1.push(group[0]);
            }
            let halves: Vec<Vec<usize>> = several
                .iter()
                .flat_map(|(_, group)| group.chunks(group.len().div_ceil(2)))
                .map(<[usize]>::to_vec)
                .collect();
            let failed = self.any_fails(parts, &halves, fails)?;
            let mut next = Vec::new();
            for ((origin, group), (halves, failed)) in several.into_iter().zip(halves.chunks(2).zip(failed.chunks(2))) {
                if failed.contains(&true) {
                    let failing = halves.iter().zip(failed).filter(|(_, failed)| **failed);
                    next.extend(failing.map(|(half, _)| (origin, half.clone())));
                } else if let Some((set, exchange)) = self.smallest_set(parts, &group, fails)? {
                    blamed[origin].1.extend(set.first());
                    culprits.together.push((set, exchange));
                }
            }
            frontier = next;
        }
        Ok(blamed)
    }

    /// The smallest set that still fails, by leaving out ever smaller shares; nothing where the whole no longer fails.
    fn smallest_set(&mut self, parts: &[Part], group: &[usize], fails: Fails) -> Result<Option<Together>, Over> {
        let mut set = group.to_vec();
        let mut shares = 2;
        while set.len() > 1 {
            let share = set.len().div_ceil(shares);
            let without: Vec<Vec<usize>> = (0..set.len())
                .step_by(share)
                .map(|from| [&set[..from], &set[(from + share).min(set.len())..]].concat())
                .filter(|left| !left.is_empty())
                .collect();
            let failed = self.any_fails(parts, &without, fails)?;
            match without.into_iter().zip(failed).find(|(_, failed)| *failed) {
                Some((smaller, _)) => {
                    set = smaller;
                    shares = shares.saturating_sub(1).max(2);
                }
                None if share == 1 => break,
                None => shares = (shares * 2).min(set.len()),
            }
        }
        set.sort_unstable();
        let ask = self.ask_for(&overrides_of(parts, &set), Expect::Accepted, None);
        let heard = self.session.inquire_one(&ask)?;
        let heard = self.session.insist(&ask, heard)?;
        Ok(has_failed(heard.reaction, fails).then_some((set, heard.exchange)))
    }

    fn any_fails(&mut self, parts: &[Part], groups: &[Vec<usize>], fails: Fails) -> Result<Vec<bool>, Over> {
        // Alone, a part is the probe that it came from, which confirms itself; in a batch a surprise is only a hint.
        let asks: Vec<_> =
            groups.iter().map(|group| self.ask_for(&overrides_of(parts, group), Expect::Decided, None)).collect();
        Ok(self.session.inquire(&asks)?.iter().map(|heard| has_failed(heard.reaction, fails)).collect())
    }
}

pub(super) fn has_failed(reaction: Reaction, fails: Fails) -> bool {
    match fails {
        Fails::Unaccepted => reaction == Reaction::Refused || reaction.is_failure(),
        Fails::Failure => reaction.is_failure(),
    }
}

pub(super) fn overrides_of(parts: &[Part], numbers: &[usize]) -> Overrides {
    numbers.iter().map(|number| parts[*number].clone()).collect()
}
