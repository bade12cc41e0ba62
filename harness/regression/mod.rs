//! Regression cases: what was found once, kept as a file that people review and `cargo test` replays.
//!
//! A case is an input and what a conforming server (or, for a contract, its loader) must do with it. Pure: files are the
//! command line's business, replaying them the tests'.

mod finding;
mod promote;
mod text;

use crate::exchange::Request;
use crate::rule::Breach;

pub use promote::{Promoter, broken};
pub use text::RegressionError;

/// What was found once, and what must become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regression {
    /// Where it came from, for people.
    pub from: String,
    /// What must become of it.
    pub expect: Expectation,
    /// The rules that it breaks; none where it is legal, or nothing is certain.
    pub breaks: Vec<Breach>,
    /// What is fed in.
    pub input: Input,
}

/// What must become of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expectation {
    /// A request is accepted, a contract loads.
    Accepted,
    /// A request is refused, a contract too.
    Refused,
    /// The one or the other, in good order: nothing firm decides.
    Either,
}

/// What is fed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The text of a contract.
    Contract(String),
    /// A body, in an ordinary request.
    Body {
        /// Its bytes.
        bytes: Vec<u8>,
        /// The choices that the generator made it of, where it did.
        choices: Option<Vec<u16>>,
    },
    /// Choices of which the generator made nothing.
    Choices(Vec<u16>),
    /// A request that is out of the ordinary.
    Request(Request),
}

impl Expectation {
    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Either => "either",
        }
    }

    fn of(accepted: bool) -> Self {
        if accepted { Self::Accepted } else { Self::Refused }
    }
}

impl Regression {
    /// A name for its file, without an ending: what it is, what must become of it, and why.
    pub fn stem(&self) -> String {
        let kind = match &self.input {
            Input::Contract(_) => "contract",
            Input::Body { .. } => "body",
            Input::Choices(_) => "choices",
            Input::Request(_) => "request",
        };
        let reason = self.breaks.first().map(Breach::to_string).unwrap_or_default();
        let reason = reason.strip_prefix("body.").unwrap_or(&reason);
        let words = format!("{kind} {} {reason}", self.expect.as_str());
        let plain = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let parts: Vec<&str> = words.split(|character| !plain(character)).filter(|part| !part.is_empty()).collect();
        let stem = parts.join("-");
        // A name of 255 bytes is the most that file systems take, and a contract may have long names.
        stem[..stem.len().min(120)].to_owned()
    }
}
