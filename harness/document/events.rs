//! What a text consists of, one event after the other, whether it is YAML or JSON.

use saphyr_parser::{Event, Parser, ScanError, StrInput};

use super::error::Flaw;

/// Reads a text's events.
pub(super) trait Events<'a> {
    /// The next event, and the line on which it begins.
    fn next(&mut self) -> Result<(Event<'a>, usize), Flaw>;
}

/// The events of YAML.
pub(super) struct Yaml<'a> {
    parser: Parser<'a, StrInput<'a>>,
    line: usize,
    /// What the parser said of a text that it cannot read.
    pub(super) error: Option<ScanError>,
}

impl<'a> Yaml<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { parser: Parser::new_from_str(text), line: 0, error: None }
    }
}

impl<'a> Events<'a> for Yaml<'a> {
    fn next(&mut self) -> Result<(Event<'a>, usize), Flaw> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                self.line = span.start.line();
                Ok((event, self.line))
            }
            Some(Err(error)) => {
                let fault = Flaw::unreadable(&told(&error));
                self.error = Some(error);
                Err(fault)
            }
            None => Err(ends_early(self.line)),
        }
    }
}

pub(super) fn ends_early(line: usize) -> Flaw {
    Flaw::unreadable(&format!("it ends too early, at line {line}"))
}

fn told(error: &ScanError) -> String {
    let mark = error.marker();
    format!("{} at line {} column {}", error.info(), mark.line(), mark.col() + 1)
}
