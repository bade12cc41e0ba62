//! Where a target is: the URL that it is given by, and why that, or the client, is of no use.

use reqwest::Url;

/// Why a target cannot even be tried.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The URL is none.
    #[error("`{url}` is no URL that can be tested: {why}")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// The client cannot be set up.
    #[error("the HTTP client cannot be set up: {0}; check the system's certificates and limits")]
    Client(String),
}

/// A URL as it may be shown: what stands before an `@` may be a password.
pub(crate) fn without_user(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((before, host)) => {
            let scheme = before.split_once("://").map_or("", |(scheme, _)| scheme);
            format!("{scheme}://********@{host}")
        }
        None => url.to_owned(),
    }
}

/// Whether a URL has a path of its own, which then is all that stands before the contract's paths.
#[cfg(feature = "cli")]
pub(crate) fn has_path(given: &str) -> bool {
    Url::parse(given).is_ok_and(|url| url.path() != "/")
}

/// The URL that the contract's paths are appended to.
pub(super) fn base_url(given: &str) -> Result<String, TargetError> {
    let wrong = |why: &str| TargetError::Url { url: without_user(given), why: why.to_owned() };
    let url = Url::parse(given).map_err(|error| match error.to_string().as_str() {
        "relative URL without a base" => wrong("it has no scheme; write http://HOST:PORT or https://HOST"),
        other => wrong(&format!("{other}; write http://HOST:PORT or https://HOST")),
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("its scheme is neither http nor https; write http://HOST:PORT or https://HOST"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it has a query or a fragment; give only what comes before the contract's paths"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("it has a user name or a password; send credentials with --token-env or --header"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
