//! Tokens that somebody else obtained: in a variable, in a file, or printed by a command.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::error::ConnectError;
use crate::cli::config::profile::Credentials;
use crate::cli::config::settings::variable;
use crate::secret::Secret;

/// The name under which a token is shown that comes from no variable.
pub(in crate::cli) const NAME: &str = "FENCEPOST_TOKEN";
/// A command that has printed nothing by then waits for somebody who is not there.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// More bytes than this are no token.
const LONGEST: u64 = 1 << 20;

/// The token; nothing where the caller is known otherwise.
pub(in crate::cli) fn token(credentials: &Credentials) -> Result<Option<Secret>, ConnectError> {
    let (name, from, text) = match credentials {
        Credentials::TokenVariable(name) => {
            let value = variable(name).ok_or_else(|| ConnectError::NoToken(name.clone()))?;
            (name.as_str(), format!("the variable `{name}`"), value)
        }
        Credentials::TokenFile(path) => (NAME, format!("the file {}", path.display()), from_file(path)?),
        Credentials::TokenCommand(command) => (NAME, "what `token_command` prints".to_owned(), from_command(command)?),
        Credentials::Iam { .. } | Credentials::Signing { .. } => return Ok(None),
    };
    if text.bytes().any(|byte| byte.is_ascii_control() || !byte.is_ascii()) {
        return Err(ConnectError::BadToken(from));
    }
    Ok(Some(Secret::new(name, text)))
}

fn from_file(path: &Path) -> Result<String, ConnectError> {
    let wrong = |why: String| ConnectError::TokenFile { path: path.to_owned(), why };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read ({error})")))?;
    let token = text.trim();
    if token.is_empty() { Err(wrong("is empty".to_owned())) } else { Ok(token.to_owned()) }
}

/// What a command prints, by way of the shell. Errors do not repeat it: its arguments may hold anything.
/// What it says on standard error is its own and passes through.
fn from_command(command: &str) -> Result<String, ConnectError> {
    let wrong = |why: String| ConnectError::TokenCommand(why);
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = shell.spawn().map_err(|error| wrong(format!("cannot be started ({error})")))?;
    let (sender, receiver) = channel();
    if let Some(stdout) = child.stdout.take() {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = stdout.take(LONGEST).read_to_end(&mut bytes).map(|_| bytes);
            // Nobody listens where it took too long.
            let _ = sender.send(read);
        });
    }
    let Ok(printed) = receiver.recv_timeout(PATIENCE) else {
        // Both fail where it has just ended.
        let _ = child.kill();
        let _ = child.wait();
        return Err(wrong(format!("has not ended after {} s", PATIENCE.as_secs())));
    };
    let status = child.wait().map_err(|error| wrong(format!("cannot be waited for ({error})")))?;
    if !status.success() {
        return Err(wrong(format!("failed ({status})")));
    }
    let printed = printed.map_err(|error| wrong(format!("cannot be read ({error})")))?;
    let text = String::from_utf8(printed).map_err(|_| wrong("prints what is no text".to_owned()))?;
    let token = text.trim();
    if token.is_empty() { Err(wrong("prints nothing".to_owned())) } else { Ok(token.to_owned()) }
}
