//! The places of a body: what is modelled of its schema, the rest as one opaque value.

use std::collections::HashSet;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::Reading;
use super::sample::is_known;
use super::view::View;
use crate::contract::{Direction, Enumeration, Place, PlaceId, Presence, Shape, Standing, Step, as_integer, whole};
use crate::identity::{self, Site};
use crate::text::pointer;

/// A body has so many places at the most; what is beyond is opaque.
const MOST_PLACES: usize = 2_000;
/// It nests so deep at the most.
const MOST_LEVELS: usize = 24;
/// A bound on a text is probed with text of its length.
const MOST_CHARACTERS: usize = 65_536;

/// Keywords that are respected, and make their place opaque.
const RESPECTED: [&str; 24] = [
    "oneOf",
    "anyOf",
    "not",
    "if",
    "pattern",
    "const",
    "multipleOf",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "contains",
    "prefixItems",
    "uniqueItems",
    "maxItems",
    "minItems",
    "minProperties",
    "maxProperties",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "unevaluatedItems",
    "then",
    "else",
];

/// Where a schema hangs.
struct Parent {
    site: Site,
    id: Option<PlaceId>,
    step: Step,
    level: usize,
    mandatory: bool,
    source: String,
    /// The schemas that lead here, so that none is unrolled in itself.
    trail: Vec<String>,
}

pub(super) struct Walk<'a, 'r> {
    pub(super) reading: &'a mut Reading<'r>,
    places: Vec<Place>,
    /// How many places are opaque for the sake of each keyword.
    respected: Vec<(String, usize)>,
}

impl<'a, 'r> Walk<'a, 'r> {
    /// The places below a schema, itself first; nothing where no legal value was found for what must be there.
    pub(super) fn places(
        reading: &'a mut Reading<'r>,
        site: &Site,
        schema: &Value,
        pointer: &str,
    ) -> Result<Vec<Place>, String> {
        let mut walk = Walk { reading, places: Vec::new(), respected: Vec::new() };
        let parent = Parent {
            site: site.clone(),
            id: None,
            step: Step::Root,
            level: 0,
            mandatory: true,
            source: site.to_string(),
            trail: Vec::new(),
        };
        walk.place(schema, pointer, &parent)?;
        for (keyword, count) in std::mem::take(&mut walk.respected) {
            let places = if count == 1 { "1 place".to_owned() } else { format!("{count} places") };
            let what = format!("`{keyword}` is respected, and not tested yet");
            walk.reading.remark(pointer, what, format!("what it says at {places} is not tested"));
        }
        Ok(walk.places)
    }

    fn place(&mut self, schema: &Value, pointer: &str, parent: &Parent) -> Result<PlaceId, String> {
        let (schema, is_alternative) = self.without_null(schema);
        let view = self.reading.view(&schema);
        let nullable = view.is_nullable() || is_alternative;
        let is_member = matches!(parent.step, Step::Member(_));
        let presence = match is_member {
            true if parent.mandatory => Presence::Mandatory(Standing::Firm),
            true => Presence::Optional,
            false => Presence::Inherent,
        };
        let unsure = || Standing::Disputed("an open contract does not say whether null does for a value".to_owned());
        let id = PlaceId(self.places.len());
        self.places.push(Place {
            site: parent.site.clone(),
            parent: parent.id,
            step: parent.step.clone(),
            presence,
            null: nullable.then(unsure),
            shape: Shape::Boolean,
            source: parent.source.clone(),
        });
        let shape = if let Some(shape) = self.shape(&view, pointer, id, parent)? {
            shape
        } else {
            self.places.truncate(id.0 + 1);
            self.opaque(&schema, &view, pointer)?
        };
        self.places[id.0].shape = shape;
        Ok(id)
    }

    /// A schema without a branch that is null alone, and whether it had one.
    fn without_null(&self, schema: &Value) -> (Value, bool) {
        let view = self.reading.view(schema);
        for keyword in ["anyOf", "oneOf"] {
            let Some(Value::Array(branches)) = view.get(keyword) else { continue };
            let is_null = |branch: &&Value| branch.get("type") == Some(&json!("null"));
            let (nulls, others): (Vec<&Value>, Vec<&Value>) = branches.iter().partition(is_null);
            if let [other] = others[..] {
                let mut rest = view.keywords.clone();
                rest.remove(keyword);
                if view.is_partial {
                    continue;
                }
                return (json!({ "allOf": [rest, other] }), !nulls.is_empty());
            }
        }
        (schema.clone(), false)
    }

