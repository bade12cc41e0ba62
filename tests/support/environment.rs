//! How a target that the environment names wants to be called: `FENCEPOST_TASK_ID` and `FENCEPOST_TOKEN`; and whether it may
//! be: what is accepted overwrites the task, and nothing here puts it back.

use fencepost::request_context::RequestContext;
use fencepost::secret::Secret;

/// The target that is named; nothing for the stub, and an error where a variable speaks of a target that is not named.
pub(crate) fn target() -> Result<Option<String>, String> {
    match std::env::var("FENCEPOST_TARGET") {
        Ok(url) if url.is_empty() => {
            Err("FENCEPOST_TARGET is empty; set it to the target's URL, or unset it".to_owned())
        }
        Ok(url) => Ok(Some(url)),
        Err(_) => {
            let about = ["FENCEPOST_TASK_ID", "FENCEPOST_TOKEN", "FENCEPOST_ALLOW_HOST"];
            match about.into_iter().find(|name| std::env::var(name).is_ok_and(|value| !value.is_empty())) {
                Some(name) => {
                    Err(format!("{name} is about a target, and none is named; set FENCEPOST_TARGET, or unset it"))
                }
                None => Ok(None),
            }
        }
    }
}

/// Holds that a target elsewhere was named on purpose, with a task that may be overwritten; the error says what to do.
pub(crate) fn allowed(url: &str, is_loopback: bool) -> Result<(), String> {
    let given = |name: &str| std::env::var(name).unwrap_or_default();
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = if after_scheme.starts_with('[') { after_scheme.find(']').map(|end| end + 1) } else { None };
    let host =
        end.map_or_else(|| after_scheme.split(['/', ':']).next().unwrap_or_default(), |end| &after_scheme[..end]);
    if is_loopback
        || (given("FENCEPOST_ALLOW_HOST").eq_ignore_ascii_case(host) && !given("FENCEPOST_TASK_ID").is_empty())
    {
        return Ok(());
    }
    Err(format!(
        "`{host}` is not this machine, and the task is overwritten and not put back: use `fencepost run` or `fencepost fuzz`, \
         or set FENCEPOST_ALLOW_HOST={host} and FENCEPOST_TASK_ID to a task that nobody needs"
    ))
}

/// The task to update and a valid token, where they are given.
pub(crate) fn context() -> RequestContext {
    let variable = "FENCEPOST_TOKEN";
    let value = std::env::var(variable).ok().filter(|value| !value.is_empty());
    RequestContext {
        path_values: std::env::var("FENCEPOST_TASK_ID").into_iter().collect(),
        credential: value.map(|value| Secret::new(variable, value)),
        ..RequestContext::default()
    }
}
