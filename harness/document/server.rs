//! Where a document says that its paths begin.

use serde_json::Value;

use super::notes::Notes;

/// The path of each server, with its variables filled in, without a slash at its end.
pub(super) fn base_paths(tree: &Value, notes: &mut Notes) -> Vec<String> {
    let servers = tree.get("servers").and_then(Value::as_array).into_iter().flatten();
    servers.enumerate().filter_map(|(index, server)| base_path(server, index, notes)).collect()
}

fn base_path(server: &Value, index: usize, notes: &mut Notes) -> Option<String> {
    let url = server.get("url").and_then(Value::as_str)?;
    let mut filled = String::new();
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
            _ => {
                let what = format!("the variable `{name}` of the server's URL has no default");
                notes.remark(&format!("/servers/{index}"), &what, "it is left out of the path");
            }
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
    Some(if matches!(path, "" | ".") { String::new() } else { format!("/{path}") })
}

/// What stands before the first variable of a URL, its name, and what stands behind it.
fn variable(url: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = url.split_once('{')?;
    let (name, behind) = rest.split_once('}')?;
    Some((before, name, behind))
}
