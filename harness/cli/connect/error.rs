//! Why a target cannot be made of the settings, each with what to do about it.

use std::path::PathBuf;

use crate::cli::config::settings::Origin;
use crate::target::{TargetError, TransportError};

/// Why there is no target, or no caller.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum ConnectError {
    #[error("{0}")]
    Target(#[from] TargetError),
    #[error("no fault is called `{0}`{1}; `fencepost serve --list-faults` lists them")]
    UnknownFault(String, String),
    #[error(
        "the fault `{0}` is of `{1}`, which is none of the operations that are meant{2}; `fencepost serve --list-faults` lists them"
    )]
    FaultOfNone(String, String, String),
    #[error("`{0}` is a fault of {1} operations; write the operation before it, such as `{2}`")]
    FaultOfMany(String, usize, String),
    #[error("`{key}`: {error}")]
    Transport { key: &'static str, error: TransportError },
    #[error("`token_file`: {path} {why}; write the bare token into it", path = path.display())]
    TokenFile { path: PathBuf, why: String },
    #[error("`token_command` {0}; run it by hand to see why")]
    TokenCommand(String),
    #[error(
        "`{0}` is not this machine, and {1}; where that is meant, name it with --allow-host {0}, or with `allow_host` in its profile"
    )]
    HostNotAllowed(String, String),
    #[error("`{host}` is not this machine, and {effect}; name one that nobody needs with {remedy}")]
    Unnamed { host: String, effect: String, remedy: String },
    #[error("--fault breaks the embedded stub, and the target is {0}, from the {1}; leave one out")]
    FaultElsewhere(String, Origin),
    #[error("the variable `{0}` is not set or empty; export a valid token in it, or name another with --token-env")]
    NoToken(String),
    #[error("{0} holds characters that no header can carry; give the bare token")]
    BadToken(String),
    #[error("--credential: the document has no security scheme `{name}`{hint}; {all}")]
    UnknownScheme { name: String, hint: String, all: String },
    #[error("--credential: no request carries `{0}`, or the document does not say how; leave it out, or use --header")]
    SchemeOfNoRequest(String),
    #[error("--credential: the contract has no security schemes; use --token-env or --header")]
    NoSchemes,
    #[error(
        "the variable `{variable}` is not set or empty; export the credential of `{scheme}` in it, or name another with --credential {scheme}=VAR"
    )]
    UnsetCredential { variable: String, scheme: String },
    #[error("the variable `{variable}`, the credential of `{scheme}`, {why}; correct it")]
    BadCredential { variable: String, scheme: String, why: &'static str },
    #[error(
        "the contract marks no header as a credential (`x-credential: true`), so --token-env has nowhere to go; use --credential or --header"
    )]
    NoCredentialHeader,
    #[error("the contract's path has no parameter, so {0} has nowhere to go; leave it out")]
    NoPathParameter(String),
    #[error("--set: no parameter of the path stands at `{place}`{hint}; write one of {known}")]
    UnknownParameter { place: String, hint: String, known: String },
    #[error("--task-id and --set both give `{0}`; leave one out")]
    GivenTwice(String),
    #[error("{0} `{1}` means another path in a URL; give another value, or leave it out")]
    DotPathValue(String, String),
    #[error(
        "`{0}` is the contract's credential; export it in a variable and name that with --token-env, so that it is never shown"
    )]
    CredentialInHeader(String),
    #[error("interrupts cannot be caught ({0}); check the system's limits on threads and open files")]
    Interrupts(String),
    #[error("{0} must have at least one character; give a value, or leave it out")]
    EmptyPathValue(String),
    #[error("{path}: cannot be sent at the end ({why}); give a file that holds a body in JSON", path = path.display())]
    Restore { path: PathBuf, why: String },
    #[error(
        "only {most} more files and connections can be open, and {needed} may be needed; raise the limit (`ulimit -n`){fits}"
    )]
    OpenFiles { most: usize, needed: usize, fits: String },
    #[error("the stub cannot be started ({0}); check the system's limits on threads and open files")]
    Stub(String),
}
