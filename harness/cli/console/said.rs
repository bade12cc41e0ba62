//! When something was said last, on whatever stream: there is one silence for the whole process.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

static LAST: Mutex<Option<Instant>> = Mutex::new(None);

/// When something was said last, whatever it was; now, where nothing was yet.
pub(super) fn last() -> Instant {
    *LAST.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now)
}

/// Something is said now.
pub(super) fn now() {
    *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
}
