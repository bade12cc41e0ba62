//! What is said where a second interruption ends the process at once: what is left undone, and what to do about it.

use std::sync::{Arc, Mutex, PoisonError};

type Words = Box<dyn Fn() -> String + Send>;

/// The last words of a process, shared by whoever knows what is to be said and whoever ends it.
#[derive(Clone, Default)]
pub(in crate::cli) struct LastWords(Arc<Mutex<Option<Words>>>);

impl LastWords {
    /// What there is to say now; nothing where nothing is left undone.
    pub(in crate::cli) fn now(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|words| words())
    }

    /// From now on there is this to say, of the moment when it is said.
    pub(super) fn are(&self, words: impl Fn() -> String + Send + 'static) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(words));
    }

    /// From now on there is nothing to say.
    pub(super) fn are_none(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
