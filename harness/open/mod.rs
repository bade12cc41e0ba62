//! Reads an operation of any OpenAPI document: what is modelled becomes places and parameters, all else is respected.
//!
//! Respected is what the judge knows and no rule is made of: a request that breaks it is never sent as legal, and what stands
//! at its place is an example, or made up so that the judge calls it legal. What cannot be made sense of is a remark, and costs
//! no more than it touches.

mod answers;
mod arrays;
mod body;
mod branches;
mod bundle;
mod contradiction;
mod discriminator;
mod forms;
mod maps;
mod parameter_rules;
mod parameters;
mod places;
mod sample;
mod scalar;
mod search;
mod security;
mod shown;
mod styles;
mod tuples;
mod unions;
mod unread;
mod usual;
mod view;
mod written;

pub use crate::carrier::path_names;
pub use security::security_schemes;
pub(crate) use shown::{Shown, Wanted, shown};

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::carrier;
use crate::compose::Composer;
use crate::contract::{Body, Coding, Contract, Direction, Operation, Parameter, Place, Presence, Shape, Step};
use crate::document::{Document, Edition, OperationRef, Remark};
use crate::identity::{OperationName, Part, Site};
use crate::json::Json;
use crate::keyword::Certainty;
use crate::text::media_type::is_json;
use crate::validate::Judge;

/// What came of reading an operation.
#[derive(Debug)]
pub struct Opened {
    /// Its method and path: `GET /things`.
    pub name: String,
    /// A contract of this operation alone; or why no legal request to it can be made.
    pub contract: Result<Contract, String>,
    /// What was not understood, and what that costs.
    pub remarks: Vec<Remark>,
}

/// So often a body is read again, with one part more of which only whole values are sent.
const MOST_ROUNDS: usize = 12;

/// What reading an operation needs.
struct OperationReader<'a> {
    document: &'a Arc<Document>,
    remarks: Vec<Remark>,
    /// How many values may still be made up for a sample.
    left: Cell<usize>,
    /// Which way what is made up travels.
    direction: Cell<Direction>,
    /// Varies what is made up; 0 for the plainest.
    seed: u64,
    /// Which of the media types of its body is read.
    body: BodyAs<'a>,
}

/// What of the bodies that an operation takes is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyAs<'a> {
    /// The one that is sent: JSON where there is any.
    Usual,
    /// The one of this media type, or range, as the document writes it.
    Only(&'a str),
    /// None: whatever it is, it is not looked at.
    Unread,
}

impl<'a> OperationReader<'a> {
    fn of(document: &'a Arc<Document>) -> Self {
        let (left, direction) = (Cell::new(0), Cell::new(Direction::Request));
        Self { document, remarks: Vec::new(), left, direction, seed: 0, body: BodyAs::Usual }
    }
}

impl OperationReader<'_> {
    fn remark(&mut self, pointer: &str, what: impl Into<String>, cost: impl Into<String>) {
        let remark = self.document.placed(Remark::new(pointer, what, cost));
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    /// What the document's edition makes of formats, or who tests it.
    fn formats(&self) -> Certainty {
        match self.document.edition() {
            _ if self.document.asserts_formats() => Certainty::Asserted,
            Edition::V31 => Certainty::Notes,
            Edition::V2 | Edition::V30 => Certainty::Defined,
        }
    }

    /// Where a reference leads; nothing where it leads nowhere.
    fn target(&self, reference: &str) -> Option<String> {
        self.document.target(reference)
    }

    /// What a value refers to, or itself; nothing where the reference leads nowhere.
    fn follow<'v>(&'v self, value: &'v Value) -> Option<&'v Value> {
        self.document.follow(value)
    }
}

/// Reads an operation of a document.
pub fn open(document: &Arc<Document>, operation: &OperationRef) -> Opened {
    open_as(document, operation, BodyAs::Usual)
}

/// Reads an operation of a document with one of the bodies that it takes.
pub(crate) fn open_as(document: &Arc<Document>, operation: &OperationRef, body: BodyAs<'_>) -> Opened {
    let mut reading = OperationReader { body, ..OperationReader::of(document) };
    let contract = reading.operation(operation).map(|operation| Contract::of(document, operation));
    let name = format!("{} {}", operation.method, operation.path);
    Opened { name, contract, remarks: reading.remarks }
}

