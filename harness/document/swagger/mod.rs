//! Swagger 2.0, put into the places of OpenAPI 3.1. Its schemas stay as they are: they are said anew where they stand then.

mod body;
mod media;
mod parameter;
mod response;
mod security;

use serde_json::{Map, Value, json};

use super::node::{METHODS, Node};
use super::notes::Notes;
use super::reference;
use super::walk::{Path, walk};
use crate::text::pointer;
use parameter::Written;

/// What of the document its operations need.
struct Shared<'a> {
    /// The parameters that operations refer to.
    parameters: &'a Map<String, Value>,
    consumes: Vec<String>,
    produces: Vec<String>,
}

/// Makes a document of Swagger 2.0 one of OpenAPI 3.1, but for what its schemas say.
pub(super) fn rewrite(tree: &mut Value, notes: &mut Notes) {
    let Value::Object(members) = tree.take() else { return };
    let parameters = members.get("parameters").and_then(Value::as_object).cloned().unwrap_or_default();
    let shared = Shared {
        parameters: &parameters,
        consumes: media::types(members.get("consumes"), "/consumes", notes),
        produces: media::types(members.get("produces"), "/produces", notes),
    };
    let mut new = Map::new();
    new.insert("openapi".to_owned(), "3.1.0".into());
    notes.moved("/openapi", "/swagger");
    if let Some(servers) = servers(&members) {
        new.insert("servers".to_owned(), servers);
        notes.moved("/servers", if members.contains_key("basePath") { "/basePath" } else { "/host" });
    }
    let mut components = Map::new();
    for (name, value) in members {
        match (name.as_str(), value) {
            ("swagger" | "host" | "basePath" | "schemes" | "consumes" | "produces" | "openapi" | "servers", _) => {}
            ("definitions", definitions) => {
                notes.moved("/components/schemas", "/definitions");
                components.insert("schemas".to_owned(), definitions);
            }
            ("parameters", Value::Object(all)) => shared.components(all, &mut components, notes),
            ("responses", Value::Object(all)) => {
                notes.moved("/components/responses", "/responses");
                let answers = response::named(all, "/responses", "/components/responses", &shared.produces, notes);
                components.insert("responses".to_owned(), answers);
            }
            ("securityDefinitions", Value::Object(all)) => {
                notes.moved("/components/securitySchemes", "/securityDefinitions");
                let schemes = all.into_iter().map(|(name, scheme)| (name, security::scheme(scheme)));
                components.insert("securitySchemes".to_owned(), schemes.collect::<Map<_, _>>().into());
            }
            ("paths", Value::Object(paths)) => {
                let paths = paths.into_iter().map(|(path, item)| {
                    let at = pointer::below("/paths", &path);
                    let item = if path.starts_with("x-") { item } else { shared.path(item, &at, notes) };
                    (path, item)
                });
                let paths: Map<_, _> = paths.collect();
                new.insert(name, paths.into());
            }
            (_, value) => {
                new.insert(name, value);
            }
        }
    }
    if !components.is_empty() {
        new.insert("components".to_owned(), components.into());
    }
    *tree = new.into();
    let moves = notes.moves();
    walk(tree, Node::Document, &Path::ROOT, &mut |value, node, _| {
        if node.may_be_reference()
            && let Some(Value::String(reference)) = value.get_mut("$ref")
            && let Some(target) = reference::target(reference)
            && let Some(now) = moves.to(&target)
        {
            *reference = reference::to(&now);
        }
    });
}

