//! A small shop with more rules than its document says: it is not accused, and where it breaks its document that is told.

use fencepost::exchange::Request;
use fencepost::rule::Keyword;
use fencepost::verdict::Status;
use serde_json::{Value, json};

use crate::open::{body, ids, read, served};

/// A service that holds what people describe, and knows more than its document says.
const SHOP: &str = "
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /orders:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [owner_id, amount]
              properties:
                owner_id: {type: integer, minimum: 1, maximum: 2147483647}
                amount: {type: integer, minimum: 1, maximum: 1000}
                card: {type: string, maxLength: 16}
                iban: {type: string, maxLength: 34}
                note: {type: string, nullable: true, maxLength: 100}
            example: {owner_id: 7, amount: 3, card: '4111'}
      responses:
        '201':
          description: Made.
          content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: integer}}}}}
        '422': {description: Refused.}
";

/// An honest shop: owners exist up to 1000, card and iban exclude each other and one is needed, and all that the schema demands
/// is checked.
fn shop(request: &Request) -> (u16, Value) {
    let refused = || (422, json!({ "error": "no" }));
    if request.header("content-type").is_none_or(|value| !value.to_ascii_lowercase().starts_with("application/json")) {
        return (415, Value::Null);
    }
    let Some(Value::Object(order)) = body(request) else { return refused() };
    let whole = |name: &str, most: i64| {
        order.get(name).and_then(Value::as_i64).is_some_and(|value| (1..=most).contains(&value))
    };
    let text = |name: &str, most: usize| {
        order.get(name).is_none_or(|value| value.as_str().is_some_and(|text| text.chars().count() <= most))
    };
    let note = order.get("note").is_some_and(Value::is_null) || text("note", 100);
    if !whole("owner_id", 2_147_483_647) || !whole("amount", 1_000) || !text("card", 16) || !text("iban", 34) || !note {
        return refused();
    }
    if order["owner_id"].as_i64() > Some(1_000) {
        return (404, json!({ "error": "no such owner" }));
    }
    if order.contains_key("card") == order.contains_key("iban") {
        return refused();
    }
    (201, json!({ "id": 1 }))
}

#[test]
fn a_service_that_knows_more_than_its_document_says_is_not_accused() {
    let contract = read(SHOP).0.remove(0).expect("it can be tested");
    let verdicts = served(&contract, shop).expect("its example is accepted");
    assert_eq!(ids(&verdicts), [""; 0]);
    let enforced = |place: &str, keyword: Keyword| {
        let rule = |verdict: &&fencepost::verdict::RuleVerdict| {
            verdict.rule.place.as_str() == place && verdict.rule.keyword == keyword
        };
        verdicts.rules.iter().find(rule).and_then(|verdict| verdict.outside)
    };
    for (place, keyword) in
        [("body.amount", Keyword::Maximum), ("body.amount", Keyword::Type), ("body.owner_id", Keyword::Required)]
    {
        assert_eq!(enforced(place, keyword), Some(Status::Enforced), "{place} {keyword}");
    }
}

#[test]
fn a_service_that_breaks_its_document_is_told_where() {
    let contract = read(SHOP).0.remove(0).expect("it can be tested");
    let lenient = |request: &Request| {
        let mut request = request.clone();
        // It takes any amount, and keeps it in bounds by itself.
        if let Some(Value::Object(mut order)) = body(&request)
            && order.get("amount").and_then(Value::as_i64).is_some_and(|amount| amount > 1_000)
        {
            order.insert("amount".to_owned(), json!(1_000));
            request.body = Some(Value::Object(order).to_string().into_bytes().into());
        }
        shop(&request)
    };
    let verdicts = served(&contract, lenient).expect("its example is accepted");
    assert_eq!(ids(&verdicts), ["body.amount:maximum:outside"]);
    let undocumented = |request: &Request| {
        let (status, answer) = shop(request);
        if status == 201 { (200, answer) } else { (status, answer) }
    };
    let verdicts = served(&contract, undocumented).expect("its example is accepted");
    assert_eq!(ids(&verdicts), ["response.success:status:inside"]);
    let nameless = |request: &Request| {
        let (status, answer) = shop(request);
        if status == 201 { (201, json!({ "id": "1" })) } else { (status, answer) }
    };
    let verdicts = served(&contract, nameless).expect("its example is accepted");
    assert_eq!(ids(&verdicts), ["response.201.body.id:type:inside"]);
}
