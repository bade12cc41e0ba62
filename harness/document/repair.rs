//! Indents the lines of braces and quoted text as YAML wants it. Many documents close a brace, or go on with a quoted text,
//! where the block around it begins; other readers take that.

use saphyr_parser::{Event, ScanError};

use super::events::{Events as _, Yaml};

/// Characters that may be read to find out which lines to indent: each is found by reading all that stands before it.
const MOST_READ: usize = 50_000_000;

/// Deeper than most; where it is not deep enough, it is done again.
const INDENT: &str = "                                        ";

/// The text with such lines indented; nothing where that does not make it YAML.
pub(super) fn repaired(text: &str) -> Option<String> {
    let mut text = text.to_owned();
    let mut left = MOST_READ;
    let mut is_first = true;
    while let Some(error) = first_error(&text) {
        left = left.checked_sub(error.marker().index().max(1))?;
        text = indented(&text, &error)?;
        if std::mem::take(&mut is_first) {
            text = closing_indented(&text);
        }
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

/// The text with all lines indented that begin with a closing brace: who writes one so writes them all so. That changes
/// nothing but in a block of text, where a line is as it stands.
fn closing_indented(text: &str) -> String {
    let mut indented = String::with_capacity(text.len());
    // How far the line is indented under which a block of text stands.
    let mut block = None;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        if block.is_some_and(|block| indent <= block && !content.trim().is_empty()) {
            block = None;
        }
        if block.is_none() && content.starts_with(['}', ']']) {
            indented.push_str(INDENT);
        }
        let begins = content.split(" #").next().unwrap_or_default().trim_end();
        let begins = begins.trim_end_matches(|last: char| matches!(last, '-' | '+' | '0'..='9'));
        if block.is_none() && begins.ends_with(['|', '>']) {
            block = Some(indent);
        }
        indented.push_str(line);
    }
    indented
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
