//! Reads the path and the parameters outside the body, and refuses those that no client could send as they are written.

use serde_json::Value;

use super::model::{Parameter, ParameterIn, Style, StyleName, Usual};
use super::reader::{Lengths, Reader, kind};
use super::resolve::References;
use crate::document::error::Flaw;
use crate::document::node::Node;
use crate::identity::{self, OperationName, Part, Site};
use crate::text::pointer;

/// What may stand in a path as it is, besides letters, digits and the braces of parameters (RFC 3986, `pchar`).
const PATH_CHARACTERS: &str = "/-._~!$&'()*+,;=:@%";

/// What belongs to the message and not to the operation: with any other value than the client's own the server would read
/// another request, or none.
const FRAMING: [&str; 12] = [
    "Connection",
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "Expect",
    "Host",
    "Keep-Alive",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
];

/// The headers whose description as parameters means nothing, as OpenAPI has it: the content, the answers and the security
/// schemes say what they hold.
const IGNORED: [&str; 3] = ["Accept", "Authorization", "Content-Type"];

/// Four times as many, which are probed too, still fit a URL; common clients and servers take 65,534 bytes.
const MOST_IN_PATH: usize = 15_000;
/// Four times as many fit the heads that common servers can be told to take.
const MOST_IN_HEADER: usize = 65_536;
/// So much of a path may stand around its parameters.
const MOST_LITERAL: usize = 1_000;
/// No header's name is as long.
const MOST_IN_NAME: usize = 256;
/// A server takes some 100 headers, those of the client's own among them.
const MOST_PARAMETERS: usize = 64;

/// The parameters of an operation: those of its path, each unless the operation describes it anew, then its own.
pub(super) fn parameters(
    references: &References<'_>,
    operation_name: &OperationName,
    item: &Reader<'_>,
    operation: &Reader<'_>,
) -> Result<Vec<Parameter>, Flaw> {
    let names = template(item, operation_name.path())?;
    let mut all: Vec<Parameter> = Vec::new();
    for owner in [item, operation] {
        let mut own: Vec<Parameter> = Vec::new();
        for (index, entry) in owner.list("parameters")?.iter().enumerate() {
            let pointer = pointer::below(&owner.below("parameters"), &index.to_string());
            let resolved = references.resolved(entry, Node::Parameter, &pointer)?;
            if is_ignored(&resolved) {
                continue;
            }
            let found = parameter(operation_name, &resolved, &pointer, &names)?;
            if own.iter().any(|other| is_same(other, &found)) {
                let problem = format!("`{}` is described a second time; drop one", found.name);
                return Err(Flaw::at(&pointer, problem));
            }
            own.push(found);
        }
        all.retain(|inherited| !own.iter().any(|other| is_same(other, inherited)));
        all.append(&mut own);
    }
    if all.len() > MOST_PARAMETERS {
        let problem = format!("more than {MOST_PARAMETERS} parameters are not modelled; drop some");
        return Err(operation.fault_at("parameters", problem));
    }
    for name in names {
        if !all.iter().any(|parameter| parameter.location == ParameterIn::Path && parameter.name == name) {
            return Err(operation.fault(format!("the path's `{{{name}}}` is not among the parameters; describe it")));
        }
    }
    Ok(all)
}

/// Whether a parameter is one that OpenAPI says to ignore. The mark of a credential says that it is meant all the same.
fn is_ignored(parameter: &Value) -> bool {
    let text = |name: &str| parameter.get(name).and_then(Value::as_str);
    text("in") == Some("header")
        && text("name").is_some_and(|name| IGNORED.iter().any(|ignored| ignored.eq_ignore_ascii_case(name)))
        && parameter.get("x-credential") != Some(&Value::Bool(true))
}

/// Whether two descriptions are of one parameter; the letter case of a header's name does not matter.
fn is_same(one: &Parameter, other: &Parameter) -> bool {
    one.location == other.location
        && match one.location {
            ParameterIn::Path | ParameterIn::Query | ParameterIn::Cookie => one.name == other.name,
            ParameterIn::Header => one.name.eq_ignore_ascii_case(&other.name),
        }
}

/// The names of the parameters in a path.
fn template<'a>(item: &Reader<'_>, path: &'a str) -> Result<Vec<&'a str>, Flaw> {
    if !path.starts_with('/') || path.len() > MOST_LITERAL {
        return Err(
            item.fault(format!("a path must be written with a `/` before it, in {MOST_LITERAL} characters or less"))
        );
    }
    let mut names = Vec::new();
    for segment in path[1..].split('/') {
        if let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'))
            && !name.contains(['{', '}'])
        {
            if name.is_empty() || names.contains(&name) {
                return Err(item.fault(format!("`{{{name}}}` must be a name, and stand in the path once")));
            }
            names.push(name);
        } else if segment.contains(['{', '}']) {
            return Err(item.fault(format!("`{segment}` is not modelled; only a whole segment may be a parameter")));
        } else if matches!(segment, "." | "..") {
            return Err(item.fault(format!("clients leave the segment `{segment}` out; write the path without it")));
        }
        let odd = |character: &char| !character.is_ascii_alphanumeric() && !PATH_CHARACTERS.contains(*character);
        if let (None, Some(odd)) = (segment.strip_prefix('{'), segment.chars().find(odd)) {
            return Err(item.fault(format!("{odd:?} cannot stand in a path; write it percent-encoded")));
        }
    }
    Ok(names)
}

