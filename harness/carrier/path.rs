//! Paths: which text stands in each hole of a template. A hole may share its segment with other text, or with other holes.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::text::percent::{UNFIT, decoded_text, encoded};

/// A piece of a segment of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Text(&'a str),
    Hole(&'a str),
}

/// The names that stand in braces in a path.
pub fn path_names(path: &str) -> Vec<String> {
    let tokens = path.split('/').flat_map(tokens);
    let names = tokens.filter_map(|token| if let Token::Hole(name) = token { Some(name.to_owned()) } else { None });
    names.collect()
}

/// How much a template says of a path, segment by segment: of two that fit a path the greater one is meant.
pub(crate) fn specificity(template: &str) -> Vec<(usize, Reverse<usize>)> {
    let of_segment = |segment: &str| {
        let tokens = tokens(segment);
        let holes = tokens.iter().filter(|token| matches!(token, Token::Hole(_))).count();
        let text = |token: &Token<'_>| if let Token::Text(text) = token { text.len() } else { 0 };
        let length = tokens.iter().map(text).sum();
        (if holes == 0 { usize::MAX } else { length }, Reverse(holes))
    };
    of_template(template).split('/').map(of_segment).collect()
}

/// What a template says of the path alone: a query, or a fragment, is none of it.
fn of_template(template: &str) -> &str {
    template.split(['?', '#']).next().unwrap_or_default()
}

/// What stands in each hole, as it was sent; nothing where the path is another resource's.
pub(crate) fn holes<'t>(template: &'t str, path: &str) -> Option<HashMap<&'t str, String>> {
    let (wanted, given): (Vec<&str>, Vec<&str>) =
        (of_template(template).split('/').collect(), path.split('/').collect());
    if wanted.len() != given.len() {
        return None;
    }
    let mut found = HashMap::new();
    for (wanted, given) in wanted.into_iter().zip(given) {
        let tokens = tokens(wanted);
        match tokens[..] {
            // A name beyond ASCII is escaped on its way.
            [] if given.is_empty() => {}
            [Token::Text(text)] if text == given || decoded_text(given) == text => {}
            [Token::Text(_)] => return None,
            _ => fill(&tokens, given, &mut found)?,
        }
    }
    Some(found)
}

/// Fills the holes of one segment, each with as much as leaves enough for those after it.
fn fill<'t>(tokens: &[Token<'t>], given: &str, found: &mut HashMap<&'t str, String>) -> Option<()> {
    match tokens {
        [] => given.is_empty().then_some(()),
        [Token::Text(text), rest @ ..] => {
            let coded = encoded(text.as_bytes(), UNFIT);
            let after = given.strip_prefix(text).or_else(|| given.strip_prefix(coded.as_str()))?;
            fill(rest, after, found)
        }
        [Token::Hole(name), rest @ ..] => {
            let ends = given.char_indices().map(|(at, character)| at + character.len_utf8()).rev();
            for end in ends {
                if fill(rest, &given[end..], found).is_some() {
                    found.insert(name, given[..end].to_owned());
                    return Some(());
                }
            }
            None
        }
    }
}

/// A brace without its like is text.
fn tokens(segment: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = segment;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        if !before.is_empty() {
            tokens.push(Token::Text(before));
        }
        tokens.push(Token::Hole(name));
        rest = after;
    }
    if !rest.is_empty() {
        tokens.push(Token::Text(rest));
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_may_share_its_segment() {
        for (template, path, wanted) in [
            ("/x/{id}", "/x/7", Some(vec![("id", "7")])),
            ("/x/{id}", "/x/", None),
            ("/x/{id}", "/x/7/8", None),
            ("/x/{id}:cancel", "/x/7:cancel", Some(vec![("id", "7")])),
            ("/x/{id}:cancel", "/x/7%3Acancel", None),
            ("/x/{id}:cancel", "/x/7", None),
            ("/x/{id}:cancel", "/x/:cancel", None),
            ("/x/{id}:cancel", "/x/7:cancel:cancel", Some(vec![("id", "7:cancel")])),
            ("/a.{format}", "/a.json", Some(vec![("format", "json")])),
            ("/{name}.{format}", "/a.b.json", Some(vec![("format", "json"), ("name", "a.b")])),
            ("/x/{a}{b}", "/x/12", Some(vec![("a", "1"), ("b", "2")])),
            ("/x/{a}{b}", "/x/1", None),
            ("/x?of=a", "/x", Some(vec![])),
            ("/sch\u{f6}n/{a}", "/sch%C3%B6n/1", Some(vec![("a", "1")])),
            ("/sch\u{f6}n-{a}", "/sch%C3%B6n-1", Some(vec![("a", "1")])),
            ("/{", "/{", Some(vec![])),
        ] {
            let found = holes(template, path).map(|found| {
                let mut all: Vec<(&str, String)> = found.into_iter().collect();
                all.sort();
                all
            });
            let wanted = wanted.map(|all| all.into_iter().map(|(name, text)| (name, text.to_owned())).collect());
            assert_eq!(found, wanted, "{template} {path}");
        }
        assert_eq!(path_names("/x/{a}{b}/{c}.{d}:e"), ["a", "b", "c", "d"]);
    }
}
