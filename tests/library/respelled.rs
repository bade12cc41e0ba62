//! A media type in another spelling is the same media type: what is illegal is refused under both.

use fencepost::exchange::Request;
use serde_json::Value;

use crate::open::{body, ids, served, with_body};

#[test]
fn what_is_looked_at_under_one_spelling_alone_is_found() {
    let schema = "{type: object, required: [kind], properties: {kind: {type: string, enum: [time, date]}}}";
    let contract = with_body(schema).expect("it can be tested");
    let found = |looks: fn(&str) -> bool| {
        let run = served(&contract, |request: &Request| {
            let kind = body(request).and_then(|body| Some(body.get("kind")?.as_str()?.to_owned()));
            let is_legal = kind.is_some_and(|kind| ["time", "date"].contains(&kind.as_str()));
            let is_looked_at = looks(request.header("content-type").unwrap_or_default());
            (if is_legal || !is_looked_at { 201 } else { 400 }, Value::Null)
        });
        ids(&run.expect("it answers"))
    };
    assert_eq!(found(|_| true), [""; 0]);
    // Malformed text is no body of any media type, and refused by what reads it.
    let told = found(|value| value == "application/json");
    assert_eq!(told, ["header.Content-Type:mediaType=\"with a charset\":outside"]);
}
