//! The folder in which a search keeps what it found: cases worth varying, findings, and how often it was started.
//!
//! Each file is whole or not there, so a search may be killed at any moment. What is none of ours is left alone and told.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fingerprint::of_texts;
use crate::report::sound::{checked, damage};
use crate::search::{Entry, Feature, Features};
use crate::whole_file;

/// The version of the files.
const SCHEMA: u32 = 1;

/// A corpus that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the corpus {path} cannot be used ({why}); give a folder that you may read and write", path = path.display())]
pub struct CorpusError {
    path: PathBuf,
    why: String,
}

/// A folder with what a search has found.
#[derive(Debug)]
pub struct Corpus {
    folder: PathBuf,
    /// Stands for the contract: choices mean nothing under another one.
    contract: String,
    /// Files that could not be written yet.
    unwritten: Vec<(PathBuf, String)>,
}

/// What stood in a corpus when it was opened.
#[derive(Debug, Default)]
pub struct CorpusContents {
    /// Cases, oldest first as far as their names tell.
    pub entries: Vec<Entry>,
    /// The findings.
    pub findings: Vec<Known>,
    /// Files that were passed over, and why.
    pub skipped: Vec<(PathBuf, String)>,
    /// How often a search was started here before.
    pub starts: u64,
}

/// A finding that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Known {
    /// Its id.
    pub id: String,
    /// The id of what it has in common with others, where it was found with many.
    pub cause: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct CaseFile {
    schema: u32,
    contract: String,
    violations: usize,
    choices: Vec<u16>,
    own: Vec<Feature>,
    latency: Option<Feature>,
    by_rule: Vec<Feature>,
}

#[derive(Serialize, Deserialize)]
struct State {
    schema: u32,
    starts: u64,
}

impl Corpus {
    /// Opens a folder, or makes it, and reads what it holds. `contract` is the text of the contract.
    pub fn open(folder: &Path, contract: &str) -> Result<(Self, CorpusContents), CorpusError> {
        let corpus = Self { folder: folder.to_owned(), contract: fingerprint(contract), unwritten: Vec::new() };
        let kept = corpus.read().map_err(|error| corpus.error(&error))?;
        let state = State { schema: SCHEMA, starts: kept.starts + 1 };
        let text = Value::Object(checked(&state)).to_string() + "\n";
        whole_file::write(&corpus.state(), text.as_bytes()).map_err(|error| corpus.error(&error))?;
        Ok((corpus, kept))
    }

    /// Keeps a case.
    pub fn keep_case(&mut self, entry: &Entry) {
        let file = CaseFile {
            schema: SCHEMA,
            contract: self.contract.clone(),
            violations: entry.violations,
            choices: entry.choices.clone(),
            own: entry.features.own.clone(),
            latency: entry.features.latency,
            by_rule: entry.features.by_rule.clone(),
        };
        let text = Value::Object(checked(&file)).to_string() + "\n";
        let name = fingerprint(&format!("{} {:?}", entry.violations, entry.choices));
        self.keep(self.cases().join(format!("{name}.json")), text);
    }

    /// Keeps a finding, by its id and its report.
    pub fn keep_finding(&mut self, id: &str, report: String) {
        let name: String = id
            .chars()
            .map(|character| if character.is_ascii_alphanumeric() || character == '.' { character } else { '-' })
            .take(MOST_NAME)
            .collect();
        self.keep(self.findings().join(format!("{name}-{}.json", fingerprint(id))), report);
    }

    /// Writes what could not be written before; tells what is still missing, and why.
    pub fn catch_up(&mut self) -> Result<(), (usize, io::Error)> {
        while let Some((path, text)) = self.unwritten.first() {
            if let Err(error) = whole_file::write(path, text.as_bytes()) {
                return Err((self.unwritten.len(), error));
            }
            self.unwritten.remove(0);
        }
        Ok(())
    }

    fn keep(&mut self, path: PathBuf, text: String) {
        self.unwritten.push((path, text));
    }

    fn read(&self) -> io::Result<CorpusContents> {
        let mut kept = CorpusContents::default();
        for folder in [self.cases(), self.findings()] {
            fs::create_dir_all(folder)?;
        }
        for path in files(&self.cases())? {
            match self.case(&path) {
                Ok(entry) => kept.entries.push(entry),
                Err(why) => kept.skipped.push((path, why)),
            }
        }
        for path in files(&self.findings())? {
            match read_json::<Known>(&path) {
                Ok(known) => kept.findings.push(known),
                Err(why) => kept.skipped.push((path, why)),
            }
        }
        if self.state().exists() {
            match read_json::<State>(&self.state()) {
                Ok(state) => kept.starts = state.starts,
                Err(why) => kept.skipped.push((self.state(), why)),
            }
        }
        Ok(kept)
    }

    fn case(&self, path: &Path) -> Result<Entry, String> {
        let file: CaseFile = read_json(path)?;
        if file.schema != SCHEMA {
            return Err(format!("it is of version {}, not {SCHEMA}", file.schema));
        }
        if file.contract != self.contract {
            return Err("it was made for another contract".to_owned());
        }
        if file.own.is_empty() || file.violations > 1 {
            return Err("it is no case that a search has kept".to_owned());
        }
        let features = Features { own: file.own, latency: file.latency, by_rule: file.by_rule };
        Ok(Entry { violations: file.violations, choices: file.choices, features })
    }

    fn cases(&self) -> PathBuf {
        self.folder.join("cases")
    }

    fn findings(&self) -> PathBuf {
        self.folder.join("findings")
    }

    fn state(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    fn error(&self, error: &io::Error) -> CorpusError {
        CorpusError { path: self.folder.clone(), why: error.to_string() }
    }
}

/// Names of files are cut at so many characters: file systems allow 255 bytes.
const MOST_NAME: usize = 150;

/// The files of a folder, by name; hidden ones are somebody's unfinished business.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read_json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, String> {
    let bytes = fs::read(path).map_err(|error| format!("it cannot be read: {error}"))?;
    let foreign = |error: serde_json::Error| format!("it is none of a search's files: {error}");
    let value: Value = serde_json::from_slice(&bytes).map_err(foreign)?;
    match damage(&value) {
        Some(damage) => Err(damage),
        None => serde_json::from_value(value).map_err(foreign),
    }
}

/// A short name for a long text.
fn fingerprint(text: &str) -> String {
    format!("{:016x}", of_texts(&[text]))
}
