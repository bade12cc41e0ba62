//! The places of a body: what stands where, what is modelled of each, and what keywords say beside that.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::scalar::{self, is_modelled};
use super::view::View;
use super::{OperationReader, discriminator};
use crate::contract::{Assertion, Direction, Place, PlaceId, Presence, Shape, Standing, Step};
use crate::document::Edition;
use crate::identity::{self, Keyword, Site};
use crate::keyword::{self, Node, NodeJudge, Said};
use crate::text::pointer;

/// A body has so many places at the most; what is beyond is opaque.
pub(super) const MOST_PLACES: usize = 2_000;
/// A body with more places has no schema unrolled in itself.
const ROOM: usize = 60;
/// It nests so deep at the most.
const MOST_LEVELS: usize = 24;
/// An array that has more elements at the least is sent as a whole.
pub(super) const MOST_COPIES: usize = 10;
/// Names under which a map has a value: the first that the map does not describe.
pub(super) const ANY_NAMES: [&str; 4] = ["sample", "Sample", "0sample", "~"];

/// Keywords that are respected, and of which nothing is tested.
const RESPECTED: [&str; 2] = ["unevaluatedProperties", "unevaluatedItems"];
/// Keywords that say of an array as a whole more than that its elements are alike.
pub(super) const OF_ARRAYS: [Keyword; 7] =
    [Keyword::Contains, Keyword::Const, Keyword::Enum, Keyword::OneOf, Keyword::AnyOf, Keyword::Not, Keyword::If];

/// Keywords that make schemas of schemas.
const COMPOSED: [Keyword; 5] = [Keyword::OneOf, Keyword::AnyOf, Keyword::Not, Keyword::If, Keyword::DependentSchemas];

/// Where a schema hangs.
#[derive(Clone)]
pub(super) struct Parent {
    pub(super) site: Site,
    id: Option<PlaceId>,
    step: Step,
    level: usize,
    mandatory: bool,
    source: String,
    /// The schemas that lead here, so that none is unrolled in itself.
    trail: Vec<String>,
}

pub(super) struct Walk<'a, 'r> {
    pub(super) reading: &'a mut OperationReader<'r>,
    pub(super) places: Vec<Place>,
    /// The schema of each place.
    pub(super) schemas: Vec<Value>,
    /// Places of which the parts make nothing legal: only whole values are sent there.
    whole: &'a HashSet<Site>,
    /// How many places each keyword is respected at.
    respected: Vec<(&'static str, usize)>,
}

impl<'a, 'r> Walk<'a, 'r> {
    /// The places below a schema, itself first, and the schema of each; an error where no legal value was found for what must
    /// be there.
    pub(super) fn places(
        reading: &'a mut OperationReader<'r>,
        site: &Site,
        (schema, pointer): (&Value, &str),
        whole: &'a HashSet<Site>,
    ) -> Result<(Vec<Place>, Vec<Value>), String> {
        let mut walk = Walk { reading, places: Vec::new(), schemas: Vec::new(), whole, respected: Vec::new() };
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
        Ok((walk.places, walk.schemas))
    }

    pub(super) fn place(&mut self, schema: &Value, pointer: &str, parent: &Parent) -> Result<PlaceId, String> {
        let (schema, is_alternative) = self.without_null(schema);
        let view = self.reading.view(&schema);
        let nullable = view.is_nullable() || is_alternative;
        let presence = match parent.step {
            Step::Member(_) if parent.mandatory => Presence::Mandatory(Standing::Firm),
            Step::Member(_) | Step::Value(_) | Step::Fitting { .. } => Presence::Optional,
            Step::Root | Step::Element | Step::At(_) => Presence::Inherent,
        };
        let unsure = || Standing::Disputed("an open contract does not say whether null does for a value".to_owned());
        let id = PlaceId(self.places.len());
        self.schemas.push(schema.clone());
        self.places.push(Place {
            site: parent.site.clone(),
            parent: parent.id,
            step: parent.step.clone(),
            branch: None,
            least: 1,
            is_mixed: false,
            is_implied: false,
            presence,
            null: nullable.then(unsure),
            shape: Shape::Boolean,
            assertions: Vec::new(),
            source: parent.source.clone(),
        });
        let is_tested = |keyword: &str| match keyword {
            "unevaluatedProperties" => self.closes_all_parts(&view),
            _ => view.get(keyword) == Some(&json!(false)) && view.says("prefixItems"),
        };
        let untested: Vec<&str> =
            RESPECTED.into_iter().filter(|keyword| view.says(keyword) && !is_tested(keyword)).collect();
        for keyword in untested {
            match self.respected.iter_mut().find(|(known, _)| *known == keyword) {
                Some((_, count)) => *count += 1,
                None => self.respected.push((keyword, 1)),
            }
        }
        let is_whole = self.whole.contains(&parent.site);
        let modelled = if is_whole { None } else { self.shape(&view, pointer, id, parent)? };
        let shape = if let Some(shape) = modelled {
            shape
        } else {
            self.places.truncate(id.0 + 1);
            self.schemas.truncate(id.0 + 1);
            self.opaque(&schema, &view, pointer)?
        };
        let below = self.places.get(id.0 + 1).map(|place| place.site.node().to_vec()).unwrap_or_default();
        let is_branch = matches!(below.get(parent.site.node().len()), Some(identity::Step::Branch(_)));
        self.places[id.0].assertions = self.assertions(&schema, (&view, is_branch), pointer, &shape);
        self.places[id.0].is_implied = view.types().is_none() && !is_branch && matches!(shape, Shape::Object { .. });
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
            if view.is_partial || (nulls.is_empty() && others.len() != 1) {
                continue;
            }
            let mut rest = view.keywords.clone();
            rest.remove(keyword);
            if let [other] = others[..] {
                return (json!({ "allOf": [rest, other] }), !nulls.is_empty());
            }
            if !others.is_empty() {
                rest.insert(keyword.to_owned(), json!(others));
                return (Value::Object(rest), true);
            }
        }
        (schema.clone(), false)
    }

