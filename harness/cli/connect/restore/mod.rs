//! Leaves no trace: reads what is overwritten before the first probe, and puts it back after the last.
//!
//! Only what a PUT replaces can be put back, and only where a GET on the same path gives a representation of it: what a POST
//! makes is not undone by another POST. None of these requests belongs to what is tested, so no report counts them.

mod body;
mod file;

use std::cell::Cell;
use std::path::PathBuf;

pub(in crate::cli) use body::Body;
use file::Saved;

use super::error::ConnectError;
use crate::address::{Address, Oddity};
use crate::cli::config::settings::Settings;
use crate::cli::console::output;
use crate::contract::{Contract, Operation};
use crate::exchange::{Outcome, Request, Response, Target as _};
use crate::report;
use crate::target::HttpTarget;

/// Longer answers are not read to their end.
const LARGE: usize = 1_000_000;
/// How often it is read anew where the target fails.
const READINGS: usize = 2;
/// Why there is no answer in a run that was halted.
const HALTED: &str = "interrupted";

/// What is to be sent when all is over.
#[derive(Debug, Clone, PartialEq)]
enum Kept {
    /// The thing as it was.
    Thing(Body),
    /// What a file of the user's says.
    Given(PathBuf, Body),
    /// Nothing, for this reason.
    Nothing(String),
    /// Nothing, because the run was halted before the thing was read, and so before any probe.
    Unread,
    /// Nothing, because nobody needs the thing, or because nothing is changed.
    Unneeded,
    /// Nothing, because no request undoes what this operation does.
    Lasting,
}

/// Why the thing could not be read.
pub(in crate::cli) struct Unread {
    pub(in crate::cli) why: String,
    /// Whether the target does not let the caller in.
    pub(in crate::cli) refuses_caller: bool,
    /// Whether the run was halted.
    halted: bool,
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
    address: &'a Address,
    /// What messages call the thing.
    noun: String,
    kept: Kept,
    /// Whether the user has wanted an end already: a second wish ends this too.
    interrupted: Cell<bool>,
    /// Where the thing is kept while the run goes on, so that it is not lost whatever ends the run.
    file: Option<PathBuf>,
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
    /// Reads the thing, where no body is given and none has been kept by an earlier part of the run, and says so; nothing of
    /// the kind where the target is our own, with a thing that nobody needs, and where nothing could be put back.
    pub(in crate::cli) fn new(
        is_own: bool,
        contract: &'a Contract,
        address: &'a Address,
        target: &mut HttpTarget,
        given: Option<Given>,
        earlier: Option<Result<Body, String>>,
    ) -> Result<Self, ConnectError> {
        let operation = contract.operation();
        let kept = match (given, earlier) {
            _ if is_own => Kept::Unneeded,
            (Some((path, body)), _) => Kept::Given(path, body),
            _ if matches!(operation.method.as_str(), "GET" | "OPTIONS") => Kept::Unneeded,
            _ if operation.method != "PUT" => Kept::Lasting,
            (None, Some(Ok(body))) => Kept::Thing(body),
            (None, Some(Err(why))) => Kept::Nothing(why),
            (None, None) => match first_read(operation, address, target) {
                Ok(body) if body.is_of(operation) => Kept::Thing(body),
                Ok(_) => Kept::Nothing("what GET gives has no member of the contract's body".to_owned()),
                Err(unread) if unread.halted => Kept::Unread,
                Err(unread) => Kept::Nothing(unread.why),
            },
        };
        let noun = operation.noun();
        let mut restorer = Self { operation, address, noun, kept, interrupted: Cell::new(true), file: None };
        let noun = &restorer.noun;
        if let Kept::Thing(body) = &restorer.kept {
            // What is private may stand in it as well, and must not be missing there.
            match file::save(&address.without_secrets(body.text())) {
                Ok(Saved { path, beside }) => {
                    restorer.file = Some(path);
                    if let Some(beside) = beside {
                        let beside = beside.display();
                        output::complain(&format!(
                            "{beside} is of another run: if that was killed, the {noun} is as its probes left it; \
                             --restore {beside} sends what it was before"
                        ));
                    }
                }
                Err(error) => output::complain(&format!(
                    "the {noun} cannot be kept in a file ({error}): where this process is killed, it is lost"
                )),
            }
        }
        output::print(&restorer.introduction())?;
        Ok(restorer)
    }

