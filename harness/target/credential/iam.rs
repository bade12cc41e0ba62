//! Tokens from the identity service: obtained with a password, renewed before they expire or when they are refused.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use reqwest::Client;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use super::{Stamp, sensitive};
use crate::exchange::{Delivery, Outcome, Request, Response};
use crate::secret::Secret;
use crate::target::base::{TargetError, base_url};
use crate::target::bytes::{built, delivered, unsendable};
use crate::target::lanes::Lanes;
use crate::target::throttle::Throttle;
use crate::target::transport::Transport;
use crate::target::waits::Waits;

/// How long to wait at first for a service that may be coming back; each further time twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(300);
/// The longest such wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A token is renewed when a tenth of its life is left, and no earlier than so long before its end.
const MARGIN: SignedDuration = SignedDuration::from_secs(300);
/// After a renewal that failed the old token is used for so long before the next is tried.
const RESPITE: SignedDuration = SignedDuration::from_secs(30);
/// The service's own words are cut at so many characters.
const MOST_TOLD: usize = 200;

/// Who logs in, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IamSettings {
    /// The service's URL, up to `/v3/auth/tokens`.
    pub url: String,
    /// The user's name.
    pub user: String,
    /// The user's password.
    pub password: Secret,
    /// The name of the user's domain.
    pub domain: String,
    /// The name of the project that the token is for.
    pub project: String,
}

/// A caller with tokens from the identity service.
#[derive(Debug)]
pub struct Iam {
    settings: IamSettings,
    base: String,
    client: Client,
    throttle: Throttle,
    /// How long a service that is gone, or fails, is waited for where a token is needed.
    patience: Duration,
    lease: tokio::sync::Mutex<Option<Lease>>,
    /// Every token of the run, to be found in answers.
    tokens: Mutex<Vec<Secret>>,
}

/// A token and its life.
#[derive(Debug, Clone)]
struct Lease {
    token: HeaderValue,
    stamp: Stamp,
    life: Life,
}

/// When a token was obtained and when it ends.
#[derive(Debug, Clone, Copy)]
struct Life {
    obtained: Timestamp,
    /// Nothing where the service did not say, or said what cannot be.
    expires: Option<Timestamp>,
    /// When a renewal was last tried in vain.
    tried: Option<Timestamp>,
}

impl Iam {
    /// A caller that logs in when the first token is needed. A call may take `timeout`; a service that throttles, fails or
    /// is gone is waited for as long as `patience`.
    pub fn new(
        settings: IamSettings,
        transport: &Transport,
        timeout: Duration,
        patience: Duration,
    ) -> Result<Self, TargetError> {
        let base = base_url(&settings.url)?;
        let client = transport.client(base.starts_with("https:"), timeout)?;
        let (lease, tokens) = (tokio::sync::Mutex::new(None), Mutex::default());
        Ok(Self {
            settings,
            base,
            client,
            throttle: Throttle::new(patience, Waits::default()),
            patience,
            lease,
            tokens,
        })
    }

    /// The token to send now.
    pub(super) async fn token(&self) -> Result<(HeaderValue, Stamp), String> {
        let mut lease = self.lease.lock().await;
        let now = Timestamp::now();
        match &mut *lease {
            Some(lease) if !lease.life.is_due(now) => {}
            // A service that throttles is not waited for as long as there is a token.
            Some(old) => match self.obtained(Stamp(old.stamp.0 + 1), false).await {
                Ok(new) => *old = new,
                // The old one still serves; where it does not, its refusal says so.
                Err(_) => old.life.tried = Some(now),
            },
            None => *lease = Some(self.obtained(Stamp(0), true).await?),
        }
        lease.as_ref().map(|lease| (lease.token.clone(), lease.stamp)).ok_or_else(|| "there is none".to_owned())
    }

    /// Another token, because the one in use is refused.
    pub(super) async fn renew(&self) -> Result<(), String> {
        let mut lease = self.lease.lock().await;
        let stamp = Stamp(lease.as_ref().map_or(0, |lease| lease.stamp.0 + 1));
        *lease = Some(self.obtained(stamp, true).await?);
        Ok(())
    }

    pub(super) fn tokens(&self) -> Vec<Secret> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn obtained(&self, stamp: Stamp, is_needed: bool) -> Result<Lease, String> {
        let (started, mut pause) = (Instant::now(), FIRST_PAUSE);
        loop {
            let obtained = Timestamp::now();
            let delivery = if is_needed {
                self.throttle.pass(&Lanes::new(1), true, async || self.asked().await).await
            } else {
                self.asked().await
            };
            let outcome = delivery.outcome;
            let failed = match &outcome {
                Outcome::Answer(answer) => answer.status >= 500,
                _ => true,
            };
            let left = self.patience.saturating_sub(started.elapsed());
            if failed && is_needed && !left.is_zero() {
                tokio::time::sleep(pause.min(left)).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                continue;
            }
            return self.read(outcome, obtained, stamp).map_err(|why| {
                let told = self.settings.password.mask(&format!("the identity service at {} {why}", self.base));
                told.chars().flat_map(char::escape_debug).collect()
            });
        }
    }

