//! The lines of a journal, and what they hide: no secret is written down, and none is missing when they are read again.

use std::fmt::Display;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::address::Address;
use crate::exchange::{Delivery, Outcome, Request, Response, Unread};
use crate::hex::hex;
use crate::secret::{Secret, hidden};
use crate::suite::Suite;

/// The form of the lines.
const FORMAT: u32 = 2;
/// What a journal begins with.
pub(super) const START: &str = "{\"journal\":";
/// Stands before and after the name of a secret, in place of its value.
const MARK: char = '\0';

/// The first line: which run the journal is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    journal: u32,
    version: String,
    contract: String,
    target: String,
    path_values: Vec<String>,
    seed: u64,
    probes: String,
    /// What the path leads to, for messages.
    #[serde(skip)]
    noun: String,
}

impl Head {
    /// The head of a run of this suite.
    pub fn new(suite: &Suite<'_>, address: &Address, target: &str) -> Self {
        let contract = suite.contract();
        Self {
            journal: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            contract: format!("{} {}", contract.name(), hex(&Sha256::digest(contract.text()))),
            target: recognisable(address, target),
            path_values: address.path_values.iter().map(|value| recognisable(address, value)).collect(),
            seed: address.seed,
            probes: probes(suite),
            noun: contract.operation().noun(),
        }
    }

    /// Whether these bytes are the beginning of a first line.
    pub(super) fn begins_with(&self, bytes: &[u8]) -> bool {
        serde_json::to_vec(self).is_ok_and(|line| line.starts_with(bytes))
    }

    /// The form of the lines, where it is not the one of today.
    pub(super) fn other_form(&self) -> Option<u32> {
        (self.journal != FORMAT).then_some(self.journal)
    }

    /// In what another run differs from this one, in words.
    pub(super) fn difference(&self, now: &Self) -> Option<String> {
        let differ = |what: &str, was: &dyn Display, is: &dyn Display| {
            let (was, is) = (was.to_string(), is.to_string());
            (was != is).then(|| format!("of {what} {was}, and this is {is}"))
        };
        let values = |head: &Self| head.path_values.join(", ");
        differ("version", &self.version, &now.version)
            .or_else(|| differ("contract", &self.contract, &now.contract))
            .or_else(|| differ("target", &self.target, &now.target))
            .or_else(|| differ(&now.noun, &values(self), &values(now)))
            .or_else(|| differ("seed", &self.seed, &now.seed))
            .or_else(|| {
                let other = self.probes != now.probes;
                other.then(|| "of other probes (--only, --skip, --shard, --invasive, settled disputes)".to_owned())
            })
    }
}

/// A text without its secrets, which are told from others of tomorrow by the beginning of a digest.
fn recognisable(address: &Address, text: &str) -> String {
    let masked = address.masked(text);
    if masked == text { masked } else { format!("{masked} ({})", hex(&Sha256::digest(text)[..4])) }
}

/// What tells the probes of a run from those of another: which rules are reported, how they read, and what each probe is.
/// The contract's text, the version and the seed, from which the rest follows, stand apart.
fn probes(suite: &Suite<'_>) -> String {
    let mut hash = Sha256::new();
    for (rule, reported) in suite.rules().iter().zip(suite.reported()) {
        let sides = format!("{} {} {reported}", rule.inside, rule.outside);
        let standing = rule.standing.reason().unwrap_or_default();
        add(&mut hash, [rule.place.as_str(), rule.keyword.as_str(), &rule.bound.to_string(), standing, &sides]);
    }
    for probe in suite.probes() {
        add(&mut hash, [&probe.rule.to_string(), probe.side.as_str(), &probe.what]);
    }
    hex(&hash.finalize())
}