    /// The shape of what is modelled; nothing where the schema says more.
    fn shape(&mut self, view: &View, pointer: &str, id: PlaceId, parent: &Parent) -> Result<Option<Shape>, String> {
        // What stands in itself is unrolled once, where there is room for it.
        let rounds = if id.0 < ROOM { 2 } else { 1 };
        let again = |target: &&String| parent.trail.iter().filter(|other| other == target).count() >= rounds;
        let endless = view.trail.iter().find(again);
        if let Some(target) = endless {
            let what = format!("`#{target}` stands in itself");
            self.reading.remark(
                pointer,
                what,
                "what stands in it once more is sent as a whole, and its parts are not tested",
            );
        }
        let is_endless = endless.is_some();
        // What else is said here nobody knows: no value is legal for sure, whatever the rest says.
        let is_loose = self.reading.is_loose(view) && !matches!(view.types().as_deref(), Some(["object"]));
        if is_loose || !self.reading.is_native(&view.keywords, "type") {
            return Ok(None);
        }
        if view.is_partial || is_endless || parent.level > MOST_LEVELS || id.0 >= MOST_PLACES {
            return Ok(None);
        }
        let types = view.types();
        let name = match types.as_deref() {
            Some([name]) => *name,
            None if view.get("properties").is_some() => "object",
            _ => "",
        };
        let is_open = matches!(name, "object" | "");
        let branches = if is_open { self.branches(view, pointer) } else { (Vec::new(), false) };
        if !branches.0.is_empty() {
            return self.branched(branches, pointer, id, parent);
        }
        match name {
            "object" if !view.says("const") && !view.says("enum") => self.object(view, pointer, id, parent),
            "array" if view.says("prefixItems") => self.tuple(view, pointer, id, parent),
            "array" => self.array(view, pointer, id, parent),
            name => Ok(scalar::shape(view, name)),
        }
    }

    pub(super) fn object(
        &mut self,
        view: &View,
        pointer: &str,
        id: PlaceId,
        parent: &Parent,
    ) -> Result<Option<Shape>, String> {
        let required: HashSet<&str> =
            view.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let none = Map::new();
        let properties = view.get("properties").and_then(Value::as_object).unwrap_or(&none);
        // A member that must be there and is described nowhere is for the judge, and the samples.
        if !required.iter().all(|name| properties.contains_key(*name)) {
            return Ok(None);
        }
        let mut members = Vec::new();
        for (name, schema) in properties {
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
            members.extend(self.member(schema, &below, &part)?);
        }
        let none = Map::new();
        let patterns = view.get("patternProperties").and_then(Value::as_object).unwrap_or(&none);
        members.extend(self.fitting((properties, patterns), (view, pointer), id, parent)?);
        let any_name = ANY_NAMES.into_iter().find(|name| {
            !properties.contains_key(*name) && !patterns.keys().any(|pattern| identity::fitting(pattern)(name))
        });
        let is_map = |schema: &&Value| schema.as_object().is_some_and(|members| !members.is_empty());
        let unknown = match view.get("additionalProperties") {
            Some(Value::Bool(false)) => None,
            // All that the parts know stands among the properties here.
            None if self.closes_all_parts(view) => None,
            Some(schema) if is_map(&schema) && any_name.is_some() => {
                let part = parent.below(id, Step::Value(any_name.unwrap_or_default().to_owned()), view, false);
                let value = self.member(schema, &pointer::below(pointer, "additionalProperties"), &part)?;
                members.extend(value);
                Some(Standing::Unprobed("any other member is a value of its map".to_owned()))
            }
            _ => Some(Standing::Disputed(
                "the contract does not say what becomes of members that it does not name".to_owned(),
            )),
        };
        if let ([value], true) = (&members[..], properties.is_empty()) {
            self.places[id.0].least = self.entries(*value, view);
        }
        Ok(Some(Shape::Object { members, unknown }))
    }

