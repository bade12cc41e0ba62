//! Tokens, known by their form alone: nobody has to say that they are secret, and they are shown nowhere.
//!
//! What is looked for is narrow enough that ordinary text, ids and hashes are left alone.

use std::ops::Range;

/// What is shown in a token's place.
const SHOWN: &str = "[token]";
/// Beginnings of tokens that the large services give out.
const PREFIXES: [&str; 27] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "gldt-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xoxs-",
    "xapp-",
    "sk-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "AKIA",
    "ASIA",
    "AIza",
    "ya29.",
    "npm_",
    "pypi-",
    "dop_v1_",
    "shpat_",
    "hvs.",
    "hf_",
];
/// So much follows a beginning at least.
const LEAST_REST: usize = 16;
/// Words before a credential.
pub(crate) const SCHEMES: [&str; 8] = ["bearer", "basic", "token", "digest", "apikey", "api-key", "negotiate", "dpop"];

/// The text without its tokens.
pub(crate) fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for found in tokens(text) {
        masked.push_str(&text[from..found.start]);
        masked.push_str(SHOWN);
        from = found.end;
    }
    masked.push_str(&text[from..]);
    masked
}

/// Where tokens stand, in order.
pub(crate) fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut before = "";
    let mut at = 0;
    while let Some(start) = text[at..].find(is_of_a_token).map(|offset| at + offset) {
        let end = text[start..].find(|character| !is_of_a_token(character)).map_or(text.len(), |length| start + length);
        let word = &text[start..end];
        let follows = SCHEMES.contains(&before.to_ascii_lowercase().as_str()) && text[at..start].trim().is_empty();
        // A cookie, a query or a path has its name before it.
        let named = word.trim_end_matches('=').rfind(['=', '/']).map_or(0, |sign| sign + 1);
        if follows && is_random(word) {
            found.push(start..end);
        } else if is_jwt(&word[named..]) || has_prefix(&word[named..]) {
            found.push(start + named..end);
        }
        (before, at) = (word, end);
    }
    found
}

fn is_of_a_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~+/=".contains(character)
}

/// RFC 7519: two or three parts in base 64, of which the first begins with `{"`.
fn is_jwt(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    let is_coded = |part: &&str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte));
    word.starts_with("eyJ") && (2..=5).contains(&parts.len()) && word.len() >= LEAST_REST && parts.iter().all(is_coded)
}

fn has_prefix(word: &str) -> bool {
    let rest = PREFIXES.iter().filter_map(|prefix| word.strip_prefix(prefix));
    rest.into_iter().any(|rest| {
        rest.len() >= LEAST_REST
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && rest.bytes().any(|byte| byte.is_ascii_digit())
    })
}

/// Long, and of more than one kind of characters.
fn is_random(word: &str) -> bool {
    let has = |is: fn(&u8) -> bool| usize::from(word.bytes().any(|byte| is(&byte)));
    let kinds = has(u8::is_ascii_digit)
        + has(u8::is_ascii_lowercase)
        + has(u8::is_ascii_uppercase)
        + has(u8::is_ascii_punctuation);
    word.len() >= LEAST_REST && kinds >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_form_wherever_it_stands() {
        for token in [
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
            "ghp_0123456789abcdefABCDEF",
            "glpat-0123456789abcdef",
            "AKIA0123456789ABCDEF",
            "sk_test_0123456789abcdef",
        ] {
            for text in [token.to_owned(), format!("{{\"a\":\"{token}\"}}"), format!("not for {token}, sid={token}!")] {
                assert_eq!(masked(&text), text.replace(token, "[token]"));
            }
        }
        assert_eq!(masked("who is Bearer abcdef0123456789-tok?"), "who is Bearer [token]?");
        assert_eq!(masked("BASIC dXNlcjpodW50ZXIyaHVudGVyMg=="), "BASIC [token]");
    }

    #[test]
    fn what_is_none_is_left_alone() {
        for text in [
            "",
            "ef3b9722-07a0-40ae-89b0-889ee96dfc56",
            "d41d8cd98f00b204e9800998ecf8427e",
            "Bearer short1",
            "Bearer authentication",
            "a token, made-up-9e3779b97f4a7c15-value",
            "sk-a-word-of-many-parts sk-short eyJ eyJx.y AKIA",
            "\u{e9}yJ.\u{6f22}",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