/// Adds texts to a hash, each with its length, so that none runs into the next.
fn add<'a>(hash: &mut Sha256, texts: impl IntoIterator<Item = &'a str>) {
    for text in texts {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
}

/// Any other line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Line {
    /// The task before the first probe, or why it could not be read.
    Kept(Result<String, String>),
    /// The task is as it was again.
    Restored,
    /// Everything was asked.
    Ended,
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
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Body {
    Text(String),
    /// Bytes that are no text.
    Bytes(Vec<u8>),
}

impl Line {
    /// The line for what became of a request; nothing for one that never went out.
    pub(super) fn heard(veil: &Veil, request: &Request, delivery: &Delivery) -> Option<Self> {
        let outcome = match &delivery.outcome {
            Outcome::Answer(Response { status, headers, body, unread }) => Recorded::Answer {
                status: *status,
                headers: headers.iter().map(|(name, value)| (veil.drawn(name), veil.drawn(value))).collect(),
                body: match std::str::from_utf8(body) {
                    Ok(text) => Body::Text(veil.drawn(text)),
                    // A secret is text; what stands around it then is judged as text too.
                    Err(_) if veil.hides(&String::from_utf8_lossy(body)) => {
                        Body::Text(veil.drawn(&String::from_utf8_lossy(body)))
                    }
                    Err(_) => Body::Bytes(body.clone()),
                },
                unread: unread.clone(),
            },
            Outcome::Timeout => Recorded::Timeout,
            Outcome::Dropped(why) => Recorded::Dropped(veil.drawn(why)),
            Outcome::Gone(why) => Recorded::Gone(veil.drawn(why)),
            Outcome::Unreachable(why) => Recorded::Unreachable(veil.drawn(why)),
            Outcome::NotSent | Outcome::Interrupted | Outcome::OutOfTime | Outcome::OutOfBudget => return None,
        };
        let micros = u64::try_from(delivery.elapsed.as_micros()).unwrap_or(u64::MAX);
        Some(Self::Heard { request: fingerprint(veil, request), micros, outcome })
    }

    /// Whether it says what the target makes of the request, and not only of the caller or of the moment.
    pub(super) fn is_decided(&self) -> bool {
        let Self::Heard { outcome: Recorded::Answer { status, .. }, .. } = self else { return false };
        !matches!(status, 401 | 403 | 429 | 500..)
    }

    /// What became of the request, as it was heard.
    pub(super) fn delivery(self, veil: &Veil) -> Option<Delivery> {
        let Self::Heard { micros, outcome, .. } = self else { return None };
        let outcome = match outcome {
            Recorded::Answer { status, headers, body, unread } => Outcome::Answer(Response {
                status,
                headers: headers.iter().map(|(name, value)| (veil.lifted(name), veil.lifted(value))).collect(),
                body: match body {
                    Body::Text(text) => veil.lifted_in_json(&text).into_bytes(),
                    Body::Bytes(bytes) => bytes,
                },
                unread,
            }),
            Recorded::Timeout => Outcome::Timeout,
            Recorded::Dropped(why) => Outcome::Dropped(veil.lifted(&why)),
            Recorded::Gone(why) => Outcome::Gone(veil.lifted(&why)),
            Recorded::Unreachable(why) => Outcome::Unreachable(veil.lifted(&why)),
        };
        Some(Delivery { outcome, elapsed: Duration::from_micros(micros) })
    }
}

/// What tells a request from others: all of it, but for the values of secrets, which may be others tomorrow.
pub(super) fn fingerprint(veil: &Veil, request: &Request) -> String {
    let mut hash = Sha256::new();
    add(&mut hash, [request.method.as_str(), &request.path]);
    for (name, value) in &request.headers {
        add(&mut hash, [name.as_str(), &veil.drawn(value)]);
    }
    if let Some(body) = &request.body {
        hash.update([0]);
        hash.update(body);
    }
    hex(&hash.finalize()[..12])
}

/// Hides the caller's secrets, each behind its name.
#[derive(Debug, Clone)]
pub(super) struct Veil {
    secrets: Vec<Secret>,
}

impl Veil {
    pub(super) fn new(address: &Address) -> Self {
        Self { secrets: address.hidden().into_iter().cloned().collect() }
    }

    fn hides(&self, text: &str) -> bool {
        self.secrets.iter().any(|secret| secret.occurs_in(text))
    }

    /// The text with names in the secrets' places.
    pub(super) fn drawn(&self, text: &str) -> String {
        let plain = text.replace(MARK, &format!("{MARK}{MARK}"));
        let secrets: Vec<&Secret> = self.secrets.iter().collect();
        hidden(&plain, &secrets, |secret| format!("{MARK}{}{MARK}", secret.name()))
    }

    /// The text with the secrets of today in the names' places.
    pub(super) fn lifted(&self, text: &str) -> String {
        self.lifted_by(text, str::to_owned)
    }

    /// The same for a text that is likely to be JSON, and must stay so.
    pub(super) fn lifted_in_json(&self, text: &str) -> String {
        self.lifted_by(text, |secret| {
            let quoted = Value::from(secret).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        })
    }

    fn lifted_by(&self, text: &str, written: impl Fn(&str) -> String) -> String {
        let mut lifted = String::with_capacity(text.len());
        let mut parts = text.split(MARK);
        lifted.push_str(parts.next().unwrap_or_default());
        while let Some(name) = parts.next() {
            match self.secrets.iter().find(|secret| secret.name() == name) {
                Some(secret) => lifted.push_str(&written(secret.expose())),
                None if name.is_empty() => lifted.push(MARK),
                None => lifted.extend(["$", name]),
            }
            lifted.push_str(parts.next().unwrap_or_default());
        }
        lifted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn veil() -> Veil {
        let secrets = vec![Secret::new("TOKEN", "the-token-of-the-caller"), Secret::new("KEY", "another/secret")];
        Veil::new(&Address { secrets, ..Address::default() })
    }

    #[track_caller]
    fn check(text: &str) {
        let veil = veil();
        let drawn = veil.drawn(text);
        assert!(!drawn.contains("the-token-of-the-caller") && !drawn.contains("another/secret"), "{drawn:?}");
        assert_eq!(veil.lifted(&drawn), text, "{drawn:?}");
    }

    #[test]
    fn a_text_is_the_same_after_its_secrets_were_hidden() {
        check("");
        check("the-token-of-the-caller");
        check("a the-token-of-the-caller b another/secret, another/secret c");
        check("\0TOKEN\0 \0\0 \0");
        check("\0the-token-of-the-caller\0");
    }

    #[test]
    fn a_secret_with_a_quote_leaves_json_what_it_was() {
        let veil =
            Veil::new(&Address { secrets: vec![Secret::new("WORD", "a \"long\" pass\\word")], ..Address::default() });
        let text = r#"{"error_msg":"not a \"long\" pass\\word!"}"#;
        let drawn = veil.drawn(text);
        assert!(!drawn.contains("long"), "{drawn:?}");
        assert_eq!(veil.lifted_in_json(&drawn), text);
    }

    #[test]
    fn a_secret_of_another_day_is_put_in() {
        let secrets = vec![Secret::new("TOKEN", "the-token-of-today")];
        let today = Veil::new(&Address { secrets, ..Address::default() });
        assert_eq!(today.lifted(&veil().drawn("<the-token-of-the-caller>")), "<the-token-of-today>");
    }
}
