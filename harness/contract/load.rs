//! Reads an OpenAPI 3.1 document into the model: the paths, the parameters, the body, the answers.

use serde_json::Value;

use super::error::Fault;
use super::model::{Body, Operation, Parameter, ParameterIn, Responses, SizeLimit};
use super::reader::{Reader, shown};
use super::resolve::resolved;
use super::schema::{self, Disputes};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const JSON: &str = "application/json";

pub(super) fn load(text: &str) -> Result<(Value, Operation), Fault> {
    let document = parse(text)?;
    let root = Reader::new(&document, "")?;
    let version = root.need_text("openapi")?;
    if !version.starts_with("3.1.") {
        return Err(root.fault_at("openapi", format!("{version} is not modelled; write an OpenAPI 3.1 document")));
    }
    root.only(&["openapi", "info", "servers", "tags", "paths", "components", "externalDocs"], "a contract")?;
    let disputes = schema::disputes(&root)?;
    let paths = root.object("paths")?;
    let path = single(&paths, &paths.names().collect::<Vec<_>>(), "path")?;
    let item = paths.object(path)?;
    let method = single(&item, &item.names().filter(|name| METHODS.contains(name)).collect::<Vec<_>>(), "operation")?;
    let shared = ["parameters", "summary", "description"];
    item.only(&[&shared[..], &METHODS[..]].concat(), "a path")?;
    let operation = operation(&document, &disputes, path, &item, method)?;
    Ok((document, operation))
}

fn parse(text: &str) -> Result<Value, Fault> {
    let unreadable =
        |error: String| Fault::at("", format!("is not YAML or JSON that can be read: {error}; correct it"));
    // By way of YAML's own tree, which refuses a key that is given twice.
    let tree: yaml_serde::Value = yaml_serde::from_str(text).map_err(|error| unreadable(error.to_string()))?;
    serde_json::to_value(tree).map_err(|error| unreadable(error.to_string()))
}

fn single<'a>(reader: &Reader<'_>, names: &[&'a str], what: &str) -> Result<&'a str, Fault> {
    match *names {
        [name] => Ok(name),
        [] => Err(reader.fault(format!("there is no {what}; describe the one to test"))),
        [_, other, ..] => {
            Err(reader.fault_at(other, format!("a second {what} is not modelled; give each a document of its own")))
        }
    }
}

fn operation(
    document: &Value,
    disputes: &Disputes,
    path: &str,
    item: &Reader<'_>,
    method: &str,
) -> Result<Operation, Fault> {
    let here = item.object(method)?;
    here.only(
        &["operationId", "summary", "description", "tags", "parameters", "requestBody", "responses", "externalDocs"],
        "an operation",
    )?;
    let mut parameters = Vec::new();
    for owner in [item, &here] {
        for (index, entry) in owner.list("parameters")?.iter().enumerate() {
            let pointer = format!("{}/{index}", owner.below("parameters"));
            parameters.push(parameter(&resolved(document, entry, &pointer)?, &pointer, path)?);
        }
    }
    for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        let described = |parameter: &Parameter| parameter.location == ParameterIn::Path && parameter.name == name;
        if !parameters.iter().any(described) {
            return Err(here.fault(format!("the path's `{{{name}}}` is not among the parameters; describe it")));
        }
    }
    Ok(Operation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        parameters,
        body: body(document, disputes, &here)?,
        responses: responses(document, &here)?,
        settled: Vec::new(),
    })
}

fn parameter(value: &Value, pointer: &str, path: &str) -> Result<Parameter, Fault> {
    let here = Reader::new(value, pointer)?;
    here.only(&["name", "in", "required", "description", "schema", "example"], "a parameter")?;
    let name = here.need_text("name")?;
    let location = match here.need_text("in")? {
        "path" => ParameterIn::Path,
        "header" => ParameterIn::Header,
        other => return Err(here.fault_at("in", format!("`{other}` is not modelled; only path and header are"))),
    };
    if location == ParameterIn::Path && !path.contains(&format!("{{{name}}}")) {
        return Err(here.fault_at("name", format!("`{{{name}}}` does not stand in the path; add it or drop this")));
    }
    if location == ParameterIn::Header && !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(here.fault_at("name", "must be a header's name: letters, digits and hyphens"));
    }
    let schema = here.object("schema")?;
    schema.only(&["type", "minLength", "maxLength", "description", "example"], "a parameter")?;
    if schema.need_text("type")? != "string" {
        return Err(schema.fault_at("type", "only string parameters are modelled"));
    }
    let (min, max) = (schema.length("minLength")?, schema.length("maxLength")?);
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        return Err(schema.fault(format!("`minLength` {min} is above `maxLength` {max}; correct one")));
    }
    let example = match here.text("example")? {
        Some(example) => Some(example),
        None => schema.text("example")?,
    };
    Ok(Parameter {
        name: name.to_owned(),
        location,
        required: here.flag("required")?,
        min,
        max,
        example: example.map(str::to_owned),
        credential: here.flag("x-credential")?,
        source: here.text("x-source")?.unwrap_or(pointer).to_owned(),
    })
}

