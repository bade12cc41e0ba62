//! What the stub of an operation of any document answers: what the document shows, and in a refusal what is wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::objection::Objection;
use crate::contract::{Contract, Documented, Responses};
use crate::document::{Document, OperationRef};
use crate::exchange::{Request, Response};
use crate::open::{Shown, Wanted, shown};
use crate::text::pointer;

/// So many answers are kept ready: what is asked for is the caller's choice.
const MOST_KEPT: usize = 64;
/// So deep a refusal is looked through for a text that may say what is wrong.
const MOST_LEVELS: usize = 4;
/// What a text is called that says what is wrong: by RFC 9457, and by custom. A refusal of any other shape is as good.
const TELLING: [&str; 7] = ["detail", "message", "msg", "description", "reason", "error", "title"];

/// The answers of an operation.
#[derive(Debug)]
pub(super) struct Repertoire {
    document: Arc<Document>,
    operation: OperationRef,
    documented: Vec<Documented>,
    seed: u64,
    kept: Mutex<Kept>,
}

/// Answers by what was asked for; nothing where the document shows none.
type Kept = BTreeMap<(u16, Wanted), Option<Arc<Shown>>>;

/// What a caller prefers among the answers (`Prefer: code=422, example=broken`).
#[derive(Debug, Default)]
pub(super) struct Preference {
    pub(super) code: Option<u16>,
    example: Option<String>,
}

impl Preference {
    pub(super) fn of(request: &Request) -> Self {
        let mut preference = Self::default();
        let given = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("prefer"));
        for token in given.flat_map(|(_, value)| value.split([',', ';'])) {
            let (name, value) = token.split_once('=').unwrap_or((token, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                // What is no final status is none that can be answered.
                "code" => preference.code = value.parse().ok().filter(|code| (200..600).contains(code)),
                "example" => preference.example = Some(value.to_owned()),
                _ => {}
            }
        }
        preference
    }
}

impl Repertoire {
    /// Nothing where the contract is of no document that shows answers.
    pub(super) fn of(contract: &Contract, seed: u64) -> Option<Self> {
        let document = contract.any_document()?;
        let own = contract.operation();
        let is_own = |other: &&OperationRef| other.method == own.method && other.path == own.path;
        let operation = document.operations().iter().find(is_own)?.clone();
        let documented = own.responses.documented.clone();
        Some(Self { document: document.clone(), operation, documented, seed, kept: Mutex::default() })
    }

    /// Varies what is made up.
    pub(super) fn vary(&mut self, seed: u64) {
        self.seed = seed;
    }

    /// The status of an accepted request: the first success, else what else says that all is well.
    pub(super) fn success(&self, responses: &Responses) -> u16 {
        let first = |is: &dyn Fn(&Documented) -> bool| self.documented.iter().find(|answer| is(answer));
        let has_default = first(&|answer| answer.status == "default").is_some();
        let redirect = first(&|answer| answer.status.starts_with('3')).filter(|_| !has_default);
        match (first(&Documented::is_success), redirect) {
            (None, Some(answer)) => answer.status.parse().unwrap_or(302),
            _ => responses.success_status,
        }
    }

    /// The answer that is documented of a status, as the caller likes it; nothing where none is.
    pub(super) fn answer(&self, status: u16, request: &Request, preference: &Preference) -> Option<Response> {
        let shown = self.shown(status, request, preference)?;
        Some(response(status, &shown, shown.bodies.first()))
    }

    /// The answer that a caller prefers, where it is documented.
    pub(super) fn preferred(&self, preference: &Preference, usual: u16, request: &Request) -> Option<Response> {
        let mut answer = self.answer(preference.code.unwrap_or(usual), request, preference)?;
        let code = preference.code.map(|code| format!("code={code}"));
        let example = preference.example.as_ref().map(|name| format!("example={name}"));
        let applied: Vec<String> = code.into_iter().chain(example).collect();
        if !applied.is_empty() {
            answer.headers.push(("Preference-Applied".to_owned(), applied.join(", ")));
        }
        Some(answer)
    }

