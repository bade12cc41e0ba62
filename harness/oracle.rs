//! Judges answers: what one exchange says about the request, and whether the answer itself keeps the contract.
//!
//! Knows the contract of answers and nothing of rules, probes or what was expected.

use std::fmt;

use jsonschema::Validator;
use serde_json::Value;

use crate::contract::Responses;
use crate::exchange::{Outcome, Response};
use crate::rule::{Keyword, RESPONSE_REFUSAL, RESPONSE_SUCCESS};
use crate::secret::Secret;

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
    /// `response.success` or `response.refusal`.
    pub place: &'static str,
    /// The check that failed.
    pub check: Keyword,
    /// What the contract wants.
    pub expected: String,
    /// What came back.
    pub observed: String,
}

/// What one exchange says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What the target did.
    pub reaction: Reaction,
    /// What is wrong with its answer.
    pub defects: Vec<Defect>,
    /// The status and the error code of its answer, as far as they can be shown.
    pub answer: Option<Answer>,
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
    /// Success in full; a refusal may come from whatever stands before the service (too long, too large, too deep), with
    /// any body.
    AnyRefusal,
    /// Nothing of it: the request was for another method, whose answers this contract does not describe.
    OtherMethod,
}

/// Judges answers by one contract.
#[derive(Debug)]
pub struct Oracle {
    success_status: u16,
    success: Validator,
    refusal: Validator,
    /// Where the code stands in the body of a refusal.
    error_code: Option<String>,
    secrets: Vec<Secret>,
}

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
        Self {
            success_status: responses.success_status,
            success: compiled(&responses.success),
            refusal: compiled(&responses.refusal),
            error_code: responses.error_code.clone(),
            secrets,
        }
    }

    /// What the exchange says.
    pub fn judge(&self, outcome: &Outcome, scope: Scope) -> Judgement {
        let silent = |reaction| Judgement { reaction, defects: Vec::new(), answer: None };
        match outcome {
            Outcome::Answer(response) => {
                let reaction = self.reaction(response, scope);
                let code = if reaction == Reaction::Accepted { None } else { self.code(response) };
                let answer = Some(Answer { status: response.status, code });
                Judgement { reaction, defects: self.defects(response, reaction, scope), answer }
            }
            Outcome::Timeout => silent(Reaction::TimedOut),
            Outcome::Dropped(_) | Outcome::Gone(_) => silent(Reaction::Dropped),
            Outcome::Unreachable(_)
            | Outcome::NotSent
            | Outcome::Interrupted
            | Outcome::OutOfTime
            | Outcome::OutOfBudget => silent(Reaction::Unknown),
        }
    }

    /// The error code in an answer, as it can be told and kept: it may hold anything.
    fn code(&self, response: &Response) -> Option<String> {
        let body: Value = serde_json::from_slice(&response.body).ok()?;
        let code = body.pointer(self.error_code.as_ref()?)?.as_str()?;
        if code.is_empty() || self.secrets.iter().any(|secret| secret.occurs_in(code)) {
            return None;
        }
        let plain = |character: char| character.is_ascii_alphanumeric() || "._-:/".contains(character);
        let shown = code.chars().take(LONGEST_CODE).map(|character| if plain(character) { character } else { '_' });
        Some(shown.collect())
    }

    fn reaction(&self, response: &Response, scope: Scope) -> Reaction {
        match response.status {
            // An unimplemented method is refused, not fumbled: RFC 9110 gives it this status.
            501 if scope == Scope::OtherMethod => Reaction::Refused,
            429 => Reaction::Throttled,
            500.. => Reaction::Crashed,
            200..=299 if self.is_refusal_body(&response.body) => Reaction::Refused,
            200..=299 => Reaction::Accepted,
            _ => Reaction::Refused,
        }
    }

    /// An error body, and no success body at the same time.
    fn is_refusal_body(&self, body: &[u8]) -> bool {
        serde_json::from_slice::<Value>(body)
            .is_ok_and(|value| self.refusal.is_valid(&value) && !self.success.is_valid(&value))
    }

    fn defects(&self, response: &Response, reaction: Reaction, scope: Scope) -> Vec<Defect> {
        let place = if reaction == Reaction::Accepted { RESPONSE_SUCCESS } else { RESPONSE_REFUSAL };
        let mut defects = Vec::new();
        if let Some((name, part)) = self.echo_of_a_secret(response) {
            defects.push(Defect {
                place,
                check: Keyword::Secret,
                expected: "no answer repeats what says who calls".to_owned(),
                observed: format!("the value of {name} came back in the answer's {part}"),
            });
        }
        // A crash is the probe's own finding; its page is part of it.
        if reaction == Reaction::Crashed || reaction == Reaction::Throttled {
            return defects;
        }
        let fault = stack_trace(response).or_else(|| match scope {
            Scope::OtherMethod => None,
            Scope::AnyRefusal if reaction == Reaction::Refused => None,
            Scope::AnyRefusal | Scope::Operation if reaction == Reaction::Accepted => self.success_fault(response),
            Scope::AnyRefusal | Scope::Operation => self.refusal_fault(response),
        });
        defects.extend(fault.map(|(check, expected, observed)| Defect { place, check, expected, observed }));
        defects
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

    fn success_fault(&self, response: &Response) -> Option<Fault> {
        if response.status != self.success_status {
            return Some((
                Keyword::Status,
                format!("status {}", self.success_status),
                format!("status {}", response.status),
            ));
        }
        media_type_fault(response).or_else(|| body_fault(&self.success, response, "success"))
    }

    fn refusal_fault(&self, response: &Response) -> Option<Fault> {
        if !(400..=499).contains(&response.status) {
            return Some((
                Keyword::Status,
                "a refusal has a 4xx status".to_owned(),
                match response.status {
                    200..=299 => format!("an error body under status {}", response.status),
                    status => format!("status {status}"),
                },
            ));
        }
        media_type_fault(response).or_else(|| body_fault(&self.refusal, response, "error"))
    }
}

