//! Answers of Swagger 2.0: one schema for all the media types that an operation produces.

use serde_json::{Map, Value};

use super::{media, parameter::header};
use crate::document::notes::Notes;
use crate::text::pointer;

/// Answers by their statuses or names, which stood at `from` and stand at `to`.
pub(super) fn named(all: Map<String, Value>, from: &str, to: &str, produces: &[String], notes: &mut Notes) -> Value {
    let answers = all.into_iter().map(|(name, answer)| {
        let (from, to) = (pointer::below(from, &name), pointer::below(to, &name));
        let is_answer = from.starts_with("/responses/") || !name.starts_with("x-");
        let answer = if is_answer { rewrite(answer, &from, &to, produces, notes) } else { answer };
        (name, answer)
    });
    answers.collect::<Map<_, _>>().into()
}

fn rewrite(answer: Value, from: &str, to: &str, produces: &[String], notes: &mut Notes) -> Value {
    let Value::Object(mut members) = answer else { return answer };
    let schema = members.shift_remove("schema");
    let examples = members.shift_remove("examples");
    let mut content = Map::new();
    if let Some(schema) = schema {
        // Where the document does not say what an answer is, it may be anything.
        let any = ["*/*".to_owned()];
        let types = if produces.is_empty() { &any[..] } else { produces };
        content = media::content(types, Some(schema), &format!("{from}/schema"), &format!("{to}/content"), notes);
    }
    if let Some(Value::Object(examples)) = examples {
        for (name, example) in examples {
            if !name.contains('/') {
                notes.remark(to, &format!("the example `{name}` is of no media type"), "it is not used");
                continue;
            }
            let media = pointer::below(&format!("{to}/content"), &name);
            notes.moved(format!("{media}/example"), pointer::below(&format!("{from}/examples"), &name));
            let fallback = content.get("*/*").cloned().unwrap_or_else(|| Map::new().into());
            content.entry(name).or_insert(fallback)["example"] = example;
        }
    }
    if !content.is_empty() {
        members.insert("content".to_owned(), content.into());
    }
    if let Some(Value::Object(headers)) = members.get_mut("headers") {
        for (name, value) in headers {
            let at = pointer::below(&format!("{to}/headers"), name);
            *value = header(value.take(), &at, notes);
        }
    }
    members.into()
}