    /// The shape of what is modelled; nothing where the schema says more.
    fn shape(&mut self, view: &View, pointer: &str, id: PlaceId, parent: &Parent) -> Result<Option<Shape>, String> {
        let types = view.types();
        let name = match types.as_deref() {
            Some([name]) => *name,
            None if view.get("properties").is_some() => "object",
            _ => "",
        };
        let is_endless = view.trail.iter().any(|target| parent.trail.contains(target));
        let is_free = name == "array" && view.count("minItems") == Some(1) && !view.says("maxItems");
        let keyword = RESPECTED.iter().find(|keyword| view.says(keyword) && !(is_free && **keyword == "minItems"));
        let format = view.get("format").and_then(Value::as_str).filter(|format| name == "string" && is_known(format));
        let keyword = keyword.copied().or(format.map(|_| "format"));
        if let Some(keyword) = keyword {
            match self.respected.iter_mut().find(|(known, _)| known == keyword) {
                Some((_, count)) => *count += 1,
                None => self.respected.push((keyword.to_owned(), 1)),
            }
        }
        if view.is_partial || keyword.is_some() || is_endless || parent.level > MOST_LEVELS || id.0 >= MOST_PLACES {
            return Ok(None);
        }
        match name {
            "object" => self.object(view, pointer, id, parent),
            "array" => {
                let Some(items) = view.get("items").cloned().filter(Value::is_object) else { return Ok(None) };
                let part = parent.below(id, Step::Element, view, false);
                let element = self.place(&items, &pointer::below(pointer, "items"), &part)?;
                Ok(Some(Shape::Array { element }))
            }
            "string" => Ok(text(view)),
            "integer" => Ok(integer(view)),
            "number" if view.get("enum").is_none() => {
                let (min, max) = (view.number("minimum"), view.number("maximum"));
                let is_empty = min.zip(max).is_some_and(|(min, max)| min > max);
                Ok((!is_empty).then_some(Shape::Number { min, max }))
            }
            "boolean" if view.get("enum").is_none() => Ok(Some(Shape::Boolean)),
            _ => Ok(None),
        }
    }

    fn object(&mut self, view: &View, pointer: &str, id: PlaceId, parent: &Parent) -> Result<Option<Shape>, String> {
        let required: HashSet<&str> =
            view.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = view.get("properties").and_then(Value::as_object);
        let is_known = |name: &&str| properties.is_some_and(|properties| properties.contains_key(*name));
        // A member that must be there and is described nowhere is for the judge, and the samples.
        if !required.iter().all(is_known) {
            return Ok(None);
        }
        let mut members = Vec::new();
        for (name, schema) in properties.into_iter().flatten() {
            let marks = [Some(schema), self.reading.follow(schema)];
            if marks.into_iter().flatten().any(|schema| Direction::Request.leaves_out(schema)) {
                continue;
            }
            let mandatory = required.contains(name.as_str());
            if self.places.len() >= MOST_PLACES && !mandatory {
                let what = format!("the body has more than {MOST_PLACES} places");
                self.reading.remark(pointer, what, "what may be left out beyond them is never sent");
                break;
            }
            let part = parent.below(id, Step::Member(name.clone()), view, mandatory);
            let below = pointer::below(&pointer::below(pointer, "properties"), name);
            let first = self.places.len();
            match self.place(schema, &below, &part) {
                Ok(member) => members.push(member),
                Err(why) if mandatory => return Err(why),
                Err(why) => {
                    self.places.truncate(first);
                    self.reading.remark(&below, why, "this optional member is never sent");
                }
            }
        }
        let unknown = match view.get("additionalProperties") {
            Some(Value::Bool(false)) => None,
            _ => Some(Standing::Disputed(
                "the contract does not say what becomes of members that it does not name".to_owned(),
            )),
        };
        Ok(Some(Shape::Object { members, unknown }))
    }

