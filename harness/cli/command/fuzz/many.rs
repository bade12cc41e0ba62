//! A search over the operations of a document, one after the other: each has an equal share of the time and of the requests that
//! are left.

use std::time::{Duration, Instant};

use super::super::error::Failure;
use super::super::file_name::file_name;
use super::super::run::may;
use super::{Searched, Share, one};
use crate::cli::config::arguments::FuzzArguments;
use crate::cli::config::contracts::OpenContracts;
use crate::cli::config::settings::Settings;
use crate::cli::connect::faults::Planted;
use crate::cli::connect::interrupts::Interrupts;
use crate::cli::connect::{caller, open_files, path};
use crate::cli::console::exit::Exit;
use crate::cli::console::output::{self, counted};
use crate::contract::{Coding, Contract, Operation, Shape};

pub(super) fn run(
    arguments: &FuzzArguments,
    settings: &Settings,
    open: &OpenContracts,
    length: Duration,
) -> Result<Exit, Failure> {
    let needs_one =
        [(settings.restore.is_some(), "--restore"), (open.count() != 1 && !settings.task_ids.is_empty(), "--task-id")];
    if let Some((_, option)) = needs_one.into_iter().find(|(is_given, _)| *is_given) {
        return Err(Failure::NeedsOne(option));
    }
    path::check_known(&open.path_places(), settings)?;
    let planted = Planted::of_many(open, &arguments.subject.faults)?;
    open_files::check(settings)?;
    let interrupts = Interrupts::begin()?;
    let mut searchable = Vec::new();
    for (number, opened) in open.in_turn() {
        let why = match opened.contract {
            Ok(contract) => not_searched(&contract, settings, arguments)?,
            Err(why) => Some(why),
        };
        match why {
            Some(why) => output::print(&format!("{}: not searched: {why}\n", opened.name)),
            None => searchable.push(number),
        }
    }
    let deadline = Instant::now() + length;
    let (mut exit, mut searched, mut sent) = (Exit::Clean, 0, 0_u64);
    let all = searchable.len();
    let in_turn = open.in_turn().filter(|(number, _)| searchable.contains(number));
    for (turn, (_, opened)) in in_turn.enumerate() {
        let Ok(contract) = opened.contract else { continue };
        let left = u32::try_from(all - turn).unwrap_or(u32::MAX);
        let requests =
            settings.max_requests.as_ref().map(|most| most.value.saturating_sub(sent).div_ceil(u64::from(left)));
        let length = deadline.saturating_duration_since(Instant::now()) / left;
        if interrupts.came() || length.is_zero() || requests == Some(0) {
            break;
        }
        let folder = arguments.corpus.as_ref().map(|folder| folder.join(file_name(contract.operation().name())));
        let share = Share { length, requests, corpus: folder.as_deref() };
        output::print("\n");
        match one(arguments, settings, (&contract, &planted), &share, &interrupts) {
            Ok(Searched { exit: own, requests }) => {
                sent += requests as u64;
                searched += usize::from(own != Exit::Untestable);
                exit = worse(exit, own);
            }
            // What is wrong with one operation says nothing of the others.
            Err(Failure::Untestable(why)) if !why.ends_all() => {
                // It may have spent its share.
                sent += requests.unwrap_or_default();
                output::print(&format!("{}: not searched: {why}\n", opened.name));
            }
            Err(why) => return Err(why),
        }
    }
    output::print(&format!("\n{} searched, {} not\n", counted(searched, "operation"), open.count() - searched));
    Ok(match exit {
        _ if interrupts.came() => Exit::Interrupted,
        Exit::Clean if searched == 0 => {
            output::complain("nothing was searched; the lines above say why");
            Exit::Untestable
        }
        exit => exit,
    })
}

/// Why an operation is not searched; nothing where it is.
fn not_searched(
    contract: &Contract,
    settings: &Settings,
    arguments: &FuzzArguments,
) -> Result<Option<String>, Failure> {
    let operation = contract.operation();
    let body = &operation.body;
    let varies = matches!(
        operation.place(Operation::ROOT).shape,
        Shape::Object { .. } | Shape::Array { .. } | Shape::Tuple { .. }
    );
    if !body.is_sent || body.coding != Coding::Json || !varies {
        let why = "a search varies what stands in a body that is JSON, and it has none; `fencepost run` tests it";
        return Ok(Some(why.to_owned()));
    }
    let is_own = settings.target.is_none();
    let is_loopback = is_own || caller::check(contract, settings)?;
    Ok(may::withheld(operation, settings, &arguments.may, is_own, is_loopback))
}

/// The exit code that says more.
fn worse(one: Exit, other: Exit) -> Exit {
    let rank = |exit: &Exit| match exit {
        Exit::Clean => 0,
        Exit::Untestable => 1,
        Exit::Usage => 2,
        Exit::Findings => 3,
        Exit::Interrupted => 4,
    };
    [one, other].into_iter().max_by_key(rank).unwrap_or(Exit::Clean)
}
