//! What a profile makes of a contract and of findings, for tests that are to agree with `run`.

use std::path::Path;

use super::arguments::TargetArguments;
use super::settings::Settings;
use crate::contract::Contract;
use crate::verdict::Verdicts;

/// How a profile reads a contract, and what it tolerates.
pub struct ProfileReading {
    /// The contract with the profile's disputes settled.
    pub contract: Contract,
    settings: Settings,
}

impl ProfileReading {
    /// The reading of the profile of this name in a file of profiles, `fencepost.toml` of the current folder unless told; the
    /// error is one line that says what is wrong and what to do.
    pub fn of(profile: &str, file: Option<&Path>, contract: &Contract) -> Result<Self, String> {
        let arguments = TargetArguments { config: file.map(Path::to_owned), ..TargetArguments::default() };
        let settings = Settings::new(Some(profile), &arguments).map_err(|error| error.to_string())?;
        let contract = settings.reading(contract).map_err(|error| error.to_string())?;
        Ok(Self { contract, settings })
    }

    /// Takes the findings that the profile's waivers cover out of those that count.
    pub fn waive(&self, verdicts: &mut Verdicts) {
        verdicts.waive(&self.settings.waivers, &today());
    }
}

/// The date in UTC, as waivers write it.
pub(in crate::cli) fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}
