//! Whether what stands in a file is what was written there: a finding carries a checksum of its other members, so that one
//! changed byte does not make another finding of it.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::fingerprint::of_texts;

/// The member with the checksum.
const CHECK: &str = "check";

/// An object as JSON, with its checksum.
///
/// # Panics
///
/// Never: what is written so is an object that can be written as JSON.
pub(crate) fn checked(object: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(object) {
        Ok(Value::Object(mut members)) => {
            let check = of(&members);
            members.insert(CHECK.to_owned(), Value::from(check));
            members
        }
        other => panic!("no object that can be written as JSON: {other:?}"),
    }
}

/// Why an object is not what was written; nothing for one without a checksum, which an earlier version wrote.
#[cfg(feature = "cli")]
pub(crate) fn damage(entry: &Value) -> Option<String> {
    let members = entry.as_object()?;
    let fits = members.get(CHECK)?.as_str().is_some_and(|check| check == of(members));
    (!fits)
        .then(|| "it was changed: its `check` does not fit; remove that member where the change was meant".to_owned())
}

fn of(members: &Map<String, Value>) -> String {
    // A waiver is put to a finding, and is none of it.
    let others = members.iter().filter(|(name, _)| !matches!(name.as_str(), CHECK | "waiver"));
    let texts: Vec<String> = others.map(|(name, value)| format!("{}:{value}", Value::from(name.as_str()))).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    format!("{:016x}", of_texts(&texts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_changed_is_told() {
        let whole = Value::Object(checked(&json!({"id": "a", "cause": null, "request": {"headers": [["b", "c"]]}})));
        assert_eq!(damage(&whole), None);
        let mut waived = whole.clone();
        waived["waiver"] = json!({});
        assert_eq!(damage(&waived), None);
        for (member, value) in [("id", json!("b")), ("cause", json!("c")), ("more", json!(1)), ("check", json!("0"))] {
            let mut changed = whole.clone();
            changed[member] = value;
            assert!(damage(&changed).is_some(), "{member}");
        }
        assert_eq!(damage(&json!({"id": "a"})), None);
    }
}
