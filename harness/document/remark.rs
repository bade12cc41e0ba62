//! What is wrong with a document, or not understood in it.

/// What is wrong with, or not understood in, a document: it costs what it touches, and never stops a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The file that it is about; nothing where that is the document itself.
    pub file: Option<String>,
    /// Where, as a JSON pointer into the document as OpenAPI 3.1; empty for the document as a whole.
    pub pointer: String,
    /// The line in the text as it was written.
    pub line: Option<usize>,
    /// What is wrong there.
    pub what: String,
    /// What is done about it, and what is not tested for it.
    pub cost: String,
}

impl Remark {
    pub(crate) fn new(pointer: impl Into<String>, what: impl Into<String>, cost: impl Into<String>) -> Self {
        Self { file: None, pointer: pointer.into(), line: None, what: what.into(), cost: cost.into() }
    }
}
