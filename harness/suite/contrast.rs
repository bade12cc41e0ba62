//! Contrast: in an open contract a legal value that is refused is a finding only beside one that is accepted.
//!
//! No document says which things a service holds, which go together, or what it lets nobody do just now. So a refusal counts
//! where another value at that place was accepted, where what differs from it in nothing else is accepted still, and never at
//! a place that names another thing.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{Reason, Run, overrides};
use crate::compose::{Overrides, Slot, is_plain, letters};
use crate::contract::{ParameterIn, Place, PlaceId, Presence, Shape};
use crate::fingerprint;
use crate::json::Json;
use crate::oracle::{Reaction, Scope};
use crate::probe::{Probe, Wire};
use crate::request_context::RequestOverride;
use crate::rule::{Keyword, Side, Site};
use crate::session::{Exchange, Expect, Variant};

/// So many other texts are tried in the place of one that may be held already.
const OTHER_TEXTS: u64 = 2;
/// So many other numbers are tried beside a bound, and of each place so many.
const MOST_SURROUNDINGS: usize = 8;
const MOST_VALUES: usize = 3;
/// Last words of a name that is another thing's.
const NAMING: [&str; 12] = ["id", "ids", "uuid", "uuids", "guid", "ref", "refs", "uri", "uris", "url", "urls", "href"];
/// Words of a name that is a place among what a service holds, and those of one that is a number of things.
const PAGING: [&str; 12] =
    ["page", "pages", "offset", "skip", "start", "cursor", "index", "position", "from", "after", "before", "since"];
const COUNTING: [&str; 6] = ["size", "limit", "per", "count", "max", "length"];

/// What the refusal of a legal value comes to.
pub(super) enum Contrast {
    /// It counts.
    Counts,
    /// Another like it was accepted.
    Accepted(Rc<Exchange>),
    /// It says nothing, for this reason.
    Nothing(Reason),
}

