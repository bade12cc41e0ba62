//! An endpoint reached over HTTP/1.1: bytes go out as the probe wrote them, and what comes back is told as it is.

use std::error::Error as _;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url};

use super::credential::Login;
use super::pace::{Pace, Rate};
use super::throttle::Throttle;
use super::transport::Transport;
use crate::exchange::{Delivery, Hearer, Outcome, Request, Response, Target};

/// More of an answer than this is not read: no documented answer is that long.
const MOST_ANSWER_BYTES: usize = 1 << 20;
/// How long to wait at first for a target that may be coming back; each further time twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(300);
/// The longest such wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How often the interrupt flag is looked at while answers are waited for.
const FLAG_INTERVAL: Duration = Duration::from_millis(50);
/// How often a request is sent at the most because its credentials were replaced while it was under way.
const MOST_SENT: usize = 5;

/// How a target is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetSettings {
    /// Where: scheme, host and port, and a path before the contract's.
    pub base_url: String,
    /// How long a whole exchange may take.
    pub timeout: Duration,
    /// How many requests may be in flight.
    pub concurrency: usize,
    /// How fast requests may follow each other; as fast as they are answered unless told.
    pub rate: Option<Rate>,
    /// How long to wait in all for a target that throttles everything, or that is gone.
    pub patience: Duration,
}

impl TargetSettings {
    /// The settings for a target nearby: ten seconds an exchange, sixteen requests in flight, three seconds of patience.
    pub fn new(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            timeout: Duration::from_secs(10),
            concurrency: 16,
            rate: None,
            patience: Duration::from_secs(3),
        }
    }
}

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

/// An endpoint reached over HTTP.
#[derive(Debug)]
pub struct HttpTarget {
    runtime: tokio::runtime::Runtime,
    wire: Wire,
    concurrency: usize,
    interrupted: Arc<AtomicBool>,
    /// Nothing is sent after it.
    deadline: Option<Instant>,
    patience: Duration,
    /// Why the credentials could not be renewed.
    renewal_failure: Option<String>,
    is_loopback: bool,
}

/// What one exchange needs.
#[derive(Debug)]
struct Wire {
    base: String,
    client: Client,
    /// Never reuses a connection.
    fresh: Client,
    pace: Option<Pace>,
    throttle: Throttle,
    login: Option<Login>,
}

impl HttpTarget {
    /// A target that is tried when the first request is sent.
    pub fn new(settings: &TargetSettings) -> Result<Self, TargetError> {
        Self::over(settings, &Transport::default(), None)
    }

    /// The same with connections that are made in this way, and credentials that are put into requests as they go out.
    pub fn over(settings: &TargetSettings, transport: &Transport, login: Option<Login>) -> Result<Self, TargetError> {
        let base = base_url(&settings.base_url)?;
        let secure = base.starts_with("https:");
        let client = transport.client(secure, settings.timeout)?;
        let fresh = transport.builder(secure, settings.timeout).pool_max_idle_per_host(0).build();
        let fresh = fresh.map_err(|error| TargetError::Client(told(&error)))?;
        let is_loopback = transport.is_loopback(&base);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| TargetError::Client(error.to_string()))?;
        Ok(Self {
            runtime,
            wire: Wire {
                base,
                client,
                fresh,
                pace: settings.rate.map(Pace::new),
                throttle: Throttle::new(settings.patience),
                login,
            },
            concurrency: settings.concurrency.max(1),
            interrupted: Arc::new(AtomicBool::new(false)),
            deadline: None,
            patience: settings.patience,
            renewal_failure: None,
            is_loopback,
        })
    }

    /// Whether the target is on this machine.
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// Gets the credentials that have to be had before the first request; the error says why there are none.
    pub fn log_in(&mut self) -> Result<(), String> {
        let Some(login) = &self.wire.login else { return Ok(()) };
        self.runtime.block_on(async {
            tokio::select! {
                begun = login.begin() => begun,
                _ = halted(&self.interrupted, self.deadline) => Err("interrupted".to_owned()),
            }
        })
    }

    /// Why the credentials could not be renewed, where that was tried in vain.
    pub fn renewal_failure(&self) -> Option<&str> {
        self.renewal_failure.as_deref()
    }

    /// Sends nothing more once this time is over.
    pub fn end_in(&mut self, time: Duration) {
        // A time beyond what a clock can tell is no limit.
        self.deadline = Instant::now().checked_add(time);
    }

    /// Goes on after an interruption or the end of the time, for what has to be done whatever came between.
    pub fn resume(&mut self) {
        self.interrupted.store(false, Ordering::Relaxed);
        self.deadline = None;
    }

    /// A flag that stops the run when it is set: nothing more is sent.
    pub fn interrupt_flag(&self) -> Arc<AtomicBool> {
        self.interrupted.clone()
    }
}

