//! Throttling: what becomes of a request while the target asks to be left alone.
//!
//! Such an answer says nothing of the request, so it is sent again: one request at a time, in their order, until answers
//! come freely again.

use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::lanes::Lanes;
use super::waits::{Waiting, Waits};
use crate::exchange::{Delivery, Outcome, Response};

/// The first wait where the target names none; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest such wait.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The longest wait that a target can ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(300);
/// Tries after which a wait of no time at all is no longer believed.
const HASTY_TRIES: u32 = 3;
/// Tries after which a 503 without a time is an answer like any other.
const PLAIN_TRIES: u32 = 4;
/// So many requests must be let through, one at a time, before they go out together again.
const CALM: usize = 32;

/// What has been learnt of the target's limits.
#[derive(Debug)]
pub(super) struct Throttle {
    /// How long a request waits in all, before it is told as throttled.
    patience: Duration,
    /// Held by the request whose turn it is. The lock is fair.
    turn: Mutex<()>,
    /// Before then nothing is sent.
    hold: std::sync::Mutex<Option<Instant>>,
    /// How many requests are still to be let through one at a time.
    strict: AtomicUsize,
    /// For how many microseconds nothing was sent, and nobody has been told so.
    waited: AtomicU64,
    /// Whether a 503 that names no time has turned out to be no matter of time.
    fails_so: AtomicBool,
    /// Whether a request has waited as long as one may, and none was let through since.
    is_spent: AtomicBool,
    waits: Waits,
}

/// How a target asks to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// For so long.
    For(Duration),
    /// For some time.
    Unspecified,
    /// Perhaps not at all: a 503 may also be a failure.
    Doubtful,
}

impl Throttle {
    pub(super) fn new(patience: Duration, waits: Waits) -> Self {
        Self {
            patience,
            turn: Mutex::new(()),
            hold: std::sync::Mutex::new(None),
            strict: AtomicUsize::new(0),
            waited: AtomicU64::new(0),
            fails_so: AtomicBool::new(false),
            is_spent: AtomicBool::new(false),
            waits,
        }
    }

    /// Sends a request until the target does not throttle it; a request that it throttles for too long is told as throttled.
    ///
    /// What is not `repeatable` is sent again only where the answer says that nothing came of it yet. Of what is throttled among
    /// others there may be too many at a time.
    pub(super) async fn pass(&self, lanes: &Lanes, repeatable: bool, send: impl AsyncFn() -> Delivery) -> Delivery {
        let lane = lanes.enter().await;
        let send = async || {
            let delivery = send().await;
            lane.rest().await;
            delivery
        };
        let mut tries = 0;
        // One request that waited in vain waited for the others, too.
        let mut left = if self.is_spent.load(Ordering::Relaxed) { Duration::ZERO } else { self.patience };
        if self.strict.load(Ordering::Relaxed) == 0 {
            let delivery = send().await;
            let Some(demand) = self.demand(&delivery.outcome, repeatable) else { return delivery };
            lanes.ease_for(&lane);
            if left.is_zero() {
                return delivery;
            }
            tries = 1;
            left -= self.hold_for(demand, tries, left);
        }
        let _turn = self.turn.lock().await;
        loop {
            self.held().await;
            let delivery = send().await;
            let Some(demand) = self.demand(&delivery.outcome, repeatable) else {
                let one_less = |strict: usize| strict.checked_sub(1);
                // An error means that requests go out together already.
                let _ = self.strict.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
                self.is_spent.store(false, Ordering::Relaxed);
                return delivery;
            };
            tries += 1;
            if demand == Demand::Doubtful && tries >= PLAIN_TRIES {
                self.fails_so.store(true, Ordering::Relaxed);
                return delivery;
            }
            if left.is_zero() {
                self.is_spent.store(demand != Demand::Doubtful, Ordering::Relaxed);
                return delivery;
            }
            left -= self.hold_for(demand, tries, left);
        }
    }

    /// What an answer asks for; nothing where it is about the request.
    fn demand(&self, outcome: &Outcome, repeatable: bool) -> Option<Demand> {
        let Outcome::Answer(response) = outcome else { return None };
        match (response.status, retry_after(response)) {
            (429 | 503, Some(wait)) => Some(Demand::For(wait)),
            (429, None) => Some(Demand::Unspecified),
            (503, None) if repeatable && !self.fails_so.load(Ordering::Relaxed) => Some(Demand::Doubtful),
            _ => None,
        }
    }