fn parameter(operation: &OperationName, value: &Value, pointer: &str, names: &[&str]) -> Result<Parameter, Flaw> {
    let here = Reader::new(value, pointer)?;
    here.only(&["name", "in", "required", "description", "schema", "example", "x-credential"], "a parameter")?;
    let name = here.need_text("name")?;
    let location = match here.need_text("in")? {
        "path" => ParameterIn::Path,
        "header" => ParameterIn::Header,
        other => return Err(here.fault_at("in", format!("`{other}` is not modelled; only path and header are"))),
    };
    let credential = here.flag("x-credential")?;
    let required = here.flag("required")?;
    match location {
        ParameterIn::Path => check_path(&here, name, names, required, credential)?,
        _ => check_header(&here, name)?,
    }
    let schema = here.object("schema")?;
    schema.only(&["type", "minLength", "maxLength", "description", "example"], "a parameter")?;
    if schema.need_text("type")? != "string" {
        return Err(schema.fault_at("type", "only string parameters are modelled"));
    }
    let Lengths { min, max, unsent } = schema.lengths(match location {
        ParameterIn::Path => MOST_IN_PATH,
        _ => MOST_IN_HEADER,
    })?;
    if max == Some(0) {
        return Err(
            schema.fault_at("maxLength", "0 leaves nothing to send; write a greater one, or drop the parameter")
        );
    }
    let part = match location {
        ParameterIn::Path => Part::Path,
        _ => Part::Header,
    };
    let (outer, inner) = (example(&here, location, min, max)?, example(&schema, location, min, max)?);
    Ok(Parameter {
        name: name.to_owned(),
        location,
        site: Site::new(operation, part, [identity::Step::member(name)]),
        required,
        min,
        max,
        unsent,
        may_be_nothing: false,
        example: outer.or(inner),
        usual: Usual::Free,
        style: Style::plain(StyleName::Simple),
        texts: Vec::new(),
        parts: Vec::new(),
        schema: None,
        credential,
        source: here.text("x-source")?.unwrap_or(pointer).to_owned(),
    })
}

fn check_path(here: &Reader<'_>, name: &str, names: &[&str], required: bool, credential: bool) -> Result<(), Flaw> {
    if !names.contains(&name) {
        return Err(here.fault_at("name", format!("`{{{name}}}` does not stand in the path; add it or drop this")));
    }
    if !required {
        return Err(here.fault("a parameter of the path must be `required: true`"));
    }
    if credential {
        return Err(here.fault_at("x-credential", "only a header is modelled as a credential; remove it"));
    }
    Ok(())
}

fn check_header(here: &Reader<'_>, name: &str) -> Result<(), Flaw> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !(1..=MOST_IN_NAME).contains(&name.len()) || !name.bytes().all(is_token) {
        return Err(here.fault_at("name", "must be a header's name: letters, digits and hyphens"));
    }
    if FRAMING.iter().any(|framing| framing.eq_ignore_ascii_case(name)) {
        let problem =
            format!("`{name}` says how the request is sent, which every client sees to itself; drop the parameter");
        return Err(here.fault_at("name", problem));
    }
    Ok(())
}

/// The example of a parameter, which must be legal, and be one that arrives as it was sent.
fn example(
    here: &Reader<'_>,
    location: ParameterIn,
    min: Option<usize>,
    max: Option<usize>,
) -> Result<Option<String>, Flaw> {
    let Some(value) = here.get("example") else { return Ok(None) };
    let Value::String(text) = value else {
        return Err(here.fault_at("example", format!("must be text, not {}", kind(value))));
    };
    let length = text.chars().count();
    if min.is_some_and(|min| length < min) || max.is_some_and(|max| length > max) {
        return Err(here.fault_at("example", "breaks the length beside it; correct one of them"));
    }
    let sendable = match location {
        ParameterIn::Path => !matches!(text.as_str(), "" | "." | ".."),
        // What a header holds is trimmed on the way, and other characters than these have no one meaning there.
        _ => text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && text.trim() == text,
    };
    if !sendable {
        return Err(here.fault_at("example", format!("{text:?} cannot be sent in a {location}; correct it")));
    }
    Ok(Some(text.clone()))
}
