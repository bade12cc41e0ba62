//! Pace: how fast requests may follow each other, whatever number of them is in flight.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// So many requests in so long a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many; above 0.
    pub requests: u32,
    /// In how long a time.
    pub per: Duration,
}

impl Rate {
    /// How long after another each goes out.
    pub(super) fn interval(self) -> Duration {
        self.per / self.requests.max(1)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.per.as_millis() {
            1_000 => write!(f, "{}/s", self.requests),
            60_000 => write!(f, "{}/m", self.requests),
            3_600_000 => write!(f, "{}/h", self.requests),
            other => write!(f, "{} in {other} ms", self.requests),
        }
    }
}

/// Gives each request its turn: evenly spaced, so that no second sees a burst.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    pub(super) fn new(rate: Rate) -> Self {
        Self { interval: rate.interval(), next: Mutex::new(None) }
    }

    /// Waits for a turn. Of turns that nobody took one is made up for, so that the rate is held by a timer that is late; the
    /// others are lost: a target that was left alone gets no burst for it.
    pub(super) async fn turn(&self) {
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let earliest = now.checked_sub(self.interval).unwrap_or(now);
            let turn = next.unwrap_or(now).max(earliest);
            *next = Some(turn + self.interval);
            turn
        };
        tokio::time::sleep_until(turn).await;
    }
}