fn body(document: &Value, disputes: &Disputes, operation: &Reader<'_>) -> Result<Body, Fault> {
    let here = operation.object("requestBody")?;
    here.only(&["required", "description", "content"], "a request body")?;
    if !here.flag("required")? {
        return Err(here.fault("an optional request body is not modelled; write `required: true`"));
    }
    let content = here.object("content")?;
    content.only(&[JSON], "a request body")?;
    let media = content.object(JSON)?;
    media.only(&["schema", "example", "examples"], "a media type")?;
    let schema_pointer = media.below("schema");
    let schema = resolved(document, media.need("schema")?, &schema_pointer)?;
    let places = schema::places(document, disputes, media.need("schema")?, &schema_pointer)?;
    let validator = compiled(&schema, &schema_pointer)?;
    let example = example(&media, &validator)?;
    defaults(document)?;
    let size_limit = schema::disputed(&here, disputes)?
        .into_iter()
        .find(|doubt| doubt.keyword == "size")
        .map(|doubt| match doubt.value.as_ref().and_then(Value::as_u64).map(usize::try_from) {
            Some(Ok(bytes)) => Ok(SizeLimit { bytes, reason: doubt.reason.clone() }),
            _ => Err(here.fault_at("x-disputed", "a `size` dispute needs a `value`: the number of bytes")),
        })
        .transpose()?;
    Ok(Body { places, schema, example, example_doubt: None, size_limit })
}

fn compiled(schema: &Value, pointer: &str) -> Result<jsonschema::Validator, Fault> {
    jsonschema::draft202012::new(schema)
        .map_err(|error| Fault::at(pointer, format!("is no JSON Schema that can be compiled: {error}; correct it")))
}

/// The example's bytes: `x-text` where it stands, else the value written out.
fn example(media: &Reader<'_>, validator: &jsonschema::Validator) -> Result<Option<String>, Fault> {
    let named = if media.get("examples").is_some() { Some(media.object("examples")?) } else { None };
    let example = match &named {
        Some(named) => match named.names().next() {
            Some(first) => named.object(first)?,
            None => return Ok(None),
        },
        None => return Ok(media.get("example").map(Value::to_string)),
    };
    let value = example.need("value")?;
    let text = match example.text("x-text")? {
        Some(text) => {
            if serde_json::from_str::<Value>(text).ok().as_ref() != Some(value) {
                return Err(example.fault_at("x-text", "is not the same JSON as `value`; make them agree"));
            }
            text.to_owned()
        }
        None => value.to_string(),
    };
    match validator.validate(value) {
        Ok(()) => Ok(Some(text)),
        Err(error) => Err(example.fault_at(
            "value",
            format!("breaks the schema at {}: {error}; correct one of them", error.instance_path()),
        )),
    }
}

/// Every default of the component schemas must itself be legal.
fn defaults(document: &Value) -> Result<(), Fault> {
    let Some(schemas) = document.pointer("/components/schemas").and_then(Value::as_object) else { return Ok(()) };
    for (name, schema) in schemas {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { continue };
        for (member, property) in properties {
            let Some(default) = property.get("default") else { continue };
            let pointer = format!("/components/schemas/{name}/properties/{member}");
            if !compiled(property, &pointer)?.is_valid(default) {
                return Err(Fault::at(
                    &pointer,
                    format!("the default {} is not legal there; correct it", shown(default)),
                ));
            }
        }
    }
    Ok(())
}

fn responses(document: &Value, operation: &Reader<'_>) -> Result<Responses, Fault> {
    let here = operation.object("responses")?;
    here.only_statuses()?;
    let success =
        single(&here, &here.names().filter(|name| name.starts_with('2')).collect::<Vec<_>>(), "success answer")?;
    let success_status = success
        .parse()
        .map_err(|_| here.fault_at(success, "must be one status, such as '200'; ranges of success are not modelled"))?;
    let (success_schema, success_example, success_source) = answer(document, &here, success)?;
    let (refusal, _, refusal_source) = answer(document, &here, "4XX")?;
    Ok(Responses { success_status, success: success_schema, success_example, refusal, success_source, refusal_source })
}

impl Reader<'_> {
    fn only_statuses(&self) -> Result<(), Fault> {
        let known = |name: &&str| !name.starts_with('2') && *name != "4XX" && !name.starts_with("x-");
        match self.names().find(known) {
            None => Ok(()),
            Some(name) => {
                Err(self.fault_at(name, "is not modelled; describe one success such as '200', and '4XX' for refusals"))
            }
        }
    }
}

/// The schema, the example and the source of one documented answer.
fn answer(document: &Value, responses: &Reader<'_>, status: &str) -> Result<(Value, Option<Value>, String), Fault> {
    let pointer = responses.below(status);
    let value = resolved(document, responses.need(status)?, &pointer)?;
    let here = Reader::new(&value, &pointer)?;
    here.only(&["description", "content", "headers"], "an answer")?;
    let content = here.object("content")?;
    content.only(&[JSON], "an answer")?;
    let media = content.object(JSON)?;
    media.only(&["schema", "example", "examples"], "a media type")?;
    let schema = media.need("schema")?.clone();
    let validator = compiled(&schema, &media.below("schema"))?;
    let example = media.get("example").cloned();
    if let Some(example) = &example
        && !validator.is_valid(example)
    {
        return Err(media.fault_at("example", "breaks the schema beside it; correct one of them"));
    }
    let source = schema.get("x-source").and_then(Value::as_str).unwrap_or(&pointer).to_owned();
    Ok((schema, example, source))
}
