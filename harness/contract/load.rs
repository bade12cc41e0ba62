//! Reads an OpenAPI 3.1 document into the model: the one operation, its body, its answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::direction::{Direction, left_out_of};
use super::dispute::{self, Disputes};
use super::error_code::{error_code, no_error_code};
use super::example::{check_annotations, compiled, first_example};
use super::model::{Body, Coding, Operation, Responses, Security, SizeLimit};
use super::number::whole;
use super::parameter::parameters;
use super::reader::Reader;
use super::resolve::References;
use super::sample::sample;
use super::schema;
use crate::document::error::Flaw;
use crate::document::node::{METHODS, Node};
use crate::document::strict;
use crate::identity::{OperationName, Part, Site};

const JSON: &str = "application/json";

pub(super) fn load(source: &str) -> Result<(Value, Operation), Flaw> {
    let document = strict::tree(source)?;
    let root = Reader::new(&document, "")?;
    let version = root.need_text("openapi")?;
    if !version.starts_with("3.1.") {
        return Err(root.fault_at("openapi", format!("{version} is not modelled where marks such as `x-disputed` stand in it; write an OpenAPI 3.1 document, or leave the marks out")));
    }
    let known = ["openapi", "info", "servers", "tags", "paths", "components", "externalDocs", "x-disputes"];
    root.only(&known, "a contract")?;
    let paths = root.object("paths")?;
    let path = single(&paths, &paths.names().collect::<Vec<_>>(), "path")?;
    let item = paths.object(path)?;
    let method = single(&item, &item.names().filter(|name| METHODS.contains(name)).collect::<Vec<_>>(), "operation")?;
    let shared = ["parameters", "summary", "description"];
    item.only(&[&shared[..], &METHODS[..]].concat(), "a path")?;
    let reading = Loader { references: References::of(&document), disputes: Disputes::of(&root)? };
    let operation = reading.operation(path, &item, method)?;
    reading.components(&root)?;
    Ok((document, operation))
}

fn single<'a>(reader: &Reader<'_>, names: &[&'a str], what: &str) -> Result<&'a str, Flaw> {
    match *names {
        [name] => Ok(name),
        [] => Err(reader.fault(format!("there is no {what}; describe the one to test"))),
        [_, other, ..] => {
            Err(reader.fault_at(other, format!("a second {what} is not modelled; give each a document of its own")))
        }
    }
}

/// What is needed to read any part of the document.
struct Loader<'a> {
    references: References<'a>,
    disputes: Disputes,
}

