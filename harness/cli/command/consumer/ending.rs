//! The exit code: what was found, what drifted, and whether enough was tested.

use super::super::error::Failure;
use super::Consumer;
use crate::cli::console::exit::Exit;
use crate::cli::console::output::{self, counted};
use crate::event::Event;
use crate::session::Stop;
use crate::verdict::Verdicts;

/// Why too little was tested, in one line; nothing where it was enough.
type Shortfall<'a> = Box<dyn Fn(&Verdicts) -> Option<String> + 'a>;

pub(in crate::cli::command) struct Ending<'a> {
    shortfall: Shortfall<'a>,
    /// Whether there is something that makes a run fail.
    found: bool,
    /// Whether a search was over before it looked at the answer to a case.
    in_vain: bool,
    /// How many cases of a search went wrong, nobody knows what for.
    unresolved: usize,
    exit: Exit,
}

impl<'a> Ending<'a> {
    pub(in crate::cli::command) fn new(shortfall: impl Fn(&Verdicts) -> Option<String> + 'a) -> Self {
        Self { shortfall: Box::new(shortfall), found: false, in_vain: false, unresolved: 0, exit: Exit::Clean }
    }

    pub(in crate::cli::command) fn exit(&self) -> Exit {
        self.exit
    }

    /// The exit code of what ended so, and what has to be said of it.
    fn ended(&self, stop: Option<Stop>, is_gone: bool, verdicts: Option<&Verdicts>) -> (Exit, Option<String>) {
        let too_little = verdicts.and_then(|verdicts| (self.shortfall)(verdicts));
        let exit = match stop {
            Some(Stop::Interrupted) => Exit::Interrupted,
            // The matrix of a run says it already.
            Some(stop @ Stop::Unauthorized(_)) if verdicts.is_none() => {
                return (Exit::Untestable, Some(stop.to_string()));
            }
            Some(Stop::Unauthorized(_)) => Exit::Untestable,
            _ if self.found => Exit::Findings,
            // While it was waited for the time may have run out: that does not make it tested.
            _ if is_gone => {
                let gone = "the target stopped answering, and did not come back: what the search had left is untested";
                return (Exit::Untestable, Some(gone.to_owned()));
            }
            Some(Stop::Died | Stop::Throttled | Stop::Crashes) => Exit::Untestable,
            _ if self.in_vain => {
                let nothing = "nothing was tested: the search ended before it looked at the answer to a case; give it more with \
                               --for or --max-requests";
                return (Exit::Untestable, Some(nothing.to_owned()));
            }
            _ if self.unresolved > 0 => {
                let open = format!(
                    "{} went wrong, and the search ended before it was found out what for; give it more with --for or \
                     --max-requests",
                    counted(self.unresolved, "case")
                );
                return (Exit::Untestable, Some(open));
            }
            _ if too_little.is_some() => Exit::Untestable,
            Some(Stop::Budget | Stop::OutOfTime) | None => Exit::Clean,
        };
        (exit, too_little)
    }
}

impl Consumer for Ending<'_> {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Found { waiver: None | Some((_, false)), .. } | Event::Drifted(_) => self.found = true,
            Event::Finished { tried, unresolved, known, .. } => {
                self.found |= *known > 0;
                self.unresolved = *unresolved;
                self.in_vain = *tried == 0;
            }
            Event::Concluded { verdicts, .. } => self.found |= !verdicts.findings.is_empty(),
            Event::Ended { stop, is_gone, verdicts } => {
                let (exit, why) = self.ended(*stop, *is_gone, *verdicts);
                self.exit = exit;
                if let Some(why) = why {
                    output::complain(&why);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
