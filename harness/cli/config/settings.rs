//! The settings of a run: what the flags say, else the environment, else the profile, else the defaults; and which it was.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::arguments::{ContractArguments, TargetArguments};
use super::error::ConfigError;
use super::profile::{Credentials, File, Filled, Header, NAME, Profile, STUB, hint, is_name, unknown_waiver};
use super::values::{base_path, count, duration, rate};
use crate::contract::Contract;
use crate::names::nearest;
use crate::settle::{Settlement, settle};
use crate::suite::Suite;
use crate::target::{Rate, base};
use crate::verdict::Waiver;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
const DEFAULT_CONCURRENCY: u16 = 16;
const DEFAULT_SILENCE: Duration = Duration::from_secs(10);

/// What the target is called that is no other.
const EMBEDDED: &str = "embedded stub";

/// The variables that override a profile.
pub(in crate::cli) const TARGET: &str = "FENCEPOST_TARGET";
const BASE_PATH: &str = "FENCEPOST_BASE_PATH";
const TASK_ID: &str = "FENCEPOST_TASK_ID";
const TOKEN: &str = "FENCEPOST_TOKEN";
const TIMEOUT: &str = "FENCEPOST_TIMEOUT";
const CONCURRENCY: &str = "FENCEPOST_CONCURRENCY";
const RATE: &str = "FENCEPOST_RATE";
const MAX_REQUESTS: &str = "FENCEPOST_MAX_REQUESTS";
const MAX_TIME: &str = "FENCEPOST_MAX_TIME";
const MAX_CRASHES: &str = "FENCEPOST_MAX_CRASHES";
const RESTORE: &str = "FENCEPOST_RESTORE";
const PATIENCE: &str = "FENCEPOST_PATIENCE";
const SILENCE: &str = "FENCEPOST_SILENCE";

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum Origin {
    Flag,
    Environment(&'static str),
    File(PathBuf),
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment(variable) => write!(f, "environment ({variable})"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A setting and its origin.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Sourced<T> {
    pub(in crate::cli) value: T,
    pub(in crate::cli) origin: Origin,
}

/// All that a run is told about its target.
pub(in crate::cli) struct Settings {
    /// The profile's name.
    pub(in crate::cli) profile: Option<String>,
    /// The file that the profile stands in; nothing where its snapshots are all there is of it.
    pub(in crate::cli) file: Option<File>,
    /// Nothing for the embedded stub.
    pub(in crate::cli) target: Option<Sourced<Filled>>,
    /// The document to test by; the shipped contract where there is none.
    pub(in crate::cli) contract: Option<Sourced<PathBuf>>,
    /// Where the document's paths begin.
    pub(in crate::cli) base_path: Option<Sourced<String>>,
    /// Of several the first is used that can be read.
    pub(in crate::cli) task_ids: Vec<Sourced<Filled>>,
    /// Values of the path's parameters, by place.
    pub(in crate::cli) set: Vec<Sourced<(String, Filled)>>,
    pub(in crate::cli) headers: Vec<Sourced<Header>>,
    pub(in crate::cli) credentials: Option<Sourced<Credentials>>,
    /// Security schemes of the document, each with the variable that holds its credential.
    pub(in crate::cli) schemes: Vec<Sourced<(String, String)>>,
    pub(in crate::cli) timeout: Sourced<Duration>,
    pub(in crate::cli) concurrency: Sourced<u16>,
    /// As fast as answers come where there is none.
    pub(in crate::cli) rate: Option<Sourced<Rate>>,
    pub(in crate::cli) max_requests: Option<Sourced<u64>>,
    pub(in crate::cli) max_time: Option<Sourced<Duration>>,
    pub(in crate::cli) max_crashes: Option<Sourced<u64>>,
    /// Depends on where the target is, where it is not told.
    pub(in crate::cli) patience: Option<Sourced<Duration>>,
    /// After so long without a word it is said what is waited for.
    pub(in crate::cli) silence: Duration,
    pub(in crate::cli) proxy: Option<Sourced<Filled>>,
    pub(in crate::cli) ca_file: Option<Sourced<PathBuf>>,
    pub(in crate::cli) client: Option<Sourced<(PathBuf, PathBuf)>>,
    /// A body to send at the end.
    pub(in crate::cli) restore: Option<Sourced<PathBuf>>,
    /// The folder of snapshots, which may not be there.
    pub(in crate::cli) snapshots: Option<Sourced<PathBuf>>,
    pub(in crate::cli) allow_hosts: Vec<Sourced<Filled>>,
    /// Whether every known format is part of its type.
    pub(in crate::cli) assert_formats: bool,
    pub(in crate::cli) settled: Vec<Settlement>,
    pub(in crate::cli) waivers: Vec<Waiver>,
}

/// The file of profiles that is meant: the one that was named, else the one of the current folder.
pub(in crate::cli) fn file(config: Option<&Path>) -> Result<Option<File>, ConfigError> {
    let path = config.unwrap_or(Path::new(NAME));
    if config.is_none() && !path.exists() {
        return Ok(None);
    }
    Ok(Some(File::read(path)?))
}

/// The value of a variable; nothing where it is empty.
pub(in crate::cli) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Settings {
    /// The settings of a run with this profile and these flags.
    pub(in crate::cli) fn new(name: Option<&str>, arguments: &TargetArguments) -> Result<Self, ConfigError> {
        let file = match (name, &arguments.config) {
            (Some(_), config) => file(config.as_deref())?,
            (None, Some(_)) => return Err(ConfigError::ConfigWithoutProfile),
            (None, None) => None,
        };
        let found = match (&file, name) {
            (Some(file), Some(name)) => file.profile(name, &variable).transpose()?,
            _ => None,
        };
        if let (Some(name), None) = (name, &found) {
            known_by_its_snapshots(name, file.as_ref())?;
        }
        let file = found.as_ref().and(file);
        Self::merged(name, file, found.unwrap_or_default(), arguments)
    }

    fn merged(
        name: Option<&str>,
        file: Option<File>,
        profile: Profile,
        arguments: &TargetArguments,
    ) -> Result<Self, ConfigError> {
        let from_file = || file.as_ref().map_or(Origin::Default, |file| Origin::File(file.path.clone()));
        let timeout = environment(TIMEOUT, duration)?;
        let concurrency = environment(CONCURRENCY, in_flight)?;
        let requests = environment(MAX_REQUESTS, count)?;
        let crashes = environment(MAX_CRASHES, count)?;
        let time = environment(MAX_TIME, duration)?;
        let patience = environment(PATIENCE, duration)?;
        let token = |variable: &str| Credentials::TokenVariable(variable.to_owned());
        let known = variable(TOKEN).map(|_| token(TOKEN));
        let set: Vec<(String, Filled)> =
            arguments.set.iter().map(|(place, value)| (place.clone(), plain(value))).collect();
        let snapshots = match (profile.snapshots, name) {
            (Some(folder), _) => Some(Sourced { value: folder, origin: from_file() }),
            (None, Some(name)) => Some(Sourced { value: Path::new("snapshots").join(name), origin: Origin::Default }),
            (None, None) => None,
        };
        Ok(Self {
            profile: name.map(str::to_owned),
            target: first(
                arguments.target.as_ref().map(plain),
                (TARGET, variable(TARGET).map(plain)),
                profile.url,
                from_file(),
            ),
            contract: profile.contract.map(|value| Sourced { value, origin: from_file() }),
            base_path: first(
                arguments.base_path.clone(),
                (BASE_PATH, environment(BASE_PATH, base_path)?),
                profile.base_path,
                from_file(),
            ),
            task_ids: several(
                &arguments.task_ids.iter().map(plain).collect::<Vec<_>>(),
                (TASK_ID, variable(TASK_ID).map(plain)),
                profile.task_ids,
                &from_file(),
            ),
            set: all(unreplaced(profile.set, &set), &set, &from_file()),
            headers: headers(profile.headers, arguments, &from_file()),
            credentials: first(
                arguments.token_env.as_deref().map(token),
                (TOKEN, known),
                profile.credentials,
                from_file(),
            ),
            schemes: all(unreplaced(profile.schemes, &arguments.schemes), &arguments.schemes, &from_file()),
            timeout: first(arguments.timeout, (TIMEOUT, timeout), profile.timeout, from_file())
                .unwrap_or(Sourced { value: DEFAULT_TIMEOUT, origin: Origin::Default }),
            concurrency: first(arguments.concurrency, (CONCURRENCY, concurrency), profile.concurrency, from_file())
                .unwrap_or(Sourced { value: DEFAULT_CONCURRENCY, origin: Origin::Default }),
            rate: first(arguments.rate, (RATE, environment(RATE, rate)?), profile.rate, from_file()),
            max_requests: first(arguments.max_requests, (MAX_REQUESTS, requests), profile.max_requests, from_file()),
            max_time: first(arguments.max_time, (MAX_TIME, time), profile.max_time, from_file()),
            max_crashes: first(arguments.max_crashes, (MAX_CRASHES, crashes), profile.max_crashes, from_file()),
            patience: first(arguments.patience, (PATIENCE, patience), profile.patience, from_file()),
            silence: environment(SILENCE, duration)?.unwrap_or(DEFAULT_SILENCE),
            proxy: profile.proxy.map(|value| Sourced { value, origin: from_file() }),
            ca_file: profile.ca_file.map(|value| Sourced { value, origin: from_file() }),
            client: profile.client.map(|value| Sourced { value, origin: from_file() }),
            restore: first(
                arguments.restore.clone(),
                (RESTORE, variable(RESTORE).map(PathBuf::from)),
                profile.restore,
                from_file(),
            ),
            snapshots,
            allow_hosts: all(
                profile.allow_hosts,
                &arguments.allow_hosts.iter().map(plain).collect::<Vec<_>>(),
                &from_file(),
            ),
            assert_formats: profile.assert_formats,
            settled: profile.settled,
            waivers: profile.waivers,
            file,
        })
    }

    /// What the target is called.
    pub(in crate::cli) fn name(&self) -> String {
        self.target.as_ref().map_or(EMBEDDED, |target| target.value.shown()).to_owned()
    }

    /// The target's URL with all that is hidden in it.
    pub(in crate::cli) fn url(&self) -> &str {
        self.target.as_ref().map_or(EMBEDDED, |target| target.value.expose())
    }

    /// The contract that is meant, with what the settings say of any document.
    pub(in crate::cli) fn meant(&self, arguments: &ContractArguments) -> ContractArguments {
        let assert_formats = self.assert_formats || arguments.assert_formats;
        let allowed_hosts = self.allow_hosts.iter().map(|host| host.value.expose().to_owned()).collect();
        // A target that is given with a path is given whole.
        let has_path = self.target.as_ref().is_some_and(|target| base::has_path(target.value.expose()));
        let base_path = self.base_path.as_ref().map(|path| path.value.clone()).or(has_path.then(String::new));
        let contract = arguments.contract.clone().or_else(|| self.contract.as_ref().map(|path| path.value.clone()));
        ContractArguments { contract, assert_formats, allowed_hosts, base_path, ..arguments.clone() }
    }

    /// The contract in the reading of the profile, whose waivers name findings that it can have.
    pub(in crate::cli) fn reading(&self, contract: &Contract) -> Result<Contract, ConfigError> {
        let settled = settle(contract, &self.settled).map_err(|(number, error)| {
            let hint = hint(contract, &self.settled[number], &error);
            self.error(&["settled", &number.to_string()], format!("{error}{hint}"))
        })?;
        match unknown_waiver(&settled, &self.waivers) {
            Some((number, problem)) => Err(self.error(&["waivers", &number.to_string(), "id"], problem)),
            None => Ok(settled),
        }
    }

    /// The folder of snapshots to compare with; nothing where a profile has none yet, or none that was accepted.
    pub(in crate::cli) fn accepted_snapshots(&self) -> Result<Option<&Path>, ConfigError> {
        match &self.snapshots {
            Some(folder) if folder.value.is_dir() => {
                Ok(Some(folder.value.as_path()).filter(|folder| has_accepted(folder)))
            }
            Some(Sourced { value, origin: Origin::File(_) }) => Err(ConfigError::NoSnapshots(value.clone())),
            _ => Ok(None),
        }
    }

    /// The same suite with the limits that are set.
    pub(in crate::cli) fn limited<'a>(&self, suite: Suite<'a>) -> Suite<'a> {
        suite
            .within(self.max_requests.as_ref().map(|most| most.value))
            .sparing(self.max_crashes.as_ref().map(|most| most.value))
    }

    /// An error at a key of the profile.
    pub(super) fn error(&self, steps: &[&str], problem: String) -> ConfigError {
        match (&self.file, &self.profile) {
            (Some(file), Some(name)) => file.error(&[&["profile", name.as_str()], steps].concat(), problem).into(),
            // Only a profile in a file has such keys.
            _ => ConfigError::NoProfiles,
        }
    }
}

/// Whether a folder has snapshots that were accepted.
pub(in crate::cli) fn has_accepted(folder: &Path) -> bool {
    let is_snapshot = |entry: std::io::Result<std::fs::DirEntry>| {
        // What cannot be read is told when it is compared with.
        entry.map_or(true, |entry| entry.path().extension().is_some_and(|extension| extension == "snap"))
    };
    std::fs::read_dir(folder).map_or(true, |mut entries| entries.any(is_snapshot))
}

/// A text that nobody hides.
fn plain(text: impl AsRef<str>) -> Filled {
    Filled::from(text.as_ref())
}

/// The first of what was said: by a flag, by the environment, by the profile.
fn first<T>(
    flag: Option<T>,
    (variable, environment): (&'static str, Option<T>),
    profile: Option<T>,
    from_file: Origin,
) -> Option<Sourced<T>> {
    let flag = flag.map(|value| Sourced { value, origin: Origin::Flag });
    flag.or_else(|| environment.map(|value| Sourced { value, origin: Origin::Environment(variable) }))
        .or_else(|| profile.map(|value| Sourced { value, origin: from_file }))
}

/// The same where there may be several.
fn several<T: Clone>(
    flags: &[T],
    environment: (&'static str, Option<T>),
    profile: Vec<T>,
    from_file: &Origin,
) -> Vec<Sourced<T>> {
    let flags = Some(flags.to_vec()).filter(|flags| !flags.is_empty());
    let environment = (environment.0, environment.1.map(|value| vec![value]));
    let Some(Sourced { value, origin }) = first(flags, environment, Some(profile), from_file.clone()) else {
        return Vec::new();
    };
    value.into_iter().map(|value| Sourced { value, origin: origin.clone() }).collect()
}

/// What the flags say, and what the profile adds to it.
fn all<T: Clone>(profile: Vec<T>, flags: &[T], from_file: &Origin) -> Vec<Sourced<T>> {
    let flags = flags.iter().cloned().map(|value| Sourced { value, origin: Origin::Flag });
    flags.chain(profile.into_iter().map(|value| Sourced { value, origin: from_file.clone() })).collect()
}

/// The profile's values by name but for those that a flag replaces.
fn unreplaced<T>(profile: Vec<(String, T)>, flags: &[(String, T)]) -> Vec<(String, T)> {
    profile.into_iter().filter(|(name, _)| !flags.iter().any(|(other, _)| other == name)).collect()
}

/// The profile's headers but for those that a flag replaces, and the flags'.
fn headers(profile: Vec<Header>, arguments: &TargetArguments, from_file: &Origin) -> Vec<Sourced<Header>> {
    let flag = |is_plain| {
        move |(name, value): &(String, String)| Header {
            name: name.clone(),
            value: Filled::from(value.as_str()),
            is_plain,
        }
    };
    let flags: Vec<Header> =
        arguments.headers.iter().map(flag(false)).chain(arguments.plain_headers.iter().map(flag(true))).collect();
    let replaced = |header: &Header| flags.iter().any(|other| other.name.eq_ignore_ascii_case(&header.name));
    let kept: Vec<Header> = profile.into_iter().filter(|header| !replaced(header)).collect();
    let kept = kept.into_iter().map(|value| Sourced { value, origin: from_file.clone() });
    kept.chain(flags.into_iter().map(|value| Sourced { value, origin: Origin::Flag })).collect()
}

fn environment<T>(name: &'static str, parse: fn(&str) -> Result<T, String>) -> Result<Option<T>, ConfigError> {
    let read = |value: String| {
        parse(&value).map_err(|why| ConfigError::Environment { variable: name, value: value.clone(), why })
    };
    variable(name).map(read).transpose()
}

fn in_flight(text: &str) -> Result<u16, String> {
    let number = text.parse().ok().filter(|number| (1..=256).contains(number));
    number.ok_or_else(|| "write a number from 1 to 256".to_owned())
}

/// A profile that stands in no file has snapshots, or is none.
fn known_by_its_snapshots(name: &str, file: Option<&File>) -> Result<(), ConfigError> {
    let folder = Path::new("snapshots").join(name);
    if name == STUB || (is_name(name) && folder.is_dir()) {
        return Ok(());
    }
    let hint = file.map(|file| nearest(name, file.names())).unwrap_or_default();
    Err(ConfigError::UnknownProfile { name: name.to_owned(), path: folder, hint })
}
