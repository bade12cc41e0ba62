//! The first line of a journal: which run it is of.

use std::fmt::Display;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::seal::Seal;
use crate::hex::hex;
use crate::request_context::RequestContext;
use crate::suite::Suite;

/// The form of the lines.
const FORMAT: u32 = 3;
/// What a journal begins with.
pub(super) const START: &str = "{\"journal\":";

/// The first line: which run the journal is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalHeader {
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

impl JournalHeader {
    /// The head of a run of this suite.
    pub fn new(suite: &Suite<'_>, context: &RequestContext, target: &str) -> Self {
        let contract = suite.contract();
        Self {
            journal: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            contract: format!("{} {}", contract.name(), hex(&Sha256::digest(contract.text()))),
            target: recognisable(context, target),
            path_values: context.path_values.iter().map(|value| recognisable(context, value)).collect(),
            seed: context.seed,
            probes: probes(suite),
            noun: contract.operation().noun(),
        }
    }

    /// Whether these bytes are the beginning of a first line.
    pub(super) fn begins_with(&self, bytes: &[u8]) -> bool {
        serde_json::to_string(self).is_ok_and(|text| Seal::default().sealed(&text).as_bytes().starts_with(bytes))
    }

    /// The form of the lines of a journal that begins so, where it is not the one of today.
    pub(super) fn other_form(first: &str) -> Option<u32> {
        #[derive(Deserialize)]
        struct Form {
            journal: u32,
        }
        let form = serde_json::from_str::<Form>(first).ok()?.journal;
        (form != FORMAT).then_some(form)
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
fn recognisable(context: &RequestContext, text: &str) -> String {
    let masked = context.masked(text);
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
pub(super) fn add<'a>(hash: &mut Sha256, texts: impl IntoIterator<Item = &'a str>) {
    for text in texts {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
}
