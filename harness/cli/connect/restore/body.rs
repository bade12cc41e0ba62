//! A thing as text: what was read is what is sent, to the last digit.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::contract::Operation;
use crate::rule::{Part, Site, Step};
use crate::validate::Judge;

/// So many places are named of those that differ.
const NAMED: usize = 5;

/// A JSON object, as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::cli) struct Body {
    text: String,
    value: Value,
}

impl Body {
    /// Reads a body; an error that says why it is none.
    pub(in crate::cli) fn read(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is no text".to_owned())?;
        match serde_json::from_str(text) {
            Ok(value @ Value::Object(_)) => Ok(Self { text: text.to_owned(), value }),
            Ok(_) => Err("it is no JSON object".to_owned()),
            Err(error) => Err(format!("it is no JSON: {error}")),
        }
    }

    pub(in crate::cli) fn text(&self) -> &str {
        &self.text
    }

    /// Its members.
    pub(super) fn members(&self) -> Option<&serde_json::Map<String, Value>> {
        self.value.as_object()
    }

    /// Why the contract does not allow it as a body, with or without what [`Body::reduced`] leaves out.
    pub(super) fn doubt(&self, operation: &Operation) -> Option<String> {
        let judge = Judge::new(operation);
        let reduced = self.reduced(operation).and_then(|text| serde_json::from_str(&text).ok());
        if judge.accepts(&self.value) || reduced.as_ref().is_some_and(|reduced| judge.accepts(reduced)) {
            return None;
        }
        let broken = judge.violations(reduced.as_ref().unwrap_or(&self.value)).into_iter().next()?;
        Some(format!("the contract's {} at {}", broken.broken, broken.place))
    }

    /// The text without nulls and without members that the contract does not have, because clients of a service drop both;
    /// nothing where there are none of these.
    pub(super) fn reduced(&self, operation: &Operation) -> Option<String> {
        let reduced = reduced(&operation.site(Part::Body), operation, &self.text);
        let same = serde_json::from_str::<Value>(&reduced).is_ok_and(|reduced| reduced == self.value);
        (!same).then_some(reduced)
    }

    /// The places at which another body differs, in words; nothing where there are none.
    pub(super) fn differences(&self, operation: &Operation, other: &Self) -> Option<String> {
        let mut differing = Vec::new();
        compare(&operation.site(Part::Body), &self.value, &other.value, &mut differing);
        let named: Vec<&str> = differing.iter().take(NAMED).map(Site::as_str).collect();
        let named = named.join(", ");
        match differing.len().saturating_sub(NAMED) {
            0 if differing.is_empty() => None,
            0 => Some(named),
            more => Some(format!("{named} and {more} more")),
        }
    }
}

fn reduced(site: &Site, operation: &Operation, text: &str) -> String {
    let known = |site: &Site| operation.places().any(|(_, place)| place.site == *site);
    if let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
        let members: Vec<String> = members
            .iter()
            .filter(|(_, value)| value.get() != "null")
            .map(|(name, value)| (name, site.below(Step::member(name)), value))
            .filter(|(_, site, _)| known(site))
            .map(|(name, site, value)| {
                format!("{}:{}", Value::from(name.as_str()), reduced(&site, operation, value.get()))
            })
            .collect();
        format!("{{{}}}", members.join(","))
    } else if let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(text) {
        let site = site.below(Step::Element);
        let elements: Vec<String> = elements.iter().map(|element| reduced(&site, operation, element.get())).collect();
        format!("[{}]", elements.join(","))
    } else {
        text.to_owned()
    }
}

/// Names the places at which two bodies differ.
fn compare(site: &Site, was: &Value, now: &Value, differing: &mut Vec<Site>) {
    match (was, now) {
        (Value::Object(was), Value::Object(now)) => {
            let mut names: Vec<&String> = was.keys().chain(now.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let null = &Value::Null;
                // A null that has become an absence says the same.
                let (was, now) = (was.get(name).unwrap_or(null), now.get(name).unwrap_or(null));
                compare(&site.below(Step::member(name)), was, now, differing);
            }
        }
        (Value::Array(was), Value::Array(now)) if was.len() == now.len() => {
            for (was, now) in was.iter().zip(now) {
                compare(&site.below(Step::Element), was, now, differing);
            }
        }
        (was, now) if was != now && !differing.contains(site) => differing.push(site.clone()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Contract;

    fn body(text: &str) -> Body {
        Body::read(text.as_bytes()).expect("it is an object")
    }

    #[test]
    fn what_the_contract_does_not_take_is_left_out_and_the_rest_is_as_it_was_written() {
        let contract = Contract::shipped();
        let reduced = |text: &str| body(text).reduced(contract.operation());
        let text = r#"{ "name" : "a", "migrate_speed": 0.10000000000000000000001, "sub_tasks": [ {"name": "one"} ] }"#;
        assert_eq!(reduced(text), None);
        let more = r#"{"name":"\u00e4","mine":1,"float_ip":null,"migrate_speed":12345678901234567890123,
                       "sub_tasks":[{"name":"one","user_op":null,"mine":{}}]}"#;
        let less = r#"{"migrate_speed":12345678901234567890123,"name":"\u00e4","sub_tasks":[{"name":"one"}]}"#;
        assert_eq!(reduced(more).as_deref(), Some(less));
    }

    #[test]
    fn what_the_contract_does_not_allow_is_told() {
        let contract = Contract::shipped();
        let doubt = |text: &str| body(text).doubt(contract.operation());
        assert_eq!(doubt(r#"{"name":"a","mine":1}"#), None);
        assert_eq!(doubt(r#"{"name":7}"#).as_deref(), Some("the contract's type at body.name"));
    }

    #[test]
    fn differences_are_named_by_place() {
        let contract = Contract::shipped();
        let told = |one: &str, other: &str| body(one).differences(contract.operation(), &body(other));
        assert_eq!(told(r#"{"a":null,"b":[{"c":1}]}"#, r#"{"b":[{"c":1}]}"#), None);
        assert_eq!(told(r#"{"b":[{"c":1},{"c":2}]}"#, r#"{"b":[{"c":3},{"c":4}]}"#).as_deref(), Some("body.b[].c"));
        let (one, other) = (r#"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1}"#, "{}");
        assert_eq!(told(one, other).as_deref(), Some("body.a, body.b, body.c, body.d, body.e and 2 more"));
    }
}
