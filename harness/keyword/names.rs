//! What the members of an object may be called: by a schema of their names, or because no value is legal under some.

use serde_json::{Map, Value, json};

use super::{Edge, Node, NodeJudge, Proposal, Said, assertions, drawn_many};
use crate::identity::Keyword;

/// Names that no schema of names is likely to allow.
const ODD_NAMES: [&str; 6] = ["no such name!", "", "0", "x", "NO-SUCH-NAME", "sample name"];
/// So many names are made up of what must not hold of them.
const SEVERAL: usize = 2;

/// Whether some names are forbidden by themselves.
pub(crate) fn are_forbidden(keywords: &Map<String, Value>) -> bool {
    !forbidding(keywords).is_empty()
}

/// The patterns, and the names, under which no value is legal, each with names of that kind; none where all names are told.
fn forbidding(keywords: &Map<String, Value>) -> Vec<(&String, Vec<String>)> {
    if keywords.get("additionalProperties") == Some(&json!(false)) {
        return Vec::new();
    }
    let under = |keyword: &str| {
        let all = keywords.get(keyword).and_then(Value::as_object).into_iter().flatten();
        all.filter(|(_, schema)| **schema == json!(false)).map(|(name, _)| name)
    };
    let fitting = |pattern: &String| {
        let said = Map::from_iter([(Keyword::Pattern.to_string(), json!(pattern))]);
        texts(&said, 2 * SEVERAL)
    };
    let patterns = under("patternProperties").map(|pattern| (pattern, fitting(pattern)));
    patterns.chain(under("properties").map(|name| (name, vec![name.clone()]))).collect()
}

/// That nothing stands under a name, or one that fits a pattern.
pub(super) fn forbidden(node: &Node<'_>) -> Vec<Proposal> {
    let forbid = |(what, names): (&String, Vec<String>)| {
        let mut proposal = Proposal::of(Keyword::UnknownMember, &json!(what));
        proposal.broken = &["patternProperties", "properties"];
        for name in names {
            for object in node.objects() {
                let what = format!("a member called {name:?}");
                proposal.outside(Edge::Unfitting, what, with(object, &name, json!("sample")));
            }
        }
        proposal
    };
    forbidding(node.said.keywords).into_iter().map(forbid).collect()
}

/// What a schema says of names.
pub(super) fn proposal(node: &Node<'_>) -> Proposal {
    let mut proposal = Proposal::of(Keyword::PropertyNames, &Value::Null);
    let (legal, illegal) = told(node);
    for object in node.objects() {
        if !object.is_empty() {
            proposal.inside(Edge::Fitting, "legal names", object.clone());
        }
        let value = object.values().next().cloned().unwrap_or_else(|| json!("sample"));
        for name in &legal {
            let what = format!("a member called {name:?}");
            proposal.inside(Edge::Fitting, what, with(object, name, value.clone()));
        }
        for name in illegal.iter().map(String::as_str).chain(ODD_NAMES) {
            let what = format!("a member called {name:?}");
            proposal.outside(Edge::Unfitting, what, with(object, name, value.clone()));
        }
    }
    proposal
}

/// Names on the bounds of what is said of them, and names past each.
fn told(node: &Node<'_>) -> (Vec<String>, Vec<String>) {
    let Some(Value::Object(said)) = node.get(Keyword::PropertyNames) else { return Default::default() };
    let turned = said.get(Keyword::Not.as_str()).and_then(Value::as_object);
    let mut illegal: Vec<String> = turned.map(|not| texts(not, SEVERAL)).unwrap_or_default();
    let Some(judge) = NodeJudge::by(&Value::Object(said.clone())) else { return (Vec::new(), illegal) };
    let names = Node::of(Said { keywords: said, types: Some(vec!["string"]) }, &judge, node.formats);
    let mut legal = Vec::new();
    for one in assertions(&names, &|_| false) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let on_bound = one.inside.iter().filter(|sample| sample.edge == Edge::Bound);
        legal.extend(on_bound.filter_map(|sample| text(&sample.value)));
        illegal.extend(one.outside.iter().filter_map(|sample| text(&sample.value)).take(1));
    }
    (legal, illegal)
}

fn texts(said: &Map<String, Value>, count: usize) -> Vec<String> {
    let drawn = drawn_many(&Said { keywords: said, types: Some(vec!["string"]) }, count);
    drawn.into_iter().filter_map(|text| text.as_str().map(str::to_owned)).take(count).collect()
}

fn with(object: &Map<String, Value>, name: &str, value: Value) -> Map<String, Value> {
    let mut more = object.clone();
    more.insert(name.to_owned(), value);
    more
}
