//! Reads the report of an earlier run: which findings it has.

use serde::Deserialize;
use serde_json::Value;

use super::json::{SCHEMA, unknown_schema};
use super::sound;

/// The part of a report that says what was found.
#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    schema: u32,
    findings: Vec<Value>,
}

/// The ids of the findings of a report; why it tells none.
pub fn found(text: &str) -> Result<Vec<String>, String> {
    let report: Report = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if report.schema > SCHEMA {
        return Err(unknown_schema(report.schema));
    }
    if report.findings.is_empty() {
        return Err("it holds no finding".to_owned());
    }
    let id = |finding: &Value| {
        let id = finding.get("id").and_then(Value::as_str).ok_or("a finding in it has no id")?;
        match sound::damage(finding) {
            Some(damage) => Err(format!("of its finding `{id}`: {damage}")),
            None => Ok(id.to_owned()),
        }
    };
    report.findings.iter().map(id).collect()
}
