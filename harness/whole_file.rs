//! Files that are whole or not there: written beside their place, and moved when they are done.
//!
//! What is no regular file (a pipe, `/dev/null`) is written as it is, and a link keeps pointing where it pointed.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Error, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Writes a file: either all of it is there afterwards, or what was there before.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = destination(path)?;
    if is_special(&path) {
        return OpenOptions::new().write(true).open(&path)?.write_all(bytes);
    }
    let unfinished = beside(&path)?;
    let written = File::create(&unfinished)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&unfinished, &path));
    if written.is_err() {
        // The first error is the one to tell; the file may never have been made.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Finds out whether a file could be written, and leaves nothing behind.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    let path = destination(path)?;
    if is_special(&path) {
        return OpenOptions::new().write(true).open(&path).map(drop);
    }
    let unfinished = beside(&path)?;
    File::create(&unfinished)?;
    fs::remove_file(&unfinished)
}

/// Where a path leads in the end.
fn destination(path: &Path) -> io::Result<PathBuf> {
    if path.is_dir() {
        return Err(Error::new(ErrorKind::IsADirectory, "it is a folder"));
    }
    match fs::canonicalize(path) {
        Ok(path) => Ok(path),
        Err(error) if error.kind() == ErrorKind::NotFound => match fs::read_link(path) {
            // A link to a file that is yet to be made.
            Ok(target) => Ok(path.parent().unwrap_or(Path::new("")).join(target)),
            Err(_) => Ok(path.to_owned()),
        },
        Err(error) => Err(error),
    }
}

fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

/// The name under which a file is written until it is done.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| Error::new(ErrorKind::InvalidInput, "it names no file"))?;
    let mut unfinished = OsString::from(".");
    unfinished.push(name);
    unfinished.push(format!(".{}.unfinished", std::process::id()));
    Ok(path.with_file_name(unfinished))
}
