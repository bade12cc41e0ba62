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

/// What two branches say alike of a member is one rule, and is held against a service in both of them.
#[test]
fn what_branches_say_alike_is_tested_in_each() {
    let union = "{oneOf: [
        {type: object, required: [kind, data], properties: {kind: {const: click}, data: {type: object, required: [x], properties: {x: {type: integer}}}}},
        {type: object, required: [kind, data], properties: {kind: {const: view}, data: {type: object, required: [url], properties: {url: {type: string}}}}}]}";
    let service = |lax: &'static str| {
        move |request: &Request| {
            let Some(body) = object(request) else { return false };
            let kind = body.get("kind").and_then(Value::as_str).unwrap_or_default();
            let data = body.get("data");
            let is_kept = data.is_some_and(|data| match kind {
                "click" => data.get("x").is_some_and(Value::is_i64),
                _ => data.get("url").is_some_and(Value::is_string),
            });
            ["click", "view"].contains(&kind) && (is_kept || (kind == lax && !data.is_some_and(Value::is_object)))
        }
    };
    let text = document("3.1.0", &taking("post", union));
    assert_eq!(found(&text, service("")).0, [""; 0]);
    for lax in ["click", "view"] {
        let found = found(&text, service(lax)).0;
        let wanted = ["body.data:type:outside", "body.data:required:outside", "body.data:null:outside"];
        assert!(
            wanted
                .iter()
                .all(|id| found.iter().any(|one| one.replace("{oneOf/0}", "").replace("{oneOf/1}", "").contains(id))),
            "{lax}: {found:?}"
        );
    }
}