    /// Sends nothing for as long as was asked for, or `most`, and tells how long that is.
    fn hold_for(&self, demand: Demand, tries: u32, most: Duration) -> Duration {
        self.strict.store(CALM, Ordering::Relaxed);
        let wait = wait(demand, tries, fastrand::f64()).min(most);
        let until = Instant::now() + wait;
        let mut hold = self.hold.lock().unwrap_or_else(PoisonError::into_inner);
        *hold = Some(hold.map_or(until, |other| other.max(until)));
        wait
    }

    /// For how long nothing was sent since this was asked last.
    pub(super) fn waited(&self) -> Duration {
        Duration::from_micros(self.waited.swap(0, Ordering::Relaxed))
    }

    async fn held(&self) {
        let hold = *self.hold.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = hold {
            let left = until.saturating_duration_since(Instant::now());
            let _wait = self.waits.begin(Waiting::Calm, left);
            tokio::time::sleep_until(until).await;
            self.waited.fetch_add(u64::try_from(left.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }
}

/// How long to wait after so many tries; `jitter` from 0 to 1 spreads what several clients do.
fn wait(demand: Demand, tries: u32, jitter: f64) -> Duration {
    let own = |tries: u32| {
        let doubled = FIRST_WAIT.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(LONGEST_WAIT);
        doubled.mul_f64(jitter.mul_add(0.5, 0.5))
    };
    // A little later than asked: all who were turned away at that moment come back at this one.
    let later = |asked: Duration| asked.mul_f64(jitter.mul_add(0.1, 1.0));
    match demand {
        Demand::For(asked) if tries <= HASTY_TRIES => later(asked),
        Demand::For(asked) => later(asked).max(own(tries - HASTY_TRIES)),
        Demand::Unspecified | Demand::Doubtful => own(tries),
    }
}

/// The time that a `Retry-After` asks for: in seconds, or until a date.
fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.header("retry-after")?.trim();
    let asked = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than can be counted are as good as for ever.
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        // A date of the past asks for no wait.
        httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::now()).unwrap_or_default()
    };
    Some(asked.min(LONGEST_ASKED))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: Option<&str>) -> Outcome {
        let headers = retry_after.map(|value| ("Retry-After".to_owned(), value.to_owned())).into_iter().collect();
        Outcome::Answer(Response { status, headers, body: Vec::new(), unread: None })
    }

    #[track_caller]
    fn check(status: u16, retry_after: Option<&str>, demand: Option<Demand>) {
        let throttle = Throttle::new(Duration::from_secs(3), Waits::default());
        assert_eq!(throttle.demand(&answer(status, retry_after), true), demand, "{status} {retry_after:?}");
    }

    #[test]
    fn what_a_target_asks_for_is_read_off_its_answer() {
        let seconds = |seconds| Some(Demand::For(Duration::from_secs(seconds)));
        check(429, Some("7"), seconds(7));
        check(503, Some(" 7 "), seconds(7));
        check(429, Some("0"), seconds(0));
        check(429, Some("86400"), seconds(300));
        check(429, Some("99999999999999999999"), seconds(300));
        check(429, Some("Sun, 06 Nov 1994 08:49:37 GMT"), seconds(0));
        check(429, Some("Fri, 31 Dec 2399 23:59:59 GMT"), seconds(300));
        // The two older forms that a reader of HTTP has to know.
        check(429, Some("Fri Dec 31 23:59:59 2399"), seconds(300));
        check(429, Some("Sunday, 06-Nov-94 08:49:37 GMT"), seconds(0));
        check(429, Some("soon"), Some(Demand::Unspecified));
        check(429, Some("-1"), Some(Demand::Unspecified));
        check(429, None, Some(Demand::Unspecified));
        check(503, None, Some(Demand::Doubtful));
        for status in [200, 400, 500, 502, 504] {
            check(status, Some("7"), None);
        }
    }

    #[test]
    fn waits_grow_to_a_limit_and_never_fall_short_of_what_was_asked() {
        let millis = |demand, tries, jitter| wait(demand, tries, jitter).as_millis();
        assert_eq!(
            [1, 2, 3, 8, 60].map(|tries| millis(Demand::Unspecified, tries, 1.0)),
            [250, 500, 1_000, 30_000, 30_000]
        );
        assert_eq!([1, 2, 3, 8].map(|tries| millis(Demand::Doubtful, tries, 0.0)), [125, 250, 500, 15_000]);
        let asked = Demand::For(Duration::from_secs(5));
        assert_eq!([0.0, 1.0].map(|jitter| millis(asked, 1, jitter)), [5_000, 5_500]);
        assert_eq!([1, 3, 4, 5].map(|tries| millis(Demand::For(Duration::ZERO), tries, 0.0)), [0, 0, 125, 250]);
    }
}
