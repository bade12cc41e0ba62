//! Targets over the network. The only modules that open sockets, next to the stub's servers.

mod http;
mod pace;
mod tls;

pub use http::{HttpTarget, TargetError, TargetSettings};
pub use pace::Rate;
