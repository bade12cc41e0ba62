//! How connections are made: through a proxy, by whose word a server is believed, and with which certificate of our own.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, Identity, Proxy, Url};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::base::TargetError;
use super::bytes::told;
use super::tls;

/// How long a connection may take to be made, at the most.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// So many headers of an answer are read; with more of them the whole answer would be lost.
const MOST_HEADERS: usize = 4_096;

/// How connections are made; directly, and trusting whom the system trusts, unless told.
#[derive(Clone, Default)]
pub struct Transport {
    proxy: Option<(Proxy, Url)>,
    authorities: Option<Vec<Certificate>>,
    identity: Option<Identity>,
}

/// A part of the transport that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The proxy's URL is none.
    #[error("the proxy's URL cannot be used ({0}); write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT")]
    Proxy(String),
    /// A file of certificates or keys.
    #[error("{path}: {why}; {remedy}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
        /// What to do.
        remedy: &'static str,
    },
}

impl fmt::Debug for Transport {
    /// The parts without what they hold: a proxy's password, a private key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("proxy", &self.proxy.is_some())
            .field("authorities", &self.authorities.as_ref().map(Vec::len))
            .field("identity", &self.identity.is_some())
            .finish()
    }
}

impl Transport {
    /// By way of a proxy.
    pub fn with_proxy(self, url: &str) -> Result<Self, TransportError> {
        // The parser's own words do not repeat the URL, which may hold a password.
        let parsed = Url::parse(url).map_err(|error| TransportError::Proxy(error.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
            return Err(TransportError::Proxy("it is neither http nor https".to_owned()));
        }
        let proxy = Proxy::all(parsed.clone()).map_err(|_| TransportError::Proxy("it is no proxy's".to_owned()))?;
        Ok(Self { proxy: Some((proxy, parsed)), ..self })
    }

    /// Believing servers by the word of these authorities alone.
    pub fn with_authorities(self, path: &Path) -> Result<Self, TransportError> {
        let wrong = |why: String| TransportError::File {
            path: path.to_owned(),
            why,
            remedy: "give a PEM file with the certificates of the authorities to trust",
        };
        let authorities = certificates(path).map_err(wrong)?;
        let authorities: Result<Vec<Certificate>, _> =
            authorities.iter().map(|certificate| Certificate::from_der(certificate)).collect();
        let authorities = authorities.map_err(|error| wrong(told(&error)))?;
        let transport = Self { authorities: Some(authorities), ..self };
        transport.client(true, CONNECT_TIMEOUT).map_err(|error| wrong(error.to_string()))?;
        Ok(transport)
    }

    /// With a certificate of our own, in a file with those that lead to its authority, and its key.
    pub fn with_identity(self, certificate: &Path, key: &Path) -> Result<Self, TransportError> {
        let wrong = |path: &Path, why: String, remedy| TransportError::File { path: path.to_owned(), why, remedy };
        let remedy = "give a PEM file with the client's certificate";
        certificates(certificate).map_err(|why| wrong(certificate, why, remedy))?;
        let remedy = "give a PEM file with the private key of the client's certificate, not encrypted";
        let text = std::fs::read(key).map_err(|error| wrong(key, format!("cannot be read ({error})"), remedy))?;
        PrivateKeyDer::from_pem_slice(&text).map_err(|error| wrong(key, pem_words(&error), remedy))?;
        let mut both = std::fs::read(certificate).unwrap_or_default();
        both.push(b'\n');
        both.extend(text);
        let identity = Identity::from_pem(&both).map_err(|error| wrong(key, told(&error), remedy))?;
        let transport = Self { identity: Some(identity), ..self };
        transport.client(true, CONNECT_TIMEOUT).map_err(|error| wrong(key, error.to_string(), remedy))?;
        Ok(transport)
    }

    /// Whether what is sent to this URL stays on this machine.
    pub fn is_loopback(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| is_loopback(&url))
            && self.proxy.as_ref().is_none_or(|(_, url)| is_loopback(url))
    }

    /// A client that follows nothing and asks nobody but the target.
    pub(super) fn client(&self, secure: bool, timeout: Duration) -> Result<Client, TargetError> {
        self.builder(secure, timeout).build().map_err(|error| TargetError::Client(told(&error)))
    }

    pub(super) fn builder(&self, secure: bool, timeout: Duration) -> ClientBuilder {
        tls::install_provider();
        let builder = Client::builder()
            .http1_only()
            .http1_max_headers(MOST_HEADERS)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .timeout(timeout);
        let builder = match &self.proxy {
            Some((proxy, _)) => builder.proxy(proxy.clone()),
            None => builder,
        };
        let builder = match (&self.authorities, secure) {
            (Some(authorities), true) => builder.tls_certs_only(authorities.clone()),
            // Plain http needs no certificates, and a machine may have none.
            (_, false) => builder.tls_certs_only([]),
            (None, true) => builder,
        };
        match &self.identity {
            Some(identity) if secure => builder.identity(identity.clone()),
            _ => builder,
        }
    }
}

/// Whether a URL's host is this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        None => false,
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let text = std::fs::read(path).map_err(|error| format!("cannot be read ({error})"))?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let all = all.map_err(|error| pem_words(&error))?;
    if all.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(all) }
}

fn pem_words(error: &pem::Error) -> String {
    match error {
        pem::Error::NoItemsFound => "holds no private key".to_owned(),
        other => format!("is no PEM file that can be read ({other})"),
    }
}
