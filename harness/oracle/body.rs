//! Holds the body of an answer against its schema, and says what could not be judged, and why.

use std::borrow::Cow;

use jsonschema::Validator;

use crate::exchange::Response;
use crate::json::{self, Document, GapKind};

/// A body of more values is not looked into: each takes some hundred bytes here.
const MOST_VALUES: usize = 100_000;

/// A body, read once for all that is asked of it.
pub(super) enum Body {
    /// There is none.
    Empty,
    /// It could not be read, for this reason, which is ours.
    Unread(String),
    /// It is no JSON.
    Other,
    /// It is JSON.
    Json(Document),
}

/// What a schema says of a body.
pub(super) enum Verdict {
    /// It keeps the schema.
    Kept,
    /// What is wrong with it.
    Broken(String),
    /// Why nobody can say so.
    Unjudged(String),
}

impl Body {
    pub(super) fn of(response: &Response) -> Self {
        match &response.unread {
            Some(why) => Self::Unread(why.to_string()),
            None if response.body.is_empty() => Self::Empty,
            None if json::has_more_values_than(MOST_VALUES, &response.body) && json::is_json(&response.body) => {
                Self::Unread(format!("it holds more than {MOST_VALUES} values"))
            }
            None => json::read(&response.body).map_or(Self::Other, Self::Json),
        }
    }

    pub(super) fn document(&self) -> Option<&Document> {
        match self {
            Self::Json(document) => Some(document),
            _ => None,
        }
    }

    pub(super) fn verdict(&self, schema: &Validator) -> Verdict {
        match self {
            Self::Empty => Verdict::Broken("no body".to_owned()),
            Self::Other => Verdict::Broken("a body that is no JSON".to_owned()),
            Self::Unread(why) => Verdict::Unjudged(why.clone()),
            Self::Json(document) => verdict(schema, document),
        }
    }

    /// Whether it keeps the schema for sure.
    pub(super) fn keeps(&self, schema: &Validator) -> bool {
        matches!(self.verdict(schema), Verdict::Kept)
    }

    /// Whether it breaks the schema for sure.
    pub(super) fn breaks(&self, schema: &Validator) -> bool {
        matches!(self.verdict(schema), Verdict::Broken(_))
    }
}

fn verdict(schema: &Validator, document: &Document) -> Verdict {
    let mut doubt = document.gaps.iter().map(|gap| gap.kind).find(|kind| *kind == GapKind::Depth);
    for error in schema.iter_errors(&document.value) {
        match document.doubt(error.instance_path().as_str(), error.kind().keyword()) {
            None => return Verdict::Broken(error.to_string()),
            uncertain => doubt = uncertain,
        }
    }
    doubt.map_or(Verdict::Kept, |kind| Verdict::Unjudged(format!("it holds {}", kind.as_str())))
}

/// What the common platforms print when nobody caught an error.
const TRACES: [&str; 10] = [
    "Traceback (most recent call last)",
    "\tat java.",
    "\n\tat ",
    "\\n\\tat ",
    "goroutine 1 [running]",
    "' panicked at ",
    "   at System.",
    "\n    at ",
    "\\n    at ",
    ".rb:in `",
];

/// Source files in the frames of Java's and the like, wherever line ends went.
const FRAMES: [&str; 3] = [".java:", ".kt:", ".scala:"];

/// What shows that a text holds a stack trace.
pub(super) fn stack_trace(body: &[u8]) -> Option<&'static str> {
    let text: Cow<'_, str> = String::from_utf8_lossy(body);
    let trace = TRACES.iter().find(|trace| text.contains(**trace)).copied();
    let framed = |frame: &str| text.lines().any(|line| line.contains("at ") && line.contains(frame));
    trace.or_else(|| FRAMES.iter().find(|frame| framed(frame)).copied())
}
