//! What a target is waiting for, told to whoever asks from another thread: nothing is sent or decided here.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Something that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// So many answers, none of them longer than this.
    Answers(usize, Duration),
    /// The end of a time for which the service asked to be left alone, which is over then.
    Calm(Duration),
    /// A target that is gone, and for how long at most.
    Return(Duration),
    /// New credentials, and for how long at most.
    Token(Duration),
    /// The turn of the next request, where they go out no faster than so.
    Turn(Duration),
}

/// Something else than answers, and until when at most.
type Other = (fn(Duration) -> Waiting, Instant);

/// What is waited for, as it changes.
#[derive(Debug, Clone, Default)]
pub struct Waits(Arc<Now>);

#[derive(Debug, Default)]
struct Now {
    in_flight: AtomicUsize,
    /// How long an answer may take.
    timeout: Duration,
    /// How long after another a request goes out; nothing where at once.
    interval: Option<Duration>,
    /// What else is waited for, and until when at most.
    other: Mutex<Option<Other>>,
}

impl Waits {
    pub(super) fn new(timeout: Duration, interval: Option<Duration>) -> Self {
        Self(Arc::new(Now { timeout, interval, ..Now::default() }))
    }

    /// What is waited for now; nothing where nothing is.
    pub fn now(&self) -> Option<Waiting> {
        let other = *self.0.other.lock().unwrap_or_else(PoisonError::into_inner);
        let in_flight = self.in_flight();
        match other {
            // While a token is waited for, or a sign of life, that is what is in flight.
            Some((waiting, until)) => Some(waiting(until.saturating_duration_since(Instant::now()))),
            None if in_flight > 0 => Some(Waiting::Answers(in_flight, self.0.timeout)),
            None => self.0.interval.map(Waiting::Turn),
        }
    }

    pub(super) fn in_flight(&self) -> usize {
        self.0.in_flight.load(Ordering::Relaxed)
    }

    pub(super) fn departs(&self) {
        self.0.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn lands(&self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// Something is waited for, for so long at most, until what is returned is dropped.
    pub(super) fn begin(&self, waiting: fn(Duration) -> Waiting, most: Duration) -> Wait<'_> {
        let now = Instant::now();
        // A time beyond what a clock can tell is as good as this.
        let until = now.checked_add(most).unwrap_or(now);
        *self.0.other.lock().unwrap_or_else(PoisonError::into_inner) = Some((waiting, until));
        Wait(self)
    }
}

/// A wait that goes on.
pub(super) struct Wait<'a>(&'a Waits);

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        *self.0.0.other.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
