//! Holds that the embedded stub is tested only where that is meant: whoever says anything about a target, and names none, would
//! be told that all is well.

use std::path::Path;

use super::error::ConfigError;
use super::profile::{NAME, STUB};
use super::settings::{Origin, Settings, Sourced, TARGET, file};

impl Settings {
    /// An error where no target is named and it does not look as if the stub were meant. Faults are the stub's own.
    pub(in crate::cli) fn check_meant(&self, faults: &[String]) -> Result<(), ConfigError> {
        if self.target.is_some() || !faults.is_empty() || self.profile.as_deref() == Some(STUB) {
            return Ok(());
        }
        // As a pipeline hands on a variable that it does not have.
        if std::env::var(TARGET).is_ok_and(|value| value.is_empty()) {
            return Err(ConfigError::EmptyTarget(TARGET));
        }
        if let Some((key, flag, origin)) = self.about_a_target().into_iter().next() {
            let setting = match origin {
                Origin::Flag | Origin::Default => flag.to_owned(),
                Origin::Environment(variable) => format!("the variable `{variable}`"),
                Origin::File(_) => {
                    let problem = "is about a target, and the profile names no `url`, so the embedded stub would be \
                                   tested; add it, or remove this";
                    return Err(self.error(&[key], problem.to_owned()));
                }
            };
            let profiles = match (&self.profile, names()?) {
                (None, Some(names)) => format!(" or a profile with --profile ({names})"),
                _ => String::new(),
            };
            return Err(ConfigError::AboutNoTarget { setting, profiles });
        }
        match (&self.profile, names()?) {
            (None, Some(names)) => Err(ConfigError::NoProfileNamed { path: NAME.into(), names }),
            _ => Ok(()),
        }
    }

    /// What says something about a target that is not the stub: its key, its flag and its origin, the flags first.
    fn about_a_target(&self) -> Vec<(&'static str, &'static str, &Origin)> {
        fn of<T>(sourced: Option<&Sourced<T>>) -> Option<&Origin> {
            sourced.map(|sourced| &sourced.origin)
        }
        let header = |is_plain| self.headers.iter().find(|header| header.value.is_plain == is_plain);
        let told = [
            ("base_path", "--base-path", of(self.base_path.as_ref())),
            ("task_id", "--task-id", of(self.task_ids.first())),
            ("set", "--set", of(self.set.last())),
            ("credentials", "--token-env", of(self.credentials.as_ref())),
            ("credentials", "--credential", of(self.schemes.last())),
            ("allow_host", "--allow-host", of(self.allow_hosts.first())),
            ("headers", "--header", of(header(false))),
            ("plain_headers", "--plain-header", of(header(true))),
            ("restore", "--restore", of(self.restore.as_ref())),
            ("proxy", "", of(self.proxy.as_ref())),
            ("ca_file", "", of(self.ca_file.as_ref())),
            ("client_certificate", "", of(self.client.as_ref())),
        ];
        told.into_iter().filter_map(|(key, flag, origin)| Some((key, flag, origin?))).collect()
    }
}

/// The names of the profiles in the current folder's file, if it has any.
fn names() -> Result<Option<String>, ConfigError> {
    if !Path::new(NAME).exists() {
        return Ok(None);
    }
    let names = file(None)?.map(|file| file.names().collect::<Vec<_>>().join(", "));
    Ok(names.filter(|names| !names.is_empty()))
}
