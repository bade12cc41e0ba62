//! Reads the text of a contract that must be exact, JSON or YAML, as one tree of JSON values: nothing is lost on the way, and
//! nothing guessed.
//!
//! JSON is YAML but for its escapes of characters beyond 16 bits and its tabs, so what is JSON is read as that.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::builder::build;
use super::error::Flaw;
use super::events::Yaml;
use super::lenience::Lenience;

pub(crate) fn tree(text: &str) -> Result<Value, Flaw> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('{') {
        match serde_json::from_str::<Tree>(text) {
            Ok(Tree(value)) => return Ok(value),
            Err(error) if error.is_data() => return Err(Flaw::unreadable(&error.to_string())),
            Err(_) => {}
        }
    }
    Ok(build(&mut Yaml::new(text), Lenience::Strict)?.value)
}

/// A JSON value in which no member was given twice.
struct Tree(Value);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor).map(Self)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Tree(element)) = elements.next_element()? {
            list.push(element);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut mapping = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if mapping.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate key {name:?}")));
            }
            let Tree(value) = members.next_value()?;
            mapping.insert(name, value);
        }
        Ok(mapping.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_what_yaml_would_not_take() {
        let text = "{\n\t\"a\":\t[\"\\ud83d\\ude00\", 18446744073709551615, -0.5, null, true, {}]\n}";
        let value = serde_json::from_str::<Value>(text).expect("JSON");
        assert_eq!(tree(text).expect("it can be read"), value);
        assert_eq!(tree(&format!("\u{feff}{text}")).expect("a mark is no part of it"), value);
    }

    #[test]
    fn an_alias_is_a_copy() {
        let value = tree("a: &x {b: [1, 'two']}\nc: *x\nd: [*x]\n").expect("it can be read");
        let x = serde_json::json!({"b": [1, "two"]});
        assert_eq!(value, serde_json::json!({"a": x, "c": x, "d": [x]}));
    }

    #[test]
    fn braces_alone_make_no_json() {
        assert_eq!(tree("{a: 1, b: [x,]}").expect("YAML"), serde_json::json!({"a": 1, "b": ["x"]}));
    }
}
