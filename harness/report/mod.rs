//! What a run is told as: one file a format. Reports read verdicts and change nothing.

pub mod curl;
#[cfg(feature = "cli")]
pub mod earlier;
pub mod json;
pub mod matrix;
pub mod merge;
mod shell;
pub(crate) mod sound;
pub mod terminal;

use std::time::Duration;

use crate::exchange::{Outcome, Request, Response};
use crate::request_context::RequestContext;
use crate::session::Exchange;
use crate::text::visible::is_visible;

/// What a report says of where its verdicts came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The target, as the user named it.
    pub target: String,
    /// The contract's name.
    pub contract: String,
    /// The operation that is tested: method and path.
    pub operation: String,
    /// The profile that it was tested with.
    pub profile: Option<String>,
    /// The seed.
    pub seed: u64,
    /// How requests were addressed: whose credential is never shown.
    pub context: RequestContext,
}

/// When a run was made: what may differ between two runs that are otherwise the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timing {
    /// When it began, in UTC.
    pub start: String,
    /// When it ended, in UTC.
    pub end: String,
    /// How long it took.
    pub elapsed: Duration,
}

/// Longer bodies are cut in what people read.
const SHOWN_BYTES: usize = 600;

/// The answer's own words: its error code and message, or its body.
fn message(exchange: &Exchange, context: &RequestContext) -> String {
    match &exchange.outcome {
        Outcome::Answer(response) => words(response, context),
        Outcome::Timeout => "no answer in time".to_owned(),
        Outcome::Dropped(why) | Outcome::Gone(why) | Outcome::Unreachable(why) => {
            shortened(context.masked(why).as_bytes())
        }
        Outcome::Lost => "not heard of: the run was cut off".to_owned(),
        Outcome::NotSent | Outcome::Interrupted | Outcome::OutOfTime | Outcome::OutOfBudget => "not sent".to_owned(),
    }
}

/// The answer's error code and message, or its body, as they can be shown.
pub(crate) fn words(response: &Response, context: &RequestContext) -> String {
    let words = error_words(response).unwrap_or_else(|| String::from_utf8_lossy(&response.body).into_owned());
    // Masked first, cut afterwards: a cut could leave half a credential behind.
    shortened(context.masked(&words).as_bytes())
}

/// The strings of a flat JSON body, such as an error code and its message.
fn error_words(response: &Response) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(&response.body).ok()?;
    let words: Vec<&str> = body.as_object()?.values().filter_map(serde_json::Value::as_str).collect();
    (!words.is_empty()).then(|| words.join(": "))
}

/// Text for one line of a terminal: control characters escaped, the middle cut out where it is long.
fn shortened(bytes: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(bytes).chars().flat_map(visible).collect();
    let length = text.chars().count();
    if length <= SHOWN_BYTES {
        return text;
    }
    let head: String = text.chars().take(SHOWN_BYTES * 2 / 3).collect();
    let tail: String = text.chars().skip(length - SHOWN_BYTES / 3).collect();
    format!("{head} ...{} more characters... {tail}", length - SHOWN_BYTES / 3 * 3)
}

/// A character as it can be shown.
fn visible(character: char) -> Vec<char> {
    if is_visible(character) { vec![character] } else { character.escape_default().collect() }
}

/// The status of the answer, where there was one.
fn status(exchange: &Exchange) -> Option<u16> {
    match &exchange.outcome {
        Outcome::Answer(response) => Some(response.status),
        _ => None,
    }
}

fn body(request: &Request) -> &[u8] {
    request.body.as_deref().unwrap_or_default()
}
