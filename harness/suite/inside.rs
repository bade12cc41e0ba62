//! Inside probes: legal values, as many in one body as fit. Accepted together, all are accepted.

use std::collections::BTreeMap;

use super::contrast::Contrast;
use super::reduce::{Culprits, Fails, Part, has_failed, overrides_of};
use super::variants::Unserved;
use super::{Observation, Reason, Run, overrides};
use crate::compose::Slot;
use crate::contract::PlaceId;
use crate::json::Json;
use crate::oracle::Reaction;
use crate::probe::{FIRM_BATCH, Kind, Probe, Travel};
use crate::rule::{Keyword, Side};
use crate::session::{Ask, Expect, Heard};

/// What is left free of a body that values share.
const MARGIN: usize = 240;

impl Run<'_> {
    /// Sends every inside probe: those that travel alone first, then each batch, then everything at once.
    pub(super) fn inside(&mut self) {
        self.alone();
        let mut batches: BTreeMap<usize, Vec<&Probe>> = BTreeMap::new();
        for probe in &self.suite.probes {
            if let (Travel::Together(batch), Some(overrides)) = (probe.travel, overrides(probe))
                && !self.touches_blocked(overrides)
            {
                batches.entry(batch).or_default().push(probe);
            }
        }
        for (batch, probes) in batches {
            self.batch(&probes, if batch == FIRM_BATCH { Fails::Unaccepted } else { Fails::Failure });
        }
        if self.suite.has_pairs() {
            self.all_at_once();
        }
    }

    fn alone(&mut self) {
        self.note_absences();
        let probes: Vec<&Probe> = self
            .suite
            .probes
            .iter()
            .filter(|probe| probe.side == Side::Inside && probe.travel == Travel::Alone)
            .filter(|probe| overrides(probe).is_some_and(|overrides| !self.touches_blocked(overrides)))
            .filter(|probe| self.absence_of_carried(probe).is_none())
            .collect();
        let asks: Vec<Ask> = probes.iter().map(|probe| self.ask_of(probe)).collect();
        let heard = self.session.ask(&asks);
        for (probe, heard) in probes.into_iter().zip(heard) {
            self.saw_inside(probe, heard);
        }
    }

    /// A legal value that is refused may be so only beside what another place holds: then it is not to blame alone.
    fn saw_inside(&mut self, probe: &Probe, heard: Heard) {
        if self.needs_contrast(probe, heard.reaction) {
            match self.contrast(probe) {
                Contrast::Counts => {}
                Contrast::Accepted(exchange) => return self.saw(probe, Reaction::Accepted, exchange),
                Contrast::Nothing(reason) => {
                    self.note(probe, reason);
                    return self.saw(probe, Reaction::Unknown, heard.exchange);
                }
            }
        }
        let refused = matches!(heard.reaction, Reaction::Refused | Reaction::Crashed) && self.is_firm(probe);
        let part = overrides(probe).and_then(|overrides| overrides.first()).filter(|_| refused);
        let Some((place, Slot::Value(value))) = part else {
            return self.saw(probe, heard.reaction, heard.exchange);
        };
        match self.partners(overrides(probe).map(Vec::as_slice).unwrap_or_default(), *place) {
            Ok(partners) => {
                self.clash_with(*place, value, &partners, &heard.exchange);
                self.saw(probe, Reaction::Accepted, partners.exchange);
            }
            Err(Unserved::Refused)
                if self.needs_contrast(probe, heard.reaction) && self.depends_on_others(*place, value) =>
            {
                self.note(probe, Reason::Together);
                self.saw(probe, Reaction::Unknown, heard.exchange);
            }
            Err(Unserved::Refused) => self.saw(probe, heard.reaction, heard.exchange),
            Err(Unserved::Unknown(reason)) => {
                self.note(probe, reason);
                self.saw(probe, Reaction::Unknown, heard.exchange);
            }
            Err(Unserved::Over(_)) => self.saw(probe, Reaction::Unknown, heard.exchange),
        }
    }

    fn note_absences(&mut self) {
        for probe in self.suite.probes.iter().filter(|probe| probe.side == Side::Inside) {
            if let Some(member) = self.absence_of_carried(probe) {
                self.note(probe, Reason::Demanded(self.operation.place(member).site.clone()));
            }
        }
    }

    /// The absence of a member that the target demands has been seen already.
    fn absence_of_carried(&self, probe: &Probe) -> Option<PlaceId> {
        let body = &self.operation.body;
        let is_carried =
            |place: &PlaceId| self.composer.adaptations.carried.contains(place) && !body.present.contains(place);
        let mut absent = overrides(probe)?.iter().filter(|(_, slot)| *slot == Slot::Absent).map(|(place, _)| *place);
        absent.find(is_carried)
    }

    pub(super) fn ask_of(&self, probe: &Probe) -> Ask {
        let overrides = overrides(probe).map(Vec::as_slice).unwrap_or_default();
        self.ask_for(overrides, self.expect(probe), Some(self.key(probe.rule, probe.side)))
    }

    /// Probes that share bodies.
    fn batch(&mut self, probes: &[&Probe], fails: Fails) {
        let parts: Vec<Part> = probes.iter().filter_map(|probe| overrides(probe)?.first().cloned()).collect();
        let groups = self.packed(&parts);
        let asks: Vec<Ask> = groups
            .iter()
            .map(|group| self.ask_for(&overrides_of(&parts, group), Expect::Decided, None).shared())
            .collect();
        let heard = self.session.ask(&asks);
        let (mut failed, mut hung) = (Vec::new(), Vec::new());
        for (group, heard) in groups.into_iter().zip(heard) {
            match heard.reaction {
                Reaction::Accepted => {
                    for number in group {
                        self.saw(probes[number], Reaction::Accepted, heard.exchange.clone());
                    }
                }
                // To halve what hangs costs a time limit for each half; one by one, the first culprit silences its rule.
                Reaction::TimedOut | Reaction::Unknown => hung.push(group),
                _ => failed.push(group),
            }
        }
        self.part_ways(probes, &parts, failed, fails);
        self.part_ways(probes, &parts, hung, Fails::Failure);
    }

    /// What a refused body held is sent part by part until every part has a word of its own.
    fn part_ways(&mut self, probes: &[&Probe], parts: &[Part], groups: Vec<Vec<usize>>, fails: Fails) {
        let members: Vec<usize> = groups.iter().flatten().copied().collect();
        let culprits = match fails {
            Fails::Unaccepted => self.reduce(parts, groups, Fails::Unaccepted),
            // Disputed text may be refused place by place; only each one's own answer tells a refusal from a crash.
            Fails::Failure => Culprits { single: members.clone(), together: Vec::new() },
        };
        let asks: Vec<Ask> = culprits.single.iter().map(|number| self.ask_of(probes[*number])).collect();
        let heard = self.session.ask(&asks);
        for (number, heard) in culprits.single.iter().zip(heard) {
            self.saw_inside(probes[*number], heard);
        }
        for number in members.into_iter().filter(|number| !culprits.single.contains(number)) {
            // It was accepted in a smaller batch, or its batch clashes: either way it is legal here by itself.
            let ask = self.ask_of(probes[number]);
            let heard = self.session.ask_one(&ask);
            self.saw(probes[number], heard.reaction, heard.exchange);
        }
        self.clash(parts, culprits);
    }

    /// Parts of a shared body that turned out to fail alone, whose own probe had not told.
    fn single_culprits(&mut self, parts: &[Part], single: &[usize]) {
        for number in single {
            let (place, slot) = &parts[*number];
            let listed = self.operation.place(*place).shape.values().is_some() && *slot != Slot::Ordinary;
            let keyword = if listed { Keyword::Enum } else { Keyword::Type };
            let Some(rule) = self.rule_at(*place, keyword) else { continue };
            let overrides = [parts[*number].clone()];
            let ask = self.ask_for(&overrides, Expect::Accepted, Some(self.key(rule, Side::Inside)));
            let heard = self.session.ask_one(&ask);
            if has_failed(heard.reaction, Fails::Unaccepted) {
                match self.partners(&overrides, *place) {
                    Ok(partners) => {
                        let value = self.valued(&parts[*number]).1;
                        self.clash_with(*place, &value, &partners, &heard.exchange);
                        continue;
                    }
                    Err(Unserved::Refused) => {}
                    Err(Unserved::Unknown(_) | Unserved::Over(_)) => continue,
                }
            }
            let (reaction, exchange, what) = (heard.reaction, heard.exchange, "a legal value".to_owned());
            let kind = if listed { Kind::Listed } else { Kind::Ordinary };
            self.seen.push(Observation { rule, side: Side::Inside, kind, what, reaction, exchange, trial: None });
        }
    }

    fn clash(&mut self, parts: &[Part], culprits: Culprits) {
        for (set, exchange) in culprits.together {
            let mut found: Vec<(PlaceId, Json)> = set.iter().map(|number| self.valued(&parts[*number])).collect();
            found.sort_unstable();
            found.dedup_by_key(|(place, _)| *place);
            self.note_clash(found, exchange);
        }
    }

    /// A part with the value that it stands for.
    pub(super) fn valued(&self, (place, slot): &Part) -> (PlaceId, Json) {
        let value = if let Slot::Value(value) = slot { value.clone() } else { self.composer.ordinary(*place) };
        (*place, value)
    }

    /// Groups of parts that fit one body: at different places, none within another, below the size limit.
    fn packed(&self, parts: &[Part]) -> Vec<Vec<usize>> {
        if self.operation.is_open {
            // What goes together is not said.
            return (0..parts.len()).map(|number| vec![number]).collect();
        }
        let most = self.operation.usual_bytes().saturating_sub(MARGIN);
        let mut bodies: Vec<(Vec<usize>, usize)> = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            // Alone it counts its ancestors too, so the sum is never too small.
            let size = self.composer.body(std::slice::from_ref(part)).render().len();
            let open = bodies.iter_mut().find(|(group, sum)| {
                sum.saturating_add(size) <= most && group.iter().all(|other| self.go_together(&parts[*other], part))
            });
            match open {
                Some((group, sum)) => {
                    group.push(number);
                    *sum += size;
                }
                None => bodies.push((vec![number], size)),
            }
        }
        bodies.into_iter().map(|(group, _)| group).collect()
    }

    fn go_together(&self, one: &Part, other: &Part) -> bool {
        let replaces = |slot: &Slot| !matches!(slot, Slot::Extra(..) | Slot::Ordinary);
        let hides = |outer: &Part, inner: &Part| replaces(&outer.1) && self.operation.is_within(inner.0, outer.0);
        let same = one.0 == other.0;
        !same && !hides(one, other) && !hides(other, one) && !self.is_clash(one.0, other.0)
    }

    /// Whether the two places are known to be refused together.
    pub(super) fn is_clash(&self, one: PlaceId, other: PlaceId) -> bool {
        self.clashes.iter().any(|(_, clash)| clash.places.contains(&one) && clash.places.contains(&other))
    }

    /// All optional members present at once.
    fn all_at_once(&mut self) {
        let mut parts: Vec<Part> = Vec::new();
        for part in self.everything() {
            if parts.iter().all(|other| self.go_together(other, &part)) {
                parts.push(part);
            }
        }
        let all: Vec<usize> = (0..parts.len()).collect();
        let overrides = overrides_of(&parts, &all);
        if !self.is_legal(&self.composer, &overrides) {
            return;
        }
        let ask = self.ask_for(&overrides, Expect::Decided, None);
        let heard = self.session.ask_one(&ask);
        if has_failed(heard.reaction, Fails::Unaccepted) {
            let again = self.session.confirm(&ask, heard.exchange);
            if has_failed(again.reaction, Fails::Unaccepted) {
                self.blame(&parts, all);
            }
        }
    }

    /// Finds out what in a refused body was to blame.
    pub(super) fn blame(&mut self, parts: &[Part], all: Vec<usize>) {
        let culprits = self.reduce(parts, vec![all], Fails::Unaccepted);
        self.single_culprits(parts, &culprits.single);
        self.clash(parts, culprits);
    }

    /// The number of the rule that pairs of legal values are recorded under.
    pub(super) fn interaction_rule(&self) -> Option<usize> {
        self.suite.rules.iter().position(|rule| rule.keyword == Keyword::Interaction)
    }
}
