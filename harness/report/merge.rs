//! The report of many operations, put together from one of each.

use serde_json::{Map, Value, json};

use crate::document::Remark;

/// Members that are lists of what each operation has.
const LISTS: [&str; 6] = ["operations", "rules", "findings", "causes", "remarks", "waived"];

/// What a report has of an operation to which nothing was sent.
pub fn unsent(operation: &str, why: &str) -> Value {
    json!({ "operations": [{ "operation": operation, "baseline": why, "rules": 0, "requests": 0 }] })
}

/// What a report has of what is wrong with the document.
pub fn remarks(all: &[Remark]) -> Value {
    let entry = |Remark { file, pointer, line, what, cost }: &Remark| json!({ "file": file, "pointer": pointer, "line": line, "what": what, "cost": cost });
    all.iter().map(entry).collect()
}

/// One report of all of these, which are of one run; as text that ends with a line feed.
pub fn merged(reports: &[Value]) -> String {
    let sent: Vec<&Value> = reports.iter().filter(|report| report.get("schema").is_some()).collect();
    let first = sent.first().and_then(|report| report.as_object()).cloned();
    let mut whole = first.unwrap_or_else(|| Map::from_iter([("schema".to_owned(), json!(super::json::SCHEMA))]));
    for list in LISTS {
        let all = reports.iter().filter_map(|report| report.get(list)?.as_array()).flatten();
        whole.insert(list.to_owned(), all.cloned().collect::<Vec<_>>().into());
    }
    let requests: u64 = sent.iter().filter_map(|report| report.get("requests")?.as_u64()).sum();
    whole.insert("requests".to_owned(), json!(requests));
    // That one operation could not be tested stands beside it; how the run ended is how its last one did.
    let last = sent.last().and_then(|report| report.get("ended")).cloned();
    let tested = sent.iter().any(|report| report.get("ended") == Some(&json!("complete")));
    let ended = if tested { json!("complete") } else { last.unwrap_or_else(|| json!("nothing tested")) };
    whole.insert("ended".to_owned(), ended);
    let seconds: f64 = sent.iter().filter_map(|report| report.get("timing")?.get("seconds")?.as_f64()).sum();
    let end = sent.last().and_then(|report| report.get("timing")?.get("end")).cloned();
    if let Some(Value::Object(timing)) = whole.get_mut("timing") {
        timing.insert("end".to_owned(), end.unwrap_or_default());
        timing.insert("seconds".to_owned(), json!(seconds));
        #[expect(clippy::cast_precision_loss, reason = "a rate for people; nobody sends 2^52 requests")]
        let rate = (requests as f64 / seconds.max(f64::EPSILON)).round();
        timing.insert("requests_per_second".to_owned(), json!(rate));
    }
    format!("{:#}\n", Value::Object(whole))
}
