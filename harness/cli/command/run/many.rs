//! A run over the operations of a document, one after the other: each is tested by itself, and told in a line.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::super::consumer::{Consumer, Figures, Progress, ReportFile, Stream, Terminal};
use super::super::error::Failure;
use super::super::now;
use super::execute::{Conducted, Terms, concluded, execute};
use super::learnt::{Known, Learnt, Listener};
use super::may;
use crate::cli::config::arguments::RunArguments;
use crate::cli::config::contracts::OpenContracts;
use crate::cli::config::settings::Settings;
use crate::cli::connect::dial::{Connected, connect, log_in};
use crate::cli::connect::faults::Planted;
use crate::cli::connect::interrupts::Interrupts;
use crate::cli::connect::stub::Stage;
use crate::cli::connect::{open_files, path};
use crate::cli::console::exit::Exit;
use crate::cli::console::output::{self, counted};
use crate::cli::console::vigil::Vigil;
use crate::contract::Contract;
use crate::event::Event;
use crate::oracle::Reaction;
use crate::report::matrix::is_judged;
use crate::report::{Timing, json, merge, terminal};
use crate::session;
use crate::suite::{Suite, Untestable};
use crate::target::base;
use crate::verdict::Verdicts;

/// What has come of the operations so far.
#[derive(Default)]
struct Total {
    /// The number in the document of the operation that is tested.
    number: usize,
    /// What is reported of each, by its number in the document.
    reports: Vec<(usize, Value)>,
    tested: usize,
    untested: usize,
    findings: usize,
    judged: usize,
    firm: usize,
    requests: usize,
    withheld: usize,
    /// Requests that were accepted, or may have been, and that do more than read.
    effective: usize,
    /// What answers told of the things that are there.
    learnt: Learnt,
    /// So many operations in a row had no answer.
    mute: usize,
    is_over: bool,
}

/// A target of which so many operations in a row have no answer is not asked for the others.
const MOST_MUTE: usize = 3;

pub(super) fn run(arguments: &RunArguments, settings: &Settings, open: &OpenContracts) -> Result<Exit, Failure> {
    if let Some(option) = needs_one(arguments, settings, open.count()) {
        return Err(Failure::NeedsOne(option));
    }
    path::check_known(&open.path_places(), settings)?;
    let planted = &Planted::of_many(open, &arguments.subject.faults)?;
    if let Some(path) = &arguments.report_json {
        ReportFile::check(path)?;
    }
    open_files::check(settings)?;
    let interrupts = Interrupts::begin()?;
    let started = Instant::now();
    output::print(&format!("testing {}: {} of {}\n\n", settings.name(), counted(open.count(), "operation"), open.name));
    let mut total = Total::default();
    let has_path = base::has_path(settings.url());
    for (number, opened) in open.in_turn() {
        if interrupts.came() || total.is_over {
            break;
        }
        total.number = number;
        match opened.contract {
            Ok(contract) => {
                // A target that is given with a path is given whole.
                let contract = if has_path { contract.at_root() } else { contract };
                one(arguments, settings, (&contract, planted), (&interrupts, started), &mut total)?;
            }
            Err(why) => total.skip(&opened.name, &why),
        }
    }
    let rest = open.count() - total.tested - total.untested;
    if rest > 0 {
        total.untested += rest;
        output::print(&format!("{} more: not tested: the run had ended\n", counted(rest, "operation")));
    }
    if let Some(path) = &arguments.report_json {
        // In the document's order, whatever was tested first.
        total.reports.sort_by_key(|(number, _)| *number);
        let reports: Vec<Value> = total.reports.drain(..).map(|(_, report)| report).collect();
        ReportFile::put(path, &merge::merged(&reports))?;
    }
    output::print(&format!(
        "\n{}; {} of {} firm rules have a verdict; {} tested, {} not; {} withheld; {} in {:.2} s\n",
        if total.findings == 0 { "no finding".to_owned() } else { counted(total.findings, "finding") },
        total.judged,
        total.firm,
        counted(total.tested, "operation"),
        total.untested,
        counted(total.withheld, "probe"),
        counted(total.requests, "request"),
        started.elapsed().as_secs_f64(),
    ));
    if settings.target.is_some() && total.effective > 0 {
        let requests = counted(total.effective, "request");
        output::print(&format!("{requests} that create or change things were accepted: what they left is there\n"));
    }
    Ok(match total {
        _ if interrupts.came() => Exit::Interrupted,
        Total { findings: 1.., .. } => Exit::Findings,
        Total { tested: 0, .. } | Total { is_over: true, .. } => {
            output::complain("nothing could be tested to its end; the lines above say why");
            Exit::Untestable
        }
        _ => Exit::Clean,
    })
}