type Fault = (Keyword, String, String);

fn media_type_fault(response: &Response) -> Option<Fault> {
    let value = response.header("content-type");
    let essence = value.and_then(|value| value.split(';').next()).map(str::trim);
    if essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json")) {
        return None;
    }
    // No body at all is the body's fault, not the media type's.
    if response.body.is_empty() {
        return Some((Keyword::ResponseBody, "a JSON body".to_owned(), "no body".to_owned()));
    }
    let observed = match value {
        Some(value) if essence.is_some_and(|essence| essence.eq_ignore_ascii_case("text/html")) => {
            format!("Content-Type {value}: a page of a gateway or a framework, not the service's error body")
        }
        Some(value) => format!("Content-Type {value}"),
        None => "no Content-Type".to_owned(),
    };
    Some((Keyword::MediaType, "Content-Type application/json".to_owned(), observed))
}

fn body_fault(schema: &Validator, response: &Response, kind: &str) -> Option<Fault> {
    let expected = format!("the documented {kind} body");
    let Ok(value) = serde_json::from_slice::<Value>(&response.body) else {
        let observed = if response.body.is_empty() { "no body" } else { "a body that is no JSON" };
        return Some((Keyword::ResponseBody, expected, observed.to_owned()));
    };
    let error = schema.iter_errors(&value).next()?;
    Some((Keyword::ResponseBody, expected, error.to_string()))
}

/// What the common platforms print when nobody caught an error.
const TRACES: [&str; 10] = [
    "Traceback (most recent call last)",
    "\tat java.",
    "\n\tat ",
    "\\n\\tat ",
    "goroutine 1 [running]",
    "' panicked at ",
    "   at System.",
    "\n    at ",
    "\\n    at ",
    ".rb:in `",
];

/// Source files in the frames of Java's and the like, wherever line ends went.
const FRAMES: [&str; 3] = [".java:", ".kt:", ".scala:"];

fn stack_trace(response: &Response) -> Option<Fault> {
    let text = String::from_utf8_lossy(&response.body);
    let trace = TRACES.iter().find(|trace| text.contains(**trace)).copied();
    let framed = |frame: &str| text.lines().any(|line| line.contains("at ") && line.contains(frame));
    let frame = || FRAMES.iter().find(|frame| framed(frame)).copied();
    trace.or_else(frame).map(|trace| {
        (
            Keyword::StackTrace,
            "no answer shows the server's own code".to_owned(),
            format!("a stack trace (`{}`)", trace.trim()),
        )
    })
}
