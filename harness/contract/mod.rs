//! The contract: an OpenAPI 3.1 document, read once into places that the rest of the crate walks.
//!
//! Everything else is derived from here. This module knows OpenAPI and nothing of probes, targets or reports; no name of
//! a field of any particular API stands in code.

mod direction;
mod dispute;
mod edit;
mod effort;
mod error_code;
mod example;
mod lazy;
mod load;
mod model;
mod noun;
mod number;
mod parameter;
mod reader;
mod resolve;
mod sample;
mod schema;
mod shown;
mod size_limits;

use std::sync::Arc;

use serde_json::Value;

pub use crate::document::ContractError;
use crate::document::Document;
pub(crate) use direction::Direction;
pub(crate) use edit::Edit;
pub(crate) use effort::is_too_much;
pub use lazy::LazySchema;
pub(crate) use lazy::{CALLED_ONE_OF, Made};
pub(crate) use model::Credential;
pub use model::{
    AnswerHeader, Assertion, Body, Carriage, Coding, Content, Documented, Edge, Enumeration, Field, Forgery, Holds,
    Link, Operation, Parameter, ParameterIn, PartRule, Place, PlaceId, Presence, Reading, Responses, Sample, Security,
    SecurityScheme, Settled, Shape, SizeLimit, Standing, Step, Style, StyleName, TextRule, Usual,
};
pub(crate) use number::{as_integer, whole};
pub(crate) use shown::{documented_members, shown, shown_body};

/// The text of the contract that the crate ships.
const SHIPPED: &str = include_str!("update-migration-task.yaml");

/// The name under which the shipped contract appears in messages and reports.
const SHIPPED_NAME: &str = "update-migration-task.yaml";

/// A contract: the document as written, and the operation that it describes.
#[derive(Debug, Clone)]
pub struct Contract {
    name: String,
    source: Source,
    operation: Operation,
}

/// What a contract was read from; many operations of one document share it.
#[derive(Debug, Clone)]
enum Source {
    /// A document of one operation, which is described to the letter: its text and its tree.
    Own(Arc<(String, Value)>),
    /// Any document.
    Any(Arc<Document>),
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
        let source = Source::Own(Arc::new((text.to_owned(), document)));
        Ok(Self { name: name.to_owned(), source, operation })
    }

    /// A document with one of its operations, as it was read.
    pub(crate) fn of(document: &Arc<Document>, operation: Operation) -> Self {
        Self { name: document.name().to_owned(), source: Source::Any(document.clone()), operation }
    }

    /// The same below this path, and not below the one of the server that the document names.
    #[cfg(feature = "cli")]
    pub(crate) fn below(mut self, base_path: &str) -> Self {
        base_path.clone_into(&mut self.operation.base_path);
        self
    }

    /// The same, called with the credentials of these schemes. A parameter that is the key of one of them is no other any more.
    #[must_use]
    pub fn called_with(mut self, is_given: impl Fn(&SecurityScheme) -> bool) -> Self {
        let Operation { security, parameters, .. } = &mut self.operation;
        security.meet(is_given);
        parameters
            .retain(|parameter| !security.given.iter().any(|scheme| scheme.is_at(parameter.location, &parameter.name)));
        self
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
        match &self.source {
            Source::Own(own) => &own.0,
            Source::Any(document) => document.text(),
        }
    }

    /// The document that it is an operation of, where that is any.
    pub(crate) fn any_document(&self) -> Option<&Arc<Document>> {
        match &self.source {
            Source::Own(_) => None,
            Source::Any(document) => Some(document),
        }
    }

    /// The document as JSON.
    pub fn document(&self) -> &Value {
        match &self.source {
            Source::Own(own) => &own.1,
            Source::Any(document) => document.tree(),
        }
    }

    /// The operation under test.
    pub fn operation(&self) -> &Operation {
        &self.operation
    }
}