impl Run<'_> {
    /// Whether what was heard of a legal value counts only beside another.
    pub(super) fn needs_contrast(&self, probe: &Probe, reaction: Reaction) -> bool {
        self.operation.is_open
            && probe.side == Side::Inside
            && reaction == Reaction::Refused
            && self.is_firm(probe)
            && self.session.ended().is_none()
    }

    /// What the refusal of a legal value in the body comes to.
    pub(super) fn contrast(&mut self, probe: &Probe) -> Contrast {
        let Some((place, slot)) = overrides(probe).and_then(|overrides| overrides.first()).cloned() else {
            return Contrast::Counts;
        };
        if self.names_another(place) && !self.is_a_part_of_the_ordinary(place, &slot) {
            return Contrast::Nothing(Reason::Names);
        }
        if self.takes_only_what_is_shown(place) {
            return Contrast::Nothing(Reason::Shown);
        }
        let keyword = self.suite.rules[probe.rule].keyword;
        let nearer = self.nearer(place, &slot, keyword);
        let nearest = nearer.last().map_or(&slot, |overrides| &overrides[0].1).clone();
        for others in nearer.into_iter().chain(self.other_texts(place, &slot)).chain(self.fuller(place, &slot)) {
            let ask = self.ask_for(&others, Expect::Decided, None);
            let heard = self.session.ask_one(&ask);
            if heard.reaction == Reaction::Accepted {
                return Contrast::Accepted(heard.exchange);
            }
        }
        if self.has_refused_element(place, &nearest, keyword) {
            return Contrast::Nothing(Reason::Within);
        }
        self.counts_if_still_accepted(probe, &[(place, Slot::Ordinary)])
    }

    /// The same of a legal value around the body.
    pub(super) fn contrast_around(&mut self, probe: &Probe, wire: &Wire) -> Contrast {
        if let Wire::Parameter(index, value) = wire {
            let parameter = &self.operation.parameters[*index];
            if parameter.location == ParameterIn::Path || is_naming(&parameter.name) {
                return Contrast::Nothing(Reason::Names);
            }
            let is_bound = !matches!(self.suite.rules[probe.rule].keyword, Keyword::Enum | Keyword::Const);
            if is_bound && is_of_pages(&parameter.name) {
                return Contrast::Nothing(Reason::Names);
            }
            if is_bound && !parameter.texts.is_empty() && !self.takes_another(*index, value.as_deref()) {
                return Contrast::Nothing(Reason::Open);
            }
            if is_bound && self.takes_the_next(probe, *index, value.as_deref()) {
                self.taken.insert(probe.rule);
            }
        }
        self.counts_if_still_accepted(probe, &[])
    }

    /// Whether another legal value of a parameter is accepted: that it may be left out says nothing of its values.
    fn takes_another(&mut self, index: usize, refused: Option<&str>) -> bool {
        let parameter = &self.operation.parameters[index];
        let legal = parameter.text_rules().flat_map(|(_, rule)| rule.inside.iter());
        let mut others: Vec<String> = parameter.example.iter().chain(legal).cloned().collect();
        others.retain(|other| Some(other.as_str()) != refused);
        others.dedup();
        others.into_iter().take(MOST_SURROUNDINGS).any(|other| self.takes(index, other))
    }

    /// Whether the value next to a bound, on its inside, is accepted: a service whose things end somewhere before the bound refuses
    /// that as well.
    fn takes_the_next(&mut self, probe: &Probe, index: usize, bound: Option<&str>) -> bool {
        let Some(text) = bound else { return false };
        let keyword = self.suite.rules[probe.rule].keyword;
        let step = match keyword {
            Keyword::Maximum | Keyword::MaxLength => -1_i8,
            Keyword::MinLength => 1,
            // What is counted from one on has no 0.
            _ => return false,
        };
        let next = if matches!(keyword, Keyword::MaxLength | Keyword::MinLength) {
            text.chars().count().checked_add_signed(step.into()).map(|length| self.context.made_up_of(length))
        } else {
            text.parse::<i64>().ok().and_then(|number| number.checked_add(step.into())).map(|next| next.to_string())
        };
        next.is_some_and(|next| self.takes(index, next))
    }

    /// Whether a parameter with this value is accepted.
    fn takes(&mut self, index: usize, value: String) -> bool {
        let special = RequestOverride { parameter: Some((index, Some(value))), ..RequestOverride::default() };
        let body = self.operation.body.is_sent.then(|| self.body_of(&self.composer, &[]));
        let request = self.context.request(self.operation, body, &special);
        let again = (!request.is_repeatable()).then(|| Variant::repeated(request.clone()).nth(index)).flatten();
        let exchange = self.session.send_alone(&again.unwrap_or(request), Scope::Operation);
        exchange.judgement.reaction == Reaction::Accepted
    }

    /// Asks once more for what was accepted: a service may be full by now, or in no state for more.
    fn counts_if_still_accepted(&mut self, probe: &Probe, overrides: &[(PlaceId, Slot)]) -> Contrast {
        let number = fingerprint::of_bytes(probe.what.bytes()).wrapping_add(u64::try_from(probe.rule).unwrap_or(0));
        let plain = self.body_of(&self.composer, overrides);
        let body = if self.has_fresh_texts() {
            let number = number.wrapping_add(self.number_of_texts());
            self.composer.fresh(number).bytes(overrides)
        } else {
            plain.clone()
        };
        let is_same = body == plain;
        let mut request = self.context.request(self.operation, Some(body), &RequestOverride::default());
        if is_same && !request.is_repeatable() {
            request = Variant::repeated(request.clone()).nth(probe.rule).unwrap_or(request);
        }
        let exchange = self.session.send_alone(&request, Scope::Operation);
        match exchange.judgement.reaction {
            Reaction::Accepted => Contrast::Counts,
            _ => Contrast::Nothing(Reason::State),
        }
    }

    /// The same value beside more than must be there: beside all optional members of the objects that it stands in, and beside
    /// each of them.
    fn fuller(&self, place: PlaceId, slot: &Slot) -> Vec<Overrides> {
        let around: Vec<PlaceId> = self.operation.lineage(place).skip(1).collect();
        let is_beside = |(id, other): &(PlaceId, &Place)| {
            other.presence == Presence::Optional
                && other.parent.is_some_and(|parent| around.contains(&parent))
                && !self.operation.is_within(place, *id)
                && !self.is_blocked(*id)
        };
        let beside = self.operation.places().filter(is_beside).map(|(id, _)| id);
        let beside: Vec<PlaceId> = beside.take(MOST_SURROUNDINGS).collect();
        let with = |others: &[PlaceId]| -> Overrides {
            let others = others.iter().map(|other| (*other, Slot::Ordinary));
            std::iter::once((place, slot.clone())).chain(others).collect()
        };
        let each = beside.iter().map(|other| with(&[*other]));
        let all = std::iter::once(with(&beside)).chain(each.filter(|_| beside.len() > 1));
        all.filter(|overrides| overrides.len() > 1 && self.is_legal(&self.composer, overrides)).collect()
    }

    /// The same overrides with other texts of the same length, where any would do.
    fn other_texts(&self, place: PlaceId, slot: &Slot) -> Vec<Overrides> {
        let (Slot::Value(Json::Text(text)), Shape::Text { values: None, .. }) =
            (slot, &self.operation.place(place).shape)
        else {
            return Vec::new();
        };
        if text.is_empty() || !is_plain(text) {
            return Vec::new();
        }
        let number = |nth: u64| fingerprint::of_bytes(text.bytes()).wrapping_add(self.number_of_texts() + nth);
        let other = |nth: u64| vec![(place, Slot::Value(Json::Text(letters(number(nth), text.chars().count()))))];
        (1..=OTHER_TEXTS).map(other).collect()
    }

    /// Whether what is accepted next to a bound depends on numbers at other places: then so may what is refused on it. What is
    /// refused whatever stands here says nothing of that.
    pub(super) fn depends_on_others(&mut self, place: PlaceId, bound: &Json) -> bool {
        let Some(near) = near(&self.operation.place(place).shape, bound).or_else(|| self.near_legal(place, bound))
        else {
            return false;
        };
        let with = |run: &mut Self, slot: Slot, other: Option<&(PlaceId, Json)>| {
            let other = other.map(|(other, value)| (*other, Slot::Value(value.clone())));
            let overrides: Overrides = std::iter::once((place, slot)).chain(other).collect();
            let ask = run.ask_for(&overrides, Expect::Decided, None);
            run.session.ask_one(&ask).reaction
        };
        let here = with(self, Slot::Value(near.clone()), None);
        let is_number =
            |run: &Self, id: PlaceId| matches!(run.operation.place(id).shape.type_name(), "integer" | "number");
        let others = self.values_in(&[(place, Slot::Ordinary)], &[place]);
        let others = others.into_iter().filter(|(id, _)| is_number(self, *id)).flat_map(|(id, values)| {
            // The farthest of them, and one near by.
            let few: Vec<Json> = values.into_iter().rev().take(MOST_VALUES).collect();
            few.into_iter().map(move |value| (id, value))
        });
        let others: Vec<(PlaceId, Json)> = others.take(MOST_SURROUNDINGS).collect();
        others.iter().any(|other| {
            with(self, Slot::Ordinary, Some(other)) == Reaction::Accepted && {
                let there = with(self, Slot::Value(near.clone()), Some(other));
                there != here && [here, there].iter().all(|one| matches!(one, Reaction::Accepted | Reaction::Refused))
            }
        })
    }

    /// A legal number next to a bound that keywords tell of.
    fn near_legal(&self, place: PlaceId, bound: &Json) -> Option<Json> {
        let Json::Number(digits) = bound else { return None };
        let value: f64 = digits.parse().ok()?;
        let steps = [1.0, -1.0, 0.5, -0.5, 0.01, -0.01].into_iter().map(|step| Json::float(value + step));
        steps.into_iter().find(|near| self.is_legal(&self.composer, &[(place, Slot::Value(near.clone()))]))
    }

    /// Takes back what was refused at places where nothing was accepted.
    pub(super) fn hold_against_others(&mut self) {
        if !self.operation.is_open {
            return;
        }
        let rules = &self.suite.rules;
        let of = |reaction: Reaction| {
            let seen = self.seen.iter().filter(move |seen| seen.side == Side::Inside && seen.reaction == reaction);
            seen.map(|seen| rules[seen.rule].place.clone()).collect::<BTreeSet<Site>>()
        };
        let accepted = of(Reaction::Accepted);
        let mut taken_back = BTreeSet::new();
        for seen in &mut self.seen {
            let is_alone = !accepted.contains(&rules[seen.rule].place) && !self.taken.contains(&seen.rule);
            if seen.side == Side::Inside && seen.reaction == Reaction::Refused && is_alone {
                seen.reaction = Reaction::Unknown;
                taken_back.insert((seen.rule, seen.side));
            }
        }
        for key in taken_back {
            self.note_of(key, Reason::Open);
        }
    }

    /// Whether a place has a value of the document's because no made-up one was accepted.
    fn takes_only_what_is_shown(&self, place: PlaceId) -> bool {
        let is_taught =
            |value: &&Json| self.operation.body.ordinary.get(&place).map(Json::from).as_ref() != Some(*value);
        let taught = self.composer.adaptations.ordinary.get(&place).filter(is_taught);
        taught.is_some_and(|value| self.shown.get(&place).is_some_and(|shown| shown.contains(value)))
    }

    /// Whether any text will do at a place, as far as is known: none was learnt.
    pub(super) fn is_free(&self, place: PlaceId) -> bool {
        !self.operation.is_open || !self.composer.adaptations.ordinary.contains_key(&place)
    }

    /// Whether an array has fewer of the elements that are accepted there, and no others: whatever they name is there.
    fn is_a_part_of_the_ordinary(&self, place: PlaceId, slot: &Slot) -> bool {
        let (Slot::Value(Json::Array(elements)), Json::Array(all)) = (slot, self.composer.ordinary(place)) else {
            return false;
        };
        let count = |of: &[Json], element: &Json| of.iter().filter(|other| *other == element).count();
        !elements.is_empty() && elements.iter().all(|one| count(elements, one) <= count(&all, one))
    }

    /// Whether a place of the body names another thing, which may not be there.
    fn names_another(&self, place: PlaceId) -> bool {
        let place = self.operation.place(place);
        let named = place.member().or_else(|| self.operation.place(place.parent?).member());
        named.is_some_and(is_naming)
    }
}