impl Target for HttpTarget {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        let (wire, interrupted, deadline) = (&self.wire, &self.interrupted, self.deadline);
        self.runtime.block_on(async {
            let mut answers = stream::iter(requests)
                .map(|request| async move { wire.throttle.pass(async || wire.robustly(request).await).await })
                .buffered(self.concurrency);
            // No more than there are: a run that is halted after its last answer has that answer.
            for _ in requests {
                let delivery = tokio::select! {
                    biased;
                    outcome = halted(interrupted, deadline) => {
                        hear(Delivery { outcome, elapsed: Duration::ZERO })?;
                        return ControlFlow::Break(());
                    }
                    delivery = answers.next() => delivery,
                };
                let Some(delivery) = delivery else { break };
                hear(delivery)?;
            }
            ControlFlow::Continue(())
        })
    }

    fn pause(&mut self, times: usize) -> bool {
        let pauses = || (0..).map(|time: u32| FIRST_PAUSE.saturating_mul(1 << time.min(16)).min(LONGEST_PAUSE));
        let waited: Duration = pauses().take(times).sum();
        if waited >= self.patience {
            return false;
        }
        let pause = pauses().nth(times).unwrap_or(LONGEST_PAUSE).min(self.patience.saturating_sub(waited));
        self.runtime.block_on(async {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                // The next request tells that it is over.
                _ = halted(&self.interrupted, self.deadline) => {}
            }
        });
        true
    }

    fn renew(&mut self) -> bool {
        let Some(login) = &self.wire.login else { return false };
        let renewed = self.runtime.block_on(async {
            tokio::select! {
                renewed = login.renew() => renewed,
                // The next request tells that it is over.
                _ = halted(&self.interrupted, self.deadline) => Ok(true),
            }
        });
        renewed.unwrap_or_else(|why| {
            self.renewal_failure = Some(why);
            false
        })
    }

    fn ease(&mut self) {
        self.concurrency = (self.concurrency / 4).max(1);
    }
}

impl Wire {
    /// Sends a request, once more on a fresh connection where an old one was closed before it was answered: a server may
    /// close an idle connection at any time, and that says nothing of the request.
    async fn robustly(&self, request: &Request) -> Delivery {
        let timed = async |client| {
            if let Some(pace) = &self.pace {
                pace.turn().await;
            }
            let started = Instant::now();
            let outcome = exchange(client, &self.base, request, self.login.as_ref()).await;
            Delivery { outcome, elapsed: started.elapsed() }
        };
        let delivery = timed(&self.client).await;
        if !matches!(delivery.outcome, Outcome::Dropped(_)) {
            return delivery;
        }
        let again = timed(&self.fresh).await;
        // A target that is gone now may have been felled by it.
        if matches!(again.outcome, Outcome::Unreachable(_)) { delivery } else { again }
    }
}

/// Waits until the flag is raised or the time is over: a run that is to end does not wait for a target that hangs.
async fn halted(flag: &AtomicBool, deadline: Option<Instant>) -> Outcome {
    loop {
        if flag.load(Ordering::Relaxed) {
            return Outcome::Interrupted;
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return Outcome::OutOfTime;
        }
        tokio::time::sleep(left.map_or(FLAG_INTERVAL, |left| left.min(FLAG_INTERVAL))).await;
    }
}

/// Sends a request, with the credentials of the moment. Where these were replaced while it was under way, its refusal is
/// theirs, and it is sent again.
async fn exchange(client: &Client, base: &str, request: &Request, login: Option<&Login>) -> Outcome {
    let mut sent = 0;
    loop {
        let mut built = match built(client, base, request) {
            Ok(built) => built,
            Err(why) => return unsendable(why),
        };
        let stamp = match login {
            Some(login) => match login.complete(&mut built).await {
                Ok(stamp) => Some(stamp),
                Err(why) => return unsendable(why),
            },
            None => None,
        };
        sent += 1;
        let outcome = delivered(client, built).await;
        let (Some(login), Some(stamp)) = (login, stamp) else { return outcome };
        let unauthorized = matches!(&outcome, Outcome::Answer(answer) if answer.status == 401);
        if !(unauthorized && sent < MOST_SENT && login.is_stale(stamp).await) {
            return login.veiled(outcome);
        }
    }
}

/// Sends a request as it is.
pub(super) async fn delivered(client: &Client, request: reqwest::Request) -> Outcome {
    match client.execute(request).await {
        Ok(response) => read(response).await,
        Err(error) => failed(&error),
    }
}

fn unsendable(why: impl fmt::Display) -> Outcome {
    Outcome::Unreachable(format!("the request cannot be sent: {why}"))
}

pub(super) fn built(client: &Client, base: &str, request: &Request) -> Result<reqwest::Request, String> {
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|error| error.to_string())?;
    let mut builder = client.request(method, format!("{base}{}", request.path)).headers(headers(request)?);
    if let Some(body) = &request.body {
        builder = builder.body(body.clone());
    }
    builder.build().map_err(|error| told(&error))
}

fn headers(request: &Request) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
        headers.append(name, HeaderValue::from_str(value).map_err(|error| error.to_string())?);
    }
    Ok(headers)
}

async fn read(mut response: reqwest::Response) -> Outcome {
    let status = response.status().as_u16();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MOST_ANSWER_BYTES => body.extend_from_slice(&chunk),
            Ok(_) => return Outcome::Answer(Response { status, headers, body }),
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
    if causes.is_empty() { error.to_string() } else { causes.join(": ") }
}

/// A URL as it may be shown: what stands before an `@` may be a password.
fn without_user(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((before, host)) => {
            let scheme = before.split_once("://").map_or("", |(scheme, _)| scheme);
            format!("{scheme}://********@{host}")
        }
        None => url.to_owned(),
    }
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
