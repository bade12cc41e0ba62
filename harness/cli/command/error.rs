//! What can go wrong with a command, each with what to do about it and the code to exit with.

use std::path::PathBuf;

use crate::cli::config::error::ConfigError;
use crate::cli::connect::error::ConnectError;
use crate::cli::console::exit::Exit;
use crate::contract::ContractError;
use crate::corpus::CorpusError;
use crate::journal::JournalError;
use crate::regression::RegressionError;
use crate::suite::{SelectionError, Untestable};

/// Why a command ended without doing what it was called for.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Connect(#[from] ConnectError),
    #[error("{0}")]
    Contract(#[from] ContractError),
    #[error("{0}")]
    Selection(#[from] SelectionError),
    #[error("the share {0}/{1} has no rule to test; ask for fewer shares")]
    EmptyShard(usize, usize),
    #[error("{path}: there are no findings to test again ({why}); give a report that `--report-json` wrote", path = path.display())]
    EarlierReport { path: PathBuf, why: String },
    #[error(
        "{0} is about one operation, and the document's are many; choose one with --operation and a contract of its own"
    )]
    NeedsOne(&'static str),
    #[error("{0}")]
    Corpus(#[from] CorpusError),
    #[error("{0}")]
    Journal(#[from] JournalError),
    #[error("{0}")]
    Untestable(#[from] Untestable),
    #[error("no rule stands at `{0}`{1}; `fencepost rules` lists the places")]
    UnknownPlace(String, String),
    #[error("{path}: the snapshot cannot be read ({why}); restore it, or remove it and accept a new one", path = path.display())]
    Snapshot { path: PathBuf, why: String },
    #[error("{path}: the report cannot be written ({why}); make room, or give a path in a folder that you may write to", path = path.display())]
    Report { path: PathBuf, why: String },
    #[error("{path}: the seed cannot be written ({why}); give a folder that you may write to", path = path.display())]
    Seed { path: PathBuf, why: String },
    #[error("{path}: cannot be promoted ({why})", path = path.display())]
    Unpromotable { path: PathBuf, why: String },
    #[error("{path}: regression cases cannot be read or written there ({why}); make that folder, run it in the project's root, or name another with --into", path = path.display())]
    Regressions { path: PathBuf, why: String },
    #[error("{0}")]
    Regression(#[from] RegressionError),
    #[error("no finding is called `{0}` in these files; give an id as the report has it")]
    UnknownFinding(String),
    #[error("the stub cannot listen on port {port} ({why}); give another --port, or none for any free one")]
    Port { port: u16, why: String },
}

impl Failure {
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Untestable(Untestable::Interrupted) => Exit::Interrupted,
            Self::Untestable(_) => Exit::Untestable,
            _ => Exit::Usage,
        }
    }
}