impl Shared<'_> {
    /// The parameters that anyone may refer to: those of forms are written out where they are used.
    fn components(&self, all: Map<String, Value>, components: &mut Map<String, Value>, notes: &mut Notes) {
        notes.moved("/components/parameters", "/parameters");
        let (mut parameters, mut bodies) = (Map::new(), Map::new());
        for (name, parameter) in all {
            let from = pointer::below("/parameters", &name);
            match parameter.get("in").and_then(Value::as_str) {
                Some("body") => {
                    let at = pointer::below("/components/requestBodies", &name);
                    let body = body::of_schema(&Written { parameter, from }, &self.consumes, &at, notes);
                    bodies.insert(name, body);
                }
                Some("formData") => {}
                _ => {
                    let at = pointer::below("/components/parameters", &name);
                    parameters.insert(name, parameter::rewrite(Written { parameter, from }, &at, notes));
                }
            }
        }
        for (name, all) in [("parameters", parameters), ("requestBodies", bodies)] {
            if !all.is_empty() {
                components.insert(name.to_owned(), all.into());
            }
        }
    }

    fn path(&self, item: Value, at: &str, notes: &mut Notes) -> Value {
        let Value::Object(mut members) = item else { return item };
        let written = self.written(members.shift_remove("parameters"), at, notes);
        let (bodies, others): (Vec<_>, Vec<_>) = written.into_iter().partition(Written::is_of_body);
        let mut new = Map::new();
        if !others.is_empty() {
            new.insert("parameters".to_owned(), parameter::all(others, at, notes));
        }
        for (name, value) in members {
            let value = match value {
                Value::Object(operation) if METHODS.contains(&name.as_str()) => {
                    self.operation(operation, &pointer::below(at, &name), &bodies, notes).into()
                }
                value => value,
            };
            new.insert(name, value);
        }
        new.into()
    }

    fn operation(
        &self,
        operation: Map<String, Value>,
        at: &str,
        of_path: &[Written],
        notes: &mut Notes,
    ) -> Map<String, Value> {
        let mut own = |name: &str, all: &[String]| match operation.get(name) {
            Some(own) => media::types(Some(own), at, notes),
            None => all.to_vec(),
        };
        let (consumes, produces) = (own("consumes", &self.consumes), own("produces", &self.produces));
        let mut new = Map::new();
        let mut bodies = Vec::new();
        for (name, value) in operation {
            match (name.as_str(), value) {
                ("consumes" | "produces" | "schemes", _) => {}
                ("parameters", value) => {
                    let written = self.written(Some(value), at, notes);
                    let (of_body, others): (Vec<_>, Vec<_>) = written.into_iter().partition(Written::is_of_body);
                    bodies = of_body;
                    new.insert(name, parameter::all(others, at, notes));
                }
                ("responses", Value::Object(all)) => {
                    let from = pointer::below(at, "responses");
                    new.insert(name, response::named(all, &from, &from, &produces, notes));
                }
                (_, value) => {
                    new.insert(name, value);
                }
            }
        }
        // The path's parameters are every operation's, unless it has its own in their place.
        let overridden = |shared: &Written| bodies.iter().any(|own| own.stands_for(shared));
        let inherited: Vec<_> = of_path.iter().filter(|shared| !overridden(shared)).cloned().collect();
        bodies.splice(0..0, inherited);
        if let Some(body) = body::of_parameters(bodies, &consumes, &pointer::below(at, "requestBody"), notes) {
            new.insert("requestBody".to_owned(), body);
        }
        new
    }

    /// The parameters of a path or an operation; what they refer to where that is part of a body.
    fn written(&self, parameters: Option<Value>, at: &str, notes: &mut Notes) -> Vec<Written> {
        let at = pointer::below(at, "parameters");
        let listed = match parameters {
            Some(Value::Array(listed)) => listed,
            None => return Vec::new(),
            Some(_) => {
                notes.remark(&at, "`parameters` is no list", "it is ignored");
                return Vec::new();
            }
        };
        let written = listed.into_iter().enumerate().map(|(index, parameter)| {
            let from = format!("{at}/{index}");
            let of_body = self.body_referred_to(&parameter, &at, notes);
            Written { parameter: of_body.unwrap_or(parameter), from }
        });
        written.collect()
    }

    /// The part of a body that a parameter refers to.
    fn body_referred_to(&self, parameter: &Value, at: &str, notes: &mut Notes) -> Option<Value> {
        let target = reference::target(parameter.get("$ref")?.as_str()?)?;
        let name = target.strip_prefix("/parameters/")?;
        let shared = self.parameters.get(&pointer::unescaped(name))?;
        match shared.get("in").and_then(Value::as_str) {
            Some("body") => {
                // Its schema stays where it is: a thousand operations may share it.
                let mut copy = shared.clone();
                let media = body::of_consumes(&self.consumes);
                let schema = pointer::below(&format!("/components/requestBodies/{name}/content"), media.first()?);
                copy["schema"] = json!({"$ref": reference::to(&format!("{schema}/schema"))});
                Some(copy)
            }
            Some("formData") if notes.may_copy(shared) => Some(shared.clone()),
            Some("formData") => {
                let what = format!("`#{target}` is used more often than can be written out");
                notes.remark(at, &what, "it is ignored");
                None
            }
            _ => None,
        }
    }
}

/// The servers that host, base path and schemes stand for.
fn servers(members: &Map<String, Value>) -> Option<Value> {
    let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let (host, base) = (text("host"), text("basePath"));
    if host.is_none() && base.is_none() {
        return None;
    }
    let path = base.unwrap_or_default().trim_matches('/');
    let Some(host) = host else { return Some(json!([{"url": format!("/{path}")}])) };
    let mut schemes = media::texts(members.get("schemes"));
    if schemes.is_empty() {
        schemes.push("https".to_owned());
    }
    let server = |scheme: String| json!({"url": format!("{scheme}://{host}/{path}")});
    Some(schemes.into_iter().map(server).collect())
}
