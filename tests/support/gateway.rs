//! A gateway on the loopback interface, before a stub that keeps the contract: it lets in whom it knows, forgets them after
//! a number of requests, gives tokens, and writes down what it saw. The identity service is at the same address.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fencepost::Contract;
use fencepost::exchange::{Request, Response};
use fencepost::stub::{Reply, Stub};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::server::{self, Server, bytes_of};

pub(crate) const USER: &str = "fencepost";
pub(crate) const PASSWORD: &str = "canary-password-of-the-caller";
pub(crate) const DOMAIN: &str = "a domain";
pub(crate) const PROJECT: &str = "a project";
pub(crate) const PROJECT_ID: &str = "0123456789abcdef0123456789abcdef";

/// How the gateway behaves.
#[derive(Clone)]
pub(crate) struct Rules {
    /// Who is let in.
    pub(crate) door: Door,
    /// After so many requests a token is no longer known.
    pub(crate) life: usize,
    /// How many tokens are given; who asks for more is turned away.
    pub(crate) tokens: usize,
    /// How long the identity service says that a token lives.
    pub(crate) lease: Duration,
    /// So often the identity service fails before it answers.
    pub(crate) failures: usize,
    /// So often the identity service throttles before it answers.
    pub(crate) busy: usize,
    /// Whether answers repeat every header of the request.
    pub(crate) echoes: bool,
    /// What becomes of the request with this number, counted from 0, whoever sends it.
    pub(crate) weather: fn(usize) -> Weather,
}

/// What becomes of a request before anybody looks at it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    Fair,
    /// It is turned away with this status, and perhaps told when to come again.
    Throttled(u16, Option<&'static str>),
    /// It is answered with this status and a page of the gateway's.
    Failing(u16),
    /// The connection is closed.
    Dropped,
}

/// Who is let in.
#[derive(Clone)]
pub(crate) enum Door {
    /// Who has a token of ours, which are made of this word and a number; the first is known from the start.
    Token(&'static str),
    /// Who signs with this key.
    Signature { access_key: &'static str, secret_key: &'static str },
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            door: Door::Token("token"),
            life: usize::MAX,
            tokens: usize::MAX,
            lease: Duration::from_secs(86_400),
            failures: 0,
            busy: 0,
            echoes: false,
            weather: |_| Weather::Fair,
        }
    }
}

/// What the gateway saw.
#[derive(Default, Clone)]
pub(crate) struct Seen {
    /// How often the identity service was asked for a token.
    pub(crate) logins: usize,
    /// How many requests were let in with each token, or with the key.
    pub(crate) let_in: BTreeMap<String, usize>,
    /// Requests that were turned away although they carried a token of ours, or a signature.
    pub(crate) turned_away: usize,
    /// Requests without either.
    pub(crate) strangers: usize,
    /// What was wrong with the signatures.
    pub(crate) complaints: Vec<String>,
    /// How many requests there were of any kind, but for those to the identity service.
    pub(crate) arrived: usize,
    /// How often each request was let in, by its text.
    pub(crate) requests: BTreeMap<String, usize>,
}

impl Seen {
    /// How many requests were let in.
    pub(crate) fn all_let_in(&self) -> usize {
        self.let_in.values().sum()
    }
}

pub(crate) struct Gateway {
    server: Server,
    seen: Arc<Mutex<Seen>>,
}

impl Gateway {
    pub(crate) fn start(rules: Rules) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let stub = Stub::new(&Contract::shipped(), Vec::new());
        let guard = Guard { rules, stub, seen: seen.clone() };
        let server = Server::http(move |request, _| Some(bytes_of(request, &guard.answer(request)?)));
        Self { server, seen }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    pub(crate) fn context(&self) -> SocketAddr {
        self.server.door.address
    }

    pub(crate) fn seen(&self) -> Seen {
        locked(&self.seen).clone()
    }
}

