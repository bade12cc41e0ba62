//! The file of profiles as it is written: its tables and keys, and what is wrong with one, by file, line and key.
//!
//! Knows no environment and no contract: what a value means is found out by [`super::resolve`].

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use toml::de::{DeTable, DeValue};

use crate::names::nearest;

/// The file that is looked for in the current folder.
pub(in crate::cli) const NAME: &str = "fencepost.toml";

/// The profile that is built in: the embedded stub.
pub(in crate::cli) const STUB: &str = "stub";

/// A file of profiles. It may hold secrets, so nothing prints it.
pub(in crate::cli) struct File {
    pub(in crate::cli) path: PathBuf,
    text: String,
    pub(super) profiles: BTreeMap<String, ProfileEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    profile: BTreeMap<String, ProfileEntry>,
}

/// One profile.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileEntry {
    pub(super) url: Option<String>,
    pub(super) contract: Option<String>,
    pub(super) base_path: Option<String>,
    pub(super) task_id: Option<OneOrSeveral>,
    #[serde(default)]
    pub(super) set: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) plain_headers: BTreeMap<String, String>,
    /// Variables whose values may be shown.
    #[serde(default)]
    pub(super) plain_variables: Vec<String>,
    pub(super) credentials: Option<CredentialsEntry>,
    pub(super) timeout: Option<String>,
    pub(super) concurrency: Option<u16>,
    pub(super) rate: Option<String>,
    pub(super) max_requests: Option<u64>,
    pub(super) max_time: Option<String>,
    pub(super) max_crashes: Option<u64>,
    pub(super) patience: Option<String>,
    pub(super) proxy: Option<String>,
    pub(super) ca_file: Option<String>,
    pub(super) client_certificate: Option<String>,
    pub(super) client_key: Option<String>,
    pub(super) restore: Option<String>,
    pub(super) snapshots: Option<String>,
    #[serde(default)]
    pub(super) allow_host: Vec<String>,
    #[serde(default)]
    pub(super) assert_formats: bool,
    #[serde(default)]
    pub(super) settled: Vec<SettledEntry>,
    #[serde(default)]
    pub(super) waivers: Vec<WaiverEntry>,
}

/// A text, or a list of texts.
#[derive(Deserialize)]
#[serde(untagged, expecting = "is neither a text nor a list of texts")]
pub(super) enum OneOrSeveral {
    One(String),
    Several(Vec<String>),
}

