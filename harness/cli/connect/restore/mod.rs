//! Leaves no trace: reads what is overwritten before the first probe, and puts it back after the last.
//!
//! Only what a PUT replaces can be put back, and only where a GET on the same path gives a representation of it: what a POST
//! makes is not undone by another POST. None of these requests belongs to what is tested, so no report counts them.

mod body;
mod file;
mod last_words;
mod likeness;
mod reading;

use std::cell::Cell;
use std::path::PathBuf;

pub(in crate::cli) use body::Body;
use file::Saved;
pub(in crate::cli) use last_words::LastWords;
pub(in crate::cli) use reading::first_read;
use reading::{HALTED, Read, asked, read, silence, told};

use super::error::ConnectError;
use crate::cli::config::settings::Settings;
use crate::contract::{Contract, Operation};
use crate::event::Event;
use crate::exchange::{Outcome, Target as _};
use crate::request_context::{RequestContext, RequestOverride};
use crate::target::HttpTarget;

/// What is to be sent when all is over.
#[derive(Debug, Clone, PartialEq)]
enum Restoration {
    /// The thing as it was.
    Thing(Body),
    /// What a file of the user's says.
    Given(PathBuf, Body),
    /// Nothing, because what was read may be something else, for this reason; it is kept in the file.
    Doubtful(Body, String),
    /// Nothing, for this reason.
    Nothing(String),
    /// Nothing, because the run was halted before the thing was read, and so before any probe.
    Unread,
    /// Nothing, because nobody needs the thing, or because nothing is changed.
    Unneeded,
    /// Nothing, because no request undoes what this operation does.
    Lasting,
}

/// Why a body could not be sent.
struct Unsent {
    why: String,
    /// Whether the target refuses it.
    refused: bool,
}

/// How putting it back went.
pub(in crate::cli) struct Restored {
    /// Whether the thing is as it is to be.
    pub(in crate::cli) is_as_it_was: bool,
    /// Whether the user wanted an end in the meantime.
    pub(in crate::cli) interrupted: bool,
}

/// Why it is not known that the thing is as it was.
enum Unrestored {
    /// It could not be sent.
    Unsent(String),
    /// It could not be read afterwards.
    Unread(String),
}

/// Puts back what was overwritten.
pub(in crate::cli) struct Restorer<'a> {
    operation: &'a Operation,
    context: &'a RequestContext,
    /// What messages call the thing.
    noun: String,
    kept: Restoration,
    /// Whether the user has wanted an end already: a second wish ends this too.
    interrupted: Cell<bool>,
    /// Where the thing is kept while the run goes on, so that it is not lost whatever ends the run.
    file: Option<PathBuf>,
    /// What is said where the process ends before it is back.
    last_words: LastWords,
    /// Who is told how it goes.
    tell: &'a dyn Fn(&Event<'_>),
}

/// A body of the user's, and the file that it is from.
pub(in crate::cli) type Given = (PathBuf, Body);

/// The body that the settings give for the end; nothing where they give none.
pub(in crate::cli) fn given(settings: &Settings) -> Result<Option<Given>, ConnectError> {
    let Some(path) = settings.restore.as_ref().map(|restore| &restore.value) else { return Ok(None) };
    let fail = |why: String| ConnectError::Restore { path: path.clone(), why };
    let text = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    let body = Body::read(&text).map_err(fail)?;
    Ok(Some((path.clone(), body)))
}

