//! `fencepost profile`: checks, shows and explains the profiles of `fencepost.toml`.

mod file;
mod fill;
mod resolve;
mod rules;
mod show;

pub(super) use file::{File, FileError, NAME, is_name};
pub(super) use fill::Filled;
pub(super) use resolve::{Credentials, Profile};
pub(super) use rules::{hint, unknown_waiver};

use std::path::Path;

use super::arguments::{CheckArguments, ProfileCommand, ShowArguments, TargetArguments};
use super::error::Failure;
use super::run::today;
use super::settings::{Origin, Settings, file};
use super::{Exit, caller, output};

/// A file with every key, and what each is for.
const EXAMPLE: &str = include_str!("example.toml");

pub(super) fn run(command: &ProfileCommand) -> Result<Exit, Failure> {
    match command {
        ProfileCommand::Check(arguments) => check(arguments),
        ProfileCommand::Show(arguments) => show(arguments),
        ProfileCommand::Example => output::print(EXAMPLE).map(|()| Exit::Clean),
    }
}

/// Finds all that can be found out without a request; every profile gets a line.
fn check(arguments: &CheckArguments) -> Result<Exit, Failure> {
    let contract = arguments.contract.load()?;
    let file = file(arguments.config.as_deref())?.ok_or(Failure::NoProfiles)?;
    let target = TargetArguments { config: arguments.config.clone(), ..TargetArguments::default() };
    let names: Vec<&str> = match &arguments.name {
        Some(name) => vec![name],
        None => file.names().collect(),
    };
    if names.is_empty() {
        return Err(Failure::EmptyProfiles(file.path));
    }
    let mut exit = Exit::Clean;
    for name in names {
        let sound = Settings::new(Some(name), &target).and_then(|settings| {
            let contract = settings.reading(&contract)?;
            caller::check(&contract, &settings)?;
            Ok(notes(&settings))
        });
        match sound {
            Ok(notes) => output::print(&format!("profile `{name}` is sound{notes}\n"))?,
            Err(failure) => {
                // What is wrong with a key names its profile itself.
                match failure {
                    Failure::Profile(_) => output::complain(&failure.to_string()),
                    _ => output::complain(&format!("profile `{name}`: {failure}")),
                }
                exit = failure.exit();
            }
        }
    }
    Ok(exit)
}

/// What is no mistake, and perhaps not meant.
fn notes(settings: &Settings) -> String {
    let mut notes = String::new();
    if settings.target.is_none() {
        notes.push_str("; it names no `url`, so the embedded stub is tested");
    }
    let today = today();
    for waiver in settings.waivers.iter().filter(|waiver| waiver.expires < today) {
        notes.extend(["; the waiver of ", &waiver.id, " expired on ", &waiver.expires]);
    }
    notes
}

/// What a run says of its profile before it begins.
pub(super) fn introduction(settings: &Settings, settled: usize, snapshots: Option<&Path>) -> String {
    let (Some(name), Some(_)) = (&settings.profile, &settings.file) else { return String::new() };
    let compared = match (snapshots, &settings.snapshots) {
        (Some(folder), _) => format!("compared with {}", folder.display()),
        (None, Some(folder)) => format!("compared with nothing: there are no snapshots in {}", folder.value.display()),
        (None, None) => "compared with nothing".to_owned(),
    };
    format!("profile {name} ({settled} settled, {} waived): {compared}\n", settings.waivers.len())
}

fn show(arguments: &ShowArguments) -> Result<Exit, Failure> {
    let settings = Settings::new(Some(&arguments.name), &arguments.target)?;
    output::print(&show::render(&settings))?;
    Ok(Exit::Clean)
}
