//! Controls: for every place, a body with a legal value there that this target accepts.
//!
//! Where the smallest legal body is refused, the target is asked what it wants: an optional member that it demands, or
//! another ordinary value. That one cause is remembered and carried along, so that it neither hides nor multiplies others.

use std::rc::Rc;

use super::advice::{advice, status, told};
use super::untestable::Untestable;
use super::variants::{Change, MOST_VARIANTS, Served, Unserved, Variations, taught, values_of};
use super::{Observation, Reason, Run};
use crate::compose::{Slot, bounds_hit};
use crate::contract::{Operation, Place, PlaceId, Presence, Shape};
use crate::json::Json;
use crate::oracle::Reaction;
use crate::probe::{Kind, ORDINARY};
use crate::rule::{Keyword, Side};
use crate::session::{Ask, Exchange, Expect, Over};

/// In so many ways the rest of a body is varied before the blame is with one place.
const MOST_MIXTURES: usize = 8;
/// So many levels of optional members are tried for what is demanded.
const DEEPEST: usize = 3;
/// So many other members are tried in the place of one that helps.
const MOST_SIBLINGS: usize = 3;

/// Why no change is known that makes a body acceptable; nothing where all that were tried are refused, too.
type Unhealed = Option<Reason>;

/// Why there are no controls to go on with.
pub(super) enum Uncontrolled {
    /// The run is over, or begins anew.
    Over,
    /// Not even the body itself gets one.
    Untestable(Untestable),
}

impl From<Over> for Uncontrolled {
    fn from(_: Over) -> Self {
        Self::Over
    }
}

