//! What can go wrong with a command, each with what to do about it and the code to exit with.

use std::path::PathBuf;

use super::Exit;
use super::profile::FileError;
use super::settings::Origin;
use crate::contract::ContractError;
use crate::corpus::CorpusError;
use crate::journal::JournalError;
use crate::regression::RegressionError;
use crate::suite::{SelectionError, Untestable};
use crate::target::{TargetError, TransportError};

/// Why a command ended without doing what it was called for.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Contract(#[from] ContractError),
    #[error("{0}")]
    Target(#[from] TargetError),
    #[error("{0}")]
    Selection(#[from] SelectionError),
    #[error("{path}: there are no findings to test again ({why}); give a report that `--report-json` wrote", path = path.display())]
    EarlierReport { path: PathBuf, why: String },
    #[error("{0}")]
    Corpus(#[from] CorpusError),
    #[error("{0}")]
    Journal(#[from] JournalError),
    #[error("{0}")]
    Untestable(#[from] Untestable),
    #[error("no fault is called `{0}`{1}; `fencepost serve --list-faults` lists them")]
    UnknownFault(String, String),
    #[error("no rule stands at `{0}`{1}; `fencepost rules` lists the places")]
    UnknownPlace(String, String),
    #[error("{0}")]
    Profile(#[from] FileError),
    #[error(
        "there is no profile `{name}`{hint}: it is not in fencepost.toml, and {path} is no folder with snapshots; make one, or correct the name",
        path = path.display()
    )]
    UnknownProfile { name: String, path: PathBuf, hint: String },
    #[error(
        "there is no fencepost.toml in this folder; write one (`fencepost profile example` prints one to start from), or give --config FILE"
    )]
    NoProfiles,
    #[error(
        "{path} holds no profile; write one (`fencepost profile example` prints one to start from)",
        path = .0.display()
    )]
    EmptyProfiles(PathBuf),
    #[error("--config names a file of profiles; name one of them with --profile, or leave it out")]
    ConfigWithoutProfile,
    #[error("{path} is no folder with snapshots; let --update-snapshots make it, or correct `snapshots`", path = .0.display())]
    NoSnapshots(PathBuf),
    #[error("the variable `{variable}` holds `{value}`: {why}; correct it, or unset it")]
    Environment { variable: &'static str, value: String, why: String },
    #[error("`{key}`: {error}")]
    Transport { key: &'static str, error: TransportError },
    #[error("`token_file`: {path} {why}; write the bare token into it", path = path.display())]
    TokenFile { path: PathBuf, why: String },
    #[error("`token_command` {0}; run it by hand to see why")]
    TokenCommand(String),
    #[error(
        "`{0}` is not this machine, and every accepted probe overwrites the task; where that is meant, name it with --allow-host {0}, or with `allow_host` in its profile"
    )]
    HostNotAllowed(String),
    #[error(
        "`{0}` is not this machine, and every accepted probe overwrites the task; name one that nobody needs with --task-id, or with `task_id` in its profile"
    )]
    NoTaskId(String),
    #[error("--fault breaks the embedded stub, and the target is {0}, from the {1}; leave one out")]
    FaultElsewhere(String, Origin),
    #[error("{path}: the snapshot cannot be read ({why}); restore it, or remove it and accept a new one", path = path.display())]
    Snapshot { path: PathBuf, why: String },
    #[error("the variable `{0}` is not set or empty; export a valid token in it, or name another with --token-env")]
    NoToken(String),
    #[error("{0} holds characters that no header can carry; give the bare token")]
    BadToken(String),
    #[error(
        "the contract marks no header as a credential (`x-credential: true`), so --token-env has nowhere to go; use --header"
    )]
    NoCredentialHeader,
    #[error("the contract's path has no parameter, so --task-id has nowhere to go; leave it out")]
    NoPathParameter,
    #[error("--task-id `{0}` means another path in a URL; give the id of a task, or leave it out")]
    DotTaskId(String),
    #[error(
        "`{0}` is the contract's credential; export it in a variable and name that with --token-env, so that it is never shown"
    )]
    CredentialInHeader(String),
    #[error("interrupts cannot be caught ({0}); check the system's limits on threads and open files")]
    Interrupts(String),
    #[error("--task-id must have at least one character; give the id of a task, or leave it out")]
    EmptyTaskId,
    #[error("{path}: cannot be sent at the end ({why}); give a file that holds a body in JSON", path = path.display())]
    Restore { path: PathBuf, why: String },
    #[error("{path}: the report cannot be written ({why}); give a path in a folder that you may write to", path = path.display())]
    Report { path: PathBuf, why: String },
    #[error("{path}: the seed cannot be written ({why}); give a folder that you may write to", path = path.display())]
    Seed { path: PathBuf, why: String },
    #[error("{path}: cannot be promoted ({why})", path = path.display())]
    Unpromotable { path: PathBuf, why: String },
    #[error("{path}: regression cases cannot be read or written there ({why}); run it in the project's root, or name their folder with --into", path = path.display())]
    Regressions { path: PathBuf, why: String },
    #[error("{0}")]
    Regression(#[from] RegressionError),
    #[error("no finding is called `{0}` in these files; give an id as the report has it")]
    UnknownFinding(String),
    #[error("standard output cannot be written to ({0})")]
    Output(std::io::Error),
    #[error("the stub cannot listen on port {port} ({why}); give another --port, or none for any free one")]
    Port { port: u16, why: String },
    #[error("the stub cannot be started ({0}); check the system's limits on threads and open files")]
    Stub(String),
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
