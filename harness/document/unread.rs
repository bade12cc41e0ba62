//! What schemas say that cannot be read: it is taken out, told, and marked where it stood, so that nobody takes what is left for
//! all that is said there.

use serde_json::{Map, Value, json};

use super::error::abridged;
use super::notes::Notes;
use super::walk::Path;
use crate::names::nearest;

/// Keywords that were taken out of a schema: fewer values may be legal than the rest of it allows.
pub(crate) const UNREAD: &str = "x-fencepost-unread";
/// Keywords that the document's edition does not have as they are written: they may be meant, and nobody need read them.
pub(crate) const FOREIGN: &str = "x-fencepost-foreign";

/// Keywords that leave as much legal where they cannot be read as where they can.
const SAYING_NOTHING: [&str; 6] =
    ["required", "title", "description", "$comment", "contentMediaType", "contentEncoding"];
const TYPES: [&str; 7] = ["object", "array", "string", "integer", "number", "boolean", "null"];

/// Takes out of a schema what cannot be read. The keywords of older editions may be written in their way.
pub(super) fn mark(schema: &mut Value, is_old: bool, path: &Path<'_>, notes: &mut Notes) {
    let Value::Object(members) = schema else { return };
    let is_flag = |keyword: &str, value: &Value| {
        is_old && value.is_boolean() && matches!(keyword, "exclusiveMinimum" | "exclusiveMaximum")
    };
    let is_bad = |keyword: &str, value: &Value| !is_flag(keyword, value) && !is_well_formed(keyword, value);
    if !members.iter().any(|(keyword, value)| is_bad(keyword, value)) {
        return;
    }
    let (bad, kept): (Map<_, _>, Map<_, _>) =
        std::mem::take(members).into_iter().partition(|(keyword, value)| is_bad(keyword, value));
    *members = kept;
    for (keyword, value) in &bad {
        let hint = value
            .as_str()
            .filter(|_| keyword == "type")
            .map(|name| nearest(name, TYPES.into_iter()))
            .unwrap_or_default();
        let found = abridged(&value.to_string());
        let what = format!("`{keyword}` is {found}, which is not what JSON Schema knows by it{hint}");
        notes.remark(&format!("{}/{keyword}", path.pointer()), &what, "it is not tested");
    }
    // Whether a member must be there is said by the object around it, in the right way or not at all; notes demand nothing.
    let names: Vec<&String> = bad.keys().filter(|keyword| !SAYING_NOTHING.contains(&keyword.as_str())).collect();
    if !names.is_empty() {
        members.insert(UNREAD.to_owned(), json!(names));
    }
}

/// Marks what a schema of 3.0 or 2.0 says in the way of 3.1.
pub(super) fn mark_foreign(schema: &mut Value, nullable: &str) {
    let Value::Object(members) = schema else { return };
    let is_list = members.get("type").is_some_and(|name| name.is_array() || name == "null");
    let is_odd = members.get(nullable).is_some_and(|flag| !flag.is_boolean());
    let bounds = ["exclusiveMinimum", "exclusiveMaximum"].into_iter();
    let bounds = bounds.filter(|bound| members.get(*bound).is_some_and(Value::is_number));
    let foreign: Vec<&str> = (is_list || is_odd).then_some("type").into_iter().chain(bounds).collect();
    if !foreign.is_empty() {
        let foreign = json!(foreign);
        members.insert(FOREIGN.to_owned(), foreign);
    }
}

/// Whether a keyword's value is of the kind that JSON Schema wants: what is not would make the whole schema unusable.
fn is_well_formed(keyword: &str, value: &Value) -> bool {
    let is_type = |value: &Value| value.as_str().is_some_and(|name| TYPES.contains(&name));
    let is_count = |value: &Value| {
        value.as_u64().is_some() || value.as_f64().is_some_and(|count| count >= 0.0 && count.fract() == 0.0)
    };
    match keyword {
        "type" => {
            is_type(value) || value.as_array().is_some_and(|names| !names.is_empty() && names.iter().all(is_type))
        }
        "enum" => value.as_array().is_some_and(|values| !values.is_empty()),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" | "minContains"
        | "maxContains" => is_count(value),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => value.is_number(),
        "multipleOf" => value.as_f64().is_some_and(|step| step > 0.0),
        "uniqueItems" => value.is_boolean(),
        "pattern" => value.as_str().is_some_and(is_pattern),
        "patternProperties" => value.as_object().is_some_and(|named| named.keys().all(|name| is_pattern(name))),
        "properties" | "$defs" | "definitions" | "dependentSchemas" | "dependentRequired" => value.is_object(),
        "allOf" | "anyOf" | "oneOf" => value.as_array().is_some_and(|branches| !branches.is_empty()),
        "prefixItems" | "required" => value.is_array(),
        "items"
        | "additionalProperties"
        | "not"
        | "contains"
        | "propertyNames"
        | "if"
        | "then"
        | "else"
        | "unevaluatedItems"
        | "unevaluatedProperties" => value.is_object() || value.is_boolean(),
        "format" | "$ref" | "$comment" | "title" | "description" | "contentMediaType" | "contentEncoding" => {
            value.is_string()
        }
        _ => true,
    }
}

/// Whether a pattern is one of ECMA-262 that the validator can use. What other languages have beside it (`(?i)`, `\A`, `\Z`,
/// `[[:alpha:]]`, `a++`) is an error there, or means something else.
fn is_pattern(pattern: &str) -> bool {
    is_of_ecma(pattern) && jsonschema::draft202012::new(&json!({ "pattern": pattern })).is_ok()
}

fn is_of_ecma(pattern: &str) -> bool {
    const LETTERS: &str = "bBcdDfknpPrsStuvwWx";
    let (mut rest, mut is_in_class) = (pattern, false);
    while let Some(first) = rest.chars().next() {
        let behind = &rest[first.len_utf8()..];
        let is_foreign = match first {
            '\\' => behind.starts_with(|next: char| next.is_ascii_alphabetic() && !LETTERS.contains(next)),
            // In a class signs stand for themselves, but for a name such as `[:alpha:]`.
            '[' if is_in_class => behind
                .strip_prefix(':')
                .and_then(|named| named.split_once(":]"))
                .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|one| one.is_ascii_alphabetic())),
            _ if is_in_class => false,
            '(' => behind.strip_prefix('?').is_some_and(|kind| !kind.starts_with([':', '=', '!', '<'])),
            '*' | '+' | '?' => behind.starts_with('+'),
            _ => false,
        };
        if is_foreign {
            return false;
        }
        is_in_class = if is_in_class { first != ']' } else { first == '[' };
        // What is escaped is passed over with its sign.
        let escaped = if first == '\\' { behind.chars().next().map_or(0, char::len_utf8) } else { 0 };
        rest = &behind[escaped..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_other_languages_are_told_from_those_of_ecma() {
        for pattern in [
            "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z]+$",
            "^[(?)]+$",
            "[[:]",
            r"[\]*++]?",
            r"^\d{2,3}(?:a|b)(?<name>c)(?=d)(?!e)$",
            r"\++",
        ] {
            assert!(is_of_ecma(pattern), "{pattern}");
        }
        for pattern in ["(?i)a", r"\Aa", r"a\Z", "[[:alpha:]]", "a++", "(?>a)", "(?P<n>a)", "[a]*+"] {
            assert!(!is_of_ecma(pattern), "{pattern}");
        }
    }
}
