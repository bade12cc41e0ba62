//! The journal of a run: what became of each request, written down as it is heard, so that a run that was cut off goes on
//! where it was.
//!
//! A run does the same things whenever it is told the same answers. So it goes on by being told those of the journal first,
//! without a request, and by asking the target from there on; what was in flight when it was cut off is all that is asked
//! twice. What must not be sent twice is written down before it is sent, and if nothing was heard of it, that is told.
//!
//! A journal may be larger than the memory, and is never held in it.

mod earlier;
mod head;
mod line;
mod pen;
mod redactor;
mod replay;
mod seal;

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, ErrorKind, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::event::Event;
use crate::exchange::{Delivery, Request};
use crate::oracle::Judgement;
use crate::request_context::RequestContext;
use crate::session;
use earlier::Lines;
pub use earlier::{Earlier, Retold};
pub use head::JournalHeader;
use line::Line;
pub use pen::Witness;
use pen::{Locked, Pen};
use redactor::Redactor;
use replay::Replay;

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
    pen: Arc<Mutex<Pen>>,
    redactor: Redactor,
    /// How many answers are told again, and are written already.
    retold: usize,
    /// Whether anything was asked that is not told again.
    asked: bool,
}

impl Journal {
    /// Begins a journal; an error where there is one already.
    pub fn begin(path: &Path, head: &JournalHeader, context: &RequestContext) -> Result<Self, JournalError> {
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
            _ => fault(
                path,
                None,
                format!("cannot be written ({error}); make room, or give a path in a folder that you may write to"),
            ),
        })?;
        let mut journal = Self::new(path, file, context)?;
        journal.begin_with(head).inspect_err(|_| {
            // Without a head it would be in the way of the next run.
            let _ = std::fs::remove_file(path);
        })?;
        Ok(journal)
    }

    /// Goes on with a journal, and tells what the earlier part of the run heard; an error where it is of another run than this
    /// one.
    pub fn resume(
        path: &Path,
        head: &JournalHeader,
        context: &RequestContext,
    ) -> Result<(Self, Earlier), JournalError> {
        if path.is_dir() {
            return Err(fault(path, None, "is a folder; give the path of the journal that is gone on with"));
        }
        let file = OpenOptions::new().read(true).append(true).open(path).map_err(|error| {
            fault(path, None, format!("there is no journal to go on with ({error}); leave --resume out to begin one"))
        })?;
        if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Err(fault(path, None, "is no file; give the path of a journal, or begin another one"));
        }
        let unreadable = |error: std::io::Error| replay::unreadable(path, &error);
        let mut written = file.try_clone().map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let mut journal = Self::new(path, file, context)?;
        written.rewind().map_err(unreadable)?;
        let replay = replay::read(path, BufReader::new(&written), head, &journal.redactor)?;
        let Some(Replay { kept, heard, lost, has_ended, length: worth, seal }) = replay else {
            // It was cut off before its first line was written.
            journal.go_on(0, seal::Seal::default())?;
            journal.begin_with(head)?;
            let redactor = journal.redactor.clone();
            let none = Earlier::new(path.to_owned(), redactor, Lines::none(), (0, BTreeSet::new()), None);
            return Ok((journal, none));
        };
        journal.retold = heard;
        journal.go_on(worth, seal)?;
        if worth < length {
            // What was cut off may have said so.
            match &kept {
                Some(thing) => journal.keep(thing.as_deref().map_err(String::as_str)),
                None => journal.write(&Line::Restored {}),
            }
            for request in &lost {
                journal.write(&Line::Sent { request: request.clone() });
            }
        }
        // Of its own, so that reading on does not move where the other writes; that appends all the same.
        let lines = Lines::of(File::open(path).map_err(unreadable)?);
        let earlier = Earlier::new(path.to_owned(), journal.redactor.clone(), lines, (heard, lost), kept);
        Ok((journal, earlier.of_ended(has_ended)))
    }

    fn new(path: &Path, file: File, context: &RequestContext) -> Result<Self, JournalError> {
        let Some(file) = Locked::new(file) else {
            return Err(fault(path, None, "another run is writing it; wait for that, or begin another journal"));
        };
        Ok(Self {
            path: path.to_owned(),
            pen: Arc::new(Mutex::new(Pen::new(file))),
            redactor: Redactor::new(context),
            retold: 0,
            asked: false,
        })
    }

    fn begin_with(&mut self, head: &JournalHeader) -> Result<(), JournalError> {
        self.write(head);
        match self.unwritten() {
            Some(why) => {
                Err(fault(&self.path, None, format!("cannot be written ({why}); make room, or give another path")))
            }
            None => Ok(()),
        }
    }

    /// Cuts off what follows so many bytes, such as a line that was not written whole, and goes on behind them.
    fn go_on(&self, length: u64, seal: seal::Seal) -> Result<(), JournalError> {
        let cut = self.pen().go_on(length, seal);
        cut.map_err(|error| fault(&self.path, None, format!("cannot be written ({error}); correct its permissions")))
    }

    /// What is to be told of each request that must not be sent twice, before it is sent.
    pub fn witness(&self) -> Witness {
        Witness { pen: self.pen.clone(), redactor: self.redactor.clone() }
    }

    /// Writes down what an event says that a later part of the run must know.
    pub fn enter(&mut self, event: &Event<'_>) {
        match event {
            Event::Read(thing) => self.keep(*thing),
            Event::Conversation(session::Event::Heard { request, delivery, judgement, .. }) => {
                self.hear(request, delivery, judgement);
            }
            Event::Over { complete: true } if self.asked => self.write(&Line::Ended {}),
            Event::PutBack { as_it_was: true } => self.write(&Line::Restored {}),
            _ => {}
        }
    }

    /// Writes down the task as it was before the first probe, or why it could not be read.
    fn keep(&mut self, thing: Result<&str, &str>) {
        let text = thing.map(|body| self.redactor.drawn(body)).map_err(|why| self.redactor.drawn(why));
        self.write(&Line::Kept(text));
    }

    /// Why nothing more could be written at some point.
    pub fn unwritten(&self) -> Option<String> {
        self.pen().unwritten()
    }

    /// Writes down what became of a request, where that says something and is not written yet.
    fn hear(&mut self, request: &Request, delivery: &Delivery, judgement: &Judgement) {
        if let Some(left) = self.retold.checked_sub(1) {
            self.retold = left;
            return;
        }
        self.asked = true;
        if let Some(line) = Line::heard(&self.redactor, request, delivery, judgement) {
            self.write(&line);
        }
    }

    fn write(&self, line: &impl serde::Serialize) {
        self.pen().write(line);
    }

    fn pen(&self) -> MutexGuard<'_, Pen> {
        self.pen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a file begins as journals do, or was cut off before that.
fn is_journal(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(head::START.len() as u64).read_to_end(&mut start));
    path.is_file() && read.is_ok() && head::START.as_bytes().starts_with(&start)
}

fn fault(path: &Path, line: Option<usize>, why: impl Into<String>) -> JournalError {
    JournalError { path: path.to_owned(), line, why: why.into() }
}
