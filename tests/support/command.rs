//! Runs the `fencepost` command as a user would, in an empty folder of its own and without the caller's environment, so
//! that a test depends on neither; whatever it said is at hand to be dumped when an assertion fails.

use std::ffi::OsStr;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// A command that has not ended by then hangs; the slowest test needs a small part of it.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// A `fencepost` command that has not been started.
pub(crate) struct Fencepost {
    pub(crate) command: Command,
    pub(crate) folder: Folder,
}

/// The command with these arguments.
pub(crate) fn fencepost<A: AsRef<OsStr>>(arguments: &[A]) -> Fencepost {
    let folder = Folder::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_fencepost"));
    // A machine that is busy with other tests makes long what is quick, and nothing is to be said of that.
    command.args(arguments).env_clear().env("FENCEPOST_SILENCE", "1h").current_dir(&folder.path);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Fencepost { command, folder }
}

impl Fencepost {
    pub(crate) fn start(mut self) -> Running {
        let process = Process(self.command.spawn().expect("the command can be started"));
        Running { process, command: format!("{:?}", self.command), folder: self.folder }
    }

    /// Runs it to its end.
    pub(crate) fn ended(self) -> Ended {
        self.start().ended()
    }
}

/// A command that runs.
pub(crate) struct Running {
    pub(crate) process: Process,
    command: String,
    folder: Folder,
}

impl Running {
    /// Waits for the end, and panics with all that was said where it does not come.
    pub(crate) fn ended(self) -> Ended {
        let Self { mut process, command, folder } = self;
        let (sender, receiver) = channel();
        forward(process.0.stdout.take(), 0, sender.clone());
        forward(process.0.stderr.take(), 1, sender);
        let mut said = [String::new(), String::new()];
        let mut hung = false;
        loop {
            match receiver.recv_timeout(LIMIT) {
                Ok((stream, text)) => said[stream] = text,
                Err(RecvTimeoutError::Timeout) if !hung => hung = process.0.kill().is_ok(),
                // Both streams have ended; or something that the command started keeps them open.
                Err(RecvTimeoutError::Disconnected | RecvTimeoutError::Timeout) => break,
            }
        }
        let code = process.0.wait().expect("the command can be waited for").code();
        let [stdout, stderr] = said;
        let ended = Ended { command, code, stdout, stderr, folder };
        assert!(!hung, "it did not end within {LIMIT:?}\n{ended}");
        ended
    }
}

/// Tells what a stream said, once it has ended; nothing where somebody else reads it.
fn forward(stream: Option<impl Read + Send + 'static>, number: usize, sender: Sender<(usize, String)>) {
    let Some(mut stream) = stream else { return };
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // An error ends the stream too; what came before it is told.
        let _ = stream.read_to_end(&mut bytes);
        // Nobody listens where the test is over.
        let _ = sender.send((number, String::from_utf8_lossy(&bytes).into_owned()));
    });
}

/// A process that does not outlive its test.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail where it has ended, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a command said, and how it ended.
pub(crate) struct Ended {
    command: String,
    /// Nothing where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) folder: Folder,
}

impl Ended {
    /// Holds the exit code against the one that is wanted.
    #[track_caller]
    pub(crate) fn with_code(self, wanted: i32) -> Self {
        assert_eq!(self.code, Some(wanted), "\n{self}");
        self
    }

    /// Holds the one line that a failed command says on standard error.
    #[track_caller]
    pub(crate) fn complains(&self, words: &[&str]) {
        let line = self.stderr.strip_suffix('\n').unwrap_or_default();
        assert!(line.starts_with("fencepost: "), "no line that starts with `fencepost: `\n{self}");
        assert!(!line.contains(char::is_control), "more than one line, or control characters\n{self}");
        let missing: Vec<&&str> = words.iter().filter(|word| !line.contains(**word)).collect();
        assert!(missing.is_empty(), "not said: {missing:?}\n{self}");
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, code, stdout, stderr, folder } = self;
        let files = folder.files();
        write!(f, "{command}\nexit code {code:?}, files {files:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---")
    }
}

/// A folder that is empty at first and gone at last.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
}

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("cwd-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // A process of the same number may have left one behind long ago.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).expect("a folder can be made");
        Self { path }
    }

    /// The names of the files and folders in it, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.path).expect("the folder can be read");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("the folder can be read").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left-overs in the target folder harm nobody.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
