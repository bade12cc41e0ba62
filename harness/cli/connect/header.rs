//! What is secret in the headers that the user gives: all of it, but where the header is known to be harmless, or said to be.
//!
//! A header is taken apart into the words that say who calls and those that do not, so that what is shown of it says as much
//! as it can.

use std::collections::BTreeMap;

use data_encoding::BASE64;

use crate::cli::config::profile::Filled;
use crate::request_context::RequestContext;
use crate::secret::Secret;
use crate::token::{self, SCHEMES};

/// Headers whose values say nothing of the caller, whoever gives them.
const HARMLESS: [&str; 24] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "content-encoding",
    "content-language",
    "content-type",
    "dnt",
    "from",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "origin",
    "pragma",
    "prefer",
    "range",
    "te",
    "traceparent",
    "user-agent",
    "x-correlation-id",
    "x-request-id",
    "x-requested-with",
];
/// Words in the names of headers that say who calls.
const TELLING_NAMES: [&str; 10] =
    ["auth", "cookie", "credential", "jwt", "key", "passw", "secret", "session", "signature", "token"];
/// Shorter words of a header's value are no credentials.
const SHORTEST_CREDENTIAL: usize = 8;
/// The same where the header says who calls, and the word before it that a credential follows.
const SHORTEST_WORD: usize = 4;

/// Whether what is given in a header of this name is shown.
pub(in crate::cli) fn is_harmless(name: &str) -> bool {
    HARMLESS.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether a header of this name is likely to hold a credential.
fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TELLING_NAMES.iter().any(|word| name.contains(word))
}

/// The password in a value such as `Basic dXNlcjpwYXNzd29yZA==` (RFC 7617).
pub(super) fn basic_password(value: &str) -> Option<String> {
    let (scheme, coded) = value.trim().split_once(char::is_whitespace)?;
    let bytes = scheme.eq_ignore_ascii_case("basic").then(|| BASE64.decode(coded.trim().as_bytes()).ok())??;
    let (_, password) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
    Some(password.to_owned()).filter(|password| !password.is_empty())
}

/// Puts headers into an address, and what is secret in them.
#[derive(Default)]
pub(super) struct Headers {
    /// How many names have been made up for each header.
    named: BTreeMap<String, usize>,
}

impl Headers {
    /// Adds a header; one that is said to be harmless is shown, but for tokens that are known by their form.
    pub(super) fn add(&mut self, context: &mut RequestContext, name: &str, value: &Filled, is_plain: bool) {
        context.headers.push((name.to_owned(), value.expose().to_owned()));
        let tokens = token::tokens(value.expose());
        if let Some(password) = basic_password(value.expose()) {
            let name = self.variable("basic password");
            context.secrets.push(Secret::word(name, password));
        }
        if is_telling(name) && !is_plain {
            let credentials = self.credentials(name, value, Secret::word);
            context.secrets.extend(credentials);
        } else if !tokens.is_empty() {
            // Whatever the header is called: these say who calls.
            for found in tokens {
                let name = self.variable(name);
                context.secrets.push(Secret::new(name, &value.expose()[found]));
            }
            context.private.extend(value.secrets.iter().cloned());
        } else if !is_plain {
            let private = if is_harmless(name) {
                self.filled_in(name, value)
            } else {
                self.credentials(name, value, Secret::new)
            };
            context.private.extend(private);
        }
    }

    /// The words of a value that may say who calls, and the variables in it.
    fn credentials(&mut self, name: &str, value: &Filled, made: fn(String, String) -> Secret) -> Vec<Secret> {
        let is_long = |text: &str| text.len() >= SHORTEST_CREDENTIAL;
        let long: Vec<&Secret> = value.secrets.iter().filter(|secret| is_long(secret.expose())).collect();
        let separator = |character: char| character.is_whitespace() || matches!(character, ';' | ',');
        // What follows an equals sign, but for those that pad a word to its end.
        let credential = |word| match str::split_once(word, '=') {
            Some((_, value)) if !value.trim_end_matches('=').is_empty() => value,
            _ => word,
        };
        let is_filled_in = |word: &str| long.iter().any(|secret| word.contains(secret.expose()));
        let mut words: Vec<&str> = Vec::new();
        let mut follows = false;
        // A variable may hold several words itself, of which an answer may repeat one.
        for word in value.expose().split(separator).map(credential) {
            let is_credential = is_long(word) || (follows && word.len() >= SHORTEST_WORD);
            if is_credential && !is_filled_in(word) {
                words.push(word);
            }
            follows = SCHEMES.contains(&word.to_ascii_lowercase().as_str());
        }
        if words.is_empty() && long.is_empty() {
            words.push(value.expose());
        }
        let mut secrets = if long.is_empty() { Vec::new() } else { value.secrets.clone() };
        secrets.extend(words.into_iter().map(|word| made(self.variable(name), word.to_owned())));
        secrets
    }

    /// The variables in the value of a header that is harmless; all of it where one of them is too short to be found.
    fn filled_in(&mut self, name: &str, value: &Filled) -> Vec<Secret> {
        let mut secrets = value.secrets.clone();
        if secrets.iter().any(|secret| secret.expose().len() < SHORTEST_CREDENTIAL && secret.expose() != value.expose())
        {
            secrets.push(Secret::new(self.variable(name), value.expose()));
        }
        secrets
    }

    /// A name to show for what came from no variable, another each time.
    fn variable(&mut self, header: &str) -> String {
        let upper: String = header
            .chars()
            .map(|character| if character.is_ascii_alphanumeric() { character.to_ascii_uppercase() } else { '_' })
            .collect();
        let number = self.named.entry(upper.clone()).or_default();
        *number += 1;
        if *number == 1 { format!("FENCEPOST_HEADER_{upper}") } else { format!("FENCEPOST_HEADER_{upper}_{number}") }
    }
}
