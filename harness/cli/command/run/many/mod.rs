//! A run over the operations of a document, one after the other: each is tested by itself, and told in a line.

mod base_path;
mod journals;
mod planned;
mod selected;
mod snapshots;
mod total;

use std::time::Instant;

use super::super::check::each_once;
use super::super::consumer::{Consumer, Figures, Progress, ReportFile, Stream, Terminal};
use super::super::error::Failure;
use super::super::now;
use super::execute::{Conducted, Terms, concluded, execute};
use super::learnt::{Known, Listener};
use super::may;
use crate::cli::config::arguments::RunArguments;
use crate::cli::config::contracts::OpenContracts;
use crate::cli::config::settings::{Settings, Sourced};
use crate::cli::connect::dial::{Connected, connect, log_in};
use crate::cli::connect::faults::Planted;
use crate::cli::connect::interrupts::Interrupts;
use crate::cli::connect::stub::Stage;
use crate::cli::connect::{open_files, path, restore};
use crate::cli::console::exit::Exit;
use crate::cli::console::output::{self, counted};
use crate::cli::console::vigil::Vigil;
use crate::contract::Contract;
use crate::event::Event;
use crate::oracle::Reaction;
use crate::report::{Timing, json, terminal};
use crate::rule::{Rule, rules};
use crate::session;
use crate::suite::Suite;
use journals::Journals;
use selected::{Selected, shared};
use snapshots::Snapshots;
use total::Total;

pub(super) fn run(arguments: &RunArguments, settings: &Settings, open: &OpenContracts) -> Result<Exit, Failure> {
    if let Some(option) = needs_one(settings, open.count()) {
        return Err(Failure::NeedsOne(option));
    }
    path::check_known(&open.path_places(), settings)?;
    let planted = &Planted::of_many(open, &arguments.subject.faults)?;
    let selected = &Selected::of(open, arguments)?;
    if arguments.dry_run {
        return planned::plan(arguments, settings, open, selected);
    }
    if let Some(path) = &arguments.report_json {
        ReportFile::check(path)?;
    }
    let snapshots = Snapshots::of(arguments, settings)?;
    // What cannot be sent at the end is told before anything is sent.
    restore::given(settings)?;
    open_files::check(settings)?;
    let journal = arguments.journal.as_deref();
    let journals = journal.map(|folder| Journals::in_folder(folder, arguments.resume)).transpose()?;
    let interrupts = Interrupts::begin()?;
    let started = Instant::now();
    output::print(&format!("testing {}: {} of {}\n\n", settings.name(), counted(open.count(), "operation"), open.name));
    for Sourced { value: (name, _), .. } in &settings.schemes {
        if !open.demands(name) {
            let told = "no operation demands it in the document, so it is sent nowhere; give it with --header";
            output::print(&format!("--credential {name}: {told}\n\n"));
        }
    }
    let mut total = Total { remarks: open.remarks().to_vec(), snapshots, ..Total::default() };
    for (number, opened) in open.in_turn() {
        let is_over = interrupts.came() || total.is_over;
        if is_over && arguments.min_rules.is_none() {
            break;
        }
        total.number = number;
        total.remarks.extend(opened.remarks);
        match opened.contract {
            Ok(contract) => {
                total.whole += whole(&contract, number, arguments);
                if is_over {
                    continue;
                }
                let about = About { open, contract: &contract, planted, selected, journals: journals.as_ref() };
                one(arguments, settings, &about, (&interrupts, started), &mut total)?;
            }
            Err(_) if is_over || !selected.is_all() => {}
            Err(why) => total.skip(&opened.name, &why),
        }
    }
    let not_selected = if selected.is_all() && arguments.shard.is_none() { 0 } else { total.unselected };
    let rest = if not_selected == 0 { open.count() - total.tested - total.untested } else { 0 };
    if rest > 0 {
        total.untested += rest;
        output::print(&format!("{} more: not tested: the run had ended\n", counted(rest, "operation")));
    }
    let remarks = each_once(std::mem::take(&mut total.remarks));
    if let Some(path) = &arguments.report_json {
        total.write_report(path, &remarks)?;
    }
    if let Some(snapshots) = total.snapshots.take() {
        total.drifts += snapshots.conclude(open)?;
    }
    total.tell_end(settings, started.elapsed());
    if !remarks.is_empty() {
        let told = counted(remarks.len(), "remark");
        output::print(&format!(
            "{told} on the document: `fencepost check {}` tells what, and what it costs\n",
            open.name
        ));
    }
    let shortfall = total.shortfall(arguments.min_rules);
    Ok(match total {
        _ if interrupts.came() => Exit::Interrupted,
        Total { findings: 1.., .. } | Total { drifts: 1.., .. } => Exit::Findings,
        Total { tested: 0, .. } | Total { is_over: true, .. } => {
            output::complain("nothing could be tested to its end; the lines above say why");
            Exit::Untestable
        }
        _ => match shortfall {
            Some(why) => {
                output::complain(&why);
                Exit::Untestable
            }
            None => Exit::Clean,
        },
    })
}

/// The firm rules that a run without a selection would be about; of a shard, those of its share.
fn whole(contract: &Contract, number: usize, arguments: &RunArguments) -> usize {
    match arguments.shard {
        None => rules(contract.operation()).iter().filter(|rule| rule.standing.is_firm()).count(),
        Some(share) => {
            let suite = shared(Suite::new(contract), number, share);
            let about = |(rule, reported): &(&Rule, &bool)| **reported && rule.standing.is_firm();
            suite.rules().iter().zip(suite.reported()).filter(about).count()
        }
    }
}

