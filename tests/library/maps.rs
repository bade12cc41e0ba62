//! Objects whose members are told by their names: under which names values are sent.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::open::{body, ids, served, with_body};

#[test]
fn a_name_that_fits_a_pattern_is_more_than_its_beginning() {
    let schema = "{type: object, patternProperties: {'^x-': {type: string}, '^[0-9]+$': {type: integer}}, additionalProperties: false}";
    let contract = with_body(schema).expect("it can be tested");
    let mut names = BTreeSet::new();
    let run = served(&contract, |request| {
        let Some(Value::Object(labels)) = body(request) else { return (400, Value::Null) };
        names.extend(labels.keys().cloned());
        let fits = |(name, value): (&String, &Value)| match name.strip_prefix("x-") {
            Some(rest) => !rest.is_empty() && value.is_string(),
            None => name.parse::<u64>().is_ok() && value.is_i64(),
        };
        (if labels.iter().all(fits) { 201 } else { 400 }, Value::Null)
    });
    assert_eq!(run.map(|verdicts| ids(&verdicts)), Ok(vec![]));
    assert!(names.contains("x-sample") && names.contains("0"), "{names:?}");
}
