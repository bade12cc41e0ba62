//! `discriminator`: a help where the document leaves it at that, and a demand where a branch says itself which values name it.

use fencepost::exchange::Request;
use serde_json::Value;

use crate::editions::{document, found, object, taking};

/// What is told of a service that takes any name for a card, and of one that takes only the right one.
fn told(card: &str) -> (Vec<String>, Vec<String>) {
    let schemas = format!(
        "{{Card: {{type: object, required: [kind, number], properties: {{kind: {card}, number: {{type: string}}}}}},
        Cash: {{type: object, required: [kind, amount], properties: {{kind: {{type: string}}, amount: {{type: integer}}}}}}}}"
    );
    let union = "{oneOf: [{$ref: '#/components/schemas/Card'}, {$ref: '#/components/schemas/Cash'}], discriminator: {propertyName: kind, mapping: {card: '#/components/schemas/Card', cash: '#/components/schemas/Cash'}}}";
    let text = document("3.1.0", &taking("post", union));
    let text = format!("{}, components: {{schemas: {schemas}}}}}", text.strip_suffix('}').expect("a mapping"));
    let service = |kinds: fn(&str) -> bool| {
        move |request: &Request| {
            let Some(body) = object(request) else { return false };
            let kind = body.get("kind").and_then(Value::as_str);
            let is = |name: &str, of: fn(&Value) -> bool| body.get(name).is_some_and(of);
            let is_card = kind.is_some_and(kinds) && is("number", Value::is_string);
            is_card || (kind == Some("cash") && is("amount", Value::is_i64))
        }
    };
    (found(&text, service(|_| true)).0, found(&text, service(|kind| kind == "card")).0)
}

#[test]
fn a_branch_that_says_its_own_name_demands_it() {
    for (card, keyword) in [("{type: string, enum: [card]}", "enum"), ("{const: card}", "const")] {
        let (lax, honest) = told(card);
        assert_eq!(honest, [""; 0], "{card}");
        assert!(lax.iter().any(|id| id.ends_with(&format!("kind:{keyword}:outside"))), "{card}: {lax:?}");
    }
    let (lax, honest) = told("{type: string}");
    assert_eq!((lax, honest), (Vec::new(), Vec::new()));
}
