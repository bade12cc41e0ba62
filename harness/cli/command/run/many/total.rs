//! What has come of the operations of a run so far, and what is left for the others.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::super::consumer::ReportFile;
use super::super::super::error::Failure;
use super::super::learnt::Learnt;
use super::base_path::BasePath;
use super::snapshots::Snapshots;
use crate::cli::config::min_rules::MinRules;
use crate::cli::config::settings::Settings;
use crate::cli::console::output::{self, counted};
use crate::document::Remark;
use crate::report::matrix::is_judged;
use crate::report::merge;
use crate::rule::{OperationName, Part};
use crate::suite::Untestable;
use crate::verdict::{RuleVerdict, Verdicts};

/// A target of which so many operations in a row have no answer is not asked for the others.
const MOST_MUTE: usize = 3;

/// What has come of the operations so far.
#[derive(Default)]
pub(super) struct Total {
    /// The number in the document of the operation that is tested.
    pub(super) number: usize,
    /// What is reported of each, by its number in the document.
    pub(super) reports: Vec<(usize, Value)>,
    pub(super) tested: usize,
    pub(super) untested: usize,
    /// Operations of which no rule is selected.
    pub(super) unselected: usize,
    pub(super) findings: usize,
    pub(super) judged: usize,
    pub(super) firm: usize,
    /// The firm rules that a run without a selection would be about; of a shard, those of its share.
    pub(super) whole: usize,
    /// Parts of documented answers that no answer had.
    pub(super) unseen: usize,
    pub(super) requests: usize,
    pub(super) withheld: usize,
    /// Requests that were accepted, or may have been, and that do more than read.
    pub(super) effective: usize,
    /// What is wrong with the document.
    pub(super) remarks: Vec<Remark>,
    /// What answers told of the things that are there.
    pub(super) learnt: Learnt,
    /// Where the document's paths begin.
    pub(super) base_path: BasePath,
    /// What the operations are compared with.
    pub(super) snapshots: Option<Snapshots>,
    /// Tables that are not as they were accepted.
    pub(super) drifts: usize,
    /// So many operations in a row had no answer.
    pub(super) mute: usize,
    pub(super) is_over: bool,
}

impl Total {
    /// How many requests, and how much time, are left of what the whole run may take.
    pub(super) fn left(&self, settings: &Settings, started: Instant) -> (Option<u64>, Option<Duration>) {
        let requests = settings.max_requests.as_ref().map(|most| most.value.saturating_sub(self.requests as u64));
        let time = settings.max_time.as_ref().map(|most| most.value.saturating_sub(started.elapsed()));
        (requests, time)
    }

    /// Leaves out an operation to which nothing is sent.
    pub(super) fn skip(&mut self, name: &str, why: &str) {
        self.reports.push((self.number, merge::unsent(name, why)));
        self.tell_untested(name, why);
    }

    fn tell_untested(&mut self, name: &str, why: &str) {
        self.untested += 1;
        output::print(&format!("{name}: not tested: {why}\n"));
    }

    /// Takes in what came of an operation that was begun.
    pub(super) fn conclude(&mut self, name: &str, verdicts: &Verdicts, untestable: Option<&Untestable>) {
        let is_mute = matches!(untestable, Some(Untestable::Silent | Untestable::Died));
        self.mute = if is_mute { self.mute + 1 } else { 0 };
        match untestable {
            Some(why) => {
                self.tell_untested(name, &why.to_string());
                // One operation may never answer, or stream without end, and others be well.
                self.is_over = why.ends_all() && (!is_mute || self.mute >= MOST_MUTE);
            }
            None => self.add(name, verdicts),
        }
    }

    /// Compares what came of an operation with what was accepted.
    pub(super) fn compare(&mut self, operation: &OperationName, verdicts: &Verdicts) -> Result<(), Failure> {
        if let Some(snapshots) = &mut self.snapshots {
            self.drifts += snapshots.look(operation, verdicts)?;
        }
        Ok(())
    }

    fn add(&mut self, name: &str, verdicts: &Verdicts) {
        let is_counted = |verdict: &&RuleVerdict| verdict.rule.standing.is_firm() && !verdict.is_unseen();
        let firm = verdicts.rules.iter().filter(is_counted);
        self.unseen += verdicts.rules.iter().filter(|verdict| verdict.is_unseen()).count();
        // What the answers were seen to have is known only when they have come.
        let is_of_answers = |verdict: &&RuleVerdict| matches!(verdict.rule.place.part(), Part::Answer(..));
        self.whole += firm.clone().filter(is_of_answers).count();
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

    /// Tells what has come of all of them.
    pub(super) fn tell_end(&self, settings: &Settings, elapsed: Duration) {
        output::print(&format!(
            "\n{}{}; {} of {} firm rules have a verdict{}; {} tested, {} not; {} withheld; {} in {:.2} s\n",
            if self.findings == 0 { "no finding".to_owned() } else { counted(self.findings, "finding") },
            if self.drifts == 0 { String::new() } else { format!("; {} drifted", counted(self.drifts, "table")) },
            self.judged,
            self.firm,
            match self.unseen {
                0 => String::new(),
                several => format!(", {several} of answers never seen"),
            },
            counted(self.tested, "operation"),
            self.untested,
            counted(self.withheld, "probe"),
            counted(self.requests, "request"),
            elapsed.as_secs_f64(),
        ));
        if settings.target.is_some() && self.effective > 0 {
            let requests = counted(self.effective, "request");
            output::print(&format!("{requests} that create or change things were accepted: what they left is there\n"));
        }
    }

    /// Writes the report of all of them, in the document's order, whatever was tested first.
    pub(super) fn write_report(&mut self, path: &Path, remarks: &[Remark]) -> Result<(), Failure> {
        self.reports.sort_by_key(|(number, _)| *number);
        let remarks = json!({ "remarks": merge::remarks(remarks) });
        let reports = self.reports.drain(..).map(|(_, report)| report);
        let reports: Vec<Value> = std::iter::once(remarks).chain(reports).collect();
        ReportFile::put(path, &merge::merged(&reports))
    }

    /// Why too little was tested, in one line; nothing where it was enough.
    pub(super) fn shortfall(&self, least: Option<MinRules>) -> Option<String> {
        let (judged, all, least) = (self.judged, self.whole, least?);
        let why = match least {
            MinRules::Count(least) if least > all => "there are no more; ask for fewer",
            _ if self.untested > 0 => "the lines above say which operations were not tested, and why",
            _ if self.unselected > 0 || self.firm < all => {
                "the selection is about fewer; select more, or ask for fewer"
            }
            _ => "--full shows what each rule is short of",
        };
        (!least.is_met(judged, all))
            .then(|| format!("{judged} of {all} firm rules have a verdict, fewer than --min-rules {least}: {why}"))
    }
}