/// How the caller is known; one of these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialsEntry {
    pub(super) token_env: Option<String>,
    pub(super) token_file: Option<String>,
    pub(super) token_command: Option<String>,
    pub(super) iam: Option<IamEntry>,
    pub(super) signing: Option<SigningEntry>,
    /// The variables that hold credentials, by the names of security schemes.
    #[serde(default)]
    pub(super) schemes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IamEntry {
    pub(super) url: String,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) domain: String,
    pub(super) project: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SigningEntry {
    pub(super) access_key: String,
    pub(super) secret_key: String,
    pub(super) project_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SettledEntry {
    pub(super) place: String,
    pub(super) keyword: String,
    pub(super) bound: Option<Value>,
    pub(super) reading: ReadingEntry,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ReadingEntry {
    Accepted,
    Refused,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WaiverEntry {
    pub(super) id: String,
    pub(super) reason: String,
    pub(super) expires: DateEntry,
}

/// A date, as text or as TOML's own.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a date such as 2030-12-31")]
pub(super) enum DateEntry {
    Text(String),
    Native(toml::value::Datetime),
}

/// What is wrong with a file of profiles, in one line.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) struct FileError {
    path: PathBuf,
    line: Option<usize>,
    key: String,
    problem: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        let key = if self.key.is_empty() { String::new() } else { format!("{}: ", self.key) };
        let problem = self.problem.split_whitespace().collect::<Vec<_>>().join(" ");
        let told = format!("{}{line}: {key}{problem}", self.path.display());
        f.write_str(&told.chars().flat_map(shown).collect::<String>())
    }
}

fn shown(character: char) -> Vec<char> {
    if character.is_control() { character.escape_default().collect() } else { vec![character] }
}

impl File {
    /// Reads a file of profiles.
    pub(in crate::cli) fn read(path: &Path) -> Result<Self, FileError> {
        let text = std::fs::read_to_string(path).map_err(|error| FileError {
            path: path.to_owned(),
            line: None,
            key: String::new(),
            problem: format!("cannot be read ({error}); give the path of a file of profiles with --config"),
        })?;
        let profiles = parsed(&text).map_err(|wrong| wrong.in_file(path, &text))?;
        Ok(Self { path: path.to_owned(), text, profiles })
    }

    /// The names of the profiles.
    pub(in crate::cli) fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    /// An error at a key of this file: its steps are names, and numbers in lists.
    pub(in crate::cli) fn error(&self, steps: &[&str], problem: String) -> FileError {
        Wrong { key: key_of(steps), at: offset_of(&self.text, steps), problem }.in_file(&self.path, &self.text)
    }
}

/// What is wrong with a text, before the file is known.
struct Wrong {
    key: String,
    /// The place in the text, in bytes.
    at: Option<usize>,
    problem: String,
}

impl Wrong {
    fn in_file(self, path: &Path, text: &str) -> FileError {
        let line = self.at.and_then(|at| text.get(..at)).map(|before| before.matches('\n').count() + 1);
        FileError { path: path.to_owned(), line, key: self.key, problem: self.problem }
    }
}

fn parsed(text: &str) -> Result<BTreeMap<String, ProfileEntry>, Wrong> {
    let at = |error: &toml::de::Error| error.span().map(|span| span.start);
    let no_toml = |error: toml::de::Error| Wrong {
        key: String::new(),
        at: at(&error),
        problem: format!("is no TOML: {}; correct it", error.message()),
    };
    let document: Document = serde_path_to_error::deserialize(toml::Deserializer::parse(text).map_err(no_toml)?)
        .map_err(|error| {
            let path = error.path().to_string();
            let key = path.trim_end_matches(".?").trim_matches('.').to_owned();
            let error = error.into_inner();
            Wrong { at: at(&error), problem: told(&key, error.message()), key }
        })?;
    for name in document.profile.keys() {
        let steps = ["profile", name.as_str()];
        let wrong =
            |problem: &str| Wrong { key: key_of(&steps), at: offset_of(text, &steps), problem: problem.to_owned() };
        if name == STUB {
            return Err(wrong("the profile `stub` is built in; give this one another name"));
        }
        if !is_name(name) {
            return Err(wrong("a profile's name is made of letters, digits, `-` and `_`; give it another"));
        }
    }
    Ok(document.profile)
}

/// Whether a text can name a profile, and the folder of its snapshots.
pub(in crate::cli) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// The parser's words, with the remedy.
fn told(key: &str, message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let known = quoted.get(1..).unwrap_or_default();
    if message.starts_with("unknown field") {
        let name = quoted.first().copied().unwrap_or_default();
        // A key that is unknown may or may not be part of its path already.
        let named = if key.rsplit('.').next() == Some(name) { String::new() } else { format!("`{name}` ") };
        let hint = nearest(name, known.iter().copied());
        return format!("{named}is no key that is known here{hint}; write one of {}", known.join(", "));
    }
    if message.starts_with("missing field") {
        return format!("`{}` is missing; add it", quoted.first().copied().unwrap_or_default());
    }
    format!("{message}; correct it")
}

fn key_of(steps: &[&str]) -> String {
    steps.iter().fold(String::new(), |key, step| match step.parse::<usize>() {
        Ok(number) => format!("{key}[{number}]"),
        Err(_) if key.is_empty() => (*step).to_owned(),
        Err(_) => format!("{key}.{step}"),
    })
}

/// Where a key stands in a text, or the innermost of those around it.
fn offset_of(text: &str, steps: &[&str]) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut here: &DeValue<'_> = &DeValue::Table(document.into_inner());
    let mut at = None;
    for step in steps {
        let next = match here {
            DeValue::Table(table) => table.iter().find(|(name, _)| name.get_ref() == step).map(|(name, value)| {
                at = Some(name.span().start);
                value
            }),
            DeValue::Array(elements) => {
                step.parse().ok().and_then(|number: usize| elements.get(number)).inspect(|value| {
                    at = Some(value.span().start);
                })
            }
            _ => None,
        };
        here = match next {
            Some(next) => next.get_ref(),
            None => break,
        };
    }
    at
}
