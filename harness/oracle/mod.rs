//! Judges answers: what one exchange says about the request, and whether the answer itself keeps the contract.
//!
//! Knows the contract of answers and nothing of the rules of requests, of probes or of what was expected.

mod body;
mod broken;
mod cursor;
mod documented;
mod header;
mod kind;
mod known;
mod look;
mod seen;

use std::fmt;
use std::sync::Arc;

use jsonschema::Validator;
use serde_json::Value;

use crate::contract::Responses;
use crate::exchange::{Outcome, Request, Response, Unread};
use crate::rule::{Keyword, Part, Side, Site, Step};
use crate::secret::{Secret, hidden};
use body::Body;
use documented::Answers;
use kind::Kinds;
use look::Look;
pub use seen::AnswerRule;

/// What a target did with a request, whatever its answer looked like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reaction {
    /// It took it.
    Accepted,
    /// It turned it down.
    Refused,
    /// It asked to be left alone for a while: nothing is known of the rule.
    Throttled,
    /// It answered with a 5xx.
    Crashed,
    /// It gave no answer in time.
    TimedOut,
    /// It closed the connection without an answer.
    Dropped,
    /// Nothing is known: nothing was sent, or the answers differed too much.
    Unknown,
}

impl Reaction {
    /// Whether the target failed rather than decided.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Crashed | Self::TimedOut | Self::Dropped)
    }
}

/// A way in which an answer breaks the contract of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// `response.success` or `response.refusal`; of what a document says of one status, the part of that answer.
    pub place: Part,
    /// The steps from there to the value.
    pub node: Arc<[Step]>,
    /// The check that failed.
    pub check: Keyword,
    /// Whether it is of answers to accepted or to refused requests.
    pub side: Side,
    /// Where the document says so, where it does so of one node: what stands at several places is one mistake.
    pub source: Option<Arc<str>>,
    /// What it says there; null where the check says it all.
    pub bound: Value,
    /// What the contract wants.
    pub expected: String,
    /// What came back.
    pub observed: String,
}

/// What a defect is known by: two that have it in common are one.
pub(crate) type DefectKey = (Part, Arc<str>, Keyword, Side);

impl Defect {
    /// One of answers as a whole.
    pub(crate) fn whole(place: Part, check: Keyword, expected: impl Into<String>, observed: impl Into<String>) -> Self {
        let side = if place == Part::Refusal { Side::Outside } else { Side::Inside };
        let (expected, observed) = (expected.into(), observed.into());
        Self { place, node: Arc::new([]), check, side, source: None, bound: Value::Null, expected, observed }
    }

    /// What it is known by.
    pub(crate) fn key(&self) -> DefectKey {
        let at = self.source.clone().unwrap_or_else(|| Site::place_of(self.place, &self.node).into());
        (self.place, at, self.check, self.side)
    }

    /// What the answer as a whole lacks: which of its nodes are wrong may differ from answer to answer.
    pub(crate) fn kind(&self) -> Keyword {
        if matches!(self.place, Part::Answer(..)) { Keyword::ResponseBody } else { self.check }
    }
}

/// What one exchange says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What the target did.
    pub reaction: Reaction,
    /// What is wrong with its answer.
    pub defects: Vec<Defect>,
    /// Whether the answer's body was held against the contract; nothing where it need not be.
    pub body: Option<Judged>,
    /// The status and the error code of its answer, as far as they can be shown.
    pub answer: Option<Answer>,
}

impl Judgement {
    /// What is said of a request without an answer.
    pub(crate) fn without_answer(reaction: Reaction) -> Self {
        Self { reaction, defects: Vec::new(), body: None, answer: None }
    }
}

/// Whether a body was held against the contract.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Judged {
    /// `response.success` or `response.refusal`, or the body of a documented status.
    pub place: Part,
    /// Why it could not be judged; nothing where it was.
    pub hindrance: Option<String>,
}

/// How a target answered: what tells its refusals apart, beyond the contract.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The error code of a refusal.
    pub code: Option<String>,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{} {code}", self.status),
            None => write!(f, "{}", self.status),
        }
    }
}

/// How much of the contract of answers applies to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    Operation,
    /// All but the body of a success: what was sent may be illegal, and a store gives back what it took.
    Doubtful,
    /// The same, and a refusal may come from whatever stands before the service (too long, too large, too deep), with any
    /// body.
    AnyRefusal,
    /// Nothing of it: the request was for another method or path, whose answers this contract does not describe.
    Elsewhere,
}

impl Scope {
    /// Whether an answer comes from the service itself.
    pub(crate) fn is_of_the_service(self) -> bool {
        matches!(self, Self::Operation | Self::Doubtful)
    }
}

/// Judges answers by one contract.
#[derive(Debug)]
pub struct Oracle {
    success_status: u16,
    /// Every documented answer of an open contract.
    documented: Option<Answers>,
    success: Validator,
    refusal: Validator,
    kinds: Kinds,
    /// Where the code stands in the body of a refusal.
    error_code: Option<String>,
    secrets: Vec<Secret>,
}

/// Longer words about a body are cut.
const LONGEST_WORDS: usize = 1_200;
/// Longer codes are cut.
const LONGEST_CODE: usize = 40;

