//! Holds the headers of an answer against what is documented of them.
//!
//! A header has no types but by its text, and servers write texts in more than one way: what is legal under any reading of it, or
//! of one of several headers of the same name, is legal.

use jsonschema::Validator;
use serde_json::Value;

use super::broken::{self, Broken};
use super::cursor::Cursor;
use crate::carrier::{self, Place};
use crate::contract::{AnswerHeader, Holds, LazySchema, ParameterIn, Style, StyleName};
use crate::exchange::Response;
use crate::json;
use crate::rule::{Keyword, Step};

/// What is made of one header.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It is not there, and need not be.
    Absent,
    /// It is not there, and must be.
    Missing,
    /// It is there, and of this value.
    Kept(Value),
    /// It is there, and breaks this.
    Broken(Vec<Broken>),
}

/// The steps from the headers of an answer to one of them.
pub(super) fn node(header: &AnswerHeader) -> Vec<Step> {
    vec![Step::member(&header.name)]
}

/// Holds a header against what is documented of it.
pub(super) fn judged<'v>(
    header: &AnswerHeader,
    validator: impl Fn() -> Option<&'v Validator>,
    response: &Response,
) -> Verdict {
    let is_it = |(name, _): &&(String, String)| name.eq_ignore_ascii_case(&header.name);
    let all: Vec<&str> = response.headers.iter().filter(is_it).map(|(_, value)| value.trim()).collect();
    if all.is_empty() {
        return if header.is_required { Verdict::Missing } else { Verdict::Absent };
    }
    // One without a text is there, and says nothing.
    let (Some(schema), Some(validator)) = (&header.schema, validator()) else { return Verdict::Kept(Value::Null) };
    if all.iter().all(|value| value.is_empty()) {
        return Verdict::Kept(Value::Null);
    }
    let joined = all.join(", ");
    let texts: Vec<&str> = std::iter::once(joined.as_str()).chain(all.iter().copied()).collect();
    let legal = texts.iter().flat_map(|text| readings(header, text)).find(|value| validator.is_valid(value));
    match legal {
        Some(value) => Verdict::Kept(value),
        None => Verdict::Broken(told(header, schema, validator, texts.last().copied().unwrap_or_default())),
    }
}

/// What a text of a header may mean.
fn readings(header: &AnswerHeader, text: &str) -> Vec<Value> {
    if header.is_json {
        return serde_json::from_str(text).into_iter().collect();
    }
    let mut all = json::readings(text);
    // Leading zeros and signs, and truth values in any letter case, are common in headers.
    let number = text.parse::<i64>().ok().map(Value::from).or_else(|| text.parse::<f64>().ok().map(Value::from));
    all.extend(number.filter(|number| !number.is_null()));
    all.extend(text.to_ascii_lowercase().parse::<bool>().ok().map(Value::from));
    all.extend(header.between.into_iter().flat_map(|between| carrier::delimited(text, between)));
    for holds in [Holds::Array, Holds::Object] {
        let style = Style { name: StyleName::Simple, explode: header.explode, holds };
        all.extend(Place { location: ParameterIn::Header, name: &header.name, style }.readings(text));
    }
    all
}

/// What a text breaks, in the reading that breaks the least that can be told.
fn told(header: &AnswerHeader, schema: &LazySchema, validator: &Validator, text: &str) -> Vec<Broken> {
    let root = Cursor::of(schema, node(header));
    let broken_by = |value: Value| {
        let document = json::Document { value, gaps: Vec::new() };
        broken::broken(validator, &document, &root).0
    };
    let is_of_another_type = |broken: &Vec<Broken>| broken.iter().any(|one| one.keyword == Keyword::Type);
    let all: Vec<Vec<Broken>> = readings(header, text).into_iter().map(broken_by).collect();
    let of_its_type = all.iter().position(|broken| !broken.is_empty() && !is_of_another_type(broken));
    let chosen = all.into_iter().nth(of_its_type.unwrap_or_default()).unwrap_or_default();
    let observed =
        |broken: Broken| Broken { observed: format!("{}: {text}: {}", header.name, broken.observed), ..broken };
    let mut told: Vec<Broken> = chosen.into_iter().map(observed).collect();
    if told.is_empty() {
        told.push(Broken {
            node: node(header),
            keyword: Keyword::ResponseHeader,
            bound: Value::Null,
            source: schema.source().to_owned(),
            observed: format!("{}: {text}, which cannot be read", header.name),
        });
    }
    told
}