impl Run<'_> {
    /// Establishes a control for every place.
    pub(super) fn controls(&mut self) -> Result<(), Uncontrolled> {
        // A lesson changes the bodies that later controls are made of, so the objects are gone through until none is new.
        while let Some((object, refused)) = self.first_refused_object() {
            if object == Operation::ROOT && self.learns_from_example()? {
                continue;
            }
            let before = self.composer.adaptations.clone();
            let healed = self.heal(object)?;
            // A lesson that is none would be learnt for ever.
            if healed.is_ok() && self.composer.adaptations != before {
                continue;
            }
            if object == Operation::ROOT {
                if self.session.turns_out_to_waver() {
                    return Err(Uncontrolled::Over);
                }
                let status = status(&refused);
                let (told, advice) = (told(&refused), advice(self.operation, status));
                return Err(Uncontrolled::Untestable(Untestable::NothingAccepted { status, told, advice }));
            }
            self.give_up(object, &refused, healed.err().flatten())?;
        }
        let places = self.operation.places().map(|(id, _)| id).filter(|id| self.suite.concerned[id.0]);
        let refused = self.refused_of(&places.collect::<Vec<_>>());
        for (place, exchange) in refused {
            if !self.is_blocked(place)
                && let Err(reason) = self.heal(place)?
            {
                self.give_up(place, &exchange, reason)?;
            }
        }
        Ok(())
    }

    /// The first object, outermost first, whose smallest body is refused although everything around it is accepted.
    fn first_refused_object(&mut self) -> Option<(PlaceId, Rc<Exchange>)> {
        let objects: Vec<PlaceId> = self
            .operation
            .places()
            .filter(|(id, place)| matches!(place.shape, Shape::Object { .. }) && self.suite.concerned[id.0])
            .map(|(id, _)| id)
            .collect();
        self.refused_of(&objects).into_iter().next()
    }

    /// The places among these whose control is refused, in order.
    fn refused_of(&mut self, places: &[PlaceId]) -> Vec<(PlaceId, Rc<Exchange>)> {
        let open: Vec<PlaceId> = places.iter().copied().filter(|place| !self.is_blocked(*place)).collect();
        let asks: Vec<Ask> = open.iter().map(|place| self.control(*place)).collect();
        let heard = self.session.ask(&asks);
        open.into_iter()
            .zip(heard)
            .filter(|(_, heard)| heard.reaction != Reaction::Accepted && heard.reaction != Reaction::Unknown)
            .map(|(place, heard)| (place, heard.exchange))
            .collect()
    }

    /// The smallest body with an ordinary value at a place.
    fn control(&self, place: PlaceId) -> Ask {
        let key = self.rule_at(place, Keyword::Type).map(|rule| self.key(rule, Side::Inside));
        self.ask_for(&[(place, Slot::Ordinary)], Expect::Accepted, key)
    }

    /// Learns what makes the smallest body with a place acceptable, where something is known to.
    fn heal(&mut self, place: PlaceId) -> Result<Result<(), Unhealed>, Over> {
        match self.healed(place) {
            Ok(()) => Ok(Ok(())),
            Err(Unserved::Refused) => Ok(Err(None)),
            Err(Unserved::Unknown(reason)) => Ok(Err(Some(reason))),
            // Nobody knows what would have healed it.
            Err(Unserved::Over(over)) => Err(over),
        }
    }

    fn healed(&mut self, place: PlaceId) -> Result<(), Unserved> {
        let overrides = [(place, Slot::Ordinary)];
        let mut served = Err(Unserved::Refused);
        let mut room = Variations::default();
        // What comes along has values of its own, and what they hold may be demanded as well: a level at a time.
        let mut members = Vec::new();
        for _ in 0..DEEPEST {
            let with: Vec<_> =
                overrides.iter().cloned().chain(members.iter().map(|id| (*id, Slot::Ordinary))).collect();
            let mut values = self.values_in(&with, &[]);
            values.retain(|(id, _)| self.operation.is_within(*id, place));
            let branches = if members.is_empty() { self.branches_in(&overrides, place) } else { Vec::new() };
            room = Variations { members: members.clone(), values, arrays: Vec::new(), branches };
            served = self.served(&overrides, &room, MOST_VARIANTS);
            let deeper = self.absent_members(&with, place);
            if !matches!(served, Err(Unserved::Refused)) || deeper.is_empty() {
                break;
            }
            members.extend(deeper);
        }
        if let Err(Unserved::Refused) = served {
            match self.clashes_with_neighbours(place) {
                Err(Unserved::Refused) => {}
                known => return known,
            }
            // Nothing legal may be accepted in an array that must be there.
            room.arrays = self.arrays_in(&overrides, place);
            room.arrays.retain(|array| *array != place);
            room.branches.clear();
            served = self.served(&overrides, &room, MOST_VARIANTS);
        }
        Ok(self.learn(&overrides, place, &served?)?)
    }

    /// Takes over what a refused body needs to be accepted; each of these changes is a cause by itself.
    fn learn(&mut self, overrides: &[(PlaceId, Slot)], place: PlaceId, served: &Served) -> Result<(), Over> {
        let mut causes: Vec<(Change, Option<Rc<Exchange>>, bool)> = Vec::new();
        for index in 0..served.changes.len() {
            let mut left = served.changes.clone();
            let change = left.remove(index);
            // The body with every change but this one: refused for this cause alone.
            let heard = self.tried(overrides, &left)?;
            let refused = (heard.reaction != Reaction::Accepted).then_some(heard.exchange).filter(was_answered);
            let any_helps = match change {
                Change::Carried(member) => self.another_helps(overrides, &left, member)?,
                _ => false,
            };
            causes.push((change, refused, any_helps));
        }
        let usual = self.composer.clone();
        self.composer.adaptations = taught(&self.composer.adaptations, &served.changes);
        self.carry_in_every_branch(&served.changes);
        for (change, refused, any_helps) in causes {
            let Some(refused) = refused else { continue };
            match change {
                // What is refused is the object with none, and a member only comes along as a means.
                Change::Carried(member) if any_helps => {
                    let object = self.operation.place(member).parent.unwrap_or(place);
                    self.refused_ordinarily(object, &refused);
                }
                Change::Carried(member) => self.demanded(member, &refused),
                Change::Emptied(array) => self.give_up(array, &refused, None)?,
                // Legal values of each branch have probes of their own, which tell.
                Change::Branch(..) => {}
                Change::Value(id, value) => self.substituted(overrides, id, (&usual.ordinary(id), &value), &refused)?,
            }
        }
        Ok(())
    }

    /// What is demanded in one branch of an object is so in the others, as far as is known.
    fn carry_in_every_branch(&mut self, changes: &[Change]) {
        for change in changes {
            let Change::Carried(member) = change else { continue };
            let one = self.operation.place(*member);
            let is_same = |place: &Place| {
                place.branch.is_some()
                    && one.branch.is_some()
                    && place.parent == one.parent
                    && place.step == one.step
                    && place.presence == Presence::Optional
            };
            let same = self.operation.places().filter(|(_, place)| is_same(place)).map(|(id, _)| id);
            self.composer.adaptations.carried.extend(same);
        }
    }

    /// Whether another optional member of the same object does as well as this one.
    fn another_helps(&mut self, overrides: &[(PlaceId, Slot)], left: &[Change], member: PlaceId) -> Result<bool, Over> {
        let object = self.operation.place(member).parent;
        let siblings: Vec<PlaceId> = self
            .operation
            .places()
            .filter(|(id, place)| place.parent == object && place.presence == Presence::Optional && *id != member)
            .map(|(id, _)| id)
            .filter(|id| !left.contains(&Change::Carried(*id)) && !self.composer.adaptations.carried.contains(id))
            .collect();
        for sibling in siblings.into_iter().take(MOST_SIBLINGS) {
            let with = [left, &[Change::Carried(sibling)]].concat();
            if self.tried(overrides, &with)?.reaction == Reaction::Accepted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// An optional member that the target demands.
    fn demanded(&mut self, member: PlaceId, refused: &Rc<Exchange>) {
        if let Some(rule) = self.rule_at(member, Keyword::Optional) {
            self.refused_inside(rule, Kind::Absent, "absent", refused);
        }
    }

    /// Another value is taken for the ordinary one, whose refusal is a finding of its own.
    fn substituted(
        &mut self,
        overrides: &[(PlaceId, Slot)],
        place: PlaceId,
        (usual, value): (&Json, &Json),
        refused: &Rc<Exchange>,
    ) -> Result<(), Over> {
        let with: Vec<_> = overrides.iter().cloned().chain([(place, Slot::Value(usual.clone()))]).collect();
        match self.partners(&with, place) {
            Ok(partners) => {
                self.clash_with(place, usual, &partners, refused);
                return Ok(());
            }
            Err(Unserved::Refused) => {}
            Err(Unserved::Unknown(_)) => return Ok(()),
            Err(Unserved::Over(over)) => return Err(over),
        }
        let shape = &self.operation.place(place).shape;
        // A listed value, or a bound, has a probe of its own that tells.
        let has_probe = shape.values().is_some() || leaves_bound(shape, usual, value);
        if !has_probe {
            self.refused_ordinarily(place, refused);
        }
        Ok(())
    }

    /// Places whose other values make a refused body acceptable, with what they hold in it.
    pub(super) fn partners(&mut self, overrides: &[(PlaceId, Slot)], apart: PlaceId) -> Result<Served, Unserved> {
        let room = Variations { values: self.values_in(overrides, &[apart]), ..Variations::default() };
        self.served(overrides, &room, MOST_MIXTURES)
    }

    /// Legal values that are refused only together, one of them with each of the others.
    pub(super) fn clash_with(&mut self, place: PlaceId, value: &Json, partners: &Served, refused: &Rc<Exchange>) {
        for (partner, _) in values_of(&partners.changes) {
            let mut parts = vec![(place, value.clone()), (partner, self.composer.ordinary(partner))];
            parts.sort_unstable();
            self.note_clash(parts, refused.clone());
        }
    }

    /// Whether the place is refused only beside the ordinary values of others; those have others from then on.
    fn clashes_with_neighbours(&mut self, place: PlaceId) -> Result<(), Unserved> {
        let overrides = [(place, Slot::Ordinary)];
        let partners = self.partners(&overrides, place)?;
        let heard = self.tried(&overrides, &[])?;
        if heard.reaction == Reaction::Accepted {
            return Err(Unserved::Refused);
        }
        self.clash_with(place, &self.composer.ordinary(place), &partners, &heard.exchange);
        self.composer.adaptations = taught(&self.composer.adaptations, &partners.changes);
        Ok(())
    }

    /// Gives a place up: what stands in it cannot be tested. That nothing legal is accepted there is the finding, where that
    /// is so.
    fn give_up(&mut self, place: PlaceId, exchange: &Rc<Exchange>, unknown: Unhealed) -> Result<(), Over> {
        self.blocked.insert(place);
        if let Some(reason) = unknown {
            if let Some(rule) = self.rule_at(place, Keyword::Type) {
                self.note_of((rule, Side::Inside), reason);
            }
        } else {
            let culprit = self.innermost_refused(place)?;
            self.refused_ordinarily(culprit, exchange);
        }
        Ok(())
    }

    /// Of a refused array that is accepted without an element, the element is to blame, and so on inwards.
    fn innermost_refused(&mut self, mut place: PlaceId) -> Result<PlaceId, Over> {
        while let Shape::Array { element } = self.operation.place(place).shape {
            let empty = [(place, Slot::Elements(Vec::new()))];
            if self.tried(&empty, &[])?.reaction != Reaction::Accepted {
                break;
            }
            place = element;
        }
        Ok(place)
    }

    /// Where the values are listed, the ordinary one is one of them.
    fn refused_ordinarily(&mut self, place: PlaceId, exchange: &Rc<Exchange>) {
        if self.operation.is_open && !exchange.judgement.reaction.is_failure() {
            if let Some(rule) = self.rule_at(place, Keyword::Type) {
                self.note_of((rule, Side::Inside), Reason::Open);
            }
            return;
        }
        let listed = self.operation.place(place).shape.values().is_some();
        let keyword = if listed { Keyword::Enum } else { Keyword::Type };
        if let Some(rule) = self.rule_at(place, keyword) {
            self.refused_inside(rule, if listed { Kind::Listed } else { Kind::Ordinary }, ORDINARY, exchange);
        }
    }

    fn refused_inside(&mut self, rule: usize, kind: Kind, what: &str, exchange: &Rc<Exchange>) {
        self.seen.push(Observation {
            rule,
            side: Side::Inside,
            kind,
            what: what.to_owned(),
            reaction: exchange.judgement.reaction,
            exchange: exchange.clone(),
            trial: None,
        });
    }
}

/// Whether the target said anything to a request.
fn was_answered(exchange: &Rc<Exchange>) -> bool {
    !matches!(exchange.judgement.reaction, Reaction::Unknown | Reaction::Throttled)
}

/// Whether the usual value stands on a bound that the other does not stand on.
fn leaves_bound(shape: &Shape, usual: &Json, other: &Json) -> bool {
    let (usual, other) = (bounds_hit(shape, usual), bounds_hit(shape, other));
    (usual.0 && !other.0) || (usual.1 && !other.1)
}
