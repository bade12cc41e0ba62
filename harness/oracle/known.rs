//! A judgement as text, for whoever keeps it in place of the answer that it is about.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Answer, Defect, Judged, Judgement, Reaction};
use crate::rule::{Part, RESPONSE_REFUSAL, RESPONSE_SUCCESS, Side, Site, Step, Written};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    reaction: usize,
    defects: Vec<KnownDefect>,
    judged: Option<(bool, Option<String>)>,
    /// The body of which status was judged, where it was that of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    judged_at: Option<String>,
    answer: Option<(u16, Option<String>)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownDefect {
    of_success: bool,
    /// The place, where it is none of answers as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    bound: Value,
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
        let is_whole = |place: Part| matches!(place, RESPONSE_SUCCESS | RESPONSE_REFUSAL);
        let defect = |defect: &Defect| KnownDefect {
            of_success: defect.side == Side::Inside,
            at: (!is_whole(defect.place)).then(|| Site::place_of(defect.place, &defect.node)),
            source: defect.source.as_deref().map(str::to_owned),
            bound: defect.bound.clone(),
            check: defect.check.as_str().to_owned(),
            expected: defect.expected.clone(),
            observed: defect.observed.clone(),
        };
        let known = Known {
            reaction: REACTIONS.iter().position(|known| known == reaction).unwrap_or(REACTIONS.len() - 1),
            defects: defects.iter().map(defect).collect(),
            judged: body.as_ref().map(|body| (body.place == RESPONSE_SUCCESS, body.hindrance.clone())),
            judged_at: body.as_ref().filter(|body| !is_whole(body.place)).map(|body| body.place.to_string()),
            answer: answer.as_ref().map(|answer| (answer.status, answer.code.clone())),
        };
        serde_json::to_string(&known).unwrap_or_default()
    }

    /// Reads one back; nothing where the text is none.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let Known { reaction, defects, judged, judged_at, answer } = serde_json::from_str(text).ok()?;
        let whole = |of_success: bool| -> Part { if of_success { RESPONSE_SUCCESS } else { RESPONSE_REFUSAL } };
        let place = |at: Option<String>, of_success: bool| -> Option<(Part, Vec<Step>)> {
            let Some(at) = at else { return Some((whole(of_success), Vec::new())) };
            at.parse::<Written>().ok()?.places.into_iter().next()
        };
        let defect = |known: KnownDefect| {
            let KnownDefect { of_success, at, source, bound, check, expected, observed } = known;
            let (part, node) = place(at, of_success)?;
            let side = if of_success { Side::Inside } else { Side::Outside };
            let (node, source) = (node.into(), source.map(Into::into));
            Some(Defect { place: part, node, check: check.parse().ok()?, side, source, bound, expected, observed })
        };
        Some(Self {
            reaction: *REACTIONS.get(reaction)?,
            defects: defects.into_iter().map(defect).collect::<Option<_>>()?,
            body: match judged {
                Some((of_success, hindrance)) => Some(Judged { place: place(judged_at, of_success)?.0, hindrance }),
                None => None,
            },
            answer: answer.map(|(status, code)| Answer { status, code }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Keyword, StatusRange, Within};

    #[test]
    fn a_judgement_reads_back_as_it_was_written() {
        for reaction in REACTIONS {
            let defect = |place, check| Defect::whole(place, check, "a \"b\"", "\0");
            let node = [Step::Element, Step::Branch("oneOf/1".into()), Step::member("a b")];
            let inner = Part::Answer(StatusRange::Class(4), Within::Body);
            let of_node = Defect {
                node: node.into(),
                source: Some("/a".into()),
                side: Side::Outside,
                ..defect(inner, Keyword::Type)
            };
            let whole = Judgement {
                reaction,
                defects: vec![
                    defect(RESPONSE_SUCCESS, Keyword::ResponseBody),
                    defect(RESPONSE_REFUSAL, Keyword::StackTrace),
                    of_node,
                ],
                body: Some(Judged { place: RESPONSE_REFUSAL, hindrance: Some("long".to_owned()) }),
                answer: Some(Answer { status: 999, code: Some("SMS.1".to_owned()) }),
            };
            let of_status = Judgement { body: Some(Judged { place: inner, hindrance: None }), ..whole.clone() };
            for judgement in [whole, of_status, Judgement::without_answer(reaction)] {
                assert_eq!(Judgement::from_text(&judgement.to_text()), Some(judgement));
            }
        }
        assert_eq!(Judgement::from_text("{}"), None);
    }
}