impl<'a> Restorer<'a> {
    /// Reads the thing, where no body is given and none has been kept by an earlier part of the run; nothing of the kind where the target is our own, with a thing that nobody needs, and where nothing could be put back.
    pub(in crate::cli) fn new(
        is_own: bool,
        contract: &'a Contract,
        context: &'a RequestContext,
        target: &mut HttpTarget,
        (given, earlier): (Option<Given>, Option<Result<Body, String>>),
        last_words: LastWords,
        tell: &'a dyn Fn(&Event<'_>),
    ) -> Self {
        let operation = contract.operation();
        let kept = match (given, earlier) {
            _ if is_own => Restoration::Unneeded,
            (Some((path, body)), _) => Restoration::Given(path, body),
            _ if matches!(operation.method.as_str(), "GET" | "OPTIONS") => Restoration::Unneeded,
            _ if operation.method != "PUT" => Restoration::Lasting,
            (None, Some(Ok(body))) => Restoration::Thing(body),
            (None, Some(Err(why))) => Restoration::Nothing(why),
            (None, None) => match first_read(operation, context, target) {
                Ok(Read { body, doubt: None }) => Restoration::Thing(body),
                Ok(Read { body, doubt: Some(why) }) => Restoration::Doubtful(body, why),
                Err(unread) if unread.halted => Restoration::Unread,
                Err(unread) => Restoration::Nothing(unread.why),
            },
        };
        let (noun, interrupted) = (operation.noun(), Cell::new(true));
        let mut restorer = Self { operation, context, noun, kept, interrupted, file: None, last_words, tell };
        restorer.keep();
        restorer.prepare_last_words(target);
        restorer
    }

    /// Keeps what was read in a file, so that it is not lost whatever ends the run.
    fn keep(&mut self) {
        let Self { kept: Restoration::Thing(body) | Restoration::Doubtful(body, _), noun, .. } = &*self else { return };
        // What is private may stand in it as well, and must not be missing there.
        match file::save(&self.context.without_secrets(body.text())) {
            Ok(Saved { path, beside }) => {
                if let Some(beside) = beside {
                    let beside = beside.display();
                    self.remark(&format!(
                        "{beside} is of another run: if that was killed, the {noun} is as its probes left it; \
                         --restore {beside} sends what it was before"
                    ));
                }
                self.file = Some(path);
            }
            Err(error) => self.remark(&format!(
                "the {noun} cannot be kept in a file ({error}): where this process is killed, it is lost"
            )),
        }
    }

    /// Says what is to be said where a second interruption ends the process before anything is put back.
    fn prepare_last_words(&self, target: &HttpTarget) {
        let noun = &self.noun;
        let left = format!("interrupted twice: the {noun} is left as the last accepted probe made it");
        let said = match &self.kept {
            Restoration::Unread | Restoration::Unneeded => return,
            Restoration::Lasting => "interrupted twice".to_owned(),
            Restoration::Given(path, _) => format!("{left}; the body in {path} was not sent", path = path.display()),
            Restoration::Thing(body) => format!("{left}; {}", self.remedy(body)),
            Restoration::Doubtful(..) | Restoration::Nothing(_) => left,
        };
        let (noun, unanswered) = (noun.clone(), target.unanswered_so_far());
        self.last_words.are(move || {
            let ends: Vec<String> = [said.clone()].into_iter().chain(open_ends(unanswered.count(), &noun)).collect();
            ends.join("; ")
        });
    }

    /// The thing as it was, or why it is not known; nothing where the run was halted before that could be found out.
    pub(in crate::cli) fn thing(&self) -> Option<Result<&Body, &str>> {
        match &self.kept {
            Restoration::Thing(body) => Some(Ok(body)),
            Restoration::Nothing(why) | Restoration::Doubtful(_, why) => Some(Err(why)),
            Restoration::Given(..) => Some(Err("--restore was given at first")),
            Restoration::Unread | Restoration::Unneeded | Restoration::Lasting => None,
        }
    }

    /// Tells what will be put back, or why nothing will be.
    pub(in crate::cli) fn introduce(&self) {
        self.say(&self.introduction());
    }

    fn say(&self, words: &str) {
        (self.tell)(&Event::Restoring(words));
    }

    fn remark(&self, words: &str) {
        (self.tell)(&Event::Remark(words));
    }

    /// Whether it goes on after a wish for an end: after the first, as long as the thing is not back.
    fn goes_on(&self) -> bool {
        let is_first = !self.interrupted.replace(true);
        if is_first {
            self.say_it_goes_on();
        }
        is_first
    }

    fn say_it_goes_on(&self) {
        self.say(&format!(
            "interrupted: the {} is being put back; a second interruption leaves it as it is\n",
            self.noun
        ));
    }

    fn introduction(&self) -> String {
        let Self { operation, noun, .. } = self;
        match &self.kept {
            Restoration::Unread | Restoration::Unneeded => String::new(),
            Restoration::Lasting => {
                let Operation { method, path, .. } = operation;
                format!("what {method} {path} makes or changes stays: only what a PUT replaces is put back\n\n")
            }
            Restoration::Thing(body) => {
                let until = self.file.as_ref().map(|path| format!("; until then it is in {}", path.display()));
                let doubt = body.doubt(operation).map(|doubt| {
                    format!("it may be refused, for {doubt}; --restore FILE gives another body to send at the end\n")
                });
                let (until, doubt) = (until.unwrap_or_default(), doubt.unwrap_or_default());
                format!("the {noun} was read, and will be put back{until}\n{doubt}\n")
            }
            Restoration::Given(path, _) => format!("the body in {} will be sent at the end\n\n", path.display()),
            Restoration::Doubtful(_, why) => {
                let there = self.file.as_ref().map(|path| format!("; it is in {}", path.display())).unwrap_or_default();
                format!(
                    "what GET gives may be an error and not the {noun} ({why}), so it will not be put back{there}; --restore FILE \
                     gives a body to send at the end\n\n"
                )
            }
            Restoration::Nothing(why) => format!(
                "the {noun} cannot be read ({}), so it cannot be put back; --restore FILE gives a body to send at the end\n\n",
                self.context.masked(why)
            ),
        }
    }

    /// Puts the thing back, and tells how that went: loudly where it did not go well. Where nothing was accepted there may be
    /// nothing to say.
    pub(in crate::cli) fn put_back(&self, target: &mut HttpTarget, accepted: bool) -> Restored {
        let was_interrupted = target.is_interrupted();
        self.interrupted.set(was_interrupted);
        if was_interrupted && matches!(self.kept, Restoration::Thing(_) | Restoration::Given(..)) {
            self.say_it_goes_on();
        }
        let unanswered = target.unanswered_so_far().count();
        target.resume();
        let problem = self.problem(target, accepted, unanswered);
        self.last_words.are_none();
        let ends = if matches!(self.kept, Restoration::Unneeded) { None } else { open_ends(unanswered, &self.noun) };
        let is_there = matches!(&self.kept, Restoration::Thing(_) if problem.is_none());
        let look = ends.as_ref().filter(|_| is_there).map(|_| format!("look at it{}", self.where_it_is()));
        let told: Vec<String> = problem.into_iter().chain(ends).chain(look).collect();
        if !told.is_empty() {
            self.remark(&told.join("; "));
        }
        Restored { is_as_it_was: told.is_empty(), interrupted: self.interrupted.get() && !was_interrupted }
    }

    /// Puts the thing back; what went wrong, where something did.
    fn problem(&self, target: &mut HttpTarget, accepted: bool, unanswered: usize) -> Option<String> {
        let noun = &self.noun;
        let left = if accepted {
            format!("the {noun} is left as the last accepted probe made it")
        } else {
            format!("the {noun} may not be as it was")
        };
        match &self.kept {
            Restoration::Unread | Restoration::Unneeded | Restoration::Lasting => None,
            Restoration::Nothing(_) | Restoration::Doubtful(..) if !accepted && unanswered == 0 => {
                self.forget();
                None
            }
            Restoration::Nothing(why) => {
                let why = self.context.masked(why);
                Some(format!("{left}: it could not be read before ({why}); give a body with --restore FILE"))
            }
            Restoration::Doubtful(body, why) => Some(format!(
                "{left}: what GET gave may be an error ({why}); where it was the {noun}, {}",
                self.remedy(body)
            )),
            Restoration::Given(path, body) => {
                let path = path.display();
                match self.sent(target, body.text()) {
                    Ok(()) => {
                        self.say(&format!("the {noun} was sent the body in {path}\n"));
                        None
                    }
                    Err(Unsent { why, .. }) => {
                        Some(format!("{left}: the body in {path} could not be sent ({why}); send it by hand"))
                    }
                }
            }
            Restoration::Thing(body) => match self.restored(target, body) {
                Ok(None) if unanswered == 0 => {
                    self.forget();
                    self.say(&format!("the {noun} is as it was before\n"));
                    None
                }
                Ok(None) => {
                    self.say(&format!("the {noun} was put back, and reads as it was before\n"));
                    None
                }
                Ok(Some(differing)) => Some(format!(
                    "the {noun} was put back, but it is not as it was before at {differing}; look at it{}",
                    self.where_it_is()
                )),
                Err(Unrestored::Unread(why)) => Some(format!(
                    "the {noun} was put back, but whether it is as before is not known ({why}); look at it{}",
                    self.where_it_is()
                )),
                Err(Unrestored::Unsent(why)) => {
                    Some(format!("{left}: it could not be put back ({why}); {}", self.remedy(body)))
                }
            },
        }
    }

    /// Sends the thing as it was, without what the contract does not take where it is refused, and tells where it differs then.
    fn restored(&self, target: &mut HttpTarget, body: &Body) -> Result<Option<String>, Unrestored> {
        let sent = self.sent(target, body.text()).or_else(|unsent| match body.reduced(self.operation) {
            Some(reduced) if unsent.refused => self.sent(target, &reduced),
            _ => Err(unsent),
        });
        sent.map_err(|unsent| Unrestored::Unsent(unsent.why))?;
        let now = read(self.operation, self.context, target, &|| self.goes_on())
            .map_err(|unread| Unrestored::Unread(self.context.masked(&unread.why)))?;
        match now.doubt {
            Some(why) => Err(Unrestored::Unread(format!("what GET gives may be an error: {why}"))),
            None => Ok(body.differences(self.operation, &now.body)),
        }
    }

    /// Sends a body, and again where the target fails or does not know the caller any more.
    fn sent(&self, target: &mut HttpTarget, body: &str) -> Result<(), Unsent> {
        let request = self.context.request(self.operation, Some(body.as_bytes().to_vec()), &RequestOverride::default());
        let mut renewed = false;
        let mut pauses = 0;
        loop {
            let why = match asked(target, &request, &|| self.goes_on()) {
                Outcome::Answer(response) if (200..300).contains(&response.status) => return Ok(()),
                Outcome::Answer(response) if matches!(response.status, 401 | 403) && !renewed && target.renew() => {
                    renewed = true;
                    continue;
                }
                // The caller, the moment or the pace are not the body's fault.
                Outcome::Answer(response) if matches!(response.status, 401 | 403 | 409 | 429) => {
                    return Err(Unsent { why: told(&response, self.context), refused: false });
                }
                Outcome::Answer(response) if response.status < 500 => {
                    return Err(Unsent { why: told(&response, self.context), refused: true });
                }
                Outcome::Answer(response) => told(&response, self.context),
                Outcome::Interrupted => return Err(Unsent { why: HALTED.to_owned(), refused: false }),
                other => self.context.masked(&silence(other)),
            };
            if !target.pause(pauses) {
                return Err(Unsent { why, refused: false });
            }
            pauses += 1;
        }
    }

    /// Removes the file with the thing, which is there again.
    pub(in crate::cli) fn forget(&self) {
        self.last_words.are_none();
        if let Some(path) = &self.file {
            // Left behind, it does no harm.
            let _ = std::fs::remove_file(path);
        }
    }

    fn where_it_is(&self) -> String {
        self.file.as_ref().map(|path| format!(": it was as in {}", path.display())).unwrap_or_default()
    }

    /// What to do about a thing that could not be put back.
    fn remedy(&self, body: &Body) -> String {
        match &self.file {
            Some(path) => format!("it is kept in {path}: send it with --restore {path}", path = path.display()),
            None => format!("it was {}", self.context.masked(body.text())),
        }
    }
}

/// What is said of requests that may still be carried out; nothing where all were answered.
fn open_ends(unanswered: usize, noun: &str) -> Option<String> {
    let requests = match unanswered {
        0 => return None,
        1 => "1 request was".to_owned(),
        more => format!("{more} requests were"),
    };
    Some(format!(
        "{requests} never answered: where the target carries that out all the same, the {noun} changes once more"
    ))
}
