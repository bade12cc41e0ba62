//! Looks at one answer from every side, and tells what is wrong with it.

use super::body::{self, Body, Verdict};
use super::broken::{self, Broken};
use super::cursor::Cursor;
use super::documented::{Answer, Answers};
use super::header;
use super::seen::AnswerRule;
use super::{Defect, Judged, Oracle, Reaction, Scope};
use crate::contract::is_too_much;
use crate::exchange::{Request, Response};
use crate::fingerprint;
use crate::rule::{Keyword, Part, RESPONSE_REFUSAL, RESPONSE_SUCCESS, Side};
use crate::text::media_type::{essence, fits, is_json};

/// The one media type of a contract that is not open.
const JSON: &str = "application/json";
/// One answer, looked at from every side: each defect is told, but none that only follows from another.
pub(super) struct Look<'a> {
    pub(super) oracle: &'a Oracle,
    pub(super) request: &'a Request,
    pub(super) response: &'a Response,
    pub(super) body: &'a Body,
    pub(super) reaction: Reaction,
    pub(super) scope: Scope,
}

impl Look<'_> {
    pub(super) fn all(&self) -> (Vec<Defect>, Option<Judged>) {
        let mut defects: Vec<Defect> = self.secret().into_iter().collect();
        // A crash is the probe's own finding; its page is part of it.
        if matches!(self.reaction, Reaction::Crashed | Reaction::Throttled) {
            return (defects, None);
        }
        defects.extend(self.stack_trace());
        if self.scope == Scope::Elsewhere || (self.scope == Scope::AnyRefusal && self.reaction == Reaction::Refused) {
            return (defects, None);
        }
        let status = self.status();
        let is_wrong = status.is_some();
        defects.extend(status);
        if let Some(documented) = &self.oracle.documented {
            return self.held_against(documented, defects);
        }
        // A redirect's page is part of it, and so is it of a wrong status that it has no body.
        if (300..=399).contains(&self.response.status) {
            return (defects, None);
        }
        if is_wrong && matches!(self.body, Body::Empty) {
            let hindrance = Some(format!("under status {} there was none", self.response.status));
            return (defects, Some(Judged { place: self.place(), hindrance }));
        }
        let media_type = self.media_type(&[JSON.to_owned()]);
        // What is said to be no JSON need not be any.
        let is_text = media_type.is_some() && self.body.document().is_none();
        defects.extend(media_type);
        if self.may_give_back() {
            return (defects, None);
        }
        if is_text {
            let hindrance = Some("its media type is not the contract's, and it is no JSON".to_owned());
            return (defects, Some(Judged { place: self.place(), hindrance }));
        }
        let (schema, kind) = match self.reaction {
            Reaction::Accepted => (&self.oracle.success, "success"),
            _ => (&self.oracle.refusal, "error"),
        };
        let mut judged = Judged { place: self.place(), hindrance: None };
        match self.body.verdict(schema) {
            Verdict::Kept => {}
            Verdict::Broken(observed) => {
                let observed = self.oracle.shortened(observed);
                defects.push(self.defect(Keyword::ResponseBody, format!("the documented {kind} body"), observed));
            }
            Verdict::Unjudged(why) => judged.hindrance = Some(why),
        }
        (defects, Some(judged))
    }

    /// Holds an answer against what is documented of its status.
    fn held_against(&self, documented: &Answers, mut defects: Vec<Defect>) -> (Vec<Defect>, Option<Judged>) {
        let Some(answer) = documented.of(self.response.status) else { return (defects, None) };
        self.headers(documented, answer, &mut defects);
        // What HTTP gives no body has none, whatever is documented of it.
        let has_none = matches!(self.response.status, 204 | 205 | 300..=399) || self.request.method == "HEAD";
        if has_none {
            return (defects, None);
        }
        let media_type = self.media_type(answer.media_types());
        // What is said to be no JSON need not be any.
        let is_text = media_type.is_some() && self.body.document().is_none();
        defects.extend(media_type);
        // Of several media types one has this schema.
        let is_other = || {
            let Some((first, others)) = answer.media_types().split_first() else { return false };
            let given = self.response.header("content-type");
            // Of a range only what calls itself JSON is held against a schema.
            if first.contains('*') {
                return given.is_none_or(|value| !is_json(value));
            }
            !others.is_empty() && given.is_some_and(|value| !fits(first, essence(value)))
        };
        let Some((schema, validator)) = answer.schema().filter(|_| !self.may_give_back() && !is_other()) else {
            return (defects, None);
        };
        let mut judged = Judged { place: answer.body_part, hindrance: None };
        let whole = |observed: &str| Broken {
            node: Vec::new(),
            keyword: Keyword::ResponseBody,
            bound: serde_json::Value::Null,
            source: schema.source().to_owned(),
            observed: observed.to_owned(),
        };
        match (self.body, validator) {
            (_, Err(why)) => judged.hindrance = Some(why.to_owned()),
            (Body::Unread(why), _) => judged.hindrance = Some(why.clone()),
            (Body::Empty, _) => defects.push(self.node(answer, answer.body_part, whole("no body"))),
            (Body::Other, _) if is_text => {
                judged.hindrance = Some("its media type is not the contract's, and it is no JSON".to_owned());
            }
            (Body::Other, _) => {
                defects.push(self.node(answer, answer.body_part, whole("a body that is no JSON")));
            }
            (Body::Json(document), Ok(_)) if is_too_much(schema.schema(), &document.value) => {
                judged.hindrance = Some("its schema has too many branches within branches".to_owned());
            }
            (Body::Json(document), Ok(validator)) => {
                let root = Cursor::of(schema, Vec::new());
                let (broken, doubt) = broken::broken(validator, document, &root);
                if let Some(kind) = doubt.filter(|_| broken.is_empty()) {
                    judged.hindrance = Some(format!("it holds {}", kind.as_str()));
                }
                defects.extend(broken.into_iter().map(|broken| self.node(answer, answer.body_part, broken)));
                // Where something is doubtful nobody knows what was kept.
                if doubt.is_none() {
                    let fingerprint = fingerprint::in_memory(&(&self.response.body, self.response.status));
                    documented.seen.take(answer.body_part, self.side(), root, &document.value, fingerprint);
                }
            }
        }
        (defects, Some(judged))
    }

    /// Holds the headers of an answer against what is documented of them.
    fn headers(&self, documented: &Answers, answer: &Answer, defects: &mut Vec<Defect>) {
        // Of an answer that was not kept whole nobody knows which headers it had.
        if self.response.unread.is_some() {
            return;
        }
        for (number, header) in answer.headers() {
            let validator = || answer.header_validator(number);
            let node = header::node(header);
            let source = format!("{} header {}", answer.status, header.name);
            let (keyword, bound) = (Keyword::Required, serde_json::Value::Bool(true));
            if header.is_required {
                let (part, node, source) = (answer.headers_part, node.clone().into(), source.clone());
                let (bound, side) = (bound.clone(), self.side());
                documented.seen.note(AnswerRule { part, node, keyword, bound, source, side, is_seen: true });
            }
            match header::judged(header, validator, self.response) {
                header::Verdict::Missing => {
                    let observed = format!("no header {}", header.name);
                    let broken = Broken { node, keyword, bound, source, observed };
                    defects.push(self.node(answer, answer.headers_part, broken));
                }
                // What was sent may be illegal, and come back.
                _ if self.may_give_back() => {}
                header::Verdict::Broken(broken) => {
                    defects.extend(broken.into_iter().map(|broken| self.node(answer, answer.headers_part, broken)));
                }
                // It is there, and says nothing.
                header::Verdict::Kept(serde_json::Value::Null) => {}
                header::Verdict::Kept(value) => {
                    if let Some(schema) = &header.schema {
                        let fingerprint =
                            fingerprint::in_memory(&(&header.name, value.to_string(), self.response.status));
                        let root = Cursor::of(schema, node);
                        documented.seen.take(answer.headers_part, self.side(), root, &value, fingerprint);
                    }
                }
                header::Verdict::Absent => {
                    if let Some(schema) = &header.schema {
                        documented.seen.miss(answer.headers_part, self.side(), Cursor::of(schema, node));
                    }
                }
            }
        }
    }

    /// Whether what was sent may be illegal, and given back by a store that took it.
    fn may_give_back(&self) -> bool {
        self.reaction == Reaction::Accepted && self.scope != Scope::Operation
    }

    fn side(&self) -> Side {
        if self.reaction == Reaction::Accepted { Side::Inside } else { Side::Outside }
    }

    /// A rule of a documented answer that is broken.
    fn node(&self, answer: &Answer, place: Part, broken: Broken) -> Defect {
        let Broken { node, keyword, bound, source, observed } = broken;
        let says = if bound.is_null() { String::new() } else { format!(" {bound}") };
        let what = match keyword {
            Keyword::ResponseBody => "the body".to_owned(),
            _ => format!("`{keyword}`{says}"),
        };
        let member = match (keyword, node.last()) {
            (Keyword::Required, Some(crate::rule::Step::Member(name))) => format!(" {name}"),
            _ => String::new(),
        };
        Defect {
            place,
            node: node.into(),
            check: keyword,
            side: self.side(),
            source: Some(format!("{source}{member}").into()),
            expected: format!("{what}, as documented for status {}", answer.status),
            bound,
            observed: self.oracle.shortened(observed),
        }
    }

    fn place(&self) -> Part {
        if self.reaction == Reaction::Accepted { RESPONSE_SUCCESS } else { RESPONSE_REFUSAL }
    }

    fn defect(&self, check: Keyword, expected: impl Into<String>, observed: String) -> Defect {
        Defect::whole(self.place(), check, expected, observed)
    }

    fn secret(&self) -> Option<Defect> {
        let (name, part) = self.oracle.echo_of_a_secret(self.response)?;
        let observed = format!("the value of {name} came back in the answer's {part}");
        Some(self.defect(Keyword::Secret, "no answer repeats what says who calls", observed))
    }

    fn stack_trace(&self) -> Option<Defect> {
        let trace = body::stack_trace(&self.response.body)?;
        // One that was sent is given back, and not the server's own.
        if self.request.body.as_deref().and_then(body::stack_trace).is_some() {
            return None;
        }
        let observed = format!("a stack trace (`{}`)", trace.trim());
        Some(self.defect(Keyword::StackTrace, "no answer shows the server's own code", observed))
    }

    fn status(&self) -> Option<Defect> {
        let status = self.response.status;
        if let (Reaction::Accepted, Some(documented)) = (self.reaction, &self.oracle.documented) {
            let successes = documented.successes().filter(|_| documented.of(status).is_none())?;
            return Some(self.defect(Keyword::Status, format!("status {successes}"), format!("status {status}")));
        }
        if self.reaction == Reaction::Accepted {
            let documented = self.oracle.success_status;
            let is_wrong = status != documented;
            return is_wrong
                .then(|| self.defect(Keyword::Status, format!("status {documented}"), format!("status {status}")));
        }
        let observed = match status {
            400..=499 => return None,
            200..=299 => format!("an error body under status {status}"),
            _ => format!("status {status}"),
        };
        Some(self.defect(Keyword::Status, "a refusal has a 4xx status", observed))
    }

    /// What is wrong with the media type, where it must be one of these.
    fn media_type(&self, wanted: &[String]) -> Option<Defect> {
        let types: Vec<&str> = self
            .response
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            .map(|(_, value)| value.trim())
            .collect();
        let value = types.first().copied();
        let other = types.iter().find(|other| value.is_some_and(|value| !value.eq_ignore_ascii_case(other)));
        let essence = value.and_then(|value| value.split(';').next()).map(str::trim);
        let is = |wanted: &str| essence.is_some_and(|essence| essence.eq_ignore_ascii_case(wanted));
        let is_wanted = wanted.is_empty() || essence.is_some_and(|essence| wanted.iter().any(|one| fits(one, essence)));
        // No body at all is the body's fault, not the media type's.
        if (is_wanted && other.is_none()) || matches!(self.body, Body::Empty) {
            return None;
        }
        let observed = match (value, other) {
            (Some(value), Some(other)) => format!("Content-Type {value}, and another, {other}"),
            (Some(value), None) if is("text/html") => {
                format!("Content-Type {value}: a page of a gateway or a framework, not the service's error body")
            }
            (Some(value), None) => format!("Content-Type {value}"),
            (None, _) => "no Content-Type".to_owned(),
        };
        let expected = format!("Content-Type {}", wanted.join(" or "));
        Some(self.defect(Keyword::MediaType, expected, observed))
    }
}
