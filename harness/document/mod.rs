//! Any OpenAPI document, read leniently and rewritten to OpenAPI 3.1, so that all that comes after it knows one edition.
//!
//! What is wrong in a document is a [`Remark`] and costs what it touches. This module knows how documents are written, in
//! which editions, and where references may stand; it knows nothing of what a schema demands, and reads no files.

mod builder;
mod checks;
mod circle;
mod components;
mod edition;
pub(crate) mod error;
mod events;
mod external;
mod json;
mod lenience;
mod lenient;
mod lines;
mod lost;
pub(crate) mod node;
mod notes;
mod operations;
mod reference;
mod remark;
mod repair;
mod scalar;
mod schema;
mod server;
pub(crate) mod strict;
mod swagger;
mod unread;
mod visit;
mod walk;

use std::collections::HashSet;

use serde_json::Value;

pub use edition::Edition;
pub use error::ContractError;
use error::Flaw;
pub use external::Files;
use external::Others;
use lines::Lines;
use notes::Notes;
pub use operations::OperationRef;
pub use remark::Remark;
pub(crate) use unread::{FOREIGN, UNREAD};

/// An OpenAPI document of any edition, as one of OpenAPI 3.1.
#[derive(Debug, Clone)]
pub struct Document {
    name: String,
    text: String,
    tree: Value,
    edition: Edition,
    operations: Vec<OperationRef>,
    base_paths: Vec<String>,
    asserts_formats: bool,
    /// Where the schemas stand that cannot be read as a whole; nothing where all can.
    lost: Option<HashSet<String>>,
    lines: Lines,
    /// What was read of other files.
    others: Others,
    notes: Notes,
}

impl Document {
    /// Reads a document of any edition, JSON or YAML; `name` stands for it in messages. An error only where it is no OpenAPI
    /// document at all, or has no operation. Other files that it refers to are not read.
    pub fn read(name: &str, text: &str) -> Result<Self, ContractError> {
        Self::of(name, text, None).map_err(|fault| fault.named(name))
    }

    /// The same with the files that it refers to, which `files` reads by their paths relative to the document's folder.
    pub fn read_with(name: &str, text: &str, files: &mut Files<'_>) -> Result<Self, ContractError> {
        Self::of(name, text, Some(files)).map_err(|fault| fault.named(name))
    }

    fn of(name: &str, text: &str, files: Option<&mut Files<'_>>) -> Result<Self, Flaw> {
        let read = lenient::tree(text)?;
        let (mut tree, lines) = (read.value, read.lines);
        let mut notes = Notes::default();
        let edition = Edition::of(&tree, &mut notes)?;
        let (others, missing) = external::gather(&mut tree, (name, &lines), edition, files);
        checks::look(&tree, edition, &mut notes);
        circle::cut(&mut tree, edition, &mut notes);
        edition::rewrite(&mut tree, edition, &mut notes);
        let lost = lost::lost(&tree, &mut notes);
        let operations = operations::operations(&tree, &mut notes);
        if operations.is_empty() {
            return Err(Flaw::at("", "has no operation; describe at least one under `paths`"));
        }
        let base_paths = server::base_paths(&tree, &mut notes);
        let mut document = Self {
            name: name.to_owned(),
            text: text.to_owned(),
            tree,
            edition,
            operations,
            base_paths,
            asserts_formats: false,
            lost,
            lines,
            others,
            notes: Notes::default(),
        };
        let unplaced = std::mem::take(&mut notes.remarks);
        document.notes = notes;
        let placed = unplaced.into_iter().map(|remark| {
            let pointer = document.notes.now(&remark.pointer);
            document.placed(Remark { pointer, ..remark })
        });
        let remarks = read.remarks.into_iter().chain(missing).chain(placed).collect();
        document.notes.remarks = remarks;
        Ok(document)
    }

    /// The name of the file that it was read from.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The document as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The document as OpenAPI 3.1.
    pub fn tree(&self) -> &Value {
        &self.tree
    }

    /// The edition that it was written in.
    pub fn edition(&self) -> Edition {
        self.edition
    }

    /// Its operations, in the order in which they stand there.
    pub fn operations(&self) -> &[OperationRef] {
        &self.operations
    }

    /// What is wrong with it, or not understood in it.
    pub fn remarks(&self) -> &[Remark] {
        &self.notes.remarks
    }

    /// The path of its first server, with variables filled in, without a slash at its end; nothing or empty where it has none.
    pub fn base_path(&self) -> Option<&str> {
        self.base_paths.first().map(String::as_str)
    }

    /// The path below which an operation lies: of its own servers, of its path's, else of the document's.
    pub(crate) fn base_path_of(&self, operation: &OperationRef) -> String {
        let here = self.tree.pointer(&operation.pointer).unwrap_or(&Value::Null);
        let above = operation.pointer.rsplit_once('/').and_then(|(item, _)| self.tree.pointer(item));
        let own = server::own_base_path(here, above.unwrap_or(&Value::Null));
        own.unwrap_or_else(|| self.base_path().unwrap_or_default().to_owned())
    }

    /// The same of every server.
    #[cfg(feature = "cli")]
    pub(crate) fn base_paths(&self) -> &[String] {
        &self.base_paths
    }

    /// The same where every known format is part of its type.
    #[must_use]
    pub fn asserting_formats(mut self) -> Self {
        self.asserts_formats = true;
        self
    }

    /// Whether some schema cannot be read as a whole.
    pub(crate) fn has_unread(&self) -> bool {
        self.lost.is_some()
    }

    /// Whether the schema that stands there, to which others refer, cannot be read as a whole.
    pub(crate) fn is_lost(&self, pointer: &str) -> bool {
        self.lost.as_ref().is_some_and(|lost| lost.contains(pointer))
    }

    /// Where a reference leads; nothing where it leads nowhere.
    pub(crate) fn target(&self, reference: &str) -> Option<String> {
        reference::existing(&self.tree, reference)
    }

    /// Whether every known format is part of its type, whatever the edition says.
    pub fn asserts_formats(&self) -> bool {
        self.asserts_formats
    }

    /// The line in the text as it was written of what stands at this pointer of the tree, or of the nearest thing around it;
    /// in the file that it comes from.
    pub fn line(&self, pointer: &str) -> Option<usize> {
        let original = self.notes.original(pointer);
        match self.others.of(&original) {
            Some(elsewhere) => elsewhere.line,
            None => self.lines.of(&original),
        }
    }

    /// A remark with the line, and the file, of what it is about.
    pub(crate) fn placed(&self, remark: Remark) -> Remark {
        match self.others.of(&self.notes.original(&remark.pointer)) {
            Some(there) => Remark { file: Some(there.file), pointer: there.pointer, line: there.line, ..remark },
            None => Remark { line: self.line(&remark.pointer), ..remark },
        }
    }

    /// What a value of the tree refers to within the document in the end; itself where it is no reference, nothing where it
    /// leads nowhere or in a circle.
    pub fn follow<'a>(&'a self, value: &'a Value) -> Option<&'a Value> {
        reference::followed(&self.tree, value).map(|(value, _)| value)
    }

    /// The examples that a media type, a parameter or a header shows: the one without a name, then those with one.
    pub(crate) fn examples<'a>(&'a self, shown: &'a Value) -> impl Iterator<Item = &'a Value> {
        let named = shown.get("examples").and_then(Value::as_object).into_iter().flatten();
        let named = named.filter_map(|(_, example)| self.follow(example)?.get("value"));
        shown.get("example").into_iter().chain(named)
    }
}
