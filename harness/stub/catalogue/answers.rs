//! Faults of answers: a status, a media type or a body that the contract does not have, a secret, a stack trace, silence.

use serde_json::{Value, json};

use super::List;
use crate::contract::Operation;
use crate::request_context::RequestContext;
use crate::rule::{Keyword, Part, RESPONSE_REFUSAL, RESPONSE_SUCCESS, Side};
use crate::stub::fault::{AnswerFault, Effect};
use crate::validate::Judge;

impl List<'_> {
    /// Whether a fault of answers shows in the answers of this contract.
    fn shows(&self, part: Part, keyword: Keyword, mode: &str) -> bool {
        let responses = &self.operation.responses;
        let is_success = part == RESPONSE_SUCCESS;
        match (keyword, mode) {
            // A success that redirects is a refusal by its status; there is no such fault of successes.
            (Keyword::Status, "redirect") => !is_success,
            // What may be a success as well is none.
            (Keyword::Status, "off") => {
                is_success || !Judge::by(self.operation.name(), &responses.success).accepts(&responses.refusal_example)
            }
            (Keyword::ResponseBody, "off") => {
                let schema = if is_success { &responses.success } else { &responses.refusal };
                !Judge::by(self.operation.name(), schema).accepts(&json!({}))
            }
            (Keyword::StackTrace, _) => traced(is_success, self.operation).is_some(),
            (Keyword::Secret, _) => !RequestContext::default().secrets(self.operation).is_empty(),
            _ => true,
        }
    }

    pub(super) fn answers(&mut self) {
        use AnswerFault::{Change, Drop, Hang};
        for (part, side) in [(RESPONSE_SUCCESS, Side::Inside), (RESPONSE_REFUSAL, Side::Outside)] {
            let place = &self.operation.site(part);
            let changes: [(Keyword, &str, AnswerFault); 9] = [
                (
                    Keyword::Status,
                    "off",
                    Change(|response, _, operation| {
                        // Of two statuses of success one is not the contract's.
                        let is_success = response.status < 300;
                        let taken = is_success && operation.responses.success_status == 201;
                        response.status = if is_success && !taken { 201 } else { 200 };
                    }),
                ),
                (Keyword::Status, "redirect", Change(|response, _, _| response.status = 302)),
                (
                    Keyword::MediaType,
                    "off",
                    Change(|response, _, _| {
                        response.headers = vec![("Content-Type".to_owned(), "text/plain".to_owned())];
                    }),
                ),
                (Keyword::ResponseBody, "off", Change(|response, _, _| response.body = b"{}".to_vec())),
                (Keyword::ResponseBody, "empty", Change(|response, _, _| response.body.clear())),
                (
                    Keyword::Secret,
                    "off",
                    Change(|response, request, operation| {
                        let credential = operation.parameters.iter().find(|parameter| parameter.credential);
                        let token =
                            credential.and_then(|parameter| request.header(&parameter.name)).unwrap_or_default();
                        response.headers.push(("X-Echo".to_owned(), token.to_owned()));
                    }),
                ),
                (
                    Keyword::StackTrace,
                    "off",
                    Change(|response, _, operation| {
                        if let Some(told) = traced(response.status < 300, operation) {
                            response.body = told.to_string().into_bytes();
                        }
                    }),
                ),
                (Keyword::Timeout, "off", Hang),
                (Keyword::Connection, "off", Drop),
            ];
            for (keyword, mode, answer) in changes {
                if self.shows(part, keyword, mode) {
                    self.add(place, keyword, side, mode, Effect::Answer(part, answer));
                }
            }
        }
        let crash = Change(|response, _, _| response.status = 500);
        let place = self.operation.site(RESPONSE_REFUSAL);
        self.add(&place, Keyword::Status, Side::Outside, "crash", Effect::Answer(RESPONSE_REFUSAL, crash));
    }
}

/// The contract's example of an answer with a stack trace in it, and nothing else wrong with it; nothing where there is no
/// room for one.
fn traced(is_success: bool, operation: &Operation) -> Option<Value> {
    const TRACE: &str = "oops\n\tat java.base/A.b(A.java:1)";
    let responses = &operation.responses;
    let (example, schema) = if is_success {
        (&responses.success_example, &responses.success)
    } else {
        (&responses.refusal_example, &responses.refusal)
    };
    let (mut beside, mut within) = (example.clone(), example.clone());
    match (&mut beside, &mut within) {
        (Value::Object(beside), Value::Object(within)) => {
            beside.insert("trace".to_owned(), json!(TRACE));
            if let Some(text) = within.values_mut().rfind(|value| value.is_string()) {
                *text = json!(TRACE);
            }
        }
        (Value::Array(elements), _) => elements.push(json!(TRACE)),
        _ => return None,
    }
    let judge = Judge::by(operation.name(), schema);
    [beside, within].into_iter().find(|told| told != example && judge.accepts(told))
}
