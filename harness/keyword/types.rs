//! `type` of several names: a value of each must be accepted, and one of any other refused. A single type has probes of its own.

use serde_json::{Value, json};

use super::{Edge, Family, Node, Proposal};
use crate::identity::Keyword;

/// `type`.
pub(super) struct Types;

impl Family for Types {
    fn keywords(&self) -> &'static [Keyword] {
        &[Keyword::Type]
    }

    fn propose(&self, node: &Node<'_>) -> Vec<Proposal> {
        let said = node.get(Keyword::Type).filter(|names| names.is_array());
        let (Some(names), Some([_, _, ..])) = (said, node.types.as_deref()) else { return Vec::new() };
        let mut proposal = Proposal::of(Keyword::Type, names);
        for value in node.samples.iter().cloned().chain(plain()).filter(|value| !value.is_null()) {
            proposal.inside(Edge::Fitting, value.to_string(), value);
        }
        for value in plain() {
            proposal.outside(Edge::Unfitting, value.to_string(), value);
        }
        vec![proposal]
    }
}

/// A value of each type. Whether null does for a value is a rule of its own.
fn plain() -> [Value; 6] {
    [json!("sample"), json!(7), json!(7.5), json!(true), json!({}), json!([])]
}