impl OperationReader<'_> {
    fn operation(&mut self, reference: &OperationRef) -> Result<Operation, String> {
        let document = self.document;
        let pointer = &reference.pointer;
        let here = document.tree().pointer(pointer).ok_or("it is not there any more")?;
        let item = pointer.rsplit_once('/').and_then(|(item, _)| document.tree().pointer(item)).unwrap_or(here);
        let name = OperationName::new(&reference.method, &reference.path);
        let security = self.security(here, pointer);
        let mut parameters = self.parameters(&name, reference, item, here)?;
        for parameter in parameters.iter_mut().filter(|one| security.has_key(one.location, &one.name)) {
            untested(parameter);
        }
        let site = Site::new(&name, Part::Body, []);
        let responses = self.responses(here, &format!("{pointer}/responses"));
        let (method, path) = (name.method().to_owned(), reference.path.clone());
        let base_path = document.base_path_of(reference);
        let settled = Vec::new();
        let body_pointer = format!("{pointer}/requestBody");
        let body = no_body(&site, &body_pointer);
        let is_open = true;
        let mut operation =
            Operation { method, path, base_path, parameters, body, responses, security, settled, is_open };
        let mut whole = HashSet::new();
        for _ in 0..MOST_ROUNDS {
            let (body, schemas) = self.body(&site, here, &body_pointer, &whole)?;
            operation.body = body;
            if !operation.body.is_sent {
                break;
            }
            match usual::settle(self, &mut operation, &schemas) {
                Ok(()) => break,
                Err(part) => drop(whole.insert(part)),
            }
        }
        operation.body.example = example(&operation);
        if operation.body.is_sent && operation.body.coding != Coding::Json {
            hold_something(&mut operation);
        }
        if operation.body.is_sent && !makes_legal(&operation) {
            let schema = self.body_schema(here).cloned().unwrap_or(Value::Bool(true));
            body::whole(self, &mut operation.body, &schema)?;
            if operation.body.coding != Coding::Json && !makes_legal(&operation) {
                return Err("no legal value of its form could be made up; give it an `example`".to_owned());
            }
            let cost = "the body is sent as one value: of what stands in it nothing is tested";
            self.remark(&format!("{pointer}/requestBody"), "the least that its members allow is not legal", cost);
        }
        Ok(operation)
    }
}

/// The example of a body in its own coding, where that can write it and everybody reads it alike.
fn example(operation: &Operation) -> Option<String> {
    let text = operation.body.example.clone()?;
    if operation.body.coding == Coding::Json {
        return Some(text);
    }
    let value: Value = serde_json::from_str(&text).ok()?;
    let is_sure = |(name, value): (&String, &Value)| carrier::is_sure(operation, name, value);
    let body = Json::from(&value);
    let is_sent = value.as_object()?.iter().all(is_sure) && carrier::reads_back(operation, &body);
    String::from_utf8(carrier::bytes(operation, &body)).ok().filter(|_| is_sent)
}

/// A form that must be there holds a member, though each of them may be left out: without any it would be no body.
fn hold_something(operation: &mut Operation) {
    if makes_legal(operation) || Composer::new(operation).body(&[]) != Json::Object(Vec::new()) {
        return;
    }
    let Shape::Object { members, .. } = operation.place(Operation::ROOT).shape.clone() else { return };
    for member in members {
        operation.body.present.insert(member);
        if makes_legal(operation) {
            return;
        }
        operation.body.present.remove(&member);
    }
}

/// Whether the smallest body that the places make up is legal.
fn makes_legal(operation: &Operation) -> bool {
    let body: Json = Composer::new(operation).body(&[]);
    let is_legal = serde_json::from_str(&body.render()).is_ok_and(|body| Judge::new(operation).accepts(&body));
    is_legal && carrier::reads_back(operation, &body)
}

/// The key of a caller stands there: what it looks like is the service's business, and who calls is a rule of its own.
fn untested(parameter: &mut Parameter) {
    parameter.required = false;
    (parameter.min, parameter.max, parameter.unsent) = (None, None, None);
    (parameter.texts, parameter.parts) = (Vec::new(), Vec::new());
}

/// A body that is never sent.
fn no_body(site: &Site, source: &str) -> Body {
    let root = Place {
        site: site.clone(),
        parent: None,
        step: Step::Root,
        branch: None,
        least: 1,
        is_mixed: false,
        is_implied: false,
        presence: Presence::Inherent,
        null: None,
        shape: Shape::Object { members: Vec::new(), unknown: None },
        assertions: Vec::new(),
        source: source.to_owned(),
    };
    Body {
        is_sent: false,
        is_required: false,
        media_type: String::new(),
        coding: Coding::Json,
        media_types: Vec::new(),
        doubt: None,
        places: vec![root],
        schema: Value::Bool(true),
        example: None,
        example_doubt: None,
        present: BTreeSet::new(),
        beside: BTreeMap::new(),
        ordinary: BTreeMap::new(),
        size_limit: None,
    }
}

/// What is said of JSON among several media types.
fn json_of(content: &Map<String, Value>) -> Option<(&String, &Value)> {
    let any = || content.iter().find(|(name, _)| matches!(name.as_str(), "*/*" | "application/*"));
    content.iter().find(|(name, _)| is_json(name)).or_else(any)
}
