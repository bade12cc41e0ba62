//! Swagger 2.0 says what stands between the elements of an array (`collectionFormat`): so they are sent, and read.

use std::ops::ControlFlow;

use fencepost::exchange::{Delivery, Hearer, Outcome, Request, Response, Target};
use fencepost::suite::Suite;

use crate::carriers::{ids, served};
use crate::open::read;
use crate::tested;

fn of(operation: &str) -> String {
    format!("swagger: '2.0'\ninfo: {{title: Lists, version: '1'}}\npaths:\n  /lists:\n{operation}")
}

#[test]
fn tabs_stand_between_the_elements_where_the_document_says_so() {
    let text = of("    get:
      parameters: [{name: t, in: query, type: array, collectionFormat: tsv, maxItems: 2, items: {type: string}}]
      responses: {'200': {description: All.}, '400': {description: Refused.}}
");
    let contract = read(&text).0.remove(0).unwrap_or_else(|why| panic!("{why}"));
    let answer = |request: &Request, most: usize| {
        let list = request.path.split_once("?t=").map(|(_, list)| list.split('&').next().unwrap_or_default());
        let count = list.map_or(0, |list| list.split("%09").count());
        if count <= most { 200 } else { 400 }
    };
    assert_eq!(ids(&served(&contract, |request| answer(request, 2))), [""; 0]);
    assert_eq!(ids(&served(&contract, |request| answer(request, 9))), ["query.t:maxItems:outside"]);
}

#[test]
fn the_elements_of_a_part_stand_in_one_unless_each_has_its_own() {
    let text = of("    post:
      consumes: [multipart/form-data]
      parameters:
        - {name: c, in: formData, type: array, required: true, maxItems: 2, items: {type: integer}}
        - {name: p, in: formData, type: array, collectionFormat: pipes, maxItems: 3, items: {type: string}}
        - {name: m, in: formData, type: array, collectionFormat: multi, maxItems: 2, items: {type: string}}
      responses: {'200': {description: Made.}, '400': {description: Refused.}}
");
    let contract = read(&text).0.remove(0).unwrap_or_else(|why| panic!("{why}"));
    let answer = |request: &Request, most: usize| {
        let body = request.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let texts = |name: &str| -> Vec<String> {
            let parts = body.split("\r\n--").filter(|part| part.contains(&format!("name=\"{name}\"")));
            parts.filter_map(|part| Some(part.split_once("\r\n\r\n")?.1.to_owned())).collect()
        };
        let (numbers, piped, many) = (texts("c"), texts("p"), texts("m"));
        let is_list = |list: &String| {
            let all: Vec<Option<i64>> = list.split(',').map(|one| one.parse().ok()).collect();
            all.len() <= most && all.iter().all(Option::is_some)
        };
        let is_legal = numbers.len() == 1
            && numbers.iter().all(is_list)
            && piped.len() <= 1
            && piped.iter().all(|list| list.split('|').count() <= 3)
            && many.len() <= 2;
        if is_legal { 200 } else { 400 }
    };
    assert_eq!(ids(&served(&contract, |request| answer(request, 2))), [""; 0]);
    assert_eq!(ids(&served(&contract, |request| answer(request, 9))), ["body.c:maxItems:outside"]);
}

/// A server that answers with this list in a header.
struct Listing(&'static str);

impl Target for Listing {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            let status = if request.path.starts_with("/lists/") || request.method != "GET" { 404 } else { 200 };
            let headers = vec![("X-L".to_owned(), self.0.to_owned())];
            let outcome = Outcome::Answer(Response { status, headers, body: Vec::new(), unread: None });
            hear(Delivery { outcome, elapsed: std::time::Duration::ZERO })?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 10
    }
}

#[test]
fn a_header_of_an_answer_is_read_as_its_elements_stand_in_it() {
    let found = |format: &str, list: &'static str| {
        let text = of(&format!(
            "    get:
      responses:
        '200': {{description: All., headers: {{X-L: {{type: array, items: {{type: integer}}, collectionFormat: {format}}}}}}}
"
        ));
        let contract = read(&text).0.remove(0).unwrap_or_else(|why| panic!("{why}"));
        ids(&tested::by(&Suite::new(&contract), &mut Listing(list)))
    };
    for (format, list) in [("pipes", "1|2"), ("ssv", "1 2"), ("tsv", "1\t2"), ("csv", "1,2")] {
        assert_eq!(found(format, list), [""; 0], "{format}");
    }
    assert_eq!(found("pipes", "1|x").len(), 1);
    assert_eq!(found("csv", "1|2").len(), 1);
}
