//! Snapshots: a profile's matrix as it was accepted, compared with the matrix as it is.
//!
//! The files are insta's, one for each table, so that a change is reviewed and accepted with `cargo insta review`.

mod drift;
mod record;

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use insta::Snapshot;
use insta::internals::SnapshotContents;

use crate::report::matrix::{Table, tables};
use crate::rule::SiteIndex;
use crate::verdict::Verdicts;
use crate::whole_file;
pub use drift::Change;
use record::Record;

/// The test that the snapshots belong to, by which the reviewing tool finds its way.
const SOURCE: &str = "tests/matrix.rs";

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
    /// What changed.
    pub changes: Vec<Change>,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.changes.iter().try_for_each(|change| writeln!(f, "drift in {}: {change}", self.table))
    }
}

/// What differs from the snapshots in a profile's folder. Where not everything was tested, only what was answered as never
/// before is a difference.
pub fn compare(folder: &Path, verdicts: &Verdicts, complete: bool) -> Result<Vec<Drift>, SnapshotError> {
    let mut drifts = Vec::new();
    let index = SiteIndex::of(verdicts.rules.iter().map(|verdict| &verdict.rule));
    let record = |path: &Path, text: &str| {
        Record::read(text, &index).map_err(|why| SnapshotError { path: path.to_owned(), why: why.to_string() })
    };
    let tables = tables(&verdicts.rules);
    for table in &tables {
        let accepted = match accepted(folder, table)? {
            Some(text) => {
                let path = path_of(folder, table);
                if text.lines().next() != table.render().lines().next() {
                    return Err(SnapshotError { path, why: format!("it is not of {}", table.source) });
                }
                record(&path, &text)?
            }
            None => Record::default(),
        };
        drifts.push(Drift {
            table: table.source.to_owned(),
            changes: drift::changes(&accepted, &Record::of(table), complete),
        });
    }
    let past = if complete { tables_of_the_past(folder, &tables)? } else { Vec::new() };
    for path in past {
        let accepted = read(&path)?;
        let table = accepted.lines().next().unwrap_or_default().to_owned();
        drifts.push(Drift { table, changes: drift::changes(&record(&path, &accepted)?, &Record::default(), true) });
    }
    drifts.retain(|drift| !drift.changes.is_empty());
    Ok(drifts)
}

/// What was proposed for a profile's folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proposal {
    /// How many tables differ from what was accepted, or are new: they are to be reviewed.
    pub pending: usize,
    /// Snapshots of tables that are gone: they are to be removed.
    pub past: Vec<PathBuf>,
}

/// Writes the tables that differ from what was accepted beside it, where `cargo insta review` looks for them. A proposal of
/// an earlier run that is no longer needed is removed.
pub fn propose(folder: &Path, verdicts: &Verdicts) -> Result<Proposal, SnapshotError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |cause: std::io::Error| SnapshotError { path, why: cause.to_string() }
    };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    let tables = tables(&verdicts.rules);
    let mut pending = 0;
    for table in &tables {
        let path = folder.join(format!("{}.snap.new", table.slug()));
        let rendered = table.render();
        if accepted(folder, table)?.is_some_and(|accepted| accepted.trim_end() == rendered.trim_end()) {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(&path)(error)),
                _ => continue,
            }
        }
        whole_file::write(&path, format!("---\nsource: {SOURCE}\n---\n{rendered}").as_bytes())
            .map_err(failed(&path))?;
        pending += 1;
    }
    Ok(Proposal { pending, past: tables_of_the_past(folder, &tables)? })
}

/// The table as it was accepted; nothing where there is none.
fn accepted(folder: &Path, table: &Table<'_>) -> Result<Option<String>, SnapshotError> {
    let path = path_of(folder, table);
    path.exists().then(|| read(&path)).transpose()
}

fn path_of(folder: &Path, table: &Table<'_>) -> PathBuf {
    folder.join(format!("{}.snap", table.slug()))
}

/// Snapshots of tables that the contract no longer has, by name.
fn tables_of_the_past(folder: &Path, tables: &[Table<'_>]) -> Result<Vec<PathBuf>, SnapshotError> {
    let error = |cause: std::io::Error| SnapshotError { path: folder.to_owned(), why: cause.to_string() };
    let current: Vec<&str> = tables.iter().map(Table::slug).collect();
    let mut paths = Vec::new();
    if !folder.exists() {
        return Ok(paths);
    }
    for entry in std::fs::read_dir(folder).map_err(error)? {
        let name = entry.map_err(error)?.file_name().to_string_lossy().into_owned();
        let slug = name.strip_suffix(".snap");
        if slug.is_some_and(|slug| !current.contains(&slug)) {
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
