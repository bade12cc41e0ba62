//! Indents the lines of braces and quoted text as YAML wants it. Many documents close a brace, or go on with a quoted text,
//! where the block around it begins; other readers take that.

use saphyr_parser::{Event, ScanError};

use super::events::{Events as _, Yaml};

/// Characters that may be read to find out which lines to indent: each is found by reading all that stands before it.
const MOST_READ: usize = 200_000_000;

/// Deeper than most; where it is not deep enough, it is done again.
const INDENT: &str = "                                        ";

/// The text with such lines indented; nothing where that does not make it YAML.
pub(super) fn repaired(text: &str) -> Option<String> {
    let mut text = text.to_owned();
    let mut left = MOST_READ;
    while let Some(error) = first_error(&text) {
        left = left.checked_sub(error.marker().index().max(1))?;
        text = indented(&text, &error)?;
    }
    Some(text)
}

fn first_error(text: &str) -> Option<ScanError> {
    let mut events = Yaml::new(text);
    loop {
        match events.next() {
            Ok((Event::StreamEnd, _)) => return None,
            Ok(_) => {}
            Err(_) => return events.error,
        }
    }
}

/// The text with the line indented that the parser complains of.
fn indented(text: &str, error: &ScanError) -> Option<String> {
    let at = text.char_indices().nth(error.marker().index())?.0;
    let (from, to) = match error.info() {
        "invalid indentation" | "invalid indentation in flow construct" => {
            let from = text[..at].rfind('\n')?;
            (from, from + 1)
        }
        "invalid indentation in quoted scalar" => (at, at + quoted(&text[at..])?),
        _ => return None,
    };
    let within = text[from..to].replace('\n', &format!("\n{INDENT}"));
    Some(format!("{}{within}{}", &text[..from], &text[to..]))
}

/// How long the text in quotes is with which a text begins.
fn quoted(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let mut rest = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = rest.next() {
        if character == '\\' && quote == '"' {
            rest.next();
        } else if character == quote && (quote == '"' || rest.next_if(|(_, next)| *next == quote).is_none()) {
            return Some(at);
        }
    }
    None
}
