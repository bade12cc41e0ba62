//! `fencepost check`: says what of a document can be tested, and what is wrong with it.

use std::collections::HashSet;
use std::fmt::Write as _;

use serde_json::json;

use super::error::Failure;
use crate::cli::config::arguments::CheckDocumentArguments;
use crate::cli::config::contracts::{Contracts, OpenContracts};
use crate::cli::config::source::Source;
use crate::cli::console::exit::Exit;
use crate::cli::console::output::{self, counted};
use crate::contract::{Contract, ContractError};
use crate::document::Remark;
use crate::report::merge;
use crate::suite::Suite;

/// What is known of the operations of a document before anything is sent.
#[derive(Default)]
struct Known {
    operations: usize,
    testable: usize,
    rules: usize,
    unprobed: usize,
    withheld: usize,
    remarks: Vec<Remark>,
    /// The operations that cannot be tested, each with the reason.
    untestable: Vec<(String, String)>,
}

pub(super) fn run(arguments: &CheckDocumentArguments) -> Result<Exit, Failure> {
    let contract = arguments.contract();
    let known = match contract.load_all()? {
        Contracts::One(contract) => {
            let mut known = Known { operations: 1, ..Known::default() };
            known.add(&contract);
            known
        }
        Contracts::Open(open) => known(&open.called_with(|_| true)),
    };
    if known.testable == 0 {
        let name = contract.contract.as_ref().map(|path| Source::of(path).name()).unwrap_or_default();
        let first = known.untestable.first().map(|(name, why)| format!(" ({name}: {why})")).unwrap_or_default();
        return Err(
            ContractError::new(&name, "", format!("no operation can be tested{first}; correct the document")).into()
        );
    }
    output::print(&if arguments.json { as_json(&known) } else { told(&known) });
    Ok(Exit::Clean)
}

fn known(open: &OpenContracts) -> Known {
    let mut known = Known { operations: open.count(), remarks: open.remarks().to_vec(), ..Known::default() };
    for opened in open.operations() {
        known.remarks.extend(opened.remarks);
        match opened.contract {
            Ok(contract) => known.add(&contract),
            Err(why) => known.untestable.push((opened.name, why)),
        }
    }
    known.remarks = each_once(std::mem::take(&mut known.remarks));
    known
}

/// Remarks, each once: several operations may be about the same part of a document.
pub(super) fn each_once(mut remarks: Vec<Remark>) -> Vec<Remark> {
    let mut seen = HashSet::new();
    remarks.retain(|remark| seen.insert((remark.file.clone(), remark.pointer.clone(), remark.what.clone())));
    remarks
}

impl Known {
    /// Counts what a contract is about.
    fn add(&mut self, contract: &Contract) {
        let suite = Suite::new(contract);
        let firm = suite.rules().iter().filter(|rule| rule.standing.is_firm()).count();
        self.testable += usize::from(firm > 0);
        self.rules += suite.rules().len();
        self.unprobed += suite.rules().iter().filter(|rule| rule.standing.is_unprobed()).count();
        self.withheld += suite.withheld();
    }
}

fn told(known: &Known) -> String {
    let mut out = String::new();
    for Remark { file, pointer, line, what, cost } in &known.remarks {
        let place = line.map_or_else(|| pointer.clone(), |line| format!("line {line} ({pointer})"));
        let place = file.as_ref().map_or(place.clone(), |file| format!("{file} {place}"));
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{place}: {what}: {cost}");
    }
    for (name, why) in &known.untestable {
        let _ = writeln!(out, "{name}: cannot be tested: {why}");
    }
    if !out.is_empty() {
        out.push('\n');
    }
    let operations = counted(known.operations, "operation");
    let _ = writeln!(
        out,
        "{} of {operations} can be tested: {}, {} of them unprobed; {} withheld, because the whole schema says otherwise; {}",
        known.testable,
        counted(known.rules, "rule"),
        known.unprobed,
        counted(known.withheld, "probe"),
        counted(known.remarks.len(), "remark"),
    );
    out
}

fn as_json(known: &Known) -> String {
    let untestable = |(name, why): &(String, String)| json!({ "operation": name, "reason": why });
    let all = json!({
        "operations": known.operations,
        "testable": known.testable,
        "rules": known.rules,
        "unprobed": known.unprobed,
        "withheld": known.withheld,
        "untestable": known.untestable.iter().map(untestable).collect::<Vec<_>>(),
        "remarks": merge::remarks(&known.remarks),
    });
    format!("{all:#}\n")
}