/// What is asked for that is about one operation.
fn needs_one(settings: &Settings, operations: usize) -> Option<&'static str> {
    [
        (operations != 1 && settings.restore.is_some(), "--restore"),
        (operations != 1 && !settings.task_ids.is_empty(), "--task-id"),
    ]
    .into_iter()
    .find_map(|(is_given, option)| is_given.then_some(option))
}

/// An operation, and what of it a run is about.
struct About<'a> {
    open: &'a OpenContracts,
    contract: &'a Contract,
    planted: &'a Planted,
    selected: &'a Selected,
    /// Nothing where none are wanted.
    journals: Option<&'a Journals>,
}

/// Tests one operation.
fn one(
    arguments: &RunArguments,
    settings: &Settings,
    about: &About<'_>,
    (interrupts, started): (&Interrupts, Instant),
    total: &mut Total,
) -> Result<(), Failure> {
    let About { contract, planted, selected, journals, .. } = *about;
    let operation = contract.operation();
    let Some(suite) = selected.applied(total.number, Suite::new(contract), arguments.shard) else {
        total.unselected += 1;
        return Ok(());
    };
    let mut name = operation.name().to_string();
    let reached = connect(contract, settings, &arguments.subject, planted, Stage::Run, interrupts)?;
    let Connected { mut subject, mut target, stub, last_words } = reached;
    let is_own = stub.is_some();
    let is_known = is_own || may::is_named(operation, settings);
    let known = if is_known { None } else { total.learnt.of(operation, &path::values(operation, settings)?) };
    let told_by = known.map(|Known { values, told_by }| {
        subject.context.set_path(operation, values);
        told_by
    });
    if let Some(why) =
        may::withheld(operation, settings, &arguments.allowed(), is_own || told_by.is_some(), target.is_loopback())
    {
        total.skip(&name, &why);
        return Ok(());
    }
    let (requests, time) = total.left(settings, started);
    if requests == Some(0) || time.is_some_and(|time| time.is_zero()) {
        total.skip(&name, "the requests, or the time, of the run are spent");
        return Ok(());
    }
    if let Some(time) = time {
        target.end_in(time);
    }
    let mut suite = settings.limited(suite).within(requests);
    if !arguments.may_weigh() && !target.is_loopback() {
        suite = suite.gently();
    }
    total.withheld += suite.withheld();
    if let Some(told_by) = told_by {
        name = format!("{name} (of {told_by})");
    }
    let (start, begun) = (now(), Instant::now());
    let figures = Figures::of_a_run();
    let _vigil = Vigil::begin(settings.silence, {
        let (figures, waits) = (figures.clone(), target.waits());
        move || figures.standing(&waits)
    });
    let mut progress = Progress::new(figures, 0);
    let mut effects = Effects::default();
    // What was put back, and the like; what was found is told in fewer words.
    let mut terminal = Terminal::new(&subject, arguments.full);
    let values = subject.context.path_values.clone();
    let mut listener = Listener { learnt: &mut total.learnt, operation, values };
    let logged_in = log_in(&mut target);
    let journal = match journals.filter(|_| logged_in.is_ok()) {
        Some(journals) => Some(journals.of(operation.name(), &suite, (&subject, settings.url()))?),
        None => None,
    };
    let (mut journal, earlier, path) =
        journal.map_or((None, None, None), |(journal, earlier, path)| (Some(journal), earlier, Some(path)));
    if let Some(journal) = &journal {
        let witness = journal.witness();
        target.tell_before(move |request| witness.sees(request));
    }
    let mut consumers: Vec<&mut dyn Consumer> = vec![&mut progress, &mut terminal, &mut effects, &mut listener];
    consumers.extend(journal.iter_mut().map(|journal| journal as &mut dyn Consumer));
    let stream = Stream::new(consumers);
    if let Some((earlier, path)) = earlier.as_ref().zip(path.as_deref()) {
        stream.tell(&Event::Resumed { answers: earlier.left(), journal: path });
    }
    let seen = match logged_in {
        Ok(()) => {
            let given = restore::given(settings)?;
            let terms = Terms { is_own, given, budget: requests, earlier, last_words };
            let Conducted { seen, .. } = execute(&suite, &subject, &mut target, terms, &stream)?;
            seen
        }
        Err(why) => Err(why),
    };
    stream.check()?;
    drop(stream);
    total.effective += effects.effective;
    let (verdicts, untestable) = concluded(&suite, seen, &subject, settings);
    let timing = Timing { start, end: now(), elapsed: begun.elapsed() };
    let why = untestable.as_ref().map(ToString::to_string);
    let text = json::render(&subject, &verdicts, &timing, why.as_deref());
    total.reports.extend(serde_json::from_str::<serde_json::Value>(&text).ok().map(|report| (total.number, report)));
    total.requests += effects.sent.max(verdicts.requests);
    let is_lost = !is_own && total.base_path.is_in_doubt(operation, untestable.as_ref());
    total.conclude(&name, &verdicts, untestable.as_ref());
    if is_lost && let Some(why) = total.base_path.look(about.open, settings, (contract, &subject.context)) {
        output::print(&format!("\n{why}\n"));
        total.is_over = true;
    }
    if untestable.is_none() {
        output::print(&terminal::of_many(&subject, &verdicts, arguments.full));
        total.compare(operation.name(), &verdicts)?;
    }
    Ok(())
}

/// Counts the requests, and those that may have changed something.
#[derive(Default)]
struct Effects {
    sent: usize,
    effective: usize,
}

impl Consumer for Effects {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        if let Event::Conversation(session::Event::Heard { request, judgement, requests, .. }) = event {
            self.sent = *requests;
            let reads = matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE");
            self.effective += usize::from(!reads && judgement.reaction == Reaction::Accepted);
        }
        Ok(())
    }
}
