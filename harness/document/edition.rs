//! Which edition of OpenAPI a document is written in, and how it becomes one of 3.1.

use serde_json::Value;

use super::error::Flaw;
use super::node::Node;
use super::notes::Notes;
use super::reference;
use super::schema::{lower, said_anew, tell_dropped};
use super::swagger;
use super::unread;
use super::walk::{Path, walk};

/// An edition of OpenAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// Swagger 2.0.
    V2,
    /// OpenAPI 3.0.
    V30,
    /// OpenAPI 3.1, and what comes after it.
    V31,
}

impl Edition {
    /// Whether it has a keyword of JSON Schema: what it has not its document may mean, and nobody need read.
    pub(crate) fn knows(self, keyword: &str) -> bool {
        let is_of_3_1 = matches!(
            keyword,
            "const"
                | "contains"
                | "prefixItems"
                | "propertyNames"
                | "patternProperties"
                | "dependentRequired"
                | "dependentSchemas"
                | "minContains"
                | "maxContains"
                | "if"
                | "then"
                | "else"
        );
        let is_of_3_0 = matches!(keyword, "oneOf" | "anyOf" | "not");
        match self {
            Self::V31 => true,
            Self::V30 => !is_of_3_1,
            Self::V2 => !is_of_3_1 && !is_of_3_0,
        }
    }

    /// The edition that a document names; what none of ours is, is read as the one that it most likely resembles.
    pub(super) fn of(tree: &Value, notes: &mut Notes) -> Result<Self, Flaw> {
        let Value::Object(members) = tree else {
            return Err(Flaw::at("", "is no OpenAPI document: it must be a mapping"));
        };
        if let Some(version) = members.get("openapi") {
            let text = written(version);
            return Ok(match text.trim() {
                text if is_of(text, "3.0") || text == "3" => Self::V30,
                text if is_of(text, "3.1") => Self::V31,
                text => {
                    let what = format!("the edition `{text}` is not known");
                    notes.remark("/openapi", &what, "it is read as OpenAPI 3.1; what else it has is not tested");
                    Self::V31
                }
            });
        }
        let Some(version) = members.get("swagger").or_else(|| members.get("swaggerVersion")) else {
            let problem = "is no OpenAPI document: it has neither `openapi` nor `swagger`; name its edition";
            return Err(Flaw::at("", problem));
        };
        let text = written(version);
        if !is_of(text.trim(), "2.0") && text.trim() != "2" {
            let what = format!("the edition `{}` is not known", text.trim());
            notes.remark("/swagger", &what, "it is read as Swagger 2.0");
        }
        Ok(Self::V2)
    }
}

/// Whether a version is of this edition: `3.0`, `3.0.3` or `3.0.0-rc1`.
fn is_of(version: &str, edition: &str) -> bool {
    version.strip_prefix(edition).is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()))
}

fn written(version: &Value) -> String {
    match version {
        Value::String(text) => text.clone(),
        // Nobody who writes 2 or 3.0 without quotes means a number.
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// Makes a document one of OpenAPI 3.1.
pub(super) fn rewrite(tree: &mut Value, edition: Edition, notes: &mut Notes) {
    if edition == Edition::V31 {
        walk(tree, Node::Document, &Path::ROOT, &mut |value, node, path| {
            if node == Node::Schema {
                unread::mark(value, false, path, notes);
            }
        });
        return;
    }
    let nullable = if edition == Edition::V2 {
        swagger::rewrite(tree, notes);
        "x-nullable"
    } else {
        tree["openapi"] = "3.1.0".into();
        "nullable"
    };
    walk(tree, Node::Document, &Path::ROOT, &mut |value, node, path| {
        if node == Node::Schema {
            if edition == Edition::V2 {
                said_anew(value);
            }
            unread::mark(value, true, path, notes);
            unread::mark_foreign(value, nullable);
            lower(value, nullable, path, notes);
        }
    });
    if notes.has_wrapped() {
        walk(tree, Node::Document, &Path::ROOT, &mut |value, node, _| redirect(value, node, notes));
    }
    tell_dropped(tree, notes);
}

/// Corrects a reference to what stands within a schema that was wrapped.
fn redirect(value: &mut Value, node: Node, notes: &Notes) {
    if !node.may_be_reference() {
        return;
    }
    let Some(Value::String(reference)) = value.get_mut("$ref") else { return };
    let Some(target) = reference::target(reference) else { return };
    let now = notes.now(&target);
    if now != target {
        *reference = reference::to(&now);
    }
}
