//! What happens in a conversation, told as it happens.

use std::time::Duration;

use super::Stop;
use crate::exchange::{Delivery, Request};
use crate::oracle::Judgement;

/// Something that happened in a conversation with a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// It is about to begin with a plan of so many requests; surprises will add some.
    Planned {
        /// How many.
        requests: usize,
    },
    /// What became of a request is known.
    Heard {
        /// What was sent, or was to be.
        request: &'a Request,
        /// What became of it.
        delivery: &'a Delivery,
        /// What that says by itself.
        judgement: &'a Judgement,
        /// How many requests have been sent so far.
        requests: usize,
    },
    /// The target has been met.
    Met {
        /// Whether it accepted one of the first requests: then others are small changes of that.
        accepted: bool,
    },
    /// The target does not answer as it did, and is given time.
    Waiting {
        /// How often it has been given time for the same reason.
        times: usize,
    },
    /// An outage is over: the target had been gone, or failed for a while, and does not any more.
    Back,
    /// Answers change while the request does not, so the conversation begins anew and asks often enough to tell.
    Wavers {
        /// How many answers were other than they should be, of those of which that is known.
        others: u32,
        /// How many these are.
        asked: u32,
    },
    /// The target had asked to be left alone, and was.
    Throttled {
        /// For how long, since this was told last.
        waited: Duration,
    },
    /// The caller was known no more, so new credentials were asked for.
    Renewed {
        /// Whether there are new ones.
        obtained: bool,
    },
    /// Nothing more is sent.
    Stopped(Stop),
}
