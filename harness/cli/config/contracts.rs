//! Which contract is meant: the shipped one, a file of this project's own kind, or operations of any OpenAPI document.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::contract::{Contract, ContractError, SecurityScheme};
use crate::document::{Document, OperationRef, Remark};
use crate::identity::{OperationName, Part, Site, Step};
use crate::keyword::has_text_formats;
use crate::names::{matches, nearest};
use crate::open::{Opened, open, path_names, security_schemes};
use crate::settle::{Settlement, settle_here};

use super::arguments::ContractArguments;
use super::source::Source;

/// What the arguments name.
pub(in crate::cli) enum Contracts {
    /// One contract, which is complete: its service must accept all that it allows.
    One(Box<Contract>),
    /// Operations of a document, which its service may know more of than it says.
    Open(OpenContracts),
}

/// The operations of a document that were chosen.
pub(in crate::cli) struct OpenContracts {
    pub(in crate::cli) name: String,
    document: Arc<Document>,
    operations: Vec<OperationRef>,
    /// The security schemes that they are called with.
    given: BTreeSet<String>,
    /// Where their paths begin, where that is not said by the document.
    base_path: Option<String>,
    /// In which reading disputed rules hold.
    settled: Vec<Settlement>,
}

impl OpenContracts {
    /// What is wrong with the document as a whole.
    pub(in crate::cli) fn remarks(&self) -> &[Remark] {
        self.document.remarks()
    }

    /// The document that they are of.
    pub(in crate::cli) fn document(&self) -> &Arc<Document> {
        &self.document
    }

    /// The operations that were chosen, unread.
    pub(in crate::cli) fn chosen(&self) -> &[OperationRef] {
        &self.operations
    }

    /// What they are called.
    pub(in crate::cli) fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.operations.iter().map(|operation| OperationName::new(&operation.method, &operation.path).to_string())
    }

    /// The same, called with the credentials of these schemes.
    pub(in crate::cli) fn called_with(self, is_given: impl Fn(&SecurityScheme) -> bool) -> Self {
        let given = self.security_schemes().into_iter().filter(is_given).map(|scheme| scheme.name).collect();
        Self { given, ..self }
    }

    /// The same in the reading that holds where they are tested.
    pub(in crate::cli) fn settled(self, settled: Vec<Settlement>) -> Self {
        Self { settled, ..self }
    }

    fn opened(&self, operation: &OperationRef) -> Opened {
        let opened = open(&self.document, operation);
        let called = |contract: Contract| {
            below(contract, self.base_path.as_deref()).called_with(|scheme| self.given.contains(&scheme.name))
        };
        let read = |contract: Contract| settle_here(&contract, &self.settled).map_err(|(_, error)| error.to_string());
        Opened { contract: opened.contract.map(called).and_then(read), ..opened }
    }

    /// The security schemes that the document describes.
    pub(in crate::cli) fn security_schemes(&self) -> Vec<SecurityScheme> {
        security_schemes(&self.document)
    }

    /// Whether one of its operations wants to be called by this scheme.
    pub(in crate::cli) fn demands(&self, scheme: &str) -> bool {
        let tree = self.document.tree();
        self.operations.iter().any(|operation| {
            let own = tree.pointer(&operation.pointer).and_then(|operation| operation.get("security"));
            let listed = own.or_else(|| tree.get("security")).and_then(Value::as_array);
            listed.into_iter().flatten().any(|requirement| requirement.get(scheme).is_some())
        })
    }

    /// How many operations were chosen.
    pub(in crate::cli) fn count(&self) -> usize {
        self.operations.len()
    }

    /// Each of them, read when its turn comes: together they may be many times the document.
    pub(in crate::cli) fn operations(&self) -> impl Iterator<Item = Opened> + '_ {
        self.operations.iter().map(|operation| self.opened(operation))
    }

    /// Each of them with its number, in the order in which they are tested: what lies above before what lies below it, and
    /// last what takes away, the innermost first. So nothing is missing that an operation is still to find.
    pub(in crate::cli) fn in_turn(&self) -> impl Iterator<Item = (usize, Opened)> + '_ {
        let mut turns: Vec<(usize, &OperationRef)> = self.operations.iter().enumerate().collect();
        turns.sort_by_key(|(_, operation)| {
            let depth = operation.path.split('/').count();
            let takes_away = operation.method == "DELETE";
            (takes_away, if takes_away { usize::MAX - depth } else { depth })
        });
        turns.into_iter().map(|(number, operation)| (number, self.opened(operation)))
    }

    /// The sites of the parameters that stand in their paths.
    pub(in crate::cli) fn path_places(&self) -> BTreeSet<String> {
        let names = |operation: &OperationRef| {
            let site = |name: &str| Site::new(&OperationName::new("GET", "/"), Part::Path, [Step::member(name)]);
            path_names(&operation.path).iter().map(|name| site(name).as_str().to_owned()).collect::<Vec<_>>()
        };
        self.operations.iter().flat_map(names).collect()
    }
}

