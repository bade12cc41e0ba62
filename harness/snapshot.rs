//! Snapshots: a profile's matrix as it was accepted, compared with the matrix as it is.
//!
//! The files are insta's, one for each table, so that a change is reviewed and accepted with `cargo insta review`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use insta::Snapshot;
use insta::internals::SnapshotContents;

use crate::report::matrix::{Table, tables};
use crate::verdict::Verdicts;

/// A snapshot that cannot be read.
#[derive(Debug)]
pub struct SnapshotError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

/// A table whose matrix is no longer what was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The table.
    pub table: String,
    /// The lines that changed: what was accepted, and what is.
    pub changes: Vec<Change>,
}

/// One line of a matrix that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The place and the rule.
    pub rule: String,
    /// What was accepted; nothing where the rule is new.
    pub was: Option<String>,
    /// What is; nothing where the rule is gone.
    pub now: Option<String>,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in &self.changes {
            let word = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
            writeln!(
                f,
                "drift in {}: {}: was {}, is {}",
                self.table,
                change.rule,
                word(&change.was),
                word(&change.now)
            )?;
        }
        Ok(())
    }
}

/// What differs from the snapshots in a profile's folder. Of a run that tested a share of the rules only those are compared.
pub fn compare(folder: &Path, verdicts: &Verdicts, whole: bool) -> Result<Vec<Drift>, SnapshotError> {
    let mut drifts = Vec::new();
    let tables = tables(&verdicts.rules);
    for table in &tables {
        let path = folder.join(format!("{}.snap", table.slug()));
        let accepted = if path.exists() { read(&path)? } else { String::new() };
        let mut changes = changes(&entries(&accepted), &entries(&table.render()));
        changes.retain(|change| whole || change.now.is_some());
        if !changes.is_empty() {
            drifts.push(Drift { table: table.source.to_owned(), changes });
        }
    }
    let past = if whole { tables_of_the_past(folder, &tables)? } else { Vec::new() };
    for path in past {
        let accepted = read(&path)?;
        let table = accepted.lines().next().unwrap_or_default().to_owned();
        drifts.push(Drift { table, changes: changes(&entries(&accepted), &BTreeMap::new()) });
    }
    Ok(drifts)
}

/// Snapshots of tables that the contract no longer has, by name.
fn tables_of_the_past(folder: &Path, tables: &[Table<'_>]) -> Result<Vec<PathBuf>, SnapshotError> {
    let error = |cause: std::io::Error| SnapshotError { path: folder.to_owned(), why: cause.to_string() };
    let current: Vec<String> = tables.iter().map(Table::slug).collect();
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(error)? {
        let name = entry.map_err(error)?.file_name().to_string_lossy().into_owned();
        let slug = name.strip_suffix(".snap");
        if slug.is_some_and(|slug| !current.iter().any(|other| other == slug)) {
            paths.push(folder.join(name));
        }
    }
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<String, SnapshotError> {
    let error = |why: String| SnapshotError { path: path.to_owned(), why };
    let snapshot = Snapshot::from_file(path).map_err(|cause| error(cause.to_string()))?;
    match snapshot.contents() {
        SnapshotContents::Text(text) => Ok(text.to_string()),
        SnapshotContents::Binary(_) => Err(error("it is no text".to_owned())),
    }
}

/// The lines of a rendered table: by place and rule, what is said of it.
fn entries(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut entries: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut place, mut rule) = ("", String::new());
    for line in text.lines().skip(1).filter(|line| !line.trim().is_empty()) {
        if let Some(surprise) = line.strip_prefix("    ") {
            entries.entry(rule.clone()).or_default().push(surprise.to_owned());
        } else if let Some((name, said)) = line.strip_prefix("  ").and_then(|line| line.rsplit_once(": ")) {
            rule = format!("{place} {name}");
            entries.entry(rule.clone()).or_default().push(said.to_owned());
        } else {
            place = line;
        }
    }
    entries
}

fn changes(was: &BTreeMap<String, Vec<String>>, now: &BTreeMap<String, Vec<String>>) -> Vec<Change> {
    let said = |lines: Option<&Vec<String>>| lines.map(|lines| lines.join("; "));
    let mut rules: Vec<&String> = was.keys().chain(now.keys()).collect();
    rules.sort();
    rules.dedup();
    rules
        .into_iter()
        .filter(|rule| was.get(*rule) != now.get(*rule))
        .map(|rule| Change { rule: rule.clone(), was: said(was.get(rule)), now: said(now.get(rule)) })
        .collect()
}
