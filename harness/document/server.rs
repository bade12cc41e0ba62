//! Where a document says that its paths begin.

use serde_json::Value;

use super::notes::Notes;

/// The path of each server, with its variables filled in, without a slash at its end.
pub(super) fn base_paths(tree: &Value, notes: &mut Notes) -> Vec<String> {
    let servers = tree.get("servers").and_then(Value::as_array).into_iter().flatten();
    servers.enumerate().filter_map(|(index, server)| base_path(server, index, notes)).collect()
}

fn base_path(server: &Value, index: usize, notes: &mut Notes) -> Option<String> {
    let (path, without) = path_of(server)?;
    for name in without {
        let what = format!("the variable `{name}` of the server's URL has no default");
        notes.remark(&format!("/servers/{index}"), &what, "it is left out of the path");
    }
    Some(path)
}

/// The path of the first server of an operation, or of the path that it is of, where they name their own.
pub(super) fn own_base_path(operation: &Value, item: &Value) -> Option<String> {
    let first = |owner: &Value| path_of(owner.get("servers")?.get(0)?).map(|(path, _)| path);
    first(operation).or_else(|| first(item))
}

/// The path of a server, and the variables that have no default.
fn path_of(server: &Value) -> Option<(String, Vec<String>)> {
    let url = server.get("url").and_then(Value::as_str)?;
    let (mut filled, mut without) = (String::new(), Vec::new());
    let mut rest = url;
    while let Some((before, name, behind)) = variable(rest) {
        filled.push_str(before);
        let variable = server.get("variables").and_then(|variables| variables.get(name));
        let default = variable.and_then(|variable| {
            variable.get("default").or_else(|| variable.get("enum").and_then(|listed| listed.get(0)))
        });
        match default {
            Some(Value::String(text)) => filled.push_str(text),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => filled.push_str(&value.to_string()),
            _ => without.push(name.to_owned()),
        }
        rest = behind;
    }
    filled.push_str(rest);
    let filled = filled.trim().split(['?', '#']).next().unwrap_or_default();
    let path = match (filled.split_once("://"), filled.strip_prefix("//").filter(|_| url.starts_with("//"))) {
        (Some((_, rest)), _) | (None, Some(rest)) => rest.find('/').map_or("", |slash| &rest[slash..]),
        (None, None) => filled,
    };
    let path = path.trim_matches('/');
    let path = path.strip_prefix("./").unwrap_or(path);
    let path = if matches!(path, "" | ".") { String::new() } else { format!("/{path}") };
    Some((path, without))
}

/// What stands before the first variable of a URL, its name, and what stands behind it.
fn variable(url: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = url.split_once('{')?;
    let (name, behind) = rest.split_once('}')?;
    Some((before, name, behind))
}
