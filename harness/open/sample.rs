//! Legal values of a schema: its own examples, or what is made up from its keywords. Whether they are legal the judge says.

use serde_json::{Map, Value, json};

use super::OperationReader;
use super::view::View;
use crate::contract::Direction;
use crate::identity;
use crate::keyword::{self, Said};

/// So many levels are made up.
const MOST_LEVELS: usize = 10;
/// So many values are made up for one sample at the most: what nests in itself multiplies.
const MOST_VALUES: usize = 2_000;
/// So many legal values are kept of a schema.
const MOST_SAMPLES: usize = 3;
/// So many objects with an optional member are made up.
const MOST_VARIANTS: usize = 8;
/// So many values of a schema are sent for themselves.
const OWN_VALUES: usize = 8;
/// Of so many values of a scalar a seed chooses one.
const CHOICE: usize = 16;
/// A longer array is for the document to show.
const MOST_ELEMENTS: usize = 100;

/// What is made up from the keywords: the least, or all that may be there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Least,
    Full,
    /// All that may be there, some levels deep: for people to look at.
    Deep,
    /// The least, without the document's examples: many of them break their own schema.
    Bare,
}

impl Extent {
    /// So many levels have all that they may have.
    fn levels(self) -> usize {
        match self {
            Self::Least | Self::Bare => 0,
            Self::Full => 2,
            Self::Deep => 5,
        }
    }
}

/// Whether a format has a value of its own here.
pub(super) fn is_known(format: &str) -> bool {
    keyword::is_format(format)
}

