//! How large a body may be described: every place of it costs a dozen probes, and pairs of places cost their product.

use super::model::Shape;
use super::reader::Reader;
use crate::document::error::Flaw;

/// Places and listed values, together. The shipped contract, a large one, has some 200.
const MOST_PLACES: usize = 2_000;
/// As deep as JSON readers go by default (128 levels), less a margin for what probes wrap around a value.
const MOST_DEPTH: usize = 100;
/// Names of places, and texts at their greatest lengths: a few of each are held in memory at once.
const MOST_CHARACTERS: usize = 20_000_000;

/// What has been described so far.
#[derive(Debug, Default)]
pub(super) struct SizeLimits {
    places: usize,
    characters: usize,
}

impl SizeLimits {
    /// Takes the room of one place, so many levels down, that holds values of this shape.
    pub(super) fn take(&mut self, here: &Reader<'_>, name: &str, depth: usize, shape: &Shape) -> Result<(), Flaw> {
        let values = shape.values().map_or(0, |values| values.firm.len() + values.disputed.len());
        self.places += 1 + values;
        self.characters += name.len();
        if let Shape::Text { min, max, .. } = shape {
            self.characters += max.or(*min).unwrap_or(0);
        }
        if depth > MOST_DEPTH {
            return Err(
                here.fault(format!("the body nests more than {MOST_DEPTH} levels deep; describe a flatter one"))
            );
        }
        if self.places > MOST_PLACES {
            let problem =
                format!("the body has more than {MOST_PLACES} places and listed values; describe a smaller one");
            return Err(here.fault(problem));
        }
        if self.characters > MOST_CHARACTERS {
            let problem = format!(
                "the body's names and longest texts have more than {MOST_CHARACTERS} characters; write smaller bounds"
            );
            return Err(here.fault(problem));
        }
        Ok(())
    }
}
