//! What is wrong with a contract, in one line: the file, the place in it, and what to do.

use std::fmt;

/// A contract that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ContractError {
    file: String,
    pointer: String,
    problem: String,
}

impl ContractError {
    pub(super) fn new(file: &str, pointer: &str, problem: impl Into<String>) -> Self {
        Self { file: file.to_owned(), pointer: pointer.to_owned(), problem: problem.into() }
    }

    /// Where in the document, as a JSON pointer; empty for the document as a whole.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
}

impl fmt::Display for ContractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if !self.pointer.is_empty() {
            write!(f, "at {}: ", self.pointer)?;
        }
        // A parser's own message may span lines; an error is one line.
        f.write_str(&self.problem.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// The same before the file's name is known.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) pointer: String,
    pub(super) problem: String,
}

impl Fault {
    pub(super) fn at(pointer: &str, problem: impl Into<String>) -> Self {
        Self { pointer: pointer.to_owned(), problem: problem.into() }
    }

    pub(super) fn named(self, file: &str) -> ContractError {
        ContractError::new(file, &self.pointer, self.problem)
    }
}
