//! Requests and answers as the client takes and gives them: what was written goes out as it is, and what comes back, or why
//! nothing does, is told as it is.

use std::error::Error as _;
use std::fmt;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};

use super::coding::{MOST_ANSWER_BYTES, decoded};
use crate::exchange::{Outcome, Request, Response};

/// Sends a request as it is.
pub(super) async fn delivered(client: &Client, request: reqwest::Request) -> Outcome {
    match client.execute(request).await {
        Ok(response) => read(response).await,
        Err(error) => failed(&error),
    }
}

pub(super) fn unsendable(why: impl fmt::Display) -> Outcome {
    Outcome::Unreachable(format!("the request cannot be sent: {why}"))
}

pub(super) fn built(client: &Client, base: &str, request: &Request) -> Result<reqwest::Request, String> {
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|error| error.to_string())?;
    let mut builder = client.request(method, format!("{base}{}", request.path)).headers(headers(request)?);
    if let Some(body) = &request.body {
        builder = builder.body(body.to_vec());
    }
    builder.build().map_err(|error| told(&error))
}

fn headers(request: &Request) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).map_err(|error| error.to_string())?);
    }
    Ok(headers)
}

async fn read(mut response: reqwest::Response) -> Outcome {
    let status = response.status().as_u16();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers: Vec<(String, String)> =
        response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    let mut body = Vec::with_capacity(announced.min(MOST_ANSWER_BYTES + 1));
    loop {
        match response.chunk().await {
            // One byte more than is kept tells that there is more.
            Ok(Some(chunk)) if body.len() <= MOST_ANSWER_BYTES => {
                let room = MOST_ANSWER_BYTES + 1 - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            }
            Ok(_) => {
                let (body, unread) = decoded(&headers, body);
                return Outcome::Answer(Response { status, headers, body, unread });
            }
            Err(error) => return failed(&error),
        }
    }
}

fn failed(error: &reqwest::Error) -> Outcome {
    if error.is_connect() {
        return Outcome::Unreachable(told(error));
    }
    if error.is_timeout() {
        return Outcome::Timeout;
    }
    if error.is_builder() {
        return unsendable(told(error));
    }
    Outcome::Dropped(told(error))
}

/// The causes of an error, outermost first: reqwest's own words name only the URL.
pub(super) fn told(error: &reqwest::Error) -> String {
    let mut causes: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        // Some errors repeat the words of the one that they wrap.
        if causes.last().is_none_or(|last| !last.contains(&text)) {
            causes.push(text);
        }
        cause = inner.source();
    }
    // What a library of TLS says of an answer that is none.
    if causes.iter().any(|cause| cause.contains("InvalidContentType")) {
        return "it does not speak TLS: write http:// in place of https://".to_owned();
    }
    if causes.is_empty() { error.to_string() } else { causes.join(": ") }
}
