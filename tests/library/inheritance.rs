//! Schemas that are put together of many: ordinary inheritance, however deep, loses nothing.

use std::fmt::Write as _;

use fencepost::Contract;
use serde_json::Value;

use crate::open::{body, ids, read, served};

/// A body at the end of so many ancestors, each of which names the next so often.
fn heir(ancestors: usize, times: usize) -> Contract {
    let mut text = "openapi: 3.0.3
info: {title: Heirs, version: '1'}
paths:
  /heirs:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/L0'}}}}
      responses: {'201': {description: Made.}, '400': {description: Refused.}}
components:
  schemas:
"
    .to_owned();
    for number in 0..ancestors {
        let next = format!("{{$ref: '#/components/schemas/L{}'}}", number + 1);
        let own = format!("{{type: object, properties: {{p{number}: {{type: string, maxLength: 9}}}}}}");
        let _ = writeln!(text, "    L{number}: {{allOf: [{}, {own}]}}", vec![next; times].join(", "));
    }
    let _ = writeln!(
        text,
        "    L{ancestors}: {{type: object, required: [n], properties: {{n: {{type: integer, maximum: 5}}}}}}"
    );
    read(&text).0.remove(0).expect("it can be tested")
}

#[test]
fn what_is_inherited_from_afar_is_tested() {
    for (ancestors, times) in [(6, 1), (20, 1), (6, 2)] {
        let contract = heir(ancestors, times);
        let found = |most: i64| {
            let run = served(&contract, |request| {
                let Some(Value::Object(members)) = body(request) else { return (400, Value::Null) };
                let is_short = |value: &Value| value.as_str().is_some_and(|text| text.chars().count() <= 9);
                let is_legal = members.get("n").and_then(Value::as_i64).is_some_and(|n| n <= most)
                    && members.iter().all(|(name, value)| !name.starts_with('p') || is_short(value));
                (if is_legal { 201 } else { 400 }, Value::Null)
            });
            ids(&run.expect("it answers"))
        };
        assert_eq!(found(5), [""; 0], "{ancestors} {times}");
        assert_eq!(found(6), ["body.n:maximum:outside"], "{ancestors} {times}");
    }
}
