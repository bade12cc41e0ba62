//! The reader: which values may stand at a parameter of a request, as every sure way to read it has them.
//!
//! Shares the table with the writer, and no code: what one writes wrongly the other does not read back.

use serde_json::{Map, Value};

use super::table::{self, Layout, Piece, Start};
use super::{Place, path};
use crate::contract::{Holds, Operation, Parameter, ParameterIn};
use crate::exchange::Request;
use crate::json::readings as of_text;
use crate::text::percent::decoded_text;

/// So many readings of one text are looked at: each of its parts may be text or a number.
const MOST_READINGS: usize = 1_024;

/// What stands in a request outside its body, taken apart.
pub(crate) struct Sent<'a> {
    operation: &'a Operation,
    request: &'a Request,
    path: std::collections::HashMap<&'a str, String>,
    query: Vec<(String, String)>,
    cookies: Vec<(String, String)>,
}

impl<'a> Sent<'a> {
    /// Nothing where the path is another resource's.
    pub(crate) fn of(operation: &'a Operation, request: &'a Request) -> Option<Self> {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let path = path.strip_prefix(operation.base_path.as_str()).or_else(|| {
            // What was escaped on its way.
            let count = operation.base_path.matches('/').count();
            let at = path.match_indices('/').nth(count).map_or(path.len(), |(at, _)| at);
            (decoded_text(&path[..at]) == operation.base_path).then(|| &path[at..])
        })?;
        let path = path::holes(&operation.path, path)?;
        let cookies = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
        let cookies = cookies.flat_map(|(_, value)| value.split(';').map(str::trim)).filter(|pair| !pair.is_empty());
        let (query, cookies) = (raw_pairs(query), pairs(cookies));
        Some(Self { operation, request, path, query, cookies })
    }

    /// The first text of a parameter that is one text, decoded.
    pub(crate) fn text(&self, parameter: &Parameter) -> Option<String> {
        let raw = match parameter.location {
            ParameterIn::Path => self.path.get(parameter.name.as_str()).cloned()?,
            ParameterIn::Header => return self.request.header(&parameter.name).map(str::to_owned),
            ParameterIn::Query => return first(&self.query, &parameter.name).map(|value| decoded_text(&value)),
            ParameterIn::Cookie => return first(&self.cookies, &parameter.name),
        };
        let layout = table::layout(parameter.location, parameter.style)?;
        let rest = raw.strip_prefix(start(layout.start, &parameter.name).as_str())?;
        Some(decoded_text(rest))
    }

    /// Every value that may be meant by what stands at a parameter; nothing where nothing stands there.
    pub(crate) fn readings(&self, parameter: &Parameter) -> Option<Vec<Value>> {
        match parameter.style.holds {
            Holds::One => Some(of_text(&self.text(parameter)?)),
            Holds::Json => Some(serde_json::from_str(&self.text(parameter)?).into_iter().collect()),
            Holds::Array | Holds::Object => {
                let place = Place::of(parameter);
                let raw = match parameter.location {
                    ParameterIn::Path => self.path.get(parameter.name.as_str()).cloned()?,
                    ParameterIn::Header => self.request.header(&parameter.name).map(str::to_owned)?,
                    ParameterIn::Query => self.own(parameter, &self.query, "&")?,
                    ParameterIn::Cookie => self.own(parameter, &self.cookies, "; ")?,
                };
                Some(place.readings(&raw))
            }
        }
    }

    /// The pairs that belong to a parameter, put together again.
    fn own(&self, parameter: &Parameter, pairs: &[(String, String)], separator: &str) -> Option<String> {
        let layout = table::layout(parameter.location, parameter.style)?;
        let bracketed = format!("{}[", parameter.name);
        let is_declared = |name: &str| self.operation.parameters.iter().any(|other| other.name == name);
        let is_own = |name: &str| match layout.piece {
            Piece::Keyed => !is_declared(name),
            Piece::Bracketed => name.starts_with(&bracketed),
            _ => name == parameter.name,
        };
        let own: Vec<String> = pairs
            .iter()
            .filter(|(name, _)| is_own(&decoded_text(name)))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!own.is_empty()).then(|| own.join(separator))
    }
}

