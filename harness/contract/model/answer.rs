//! What the contract says of answers.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contract::lazy::LazySchema;
use crate::identity::{Part, StatusRange, Within};

/// What one documented answer holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// No body.
    None,
    /// JSON of this schema, under one of these media types.
    Json(Vec<String>, LazySchema),
    /// Something else, under one of these media types, which is not judged.
    Other(Vec<String>),
}

/// A documented answer of an open contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Documented {
    /// Its statuses: `200`, `4XX`, `default`.
    pub status: String,
    /// What it holds.
    pub content: Content,
    /// The headers that it has, but for the one that names the media type.
    pub headers: Vec<AnswerHeader>,
    /// The operations that go on from it.
    pub links: Vec<Link>,
}

/// A header of a documented answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerHeader {
    /// Its name, as the document writes it.
    pub name: String,
    /// Whether each such answer has it.
    pub is_required: bool,
    /// Whether the members of an object stand in it with their names before an equals sign.
    pub explode: bool,
    /// What stands between the elements of an array where that is no comma, as Swagger 2.0 has it.
    pub between: Option<&'static str>,
    /// Whether its value is written as JSON.
    pub is_json: bool,
    /// What its value is; nothing where the document does not say so.
    pub schema: Option<LazySchema>,
}

/// An operation that goes on from an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The method and the path of the operation.
    pub operation: (String, String),
    /// Where the values of its parameters stand: expressions, by the names of the parameters.
    pub parameters: BTreeMap<String, String>,
}

impl Documented {
    /// One of which nothing but its status is known.
    pub(crate) fn bare(status: &str, content: Content) -> Self {
        Self { status: status.to_owned(), content, headers: Vec::new(), links: Vec::new() }
    }

    /// The place of a part of it.
    pub fn part(&self, within: Within) -> Part {
        let class = self.status.get(..1).and_then(|class| class.parse().ok());
        let range = match (self.status.parse(), class) {
            (Ok(code), _) => StatusRange::Code(code),
            (Err(_), Some(class)) => StatusRange::Class(class),
            (Err(_), None) => StatusRange::Default,
        };
        Part::Answer(range, within)
    }

    /// Whether answers of its status may have a body at all, by HTTP.
    pub fn may_have_body(&self) -> bool {
        !matches!(self.status.as_str(), "204" | "205") && !self.status.starts_with(['1', '3'])
    }

    /// Which of these a status has: by itself, by its range, by `default`.
    pub(crate) fn position(all: &[Self], status: u16) -> Option<usize> {
        // A range that is written as it should be comes before one that is not.
        let of = |is_it: &dyn Fn(&str) -> bool| all.iter().position(|answer| is_it(&answer.status));
        let is =
            |wanted: &str| of(&|status| status == wanted).or_else(|| of(&|status| status.eq_ignore_ascii_case(wanted)));
        is(&status.to_string()).or_else(|| is(&format!("{}XX", status / 100))).or_else(|| is("default"))
    }

    /// Whether it is a success, as far as its status tells.
    pub fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }
}

impl Content {
    /// The media types that it may have.
    pub fn media_types(&self) -> &[String] {
        match self {
            Self::None => &[],
            Self::Json(types, _) | Self::Other(types) => types,
        }
    }
}

/// What the contract says of answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Responses {
    /// Every documented answer of an open contract; nothing where the one success and the refusals below are all.
    pub documented: Vec<Documented>,
    /// The status of an accepted request.
    pub success_status: u16,
    /// The JSON Schema of its body.
    pub success: Value,
    /// The contract's example of it, or one made up from the schema.
    pub success_example: Value,
    /// The table of the contract that describes the success answer.
    pub success_source: String,
    /// The JSON Schema of a refusal's body.
    pub refusal: Value,
    /// The contract's example of it, or one made up from the schema.
    pub refusal_example: Value,
    /// The table of the contract that describes the refusal.
    pub refusal_source: String,
    /// The JSON Pointer of the code in a refusal's body, where the contract marks one.
    pub error_code: Option<String>,
}

impl Responses {
    /// What an open contract documents of a status: by itself, by its range, by `default`.
    pub fn of(&self, status: u16) -> Option<&Documented> {
        Documented::position(&self.documented, status).map(|number| &self.documented[number])
    }
}
