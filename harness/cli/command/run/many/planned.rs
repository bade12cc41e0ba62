//! What a run over the operations of a document would do: how much of each it would test, and what it would leave alone.

use super::super::super::error::Failure;
use super::super::{may, plan as planning};
use super::selected::Selected;
use crate::cli::config::arguments::RunArguments;
use crate::cli::config::contracts::OpenContracts;
use crate::cli::config::settings::Settings;
use crate::cli::connect::caller;
use crate::cli::console::exit::Exit;
use crate::cli::console::output::{self, counted};
use crate::suite::Suite;

pub(super) fn plan(
    arguments: &RunArguments,
    settings: &Settings,
    open: &OpenContracts,
    selected: &Selected,
) -> Result<Exit, Failure> {
    output::print(&format!(
        "planning {}: {} of {}\n\n",
        settings.name(),
        counted(open.count(), "operation"),
        open.name
    ));
    let is_own = settings.target.is_none();
    let (mut rules, mut requests) = (0, 0);
    for (number, opened) in open.in_turn() {
        let name = opened.name;
        let contract = match opened.contract {
            Ok(contract) => contract,
            Err(_) if !selected.is_all() => continue,
            Err(why) => {
                output::print(&format!("{name}: not tested: {why}\n"));
                continue;
            }
        };
        let Some(mut suite) = selected.applied(number, Suite::new(&contract), arguments.shard) else { continue };
        let is_loopback = is_own || caller::check(&contract, settings)?;
        if let Some(why) = may::withheld(contract.operation(), settings, &arguments.allowed(), is_own, is_loopback) {
            let unless = if name.starts_with("PUT ") { ", unless an answer tells what it may be about" } else { "" };
            output::print(&format!("{name}: not sent{unless}: {why}\n"));
            continue;
        }
        if !arguments.may_weigh() && !is_loopback {
            suite = suite.gently();
        }
        let suite = suite.within(None).sparing(None);
        let own = suite.reported().iter().filter(|reported| **reported).count();
        let sent = planning::rehearsed(&suite).requests;
        output::print(&format!("{name}: {}, {}\n", counted(own, "rule"), counted(sent, "request")));
        rules += own;
        requests += sent;
    }
    output::print(&format!("\n{}", planning::in_all(rules, requests, settings)));
    Ok(Exit::Clean)
}