impl Oracle {
    /// An oracle that also looks for these secrets.
    ///
    /// # Panics
    ///
    /// Never: the schemas were compiled when the contract was loaded.
    pub fn new(responses: &Responses, secrets: Vec<Secret>) -> Self {
        let compiled = |schema: &Value| match jsonschema::draft202012::new(schema) {
            Ok(validator) => validator,
            Err(error) => panic!("the schema of an answer compiled when it was loaded and now does not: {error}"),
        };
        let refusal = compiled(&responses.refusal);
        Self {
            success_status: responses.success_status,
            documented: Answers::new(&responses.documented),
            success: compiled(&responses.success),
            kinds: Kinds::new(responses, &refusal),
            refusal,
            error_code: responses.error_code.clone(),
            secrets,
        }
    }

    /// What the exchange says.
    pub fn judge(&self, request: &Request, outcome: &Outcome, scope: Scope) -> Judgement {
        match outcome {
            Outcome::Answer(Response { unread: Some(Unread::Judged(text)), .. }) => {
                Judgement::from_text(text).unwrap_or_else(|| Judgement::without_answer(Reaction::Unknown))
            }
            Outcome::Answer(response) => {
                let body = Body::of(response);
                let reaction = self.reaction(response.status, &body, scope);
                let code = if reaction == Reaction::Accepted { None } else { self.code(&body) };
                let answer = Some(Answer { status: response.status, code });
                let look = Look { oracle: self, request, response, body: &body, reaction, scope };
                let (defects, body) = look.all();
                Judgement { reaction, defects, body, answer }
            }
            Outcome::Timeout => Judgement::without_answer(Reaction::TimedOut),
            Outcome::Dropped(_) | Outcome::Gone(_) => Judgement::without_answer(Reaction::Dropped),
            Outcome::Unreachable(_)
            | Outcome::Lost
            | Outcome::NotSent
            | Outcome::Interrupted
            | Outcome::OutOfTime
            | Outcome::OutOfBudget => Judgement::without_answer(Reaction::Unknown),
        }
    }

    /// What the answers so far have shown of the schemas that are documented of them.
    pub(crate) fn seen(&self) -> Vec<AnswerRule> {
        self.documented.as_ref().map(|documented| documented.seen.rules()).unwrap_or_default()
    }

    /// From now on a success status is a success, whatever its body looks like, unless the contract's errors are like nothing
    /// else: the target's successes look like errors.
    pub(crate) fn trust_statuses(&mut self) {
        self.kinds.trust_statuses();
    }

    /// The error code in an answer, as it can be told and kept: it may hold anything.
    fn code(&self, body: &Body) -> Option<String> {
        let code = body.document()?.value.pointer(self.error_code.as_ref()?)?.as_str()?;
        if code.is_empty() || self.secrets.iter().any(|secret| secret.occurs_in(code)) {
            return None;
        }
        let plain = |character: char| character.is_ascii_alphanumeric() || "._-:/".contains(character);
        let shown = code.chars().take(LONGEST_CODE).map(|character| if plain(character) { character } else { '_' });
        Some(shown.collect())
    }

    fn reaction(&self, status: u16, body: &Body, scope: Scope) -> Reaction {
        match status {
            // An unimplemented method is refused, not fumbled: RFC 9110 gives it this status.
            501 if scope == Scope::Elsewhere => Reaction::Refused,
            429 => Reaction::Throttled,
            500.. => Reaction::Crashed,
            200..=299 if self.is_error(body) => Reaction::Refused,
            200..=299 => Reaction::Accepted,
            300..=399 if self.documented.as_ref().is_some_and(|documented| documented.redirects(status)) => {
                Reaction::Accepted
            }
            _ => Reaction::Refused,
        }
    }

    /// Whether a body under a success status is an error's, and can be no success's.
    fn is_error(&self, body: &Body) -> bool {
        self.kinds.looks_like_an_error(body) && body.breaks(&self.success) && body.keeps(&self.refusal)
    }

    /// Words about a body that do not hold all of it.
    fn shortened(&self, words: String) -> String {
        if words.len() <= LONGEST_WORDS {
            return words;
        }
        // Hidden first, cut afterwards: a cut could leave half a secret behind.
        let secrets: Vec<&Secret> = self.secrets.iter().collect();
        let words = hidden(&words, &secrets, |secret| format!("${}", secret.name()));
        let length = words.chars().count();
        let (head, tail) = (LONGEST_WORDS * 2 / 3, LONGEST_WORDS / 3);
        if length <= LONGEST_WORDS {
            return words;
        }
        let start: String = words.chars().take(head).collect();
        let end: String = words.chars().skip(length - tail).collect();
        format!("{start} ...{} more characters... {end}", length - head - tail)
    }

    /// The name of a secret that came back, and the part of the answer in which it did.
    fn echo_of_a_secret(&self, response: &Response) -> Option<(&str, String)> {
        let body = String::from_utf8_lossy(&response.body);
        self.secrets.iter().find_map(|secret| {
            if secret.occurs_in(&body) {
                return Some((secret.name(), "body".to_owned()));
            }
            let header = response.headers.iter().find(|(_, value)| secret.occurs_in(value));
            header.map(|(name, _)| (secret.name(), format!("header {name}")))
        })
    }
}
