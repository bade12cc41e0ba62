//! Contracts: the document as it is, and one for each of its schemas, in which that schema is the whole body.

use serde_json::{Map, Value, json};

use crate::contract::{Contract, ContractError};
use crate::text::pointer;

/// What explains, and decides nothing about a body.
const PROSE: [&str; 5] = ["description", "summary", "x-notes", "x-error-code", "tags"];
/// Where the names of members are, which are never prose.
const NAMES: [&str; 2] = ["properties", "schemas"];

pub(super) fn seeds(contract: &Contract) -> Result<Vec<(String, Vec<u8>)>, ContractError> {
    let mut seeds = vec![("whole.yaml".to_owned(), contract.text().as_bytes().to_vec())];
    let schemas = contract.document().pointer("/components/schemas").and_then(Value::as_object);
    let mut smallest: Option<String> = None;
    for (name, schema) in schemas.into_iter().flatten() {
        if schema.get("type") != Some(&json!("object")) {
            continue;
        }
        let document = about(contract, name);
        let text = document.to_string();
        // What is no contract by itself would teach a fuzzer nothing.
        Contract::from_text(name, &text)?;
        let mut yaml = String::new();
        write_yaml(&document, 0, &mut yaml);
        seeds.push((format!("{name}.yaml"), yaml.into_bytes()));
        smallest = Some(smallest.filter(|other| other.len() < text.len()).unwrap_or(text));
    }
    seeds.extend(smallest.map(|text| ("smallest.json".to_owned(), text.into_bytes())));
    Ok(seeds)
}

/// The contract with this schema for a body, and without what that does not need.
fn about(contract: &Contract, name: &str) -> Value {
    let operation = contract.operation();
    let mut document = contract.document().clone();
    let path = pointer::below("/paths", &operation.path);
    let pointer = format!("{path}/{}/requestBody/content/application~1json", operation.method.to_lowercase());
    if let Some(media) = document.pointer_mut(&pointer) {
        *media = json!({"schema": {"$ref": format!("#/components/schemas/{name}")}});
    }
    strip(&mut document, false);
    let needed = needed(&document);
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.retain(|name, _| needed.contains(name));
    }
    document
}

/// Takes the prose out.
fn strip(value: &mut Value, names: bool) {
    match value {
        Value::Object(members) => {
            if !names {
                members.retain(|name, _| !PROSE.contains(&name.as_str()));
            }
            for (name, value) in members {
                strip(value, !names && NAMES.contains(&name.as_str()));
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| strip(element, false)),
        _ => {}
    }
}

/// The names of the schemas that the paths lead to.
fn needed(document: &Value) -> Vec<String> {
    let empty = Map::new();
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object).unwrap_or(&empty);
    let mut needed: Vec<String> = Vec::new();
    let mut open: Vec<&Value> = document.get("paths").into_iter().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => open.extend(members.values()),
            Value::Array(elements) => open.extend(elements),
            Value::String(text) => {
                let name = text.strip_prefix("#/components/schemas/").unwrap_or_default();
                if let Some(schema) = schemas.get(name)
                    && !needed.iter().any(|other| other == name)
                {
                    needed.push(name.to_owned());
                    open.push(schema);
                }
            }
            _ => {}
        }
    }
    needed
}

/// Block style, which JSON does not have; names and scalars stand as in JSON, which YAML takes for flow style.
fn write_yaml(value: &Value, depth: usize, out: &mut String) {
    let line = |out: &mut String, start: String, value: &Value| {
        out.extend(std::iter::repeat_n(' ', 2 * depth).chain(start.chars()));
        let nested = value.as_object().is_some_and(|members| !members.is_empty())
            || value.as_array().is_some_and(|elements| !elements.is_empty());
        if nested {
            out.push('\n');
            write_yaml(value, depth + 1, out);
        } else {
            out.extend([" ", &value.to_string(), "\n"]);
        }
    };
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| line(out, format!("{}:", Value::from(name.as_str())), value));
        }
        Value::Array(elements) => elements.iter().for_each(|element| line(out, "-".to_owned(), element)),
        scalar => out.push_str(&scalar.to_string()),
    }
}
