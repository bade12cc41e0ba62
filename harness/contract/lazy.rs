//! The schema of an answer, made when it is first needed: most documented answers never come, and some are as large as the
//! document.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

/// Marks an `anyOf` that the document calls `oneOf`: of an answer no more is demanded.
pub(crate) const CALLED_ONE_OF: &str = "x-called-oneOf";

/// A schema by itself, and an example of it.
#[derive(Clone)]
pub struct LazySchema(Arc<Inner>);

type Make = Box<dyn Fn() -> Made + Send + Sync>;

struct Inner {
    made: OnceLock<Made>,
    make: Make,
}

/// What is made of a schema of the document.
#[derive(Debug, PartialEq)]
pub(crate) struct Made {
    /// The schema, with all that it refers to under `$defs`, by numbers.
    pub(crate) schema: Value,
    /// An example of it; null where none was found.
    pub(crate) example: Value,
    /// Where it stands in the document.
    pub(crate) source: String,
    /// Where each of the schemas that it refers to stands in the document, by its number.
    pub(crate) sources: Vec<String>,
}

impl LazySchema {
    /// One that is made so.
    pub(crate) fn new(make: impl Fn() -> Made + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { made: OnceLock::new(), make: Box::new(make) }))
    }

    /// The schema, with all that it refers to.
    pub fn schema(&self) -> &Value {
        &self.made().schema
    }

    /// An example of it; null where none was found.
    pub fn example(&self) -> &Value {
        &self.made().example
    }

    /// The schema that is referred to by a number, and where it stands in the document.
    pub(crate) fn referred(&self, number: &str) -> Option<(&Value, &str)> {
        let made = self.made();
        let schema = made.schema.get("$defs")?.get(number)?;
        Some((schema, made.sources.get(number.parse::<usize>().ok()?)?))
    }

    /// Where the schema stands in the document.
    pub(crate) fn source(&self) -> &str {
        &self.made().source
    }

    fn made(&self) -> &Made {
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
