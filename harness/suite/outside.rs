//! Outside probes: illegal bodies, each in a request of its own. A refusal counts where the control was accepted.

use super::{Reason, Run, overrides};
use crate::compose::{Overrides, Slot};
use crate::contract::PlaceId;
use crate::oracle::Reaction;
use crate::probe::{Kind, Probe, Travel};
use crate::rule::Side;
use crate::session::{Ask, Expect, Over};

impl Run<'_> {
    pub(super) fn outside(&mut self) {
        let probes: Vec<&Probe> = self
            .suite
            .probes
            .iter()
            .filter(|probe| {
                probe.side == Side::Outside && overrides(probe).is_some_and(|overrides| self.has_control(overrides))
            })
            .collect();
        let asks: Vec<Ask> = probes.iter().map(|probe| self.ask_of(probe)).collect();
        let heard = self.session.ask(&asks);
        for (probe, heard) in probes.into_iter().zip(heard) {
            let hindrance = self.hindrance_of_trial(probe, heard.reaction);
            let reaction = if hindrance == Ok(None) { heard.reaction } else { Reaction::Unknown };
            if let Ok(Some(hindrance)) = hindrance {
                self.note(probe, hindrance);
            }
            self.saw(probe, reaction, heard.exchange);
        }
    }

    /// Why what was heard of one of several elements says nothing of their array.
    fn hindrance_of_trial(&mut self, probe: &Probe, reaction: Reaction) -> Result<Option<Reason>, Over> {
        if !self.trial_has_control(probe)? {
            return Ok(Some(Reason::Control));
        }
        Ok(if self.trial_is_the_arrays(probe, reaction)? { None } else { Some(Reason::Hidden) })
    }

    /// Whether the same body with a legal value there is accepted: that was seen when the controls were established.
    fn has_control(&self, overrides: &Overrides) -> bool {
        overrides.iter().all(|(place, slot)| {
            let judged = if *slot == Slot::Absent { self.operation.place(*place).parent } else { Some(*place) };
            !self.is_blocked(*place) && judged.is_none_or(|judged| !self.is_blocked(judged))
        })
    }

    /// What a broken element meets among others is the array's matter only where it is refused alone; otherwise its own rule
    /// has that finding.
    fn trial_is_the_arrays(&mut self, probe: &Probe, reaction: Reaction) -> Result<bool, Over> {
        let (Travel::Trial(_), Some([(_, Slot::Elements(elements))])) =
            (probe.travel, overrides(probe).map(Vec::as_slice))
        else {
            return Ok(true);
        };
        let broken: Overrides = elements.iter().flatten().cloned().collect();
        let ask = self.ask_for(&broken, Expect::Decided, Some(self.key(probe.rule, probe.side)));
        let alone = self.session.inquire_one(&ask);
        Ok(reaction == Reaction::Refused || alone?.reaction == Reaction::Refused)
    }

    /// For one of three elements the control is three legal ones.
    fn trial_has_control(&mut self, probe: &Probe) -> Result<bool, Over> {
        let array: Option<PlaceId> = match (probe.travel, overrides(probe).and_then(|overrides| overrides.first())) {
            (Travel::Trial(_), Some((array, _))) => Some(*array),
            _ => None,
        };
        let Some(array) = array else { return Ok(true) };
        let control = self.suite.probes.iter().find(|other| {
            other.rule == probe.rule
                && other.kind == Kind::Several
                && overrides(other).is_some_and(|overrides| overrides.iter().any(|(place, _)| *place == array))
        });
        let Some(control) = control else { return Ok(true) };
        let ask = self.ask_of(control);
        Ok(self.session.inquire_one(&ask)?.reaction == Reaction::Accepted)
    }
}