/// The value next to a bound on its inside.
fn near(shape: &Shape, bound: &Json) -> Option<Json> {
    let Json::Number(digits) = bound else { return None };
    let is_greatest = |least: Option<&Json>, most: Option<&Json>| match (least, most) {
        (_, Some(most)) if most == bound => Some(true),
        (Some(least), _) if least == bound => Some(false),
        _ => None,
    };
    match shape {
        Shape::Integer { min, max, .. } => {
            let (least, most) = (min.map(Json::number), max.map(Json::number));
            let step = if is_greatest(least.as_ref(), most.as_ref())? { -1 } else { 1 };
            digits.parse::<i128>().ok().map(|value| Json::number(value + step))
        }
        Shape::Number { min, max } => {
            let (least, most) = (min.map(Json::float), max.map(Json::float));
            let step = if is_greatest(least.as_ref(), most.as_ref())? { -1.0 } else { 1.0 };
            digits.parse::<f64>().ok().map(|value| Json::float(value + step))
        }
        _ => None,
    }
}

/// Whether a name is that of another thing's name: `owner_id`, `ownerId`, `callback-url`.
fn is_naming(name: &str) -> bool {
    words(name).last().is_some_and(|last| NAMING.contains(&last.as_str()))
}

/// Whether a name is that of a place among what a service holds, which may end before any bound.
fn is_of_pages(name: &str) -> bool {
    let words = words(name);
    let has = |all: &[&str]| words.iter().any(|word| all.contains(&word.as_str()));
    has(&PAGING) && !has(&COUNTING)
}

/// The words of a name, in small letters.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for character in name.chars() {
        if !character.is_alphanumeric() || (character.is_uppercase() && was_small) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (character.is_alphanumeric(), words.last_mut()) {
            word.extend(character.to_lowercase());
        }
        was_small = character.is_lowercase();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{is_naming, is_of_pages};

    #[test]
    fn a_name_is_another_things_by_its_last_word() {
        for name in ["id", "ID", "owner_id", "ownerId", "ownerIDs", "callback-url", "imageUrl", "order.ref", "href"] {
            assert!(is_naming(name), "{name}");
        }
        for name in ["", "paid", "valid", "idle", "id_number", "curl", "kids", "identity", "widths"] {
            assert!(!is_naming(name), "{name}");
        }
    }

    #[test]
    fn a_place_among_many_is_told_by_any_word_unless_things_are_counted() {
        for name in ["page", "page_number", "pageNumber", "page-no", "from", "after", "startIndex"] {
            assert!(is_of_pages(name), "{name}");
        }
        for name in ["limit", "page_size", "pageSize", "per_page", "maxPages", "width", "pageant"] {
            assert!(!is_of_pages(name), "{name}");
        }
    }
}
