//! Targets over the network. The only modules that open sockets, next to the stub's servers.

mod answer_memory;
pub(crate) mod base;
mod bytes;
mod coding;
mod credential;
#[cfg(feature = "cli")]
mod fetch;
mod http;
mod lanes;
mod pace;
mod sender;
mod throttle;
mod tls;
mod transport;
mod waits;

#[cfg(feature = "cli")]
pub use base::TargetError;
#[cfg(feature = "cli")]
pub(crate) use base::without_user;
pub use credential::{AccessKey, Iam, IamSettings, Login, STAND_IN};
#[cfg(feature = "cli")]
pub(crate) use fetch::fetched;
pub use http::{HttpTarget, TargetSettings};
pub use pace::Rate;
pub use sender::Unanswered;
pub use transport::{Transport, TransportError};
pub use waits::{Waiting, Waits};
