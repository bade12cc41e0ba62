//! What people see while a command runs: standard output, and a status line. Knows no setting, no contract and no target.

pub(in crate::cli) mod exit;
pub(in crate::cli) mod limits;
pub(in crate::cli) mod line;
pub(in crate::cli) mod output;
mod said;
pub(in crate::cli) mod vigil;
