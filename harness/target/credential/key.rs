//! Access keys: every request is signed as it goes out.

use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue};

use super::signature::{Canonical, authorization};
use super::{STAND_IN, sensitive};
use crate::secret::Secret;

const DATE: HeaderName = HeaderName::from_static("x-sdk-date");
const PROJECT: HeaderName = HeaderName::from_static("x-project-id");
/// As the scheme writes a time.
const DATE_FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// An access key, and what its requests are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// The key's name.
    pub access_key: String,
    /// The key itself.
    pub secret_key: Secret,
    /// The id of the project that is called.
    pub project_id: String,
    /// Whether requests are signed that hold no stand-in, because there is no header to hold one.
    pub signs_all: bool,
}

impl AccessKey {
    /// Signs a request that asks for it, over the bytes and the headers that it goes out with.
    pub(super) fn sign(&self, request: &mut reqwest::Request, now: Timestamp) -> Result<(), String> {
        let marked: Vec<HeaderName> =
            request.headers().iter().filter(|(_, value)| *value == STAND_IN).map(|(name, _)| name.clone()).collect();
        if marked.is_empty() && !self.signs_all {
            return Ok(());
        }
        let date = now.strftime(DATE_FORMAT).to_string();
        let host = match (request.url().host_str(), request.url().port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let headers = request.headers_mut();
        for name in marked {
            headers.remove(name);
        }
        headers.insert(HOST, plain(&host)?);
        headers.insert(DATE, plain(&date)?);
        headers.insert(PROJECT, plain(&self.project_id)?);
        let value = authorization(&canonical(request)?, &date, &self.access_key, self.secret_key.expose());
        request.headers_mut().insert(AUTHORIZATION, sensitive(&value)?);
        Ok(())
    }
}

fn canonical(request: &reqwest::Request) -> Result<Canonical<'_>, String> {
    let headers = request.headers().iter().map(|(name, value)| {
        let value = value.to_str().map_err(|_| format!("the header {name} cannot be signed: it is no plain text"))?;
        Ok((name.as_str(), value))
    });
    Ok(Canonical {
        method: request.method().as_str(),
        path: request.url().path(),
        query: request.url().query().unwrap_or_default(),
        headers: headers.collect::<Result<_, String>>()?,
        body: request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default(),
    })
}

fn plain(text: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(text).map_err(|_| format!("`{text}` holds characters that no header can carry"))
}