impl OperationReader<'_> {
    /// Legal values of a schema, by this judge of it, the likeliest to be accepted first; none where none was found.
    pub(super) fn samples(
        &self,
        schema: &Value,
        direction: Direction,
        is_legal: &dyn Fn(&Value) -> bool,
    ) -> Vec<Value> {
        self.samples_of([Extent::Least, Extent::Full, Extent::Bare], schema, direction, is_legal)
    }

    /// The same, what holds the most first.
    pub(super) fn full_samples(
        &self,
        schema: &Value,
        direction: Direction,
        is_legal: &dyn Fn(&Value) -> bool,
    ) -> Vec<Value> {
        self.samples_of([Extent::Deep, Extent::Least, Extent::Bare], schema, direction, is_legal)
    }

    fn samples_of(
        &self,
        extents: [Extent; 3],
        schema: &Value,
        direction: Direction,
        is_legal: &dyn Fn(&Value) -> bool,
    ) -> Vec<Value> {
        self.direction.set(direction);
        let mut samples: Vec<Value> = Vec::new();
        let view = self.view(schema);
        let made_up = extents.into_iter().filter_map(|extent| {
            self.left.set(MOST_VALUES);
            self.made_up(schema, extent, 0)
        });
        for value in given(&view).into_iter().chain(made_up) {
            if samples.len() < MOST_SAMPLES && !samples.contains(&value) && is_legal(&value) {
                samples.push(value);
            }
        }
        if samples.is_empty() {
            // The first branch may be one that allows nothing, or not by itself.
            samples.extend(self.variants(&view).into_iter().find(|value| is_legal(value)));
        }
        if samples.is_empty() {
            samples = self.searched(schema, is_legal);
        }
        samples
    }

    /// A value that the schema probably allows; nothing where it nests without end.
    fn made_up(&self, schema: &Value, extent: Extent, level: usize) -> Option<Value> {
        if level > MOST_LEVELS || self.left.get() == 0 {
            return None;
        }
        self.left.set(self.left.get() - 1);
        let mut view = self.view(schema);
        let known = if extent == Extent::Bare { listed(&view) } else { given(&view) };
        let shows = ["const", "example", "examples", "default"].iter().any(|keyword| view.get(keyword).is_some());
        let known = if shows { known.into_iter().next() } else { self.pick(known) };
        if let Some(value) = known.filter(|value| level > 0 && !value.is_null()) {
            return Some(value);
        }
        for keyword in ["oneOf", "anyOf"] {
            let Some(Value::Array(branches)) = view.keywords.remove(keyword) else { continue };
            let without = Value::Object(view.keywords.clone());
            let both = |branch: &Value| {
                let rest =
                    view.keywords.iter().any(|(keyword, _)| !matches!(keyword.as_str(), "description" | "title"));
                if rest { json!({ "allOf": [without, branch] }) } else { branch.clone() }
            };
            let is_null = |branch: &&Value| branch.get("type") == Some(&json!("null"));
            let (nulls, others): (Vec<_>, Vec<_>) = branches.iter().partition(is_null);
            return others.into_iter().chain(nulls).find_map(|branch| self.made_up(&both(branch), extent, level + 1));
        }
        let types = view.types();
        let name = match types.as_deref() {
            Some([]) => return Some(Value::Null),
            Some([first, ..]) => *first,
            None if view.get("properties").is_some() || view.get("additionalProperties").is_some() => "object",
            None if view.get("items").is_some() => "array",
            None if view.get("pattern").is_some() || view.get("maxLength").is_some() => "string",
            None if view.get("minimum").is_some() || view.get("maximum").is_some() => "number",
            None => "string",
        };
        match name {
            "object" => self.object(&view, extent, level),
            "array" => self.array(&view, extent, level),
            "boolean" => Some(json!(true)),
            name => self.scalar(&view, if matches!(name, "integer" | "number") { name } else { "string" }),
        }
    }

    /// A scalar of this type that probably keeps what is said of it.
    fn scalar(&self, view: &View, name: &str) -> Option<Value> {
        let said = Said { keywords: &view.keywords, types: Some(vec![name]) };
        if self.seed == 0 {
            return keyword::drawn(&said).into_iter().next();
        }
        self.pick(keyword::drawn_many(&said, CHOICE))
    }

    /// The first of several values, or the one that the seed chooses.
    fn pick(&self, mut many: Vec<Value>) -> Option<Value> {
        if self.seed == 0 {
            return many.into_iter().next();
        }
        // Another one at each place.
        let place = u64::try_from(self.left.get()).unwrap_or_default();
        let drawn = self.seed.wrapping_add(place).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let number = usize::try_from(drawn).unwrap_or_default().checked_rem(many.len())?;
        Some(many.swap_remove(number))
    }

    fn object(&self, view: &View, extent: Extent, level: usize) -> Option<Value> {
        let mut object = Map::new();
        let listed = |schema: Option<&Value>| -> Vec<String> {
            let names = schema.and_then(Value::as_array).into_iter().flatten();
            names.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let mut required = listed(view.get("required"));
        if extent.levels() > 0 {
            // What may be demanded beside something else.
            for branch in ["then", "else"] {
                required.extend(listed(view.get(branch).and_then(|branch| branch.get("required"))));
            }
            let dependent = view.get("dependentRequired").and_then(Value::as_object);
            required.extend(dependent.into_iter().flatten().flat_map(|(_, names)| listed(Some(names))));
        }
        let properties = view.get("properties").and_then(Value::as_object);
        let least = view.count("minProperties").unwrap_or(0);
        for (name, schema) in properties.into_iter().flatten() {
            let is_needed = required.contains(name);
            let foreign = self.follow(schema).is_some_and(|schema| self.direction.get().leaves_out(schema));
            if foreign || !(is_needed || object.len() < least || level < extent.levels()) {
                continue;
            }
            match self.made_up(schema, extent, level + 1) {
                Some(value) => drop(object.insert(name.clone(), value)),
                None if is_needed => return None,
                None => {}
            }
        }
        let additional = view.get("additionalProperties").filter(|schema| schema.is_object());
        let patterns = view.get("patternProperties").and_then(Value::as_object);
        let fits: Vec<_> =
            patterns.into_iter().flatten().map(|(pattern, schema)| (identity::fitting(pattern), schema)).collect();
        let value = |name: &str| {
            let schema = fits.iter().find(|(fits, _)| fits(name)).map(|(_, schema)| *schema).or(additional);
            schema.map_or(Some(json!("sample")), |schema| self.made_up(schema, extent, level + 1))
        };
        for name in required {
            if !object.contains_key(&name) && properties.is_none_or(|properties| !properties.contains_key(&name)) {
                let value = value(&name)?;
                object.insert(name, value);
            }
        }
        let names: Vec<String> = match patterns {
            Some(patterns) => {
                let most = if level < extent.levels() { least.max(1) } else { least };
                patterns.keys().flat_map(|pattern| self.names_fitting(view, pattern, most)).collect()
            }
            None => Vec::new(),
        };
        for (number, name) in names.into_iter().enumerate() {
            if object.len() < least || (level < extent.levels() && number == 0) {
                object.insert(name.clone(), value(&name)?);
            }
        }
        let is_map = extent.levels() > 0 && object.is_empty() && additional.is_some();
        for number in object.len()..least.max(usize::from(is_map)).min(MOST_ELEMENTS) {
            let name = self.name(view, number);
            object.insert(name.clone(), value(&name)?);
        }
        Some(object.into())
    }

    /// One of many names that members may have.
    fn name(&self, view: &View, number: usize) -> String {
        let names = view.get("propertyNames").map(|names| {
            let names = self.view(names);
            keyword::drawn_many(&Said { keywords: &names.keywords, types: Some(vec!["string"]) }, number + 1)
        });
        let name = names.and_then(|names| names.get(number)?.as_str().map(str::to_owned));
        name.unwrap_or_else(|| format!("sample{number}"))
    }

    /// A value of each branch, and objects with one optional member each, beside what must be there.
    pub(super) fn variants(&self, view: &View) -> Vec<Value> {
        let mut all = Vec::new();
        for keyword in ["oneOf", "anyOf"] {
            let mut rest = view.keywords.clone();
            let Some(Value::Array(branches)) = rest.remove(keyword) else { continue };
            for branch in branches.iter().take(MOST_VARIANTS) {
                self.left.set(MOST_VALUES);
                all.extend(self.made_up(&json!({ "allOf": [rest, branch] }), Extent::Bare, 0));
            }
        }
        for name in
            view.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys).take(MOST_VARIANTS)
        {
            let mut one = view.clone();
            let required = one.keywords.entry("required").or_insert_with(|| json!([]));
            if let Value::Array(names) = required
                && !names.contains(&json!(name))
            {
                names.push(json!(name));
            }
            self.left.set(MOST_VALUES);
            all.extend(self.object(&one, Extent::Bare, 0));
        }
        all
    }

    /// Objects with a member that makes a schema hold, which keep that schema.
    pub(super) fn dependent(&self, view: &View) -> Vec<Value> {
        let mut rest = view.keywords.clone();
        let Some(Value::Object(schemas)) = rest.remove("dependentSchemas") else { return Vec::new() };
        let both = |(name, schema): (&String, &Value)| {
            self.left.set(MOST_VALUES);
            self.made_up(&json!({ "allOf": [rest, { "required": [name] }, schema] }), Extent::Bare, 0)
        };
        schemas.iter().filter_map(both).collect()
    }

    /// Values of what must not hold, and of what makes something else hold, without that; all members where there may not be so many.
    pub(super) fn doubtful(&self, view: &View) -> Vec<Value> {
        let mut all = Vec::new();
        let mut uncounted = view.clone();
        if uncounted.keywords.remove("maxProperties").is_some() {
            self.left.set(MOST_VALUES);
            all.extend(self.object(&uncounted, Extent::Full, 0));
        }
        for keyword in ["not", "if"] {
            let mut rest = view.keywords.clone();
            let Some(other) = rest.remove(keyword) else { continue };
            for keyword in ["then", "else"] {
                rest.remove(keyword);
            }
            let both = json!({ "allOf": [rest, other] });
            for extent in [Extent::Bare, Extent::Full] {
                self.left.set(MOST_VALUES);
                all.extend(self.made_up(&both, extent, 0));
            }
            all.extend(self.variants(&self.view(&both)));
        }
        let mut rest = view.keywords.clone();
        let schemas = rest.remove("dependentSchemas");
        for name in schemas.iter().filter_map(Value::as_object).flat_map(Map::keys) {
            let both = json!({ "allOf": [rest, { "required": [name] }] });
            for extent in [Extent::Bare, Extent::Full] {
                self.left.set(MOST_VALUES);
                all.extend(self.made_up(&both, extent, 0));
            }
        }
        all
    }

    /// One of so many values of a schema, each a different one: this for number 0.
    fn other(&self, schema: &Value, value: Value, (number, count): (usize, usize)) -> Option<Value> {
        if number == 0 {
            return Some(value);
        }
        let view = self.view(schema);
        match value {
            Value::String(_) | Value::Number(_) => {
                let types = view.types().unwrap_or_else(|| vec![if value.is_string() { "string" } else { "number" }]);
                let said = Said { keywords: &view.keywords, types: Some(types) };
                let many = keyword::drawn_many(&said, count + OWN_VALUES);
                let others: Vec<Value> = many.into_iter().filter(|other| *other != value).collect();
                // The first ones speak for what is said of an element.
                let skipped = (others.len() + 1).saturating_sub(count).min(OWN_VALUES);
                others.into_iter().nth(number - 1 + skipped)
            }
            Value::Object(object) => {
                let none = Map::new();
                let properties = view.get("properties").and_then(Value::as_object).unwrap_or(&none);
                let with = |name: &str, value: Value| {
                    let mut changed = object.clone();
                    changed.insert(name.to_owned(), value);
                    Value::Object(changed)
                };
                let changed = object.iter().find_map(|(name, inner)| {
                    Some(with(name, self.other(properties.get(name)?, inner.clone(), (number, count))?))
                });
                // Where none of its members can be another, one more makes the difference.
                let is_free = |(name, schema): &(&String, &Value)| {
                    let schema = self.follow(schema);
                    !object.contains_key(*name) && schema.is_some_and(|schema| !self.direction.get().leaves_out(schema))
                };
                changed.or_else(|| {
                    properties.iter().filter(is_free).find_map(|(name, schema)| {
                        let first = self.made_up(schema, Extent::Bare, 1)?;
                        Some(with(name, self.other(schema, first, (number - 1, count - 1))?))
                    })
                })
            }
            Value::Array(elements) => {
                let first = view.get("prefixItems").and_then(Value::as_array);
                elements.iter().enumerate().find_map(|(index, inner)| {
                    let schema = first.and_then(|first| first.get(index)).or(view.get("items"))?;
                    let mut changed = elements.clone();
                    changed[index] = self.other(schema, inner.clone(), (number, count))?;
                    Some(Value::Array(changed))
                })
            }
            Value::Bool(flag) if number == 1 => Some(json!(!flag)),
            _ => None,
        }
    }

    /// An array with so many elements, different ones where they must be.
    pub(super) fn counted(&self, view: &View, count: usize) -> Option<Value> {
        self.left.set(MOST_VALUES);
        self.elements(view, count, Extent::Bare, 0)
    }

    fn array(&self, view: &View, extent: Extent, level: usize) -> Option<Value> {
        let least = view.count("minItems").unwrap_or(0).max(held(view));
        let count = match extent {
            Extent::Least | Extent::Bare => least,
            Extent::Full | Extent::Deep => least.max(1).min(view.count("maxItems").unwrap_or(usize::MAX)),
        };
        self.elements(view, count.min(MOST_ELEMENTS), extent, level)
    }

    fn elements(&self, view: &View, count: usize, extent: Extent, level: usize) -> Option<Value> {
        let first: Vec<Value> = match view.get("prefixItems").and_then(Value::as_array) {
            Some(schemas) => {
                schemas.iter().map(|schema| self.made_up(schema, extent, level + 1)).collect::<Option<_>>()?
            }
            None => Vec::new(),
        };
        let mut elements = first;
        elements.truncate(count);
        if let Some(wanted) = view.get("contains").filter(|_| elements.len() < count) {
            let both = json!({ "allOf": [view.get("items").cloned().unwrap_or_else(|| json!({})), wanted] });
            let one = self.made_up(&both, extent, level + 1)?;
            let held = held(view).max(1).min(count - elements.len());
            elements.extend(std::iter::repeat_n(one, held));
        }
        let schema = view.get("items").cloned().unwrap_or_else(|| json!({}));
        let element = self.made_up(&schema, extent, level + 1);
        let unique = view.get("uniqueItems") == Some(&json!(true));
        for number in elements.len()..count {
            let value = element.clone()?;
            elements.push(if unique { self.other(&schema, value, (number, count))? } else { value });
        }
        Some(elements.into())
    }
}

/// How many elements must be like what `contains` says.
fn held(view: &View) -> usize {
    view.get("contains").map_or(0, |_| view.count("minContains").unwrap_or(1)).min(MOST_ELEMENTS)
}

/// What the document itself gives: the one value, examples, a default, the listed values.
fn given(view: &View) -> Vec<Value> {
    let list = |keyword: &str| view.get(keyword).and_then(Value::as_array).cloned().unwrap_or_default();
    let one = |keyword: &str| view.get(keyword).cloned();
    let mut all: Vec<Value> = one("const").into_iter().chain(one("example")).chain(list("examples")).collect();
    all.extend(one("default").filter(|value| !value.is_null()));
    all.extend(listed(view));
    all
}

/// The values besides which there are no others.
fn listed(view: &View) -> Vec<Value> {
    let values = view.get("enum").and_then(Value::as_array).into_iter().flatten();
    view.get("const").into_iter().chain(values).filter(|value| !value.is_null()).cloned().collect()
}
