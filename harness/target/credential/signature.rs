//! The signature SDK-HMAC-SHA256 of a request. Pure: a request, a time and a key give a header's value.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::hex::hex;
use crate::text::percent::{IN_PATH, RESERVED, decoded, encoded};

/// The scheme's name.
const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// What of a request is signed.
#[derive(Debug)]
pub(super) struct Canonical<'a> {
    /// The method.
    pub(super) method: &'a str,
    /// The path, percent-encoded as it goes out.
    pub(super) path: &'a str,
    /// The query, as it goes out.
    pub(super) query: &'a str,
    /// The headers.
    pub(super) headers: Vec<(&'a str, &'a str)>,
    /// The body.
    pub(super) body: &'a [u8],
}

/// The value of the header `Authorization`. `date` is that of the request's `X-Sdk-Date`.
pub(super) fn authorization(request: &Canonical<'_>, date: &str, access_key: &str, secret_key: &str) -> String {
    // A header whose name holds an underscore may be dropped on the way, so the scheme leaves it out.
    let mut headers: Vec<(String, &str)> = request
        .headers
        .iter()
        .filter(|(name, _)| !name.contains('_'))
        .map(|(name, value)| (name.to_lowercase(), value.trim()))
        .collect();
    headers.sort();
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(";");
    let lines: String = headers.iter().fold(String::new(), |lines, (name, value)| lines + name + ":" + value + "\n");
    let canonical = format!(
        "{}\n{}\n{}\n{lines}\n{names}\n{}",
        request.method,
        path(request.path),
        query(request.query),
        hex(&Sha256::digest(request.body))
    );
    let signed = format!("{ALGORITHM}\n{date}\n{}", hex(&Sha256::digest(canonical)));
    let signature = hex(&keyed(secret_key.as_bytes(), signed.as_bytes()));
    format!("{ALGORITHM} Access={access_key}, SignedHeaders={names}, Signature={signature}")
}

/// The path as it reads decoded, encoded anew, with a slash at its end.
fn path(path: &str) -> String {
    let decoded = decoded(path);
    let mut encoded = encoded(&decoded, IN_PATH);
    if !encoded.ends_with('/') {
        encoded.push('/');
    }
    encoded
}

/// The parameters in order, each encoded anew.
fn query(query: &str) -> String {
    let mut parameters: Vec<(Vec<u8>, Vec<u8>)> = query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect();
    parameters.sort();
    let encoded: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name, RESERVED), encoded(value, RESERVED)))
        .collect();
    encoded.join("&")
}

fn keyed(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key);
    // A key may have any length.
    mac.map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// What the service's official SDK signs, as `tests/clients/signatures.py` wrote it down.
    const VECTORS: &str = include_str!("../../../tests/data/signatures.json");

    #[test]
    fn requests_are_signed_as_the_official_sdk_signs_them() {
        let vectors: Value = serde_json::from_str(VECTORS).expect("the vectors are JSON");
        let text = |value: &Value, name: &str| value[name].as_str().expect("a text").to_owned();
        let [access_key, secret_key, date] = ["access_key", "secret_key", "date"].map(|name| text(&vectors, name));
        let requests = vectors["requests"].as_array().expect("a list");
        assert!(requests.len() > 10);
        for vector in requests {
            let [method, path, query, body] = ["method", "path", "query", "body"].map(|name| text(vector, name));
            let headers = vector["headers"].as_object().expect("an object");
            let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("a text")));
            let request = Canonical {
                method: &method,
                path: &path,
                query: &query,
                headers: headers.collect(),
                body: body.as_bytes(),
            };
            let signed = authorization(&request, &date, &access_key, &secret_key);
            assert_eq!(signed, text(vector, "authorization"), "{vector}");
        }
    }

    #[test]
    fn the_order_of_a_query_is_the_signatures_own() {
        assert_eq!(query("b=2&a=x%20y&B=~&c&%41=1%2B+1"), "A=1%2B%2B1&B=~&a=x%20y&b=2&c=");
        assert_eq!(query(""), "");
    }

    #[test]
    fn what_is_no_escape_is_a_percent_sign() {
        assert_eq!(path("/100%/%zz/%+f/%4"), "/100%25/%25zz/%25%2Bf/%254/");
    }
}
