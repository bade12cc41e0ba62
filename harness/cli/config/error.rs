//! What can be wrong with settings, each with what to do about it.

use std::path::PathBuf;

use super::profile::FileError;

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum ConfigError {
    #[error("{0}")]
    File(#[from] FileError),
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
    #[error(
        "{setting} is about a target, and none is named, so the embedded stub would be tested; name one with --target URL{profiles}, or leave it out"
    )]
    AboutNoTarget { setting: String, profiles: String },
    #[error(
        "no target is named, and the stub would be tested in place of the profiles of {path}; name one with --profile ({names}), a URL with --target, or the stub with --profile stub",
        path = path.display()
    )]
    NoProfileNamed { path: PathBuf, names: String },
    #[error("the variable `{0}` is empty; set it to the target's URL, or unset it to test the embedded stub")]
    EmptyTarget(&'static str),
}
