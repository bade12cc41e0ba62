//! The shapes of single values that are modelled in full; what says more is told by its keywords.

use serde_json::Value;

use super::view::View;
use crate::contract::{Enumeration, Shape, as_integer, whole};
use crate::identity::Keyword;

/// A bound on a text is probed with text of its length.
const MOST_CHARACTERS: usize = 65_536;

/// What is said of a single value beside its type that no shape tells.
const MORE: [Keyword; 10] = [
    Keyword::OneOf,
    Keyword::AnyOf,
    Keyword::Not,
    Keyword::If,
    Keyword::Pattern,
    Keyword::Const,
    Keyword::MultipleOf,
    Keyword::ExclusiveMinimum,
    Keyword::ExclusiveMaximum,
    Keyword::Format,
];

/// Whether a keyword is told by a shape.
pub(super) fn is_modelled(shape: &Shape, keyword: Keyword) -> bool {
    if keyword == Keyword::Type {
        return !matches!(shape, Shape::Opaque { type_name: None, .. });
    }
    match shape {
        Shape::Text { .. } => matches!(keyword, Keyword::MinLength | Keyword::MaxLength | Keyword::Enum),
        Shape::Tuple { .. } => keyword == Keyword::PrefixItems,
        Shape::Integer { .. } => matches!(keyword, Keyword::Minimum | Keyword::Maximum | Keyword::Enum),
        _ => false,
    }
}

/// The shape of a single value of this type; nothing where the schema says more.
pub(super) fn shape(view: &View, name: &str) -> Option<Shape> {
    let is_note = |keyword: Keyword| {
        let format = view.get("format").and_then(Value::as_str).unwrap_or_default();
        keyword == Keyword::Format && (name != "string" || !super::sample::is_known(format))
    };
    if MORE.iter().any(|keyword| view.says(keyword.as_str()) && !is_note(*keyword)) {
        return None;
    }
    match name {
        "string" => text(view),
        "integer" => integer(view),
        "number" => {
            let is_free = ["enum", "minimum", "maximum"].iter().all(|keyword| view.get(keyword).is_none());
            is_free.then_some(Shape::Number { min: None, max: None })
        }
        "boolean" => view.get("enum").is_none().then_some(Shape::Boolean),
        _ => None,
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
