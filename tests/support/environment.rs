//! How a target that the environment names wants to be called: `FENCEPOST_TASK_ID` and `FENCEPOST_TOKEN`.

use fencepost::address::Address;
use fencepost::secret::Secret;

/// The task to update and a valid token, where they are given.
pub(crate) fn address() -> Address {
    let variable = "FENCEPOST_TOKEN";
    let value = std::env::var(variable).ok().filter(|value| !value.is_empty());
    Address {
        path_values: std::env::var("FENCEPOST_TASK_ID").into_iter().collect(),
        credential: value.map(|value| Secret::new(variable, value)),
        ..Address::default()
    }
}
