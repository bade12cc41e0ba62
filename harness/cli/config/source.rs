//! Where the text of a document comes from: a file, those beside it, or a URL of this machine or of a host that was named.

use std::path::Path;

use reqwest::Url;

use crate::contract::ContractError;
use crate::target::{Transport, fetched, without_user};

/// The largest file that a document may refer to.
const MOST_BYTES: u64 = 64 << 20;

/// What a document is given by.
pub(in crate::cli) enum Source<'a> {
    File(&'a Path),
    Url(&'a str),
}

impl<'a> Source<'a> {
    /// What is meant by what was written.
    pub(in crate::cli) fn of(written: &'a Path) -> Self {
        match written.to_str().filter(|text| text.starts_with("http://") || text.starts_with("https://")) {
            Some(url) => Self::Url(url),
            None => Self::File(written),
        }
    }

    /// What it is called.
    pub(in crate::cli) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Url(url) => without_user(url),
        }
    }

    /// Its text. What is not on this machine is asked only where its host is one of these.
    pub(in crate::cli) fn read(&self, allowed: &[String]) -> Result<String, ContractError> {
        let url = match self {
            Self::File(path) => {
                return std::fs::read_to_string(path).map_err(|error| ContractError::unread(&self.name(), &error));
            }
            Self::Url(url) => url,
        };
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        if !Transport::default().is_loopback(url) && !allowed.iter().any(|allowed| is_host(allowed, &host)) {
            let why =
                format!("`{host}` is not this machine; allow it with --allow-host {host}, or give the document's file");
            return Err(ContractError::new(&self.name(), "", why));
        }
        fetched(url).map_err(|why| ContractError::new(&self.name(), "", why))
    }

    /// Reads a file that the document refers to, by its path from the document's folder. Nothing is fetched.
    pub(in crate::cli) fn beside(&self, path: &str) -> Result<String, String> {
        match self {
            Self::File(document) => beside(document.parent().unwrap_or(Path::new("")), path),
            Self::Url(_) => Err("nothing is fetched but the document itself; give the document's file".to_owned()),
        }
    }
}

/// Whether what was written names this host; it may be written as the URL that it is from.
pub(in crate::cli) fn is_host(written: &str, host: &str) -> bool {
    let named = || Url::parse(written).ok().and_then(|url| url.host_str().map(str::to_owned));
    written.eq_ignore_ascii_case(host) || named().is_some_and(|name| name == host)
}

/// Reads a file that a document refers to, by its path from the document's folder: one in that folder, beside it, or below the
/// current one. What `..` or a link leads to elsewhere is none of the document's.
fn beside(folder: &Path, path: &str) -> Result<String, String> {
    let real = |path: &Path| path.canonicalize().map_err(|error| error.to_string());
    let current = real(Path::new("."))?;
    let folder = real(&current.join(folder))?;
    let path = real(&folder.join(path))?;
    // Beside a folder of the root stands everything.
    let around = folder.parent().filter(|around| around.parent().is_some()).unwrap_or(&folder);
    let is_of_root = current.parent().is_none();
    if !(path.starts_with(around) || (path.starts_with(&current) && !is_of_root)) {
        return Err("it lies outside the document's folder, those beside it, and the current one".to_owned());
    }
    let found = std::fs::metadata(&path).map_err(|error| error.to_string())?;
    match found.len() {
        // What is no file may never end.
        _ if !found.is_file() => Err("it is no file".to_owned()),
        size if size > MOST_BYTES => Err(format!("it has {size} bytes, of which no more than {MOST_BYTES} are read")),
        _ => std::fs::read_to_string(&path).map_err(|error| error.to_string()),
    }
}
