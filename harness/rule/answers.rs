//! The rules of answers: of every success, of every refusal, and of each answer that is documented.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::shape::Sides;
use super::{Keyword, List, RESPONSE_REFUSAL, RESPONSE_SUCCESS, Site, Step, Within};
use crate::contract::{Content, Documented, Standing};

impl List<'_> {
    pub(super) fn answers(&mut self) {
        let responses = &self.operation.responses;
        for (part, source, sides, status) in [
            (RESPONSE_SUCCESS, &responses.success_source, Sides::Inside, json!(responses.success_status)),
            (RESPONSE_REFUSAL, &responses.refusal_source, Sides::Outside, json!("4XX")),
        ] {
            let place = self.operation.site(part);
            let documented: Vec<&Documented> = responses
                .documented
                .iter()
                .filter(|answer| answer.is_success() == (part == RESPONSE_SUCCESS))
                .collect();
            for keyword in [
                Keyword::Status,
                Keyword::MediaType,
                Keyword::ResponseBody,
                Keyword::Secret,
                Keyword::StackTrace,
                Keyword::Timeout,
                Keyword::Connection,
                Keyword::Flaky,
            ] {
                let bound = match keyword {
                    Keyword::MediaType if self.operation.is_open => {
                        let types: BTreeSet<&String> =
                            documented.iter().flat_map(|one| one.content.media_types()).collect();
                        if types.is_empty() {
                            continue;
                        }
                        json!(types)
                    }
                    // What an open contract says of bodies it says of each status.
                    Keyword::ResponseBody if self.operation.is_open => continue,
                    Keyword::Status => status.clone(),
                    Keyword::MediaType => json!("application/json"),
                    _ => Value::Null,
                };
                self.add(&place, source, keyword, bound, Standing::Firm, sides);
            }
        }
        self.documented_answers();
    }

    /// That an answer of a documented status has a body that can be read, and the headers that it must have. What the schema
    /// of its body says is told of answers that came: most never do.
    fn documented_answers(&mut self) {
        let has_success = self.operation.responses.documented.iter().any(Documented::is_success);
        // What throttles, or is a crash, is held against nothing.
        let is_judged = |answer: &&Documented| answer.status != "429" && !answer.status.starts_with(['1', '5']);
        for answer in self.operation.responses.documented.iter().filter(is_judged) {
            let sides = match &answer.status {
                status if status.starts_with('2') => Sides::Inside,
                // A redirect is a success where nothing else is.
                status if status.starts_with('3') && !has_success => Sides::Inside,
                status if status == "default" && !has_success => Sides::Both,
                _ => Sides::Outside,
            };
            let source = format!("response {}", answer.status);
            let has_body = answer.may_have_body() && self.operation.method != "HEAD";
            if has_body && matches!(answer.content, Content::Json(..)) {
                let place = self.operation.site(answer.part(Within::Body));
                self.add(&place, &source, Keyword::ResponseBody, Value::Null, Standing::Firm, sides);
            }
            for header in answer.headers.iter().filter(|header| header.is_required) {
                let steps = [Step::member(&header.name)];
                let place = Site::new(self.operation.name(), answer.part(Within::Header), steps);
                self.add(&place, &source, Keyword::Required, json!(true), Standing::Firm, sides);
            }
        }
    }
}
