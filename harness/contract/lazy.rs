//! The schema of an answer, made when it is first needed: most documented answers never come, and some are as large as the
//! document.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

/// A schema by itself, and an example of it.
#[derive(Clone)]
pub struct LazySchema(Arc<Inner>);

type Make = Box<dyn Fn() -> (Value, Value) + Send + Sync>;

struct Inner {
    made: OnceLock<(Value, Value)>,
    make: Make,
}

impl LazySchema {
    /// One that is made so: the schema, and an example of it or null.
    pub(crate) fn new(make: impl Fn() -> (Value, Value) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { made: OnceLock::new(), make: Box::new(make) }))
    }

    /// The schema, with all that it refers to.
    pub fn schema(&self) -> &Value {
        &self.made().0
    }

    /// An example of it; null where none was found.
    pub fn example(&self) -> &Value {
        &self.made().1
    }

    fn made(&self) -> &(Value, Value) {
        self.0.made.get_or_init(|| (self.0.make)())
    }
}

impl fmt::Debug for LazySchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LazySchema")
    }
}

impl PartialEq for LazySchema {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.made() == other.made()
    }
}
