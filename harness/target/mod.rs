//! Targets over the network. The only modules that open sockets, next to the stub's servers.

mod coding;
mod credential;
mod http;
mod pace;
mod room;
mod throttle;
mod tls;
mod transport;
mod waits;
mod wire;

pub use credential::{AccessKey, Iam, IamSettings, Login, STAND_IN};
#[cfg(feature = "cli")]
pub(crate) use http::without_user;
pub use http::{HttpTarget, TargetError, TargetSettings};
pub use pace::Rate;
pub use transport::{Transport, TransportError};
pub use waits::{Waiting, Waits};
pub use wire::Unanswered;
