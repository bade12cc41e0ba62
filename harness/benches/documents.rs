//! What becomes of many documents: how many operations can be tested, how many rules they have, how many are unprobed and why,
//! how many probes are withheld, how long that takes, and what is found of the stub of each, which keeps its document.
//! `FENCEPOST_DOCUMENTS=FOLDER cargo bench --bench documents`; without a folder, those of the tests.
//! With `FENCEPOST_RUN=1` each operation is run against its stub.
#![expect(clippy::print_stdout, reason = "a benchmark is there to print")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use fencepost::Contract;
use fencepost::document::Document;
use fencepost::open::open;
use fencepost::request_context::RequestContext;
use fencepost::stub::{InProcess, Stub};
use fencepost::suite::Suite;
use fencepost::verdict::verdicts;

/// What is counted of documents.
#[derive(Default)]
struct Counts {
    operations: usize,
    testable: usize,
    rules: usize,
    withheld: usize,
    requests: usize,
    findings: Vec<String>,
    unprobed: BTreeMap<String, usize>,
}

impl Counts {
    fn add(&mut self, contract: &Contract, is_run: bool) {
        let suite = Suite::new(contract);
        self.testable += usize::from(suite.rules().iter().any(|rule| rule.standing.is_firm()));
        self.rules += suite.rules().len();
        self.withheld += suite.withheld();
        for rule in suite.rules().iter().filter(|rule| rule.standing.is_unprobed()) {
            *self.unprobed.entry(rule.standing.reason().unwrap_or_default().to_owned()).or_default() += 1;
        }
        if is_run {
            let mut stub = InProcess(Stub::new(contract, Vec::new()));
            match suite.run(&RequestContext::default(), &mut stub, &mut |_| {}) {
                Ok(seen) => {
                    let verdicts = verdicts(&suite, &seen);
                    self.requests += verdicts.requests;
                    self.findings.extend(verdicts.findings.iter().map(|finding| finding.id.to_string()));
                }
                Err(untestable) => {
                    self.findings.push(format!("{}: {untestable}", contract.operation().name()));
                }
            }
        }
    }

    fn join(&mut self, other: Self) {
        self.operations += other.operations;
        self.testable += other.testable;
        self.rules += other.rules;
        self.withheld += other.withheld;
        self.requests += other.requests;
        self.findings.extend(other.findings);
        for (reason, count) in other.unprobed {
            *self.unprobed.entry(reason).or_default() += count;
        }
    }

    fn line(&self, name: &str, seconds: f64) {
        let unprobed: usize = self.unprobed.values().sum();
        println!(
            "{name:<34} {:>5} of {:>5} operations  {:>7} rules  {unprobed:>6} unprobed  {:>6} withheld  {:>7} requests  {:>4} findings  {seconds:>7.2} s",
            self.testable,
            self.operations,
            self.rules,
            self.withheld,
            self.requests,
            self.findings.len()
        );
    }
}

fn counted(path: &Path, is_run: bool) -> Option<Counts> {
    let text = std::fs::read_to_string(path).ok()?;
    let document = Arc::new(Document::read(&path.display().to_string(), &text).ok()?);
    let mut counts = Counts { operations: document.operations().len(), ..Counts::default() };
    for operation in document.operations() {
        if let Ok(contract) = open(&document, operation).contract {
            counts.add(&contract, is_run);
        }
    }
    Some(counts)
}

fn main() {
    let folder = std::env::var("FENCEPOST_DOCUMENTS").map_or_else(|_| PathBuf::from("tests/documents"), PathBuf::from);
    let is_run = std::env::var("FENCEPOST_RUN").is_ok_and(|value| value == "1");
    let entries = std::fs::read_dir(&folder).expect("the folder can be read");
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|name| name == "json" || name == "yaml" || name == "yml"));
    paths.sort();
    let (mut all, begun, mut unread) = (Counts::default(), Instant::now(), 0);
    for path in &paths {
        let start = Instant::now();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if let Some(counts) = counted(path, is_run) {
            counts.line(&name, start.elapsed().as_secs_f64());
            all.join(counts);
        } else {
            unread += 1;
            println!("{name:<34} is no document");
        }
    }
    all.line(&format!("{} documents, {unread} unread", paths.len()), begun.elapsed().as_secs_f64());
    for (reason, count) in &all.unprobed {
        println!("{count:>7} unprobed: {reason}");
    }
    for finding in &all.findings {
        println!("finding: {finding}");
    }
}