fn locked(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Guard {
    rules: Rules,
    stub: Stub,
    seen: Arc<Mutex<Seen>>,
}

impl Guard {
    /// Nothing where the connection is closed.
    fn answer(&self, request: &Request) -> Option<Response> {
        if request.path == "/v3/auth/tokens" {
            return Some(self.token(request));
        }
        let arrived = {
            let mut seen = locked(&self.seen);
            seen.arrived += 1;
            seen.arrived - 1
        };
        match (self.rules.weather)(arrived) {
            Weather::Fair => {}
            Weather::Dropped => return None,
            Weather::Failing(status) => {
                let headers = vec![("Content-Type".to_owned(), "text/html".to_owned())];
                return Some(Response { status, headers, body: b"<html>upstream</html>".to_vec(), unread: None });
            }
            Weather::Throttled(status, retry_after) => {
                let body = r#"{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached"}"#;
                let mut answer = server::json(status, body);
                let retry_after = retry_after.map(|time| ("Retry-After".to_owned(), time.to_owned()));
                answer.headers.extend(retry_after);
                return Some(answer);
            }
        }
        let mut answer = self.through(request);
        if self.rules.echoes {
            let mut headers: Vec<&(String, String)> = request.headers.iter().collect();
            headers.sort();
            let told: Vec<String> = headers.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            answer = server::json(
                answer.status,
                &json!({"error_code": "X", "error_msg": told.join(" "), "id": "1"}).to_string(),
            );
        }
        Some(answer)
    }

    fn through(&self, request: &Request) -> Response {
        let mut seen = locked(&self.seen);
        let who = match &self.rules.door {
            Door::Token(word) => {
                let token = request.header("x-auth-token").filter(|token| token.starts_with(word));
                token.map(|token| (token.to_owned(), self.is_alive(&seen, token)))
            }
            Door::Signature { access_key, secret_key } => request.header("authorization").map(|header| {
                let wrong = wrong_signature(request, header, access_key, secret_key).err();
                let known = wrong.is_none();
                seen.complaints.extend(wrong);
                ((*access_key).to_owned(), known)
            }),
        };
        match who {
            Some((name, true)) => {
                *seen.let_in.entry(name).or_default() += 1;
                *seen.requests.entry(text_of(request)).or_default() += 1;
                drop(seen);
                match self.stub.reply(request) {
                    Reply::Answer(answer) => answer,
                    Reply::Hang | Reply::Drop => unreachable!("the stub has no fault"),
                }
            }
            Some((_, false)) => {
                seen.turned_away += 1;
                refusal("APIGW.0301", "Incorrect IAM authentication information")
            }
            None => {
                seen.strangers += 1;
                refusal("APIGW.0305", "who is that?")
            }
        }
    }

    /// Whether a token was given, and has not been used up.
    fn is_alive(&self, seen: &Seen, token: &str) -> bool {
        let Door::Token(word) = self.rules.door else { return false };
        let number = token.strip_prefix(word).and_then(|rest| rest.strip_prefix('-')?.parse::<usize>().ok());
        let given = number.is_some_and(|number| (1..=seen.logins.max(1)).contains(&number));
        given && seen.let_in.get(token).is_none_or(|count| *count < self.rules.life)
    }

    fn token(&self, request: &Request) -> Response {
        let Door::Token(word) = self.rules.door else { return server::json(404, "{}") };
        let mut seen = locked(&self.seen);
        seen.logins += 1;
        if seen.logins <= self.rules.failures {
            return server::json(503, "{}");
        }
        if seen.logins <= self.rules.busy {
            let mut answer = server::json(429, "{}");
            answer.headers.push(("Retry-After".to_owned(), "0".to_owned()));
            return answer;
        }
        let body: Value = serde_json::from_slice(request.body.as_deref().unwrap_or_default()).unwrap_or_default();
        let password = body.pointer("/auth/identity/password/user/password").cloned().unwrap_or_default();
        let user = json!({"name": USER, "password": PASSWORD, "domain": {"name": DOMAIN}});
        let wanted = json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": PROJECT}},
        }});
        if body != wanted || seen.logins > self.rules.tokens {
            let message = format!("The username or password is wrong: {password}");
            let error = json!({"error": {"code": 401, "title": "Unauthorized", "message": message}});
            return server::json(401, &error.to_string());
        }
        let expires = Timestamp::now() + self.rules.lease;
        let mut answer = server::json(201, &json!({"token": {"expires_at": expires.to_string()}}).to_string());
        answer.headers.push(("X-Subject-Token".to_owned(), format!("{word}-{}", seen.logins)));
        answer
    }
}

/// All of a request that does not depend on where the gateway is.
fn text_of(request: &Request) -> String {
    let headers: Vec<_> = request.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")).collect();
    format!("{} {} {headers:?} {:?}", request.method, request.path, request.body)
}

fn refusal(code: &str, message: &str) -> Response {
    let body = json!({"error_code": code, "error_msg": message, "request_id": "1"});
    server::json(401, &body.to_string())
}

/// What is wrong with the signature of a request, by another reading of the scheme than the program's own.
fn wrong_signature(request: &Request, header: &str, access_key: &str, secret_key: &str) -> Result<(), String> {
    let rest = header.strip_prefix("SDK-HMAC-SHA256 ").ok_or("another scheme")?;
    let parts: BTreeMap<&str, &str> = rest.split(", ").filter_map(|part| part.split_once('=')).collect();
    if parts.get("Access") != Some(&access_key) {
        return Err("another key".to_owned());
    }
    let names: Vec<&str> = parts.get("SignedHeaders").ok_or("no signed headers")?.split(';').collect();
    for needed in ["host", "x-sdk-date", "x-project-id"] {
        if !names.contains(&needed) {
            return Err(format!("{needed} is not signed"));
        }
    }
    if request.header("x-auth-token").is_some() || request.header("x-project-id") != Some(PROJECT_ID) {
        return Err("a token beside the signature, or another project".to_owned());
    }
    let date = request.header("x-sdk-date").ok_or("no date")?;
    let signed_at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).map_err(|error| error.to_string())?;
    let signed_at = jiff::tz::Offset::UTC.to_timestamp(signed_at).map_err(|error| error.to_string())?;
    if signed_at.duration_since(Timestamp::now()).abs() > jiff::SignedDuration::from_mins(15) {
        return Err(format!("{date} is long ago"));
    }
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let mut query: Vec<&str> = query.split('&').filter(|part| !part.is_empty()).collect();
    query.sort_unstable();
    let mut canonical = vec![request.method.clone(), slashed(&path.replace("%2F", "/")), query.join("&")];
    for name in &names {
        canonical.push(format!("{name}:{}", request.header(name).ok_or_else(|| format!("{name} is missing"))?));
    }
    let body = request.body.as_deref().unwrap_or_default();
    canonical.extend([String::new(), names.join(";"), hex(&Sha256::digest(body))]);
    let text = ["SDK-HMAC-SHA256", date, &hex(&Sha256::digest(canonical.join("\n")))].join("\n");
    let mac = Hmac::<Sha256>::new_from_slice(secret_key.as_bytes()).expect("a key of any length");
    let wanted = hex(&mac.chain_update(text).finalize().into_bytes());
    let given = parts.get("Signature").copied().unwrap_or_default();
    if given == wanted { Ok(()) } else { Err(format!("signed otherwise: {canonical:?}")) }
}

fn slashed(path: &str) -> String {
    format!("{}/", path.trim_end_matches('/'))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
