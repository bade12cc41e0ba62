//! `fencepost profile`: checks, shows and explains the profiles of `fencepost.toml`.

mod show;

use super::error::Failure;
use crate::cli::config::arguments::{
    CheckArguments, ContractArguments, ProfileCommand, ShowArguments, TargetArguments,
};
use crate::cli::config::contracts::Contracts;
use crate::cli::config::error::ConfigError;
use crate::cli::config::settings::{Settings, file};
use crate::cli::config::today;
use crate::cli::connect::{caller, path, schemes};
use crate::cli::console::exit::Exit;
use crate::cli::console::output;

/// A file with every key, and what each is for.
const EXAMPLE: &str = include_str!("../../config/profile/example.toml");

pub(super) fn run(command: &ProfileCommand) -> Result<Exit, Failure> {
    match command {
        ProfileCommand::Check(arguments) => check(arguments),
        ProfileCommand::Show(arguments) => show(arguments),
        ProfileCommand::Example => {
            output::print(EXAMPLE);
            Ok(Exit::Clean)
        }
    }
}

/// Finds all that can be found out without a request; every profile gets a line.
fn check(arguments: &CheckArguments) -> Result<Exit, Failure> {
    let file = file(arguments.config.as_deref())?.ok_or(ConfigError::NoProfiles)?;
    let target = TargetArguments { config: arguments.config.clone(), ..TargetArguments::default() };
    let names: Vec<&str> = match &arguments.name {
        Some(name) => vec![name],
        None => file.names().collect(),
    };
    if names.is_empty() {
        return Err(ConfigError::EmptyProfiles(file.path).into());
    }
    let mut exit = Exit::Clean;
    for name in names {
        let sound = checked(name, &target, &arguments.contract);
        match sound {
            Ok(notes) => output::print(&format!("profile `{name}` is sound{notes}\n")),
            Err(failure) => {
                // What is wrong with a key names its profile itself.
                match failure {
                    Failure::Config(ConfigError::File(_)) => output::complain(&failure.to_string()),
                    _ => output::complain(&format!("profile `{name}`: {failure}")),
                }
                exit = failure.exit();
            }
        }
    }
    Ok(exit)
}

/// What is to be said of a sound profile.
fn checked(name: &str, target: &TargetArguments, contract: &ContractArguments) -> Result<String, Failure> {
    let settings = Settings::new(Some(name), target)?;
    settings.check_meant(&[])?;
    match settings.meant(contract).load_all()? {
        Contracts::One(contract) => {
            caller::check(&settings.reading(&contract)?, &settings)?;
        }
        Contracts::Open(open) => {
            let open = settings.reading_of_all(schemes::called(open, &settings)?)?;
            path::check_known(&open.path_places(), &settings)?;
            // The caller of one is the caller of all.
            if let Some(contract) = open.operations().find_map(|opened| opened.contract.ok()) {
                caller::check(&contract, &settings)?;
            }
        }
    }
    settings.accepted_snapshots()?;
    Ok(notes(&settings))
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

fn show(arguments: &ShowArguments) -> Result<Exit, Failure> {
    let settings = Settings::new(Some(&arguments.name), &arguments.target)?;
    output::print(&show::render(&settings));
    Ok(Exit::Clean)
}
