//! What writes the lines of a journal: one after the other, each in one piece and with its checksum.

use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use super::line::{Line, fingerprint};
use super::redactor::Redactor;
use super::seal::Seal;
use crate::exchange::Request;

/// The file of a journal, locked for as long as this is kept.
#[derive(Debug)]
pub(super) struct Locked(File);

impl Locked {
    /// Locks a file; nothing where another process has done so.
    pub(super) fn new(file: File) -> Option<Self> {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => None,
            // Where files cannot be locked, nobody is warned.
            Ok(()) | Err(TryLockError::Error(_)) => Some(Self(file)),
        }
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // A process that is being started holds whatever is open here, and closing alone would leave the lock to it.
        let _ = self.0.unlock();
    }
}

#[derive(Debug)]
pub(super) struct Pen {
    /// Nothing once it could not be written to.
    file: Option<Locked>,
    seal: Seal,
    unwritten: Option<String>,
}

impl Pen {
    pub(super) fn new(file: Locked) -> Self {
        Self { file: Some(file), seal: Seal::default(), unwritten: None }
    }

    /// Appends a line; the system keeps it, whatever becomes of this process.
    pub(super) fn write(&mut self, line: &impl serde::Serialize) {
        let Some(Locked(file)) = &mut self.file else { return };
        let written = serde_json::to_string(line).map_err(io::Error::from).and_then(|text| {
            // In one piece, so that a line is there or is the last one and torn.
            file.write_all(self.seal.sealed(&text).as_bytes())?;
            self.seal.pass(&text);
            Ok(())
        });
        if let Err(error) = written {
            // A line after one that is torn would make the whole journal worthless.
            self.file = None;
            self.unwritten = Some(error.to_string());
        }
    }

    /// Cuts off what follows so many bytes, and goes on behind them.
    pub(super) fn go_on(&mut self, length: u64, seal: Seal) -> io::Result<()> {
        self.seal = seal;
        self.file.as_ref().map_or(Ok(()), |Locked(file)| file.set_len(length))
    }

    /// Why nothing more could be written at some point.
    pub(super) fn unwritten(&self) -> Option<String> {
        self.unwritten.clone()
    }
}

/// Writes down that a request is on its way, before it is: one that must not be sent twice is not, whatever becomes of this
/// process.
#[derive(Debug)]
pub struct Witness {
    pub(super) pen: Arc<Mutex<Pen>>,
    pub(super) redactor: Redactor,
}

impl Witness {
    /// A request is about to be sent.
    pub fn sees(&self, request: &Request) {
        let line = Line::Sent { request: fingerprint(&self.redactor, request) };
        self.pen.lock().unwrap_or_else(PoisonError::into_inner).write(&line);
    }
}
