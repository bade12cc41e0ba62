//! Reads the body's schema into places, and refuses by name every keyword that the engine does not model.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::Fault;
use super::model::{Enumeration, Place, PlaceId, Presence, Shape, Standing, Step};
use super::reader::{Reader, shown};
use super::resolve;

/// What may stand in any schema without changing what is legal.
const ANNOTATIONS: [&str; 6] = ["type", "title", "description", "default", "format", "example"];

/// A doubt that the document names in `x-disputes`.
#[derive(Debug, Clone)]
pub(super) struct Dispute {
    pub(super) keyword: String,
    pub(super) value: Option<Value>,
    pub(super) reason: String,
}

/// The document's `x-disputes`, by name.
pub(super) type Disputes = BTreeMap<String, Dispute>;

pub(super) fn disputes(document: &Reader<'_>) -> Result<Disputes, Fault> {
    if document.get("x-disputes").is_none() {
        return Ok(Disputes::new());
    }
    let catalogue = document.object("x-disputes")?;
    catalogue
        .names()
        .map(|name| {
            let entry = catalogue.object(name)?;
            let keyword = entry.need_text("keyword")?.to_owned();
            let reason = entry.need_text("reason")?.split_whitespace().collect::<Vec<_>>().join(" ");
            Ok((name.to_owned(), Dispute { keyword, value: entry.get("value").cloned(), reason }))
        })
        .collect()
}

/// The doubts listed at one place of the document.
pub(super) fn disputed<'a>(reader: &Reader<'_>, disputes: &'a Disputes) -> Result<Vec<&'a Dispute>, Fault> {
    reader
        .list("x-disputed")?
        .iter()
        .map(|name| {
            name.as_str().and_then(|name| disputes.get(name)).ok_or_else(|| {
                reader.fault_at("x-disputed", format!("{} is not among `x-disputes`; define it there", shown(name)))
            })
        })
        .collect()
}

/// Everything below a body's schema.
pub(super) fn places(
    document: &Value,
    disputes: &Disputes,
    schema: &Value,
    pointer: &str,
) -> Result<Vec<Place>, Fault> {
    let mut walk = Walk { document, disputes, places: Vec::new() };
    walk.place(
        schema,
        pointer,
        Hook { name: "body".into(), parent: None, step: Step::Root, mandatory: false, source: pointer.to_owned() },
    )?;
    Ok(walk.places)
}

struct Walk<'a> {
    document: &'a Value,
    disputes: &'a Disputes,
    places: Vec<Place>,
}

/// Where a schema hangs.
struct Hook {
    name: String,
    parent: Option<PlaceId>,
    step: Step,
    mandatory: bool,
    source: String,
}

impl Walk<'_> {
    fn place(&mut self, schema: &Value, pointer: &str, hook: Hook) -> Result<PlaceId, Fault> {
        let here = Reader::new(schema, pointer)?;
        if let (Some(reference), Value::Object(members)) = (here.get("$ref"), schema) {
            let (node, target) = resolve::target(self.document, members, reference, pointer)?;
            return self.place(node, &target, hook);
        }
        let (type_name, nullable) = type_of(&here)?;
        let doubts = disputed(&here, self.disputes)?;
        let doubt = |keyword: &str| {
            doubts.iter().find(|doubt| doubt.keyword == keyword).map(|doubt| Standing::Disputed(doubt.reason.clone()))
        };
        let presence = match (&hook.step, hook.mandatory, doubt("required")) {
            (Step::Member(_), true, None) => Presence::Mandatory(Standing::Firm),
            (Step::Member(_), false, Some(standing)) => Presence::Mandatory(standing),
            (Step::Member(_), false, None) => Presence::Optional,
            (_, _, Some(_)) => {
                return Err(here.fault("a `required` dispute belongs on a member that `required` does not list"));
            }
            (Step::Root | Step::Element, _, None) => Presence::Inherent,
        };
        let null = match (nullable, doubt("null")) {
            (true, doubt) => Some(doubt.unwrap_or(Standing::Firm)),
            (false, None) => None,
            (false, Some(_)) => return Err(here.fault("a `null` dispute needs `null` among the types; add it")),
        };
        let source = here.text("x-source")?.map_or_else(|| hook.source.clone(), str::to_owned);
        let id = PlaceId(self.places.len());
        self.places.push(Place {
            name: hook.name.clone(),
            parent: hook.parent,
            step: hook.step,
            presence,
            null,
            shape: Shape::Boolean,
            source: source.clone(),
        });
        let shape = match type_name {
            "object" => self.object(&here, id, &hook.name, &source, doubt("unknownMember"))?,
            "array" => self.array(&here, id, &hook.name, &source)?,
            "string" => text(&here, nullable, &doubts)?,
            "integer" => integer(&here, nullable, &doubts)?,
            "number" => number(&here)?,
            _ => {
                known(&here, &[], "a boolean")?;
                Shape::Boolean
            }
        };
        self.places[id.0].shape = shape;
        Ok(id)
    }

    fn object(
        &mut self,
        here: &Reader<'_>,
        id: PlaceId,
        name: &str,
        source: &str,
        doubt: Option<Standing>,
    ) -> Result<Shape, Fault> {
        known(here, &["properties", "required"], "an object")?;
        let required = here.list("required")?;
        let properties = if here.get("properties").is_some() { Some(here.object("properties")?) } else { None };
        for entry in required {
            let known = entry
                .as_str()
                .is_some_and(|entry| properties.as_ref().is_some_and(|properties| properties.get(entry).is_some()));
            if !known {
                return Err(here.fault_at("required", format!("{} is no member; define it or drop it", shown(entry))));
            }
        }
        let mut members = Vec::new();
        for member in properties.iter().flat_map(Reader::names) {
            let Some(properties) = &properties else { continue };
            let hook = Hook {
                name: format!("{name}.{member}"),
                parent: Some(id),
                step: Step::Member(member.to_owned()),
                mandatory: required.iter().any(|entry| entry == member),
                source: source.to_owned(),
            };
            members.push(self.place(properties.need(member)?, &properties.below(member), hook)?);
        }
        Ok(Shape::Object { members, unknown: Some(doubt.unwrap_or(Standing::Firm)) })
    }

    fn array(&mut self, here: &Reader<'_>, id: PlaceId, name: &str, source: &str) -> Result<Shape, Fault> {
        known(here, &["items"], "an array")?;
        let hook = Hook {
            name: format!("{name}[]"),
            parent: Some(id),
            step: Step::Element,
            mandatory: false,
            source: source.to_owned(),
        };
        Ok(Shape::Array { element: self.place(here.need("items")?, &here.below("items"), hook)? })
    }
}