    /// A refusal with the first status of those that are documented and mean one, which says what is wrong as far as it may.
    pub(super) fn refusal(&self, objection: &Objection, request: &Request) -> Response {
        let status = self.refused_with(objection.status);
        let place = objection.place.as_str();
        let told = format!("{place}: {}: {}", objection.broken, objection.message);
        let plain = json!({ "place": place, "keyword": objection.broken.to_string(), "message": objection.message });
        let shown = self.shown(status, request, &Preference::default());
        let Some(shown) = shown.filter(|shown| shown.media_type.is_some()) else {
            return super::answer(status, &plain);
        };
        if !shown.is_json {
            let is_text = shown.media_type.as_ref().is_some_and(|name| name.starts_with("text/plain"));
            let told = Value::from(told);
            return response(status, &shown, Some(&told).filter(|_| is_text).or(shown.bodies.first()));
        }
        if let Some(telling) = shown.bodies.iter().find_map(|body| telling(body, (status, &told), &shown)) {
            return response(status, &shown, Some(&telling));
        }
        response(status, &shown, shown.bodies.first())
    }

    /// The status of a refusal. A resource or a method that is not there has its own, and so has a failure.
    fn refused_with(&self, status: u16) -> u16 {
        let is = |wanted: u16| {
            let wanted = wanted.to_string();
            self.documented.iter().any(|answer| answer.status == wanted)
        };
        if matches!(status, 404 | 405 | 500..) || is(status) {
            return status;
        }
        [400, 422].into_iter().find(|status| is(*status)).unwrap_or(status)
    }

    fn shown(&self, status: u16, request: &Request, preference: &Preference) -> Option<Arc<Shown>> {
        let key = &self.documented[Documented::position(&self.documented, status)?].status;
        let accept = request.header("accept").map(str::to_owned);
        let wanted = Wanted { accept, example: preference.example.clone(), seed: self.seed };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shown) = kept.get(&(status, wanted.clone())) {
            return shown.clone();
        }
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        let shown = shown(&self.document, &self.operation, key, &wanted).map(Arc::new);
        kept.insert((status, wanted), shown.clone());
        shown
    }
}

fn response(status: u16, shown: &Shown, body: Option<&Value>) -> Response {
    let mut headers = shown.headers.clone();
    let has_body = !matches!(status, 204 | 304);
    let body = body.filter(|_| has_body).map(|body| match body {
        Value::String(text) if !shown.is_json => text.clone(),
        body => body.to_string(),
    });
    if let (Some(media_type), Some(_)) = (&shown.media_type, &body) {
        headers.insert(0, ("Content-Type".to_owned(), media_type.clone()));
    }
    Response { status, headers, body: body.unwrap_or_default().into_bytes(), unread: None }
}

/// The body with a text in it that says what is wrong; nothing where it may have none.
fn telling(body: &Value, (status, told): (u16, &str), shown: &Shown) -> Option<Value> {
    let mut body = body.clone();
    if let Some(own @ Value::Number(_)) = body.get_mut("status") {
        *own = Value::from(status);
    }
    let body = &body;
    let mut texts = Vec::new();
    gather(body, String::new(), 0, &mut texts);
    let rank = |at: &str| {
        let name = at.rsplit('/').find(|step| step.parse::<usize>().is_err()).unwrap_or_default().to_lowercase();
        TELLING.iter().position(|word| name.contains(word))
    };
    let mut named: Vec<&String> = texts.iter().filter(|at| rank(at).is_some()).collect();
    named.sort_by_key(|at| rank(at));
    let with = |at: &&String| {
        let mut body = body.clone();
        *body.pointer_mut(at)? = Value::from(told);
        shown.allows(&body).then_some(body)
    };
    let beside = || {
        let mut body = body.clone();
        body.as_object_mut()?.insert("message".to_owned(), Value::from(told));
        shown.allows(&body).then_some(body)
    };
    named.iter().find_map(with).or_else(beside).or_else(|| texts.iter().rev().find_map(|at| with(&at)))
}

/// Where texts stand.
fn gather(value: &Value, at: String, level: usize, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at),
        _ if level == MOST_LEVELS => {}
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| gather(value, pointer::below(&at, name), level + 1, found));
        }
        Value::Array(elements) => {
            elements
                .iter()
                .enumerate()
                .for_each(|(number, value)| gather(value, format!("{at}/{number}"), level + 1, found));
        }
        _ => {}
    }
}
