//! The contract: an OpenAPI 3.1 document, read once into places that the rest of the crate walks.
//!
//! Everything else is derived from here. This module knows OpenAPI and nothing of probes, targets or reports; no name of
//! a field of any particular API stands in code.

mod direction;
mod dispute;
mod edit;
mod error_code;
mod example;
mod load;
mod model;
mod noun;
mod number;
mod parameter;
mod reader;
mod resolve;
mod room;
mod sample;
mod schema;

use serde_json::Value;

pub use crate::document::ContractError;
pub(crate) use edit::Edit;
pub use model::{
    Body, Enumeration, Operation, Parameter, ParameterIn, Place, PlaceId, Presence, Reading, Responses, Settled, Shape,
    SizeLimit, Standing, Step,
};
pub(crate) use number::as_integer;

/// The text of the contract that the crate ships.
const SHIPPED: &str = include_str!("update-migration-task.yaml");

/// The name under which the shipped contract appears in messages and reports.
const SHIPPED_NAME: &str = "update-migration-task.yaml";

/// A contract: the document as written, and the operation that it describes.
#[derive(Debug, Clone)]
pub struct Contract {
    name: String,
    text: String,
    document: Value,
    operation: Operation,
}

impl Contract {
    /// The contract that the crate ships: `PUT /v3/tasks/{task_id}` of a server-migration service.
    ///
    /// # Panics
    ///
    /// Never in a built crate: the document is part of it, and its tests load it.
    pub fn shipped() -> Self {
        match Self::from_text(SHIPPED_NAME, SHIPPED) {
            Ok(contract) => contract,
            Err(error) => panic!("the shipped contract does not load: {error}"),
        }
    }

    /// Reads a contract from text, YAML or JSON; `name` stands for it in messages.
    pub fn from_text(name: &str, text: &str) -> Result<Self, ContractError> {
        let (document, operation) = load::load(text).map_err(|fault| fault.named(name))?;
        Ok(Self { name: name.to_owned(), text: text.to_owned(), document, operation })
    }

    /// The same document with its operation in another reading.
    pub(crate) fn with(&self, operation: Operation) -> Self {
        Self { operation, ..self.clone() }
    }

    /// The name of the file that it was read from.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The document as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The document as JSON.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The operation under test.
    pub fn operation(&self) -> &Operation {
        &self.operation
    }
}
