//! The journal: what became of each request, written down as it is heard.

use super::super::error::Failure;
use super::Consumer;
use crate::cli::console::output;
use crate::event::Event;
use crate::journal::Journal;

impl Consumer for Journal {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        self.enter(event);
        if let (Event::PutBack { .. }, Some(why)) = (event, self.unwritten()) {
            output::complain(&format!(
                "the journal could not be written to its end ({why}): a run that is resumed asks again from there"
            ));
        }
        Ok(())
    }
}