    /// The thing as it was, or why it is not known; nothing where the run was halted before that could be found out.
    pub(in crate::cli) fn thing(&self) -> Option<Result<&Body, &str>> {
        match &self.kept {
            Kept::Thing(body) => Some(Ok(body)),
            Kept::Nothing(why) => Some(Err(why)),
            Kept::Given(..) => Some(Err("--restore was given at first")),
            Kept::Unread | Kept::Unneeded | Kept::Lasting => None,
        }
    }

    fn introduction(&self) -> String {
        let Self { operation, noun, .. } = self;
        match &self.kept {
            Kept::Unread | Kept::Unneeded => String::new(),
            Kept::Lasting => {
                let Operation { method, path, .. } = operation;
                format!("what {method} {path} makes or changes stays: only what a PUT replaces is put back\n\n")
            }
            Kept::Thing(body) => {
                let until = self.file.as_ref().map(|path| format!("; until then it is in {}", path.display()));
                let doubt = body.doubt(operation).map(|doubt| {
                    format!("it may be refused, for {doubt}; --restore FILE gives another body to send at the end\n")
                });
                let (until, doubt) = (until.unwrap_or_default(), doubt.unwrap_or_default());
                format!("the {noun} was read, and will be put back{until}\n{doubt}\n")
            }
            Kept::Given(path, _) => format!("the body in {} will be sent at the end\n\n", path.display()),
            Kept::Nothing(why) => format!(
                "the {noun} cannot be read ({}), so it cannot be put back; --restore FILE gives a body to send at the end\n\n",
                self.address.masked(why)
            ),
        }
    }

