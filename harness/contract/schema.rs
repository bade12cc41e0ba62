//! Reads the body's schema into places, and refuses by name every keyword that the engine does not model.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use serde_json::Value;

use super::dispute::{Dispute, Disputes, misplaced, standing};
use super::model::{Enumeration, Place, PlaceId, Presence, Shape, Standing, Step};
use super::number::{as_integer, is_same, whole};
use super::reader::{Lengths, Reader, ordered, shown};
use super::resolve::References;
use super::size_limits::SizeLimits;
use crate::document::error::Flaw;
use crate::document::node::Node;
use crate::identity::{self, Site};

/// What may stand in any schema without changing what is legal, beside the type and its disputes.
const ANNOTATIONS: [&str; 9] =
    ["type", "title", "description", "default", "format", "example", "readOnly", "writeOnly", "x-disputed"];

/// The integers that the common types of 64 bits hold.
const BITS: RangeInclusive<i128> = i64::MIN as i128..=u64::MAX as i128;

/// A bound is probed with text of its length; one beyond this is none that a request can reach.
const MOST_CHARACTERS: usize = 1_000_000;

/// Everything below a body's schema.
pub(super) fn places(
    references: &References<'_>,
    disputes: &Disputes,
    site: &Site,
    schema: &Value,
    pointer: &str,
) -> Result<Vec<Place>, Flaw> {
    let mut walk = Walk { references, disputes, room: SizeLimits::default(), places: Vec::new() };
    let source = pointer.to_owned();
    let root = ParentContext { site: site.clone(), parent: None, step: Step::Root, depth: 0, mandatory: false, source };
    walk.place(schema, pointer, root)?;
    Ok(walk.places)
}

struct Walk<'a> {
    references: &'a References<'a>,
    disputes: &'a Disputes,
    room: SizeLimits,
    places: Vec<Place>,
}

/// Where a schema hangs.
struct ParentContext {
    site: Site,
    parent: Option<PlaceId>,
    step: Step,
    depth: usize,
    mandatory: bool,
    source: String,
}

impl ParentContext {
    /// Where a part of this place hangs.
    fn below(&self, parent: PlaceId, step: Step, source: &str) -> Self {
        let site = self.site.below(match &step {
            Step::Member(member) => identity::Step::member(member),
            Step::Root | Step::Element | Step::At(_) | Step::Value(_) | Step::Fitting { .. } => identity::Step::Element,
        });
        let (depth, source) = (self.depth + 1, source.to_owned());
        Self { site, parent: Some(parent), step, depth, mandatory: false, source }
    }
}

