//! Outside probes: illegal bodies, each in a request of its own. A refusal counts where the control was accepted.

use super::{Reason, Run, wishes};
use crate::compose::{Slot, Wishes};
use crate::contract::PlaceId;
use crate::oracle::Reaction;
use crate::probe::{Probe, Travel};
use crate::rule::Side;
use crate::session::{Ask, Expect};

impl Run<'_> {
    pub(super) fn outside(&mut self) {
        let probes: Vec<&Probe> = self
            .suite
            .probes
            .iter()
            .filter(|probe| probe.side == Side::Outside && wishes(probe).is_some_and(|wishes| self.has_control(wishes)))
            .collect();
        let asks: Vec<Ask> = probes.iter().map(|probe| self.ask_of(probe)).collect();
        let heard = self.session.ask(&asks);
        for (probe, heard) in probes.into_iter().zip(heard) {
            let hindrance = if !self.trial_has_control(probe) {
                Some(Reason::Control)
            } else if !self.trial_is_the_arrays(probe, heard.reaction) {
                Some(Reason::Hidden)
            } else {
                None
            };
            let reaction = if hindrance.is_none() { heard.reaction } else { Reaction::Unknown };
            if let Some(hindrance) = hindrance {
                self.note(probe, hindrance);
            }
            self.saw(probe, reaction, heard.exchange);
        }
    }

    /// Whether the same body with a legal value there is accepted: that was seen when the controls were established.
    fn has_control(&self, wishes: &Wishes) -> bool {
        wishes.iter().all(|(place, slot)| {
            let judged = if *slot == Slot::Absent { self.operation.place(*place).parent } else { Some(*place) };
            !self.is_blocked(*place) && judged.is_none_or(|judged| !self.is_blocked(judged))
        })
    }

    /// What a broken element meets among others is the array's matter only where it is refused alone; otherwise its own rule
    /// has that finding.
    fn trial_is_the_arrays(&mut self, probe: &Probe, reaction: Reaction) -> bool {
        let (Travel::Trial(_), Some([(_, Slot::Elements(elements))])) =
            (probe.travel, wishes(probe).map(Vec::as_slice))
        else {
            return true;
        };
        let broken: Wishes = elements.iter().flatten().cloned().collect();
        let ask = self.ask_for(&broken, Expect::Decided, Some(self.key(probe.rule, probe.side)));
        let alone = self.session.ask_one(&ask).reaction;
        alone == Reaction::Refused || reaction == Reaction::Refused
    }

    /// For one of three elements the control is three legal ones.
    fn trial_has_control(&mut self, probe: &Probe) -> bool {
        let array: Option<PlaceId> = match (probe.travel, wishes(probe).and_then(|wishes| wishes.first())) {
            (Travel::Trial(_), Some((array, _))) => Some(*array),
            _ => None,
        };
        let Some(array) = array else { return true };
        let three = |slot: &Slot| matches!(slot, Slot::Elements(elements) if elements.iter().all(Vec::is_empty));
        let control = self.suite.probes.iter().find(|other| {
            other.rule == probe.rule
                && wishes(other).is_some_and(|wishes| wishes.iter().any(|(place, slot)| *place == array && three(slot)))
        });
        let Some(control) = control else { return true };
        let ask = self.ask_of(control);
        self.session.ask_one(&ask).reaction == Reaction::Accepted
    }
}
