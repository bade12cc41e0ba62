//! One exchange over HTTP: a request goes out as it was written, with the credentials of the moment, and its answer is told
//! as it is.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use reqwest::Client;

use super::bytes::{built, delivered, unsendable};
use super::credential::Login;
use super::lanes::Lanes;
use super::pace::Pace;
use super::throttle::Throttle;
use super::waits::Waits;
use crate::exchange::{Delivery, Outcome, Request};

/// How often a request is sent at the most because its credentials were replaced while it was under way.
const MOST_SENT: usize = 5;

/// What one exchange needs.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) base: String,
    pub(super) client: Client,
    pub(super) lanes: Lanes,
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
    fn begin(sender: &'a Sender, request: &Request) -> Self {
        let changes = !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE");
        let unanswered = changes.then_some(&*sender.unanswered.0);
        if let Some(unanswered) = unanswered {
            unanswered.fetch_add(1, Ordering::Relaxed);
        }
        sender.waits.departs();
        Self { waits: &sender.waits, unanswered }
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

impl Sender {
    /// Sends a request until it is not throttled.
    pub(super) async fn pass(&self, request: &Request) -> Delivery {
        let delivery =
            self.throttle.pass(&self.lanes, request.is_repeatable(), async || self.robustly(request).await).await;
        if matches!(delivery.outcome, Outcome::Answer(_)) {
            self.lanes.answered();
        }
        delivery
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
                return told(login.masked(outcome));
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
