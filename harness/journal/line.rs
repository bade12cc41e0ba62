//! The lines of a journal behind its first: what is kept of what became of a request.
//!
//! Of a long answer only as much as a report shows, with what was made of it when it was whole.

use std::time::Duration;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::head::add;
use super::redactor::Redactor;
use crate::exchange::{Delivery, MOST_KEPT, Outcome, Request, Response, Unread};
use crate::hex::hex;
use crate::oracle::Judgement;

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Line {
    /// The task before the first probe, or why it could not be read.
    Kept(Result<String, String>),
    /// The task is as it was again.
    Restored {},
    /// Everything was asked.
    Ended {},
    /// A request that must not be sent twice is on its way.
    Sent { request: String },
    /// What became of a request.
    Heard { request: String, micros: u64, outcome: Recorded },
}

/// What became of a request.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Recorded {
    Answer {
        status: u16,
        headers: Vec<(String, String)>,
        body: Body,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unread: Option<Unread>,
    },
    Timeout,
    Dropped(String),
    Gone(String),
    Unreachable(String),
    Lost,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Body {
    Text(String),
    /// Bytes that are no text, in base 64.
    Bytes(String),
}

impl Line {
    /// The line for what became of a request; nothing for one that never went out.
    pub(super) fn heard(
        redactor: &Redactor,
        request: &Request,
        delivery: &Delivery,
        judgement: &Judgement,
    ) -> Option<Self> {
        let outcome = match &delivery.outcome {
            Outcome::Answer(answer) => recorded(redactor, answer, judgement),
            Outcome::Timeout => Recorded::Timeout,
            Outcome::Dropped(why) => Recorded::Dropped(redactor.drawn(why)),
            Outcome::Gone(why) => Recorded::Gone(redactor.drawn(why)),
            Outcome::Unreachable(why) => Recorded::Unreachable(redactor.drawn(why)),
            Outcome::Lost => Recorded::Lost,
            Outcome::NotSent | Outcome::Interrupted | Outcome::OutOfTime | Outcome::OutOfBudget => return None,
        };
        let micros = u64::try_from(delivery.elapsed.as_micros()).unwrap_or(u64::MAX);
        Some(Self::Heard { request: fingerprint(redactor, request), micros, outcome })
    }

    /// Whether it says what the target makes of the request, and not only of the caller or of the moment.
    pub(super) fn is_decided(&self) -> bool {
        let Self::Heard { outcome: Recorded::Answer { status, .. }, .. } = self else { return false };
        !matches!(status, 401 | 403 | 429 | 500..)
    }

    /// Whether the request may have had an effect.
    pub(super) fn may_have_worked(&self) -> bool {
        let Self::Heard { outcome, .. } = self else { return true };
        match outcome {
            Recorded::Answer { status, .. } => !matches!(status, 400..500),
            Recorded::Unreachable(_) => false,
            Recorded::Timeout | Recorded::Dropped(_) | Recorded::Gone(_) | Recorded::Lost => true,
        }
    }

    /// What became of the request, as it was heard.
    pub(super) fn delivery(self, redactor: &Redactor) -> Option<Delivery> {
        let Self::Heard { micros, outcome, .. } = self else { return None };
        let outcome = match outcome {
            Recorded::Answer { status, headers, body, unread } => Outcome::Answer(Response {
                status,
                headers: headers.iter().map(|(name, value)| (redactor.lifted(name), redactor.lifted(value))).collect(),
                body: match body {
                    Body::Text(text) => redactor.lifted_in_json(&text).into_bytes(),
                    Body::Bytes(text) => BASE64.decode(text.as_bytes()).ok()?,
                },
                unread: unread.map(|unread| match unread {
                    Unread::Judged(judgement) => Unread::Judged(redactor.lifted_in_json(&judgement)),
                    other => other,
                }),
            }),
            Recorded::Timeout => Outcome::Timeout,
            Recorded::Dropped(why) => Outcome::Dropped(redactor.lifted(&why)),
            Recorded::Gone(why) => Outcome::Gone(redactor.lifted(&why)),
            Recorded::Unreachable(why) => Outcome::Unreachable(redactor.lifted(&why)),
            Recorded::Lost => Outcome::Lost,
        };
        Some(Delivery { outcome, elapsed: Duration::from_micros(micros) })
    }
}

/// An answer as it is written down: whole, or its beginning and what was made of the whole.
fn recorded(redactor: &Redactor, answer: &Response, judgement: &Judgement) -> Recorded {
    let cut = answer.beginning();
    let (headers, unread) = match &cut {
        Some(cut) => (&cut.headers, Some(Unread::Judged(redactor.drawn(&judgement.to_text())))),
        None => (&answer.headers, answer.unread.clone()),
    };
    // A secret is text; what stands around it then is kept as text too. Nothing is cut before its secrets are hidden.
    let lossy = String::from_utf8_lossy(&answer.body);
    let body = if std::str::from_utf8(&answer.body).is_ok() || redactor.hides(&lossy) {
        Body::Text(if cut.is_some() { redactor.beginning_drawn(&lossy, MOST_KEPT) } else { redactor.drawn(&lossy) })
    } else {
        Body::Bytes(BASE64.encode(cut.as_ref().map_or(&answer.body, |cut| &cut.body)))
    };
    let headers = headers.iter().map(|(name, value)| (redactor.drawn(name), redactor.drawn(value))).collect();
    Recorded::Answer { status: answer.status, headers, body, unread }
}

/// What tells a request from others: all of it, but for the values of secrets, which may be others tomorrow.
pub(super) fn fingerprint(redactor: &Redactor, request: &Request) -> String {
    let mut hash = Sha256::new();
    add(&mut hash, [request.method.as_str(), &request.path]);
    for (name, value) in &request.headers {
        add(&mut hash, [name.as_str(), &redactor.drawn(value)]);
    }
    if let Some(body) = &request.body {
        hash.update([0]);
        hash.update(body);
    }
    hex(&hash.finalize()[..12])
}
