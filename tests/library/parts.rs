//! Bodies with files, texts and bytes: a legal one reaches a strict server, and what still means something is tested.

use std::collections::BTreeMap;

use fencepost::exchange::Request;
use serde_json::Value;

use crate::carriers::{first, ids, served, stub_keeps};

const UPLOAD: &str = "
  /files:
    post:
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [doc, count, box]
              properties:
                doc: {type: string, format: binary}
                count: {type: integer, minimum: 1}
                label: {type: string, maxLength: 5}
                box: {type: object, required: [k], properties: {k: {type: integer}}}
                tags: {type: array, items: {type: string, enum: [a, b]}}
                pages: {type: array, items: {type: string, format: binary}}
            encoding:
              doc: {contentType: 'application/pdf, image/png'}
      responses: {'201': {description: Made.}, '400': {description: Refused.}, '415': {description: Another kind.}}
";

/// A part: its media type, the name of its file and what it holds.
type Part = (Option<String>, Option<String>, Vec<u8>);

/// The parts of a body, read by hand.
fn parts(request: &Request) -> Option<BTreeMap<String, Vec<Part>>> {
    let boundary = request.header("content-type")?.strip_prefix("multipart/form-data; boundary=")?.to_owned();
    let body = request.body.as_deref()?;
    let text: String = body.iter().map(|byte| char::from(*byte)).collect();
    let text = text.trim_end_matches(' ').strip_suffix(&format!("--{boundary}--\r\n"))?;
    let mut parts: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    for part in text.split(&format!("--{boundary}\r\n")).skip(1) {
        let (head, content) = part.strip_suffix("\r\n")?.split_once("\r\n\r\n")?;
        let of = |start: &str| {
            head.split("; ")
                .find_map(|piece| Some(piece.lines().next()?.strip_prefix(start)?.trim_matches('"').to_owned()))
        };
        let media_type = head.lines().find_map(|line| line.strip_prefix("Content-Type: ")).map(str::to_owned);
        let content: Vec<u8> =
            content.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect();
        parts.entry(of("name=")?).or_default().push((media_type, of("filename="), content));
    }
    Some(parts)
}

/// What a strict server of the uploads answers; what it does not check is named.
fn uploaded(request: &Request, off: &[&str]) -> u16 {
    let Some(parts) = parts(request) else { return 400 };
    let texts = |name: &str| -> Vec<String> {
        let all = parts.get(name).cloned().unwrap_or_default();
        all.into_iter().map(|(_, _, content)| String::from_utf8_lossy(&content).into_owned()).collect()
    };
    let checks = |name: &str| !off.contains(&name);
    match parts.get("doc").and_then(|all| all.first()) {
        Some((Some(kind), Some(_), content)) if kind == "application/pdf" && content.starts_with(b"%PDF") => {}
        None if !checks("doc") => {}
        Some((Some(_), Some(_), _)) => return 415,
        _ => return 400,
    }
    let count = texts("count").first().map(|text| text.parse::<i128>().ok());
    let is_counted = match count {
        None => !checks("count.required"),
        Some(None) => !checks("count.type"),
        Some(Some(count)) => count >= 1,
    };
    let is_boxed = parts.get("box").and_then(|all| all.first()).is_some_and(|(kind, _, content)| {
        let value: Option<Value> = serde_json::from_slice(content).ok();
        kind.as_deref() == Some("application/json") && value.is_some_and(|value| value["k"].is_i64() || !checks("box"))
    });
    let is_labelled = texts("label").iter().all(|label| label.chars().count() <= 5 || !checks("label"));
    let is_tagged = texts("tags").iter().all(|tag| matches!(tag.as_str(), "a" | "b") || !checks("tags"));
    let are_files = parts.get("pages").is_none_or(|all| all.iter().all(|(_, name, _)| name.is_some()));
    if is_counted && is_boxed && is_labelled && is_tagged && are_files { 201 } else { 400 }
}

#[test]
fn parts_and_files_reach_a_strict_server_and_one_that_checks_less_is_told_where() {
    let contract = first(UPLOAD);
    let verdicts = served(&contract, |request| uploaded(request, &[]));
    assert_eq!(ids(&verdicts), [""; 0]);
    for (off, wanted) in [
        ("doc", &["body.doc:required:outside"][..]),
        ("count.required", &["body.count:required:outside"]),
        ("count.type", &["body.count:type:outside"]),
        ("label", &["body.label:maxLength:outside"]),
        ("tags", &["body.tags[]:enum:outside"]),
        ("box", &["body.box.k:required:outside", "body.box.k:type:outside", "body.box:type:outside"]),
    ] {
        let verdicts = served(&contract, |request| uploaded(request, &[off]));
        let mut found: Vec<String> = ids(&verdicts).into_iter().filter(|id| !id.ends_with(":items:outside")).collect();
        let mut wanted: Vec<&str> = wanted.to_vec();
        found.sort();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{off}");
    }
    stub_keeps(
        &contract,
        &[
            "body.doc:required:outside",
            "body.count:type:outside",
            "body.count:minimum:outside",
            "body.label:maxLength:inside",
            "body.tags[]:enum:outside",
            "body.box.k:type:outside",
        ],
    );
}

fn with(content: &str) -> String {
    format!(
        "
  /note:
    put:
      requestBody: {{required: true, content: {{{content}}}}}
      responses: {{'204': {{description: Stored.}}, '400': {{description: Refused.}}}}
"
    )
}