fn known(here: &Reader<'_>, keywords: &[&str], what: &str) -> Result<(), Fault> {
    here.only(&[keywords, &ANNOTATIONS[..]].concat(), what)
}

/// The one type besides null, and whether null is legal.
fn type_of<'a>(here: &Reader<'a>) -> Result<(&'a str, bool), Fault> {
    const TYPES: [&str; 6] = ["object", "array", "string", "integer", "number", "boolean"];
    let value = here.need("type")?;
    let names: Vec<&str> = match value {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let nullable = names.contains(&"null");
    match names.iter().filter(|name| **name != "null").collect::<Vec<_>>()[..] {
        [name] if TYPES.contains(name) => Ok((name, nullable)),
        _ => Err(here.fault_at(
            "type",
            format!("{value} is not modelled; write one of {}, alone or in a list with \"null\"", TYPES.join(", ")),
        )),
    }
}

fn text(here: &Reader<'_>, nullable: bool, doubts: &[&Dispute]) -> Result<Shape, Fault> {
    known(here, &["minLength", "maxLength", "enum"], "a string")?;
    let (min, max) = (here.length("minLength")?, here.length("maxLength")?);
    ordered(here, "minLength", "maxLength", min, max)?;
    let values = enumeration(here, nullable, doubts, "text", |value| {
        value
            .as_str()
            .map(|text| text.chars().count())
            .is_some_and(|length| min.is_none_or(|min| length >= min) && max.is_none_or(|max| length <= max))
    })?;
    Ok(Shape::Text { min, max, values })
}

fn integer(here: &Reader<'_>, nullable: bool, doubts: &[&Dispute]) -> Result<Shape, Fault> {
    known(here, &["minimum", "maximum", "enum"], "an integer")?;
    let bound = |name: &str| {
        here.get(name)
            .map(|value| {
                whole(value).ok_or_else(|| here.fault_at(name, format!("must be a whole number, not {}", shown(value))))
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

fn number(here: &Reader<'_>) -> Result<Shape, Fault> {
    known(here, &["minimum", "maximum"], "a number")?;
    let bound = |name: &str| {
        here.get(name)
            .map(|value| {
                value.as_f64().ok_or_else(|| here.fault_at(name, format!("must be a number, not {}", shown(value))))
            })
            .transpose()
    };
    let (min, max) = (bound("minimum")?, bound("maximum")?);
    ordered(here, "minimum", "maximum", min, max)?;
    Ok(Shape::Number { min, max })
}

fn whole(value: &Value) -> Option<i128> {
    value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
}

fn ordered<T: PartialOrd + std::fmt::Display>(
    here: &Reader<'_>,
    low: &str,
    high: &str,
    min: Option<T>,
    max: Option<T>,
) -> Result<(), Fault> {
    match (min, max) {
        (Some(min), Some(max)) if min > max => {
            Err(here.fault(format!("`{low}` {min} is above `{high}` {max}; no value could be legal, correct one")))
        }
        _ => Ok(()),
    }
}

fn enumeration(
    here: &Reader<'_>,
    nullable: bool,
    doubts: &[&Dispute],
    kind: &str,
    legal: impl Fn(&Value) -> bool,
) -> Result<Option<Enumeration>, Fault> {
    if here.get("enum").is_none() {
        return Ok(None);
    }
    let listed = here.list("enum")?;
    if nullable != listed.contains(&Value::Null) {
        return Err(here.fault_at("enum", "null must stand both among the types and among the values, or in neither"));
    }
    let mut found = Enumeration { firm: Vec::new(), disputed: Vec::new(), excluded: Vec::new() };
    for (index, value) in listed.iter().enumerate().filter(|(_, value)| !value.is_null()) {
        if !legal(value) || listed[..index].contains(value) {
            return Err(here.fault_at(
                "enum",
                format!("{} must be {kind} within the bounds, and listed once; correct it", shown(value)),
            ));
        }
        match doubts.iter().find(|doubt| doubt.keyword == "enum" && doubt.value.as_ref() == Some(value)) {
            Some(doubt) => found.disputed.push((value.clone(), doubt.reason.clone())),
            None => found.firm.push(value.clone()),
        }
    }
    if found.firm.is_empty() {
        return Err(here.fault_at("enum", "lists no value that is certainly legal; add one"));
    }
    Ok(Some(found))
}