impl Walk<'_> {
    fn place(&mut self, schema: &Value, pointer: &str, parent: ParentContext) -> Result<PlaceId, Flaw> {
        let here = Reader::new(schema, pointer)?;
        if let (Some(reference), Value::Object(members)) = (here.get("$ref"), schema) {
            let (node, target) = self.references.target(members, reference, Node::Schema, pointer)?;
            return self.place(node, &target, parent);
        }
        let (type_name, nullable) = type_of(&here)?;
        if parent.step == Step::Root && (type_name != "object" || nullable) {
            return Err(here.fault_at("type", "only an object is modelled as a body; make this a member of one"));
        }
        let doubts = self.disputes.named_at(&here)?;
        let may_be_absent = matches!(parent.step, Step::Member(_)) && !parent.mandatory;
        for doubt in &doubts {
            let problem = match doubt.keyword.as_str() {
                "required" if !may_be_absent => {
                    "a `required` dispute belongs on a member that `required` does not list"
                }
                "null" if !nullable => "a `null` dispute needs `null` among the types; add it",
                "enum" if !lists(&here, doubt) => "an `enum` dispute needs its `value` among the values; list it",
                "unknownMember" if type_name != "object" => "an `unknownMember` dispute needs an object; move it",
                "size" => "a `size` dispute is about a request body; move it there",
                _ => continue,
            };
            return Err(misplaced(&here, doubt, problem));
        }
        let presence = match (&parent.step, standing(&doubts, "required")) {
            (Step::Member(_), _) if parent.mandatory => Presence::Mandatory(Standing::Firm),
            (Step::Member(_), Some(standing)) => Presence::Mandatory(standing),
            (Step::Member(_), None) => Presence::Optional,
            (Step::Root | Step::Element | Step::At(_) | Step::Value(_) | Step::Fitting { .. }, _) => Presence::Inherent,
        };
        let null = nullable.then(|| standing(&doubts, "null").unwrap_or(Standing::Firm));
        let source = here.text("x-source")?.map_or_else(|| parent.source.clone(), str::to_owned);
        let id = PlaceId(self.places.len());
        self.places.push(Place {
            site: parent.site.clone(),
            parent: parent.parent,
            step: parent.step.clone(),
            branch: None,
            least: 1,
            is_mixed: false,
            is_implied: false,
            presence,
            null,
            shape: Shape::Boolean,
            assertions: Vec::new(),
            source: source.clone(),
        });
        let shape = match type_name {
            "object" => self.object(&here, id, &parent, &source, standing(&doubts, "unknownMember"))?,
            "array" => {
                known(&here, &["items"], "an array")?;
                let part = parent.below(id, Step::Element, &source);
                Shape::Array { element: self.place(here.need("items")?, &here.below("items"), part)? }
            }
            "string" => text(&here, nullable, &doubts)?,
            "integer" => integer(&here, nullable, &doubts)?,
            "number" => number(&here)?,
            _ => {
                known(&here, &[], "a boolean")?;
                Shape::Boolean
            }
        };
        self.room.take(&here, parent.site.as_str(), parent.depth, &shape)?;
        self.places[id.0].shape = shape;
        Ok(id)
    }

    fn object(
        &mut self,
        here: &Reader<'_>,
        id: PlaceId,
        parent: &ParentContext,
        source: &str,
        doubt: Option<Standing>,
    ) -> Result<Shape, Flaw> {
        known(here, &["properties", "required"], "an object")?;
        let required = here.list("required")?;
        let properties = if here.get("properties").is_some() { Some(here.object("properties")?) } else { None };
        let mut listed = HashSet::new();
        for entry in required {
            let known = entry
                .as_str()
                .is_some_and(|entry| properties.as_ref().is_some_and(|properties| properties.get(entry).is_some()));
            if !known {
                return Err(here.fault_at("required", format!("{} is no member; define it or drop it", shown(entry))));
            }
            if !listed.insert(entry) {
                return Err(here.fault_at("required", format!("{} is listed twice; drop one", shown(entry))));
            }
        }
        let mut members = Vec::new();
        for member in properties.iter().flat_map(Reader::names) {
            let Some(properties) = &properties else { continue };
            // What is read only is not sent.
            if self.references.is_marked(properties.need(member)?, "readOnly", &properties.below(member))? {
                continue;
            }
            let mut part = parent.below(id, Step::Member(member.to_owned()), source);
            part.mandatory = listed.contains(&Value::from(member));
            members.push(self.place(properties.need(member)?, &properties.below(member), part)?);
        }
        Ok(Shape::Object { members, unknown: Some(doubt.unwrap_or(Standing::Firm)) })
    }
}

/// Whether the value that a doubt is about is one of the values listed.
fn lists(here: &Reader<'_>, doubt: &Dispute) -> bool {
    let listed = here.get("enum").and_then(Value::as_array);
    let is_listed =
        |value: &Value| listed.is_some_and(|listed| listed.iter().any(|other| as_integer(other) == as_integer(value)));
    doubt.value.as_ref().is_some_and(|value| !value.is_null() && is_listed(value))
}

fn known(here: &Reader<'_>, keywords: &[&str], what: &str) -> Result<(), Flaw> {
    here.only(&[keywords, &ANNOTATIONS[..]].concat(), what)
}

/// The one type besides null, and whether null is legal.
fn type_of<'a>(here: &Reader<'a>) -> Result<(&'a str, bool), Flaw> {
    const TYPES: [&str; 6] = ["object", "array", "string", "integer", "number", "boolean"];
    let value = here.need("type")?;
    let names: Vec<Option<&str>> = match value {
        Value::Array(names) => names.iter().map(Value::as_str).collect(),
        name => vec![name.as_str()],
    };
    let (name, nullable) = match names[..] {
        [Some(name)] => (name, false),
        [Some(name), Some("null")] | [Some("null"), Some(name)] => (name, true),
        _ => ("", false),
    };
    if !TYPES.contains(&name) {
        let known = TYPES.join(", ");
        let problem =
            format!("{} is not modelled; write one of {known}, alone or in a list with \"null\"", shown(value));
        return Err(here.fault_at("type", problem));
    }
    Ok((name, nullable))
}

