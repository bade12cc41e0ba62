//! What is wrong with a contract, in one line: the file, the place in it, and what to do.

use std::fmt::{self, Write as _};

/// A contract that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ContractError {
    file: String,
    pointer: String,
    problem: String,
}

impl ContractError {
    pub(crate) fn new(file: &str, pointer: &str, problem: impl Into<String>) -> Self {
        Self { file: file.to_owned(), pointer: pointer.to_owned(), problem: problem.into() }
    }

    /// A file that could not be read, for the reason given.
    pub fn unread(file: &str, why: &dyn fmt::Display) -> Self {
        Self::new(file, "", format!("cannot be read ({why}); give the path of an OpenAPI document"))
    }

    /// Where in the document, as a JSON pointer; empty for the document as a whole.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
}

impl fmt::Display for ContractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A parser's own message may span lines, and a name in the document may hold any character; an error is one line.
        let problem = abridged(&self.problem.split_whitespace().collect::<Vec<_>>().join(" "));
        let place = if self.pointer.is_empty() { String::new() } else { format!("at {}: ", abridged(&self.pointer)) };
        for character in format!("{}: {place}{problem}", self.file).chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// The text, without its middle where that makes it longer than anyone reads: what is wrong comes first, and the remedy last.
pub(super) fn abridged(text: &str) -> String {
    const ENDS: usize = 200;
    let length = text.chars().count();
    if length <= 2 * ENDS {
        return text.to_owned();
    }
    let (first, last) = (text.chars().take(ENDS), text.chars().skip(length - ENDS));
    first.chain("...".chars()).chain(last).collect()
}

/// The same before the file's name is known.
#[derive(Debug)]
pub(crate) struct Flaw {
    pub(crate) pointer: String,
    pub(crate) problem: String,
}

impl Flaw {
    pub(crate) fn at(pointer: &str, problem: impl Into<String>) -> Self {
        Self { pointer: pointer.to_owned(), problem: problem.into() }
    }

    /// Text that cannot be read, for the reason given.
    pub(crate) fn unreadable(reason: &str) -> Self {
        Self::at("", format!("is not YAML or JSON that can be read: {reason}; correct it"))
    }

    pub(crate) fn named(self, file: &str) -> ContractError {
        ContractError::new(file, &self.pointer, self.problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_whatever_the_document_holds() {
        let error = ContractError::new("a.yaml", "/paths/a\nb\u{85}", "is\n  wrong");
        assert_eq!(error.to_string(), "a.yaml: at /paths/a\\nb\\u{85}: is wrong");
        let name = "\u{e9}".repeat(1_000_000);
        let error =
            ContractError::new("a.yaml", &format!("/{name}"), format!("`{name}` is wrong; drop it")).to_string();
        assert!(error.chars().count() < 1_000 && error.ends_with("` is wrong; drop it"), "{error}");
    }
}
