//! The file in which what was read is kept while a run goes on, so that it is not lost whatever ends the run.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write as _};
use std::path::PathBuf;

/// The names that such a file may have.
const FILES: usize = 1_000;

/// A file with what was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Saved {
    pub(super) path: PathBuf,
    /// A file of the kind with another thing in it, which an earlier run left behind.
    pub(super) beside: Option<PathBuf>,
}

/// Writes a text into a new file of the working folder that only its owner can read.
pub(super) fn save(text: &str) -> io::Result<Saved> {
    let names = (0..FILES).map(|number| match number {
        0 => "fencepost-restore.json".to_owned(),
        number => format!("fencepost-restore-{number}.json"),
    });
    let mut beside = None;
    for path in names.map(PathBuf::from) {
        let mut file = match private().open(&path) {
            // The same may have been kept by an earlier part of this run.
            Err(_) if std::fs::read(&path).is_ok_and(|other| other == text.as_bytes()) => {
                return Ok(Saved { path, beside });
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                beside = beside.or(Some(path));
                continue;
            }
            opened => opened?,
        };
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        if written.is_err() {
            // The first error is the one to tell.
            let _ = std::fs::remove_file(&path);
        }
        return written.map(|()| Saved { path, beside });
    }
    Err(io::Error::new(ErrorKind::AlreadyExists, "there are too many already"))
}

/// A new file that nobody else can read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