    async fn asked(&self) -> Delivery {
        let started = Instant::now();
        let outcome = match built(&self.client, &self.base, &self.request()) {
            Ok(request) => delivered(&self.client, request).await,
            Err(why) => unsendable(why),
        };
        Delivery { outcome, elapsed: started.elapsed() }
    }

    fn request(&self) -> Request {
        let IamSettings { user, password, domain, project, .. } = &self.settings;
        let user = json!({"name": user, "password": password.expose(), "domain": {"name": domain}});
        let body = json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": project}},
        }});
        Request {
            method: "POST".to_owned(),
            path: "/v3/auth/tokens".to_owned(),
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: Some(body.to_string().into_bytes().into()),
        }
    }

    fn read(&self, outcome: Outcome, obtained: Timestamp, stamp: Stamp) -> Result<Lease, String> {
        let answer = match outcome {
            Outcome::Answer(answer) => answer,
            Outcome::Timeout => {
                return Err("does not answer in time; check its URL, or give a longer timeout".to_owned());
            }
            Outcome::Unreachable(why) | Outcome::Dropped(why) | Outcome::Gone(why) => {
                return Err(format!("cannot be reached ({why}); check its URL"));
            }
            Outcome::Lost | Outcome::NotSent | Outcome::Interrupted | Outcome::OutOfTime | Outcome::OutOfBudget => {
                return Err("was not asked".to_owned());
            }
        };
        if answer.status == 429 {
            return Err("throttles with 429; wait a while, or give more patience".to_owned());
        }
        if answer.status != 201 {
            let words = words(&answer);
            return Err(format!("answered {}{words}; check user, password, domain and project", answer.status));
        }
        let token = answer.header("x-subject-token").filter(|token| !token.is_empty());
        let token = token.ok_or("answered 201 without the header X-Subject-Token; check its URL")?;
        let header = sensitive(token).map_err(|why| format!("gave a token that cannot be used: {why}"))?;
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.push(Secret::new("FENCEPOST_TOKEN", token));
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let expires = body.pointer("/token/expires_at").and_then(Value::as_str).and_then(|text| text.parse().ok());
        // An end in the past is a matter of clocks that differ, and says nothing.
        let expires = expires.filter(|expires| *expires > obtained);
        Ok(Lease { token: header, stamp, life: Life { obtained, expires, tried: None } })
    }
}

/// What the service says is wrong.
fn words(answer: &Response) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let message = body.pointer("/error/message").and_then(Value::as_str).unwrap_or_default();
    if message.is_empty() {
        String::new()
    } else {
        format!(" ({})", message.chars().take(MOST_TOLD).collect::<String>())
    }
}

impl Life {
    /// Whether the token should be renewed by now.
    fn is_due(&self, now: Timestamp) -> bool {
        let Some(expires) = self.expires else { return false };
        let margin = (expires.duration_since(self.obtained) / 10).min(MARGIN);
        let rested = self.tried.is_none_or(|tried| now.duration_since(tried) >= RESPITE);
        rested && now.duration_since(expires) >= -margin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[track_caller]
    fn check(life: Life, due: &[(i64, bool)]) {
        for (second, due) in due {
            assert_eq!(life.is_due(at(*second)), *due, "at {second}: {life:?}");
        }
    }

    #[test]
    fn a_token_is_renewed_some_time_before_its_end() {
        let day = Life { obtained: at(0), expires: Some(at(86_400)), tried: None };
        check(day, &[(0, false), (86_099, false), (86_100, true), (90_000, true)]);
        let minute = Life { obtained: at(0), expires: Some(at(60)), tried: None };
        check(minute, &[(0, false), (53, false), (54, true), (60, true)]);
    }

    #[test]
    fn a_token_without_an_end_is_not_renewed_in_advance() {
        check(Life { obtained: at(0), expires: None, tried: None }, &[(0, false), (1_000_000, false)]);
    }

    #[test]
    fn a_renewal_that_failed_is_not_tried_again_at_once() {
        let life = Life { obtained: at(0), expires: Some(at(60)), tried: Some(at(54)) };
        check(life, &[(54, false), (83, false), (84, true)]);
    }
}
