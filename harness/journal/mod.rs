//! The journal of a run: what became of each request, written down as it is heard, so that a run that was cut off goes on
//! where it was.
//!
//! A run does the same things whenever it is told the same answers. So it goes on by being told those of the journal first,
//! without a request, and by asking the target from there on; what was in flight when it was cut off is all that is asked
//! twice.

mod earlier;
mod line;
mod past;

use std::collections::VecDeque;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::address::Address;
use crate::event::Event;
use crate::exchange::{Delivery, Request};
use crate::session;
pub use earlier::{Earlier, Retold};
pub use line::Head;
use line::{Line, Veil};
use past::Past;

/// What is wrong with a journal, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}{line}: {why}", path = path.display(), line = line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct JournalError {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1, where it is about one.
    pub line: Option<usize>,
    /// What is wrong, and what to do.
    pub why: String,
}

/// A journal that is open.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// Nothing once it could not be written to.
    file: Option<File>,
    veil: Veil,
    /// How many answers are told again, and are written already.
    retold: usize,
    unwritten: Option<String>,
    /// Whether anything was asked that is not told again.
    asked: bool,
}

impl Journal {
    /// Begins a journal; an error where there is one already.
    pub fn begin(path: &Path, head: &Head, address: &Address) -> Result<Self, JournalError> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists if is_journal(path) => {
                fault(path, None, "there is a journal already; go on with it with --resume, or remove it")
            }
            ErrorKind::AlreadyExists if path.is_dir() => fault(path, None, "is a folder; give the path of a new file"),
            ErrorKind::AlreadyExists => {
                fault(path, None, "is there already, and no journal; give the path of a new file")
            }
            _ => {
                fault(path, None, format!("cannot be written ({error}); give a path in a folder that you may write to"))
            }
        })?;
        let mut journal = Self::new(path, file, address)?;
        journal.begin_with(head).inspect_err(|_| {
            // Without a head it would be in the way of the next run.
            let _ = std::fs::remove_file(path);
        })?;
        Ok(journal)
    }

    /// Goes on with a journal, and tells what the earlier part of the run heard; an error where it is of another run than this
    /// one.
    pub fn resume(path: &Path, head: &Head, address: &Address) -> Result<(Self, Earlier), JournalError> {
        if path.is_dir() {
            return Err(fault(path, None, "is a folder; give the path of the journal that is gone on with"));
        }
        let file = OpenOptions::new().read(true).append(true).open(path).map_err(|error| {
            fault(path, None, format!("there is no journal to go on with ({error}); leave --resume out to begin one"))
        })?;
        if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Err(fault(path, None, "is no file; give the path of a journal, or begin another one"));
        }
        let mut journal = Self::new(path, file, address)?;
        let mut bytes = Vec::new();
        let read = journal.file.as_mut().map_or(Ok(0), |file| file.read_to_end(&mut bytes));
        read.map_err(|error| {
            fault(path, None, format!("cannot be read ({error}); correct its permissions, or begin another journal"))
        })?;
        let Some(Past { kept, heard, length }) = past::read(path, &bytes, head, &journal.veil)? else {
            // It was cut off before its first line was written.
            journal.cut_off(0)?;
            journal.begin_with(head)?;
            let none = Earlier::new(path.to_owned(), journal.veil.clone(), VecDeque::new(), None);
            return Ok((journal, none));
        };
        journal.retold = heard.len();
        if length < bytes.len() {
            journal.cut_off(length)?;
            // What was cut off may have said so.
            match &kept {
                Some(thing) => journal.keep(thing.as_deref().map_err(String::as_str)),
                None => journal.write(&Line::Restored),
            }
        }
        let earlier = Earlier::new(path.to_owned(), journal.veil.clone(), heard, kept);
        Ok((journal, earlier))
    }

    fn new(path: &Path, file: File, address: &Address) -> Result<Self, JournalError> {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(fault(path, None, "another run is writing it; wait for that, or begin another journal"));
            }
            // Where files cannot be locked, nobody is warned.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        Ok(Self {
            path: path.to_owned(),
            file: Some(file),
            veil: Veil::new(address),
            retold: 0,
            unwritten: None,
            asked: false,
        })
    }

    fn begin_with(&mut self, head: &Head) -> Result<(), JournalError> {
        self.write(head);
        match self.unwritten.take() {
            Some(why) => {
                Err(fault(&self.path, None, format!("cannot be written ({why}); make room, or give another path")))
            }
            None => Ok(()),
        }
    }

    /// Cuts off what follows so many bytes: a line that was not written whole.
    fn cut_off(&self, length: usize) -> Result<(), JournalError> {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        let cut = self.file.as_ref().map_or(Ok(()), |file| file.set_len(length));
        cut.map_err(|error| fault(&self.path, None, format!("cannot be written ({error}); correct its permissions")))
    }

    /// Writes down what an event says that a later part of the run must know.
    pub fn enter(&mut self, event: &Event<'_>) {
        match event {
            Event::Read(thing) => self.keep(*thing),
            Event::Conversation(session::Event::Heard { request, delivery, .. }) => self.hear(request, delivery),
            Event::Over { complete: true } if self.asked => self.write(&Line::Ended),
            Event::PutBack { as_it_was: true } => self.write(&Line::Restored),
            _ => {}
        }
    }

    /// Writes down the task as it was before the first probe, or why it could not be read.
    fn keep(&mut self, thing: Result<&str, &str>) {
        let text = thing.map(|body| self.veil.drawn(body)).map_err(|why| self.veil.drawn(why));
        self.write(&Line::Kept(text));
    }

    /// Why nothing more could be written at some point.
    pub fn unwritten(&self) -> Option<&str> {
        self.unwritten.as_deref()
    }

    /// Writes down what became of a request, where that says something and is not written yet.
    fn hear(&mut self, request: &Request, delivery: &Delivery) {
        if let Some(left) = self.retold.checked_sub(1) {
            self.retold = left;
            return;
        }
        self.asked = true;
        if let Some(line) = Line::heard(&self.veil, request, delivery) {
            self.write(&line);
        }
    }

    /// Appends a line; the system keeps it, whatever becomes of this process.
    fn write(&mut self, line: &impl serde::Serialize) {
        let Some(file) = &mut self.file else { return };
        let written = serde_json::to_string(line).map_err(io::Error::from).and_then(|text| {
            // In one piece, so that a line is there or is the last one and torn.
            file.write_all(format!("{text}\n").as_bytes())
        });
        if let Err(error) = written {
            // A line after one that is torn would make the whole journal worthless.
            self.file = None;
            self.unwritten = Some(error.to_string());
        }
    }
}

/// Whether a file begins as journals do, or was cut off before that.
fn is_journal(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(line::START.len() as u64).read_to_end(&mut start));
    path.is_file() && read.is_ok() && line::START.as_bytes().starts_with(&start)
}

fn fault(path: &Path, line: Option<usize>, why: impl Into<String>) -> JournalError {
    JournalError { path: path.to_owned(), line, why: why.into() }
}
