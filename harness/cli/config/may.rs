//! What a run over the operations of a document may do beyond what it does by itself.

use clap::ValueEnum;

/// What a run may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum May {
    /// Create things
    Create,
    /// Change things
    Update,
    /// Take things away
    Delete,
    /// Send bodies of great size or depth
    Weigh,
    /// All of it
    Any,
}

impl May {
    /// As it is written.
    pub(in crate::cli) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Weigh => "weigh",
            Self::Any => "any",
        }
    }
}
