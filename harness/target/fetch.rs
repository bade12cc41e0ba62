//! A document as a server gives it: one GET, bounded in size and time, and nothing that it leads to.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};

use super::base::without_user;
use super::bytes::told;
use super::transport::Transport;

/// The largest document that is fetched.
const MOST_BYTES: usize = 64 << 20;
/// How long fetching one may take. Frameworks make theirs on the first request for it.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a document may be written in.
const ACCEPTED: &str = "application/json, application/yaml, text/yaml, */*;q=0.5";

/// The text that a server answers at this URL; why there is none, and what to do, otherwise.
pub(crate) fn fetched(url: &str) -> Result<String, String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(text(url))
}

async fn text(url: &str) -> Result<String, String> {
    let secure = url.starts_with("https:");
    let client = Transport::default().client(secure, PATIENCE).map_err(|error| error.to_string())?;
    let failed = |error: reqwest::Error| {
        if error.is_timeout() {
            return format!("it was not answered within {} s; check that the service is up", PATIENCE.as_secs());
        }
        format!("it cannot be fetched ({}); check the URL, and that the service is up", told(&error))
    };
    let mut answer = client.get(url).header(ACCEPT, ACCEPTED).send().await.map_err(failed)?;
    let status = answer.status();
    if status.is_redirection() {
        let to = answer.headers().get("location").and_then(|to| to.to_str().ok()).map(without_user);
        let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
        return Err(format!("it redirects{to} ({}); give the URL of the document itself", status.as_u16()));
    }
    if !status.is_success() {
        return Err(format!(
            "it is answered with {}; give the URL of the document, such as http://HOST:PORT/openapi.json, or its file",
            status.as_u16()
        ));
    }
    let is_page = answer
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.trim_start().starts_with("text/html"));
    if is_page {
        return Err("it is a page to look at (text/html); give the URL of the document that the page shows".to_owned());
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_BYTES {
            return Err(format!("it has more than the {} MB that are read", MOST_BYTES >> 20));
        }
    }
    String::from_utf8(body).map_err(|_| "it is no text in UTF-8; give a document in JSON or YAML".to_owned())
}
