//! How a caller of a service in Swagger 2.0 says who it is.

use serde_json::{Map, Value, json};

/// A security scheme in the words of 3.1; as it stands where it is none of 2.0.
pub(super) fn scheme(scheme: Value) -> Value {
    let Value::Object(mut members) = scheme else { return scheme };
    match members.get("type").and_then(Value::as_str) {
        Some("basic") => {
            members.insert("type".to_owned(), "http".into());
            members.insert("scheme".to_owned(), "basic".into());
        }
        Some("oauth2") => {
            let name = match members.shift_remove("flow").as_ref().and_then(Value::as_str) {
                Some("application") => "clientCredentials",
                Some("accessCode") => "authorizationCode",
                Some("password") => "password",
                _ => "implicit",
            };
            let parts = ["authorizationUrl", "tokenUrl", "scopes"].into_iter();
            let flow: Map<String, Value> =
                parts.filter_map(|part| Some((part.to_owned(), members.shift_remove(part)?))).collect();
            members.insert("flows".to_owned(), json!({name: flow}));
        }
        _ => {}
    }
    members.into()
}