impl ContractArguments {
    /// What is meant.
    pub(in crate::cli) fn load_all(&self) -> Result<Contracts, ContractError> {
        let Some(path) = &self.contract else {
            if let Some(pattern) = self.operation.first() {
                let problem =
                    format!("`--operation {pattern}` chooses among those of a document; give one with --contract");
                return Err(ContractError::new(Contract::shipped().name(), "", problem));
            }
            if self.assert_formats {
                let problem = "`--assert-formats` is about the formats of a document; give one with --contract";
                return Err(ContractError::new(Contract::shipped().name(), "", problem.to_owned()));
            }
            return Ok(Contracts::One(Box::new(Contract::shipped())));
        };
        let source = Source::of(path);
        let (name, text) = (source.name(), source.read(&self.allowed_hosts)?);
        let strict = self.operation.is_empty().then(|| Contract::from_text(&name, &text));
        let document = Document::read_with(&name, &text, &mut |path| source.beside(path));
        match strict {
            // What a format says a contract of our own kind takes for a note, and a service seldom does.
            Some(Ok(contract))
                if has_marks(&text) || !document.as_ref().is_ok_and(|one| has_text_formats(one.tree())) =>
            {
                return Ok(Contracts::One(Box::new(below(contract, self.base_path.as_deref()))));
            }
            Some(Err(error)) if is_own(&text, document.as_ref()) => return Err(error),
            _ => {}
        }
        let document = document?;
        let document = Arc::new(if self.assert_formats { document.asserting_formats() } else { document });
        let operations = self.chosen(&document)?.into_iter().cloned().collect();
        let base_path = self.base_path.clone();
        Ok(Contracts::Open(OpenContracts {
            name,
            document,
            operations,
            given: BTreeSet::new(),
            base_path,
            settled: Vec::new(),
        }))
    }

    /// The one contract that is meant; an error where that may be several.
    pub(in crate::cli) fn load(&self) -> Result<Contract, ContractError> {
        let open = match self.load_all()? {
            Contracts::One(contract) => return Ok(*contract),
            Contracts::Open(open) => open,
        };
        let mut operations = open.operations();
        let problem = match (operations.next(), open.count()) {
            (Some(Opened { contract: Ok(contract), .. }), 1) => return Ok(contract),
            (Some(Opened { contract: Err(why), name, .. }), 1) => format!("{name} cannot be tested: {why}"),
            (first, count) => {
                let first = first.map(|opened| opened.name).unwrap_or_default();
                format!("has {count} operations; choose one, such as --operation '{first}'")
            }
        };
        Err(ContractError::new(&open.name, "", problem))
    }

    /// The one contract that is meant, which is complete; an error where it is an operation of any document.
    pub(in crate::cli) fn load_complete(&self, what: &str) -> Result<Contract, ContractError> {
        let contract = self.load()?;
        if contract.operation().is_open {
            let problem =
                format!("{what} is not for operations of any document yet; test this one with `fencepost run`");
            return Err(ContractError::new(contract.name(), "", problem));
        }
        Ok(contract)
    }

    /// The operations that the patterns choose; all of them where there is none.
    fn chosen<'a>(&self, document: &'a Document) -> Result<Vec<&'a OperationRef>, ContractError> {
        let all = document.operations();
        if self.operation.is_empty() {
            return Ok(all.iter().collect());
        }
        for pattern in &self.operation {
            if !all.iter().any(|operation| is_meant(pattern, operation)) {
                let names: Vec<String> = all.iter().map(|one| format!("{} {}", one.method, one.path)).collect();
                let hint = nearest(pattern, names.iter().map(String::as_str));
                let problem = format!(
                    "no operation is `{pattern}`{hint}; write METHOD /path, an operationId or a tag, with `*` for any characters"
                );
                return Err(ContractError::new(document.name(), "", problem));
            }
        }
        let is_chosen = |operation: &&OperationRef| self.operation.iter().any(|pattern| is_meant(pattern, operation));
        Ok(all.iter().filter(is_chosen).collect())
    }
}

/// A contract below this path, or where it says itself.
fn below(contract: Contract, base_path: Option<&str>) -> Contract {
    match base_path {
        Some(base_path) => contract.below(base_path),
        None => contract,
    }
}

/// What stands only in documents of this project's own kind.
const OWN: [&str; 6] = ["x-disputed", "x-disputes", "x-credential", "x-error-code", "x-text", "x-source"];

/// Whether a document that cannot be read to the letter was meant to be; what is no document at all is told as what it is.
fn is_own(text: &str, document: Result<&Document, &ContractError>) -> bool {
    let is_none = |error: &ContractError| error.pointer().is_empty() && !error.to_string().contains("operation");
    has_marks(text) || document.err().is_some_and(is_none)
}

/// Whether a text has the marks of a contract of this project's own kind.
fn has_marks(text: &str) -> bool {
    OWN.iter().any(|mark| text.contains(mark))
}

/// Whether a pattern means an operation: by method and path, by id, or by tag.
fn is_meant(pattern: &str, operation: &OperationRef) -> bool {
    let OperationRef { method, path, id, tags, .. } = operation;
    let by_name = || {
        pattern
            .split_once(' ')
            .is_some_and(|(wanted, rest)| matches(&wanted.to_uppercase(), method) && matches(rest.trim(), path))
    };
    by_name()
        || matches(pattern, path)
        || id.as_deref().is_some_and(|id| matches(pattern, id))
        || tags.iter().any(|tag| matches(pattern, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_meant_by_its_name_its_id_or_a_tag() {
        let operation = OperationRef {
            method: "GET".to_owned(),
            path: "/things/{id}/parts".to_owned(),
            pointer: String::new(),
            id: Some("listParts".to_owned()),
            tags: vec!["parts".to_owned()],
        };
        for (pattern, meant) in [
            ("GET /things/{id}/parts", true),
            ("get /things/{id}/parts", true),
            ("POST /things/{id}/parts", false),
            ("GET /things/*", true),
            ("* /things/*", true),
            ("/things/*/parts", true),
            ("/things", false),
            ("*parts", true),
            ("listParts", true),
            ("list*", true),
            ("listpart", false),
            ("parts", true),
            ("*", true),
            ("", false),
            ("*a*b*", false),
        ] {
            assert_eq!(is_meant(pattern, &operation), meant, "{pattern}");
        }
    }
}
