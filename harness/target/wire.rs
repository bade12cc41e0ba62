//! One exchange over HTTP: a request goes out as it was written, with the credentials of the moment, and its answer is told
//! as it is.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};

use super::coding::{MOST_ANSWER_BYTES, decoded};
use super::credential::Login;
use super::pace::Pace;
use super::throttle::Throttle;
use super::waits::Waits;
use crate::exchange::{Delivery, Outcome, Request, Response};

/// How often a request is sent at the most because its credentials were replaced while it was under way.
const MOST_SENT: usize = 5;

/// What one exchange needs.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) base: String,
    pub(super) client: Client,
    /// Never reuses a connection.
    pub(super) fresh: Client,
    pub(super) pace: Option<Pace>,
    pub(super) throttle: Throttle,
    pub(super) login: Option<Login>,
    /// How many requests may still be sent; any number where that is nothing.
    pub(super) budget: Option<AtomicU64>,
    /// Whether nothing more is to be sent.
    pub(super) closed: AtomicBool,
    /// Which requests are on their way or being answered, and what else is waited for.
    pub(super) waits: Waits,
    /// Told of each request that must not be sent twice, before it is sent.
    pub(super) witness: Option<Witness>,
    /// How many requests that may change something went out, and were not answered.
    pub(super) unanswered: Unanswered,
}

/// Hears of requests before they are sent.
pub(super) struct Witness(pub(super) Box<dyn Fn(&Request) + Send + Sync>);

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Witness")
    }
}

/// How many requests went out and have no answer: the target may have carried them out, or still do so.
#[derive(Debug, Clone, Default)]
pub struct Unanswered(Arc<AtomicUsize>);

impl Unanswered {
    /// How many there are now, those in flight among them.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts a request for as long as it is in flight, and for as long as it is not answered.
struct Flight<'a> {
    waits: &'a Waits,
    /// Nothing where it changes nothing.
    unanswered: Option<&'a AtomicUsize>,
}

impl<'a> Flight<'a> {
    fn begin(wire: &'a Wire, request: &Request) -> Self {
        let changes = !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE");
        let unanswered = changes.then_some(&*wire.unanswered.0);
        if let Some(unanswered) = unanswered {
            unanswered.fetch_add(1, Ordering::Relaxed);
        }
        wire.waits.departs();
        Self { waits: &wire.waits, unanswered }
    }

    /// It was answered, or has never left.
    fn lands(self) {
        if let Some(unanswered) = self.unanswered {
            unanswered.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.waits.lands();
    }
}

impl Wire {
    /// Sends a request until it is not throttled.
    pub(super) async fn pass(&self, request: &Request) -> Delivery {
        self.throttle.pass(request.is_repeatable(), async || self.robustly(request).await).await
    }

    /// Sends a request, once more on a fresh connection where an old one was closed before it was answered: a server may
    /// close an idle connection at any time, and that says nothing of the request. What must not be sent twice is sent on a
    /// fresh one at once.
    async fn robustly(&self, request: &Request) -> Delivery {
        if !request.is_repeatable() {
            return self.exchange(&self.fresh, request).await;
        }
        let delivery = self.exchange(&self.client, request).await;
        let Outcome::Dropped(why) = delivery.outcome else { return delivery };
        let again = self.exchange(&self.fresh, request).await;
        match again.outcome {
            Outcome::Unreachable(_) => Delivery { outcome: Outcome::Gone(why), elapsed: delivery.elapsed },
            _ => again,
        }
    }

    /// Sends a request, with the credentials of the moment. Where these were replaced while it was under way, its refusal is
    /// theirs, and it is sent again.
    async fn exchange(&self, client: &Client, request: &Request) -> Delivery {
        let mut sent = 0;
        loop {
            if let Some(pace) = &self.pace {
                pace.turn().await;
            }
            let started = Instant::now();
            let told = |outcome| Delivery { outcome, elapsed: started.elapsed() };
            let mut built = match built(client, &self.base, request) {
                Ok(built) => built,
                Err(why) => return told(unsendable(why)),
            };
            let stamp = match &self.login {
                Some(login) => match login.complete(&mut built).await {
                    Ok(stamp) => Some(stamp),
                    Err(why) => return told(unsendable(why)),
                },
                None => None,
            };
            if self.closed.load(Ordering::Relaxed) {
                return told(Outcome::NotSent);
            }
            if !self.affords_one() {
                return told(Outcome::OutOfBudget);
            }
            sent += 1;
            if let Some(Witness(sees)) = &self.witness
                && !request.is_repeatable()
            {
                sees(request);
            }
            let outcome = {
                let flight = Flight::begin(self, request);
                let outcome = delivered(client, built).await;
                if matches!(outcome, Outcome::Answer(_) | Outcome::Unreachable(_)) {
                    flight.lands();
                }
                outcome
            };
            let (Some(login), Some(stamp)) = (&self.login, stamp) else { return told(outcome) };
            let unauthorized = matches!(&outcome, Outcome::Answer(answer) if answer.status == 401);
            if !(unauthorized && sent < MOST_SENT && login.is_stale(stamp).await) {
                return told(login.veiled(outcome));
            }
        }
    }

    /// Takes one request off the budget; false where nothing is left of it.
    fn affords_one(&self) -> bool {
        let one_less = |left: u64| left.checked_sub(1);
        let budget = self.budget.as_ref();
        budget.is_none_or(|left| left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok())
    }
}

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
