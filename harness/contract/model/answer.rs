//! What the contract says of answers.

use serde_json::Value;

use crate::contract::lazy::LazySchema;

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
}

impl Documented {
    /// Which of these a status has: by itself, by its range, by `default`.
    pub(crate) fn position(all: &[Self], status: u16) -> Option<usize> {
        let is = |wanted: &str| all.iter().position(|answer| answer.status.eq_ignore_ascii_case(wanted));
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
