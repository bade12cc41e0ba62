//! `fencepost promote`: makes regression cases of what was found, each once.

use std::fmt::Write as _;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use super::error::Failure;
use crate::cli::config::arguments::{Kind, PromoteArguments};
use crate::cli::console::exit::Exit;
use crate::cli::console::output;
use crate::contract::Contract;
use crate::regression::{Promoter, Regression};
use crate::rule::{Breach, OperationName};
use crate::whole_file;

/// The ending of the files of regression cases.
const ENDING: &str = "toml";

pub(super) fn run(arguments: &PromoteArguments) -> Result<Exit, Failure> {
    let promoter = Promoter::new(&arguments.contract.load_complete("a regression case")?);
    let mut shelf = Shelf::open(&arguments.into, promoter.operation())?;
    let mut met = Vec::new();
    let mut said = String::new();
    // Nothing is written before everything is known to be good.
    for path in &arguments.files {
        let failure = |why: String| Failure::Unpromotable { path: path.clone(), why };
        let wanted = |id: &str| {
            met.push(id.to_owned());
            arguments.findings.is_empty() || arguments.findings.iter().any(|other| promoter.is_same(other, id))
        };
        for case in cases(&promoter, path, arguments.kind, wanted).map_err(failure)? {
            let breaks = case.breaks.iter().map(Breach::to_string);
            let told = std::iter::once(case.expect.as_str().to_owned()).chain(breaks);
            let told = told.collect::<Vec<_>>().join(", ");
            let (place, fresh) = shelf.add(case).map_err(failure)?;
            let word = if fresh { "becomes" } else { "is there already:" };
            // Writing to a String cannot fail.
            let _ = writeln!(said, "{} {word} {} ({told})", path.display(), place.display());
        }
    }
    if let Some(id) = arguments.findings.iter().find(|id| !met.iter().any(|other| promoter.is_same(id, other))) {
        return Err(Failure::UnknownFinding(id.clone()));
    }
    shelf.write()?;
    output::print(&said);
    Ok(Exit::Clean)
}

/// The cases that a file makes; of findings, those that are wanted.
fn cases(
    promoter: &Promoter,
    path: &Path,
    kind: Option<Kind>,
    wanted: impl FnMut(&str) -> bool,
) -> Result<Vec<Regression>, String> {
    let bytes = fs::read(path).map_err(|error| format!("it cannot be read: {error}"))?;
    let from = path.display().to_string();
    let unclear =
        "neither its folder's name nor its content tells what it holds; say --as contract, payload, case or finding";
    match kind.or_else(|| kind_of(path, &bytes)).ok_or(unclear)? {
        Kind::Contract => {
            let text = String::from_utf8(bytes).map_err(|_| "it is no UTF-8, and so no contract")?;
            // What is promoted may be the very text on which the loader breaks.
            let loads = catch_unwind(|| Contract::from_text(&from, &text).is_ok()).ok();
            Ok(vec![Promoter::contract(&from, &text, loads)])
        }
        Kind::Payload => Ok(vec![promoter.body(&from, bytes)]),
        // Fuzzers give their files no ending, so this was to be an entry of a search's corpus.
        Kind::Case if path.extension().is_some_and(|ending| ending == "json") && !Promoter::holds_choices(&bytes) => {
            Err("it is no JSON object with `choices`".to_owned())
        }
        Kind::Case => promoter.choices(&from, &bytes).map(|case| vec![case]),
        Kind::Finding => promoter.findings(&from, &bytes, wanted),
    }
}

/// What a file holds, by the folder that it is in and by its content.
fn kind_of(path: &Path, bytes: &[u8]) -> Option<Kind> {
    let folders = path.ancestors().skip(1).filter_map(|folder| folder.file_name()?.to_str());
    let of_a_target = folders.into_iter().find_map(|folder| match folder {
        "contract" => Some(Kind::Contract),
        "payload" => Some(Kind::Payload),
        "case" | "endpoint" => Some(Kind::Case),
        _ => None,
    });
    match of_a_target {
        // Whatever a body or a contract looks like, it is one.
        Some(Kind::Contract | Kind::Payload) => of_a_target,
        _ if Promoter::holds_findings(bytes) => Some(Kind::Finding),
        _ if Promoter::holds_choices(bytes) => Some(Kind::Case),
        _ => of_a_target,
    }
}

/// The folder of regression cases: those that are there, and after them those to be.
struct Shelf {
    folder: PathBuf,
    cases: Vec<(PathBuf, Regression)>,
    written: usize,
}

impl Shelf {
    fn open(folder: &Path, operation: &OperationName) -> Result<Self, Failure> {
        let failure = |error: std::io::Error| Failure::Regressions { path: folder.to_owned(), why: error.to_string() };
        let mut cases = Vec::new();
        for entry in fs::read_dir(folder).map_err(failure)? {
            let path = entry.map_err(failure)?.path();
            if path.extension().is_some_and(|ending| ending == ENDING) {
                let text = fs::read_to_string(&path)
                    .map_err(|error| Failure::Regressions { path: path.clone(), why: error.to_string() })?;
                let case = Regression::from_text(&path.display().to_string(), &text, operation)?;
                cases.push((path, case));
            }
        }
        Ok(Self { folder: folder.to_owned(), written: cases.len(), cases })
    }

    /// The file of a case, and whether it is a new one.
    fn add(&mut self, case: Regression) -> Result<(PathBuf, bool), String> {
        if let Some((path, other)) = self.cases.iter().find(|(_, other)| other.input == case.input) {
            let (there, here) = (other.expect.as_str(), case.expect.as_str());
            if there != here {
                return Err(format!(
                    "{} has the same input and expects {there}, not {here}; correct it",
                    path.display()
                ));
            }
            return Ok((path.clone(), false));
        }
        let stem = case.stem();
        let names = std::iter::once(stem.clone()).chain((2..).map(|number| format!("{stem}-{number}")));
        let mut paths = names.map(|name| self.folder.join(name).with_extension(ENDING));
        // There are always more numbers than files.
        let path = paths.find(|path| !path.exists() && self.cases.iter().all(|(other, _)| other != path));
        let path = path.unwrap_or_default();
        self.cases.push((path.clone(), case));
        Ok((path, true))
    }

    fn write(&self) -> Result<(), Failure> {
        for (path, case) in &self.cases[self.written..] {
            whole_file::write(path, case.to_text().as_bytes())
                .map_err(|error| Failure::Regressions { path: path.clone(), why: error.to_string() })?;
        }
        Ok(())
    }
}