    /// What only its samples are sent of; an error where there is none.
    fn opaque(&mut self, schema: &Value, view: &View, pointer: &str) -> Result<Shape, String> {
        let type_name = self.type_name(view);
        let validator = self.validator(schema, pointer);
        let samples = match &validator {
            Some(validator) => self.reading.samples(schema, Direction::Request, &|value| validator.is_valid(value)),
            None => Vec::new(),
        };
        if samples.is_empty() {
            let line = self.reading.document.line(pointer).map(|line| format!(" (line {line})")).unwrap_or_default();
            return Err(format!("no legal value could be made up for {pointer}{line}; give it an `example`"));
        }
        Ok(Shape::Opaque { type_name, samples })
    }

    fn validator(&mut self, schema: &Value, pointer: &str) -> Option<Validator> {
        let bundle = self.reading.bundle(schema, Direction::Request, pointer);
        jsonschema::draft202012::new(&bundle).ok()
    }

    /// The one type that a value must have, where there is one.
    fn type_name(&self, view: &View) -> Option<&'static str> {
        const TYPES: [&str; 6] = ["object", "array", "string", "integer", "number", "boolean"];
        let named = |view: &View| match view.types().as_deref() {
            Some([name]) => TYPES.into_iter().find(|known| known == name),
            _ => None,
        };
        if let Some(name) = named(view) {
            return Some(name);
        }
        let branches = view.get("oneOf").or(view.get("anyOf")).and_then(Value::as_array)?;
        let mut all = branches.iter().map(|branch| named(&self.reading.view(branch)));
        let first = all.next()??;
        all.all(|name| name == Some(first)).then_some(first)
    }
}

impl Parent {
    fn below(&self, id: PlaceId, step: Step, view: &View, mandatory: bool) -> Self {
        let site = self.site.below(match &step {
            Step::Member(member) => identity::Step::member(member),
            Step::Root | Step::Element => identity::Step::Element,
        });
        let trail = [&self.trail[..], &view.trail].concat();
        // What a component describes is a table of its own.
        let named = view.trail.first().and_then(|target| target.strip_prefix("/components/schemas/"));
        let source = named.map_or_else(|| self.source.clone(), pointer::unescaped);
        Self { site, id: Some(id), step, level: self.level + 1, mandatory, source, trail }
    }
}

fn text(view: &View) -> Option<Shape> {
    let (min, max) = (view.count("minLength"), view.count("maxLength"));
    if min.is_some_and(|min| min > MOST_CHARACTERS || max.is_some_and(|max| min > max)) {
        return None;
    }
    let is_sent = |max: &usize| *max <= MOST_CHARACTERS;
    let values = enumeration(view, Value::is_string).ok()?;
    Some(Shape::Text { min, max: max.filter(is_sent), unsent: max.filter(|max| !is_sent(max)), values })
}

fn integer(view: &View) -> Option<Shape> {
    let bits = i128::from(i64::MIN)..=i128::from(u64::MAX);
    let bound = |keyword: &str| match view.get(keyword) {
        None => Some(None),
        Some(value) => whole(value).filter(|bound| bits.contains(bound)).map(Some),
    };
    let (min, max) = (bound("minimum")?, bound("maximum")?);
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        return None;
    }
    let values = enumeration(view, |value| whole(value).is_some()).ok()?;
    Some(Shape::Integer { min, max, values })
}

/// The listed values, where there are any; an error where they are not what is modelled.
fn enumeration(view: &View, is_one: impl Fn(&Value) -> bool) -> Result<Option<Enumeration>, NotModelled> {
    let Some(listed) = view.get("enum").and_then(Value::as_array) else { return Ok(None) };
    let mut firm: Vec<Value> = Vec::new();
    for value in listed.iter().filter(|value| !value.is_null()).map(as_integer) {
        if !is_one(&value) {
            return Err(NotModelled);
        }
        if !firm.contains(&value) {
            firm.push(value);
        }
    }
    // Bounds beside it may leave some of them out, which is for the judge.
    let has_bounds = ["minLength", "maxLength", "minimum", "maximum"].iter().any(|keyword| view.get(keyword).is_some());
    if firm.is_empty() || has_bounds {
        return Err(NotModelled);
    }
    Ok(Some(Enumeration { firm, disputed: Vec::new(), excluded: Vec::new() }))
}

/// What a place's keywords say is more than is modelled.
struct NotModelled;