    /// Whether a schema forbids what none of its parts knows.
    fn closes_all_parts(&self, view: &View) -> bool {
        let is_known = self.reading.document.edition() == Edition::V31;
        is_known && view.get("unevaluatedProperties") == Some(&json!(false))
    }

    /// The place of a member; nothing where it may be left out, and no legal value of it was found.
    pub(super) fn member(&mut self, schema: &Value, pointer: &str, part: &Parent) -> Result<Option<PlaceId>, String> {
        let first = self.places.len();
        match self.place(schema, pointer, part) {
            Ok(member) => Ok(Some(member)),
            Err(why) if part.mandatory => Err(why),
            Err(why) => {
                self.places.truncate(first);
                self.schemas.truncate(first);
                self.reading.remark(pointer, why, "this optional member is never sent");
                Ok(None)
            }
        }
    }

    /// What only its samples are sent of; an error where there is none.
    fn opaque(&mut self, schema: &Value, view: &View, pointer: &str) -> Result<Shape, String> {
        let type_name = self.type_name(view);
        let judge = self.judge(schema, pointer);
        let samples = match &judge {
            Some(judge) => self.reading.samples(schema, Direction::Request, &|value| judge.accepts(value)),
            None => Vec::new(),
        };
        if samples.is_empty() {
            let line = self.reading.document.line(pointer).map(|line| format!(" (line {line})")).unwrap_or_default();
            let clash = self.reading.contradiction(schema, pointer);
            return Err(clash.unwrap_or_else(|| {
                format!("no legal value could be made up for {pointer}{line}; give it an `example`")
            }));
        }
        Ok(Shape::Opaque { type_name, samples })
    }

    /// What keywords say of a place that its shape does not tell.
    fn assertions(
        &mut self,
        schema: &Value,
        (view, is_branch): (&View, bool),
        pointer: &str,
        shape: &Shape,
    ) -> Vec<Assertion> {
        let is_said = |keyword: Keyword| view.says(keyword.as_str()) && !is_modelled(shape, keyword);
        let forbids = keyword::are_forbidden(&view.keywords);
        let closes = view.get("unevaluatedItems") == Some(&json!(false));
        if view.is_partial || !(forbids || closes || keyword::all().any(is_said)) {
            return Vec::new();
        }
        let Some(judge) = self.judge(schema, pointer) else { return Vec::new() };
        let samples = match shape {
            Shape::Opaque { samples, .. } => samples.clone(),
            _ => self.reading.samples(schema, Direction::Request, &|value| judge.accepts(value)),
        };
        let mut samples = samples;
        if COMPOSED.iter().any(|keyword| is_said(*keyword)) {
            let others = self.reading.variants(view).into_iter().chain(self.reading.dependent(view));
            samples.extend(others.filter(|value| judge.accepts(value)));
        }
        let doubtful = self.reading.doubtful(view);
        let named = self.type_name(view);
        let types = view.types().or_else(|| named.map(|name| vec![name]));
        let reading = &*self.reading;
        let array = |count| reading.counted(view, count);
        let node = Node::of(Said { keywords: &view.keywords, types }, &judge, reading.formats());
        let node = node.with((&samples, &doubtful), &array, is_branch);
        let mut assertions = keyword::assertions(&node, &|keyword| is_modelled(shape, keyword));
        reading.loosen(view, &mut assertions);
        if matches!(shape, Shape::Opaque { .. }) {
            self.add_branches(view, pointer, &judge, &mut assertions);
        }
        for assertion in &mut assertions {
            if assertion.keyword == Keyword::Const && view.says(discriminator::MARK) {
                let reason = "OpenAPI calls a discriminator a help, and no demand";
                assertion.standing = Standing::Disputed(reason.to_owned());
            }
        }
        assertions
    }

    pub(super) fn judge(&mut self, schema: &Value, pointer: &str) -> Option<NodeJudge> {
        NodeJudge::by(&self.reading.bundle(schema, Direction::Request, pointer))
    }

    /// The one type that a value must have, where there is one.
    fn type_name(&self, view: &View) -> Option<&'static str> {
        const TYPES: [&str; 6] = ["object", "array", "string", "integer", "number", "boolean"];
        if !self.reading.is_native(&view.keywords, "type") {
            return None;
        }
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
    pub(super) fn below(&self, id: PlaceId, step: Step, view: &View, mandatory: bool) -> Self {
        let site = self.site.below(match &step {
            Step::Member(member) => identity::Step::member(member),
            Step::Value(_) => identity::Step::Value,
            Step::Fitting { pattern, .. } => identity::Step::Pattern(pattern.as_str().into()),
            Step::At(index) => identity::Step::Index(*index),
            Step::Root | Step::Element => identity::Step::Element,
        });
        let trail = [&self.trail[..], &view.trail].concat();
        // What a component describes is a table of its own.
        let named = view.trail.first().and_then(|target| target.strip_prefix("/components/schemas/"));
        let source = named.map_or_else(|| self.source.clone(), pointer::unescaped);
        Self { site, id: Some(id), step, level: self.level + 1, mandatory, source, trail }
    }
}
