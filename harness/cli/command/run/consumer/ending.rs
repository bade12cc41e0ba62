//! The exit code: what was found, what drifted, and whether enough was tested.

use super::super::super::error::Failure;
use super::super::enough;
use super::Consumer;
use crate::cli::config::arguments::RunArguments;
use crate::cli::console::exit::Exit;
use crate::cli::console::output;
use crate::contract::Contract;
use crate::event::Event;
use crate::session::Stop;
use crate::verdict::Verdicts;

pub(in crate::cli::command::run) struct Ending<'a> {
    arguments: &'a RunArguments,
    contract: &'a Contract,
    drifted: bool,
    exit: Exit,
}

impl<'a> Ending<'a> {
    pub(in crate::cli::command::run) fn new(arguments: &'a RunArguments, contract: &'a Contract) -> Self {
        Self { arguments, contract, drifted: false, exit: Exit::Clean }
    }

    pub(in crate::cli::command::run) fn exit(&self) -> Exit {
        self.exit
    }
}

impl Consumer for Ending<'_> {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Drifted(_) => self.drifted = true,
            Event::Ended(verdicts) => {
                let shortfall = enough::shortfall(self.arguments, self.contract, verdicts);
                if let Some(shortfall) = &shortfall {
                    output::complain(shortfall);
                }
                self.exit = exit(verdicts, self.drifted, shortfall.is_some());
            }
            _ => {}
        }
        Ok(())
    }
}

fn exit(verdicts: &Verdicts, drift: bool, too_little: bool) -> Exit {
    match verdicts.stop {
        Some(Stop::Interrupted) => Exit::Interrupted,
        Some(Stop::Unauthorized(_)) => Exit::Untestable,
        _ if !verdicts.findings.is_empty() || drift => Exit::Findings,
        Some(Stop::Died | Stop::Throttled | Stop::Crashes) => Exit::Untestable,
        _ if too_little => Exit::Untestable,
        Some(Stop::Budget | Stop::OutOfTime) | None => Exit::Clean,
    }
}