#[test]
fn a_text_is_sent_as_it_is_and_its_length_is_a_rule() {
    let contract =
        first(&with("text/plain: {schema: {type: string, minLength: 2, maxLength: 5}}, application/xml: {}"));
    let length = |request: &Request| {
        assert_eq!(request.header("content-type"), Some("text/plain"));
        std::str::from_utf8(request.body.as_deref().unwrap_or_default()).map_or(0, |text| text.chars().count())
    };
    let verdicts = served(&contract, |request| if (2..=5).contains(&length(request)) { 204 } else { 400 });
    assert_eq!(ids(&verdicts), [""; 0]);
    let verdicts = served(&contract, |request| if length(request) >= 2 { 204 } else { 400 });
    assert_eq!(ids(&verdicts), ["body:maxLength:outside"]);
    stub_keeps(&contract, &["body:maxLength:inside", "body:maxLength:outside", "body:minLength:outside"]);
    // A text that looks like a number, or no text at all, may be legal: nobody who takes them is told.
    let contract = first(&with("text/plain: {schema: {type: string}}"));
    assert_eq!(ids(&served(&contract, |_| 204)), [""; 0]);
    let contract = first(&with("text/plain: {schema: {type: integer}}"));
    assert_eq!(ids(&served(&contract, |_| 204)), ["body:type:outside"]);
}

#[test]
fn bytes_are_sent_as_what_they_are_called_and_have_no_outside() {
    for (content, kind, start) in [
        (
            "application/octet-stream: {schema: {type: string, format: binary}}",
            "application/octet-stream",
            &b"sample"[..],
        ),
        ("image/png: {}", "image/png", b"\x89PNG\r\n"),
        ("'image/*': {}", "image/png", b"\x89PNG\r\n"),
        ("application/pdf: {schema: {type: string}}", "application/pdf", b"%PDF-"),
    ] {
        let contract = first(&with(content));
        let mut sent = 0;
        let verdicts = served(&contract, |request| {
            let is_right = request.header("content-type") == Some(kind)
                && request.body.as_deref().is_some_and(|body| body.starts_with(start));
            sent += usize::from(is_right);
            if is_right { 204 } else { 400 }
        });
        assert_eq!(ids(&verdicts), [""; 0], "{content}");
        assert!(sent > 0, "{content}");
        assert_eq!(ids(&served(&contract, |_| 204)), [""; 0], "{content}");
        stub_keeps(&contract, &["response.success:status:inside"]);
    }
}

/// The media types of parts: what the document names, and JSON for each element that is no plain value.
#[test]
fn a_part_is_of_the_media_type_that_the_document_names() {
    let kinds = |meta: &str| {
        format!(
            "
  /files:
    post:
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [meta, n, rows]
              properties:
                meta: {{type: object, properties: {{t: {{type: integer}}}}}}
                n: {{type: integer, maximum: 5}}
                page: {{type: string, maxLength: 9}}
                rows: {{type: array, minItems: 1, maxItems: 2, items: {{type: object, required: [k], properties: {{k: {{type: integer}}}}}}}}
            encoding: {{meta: {{contentType: {meta}}}, n: {{contentType: text/csv}}, page: {{contentType: text/html}}}}
      responses: {{'201': {{description: Made.}}, '400': {{description: Refused.}}, '415': {{description: Another kind.}}}}
"
        )
    };
    let answer = |request: &Request, most: i64, rows: usize| {
        let Some(parts) = parts(request) else { return 400 };
        let of = |name: &str| parts.get(name).cloned().unwrap_or_default();
        let kinds = [
            ("meta", "application/vnd.x+json"),
            ("n", "text/csv"),
            ("page", "text/html"),
            ("rows", "application/json"),
        ];
        for (name, wanted) in kinds {
            if of(name).iter().any(|(kind, file, _)| kind.as_deref() != Some(wanted) || file.is_some()) {
                return 415;
            }
        }
        let json = |part: &Part| serde_json::from_slice::<Value>(&part.2).ok();
        let is_meta = |value: Value| value.is_object() && value.get("t").is_none_or(Value::is_i64);
        let is_row = |part: &Part| json(part).is_some_and(|row| row.is_object() && row["k"].is_i64());
        let number = |part: &Part| std::str::from_utf8(&part.2).ok()?.parse::<i64>().ok();
        let is_legal = of("meta").len() == 1
            && of("meta").first().and_then(json).is_some_and(is_meta)
            && of("n").first().and_then(number).is_some_and(|number| number <= most)
            && of("page").iter().all(|part| String::from_utf8_lossy(&part.2).chars().count() <= 9)
            && (1..=rows).contains(&of("rows").len())
            && of("rows").iter().all(is_row);
        if is_legal { 201 } else { 400 }
    };
    let contract = first(&kinds("application/vnd.x+json"));
    stub_keeps(&contract, &["body.rows:maxItems:outside", "body.rows[].k:type:outside", "body.n:maximum:outside"]);
    assert_eq!(ids(&served(&contract, |request| answer(request, 5, 2))), [""; 0]);
    let found = ids(&served(&contract, |request| answer(request, 50, 9)));
    assert_eq!(found, ["body.n:maximum:outside", "body.rows:maxItems:outside"]);
    let why = crate::carriers::read(&kinds("application/xml")).0.remove(0).map(|_| ());
    assert_eq!(why, Err("`meta` of its form is application/xml; only JSON, texts and files are sent yet".to_owned()));
}
