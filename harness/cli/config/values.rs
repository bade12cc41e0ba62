//! Values as they are written on the command line, in variables and in profiles: read, or told how to write them.

use std::time::Duration;

use crate::identity::place_before;
use crate::target::Rate;

/// The name of a header, and its value.
pub(in crate::cli) fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write it as `Name: value`")?;
    let (name, value) = (name.trim(), value.trim());
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(format!("`{name}` is no header name; write it as `Name: value`"));
    }
    if ["host", "content-length", "transfer-encoding", "connection"].contains(&name.to_ascii_lowercase().as_str()) {
        return Err(format!("`{name}` frames the request and is not yours to set; leave it out"));
    }
    if value.chars().any(char::is_control) {
        return Err("the value holds a control character; leave it out".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// A security scheme and a variable.
pub(super) fn credential(text: &str) -> Result<(String, String), String> {
    let (scheme, variable) =
        text.rsplit_once('=').ok_or("write it as SCHEME=VAR, where VAR is the variable that holds the credential")?;
    let is_name = !variable.is_empty() && variable.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if scheme.is_empty() || !is_name {
        return Err("write it as SCHEME=VAR; the credential itself belongs into the variable".to_owned());
    }
    Ok((scheme.to_owned(), variable.to_owned()))
}

/// A place and its value. A name in a place may hold an equals sign: `path["a=b"]=7`.
pub(super) fn set(text: &str) -> Result<(String, String), String> {
    let remedy = "write it as PLACE=VALUE, such as `path.id=7`, or `path[\"a=b\"]=7` for a name of other characters";
    let read = place_before(text).and_then(|(place, rest)| Some((place, rest.strip_prefix('=')?)));
    // What is no place is told of where the contract's own are known.
    let (place, value) = match read {
        Some(read) => read,
        None => text.split_once('=').map(|(place, value)| (place.to_owned(), value)).ok_or(remedy)?,
    };
    Ok((place, value.to_owned()))
}

/// A share of so many.
pub(super) fn shard(text: &str) -> Result<(usize, usize), String> {
    let remedy = "write it as I/N with I from 1 to N, such as `2/5`";
    let (number, count) = text.split_once('/').ok_or(remedy)?;
    match (number.parse(), count.parse()) {
        (Ok(number), Ok(count)) if (1..=count).contains(&number) => Ok((number, count)),
        _ => Err(remedy.to_owned()),
    }
}

/// A time above 0.
pub(in crate::cli) fn duration(text: &str) -> Result<Duration, String> {
    let remedy = "write a time above 0, in ms, s, m, h or d, such as `10`, `10s`, `500ms` or `8h`";
    let (digits, unit) =
        text.split_at(text.find(|character: char| character.is_ascii_alphabetic()).unwrap_or(text.len()));
    let count: u32 = digits.parse().map_err(|_| remedy.to_owned())?;
    let unit = unit_of_time(if unit.is_empty() { "s" } else { unit }).ok_or(remedy)?;
    let duration = unit * count;
    if duration.is_zero() { Err(remedy.to_owned()) } else { Ok(duration) }
}

/// A path that others are appended to: nothing for the root.
pub(in crate::cli) fn base_path(text: &str) -> Result<String, String> {
    let is_path = text.starts_with('/') && !text.contains(['?', '#']) && !text.contains(char::is_whitespace);
    if !is_path {
        return Err("write a path, such as `/v2`, or `/` for the root".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// A number above 0.
pub(in crate::cli) fn count(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "write a number above 0".to_owned())
}

/// So many requests in such a time.
pub(in crate::cli) fn rate(text: &str) -> Result<Rate, String> {
    let remedy = "write a number above 0, for each s, m, h or d, such as `10`, `10/s` or `600/m`";
    let (count, unit) = text.split_once('/').unwrap_or((text, "s"));
    match (count.parse(), unit_of_time(unit)) {
        (Ok(count), Some(unit)) if count > 0 => Ok(Rate { requests: count, per: unit }),
        _ => Err(remedy.to_owned()),
    }
}

fn unit_of_time(unit: &str) -> Option<Duration> {
    match unit {
        "ms" => Some(Duration::from_millis(1)),
        "s" => Some(Duration::from_secs(1)),
        "m" => Some(Duration::from_secs(60)),
        "h" => Some(Duration::from_secs(3_600)),
        "d" => Some(Duration::from_secs(86_400)),
        _ => None,
    }
}
