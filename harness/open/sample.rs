//! Legal values of a schema: its own examples, or what is made up from its keywords. Whether they are legal the judge says.

use serde_json::{Map, Number, Value, json};

use super::Reading;
use super::view::View;
use crate::contract::Direction;

/// So many levels are made up.
const MOST_LEVELS: usize = 10;
/// So many values are made up for one sample at the most: what nests in itself multiplies.
const MOST_VALUES: usize = 2_000;
/// So many legal values are kept of a schema.
const MOST_SAMPLES: usize = 3;
/// A longer text, or array, is for the document to show.
const LONGEST: usize = 10_000;
const MOST_ELEMENTS: usize = 100;

/// A value of each format that every reader takes.
const FORMATS: [(&str, &str); 24] = [
    ("date-time", "2026-01-15T10:30:00Z"),
    ("date", "2026-01-15"),
    ("time", "10:30:00Z"),
    ("duration", "P1DT2H"),
    ("uuid", "3fa85f64-5717-4562-b3fc-2c963f66afa6"),
    ("uri", "https://example.com/sample"),
    ("url", "https://example.com/sample"),
    ("iri", "https://example.com/sample"),
    ("uri-reference", "/sample"),
    ("iri-reference", "/sample"),
    ("uri-template", "/sample/{id}"),
    ("email", "sample@example.com"),
    ("idn-email", "sample@example.com"),
    ("hostname", "example.com"),
    ("idn-hostname", "example.com"),
    ("ipv4", "192.0.2.1"),
    ("ip", "192.0.2.1"),
    ("ipv6", "2001:db8::1"),
    ("byte", "c2FtcGxl"),
    ("base64", "c2FtcGxl"),
    ("json-pointer", "/sample"),
    ("decimal", "1.5"),
    ("int64", "7"),
    ("regex", "^sample$"),
];

/// What is made up from the keywords: the least, or all that may be there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Least,
    Full,
    /// The least, without the document's examples: many of them break their own schema.
    Bare,
}

/// Whether a format has a value of its own here.
pub(super) fn is_known(format: &str) -> bool {
    FORMATS.iter().any(|(name, _)| *name == format)
}

impl Reading<'_> {
    /// Legal values of a schema, by this judge of it, the likeliest to be accepted first; none where none was found.
    pub(super) fn samples(
        &self,
        schema: &Value,
        direction: Direction,
        is_legal: &dyn Fn(&Value) -> bool,
    ) -> Vec<Value> {
        self.direction.set(direction);
        let mut samples: Vec<Value> = Vec::new();
        let view = self.view(schema);
        let made_up = [Extent::Least, Extent::Full, Extent::Bare].into_iter().filter_map(|extent| {
            self.left.set(MOST_VALUES);
            self.made_up(schema, extent, 0)
        });
        for value in given(&view).into_iter().chain(made_up) {
            if samples.len() < MOST_SAMPLES && !samples.contains(&value) && is_legal(&value) {
                samples.push(value);
            }
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
        if let Some(value) = known.into_iter().next().filter(|value| level > 0 && !value.is_null()) {
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
            "integer" | "number" => Some(number(&view, name == "integer")),
            "boolean" => Some(json!(true)),
            _ => Some(Value::String(text(&view))),
        }
    }

    fn object(&self, view: &View, extent: Extent, level: usize) -> Option<Value> {
        let mut object = Map::new();
        let listed = |schema: Option<&Value>| -> Vec<String> {
            let names = schema.and_then(Value::as_array).into_iter().flatten();
            names.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let mut required = listed(view.get("required"));
        if extent == Extent::Full {
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
            if foreign || !(is_needed || object.len() < least || (extent == Extent::Full && level < 2)) {
                continue;
            }
            match self.made_up(schema, extent, level + 1) {
                Some(value) => drop(object.insert(name.clone(), value)),
                None if is_needed => return None,
                None => {}
            }
        }
        let additional = view.get("additionalProperties").filter(|schema| schema.is_object());
        for name in required {
            if !object.contains_key(&name) && properties.is_none_or(|properties| !properties.contains_key(&name)) {
                let value =
                    additional.map_or(Some(json!("sample")), |schema| self.made_up(schema, extent, level + 1))?;
                object.insert(name, value);
            }
        }
        for number in object.len()..least.min(MOST_ELEMENTS) {
            let value = additional.map_or(Some(json!("sample")), |schema| self.made_up(schema, extent, level + 1))?;
            object.insert(format!("sample{number}"), value);
        }
        Some(object.into())
    }

    fn array(&self, view: &View, extent: Extent, level: usize) -> Option<Value> {
        let least = view.count("minItems").unwrap_or(0);
        let count = match extent {
            Extent::Least | Extent::Bare => least,
            Extent::Full => least.max(1).min(view.count("maxItems").unwrap_or(usize::MAX)),
        };
        let first: Vec<Value> = match view.get("prefixItems").and_then(Value::as_array) {
            Some(schemas) => {
                schemas.iter().map(|schema| self.made_up(schema, extent, level + 1)).collect::<Option<_>>()?
            }
            None => Vec::new(),
        };
        let mut elements = first;
        let schema = view.get("items").cloned().unwrap_or_else(|| json!({}));
        let element = self.made_up(&schema, extent, level + 1);
        let unique = view.get("uniqueItems") == Some(&json!(true));
        let listed = self.view(&schema).get("enum").and_then(Value::as_array).cloned();
        for number in elements.len()..count.min(MOST_ELEMENTS) {
            let value = element.clone()?;
            let other = match (&listed, value) {
                (Some(listed), _) if unique => listed.get(number)?.clone(),
                (_, Value::String(text)) if unique && number > 0 => json!(format!("{text}{number}")),
                (_, Value::Number(value)) if unique => {
                    json!(value.as_i64().unwrap_or_default() + i64::try_from(number).ok()?)
                }
                (_, value) => value,
            };
            elements.push(other);
        }
        Some(elements.into())
    }
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

fn text(view: &View) -> String {
    let (least, most) = (view.count("minLength").unwrap_or(0), view.count("maxLength").unwrap_or(usize::MAX));
    if let Some(Value::String(pattern)) = view.get("pattern")
        && let Some(witness) = jsonschema_regex::pattern_witness(pattern)
    {
        return witness;
    }
    if let Some(Value::String(format)) = view.get("format")
        && let Some((_, value)) = FORMATS.iter().find(|(name, _)| name == format)
    {
        return (*value).to_owned();
    }
    "sample".chars().cycle().take("sample".len().min(most).max(least).min(LONGEST)).collect()
}

fn number(view: &View, is_integer: bool) -> Value {
    let bound = |inclusive: &str, exclusive: &str, step: f64| {
        let exclusive =
            view.number(exclusive).map(|bound| if is_integer { (bound + step * 0.5).round() } else { bound + step });
        view.number(inclusive).into_iter().chain(exclusive).collect::<Vec<f64>>()
    };
    let low = bound("minimum", "exclusiveMinimum", 1.0).into_iter().fold(f64::MIN, f64::max);
    let high = bound("maximum", "exclusiveMaximum", -1.0).into_iter().fold(f64::MAX, f64::min);
    let mut value = 7.0_f64.clamp(low.min(high), high.max(low));
    if let Some(step) = view.number("multipleOf").filter(|step| *step > 0.0) {
        value = (value / step).ceil() * step;
    }
    if is_integer || value.fract() == 0.0 {
        #[expect(clippy::cast_possible_truncation, reason = "what is beyond 64 bits is cut to them")]
        let whole = value.ceil() as i64;
        return json!(whole);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}
