//! Reads the text of any document, JSON or YAML as people and programs write them.

use super::builder::{Tree, build};
use super::error::Flaw;
use super::events::Yaml;
use super::json::Json;
use super::lenience::Lenience;
use super::repair::repaired;

/// The text's tree; an error where it is neither.
pub(super) fn tree(text: &str) -> Result<Tree, Flaw> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let begins = text.trim_start();
    if begins.is_empty() {
        return Err(Flaw::at("", "is empty; give an OpenAPI document"));
    }
    if begins.starts_with('<') {
        return Err(Flaw::at("", "is HTML or XML; give an OpenAPI document in JSON or YAML"));
    }
    if !begins.starts_with(['{', '[']) {
        return yaml(text);
    }
    build(&mut Json::new(text), Lenience::Lenient).or_else(|fault| {
        // YAML in braces is no JSON. What is neither was meant to be JSON where it begins with a name in quotes.
        let meant_json = begins.starts_with('{') && begins[1..].trim_start().starts_with('"');
        yaml(text).map_err(|other| if meant_json { fault } else { other })
    })
}

fn yaml(text: &str) -> Result<Tree, Flaw> {
    let mut events = Yaml::new(text);
    let read = build(&mut events, Lenience::Lenient);
    if events.error.is_none() {
        return read;
    }
    read.or_else(|fault| match repaired(text) {
        Some(text) => build(&mut Yaml::new(&text), Lenience::Lenient),
        None => Err(fault),
    })
}
