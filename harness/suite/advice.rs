//! What a target answered, in a few words, and what to look at where it accepts nothing: its status says which part of a
//! request it minds.

use std::rc::Rc;

use serde_json::Value;

use crate::contract::{Operation, Parameter, SecurityScheme};
use crate::exchange::Outcome;
use crate::session::Exchange;

/// What to do about a target that answers legal requests with this status; nothing is known where it did not answer.
pub(super) fn advice(operation: &Operation, status: Option<u16>) -> String {
    let (method, noun) = (&operation.method, operation.noun());
    // Of many operations a run takes values by their places only.
    let written = |parameter: &Parameter| {
        if operation.is_open { format!("--set {}=VALUE", parameter.site.as_str()) } else { parameter.option() }
    };
    let option = operation.path_parameters().next().map(written);
    let takes_token = operation.parameters.iter().any(|parameter| parameter.credential);
    let named = option.as_ref().map(|option| format!(", and the {noun} that the path names ({option})"));
    match status {
        Some(400 | 422) => {
            "it wants more than the contract says, of a value, a format or a header: compare its words with the contract, and \
             correct the one that is wrong"
                .to_owned()
        }
        Some(401) if !operation.security.given.is_empty() => {
            let schemes: Vec<&str> = operation.security.given.iter().map(|scheme| scheme.name.as_str()).collect();
            format!("the credential of `{}` is refused; give one that is valid here", schemes.join("` and `"))
        }
        Some(401) if !takes_token => {
            format!("it wants to know who calls; tell it with {}", calling(operation))
        }
        Some(403) if !takes_token => {
            let other = option.as_ref().map(|option| format!(", or name another {noun} ({option})"));
            format!(
                "the caller may not do it, or nobody may; call as somebody who may with {}{}",
                calling(operation),
                other.unwrap_or_default()
            )
        }
        Some(404 | 410) if operation.is_open && option.is_some() => {
            format!(
                "the {noun} that the path names is not there, or not any more; name one that is ({}), or check the URL's path",
                option.unwrap_or_default()
            )
        }
        Some(406 | 415) => {
            "it wants another media type than the contract says; correct the contract, or give the header that it wants with --header"
                .to_owned()
        }
        Some(405 | 501) => format!("it serves no {method} there; check the URL's path"),
        Some(409 | 412 | 423 | 428) => match option {
            Some(option) => format!("the {noun} is in no state for it; name another that nobody needs ({option})"),
            None => "what it is about is in no state for it; see the service's log".to_owned(),
        },
        Some(301..=303 | 307 | 308) => "give the URL that it redirects to with --target".to_owned(),
        Some(500..) => "see the service's log".to_owned(),
        _ => format!("check the URL's path{}", named.unwrap_or_default()),
    }
}

/// The options that say who calls.
fn calling(operation: &Operation) -> String {
    let options = |schemes: &Vec<SecurityScheme>| {
        let options: Option<Vec<String>> =
            schemes.iter().map(|scheme| scheme.place().map(|_| format!("--credential {}=VAR", scheme.name))).collect();
        options.filter(|options| !options.is_empty()).map(|options| options.join(" "))
    };
    let ways: Vec<String> = operation.security.requirements.iter().filter_map(options).collect();
    if ways.is_empty() {
        return "--header 'NAME: VALUE', as the document's security schemes say".to_owned();
    }
    format!("{} (a variable that holds the credential)", ways.join(", or "))
}

pub(super) fn status(exchange: &Rc<Exchange>) -> Option<u16> {
    match &exchange.outcome {
        Outcome::Answer(response) => Some(response.status),
        _ => None,
    }
}

/// So much of an answer is enough to tell what it says, whatever is hidden in it then.
const MOST_KEPT: usize = 2_000;

/// An answer in a few words.
pub(super) fn told(exchange: &Rc<Exchange>) -> String {
    match &exchange.outcome {
        Outcome::Answer(response) => {
            let message = serde_json::from_slice::<Value>(&response.body).ok().and_then(|body| {
                let members = body.as_object()?;
                Some(members.values().filter_map(Value::as_str).collect::<Vec<_>>().join(": "))
            });
            let text = || String::from_utf8_lossy(&response.body).split_whitespace().collect::<Vec<_>>().join(" ");
            let message = message.filter(|words| !words.is_empty()).unwrap_or_else(text);
            let message: String = message.chars().take(MOST_KEPT).flat_map(char::escape_debug).collect();
            format!("{} {message}", response.status).trim().to_owned()
        }
        Outcome::Timeout => "nothing, in time".to_owned(),
        _ => "by closing the connection".to_owned(),
    }
}
