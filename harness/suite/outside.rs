//! Outside probes: illegal bodies, each in a request of its own. A refusal counts where the control was accepted.

use super::session::Ask;
use super::{Run, wishes};
use crate::compose::{Slot, Wishes};
use crate::contract::PlaceId;
use crate::oracle::Reaction;
use crate::probe::{Probe, Travel};
use crate::rule::Side;

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
            let reaction = if self.trial_has_control(probe) { heard.reaction } else { Reaction::Unknown };
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
