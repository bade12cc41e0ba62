//! A judgement as text, for whoever keeps it in place of the answer that it is about.

use serde::{Deserialize, Serialize};

use super::{Answer, Defect, Judged, Judgement, Reaction};
use crate::rule::{Part, RESPONSE_REFUSAL, RESPONSE_SUCCESS};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    reaction: usize,
    defects: Vec<KnownDefect>,
    judged: Option<(bool, Option<String>)>,
    answer: Option<(u16, Option<String>)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownDefect {
    of_success: bool,
    check: String,
    expected: String,
    observed: String,
}

/// The reactions, by their numbers.
const REACTIONS: [Reaction; 7] = [
    Reaction::Accepted,
    Reaction::Refused,
    Reaction::Throttled,
    Reaction::Crashed,
    Reaction::TimedOut,
    Reaction::Dropped,
    Reaction::Unknown,
];

impl Judgement {
    /// As text.
    pub fn to_text(&self) -> String {
        let Self { reaction, defects, body, answer } = self;
        let defect = |defect: &Defect| KnownDefect {
            of_success: defect.place == RESPONSE_SUCCESS,
            check: defect.check.as_str().to_owned(),
            expected: defect.expected.clone(),
            observed: defect.observed.clone(),
        };
        let known = Known {
            reaction: REACTIONS.iter().position(|known| known == reaction).unwrap_or(REACTIONS.len() - 1),
            defects: defects.iter().map(defect).collect(),
            judged: body.as_ref().map(|body| (body.place == RESPONSE_SUCCESS, body.hindrance.clone())),
            answer: answer.as_ref().map(|answer| (answer.status, answer.code.clone())),
        };
        serde_json::to_string(&known).unwrap_or_default()
    }

    /// Reads one back; nothing where the text is none.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let Known { reaction, defects, judged, answer } = serde_json::from_str(text).ok()?;
        let place = |of_success: bool| -> Part { if of_success { RESPONSE_SUCCESS } else { RESPONSE_REFUSAL } };
        let defect = |known: KnownDefect| {
            let KnownDefect { of_success, check, expected, observed } = known;
            Some(Defect { place: place(of_success), check: check.parse().ok()?, expected, observed })
        };
        Some(Self {
            reaction: *REACTIONS.get(reaction)?,
            defects: defects.into_iter().map(defect).collect::<Option<_>>()?,
            body: judged.map(|(of_success, hindrance)| Judged { place: place(of_success), hindrance }),
            answer: answer.map(|(status, code)| Answer { status, code }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Keyword;

    #[test]
    fn a_judgement_reads_back_as_it_was_written() {
        for reaction in REACTIONS {
            let defect =
                |place, check| Defect { place, check, expected: "a \"b\"".to_owned(), observed: "\0".to_owned() };
            let whole = Judgement {
                reaction,
                defects: vec![
                    defect(RESPONSE_SUCCESS, Keyword::ResponseBody),
                    defect(RESPONSE_REFUSAL, Keyword::StackTrace),
                ],
                body: Some(Judged { place: RESPONSE_REFUSAL, hindrance: Some("long".to_owned()) }),
                answer: Some(Answer { status: 999, code: Some("SMS.1".to_owned()) }),
            };
            for judgement in [whole, Judgement::without_answer(reaction)] {
                assert_eq!(Judgement::from_text(&judgement.to_text()), Some(judgement));
            }
        }
        assert_eq!(Judgement::from_text("{}"), None);
    }
}
