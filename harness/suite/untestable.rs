//! Why a target could not be tested, and what to do about it.

use crate::session::Stop;

/// Why a target could not be tested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untestable {
    /// No connection.
    #[error("the target cannot be reached: {0}; check the URL, and that the service is up")]
    Unreachable(String),
    /// Connections, but no HTTP.
    #[error(
        "the target does not answer in HTTP: {0}; check the port and the scheme, the client certificate, and the service's log"
    )]
    NotHttp(String),
    /// No answer to anything.
    #[error("the target answers nothing in time; check that the service is up, or give a longer --timeout")]
    Silent,
    /// Nobody is let in.
    #[error(
        "the target refused every legal request with {0}: it wants credentials, or others than these; give a valid token with \
         --token-env VAR, or correct the profile's credentials"
    )]
    Authentication(u16),
    /// The contract has no place for a token, and nobody is let in.
    #[error("the target refused every legal request (it answered {told}): {advice}")]
    Denied {
        /// What it answered.
        told: String,
        /// What to do about it.
        advice: String,
    },
    /// The caller was let in, and then no more.
    #[error("{}", unauthorized(*.0))]
    Unauthorized(u16),
    /// The proxy lets nobody through.
    #[error(
        "the proxy answered every request with 407: it wants credentials, or others than these; write them into `proxy`"
    )]
    Proxy,
    /// There are no credentials to call with.
    #[error("no token could be obtained: {0}")]
    NoToken(String),
    /// One answer to everything.
    #[error("the target answers everything, legal or not, with {told}: {advice}")]
    SameAnswer {
        /// With which status; nothing where that was no answer.
        status: Option<u16>,
        /// What it answered.
        told: String,
        /// What to do about it.
        advice: String,
    },
    /// It refuses, but accepts nothing.
    #[error("the target accepted no legal request (it answered {told}): {advice}")]
    NothingAccepted {
        /// With which status; nothing where that was no answer.
        status: Option<u16>,
        /// What it answered.
        told: String,
        /// What to do about it.
        advice: String,
    },
    /// It answered, and then no more.
    #[error(
        "the target stopped answering requests that it had accepted before; check that the service is up, and its log"
    )]
    Died,
    /// It accepted, and then no more.
    #[error(
        "the target answers all that it had accepted before with {0}; check the service's log, and whether it limits how much is \
         written"
    )]
    Turned(u16),
    /// There was nothing to spend.
    #[error("the budget was spent before anything was learnt; give a larger --max-requests")]
    Budget,
    /// There was no time.
    #[error("the time was over before anything was learnt; check that the service is up, or give the run more time")]
    OutOfTime,
    /// It crashed as often as was allowed.
    #[error("the target crashed as often as --max-crashes allows before anything was learnt; check the service's log")]
    Crashes {
        /// Whether it had accepted something before.
        accepted: bool,
    },
    /// It wants to be left alone.
    #[error(
        "the target throttles everything; wait a while, ask for fewer requests with --rate, or for more --patience"
    )]
    Throttled {
        /// Whether it had accepted something before.
        accepted: bool,
    },
    /// The user stopped it before anything was learnt.
    #[error("interrupted before the target had accepted anything")]
    Interrupted,
}

impl Untestable {
    /// Whether no other operation of the same target can be tested either.
    pub fn ends_all(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::NotHttp(_)
                | Self::Proxy
                | Self::NoToken(_)
                | Self::Silent
                | Self::Died
                // With 403 it may be about this one thing.
                | Self::Unauthorized(401)
                | Self::Interrupted
                | Self::OutOfTime
        )
    }

    /// Whether it answered that nothing is there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::SameAnswer { status: Some(404), .. } | Self::NothingAccepted { status: Some(404), .. })
    }

    /// Whether it answered anything at all.
    pub fn is_answer(&self) -> bool {
        matches!(
            self,
            Self::SameAnswer { .. } | Self::NothingAccepted { .. } | Self::Denied { .. } | Self::Authentication(_)
        )
    }

    /// Whether a request may have been accepted nevertheless.
    pub fn may_have_touched(&self) -> bool {
        match self {
            Self::Unreachable(_)
            | Self::NotHttp(_)
            | Self::Proxy
            | Self::NoToken(_)
            | Self::SameAnswer { .. }
            | Self::NothingAccepted { .. }
            | Self::Denied { .. }
            | Self::Authentication(_)
            | Self::Silent => false,
            Self::Throttled { accepted } | Self::Crashes { accepted } => *accepted,
            Self::Interrupted
            | Self::Budget
            | Self::OutOfTime
            | Self::Died
            | Self::Turned(_)
            | Self::Unauthorized(_) => true,
        }
    }
}

fn unauthorized(status: u16) -> String {
    match status {
        403 => format!(
            "{}; give credentials that may do it for as long as the run takes, or name something that nobody needs",
            Stop::Unauthorized(403)
        ),
        _ => format!(
            "{}; give a token that lives longer, or credentials that can be renewed",
            Stop::Unauthorized(status)
        ),
    }
}
