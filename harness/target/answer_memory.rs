//! Room in memory for answers: where they are long, fewer are asked for at a time.
//!
//! Requests go in in their order, and stay until their answer has been heard. So the one whose turn it is to be heard is
//! always in, and none waits for another that waits for it.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Bytes of a share.
const SHARE: usize = 1 << 16;
/// How many shares there are: 24 MiB, and one each for as many requests as may be in flight.
const SHARES: u32 = 384;

/// The room for answers.
#[derive(Debug)]
pub(super) struct AnswerMemory {
    shares: Semaphore,
    /// Bytes of the longest answer so far.
    longest: AtomicUsize,
}

impl AnswerMemory {
    pub(super) fn new() -> Self {
        Self { shares: Semaphore::new(SHARES as usize), longest: AtomicUsize::new(0) }
    }

    /// Waits for room for an answer as long as the longest so far. It is free again when what is returned is dropped.
    pub(super) async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        // While it grows, and while it is decoded, an answer takes twice its length.
        let shares = 2 * self.longest.load(Ordering::Relaxed) / SHARE;
        // The room is never closed.
        self.shares.acquire_many(u32::try_from(shares).unwrap_or(SHARES).clamp(1, SHARES)).await.ok()
    }

    /// Learns from an answer of so many bytes.
    pub(super) fn learn(&self, bytes: usize) {
        self.longest.fetch_max(bytes, Ordering::Relaxed);
    }
}