impl Place<'_> {
    /// Every value that may be meant by a text of this parameter, as the writer has it.
    pub(crate) fn readings(&self, text: &str) -> Vec<Value> {
        match self.style.holds {
            Holds::One => of_text(text),
            Holds::Json => serde_json::from_str(text).into_iter().collect(),
            Holds::Array | Holds::Object => self.taken_apart(text).unwrap_or_default(),
        }
    }

    fn taken_apart(&self, text: &str) -> Option<Vec<Value>> {
        let layout = table::layout(self.location, self.style)?;
        let decode = |text: &str| match self.location {
            ParameterIn::Path | ParameterIn::Query => decoded_text(text),
            ParameterIn::Header | ParameterIn::Cookie => text.trim().to_owned(),
        };
        let rest = match self.location {
            // Names may be escaped in other ways than the writer does it.
            ParameterIn::Query | ParameterIn::Cookie if layout.start == Start::Name => {
                let (name, rest) = text.split_once('=')?;
                (decode(name) == self.name).then_some(rest)?
            }
            _ => text.strip_prefix(start(layout.start, self.name).as_str())?,
        };
        let pieces: Vec<&str> = split(rest, layout);
        match layout.piece {
            Piece::Bare => Some(arrays(&pieces.into_iter().map(decode).collect::<Vec<_>>())),
            Piece::Named => {
                let value = |piece: &str| {
                    let (name, value) = piece.split_once('=')?;
                    (decode(name) == self.name).then(|| decode(value))
                };
                Some(arrays(&pieces.into_iter().map(value).collect::<Option<Vec<_>>>()?))
            }
            Piece::Alternating => {
                let (pairs, rest) = pieces.as_chunks::<2>();
                let members: Vec<_> = pairs.iter().map(|[name, value]| (vec![decode(name)], decode(value))).collect();
                rest.is_empty().then(|| objects(&members))
            }
            Piece::Keyed => {
                let member =
                    |piece: &str| piece.split_once('=').map(|(name, value)| (vec![decode(name)], decode(value)));
                Some(objects(&pieces.into_iter().map(member).collect::<Option<Vec<_>>>()?))
            }
            Piece::Bracketed => {
                let member = |piece: &str| {
                    let (name, value) = piece.split_once('=')?;
                    let name = decode(name);
                    let steps = name.strip_prefix(self.name)?.strip_prefix('[')?.strip_suffix(']')?;
                    Some((steps.split("][").map(str::to_owned).collect(), decode(value)))
                };
                Some(objects(&pieces.into_iter().map(member).collect::<Option<Vec<_>>>()?))
            }
        }
    }
}

/// The pieces; a blank that stands for the separator may be written in two ways.
fn split(text: &str, layout: Layout) -> Vec<&str> {
    match layout.separator {
        "" => vec![text],
        "%20" if !text.contains("%20") => text.split(['+', ' ']).collect(),
        "%09" if !text.contains("%09") => text.split('\t').collect(),
        "%7C" if text.contains("%7c") => text.split("%7c").collect(),
        "%7C" if !text.contains("%7C") => text.split('|').collect(),
        separator => text.split(separator.trim_end()).map(str::trim_start).collect(),
    }
}

fn start(start: Start, name: &str) -> String {
    match start {
        Start::Nothing => String::new(),
        Start::Dot => ".".to_owned(),
        Start::Semicolon => ";".to_owned(),
        Start::Matrix => format!(";{name}="),
        Start::Name => format!("{name}="),
    }
}

fn first(pairs: &[(String, String)], name: &str) -> Option<String> {
    pairs.iter().find(|(other, _)| decoded_text(other) == name).map(|(_, value)| value.clone())
}

/// The pairs of a query or a form, in their coding.
pub(super) fn raw_pairs(text: &str) -> Vec<(String, String)> {
    pairs(text.split('&'))
}

fn pairs<'a>(all: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_owned(), value.to_owned())
    };
    all.filter(|pair| !pair.is_empty()).map(pair).collect()
}

/// What one part may be.
pub(super) fn parts_of(text: &str) -> Vec<Value> {
    of_text(text).into_iter().filter(|value| !value.is_array()).collect()
}

/// The arrays that a text with something between their elements may mean.
pub(crate) fn delimited(text: &str, between: &str) -> Vec<Value> {
    arrays(&text.split(between).map(str::to_owned).collect::<Vec<_>>())
}

fn arrays(texts: &[String]) -> Vec<Value> {
    product(&texts.iter().map(|text| parts_of(text)).collect::<Vec<_>>()).into_iter().map(Value::from).collect()
}

fn objects(members: &[(Vec<String>, String)]) -> Vec<Value> {
    let choices: Vec<Vec<Value>> = members.iter().map(|(_, text)| parts_of(text)).collect();
    let whole = |values: Vec<Value>| {
        let mut object = Value::Object(Map::new());
        for ((steps, _), value) in members.iter().zip(values) {
            let mut place = &mut object;
            for step in steps {
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                place = &mut place[step.as_str()];
            }
            *place = value;
        }
        numbered(object)
    };
    product(&choices).into_iter().map(whole).collect()
}

/// Members whose names count from 0 are elements.
fn numbered(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let counts = members.keys().enumerate().all(|(number, name)| *name == number.to_string());
    let members = members.into_iter().map(|(name, value)| (name, numbered(value)));
    if counts {
        members.map(|(_, value)| value).collect::<Vec<_>>().into()
    } else {
        members.collect::<Map<_, _>>().into()
    }
}

/// One choice for each place, in every way.
pub(super) fn product(choices: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let mut all: Vec<Vec<Value>> = vec![Vec::new()];
    for choice in choices {
        // Beyond the limit what is left is what it is spelt like.
        let few = if all.len() * choice.len() > MOST_READINGS { &choice[choice.len() - 1..] } else { &choice[..] };
        all = all
            .iter()
            .flat_map(|before| few.iter().map(|one| [before.as_slice(), std::slice::from_ref(one)].concat()))
            .collect();
    }
    all
}
