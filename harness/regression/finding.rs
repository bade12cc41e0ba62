//! Reads findings back out of a report, or out of a file that holds one.

use serde::Deserialize;
use serde_json::Value;

use crate::exchange::Request;
use crate::report::json::{SCHEMA, unknown_schema};
use crate::report::sound::damage;

/// What of a finding makes a case.
#[derive(Debug, Deserialize)]
pub(super) struct Finding {
    pub(super) id: String,
    pub(super) expected: String,
    pub(super) observed: String,
    request: Sent,
}

#[derive(Debug, Deserialize)]
struct Sent {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

/// Whether the JSON is a report, or a finding.
pub(super) fn is_one(json: &Value) -> bool {
    json.get("findings").is_some_and(Value::is_array) || (json.get("side").is_some() && json.get("request").is_some())
}

/// The findings of a report, or the one that the file holds.
pub(super) fn read(json: Value) -> Result<Vec<Finding>, String> {
    let schema = json.get("schema").and_then(Value::as_u64).and_then(|schema| u32::try_from(schema).ok());
    if let Some(schema) = schema.filter(|schema| *schema > SCHEMA) {
        return Err(unknown_schema(schema));
    }
    let entries = match json.get("findings") {
        Some(Value::Array(entries)) => entries.clone(),
        _ => vec![json],
    };
    let read = |entry| {
        if let Some(damage) = damage(&entry) {
            return Err(format!("of a finding in it: {damage}"));
        }
        serde_json::from_value(entry).map_err(|error| format!("a finding in it cannot be read: {error}"))
    };
    entries.into_iter().map(read).collect()
}

impl Finding {
    /// The request that shows it; an error where the report tells it only in part.
    pub(super) fn request(&self) -> Result<Request, String> {
        let Sent { method, path, headers, body } = &self.request;
        let mut told = headers.iter().map(|(_, value)| value).chain(body);
        if told.any(|text| text.contains('\u{fffd}') || text.ends_with(" bytes in all)")) {
            return Err(format!(
                "the report tells the request of {} only in part; where the body is what matters, save the one that its \
                 `curl` line sends, and promote that with --as payload",
                self.id
            ));
        }
        let body = body.as_ref().map(|body| body.clone().into_bytes());
        Ok(Request { method: method.clone(), path: path.clone(), headers: headers.clone(), body: body.map(Into::into) })
    }
}
