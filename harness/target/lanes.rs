//! Lanes: how many requests are under way at a time. Fewer where of more some are not answered, and in time again as many as were
//! wanted: what was too much once may be none later, and what was seen to work is gone back to.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

/// So many requests have to be answered before another lane is tried; twice as many each time that there were too many.
const FIRST_TRIAL: usize = 128;

/// So many turns of the other tasks it takes until a connection that is done with an answer is there again.
const TURNS: usize = 8;

/// The lanes to a target.
#[derive(Debug)]
pub(super) struct Lanes {
    permits: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    wanted: usize,
    /// How many there are now.
    now: usize,
    /// How many there were when so many requests had been answered that one more was tried.
    proven: usize,
    /// How many are in use and to be closed when they are free.
    surplus: usize,
    /// How many requests were answered since the number changed.
    answered: usize,
    /// How many have to be before it grows.
    trial: usize,
    /// How often there were too many.
    eased: usize,
}

/// One lane, free again when it is dropped.
pub(super) struct Lane<'a> {
    lanes: &'a Lanes,
    permit: Option<SemaphorePermit<'a>>,
    /// How often there had been too many when it was entered.
    pub(super) eased: usize,
}

impl Lanes {
    pub(super) fn new(wanted: usize) -> Self {
        let wanted = wanted.max(1);
        let state =
            State { wanted, now: wanted, proven: wanted, surplus: 0, answered: 0, trial: FIRST_TRIAL, eased: 0 };
        Self { permits: Semaphore::new(wanted), state: Mutex::new(state) }
    }

    /// Waits for a lane, in the order of those who wait.
    pub(super) async fn enter(&self) -> Lane<'_> {
        // The lanes are never closed for good.
        let permit = self.permits.acquire().await.ok();
        Lane { lanes: self, permit, eased: self.state().eased }
    }

    /// Closes lanes: half of them, or those that were opened on trial. Tells how many are left; nothing where there is but one.
    pub(super) fn ease(&self) -> Option<usize> {
        let mut state = self.state();
        let fewer = if state.proven < state.now { state.proven } else { state.now / 2 };
        if fewer == 0 {
            return None;
        }
        let closed = state.now - fewer;
        state.surplus += closed - self.permits.forget_permits(closed);
        state.eased += 1;
        (state.now, state.proven, state.answered) = (fewer, fewer, 0);
        state.trial = state.trial.saturating_mul(2);
        Some(fewer)
    }

    /// The same for a request that was in a lane when there were too many, unless others have seen to that since.
    pub(super) fn ease_for(&self, lane: &Lane<'_>) {
        if lane.eased == self.state().eased {
            self.ease();
        }
    }

    /// A request was answered.
    pub(super) fn answered(&self) {
        let mut state = self.state();
        state.answered += 1;
        if state.now < state.wanted && state.answered >= state.trial {
            (state.proven, state.answered) = (state.now, 0);
            state.now += 1;
            if state.surplus > 0 {
                state.surplus -= 1;
            } else {
                self.permits.add_permits(1);
            }
        }
    }

    /// How many there are now.
    pub(super) fn count(&self) -> usize {
        self.state().now
    }

    /// Whether there are fewer than were wanted.
    fn is_tight(&self) -> bool {
        let state = self.state();
        state.now < state.wanted
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane<'_> {
    /// Where more would be too many, gives a connection the time to be there for the next request, which would make another.
    pub(super) async fn rest(&self) {
        if self.lanes.is_tight() {
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
        }
    }
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        let mut state = self.lanes.state();
        if state.surplus > 0
            && let Some(permit) = self.permit.take()
        {
            state.surplus -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_closed_by_half_and_opened_one_by_one_as_long_as_that_works() {
        let lanes = Lanes::new(16);
        assert_eq!((lanes.ease(), lanes.ease()), (Some(8), Some(4)));
        assert_eq!(lanes.permits.available_permits(), 4);
        (0..4 * FIRST_TRIAL).for_each(|_| lanes.answered());
        assert_eq!(lanes.permits.available_permits(), 5);
        // One too many: back to what was seen to work, and the next trial is later.
        assert_eq!(lanes.ease(), Some(4));
        (0..8 * FIRST_TRIAL - 1).for_each(|_| lanes.answered());
        assert_eq!(lanes.permits.available_permits(), 4);
        lanes.answered();
        assert_eq!(lanes.permits.available_permits(), 5);
        assert_eq!((lanes.ease(), lanes.ease(), lanes.ease(), lanes.ease()), (Some(4), Some(2), Some(1), None));
        // What was wanted is never exceeded.
        let few = Lanes::new(2);
        few.ease();
        (0..100 * FIRST_TRIAL).for_each(|_| few.answered());
        assert_eq!(few.permits.available_permits(), 2);
    }

    #[test]
    fn a_lane_in_use_is_closed_when_it_is_free() {
        let lanes = Lanes::new(2);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (one, other) = runtime.block_on(async { (lanes.enter().await, lanes.enter().await) });
        lanes.ease_for(&one);
        lanes.ease_for(&other);
        drop(one);
        assert_eq!(lanes.permits.available_permits(), 0);
        drop(other);
        assert_eq!(lanes.permits.available_permits(), 1);
    }
}