impl Loader<'_> {
    fn operation(&self, path: &str, item: &Reader<'_>, method: &str) -> Result<Operation, Flaw> {
        let here = item.object(method)?;
        if matches!(method, "head" | "trace") {
            return Err(
                here.fault(format!("`{method}` is not modelled: it has no body, or no answer with one; use another"))
            );
        }
        here.only(
            &[
                "operationId",
                "summary",
                "description",
                "tags",
                "parameters",
                "requestBody",
                "responses",
                "externalDocs",
            ],
            "an operation",
        )?;
        let name = OperationName::new(&method.to_uppercase(), path);
        Ok(Operation {
            method: name.method().to_owned(),
            path: path.to_owned(),
            base_path: String::new(),
            parameters: parameters(&self.references, &name, item, &here)?,
            body: self.body(&Site::new(&name, Part::Body, []), &here)?,
            responses: self.responses(&here)?,
            // A document of the strict kind has none.
            security: Security::default(),
            settled: Vec::new(),
            is_open: false,
        })
    }

    fn body(&self, site: &Site, operation: &Reader<'_>) -> Result<Body, Flaw> {
        let pointer = operation.below("requestBody");
        let (body, pointer) = self.references.followed(operation.need("requestBody")?, Node::Body, &pointer)?;
        let here = Reader::new(body, &pointer)?;
        here.only(&["required", "description", "content", "x-disputed"], "a request body")?;
        if !here.flag("required")? {
            return Err(here.fault("an optional request body is not modelled; write `required: true`"));
        }
        let media = media_type(&here, "a request body")?;
        let pointer = media.below("schema");
        let whole = self.references.resolved(media.need("schema")?, Node::Schema, &pointer)?;
        let schema = Direction::Request.of(whole.clone(), &pointer)?;
        let places = schema::places(&self.references, &self.disputes, site, media.need("schema")?, &pointer)?;
        let example = first_example(&self.references, &media, &compiled(&schema, &pointer)?)?;
        let example_doubt = example
            .as_ref()
            .and_then(|example| left_out_of(Direction::Request, &whole, &example.value))
            .map(|member| format!("the example holds {member}, which is `readOnly`"));
        let example = example.map(|example| example.text);
        check_annotations(&self.references, media.need("schema")?, &pointer)?;
        Ok(Body {
            is_sent: true,
            is_required: true,
            media_type: JSON.to_owned(),
            coding: Coding::Json,
            media_types: vec![JSON.to_owned()],
            doubt: None,
            places,
            schema,
            example,
            example_doubt,
            present: BTreeSet::new(),
            beside: BTreeMap::new(),
            ordinary: BTreeMap::new(),
            size_limit: self.size_limit(&here)?,
        })
    }

    fn size_limit(&self, body: &Reader<'_>) -> Result<Option<SizeLimit>, Flaw> {
        let doubts = self.disputes.named_at(body)?;
        if let Some(other) = doubts.iter().find(|doubt| doubt.keyword != "size") {
            return Err(dispute::misplaced(body, other, "only a `size` dispute is about a request body; move it"));
        }
        let bytes = |doubt: &dispute::Dispute| usize::try_from(whole(doubt.value.as_ref()?)?).ok();
        let limit = |doubt| Some(SizeLimit { bytes: bytes(doubt)?, reason: doubt.reason.clone() });
        Ok(doubts.first().and_then(|doubt| limit(doubt)))
    }

    /// The schemas that anyone may refer to, whether the operation does or not.
    fn components(&self, root: &Reader<'_>) -> Result<(), Flaw> {
        if root.get("components").is_none() {
            return Ok(());
        }
        let components = root.object("components")?;
        if components.get("schemas").is_none() {
            return Ok(());
        }
        let schemas = components.object("schemas")?;
        for name in schemas.names() {
            check_annotations(&self.references, schemas.need(name)?, &schemas.below(name))?;
        }
        Ok(())
    }

    fn responses(&self, operation: &Reader<'_>) -> Result<Responses, Flaw> {
        let here = operation.object("responses")?;
        if let Some(name) =
            here.names().find(|name| !name.starts_with('2') && *name != "4XX" && !name.starts_with("x-"))
        {
            let problem = "is not modelled; describe one success such as '200', and '4XX' for refusals";
            return Err(here.fault_at(name, problem));
        }
        let success =
            single(&here, &here.names().filter(|name| name.starts_with('2')).collect::<Vec<_>>(), "success answer")?;
        let success_status = match success.parse() {
            Ok(204 | 205) => {
                return Err(here.fault_at(success, "has no body by its nature; describe an answer with one"));
            }
            Ok(status @ 200..=299) => status,
            _ => {
                let problem = "must be one status, such as '200'; ranges of success are not modelled";
                return Err(here.fault_at(success, problem));
            }
        };
        let success_name = success;
        let (success, success_example, success_source) = self.answer(&here, success)?;
        let (refusal, refusal_example, refusal_source) = self.answer(&here, "4XX")?;
        no_error_code(&success, &schema_pointer(&here, success_name))?;
        let error_code = error_code(&refusal, &schema_pointer(&here, "4XX"))?;
        Ok(Responses {
            documented: Vec::new(),
            success_status,
            success,
            success_example,
            success_source,
            refusal,
            refusal_example,
            refusal_source,
            error_code,
        })
    }

    /// The schema of one documented answer, an example of it, and where it stands.
    fn answer(&self, responses: &Reader<'_>, status: &str) -> Result<(Value, Value, String), Flaw> {
        let pointer = responses.below(status);
        let value = self.references.resolved(responses.need(status)?, Node::Response, &pointer)?;
        let here = Reader::new(&value, &pointer)?;
        here.only(&["description", "content", "headers"], "an answer")?;
        let media = media_type(&here, "an answer")?;
        let schema = Direction::Answer.of(media.need("schema")?.clone(), &media.below("schema"))?;
        let validator = compiled(&schema, &media.below("schema"))?;
        check_annotations(&self.references, &schema, &media.below("schema"))?;
        let example = match first_example(&self.references, &media, &validator)? {
            Some(example) => example.value,
            None => sample(&schema),
        };
        if !validator.is_valid(&example) {
            return Err(media.fault("an answer cannot be made up from the schema; add an `example`"));
        }
        let source = schema.get("x-source").and_then(Value::as_str).unwrap_or(&pointer).to_owned();
        Ok((schema, example, source))
    }
}

/// Where the schema of an answer stands.
fn schema_pointer(responses: &Reader<'_>, status: &str) -> String {
    format!("{}/content/application~1json/schema", responses.below(status))
}

/// What is said of JSON, the one media type that is modelled.
fn media_type<'a>(here: &Reader<'a>, what: &str) -> Result<Reader<'a>, Flaw> {
    let content = here.object("content")?;
    content.only(&[JSON], what)?;
    let media = content.object(JSON)?;
    media.only(&["schema", "example", "examples"], "a media type")?;
    Ok(media)
}