/// What is asked for that is about one operation.
fn needs_one(arguments: &RunArguments, settings: &Settings, operations: usize) -> Option<&'static str> {
    [
        (arguments.journal.is_some(), "--journal"),
        (arguments.update_snapshots || settings.snapshots.is_some(), "snapshots"),
        (arguments.rerun_findings.is_some(), "--rerun-findings"),
        (arguments.dry_run, "--dry-run"),
        (arguments.min_rules.is_some(), "--min-rules"),
        (arguments.shard.is_some(), "--shard"),
        (!arguments.only.is_empty(), "--only"),
        (!arguments.skip.is_empty(), "--skip"),
        (settings.restore.is_some(), "--restore"),
        (operations != 1 && !settings.task_ids.is_empty(), "--task-id"),
        (!settings.settled.is_empty(), "settled disputes"),
    ]
    .into_iter()
    .find_map(|(is_given, option)| is_given.then_some(option))
}

/// Tests one operation.
fn one(
    arguments: &RunArguments,
    settings: &Settings,
    (contract, planted): (&Contract, &Planted),
    (interrupts, started): (&Interrupts, Instant),
    total: &mut Total,
) -> Result<(), Failure> {
    let operation = contract.operation();
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
    if let Some(why) = may::withheld(operation, settings, arguments, is_own || told_by.is_some(), target.is_loopback())
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
    let mut suite = settings.limited(Suite::new(contract)).within(requests);
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
    let consumers: Vec<&mut dyn Consumer> = vec![&mut progress, &mut terminal, &mut effects, &mut listener];
    let stream = Stream::new(consumers);
    let seen = match log_in(&mut target) {
        Ok(()) => {
            let terms = Terms { is_own, given: None, budget: requests, earlier: None, last_words };
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
    total.reports.extend(serde_json::from_str::<Value>(&text).ok().map(|report| (total.number, report)));
    total.requests += effects.sent.max(verdicts.requests);
    let is_tested = why.is_none();
    if let Some(why) = why {
        total.tell_untested(&name, &why);
        let is_mute = matches!(untestable, Some(Untestable::Silent | Untestable::Died));
        total.mute = if is_mute { total.mute + 1 } else { 0 };
        // One operation may never answer, or stream without end, and others be well.
        total.is_over = untestable.is_some_and(|why| why.ends_all()) && (!is_mute || total.mute >= MOST_MUTE);
    } else {
        total.mute = 0;
        total.add(&name, &verdicts);
    }
    if is_tested {
        output::print(&terminal::of_many(&subject, &verdicts, arguments.full));
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

impl Total {
    /// How many requests, and how much time, are left of what the whole run may take.
    fn left(&self, settings: &Settings, started: Instant) -> (Option<u64>, Option<Duration>) {
        let requests = settings.max_requests.as_ref().map(|most| most.value.saturating_sub(self.requests as u64));
        let time = settings.max_time.as_ref().map(|most| most.value.saturating_sub(started.elapsed()));
        (requests, time)
    }

    /// Leaves out an operation to which nothing is sent.
    fn skip(&mut self, name: &str, why: &str) {
        self.reports.push((self.number, merge::unsent(name, why)));
        self.tell_untested(name, why);
    }

    fn tell_untested(&mut self, name: &str, why: &str) {
        self.untested += 1;
        output::print(&format!("{name}: not tested: {why}\n"));
    }

    fn add(&mut self, name: &str, verdicts: &Verdicts) {
        let firm = verdicts.rules.iter().filter(|verdict| verdict.rule.standing.is_firm());
        let (judged, firm) = (firm.clone().filter(|verdict| is_judged(verdict)).count(), firm.count());
        self.tested += 1;
        self.judged += judged;
        self.firm += firm;
        self.findings += verdicts.findings.len();
        let found = match verdicts.findings.len() {
            0 => "no finding".to_owned(),
            count => counted(count, "finding"),
        };
        let stop = verdicts.stop.map(|stop| format!("; {stop}")).unwrap_or_default();
        let requests = counted(verdicts.requests, "request");
        output::print(&format!("{name}: {found}, {judged} of {firm} rules, {requests}{stop}\n"));
    }
}