    /// Puts the thing back, and tells how that went: loudly where it did not go well. Where nothing was accepted there may be
    /// nothing to say.
    pub(in crate::cli) fn put_back(&self, target: &mut HttpTarget, accepted: bool) -> Result<Restored, ConnectError> {
        let noun = &self.noun;
        let was_interrupted = target.is_interrupted();
        self.interrupted.set(was_interrupted);
        if was_interrupted && matches!(self.kept, Kept::Thing(_) | Kept::Given(..)) {
            // What cannot be printed must not keep it from being put back.
            let _ = output::print(&goes_on(noun));
        }
        let unanswered = target.unanswered();
        target.resume();
        let left = format!("the {noun} is left as the last accepted probe made it");
        let problem = match &self.kept {
            Kept::Unread | Kept::Unneeded | Kept::Lasting => None,
            Kept::Nothing(_) if !accepted => None,
            Kept::Nothing(why) => {
                let why = self.address.masked(why);
                Some(format!("{left}: it could not be read before ({why}); give a body with --restore FILE"))
            }
            Kept::Given(path, body) => {
                let path = path.display();
                match self.sent(target, body.text()) {
                    Ok(()) => {
                        output::print(&format!("the {noun} was sent the body in {path}\n"))?;
                        None
                    }
                    Err(Unsent { why, .. }) => {
                        Some(format!("{left}: the body in {path} could not be sent ({why}); send it by hand"))
                    }
                }
            }
            Kept::Thing(body) => match self.restored(target, body) {
                Ok(None) => {
                    if unanswered == 0 {
                        self.forget();
                    }
                    output::print(&format!("the {noun} is as it was before\n"))?;
                    (unanswered > 0).then(|| {
                        format!(
                            "{} never answered: where the target carries that out all the same, the {noun} changes once more; \
                             look at it{}",
                            if unanswered == 1 { "1 request was".to_owned() } else { format!("{unanswered} requests were") },
                            self.where_it_is()
                        )
                    })
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
        };
        if let Some(problem) = &problem {
            output::complain(problem);
        }
        Ok(Restored { is_as_it_was: problem.is_none(), interrupted: self.interrupted.get() && !was_interrupted })
    }

    /// Sends the thing as it was, without what the contract does not take where it is refused, and tells where it differs then.
    fn restored(&self, target: &mut HttpTarget, body: &Body) -> Result<Option<String>, Unrestored> {
        let sent = self.sent(target, body.text()).or_else(|unsent| match body.reduced(self.operation) {
            Some(reduced) if unsent.refused => self.sent(target, &reduced),
            _ => Err(unsent),
        });
        sent.map_err(|unsent| Unrestored::Unsent(unsent.why))?;
        let now = read(self.operation, self.address, target, &self.interrupted)
            .map_err(|unread| Unrestored::Unread(self.address.masked(&unread.why)))?;
        Ok(body.differences(self.operation, &now))
    }

    /// Sends a body, and again where the target fails or does not know the caller any more.
    fn sent(&self, target: &mut HttpTarget, body: &str) -> Result<(), Unsent> {
        let request = self.address.request(self.operation, Some(body.as_bytes().to_vec()), &Oddity::default());
        let mut renewed = false;
        let mut pauses = 0;
        loop {
            let why = match asked(target, &request, &self.interrupted, &self.noun) {
                Outcome::Answer(response) if (200..300).contains(&response.status) => return Ok(()),
                Outcome::Answer(response) if matches!(response.status, 401 | 403) && !renewed && target.renew() => {
                    renewed = true;
                    continue;
                }
                // The caller, the moment or the pace are not the body's fault.
                Outcome::Answer(response) if matches!(response.status, 401 | 403 | 409 | 429) => {
                    return Err(Unsent { why: told(&response, self.address), refused: false });
                }
                Outcome::Answer(response) if response.status < 500 => {
                    return Err(Unsent { why: told(&response, self.address), refused: true });
                }
                Outcome::Answer(response) => told(&response, self.address),
                Outcome::Interrupted => return Err(Unsent { why: HALTED.to_owned(), refused: false }),
                other => self.address.masked(&silence(other)),
            };
            if !target.pause(pauses) {
                return Err(Unsent { why, refused: false });
            }
            pauses += 1;
        }
    }

    /// Removes the file with the thing, which is there again.
    pub(in crate::cli) fn forget(&self) {
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
            None => format!("it was {}", self.address.masked(body.text())),
        }
    }
}

/// The thing before anything is sent to it; an error that says why it cannot be read.
pub(in crate::cli) fn first_read(
    operation: &Operation,
    address: &Address,
    target: &mut HttpTarget,
) -> Result<Body, Unread> {
    read(operation, address, target, &Cell::new(true))
}

fn read(
    operation: &Operation,
    address: &Address,
    target: &mut HttpTarget,
    interrupted: &Cell<bool>,
) -> Result<Body, Unread> {
    let oddity = Oddity { method: Some("GET".to_owned()), content_type: Some(None), ..Oddity::default() };
    let request = address.request(operation, None, &oddity);
    let noun = operation.noun();
    let mut readings = 0;
    let response = loop {
        let outcome = asked(target, &request, interrupted, &noun);
        let failed = match &outcome {
            Outcome::Answer(response) => response.status >= 500,
            Outcome::Timeout | Outcome::Dropped(_) | Outcome::Gone(_) | Outcome::Unreachable(_) => true,
            _ => false,
        };
        // Before anything is overwritten it is worth another try.
        if failed && readings < READINGS && target.pause(readings) {
            readings += 1;
            continue;
        }
        match outcome {
            Outcome::Answer(response) => break response,
            other => {
                let halted = !other.was_sent() && !matches!(other, Outcome::Unreachable(_));
                return Err(Unread { why: silence(other), refuses_caller: false, halted });
            }
        }
    };
    let why = match Body::read(&response.body) {
        _ if !(200..300).contains(&response.status) => told(&response, address),
        Ok(body) => return Ok(body),
        _ if response.body.len() > LARGE => format!("more than {LARGE} bytes"),
        Err(why) => format!("{} and no JSON object: {why}", response.status),
    };
    let refuses_caller = response.status == 401;
    Err(Unread { why: format!("GET was answered with {why}"), refuses_caller, halted: false })
}

/// What becomes of a request; the first wish for an end does not end it.
fn asked(target: &mut HttpTarget, request: &Request, interrupted: &Cell<bool>, noun: &str) -> Outcome {
    loop {
        let outcome = target.send_one(request).outcome;
        if outcome != Outcome::Interrupted || interrupted.replace(true) {
            return outcome;
        }
        target.resume();
        let _ = output::print(&goes_on(noun));
    }
}

/// What an interruption is answered with as long as the thing is not back.
fn goes_on(noun: &str) -> String {
    format!("interrupted: the {noun} is being put back; a second interruption leaves it as it is\n")
}

fn told(response: &Response, address: &Address) -> String {
    format!("{} {}", response.status, report::words(response, address)).trim_end().to_owned()
}

/// Why there is no answer.
fn silence(outcome: Outcome) -> String {
    match outcome {
        Outcome::Dropped(why) | Outcome::Gone(why) | Outcome::Unreachable(why) => why,
        Outcome::Timeout => "no answer in time".to_owned(),
        _ => HALTED.to_owned(),
    }
}