fn text(here: &Reader<'_>, nullable: bool, doubts: &[&Dispute]) -> Result<Shape, Flaw> {
    known(here, &["minLength", "maxLength", "enum"], "a string")?;
    let Lengths { min, max, unsent } = here.lengths(MOST_CHARACTERS)?;
    let values = enumeration(here, nullable, doubts, "text", |value| {
        value
            .as_str()
            .map(|text| text.chars().count())
            .is_some_and(|length| min.is_none_or(|min| length >= min) && max.is_none_or(|max| length <= max))
    })?;
    Ok(Shape::Text { min, max, unsent, values })
}

fn integer(here: &Reader<'_>, nullable: bool, doubts: &[&Dispute]) -> Result<Shape, Flaw> {
    known(here, &["minimum", "maximum", "enum"], "an integer")?;
    let bound = |name: &str| {
        here.get(name)
            .map(|value| {
                whole(value).filter(|bound| BITS.contains(bound)).ok_or_else(|| {
                    here.fault_at(name, format!("must be a whole number of at most 64 bits, not {}", shown(value)))
                })
            })
            .transpose()
    };
    let (min, max) = (bound("minimum")?, bound("maximum")?);
    ordered(here, "minimum", "maximum", min, max)?;
    let values = enumeration(here, nullable, doubts, "a whole number", |value| {
        whole(value).is_some_and(|value| min.is_none_or(|min| value >= min) && max.is_none_or(|max| value <= max))
    })?;
    Ok(Shape::Integer { min, max, values })
}

fn number(here: &Reader<'_>) -> Result<Shape, Flaw> {
    known(here, &["minimum", "maximum"], "a number")?;
    let bound = |name: &str| {
        let Some(value) = here.get(name) else { return Ok(None) };
        match value.as_f64() {
            None => Err(here.fault_at(name, format!("must be a number, not {}", shown(value)))),
            // A server that reads doubles could not keep it, and the validator keeps it to the letter.
            Some(double) if whole(value).is_some_and(|whole| !is_same(whole, double)) => {
                Err(here.fault_at(name, format!("{value} lies between two doubles; write {double:.0}")))
            }
            double => Ok(double),
        }
    };
    let (min, max) = (bound("minimum")?, bound("maximum")?);
    ordered(here, "minimum", "maximum", min, max)?;
    Ok(Shape::Number { min, max })
}

fn enumeration(
    here: &Reader<'_>,
    nullable: bool,
    doubts: &[&Dispute],
    kind: &str,
    legal: impl Fn(&Value) -> bool,
) -> Result<Option<Enumeration>, Flaw> {
    if here.get("enum").is_none() {
        return Ok(None);
    }
    let listed = here.list("enum")?;
    if nullable != listed.contains(&Value::Null) {
        return Err(here.fault_at("enum", "null must stand both among the types and among the values, or in neither"));
    }
    let mut found = Enumeration { firm: Vec::new(), disputed: Vec::new(), excluded: Vec::new() };
    let mut seen = HashSet::new();
    for listed in listed {
        let value = as_integer(listed);
        if !(legal(&value) || value.is_null()) || !seen.insert(value.clone()) {
            return Err(here.fault_at(
                "enum",
                format!("{} must be {kind} within the bounds, and listed once; correct it", shown(listed)),
            ));
        }
        if value.is_null() {
            continue;
        }
        let is_doubted = |doubt: &&&Dispute| {
            doubt.keyword == "enum" && doubt.value.as_ref().map(as_integer).as_ref() == Some(&value)
        };
        match doubts.iter().find(is_doubted) {
            Some(doubt) => found.disputed.push((value, doubt.reason.clone())),
            None => found.firm.push(value),
        }
    }
    if found.firm.is_empty() {
        return Err(here.fault_at("enum", "lists no value that is certainly legal; add one"));
    }
    Ok(Some(found))
}
