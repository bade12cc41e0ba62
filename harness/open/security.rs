//! How an operation of any document wants to know its caller.

use serde_json::Value;

use super::OperationReader;
use crate::contract::{Carriage, ParameterIn, Security, SecurityScheme};
use crate::document::Document;
use crate::text::pointer;

const SCHEMES: &str = "/components/securitySchemes";

/// The security schemes that a document describes.
pub fn security_schemes(document: &Document) -> Vec<SecurityScheme> {
    let named = document.tree().pointer(SCHEMES).and_then(Value::as_object);
    named.into_iter().flatten().filter_map(|(name, _)| scheme(document, name)).collect()
}

/// The scheme of this name; nothing where the document has none.
fn scheme(document: &Document, name: &str) -> Option<SecurityScheme> {
    let value = document.tree().pointer(&pointer::below(SCHEMES, name))?;
    let value = document.follow(value).unwrap_or(value);
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let carriage = match text("type") {
        "apiKey" => {
            let location = match text("in") {
                "query" => Some(ParameterIn::Query),
                "header" => Some(ParameterIn::Header),
                "cookie" => Some(ParameterIn::Cookie),
                _ => None,
            };
            let location = location.filter(|_| !text("name").is_empty());
            location.map_or(Carriage::Unknown, |location| Carriage::Key(location, text("name").to_owned()))
        }
        "http" => match text("scheme").to_ascii_lowercase().as_str() {
            "" => Carriage::Unknown,
            "basic" => Carriage::Basic,
            "bearer" => Carriage::Bearer,
            _ => Carriage::Whole,
        },
        "oauth2" | "openIdConnect" => Carriage::Bearer,
        "mutualTLS" => Carriage::Connection,
        _ => Carriage::Unknown,
    };
    Some(SecurityScheme { name: name.to_owned(), carriage })
}

impl OperationReader<'_> {
    /// What an operation demands of its caller; what it says itself stands in place of what the document says of all.
    pub(super) fn security(&mut self, operation: &Value, pointer: &str) -> Security {
        let document = self.document;
        let (listed, at) = match (operation.get("security"), document.tree().get("security")) {
            (Some(own), _) => (own, format!("{pointer}/security")),
            (None, Some(all)) => (all, "/security".to_owned()),
            (None, None) => return Security::default(),
        };
        let mut requirements = Vec::new();
        for (number, requirement) in listed.as_array().into_iter().flatten().enumerate() {
            let Value::Object(named) = requirement else {
                self.remark(&format!("{at}/{number}"), "the security requirement is no mapping", "it is not heeded");
                continue;
            };
            let schemes = named.keys().map(|name| {
                let found = scheme(document, name);
                let is_known = found.as_ref().is_some_and(|scheme| scheme.carriage != Carriage::Unknown);
                if !is_known {
                    let what = match found {
                        Some(_) => format!("how a request carries `{name}` is not told, or not known here"),
                        None => format!("no security scheme is called `{name}`"),
                    };
                    self.remark(&format!("{at}/{number}"), what, "no credential is sent for it; give it with --header");
                }
                found.unwrap_or_else(|| SecurityScheme { name: name.clone(), carriage: Carriage::Unknown })
            });
            requirements.push(schemes.collect());
        }
        Security { requirements, given: Vec::new() }
    }
}
