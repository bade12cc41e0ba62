//! Hides the caller's secrets in a journal, each behind its name: none is written down, and none is missing when it is read
//! again.

use serde_json::Value;

use crate::request_context::RequestContext;
use crate::secret::{Secret, hidden};

/// Stands before and after the name of a secret, in place of its value.
const MARK: char = '\0';

/// The secrets that are hidden.
#[derive(Debug, Clone)]
pub(super) struct Redactor {
    secrets: Vec<Secret>,
}

impl Redactor {
    pub(super) fn new(context: &RequestContext) -> Self {
        Self { secrets: context.hidden().into_iter().cloned().collect() }
    }

    pub(super) fn hides(&self, text: &str) -> bool {
        self.secrets.iter().any(|secret| secret.occurs_in(text))
    }

    /// The text with names in the secrets' places.
    pub(super) fn drawn(&self, text: &str) -> String {
        let plain = text.replace(MARK, &format!("{MARK}{MARK}"));
        let secrets: Vec<&Secret> = self.secrets.iter().collect();
        hidden(&plain, &secrets, |secret| format!("{MARK}{}{MARK}", secret.name()))
    }

    /// The beginning of a text, so long that it is at least so many bytes when it is lifted, with names in the secrets' places:
    /// none is cut.
    pub(super) fn beginning_drawn(&self, text: &str, most: usize) -> String {
        let drawn = self.drawn(text);
        let mut beginning = String::new();
        let mut room = most;
        for (number, part) in drawn.split(MARK).enumerate() {
            if number % 2 == 1 {
                beginning.extend([&MARK.to_string(), part, &MARK.to_string()]);
                let secret = self.secrets.iter().find(|secret| secret.name() == part);
                room = room.saturating_sub(secret.map_or(1, |secret| secret.expose().len()));
            } else if let Some(rest) = room.checked_sub(part.len()) {
                beginning.push_str(part);
                room = rest;
            } else {
                let end = (room..part.len()).find(|end| part.is_char_boundary(*end)).unwrap_or(part.len());
                beginning.push_str(&part[..end]);
                break;
            }
            if room == 0 {
                break;
            }
        }
        beginning
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

    fn redactor() -> Redactor {
        let secrets = vec![Secret::new("TOKEN", "the-token-of-the-caller"), Secret::new("KEY", "another/secret")];
        Redactor::new(&RequestContext { secrets, ..RequestContext::default() })
    }

    #[track_caller]
    fn check(text: &str) {
        let redactor = redactor();
        let drawn = redactor.drawn(text);
        assert!(!drawn.contains("the-token-of-the-caller") && !drawn.contains("another/secret"), "{drawn:?}");
        assert_eq!(redactor.lifted(&drawn), text, "{drawn:?}");
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
        let redactor = Redactor::new(&RequestContext {
            secrets: vec![Secret::new("WORD", "a \"long\" pass\\word")],
            ..RequestContext::default()
        });
        let text = r#"{"error_msg":"not a \"long\" pass\\word!"}"#;
        let drawn = redactor.drawn(text);
        assert!(!drawn.contains("long"), "{drawn:?}");
        assert_eq!(redactor.lifted_in_json(&drawn), text);
    }

    #[test]
    fn a_beginning_is_long_enough_and_cuts_no_secret() {
        let text = "a \0 the-token-of-the-caller \u{e4} another/secret, another/secret c";
        for most in 0..=text.len() {
            let beginning = redactor().beginning_drawn(text, most);
            let lifted = redactor().lifted(&beginning);
            assert!(text.starts_with(&lifted) && lifted.len() >= most, "{most}: {lifted:?}");
            assert!(!beginning.contains("token-of") && !beginning.contains("another/"), "{most}: {beginning:?}");
        }
    }

    #[test]
    fn a_secret_of_another_day_is_put_in() {
        let secrets = vec![Secret::new("TOKEN", "the-token-of-today")];
        let today = Redactor::new(&RequestContext { secrets, ..RequestContext::default() });
        assert_eq!(today.lifted(&redactor().drawn("<the-token-of-the-caller>")), "<the-token-of-today>");
    }
}
