//! A request and what came of it, as bytes: no client, no socket, no clock.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::{ControlFlow, Deref};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// An HTTP request, exactly as it goes out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query, percent-encoded.
    pub path: String,
    /// The headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body; nothing where none is sent.
    pub body: Option<Body>,
}

/// The bytes of a request's body. A run hands each on many times and looks it up by all of them, and some are large: copies
/// share them, and what they are looked up by is made once.
#[derive(Clone)]
pub struct Body {
    bytes: Arc<Vec<u8>>,
    hash: u64,
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        Self { hash: hasher.finish(), bytes: Arc::new(bytes) }
    }
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && (Arc::ptr_eq(&self.bytes, &other.bytes) || self.bytes == other.bytes)
    }
}

impl Eq for Body {}

impl Hash for Body {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes.fmt(f)
    }
}

impl Request {
    /// The value of a header, by its name in any letter case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Whether it asks for nothing but to be told something.
    pub fn is_safe(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    /// Whether to send it twice has no other effect than to send it once: its method is safe or idempotent (RFC 9110, 9.2).
    pub fn is_repeatable(&self) -> bool {
        is_idempotent(&self.method)
    }

    /// How much there is of it: what "the smallest request" is measured by.
    pub fn weight(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.path.len() + headers + self.body.as_deref().map_or(0, <[u8]>::len)
    }
}

/// Whether a method is idempotent, as the safe ones are.
pub(crate) fn is_idempotent(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PUT" | "DELETE")
}

/// An HTTP answer, read to its end or to the reader's limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body, with its content codings undone.
    pub body: Vec<u8>,
    /// Why the body is not the whole of what was meant; nothing where it is.
    pub unread: Option<Unread>,
}

/// Why a body could not be read as it was meant. Such a body is not held against a contract: the limit is the reader's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unread {
    /// It is longer than this many bytes, and what is kept is its beginning.
    Long(usize),
    /// Nobody here knows this content coding; the body is as it came.
    Coding(String),
    /// Its bytes are not what this content coding makes, or end too early; what could be decoded is kept.
    Damaged(String),
    /// It was judged when it was whole, and only its beginning was kept: what the judge wrote down.
    Judged(String),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Long(most) => write!(f, "it is longer than the {most} bytes that are kept"),
            Self::Coding(name) => write!(f, "its content coding `{name}` is not known here"),
            Self::Damaged(name) => write!(f, "it cannot be decoded as `{name}`"),
            Self::Judged(_) => write!(f, "only its beginning was kept"),
        }
    }
}

/// Bytes of an answer's body that are kept once it has been judged: what a report shows.
pub(crate) const MOST_KEPT: usize = 16_384;
/// Bytes of its headers.
const MOST_KEPT_OF_HEADERS: usize = 4_096;

impl Response {
    /// The value of a header, by its name in any letter case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The beginning of its body, and of its headers the type of that and the first few; nothing where that is all of it.
    pub(crate) fn beginning(&self) -> Option<Self> {
        let length = |(name, value): &(String, String)| name.len() + value.len();
        let has_many = self.headers.iter().map(length).sum::<usize>() > MOST_KEPT_OF_HEADERS;
        if self.body.len() <= MOST_KEPT && !has_many {
            return None;
        }
        let headers = if has_many {
            let mut room = MOST_KEPT_OF_HEADERS;
            let is_type = |header: &&(String, String)| header.0.eq_ignore_ascii_case("content-type");
            let (types, others): (Vec<_>, Vec<_>) = self.headers.iter().partition(is_type);
            let fits = |header: &&(String, String)| {
                let rest = room.checked_sub(length(header));
                room = rest.unwrap_or(room);
                rest.is_some()
            };
            types.into_iter().chain(others).filter(fits).cloned().collect()
        } else {
            self.headers.clone()
        };
        // A copy: a large block that shrinks where it is leaves the heap full of holes.
        let body = self.body[..self.body.len().min(MOST_KEPT)].to_vec();
        Some(Self { status: self.status, headers, body, unread: self.unread.clone() })
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered.
    Answer(Response),
    /// No answer came in time.
    Timeout,
    /// The connection was closed, or spoke something other than HTTP, before an answer was read.
    Dropped(String),
    /// It was dropped, and then no other connection could be made: it felled the target, or met one that was going.
    Gone(String),
    /// No connection could be made.
    Unreachable(String),
    /// It was sent by a part of the run that was cut off before anything was heard of it.
    Lost,
    /// It was never sent.
    NotSent,
    /// The run was told to stop.
    Interrupted,
    /// The time for the run was over.
    OutOfTime,
    /// As many requests had been sent as were allowed.
    OutOfBudget,
}

impl Outcome {
    /// Whether the request went out, as far as is known.
    pub fn was_sent(&self) -> bool {
        matches!(self, Self::Answer(_) | Self::Timeout | Self::Dropped(_) | Self::Gone(_) | Self::Lost)
    }
}

/// What became of a request, and how long that took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What became of it.
    pub outcome: Outcome,
    /// From the request's first byte to the answer's last; zero where nothing went over a network.
    pub elapsed: Duration,
}

/// Hears what became of each request, and says whether more is to be sent.
pub type Hearer<'a> = dyn FnMut(Delivery) -> ControlFlow<()> + 'a;

/// Where requests go: a URL, or the stub in process.
///
/// Nothing about HTTP is decided here: a target sends bytes and tells what came back.
pub trait Target {
    /// Sends the requests, in this order, several at a time, and tells what became of each, in the same order, as soon as
    /// it is known: a run of thousands must not hold all their answers at once.
    ///
    /// Where `hear` breaks off, nothing more is sent, nothing is told of the rest, and that is passed on. A hearer that breaks
    /// off at the first outcome that is no answer does not lose a request that kills a target among those that met it dead.
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()>;

    /// Sends one request with nothing else in flight.
    fn send_one(&mut self, request: &Request) -> Delivery {
        let mut delivery = Delivery { outcome: Outcome::NotSent, elapsed: Duration::ZERO };
        // There is nothing more to send, whether it is wanted or not.
        let _ = self.send(std::slice::from_ref(request), &mut |heard| {
            delivery = heard;
            ControlFlow::Break(())
        });
        delivery
    }

    /// Waits a moment for a target that may be coming back, longer after each of so many times before; false where that
    /// was long enough.
    fn pause(&mut self, times: usize) -> bool;

    /// Gets new credentials for the caller, because those in use are refused; false where that cannot be done.
    fn renew(&mut self) -> bool {
        false
    }

    /// For how long it has sent nothing since this was asked last, because the service had asked to be left alone.
    fn held(&mut self) -> Duration {
        Duration::ZERO
    }

    /// Sends fewer requests at a time from now on, because some of so many are not answered. Tells how many; nothing where they
    /// go out one by one already.
    fn ease(&mut self) -> Option<usize> {
        None
    }

    /// The first of the requests that were under way when it was broken off and that were sent and not answered; nothing where
    /// something was answered since.
    fn unanswered(&self) -> Option<Request> {
        None
    }

    /// How many requests are under way at a time.
    fn at_a_time(&self) -> usize {
        1
    }
}
