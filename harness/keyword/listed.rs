//! `enum` and `const`: every legal value, and values that nearly are one.

use serde_json::{Value, json};

use super::{Domain, Edge, Family, Node, Proposal, Said};
use crate::identity::Keyword;

/// `enum` and `const`.
pub(super) struct Listed;

impl Listed {
    fn values(said: &Said<'_>) -> Option<(Keyword, Vec<Value>)> {
        if let Some(value) = said.get(Keyword::Const) {
            return Some((Keyword::Const, vec![value.clone()]));
        }
        Some((Keyword::Enum, said.get(Keyword::Enum)?.as_array()?.clone()))
    }
}

impl Family for Listed {
    fn keywords(&self) -> &'static [Keyword] {
        &[Keyword::Enum, Keyword::Const]
    }

    fn narrow(&self, said: &Said<'_>, domain: &mut Domain) {
        domain.set = Self::values(said).map(|(_, values)| values);
    }

    fn propose(&self, node: &Node<'_>) -> Vec<Proposal> {
        let list = |keyword: Keyword| match (keyword, node.get(keyword)?) {
            (Keyword::Enum, values) => Some((keyword, values.as_array()?.clone())),
            (_, value) => Some((keyword, vec![value.clone()])),
        };
        let lists = [Keyword::Const, Keyword::Enum].into_iter().filter_map(list);
        lists.map(|(keyword, values)| proposal(node, keyword, &values)).collect()
    }
}

/// The listed values, and others.
fn proposal(node: &Node<'_>, keyword: Keyword, values: &[Value]) -> Proposal {
    let mut proposal = Proposal::of(keyword, &node.keywords[keyword.as_str()]);
    // A number that is none of the listed may be too great as well, or of another type.
    proposal.broken =
        &["minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern"];
    // Whether null does for a value is a rule of its own.
    for value in values.iter().filter(|value| !value.is_null()) {
        proposal.inside(Edge::Fitting, value.to_string(), value.clone());
    }
    for value in values.iter().flat_map(neighbours) {
        let edge = if value == json!("") { Edge::Empty } else { Edge::Unfitting };
        proposal.outside(edge, format!("no legal value: {value}"), value);
    }
    proposal
}

/// Values of the same type that differ from one as little as may be.
fn neighbours(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => {
            let cut: String = text.chars().take(text.chars().count().saturating_sub(1)).collect();
            let all = [text.to_lowercase(), text.to_uppercase(), format!(" {text}"), format!("{text} "), cut];
            let all = all.into_iter().chain([format!("{text}X"), "NO_SUCH_VALUE".to_owned(), String::new()]);
            all.map(Value::String).collect()
        }
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => vec![json!(number.saturating_sub(1)), json!(number.saturating_add(1))],
            (None, Some(number)) => vec![json!(number - 0.5), json!(number + 0.5)],
            _ => Vec::new(),
        },
        Value::Bool(flag) => vec![json!(!flag)],
        Value::Object(object) => {
            let mut more = object.clone();
            more.insert("no such member".to_owned(), json!(true));
            vec![json!({}), more.into()]
        }
        Value::Array(elements) => {
            vec![json!([]), elements.iter().chain(elements.first()).cloned().collect()]
        }
        Value::Null => Vec::new(),
    }
}
