//! How far a run or a search is, and what it waits for: for the status line, and for whoever breaks the silence.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::target::{Waiting, Waits};

/// The figures, shared by whoever learns them and whoever tells them.
#[derive(Debug, Clone)]
pub(in crate::cli::command) struct Figures(Arc<Mutex<Now>>);

#[derive(Debug)]
pub(super) struct Now {
    started: Instant,
    /// When a search ends.
    deadline: Option<Instant>,
    /// About how many requests there will be; nothing in a search, which has no plan.
    pub(super) planned: Option<usize>,
    pub(super) requests: usize,
    pub(super) cases: usize,
    pub(super) findings: usize,
    /// Whether a search waits for a target that is gone.
    pub(super) is_awaited: bool,
}

impl Figures {
    /// Those of a run that begins.
    pub(in crate::cli::command) fn of_a_run() -> Self {
        Self::new(None)
    }

    /// Those of a search that ends then.
    pub(in crate::cli::command) fn of_a_search(deadline: Instant) -> Self {
        Self::new(Some(deadline))
    }

    fn new(deadline: Option<Instant>) -> Self {
        Self(Arc::new(Mutex::new(Now {
            started: Instant::now(),
            deadline,
            planned: None,
            requests: 0,
            cases: 0,
            findings: 0,
            is_awaited: false,
        })))
    }

    pub(super) fn now(&self) -> MutexGuard<'_, Now> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How things stand with a target that waits for this.
    pub(in crate::cli::command) fn standing(&self, waits: &Waits) -> String {
        let now = self.now();
        match (now.told(), now.waited_for(waits)) {
            (told, waiting) if told.is_empty() => waiting,
            (told, waiting) => format!("{told}: {waiting}"),
        }
    }
}

impl Now {
    /// How far it is; empty before anything was sent.
    pub(super) fn told(&self) -> String {
        let Self { started, planned, requests, cases, findings, .. } = self;
        if let Some(planned) = planned {
            return format!("{requests} of about {} requests", planned.max(requests));
        }
        if self.deadline.is_none() {
            return String::new();
        }
        let seconds = started.elapsed().as_secs();
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        format!("{hours}:{minutes:02}:{seconds:02}  {requests} requests  {cases} cases  {findings} new findings")
    }

    /// What is waited for, and how long at most.
    fn waited_for(&self, waits: &Waits) -> String {
        match (self.deadline, waits.now()) {
            (Some(deadline), _) if self.is_awaited => {
                let left = shown(deadline.saturating_duration_since(Instant::now()));
                format!("the target is gone, and waited for, for at most {left}")
            }
            (_, Some(Waiting::Answers(1, most))) => format!("waiting for an answer, for at most {}", shown(most)),
            (_, Some(Waiting::Answers(count, most))) => {
                format!("waiting for {count} answers, for each at most {}", shown(most))
            }
            (_, Some(Waiting::Calm(left))) => {
                format!("the target throttles: the next request goes out in at most {}", shown(left))
            }
            (_, Some(Waiting::Return(left))) => {
                format!("the target is gone, and waited for, for at most {}", shown(left))
            }
            (_, Some(Waiting::Token(left))) => {
                format!("waiting for the identity service, for at most {}", shown(left))
            }
            (_, Some(Waiting::Turn(most))) => {
                format!("the next request waits for its turn, for at most {}", shown(most))
            }
            (_, None) => "the next requests are being made".to_owned(),
        }
    }
}

fn shown(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        few @ 1..120 => format!("{few} s"),
        many => format!("{} min", many.div_ceil(60)),
    }
}
