//! The exit code: what was found, what drifted, and whether enough was tested.

use std::time::Instant;

use super::super::error::Failure;
use super::Consumer;
use crate::cli::console::exit::Exit;
use crate::cli::console::output::{self, counted};
use crate::event::Event;
use crate::exchange::Outcome;
use crate::session::{self, Stop};
use crate::verdict::Verdicts;

/// Why too little was tested, in one line; nothing where it was enough.
type Shortfall<'a> = Box<dyn Fn(&Verdicts) -> Option<String> + 'a>;

pub(in crate::cli::command) struct Ending<'a> {
    shortfall: Shortfall<'a>,
    /// Whether there is something that makes a run fail.
    found: bool,
    /// Whether a search was over before it looked at the answer to a case.
    in_vain: bool,
    /// Whether nothing can be said of any rule.
    is_untestable: bool,
    /// How many cases of a search went wrong, nobody knows what for.
    unresolved: usize,
    exit: Exit,
    presence: Presence,
    /// Why a target is waited for.
    awaited: Option<Stop>,
}

/// How long a target was there.
#[derive(Debug, Default, Clone, Copy)]
struct Presence {
    answers: usize,
    /// When the first answer came, and the last.
    from: Option<Instant>,
    until: Option<Instant>,
}

impl<'a> Ending<'a> {
    pub(in crate::cli::command) fn new(shortfall: impl Fn(&Verdicts) -> Option<String> + 'a) -> Self {
        Self {
            shortfall: Box::new(shortfall),
            found: false,
            in_vain: false,
            is_untestable: false,
            unresolved: 0,
            exit: Exit::Clean,
            presence: Presence::default(),
            awaited: None,
        }
    }

    pub(in crate::cli::command) fn exit(&self) -> Exit {
        self.exit
    }

    /// The exit code of what ended so, and what has to be said of it.
    fn ended(&self, stop: Option<Stop>, is_gone: bool, verdicts: Option<&Verdicts>) -> (Exit, Option<String>) {
        if self.is_untestable {
            // Why is the command's error.
            return (Exit::Untestable, None);
        }
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
                let Presence { answers, until, from } = self.presence;
                let there = counted(answers, "answer");
                let seconds = from.zip(until).map_or(0.0, |(from, until)| until.duration_since(from).as_secs_f64());
                let why = self.awaited.unwrap_or(Stop::Died);
                let gone = format!(
                    "{why}, after {there} in {seconds:.1} s, and did not come back: what the search had left is untested"
                );
                return (Exit::Untestable, Some(gone));
            }
            Some(Stop::Died | Stop::Turned(_) | Stop::Throttled | Stop::Crashes) => Exit::Untestable,
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
            Some(Stop::Budget | Stop::OutOfTime | Stop::Anew) | None => Exit::Clean,
        };
        (exit, too_little)
    }
}

impl Consumer for Ending<'_> {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Conversation(session::Event::Heard { delivery, .. }) => {
                if matches!(delivery.outcome, Outcome::Answer(_)) {
                    let presence = &mut self.presence;
                    presence.answers += 1;
                    presence.until = Some(Instant::now());
                    presence.from = presence.from.or(presence.until);
                }
            }
            Event::Awaited(stop) => self.awaited = Some(*stop),
            Event::Found { waiver: None | Some((_, false)), .. } | Event::Drifted(_) => self.found = true,
            Event::Finished { tried, unresolved, known, .. } => {
                self.found |= *known > 0;
                self.unresolved = *unresolved;
                self.in_vain = *tried == 0;
            }
            Event::Untestable { .. } => self.is_untestable = true,
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
