//! Credentials that are put into a request as it goes out: a token that is renewed, or a signature.
//!
//! Whoever makes requests writes the stand-in where the credentials belong, and reads it in answers that repeat them: so no
//! token reaches the core, and a request stays the same however often its token changes. A request without the stand-in (a
//! probe of the header itself) goes out as it was written.

mod iam;
mod key;
mod signature;

use reqwest::header::HeaderValue;

pub use iam::{Iam, IamSettings};
pub use key::AccessKey;

use crate::exchange::{Outcome, Response};
use crate::secret::Secret;

/// What stands in a request, and in an answer that repeats them, for credentials that the core never sees.
pub const STAND_IN: &str = "fencepost-puts-the-credentials-here";

/// How the caller is known to the target.
#[derive(Debug)]
pub enum Login {
    /// By a token from the identity service.
    Iam(Box<Iam>),
    /// By a signature of each request.
    Key(AccessKey),
}

/// Which of a run's successive credentials a request went out with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp(usize);

impl Login {
    /// Gets what has to be had before the first request.
    pub(super) async fn begin(&self) -> Result<(), String> {
        match self {
            Self::Iam(iam) => iam.token().await.map(drop),
            Self::Key(_) => Ok(()),
        }
    }

    /// Puts the credentials into a request: the last thing that happens to it.
    pub(super) async fn complete(&self, request: &mut reqwest::Request) -> Result<Stamp, String> {
        match self {
            Self::Iam(iam) => {
                let (token, stamp) = iam.token().await?;
                for value in request.headers_mut().values_mut().filter(|value| **value == STAND_IN) {
                    value.clone_from(&token);
                }
                Ok(stamp)
            }
            Self::Key(key) => key.sign(request, jiff::Timestamp::now()).map(|()| Stamp(0)),
        }
    }

    /// Whether there are newer credentials than those by now.
    pub(super) async fn is_stale(&self, stamp: Stamp) -> bool {
        match self {
            Self::Iam(iam) => iam.token().await.is_ok_and(|(_, current)| current != stamp),
            Self::Key(_) => false,
        }
    }

    /// Gets new credentials because those in use are refused; false where there is no such thing.
    pub(super) async fn renew(&self) -> Result<bool, String> {
        match self {
            Self::Iam(iam) => iam.renew().await.map(|()| true),
            Self::Key(_) => Ok(false),
        }
    }

    /// The outcome with the stand-in wherever the answer repeats a token.
    pub(super) fn masked(&self, outcome: Outcome) -> Outcome {
        match (self, outcome) {
            (Self::Iam(iam), Outcome::Answer(answer)) => Outcome::Answer(masked(&iam.tokens(), answer)),
            (Self::Iam(iam), Outcome::Dropped(why)) => {
                let told = iam.tokens().iter().fold(why, |why, token| token.replaced(&why, STAND_IN));
                Outcome::Dropped(told)
            }
            (_, outcome) => outcome,
        }
    }
}

fn masked(tokens: &[Secret], mut answer: Response) -> Response {
    for token in tokens {
        for (_, value) in &mut answer.headers {
            *value = token.replaced(value, STAND_IN);
        }
        let body = String::from_utf8_lossy(&answer.body);
        if token.occurs_in(&body) {
            answer.body = token.replaced(&body, STAND_IN).into_bytes();
        }
    }
    answer
}

/// A header's value that no debugger's print shows.
fn sensitive(text: &str) -> Result<HeaderValue, String> {
    let mut value =
        HeaderValue::from_str(text).map_err(|_| "it holds characters that no header can carry".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}
